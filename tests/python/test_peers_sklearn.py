"""scikit-learn's own tests of its decompositions, from the installed package, with Eckart's in their place: peers/in_place_of_sklearn.py lists
what is left out. `make test-peers` runs all of them; without ECKART_ALL_PEERS a part that takes seconds.
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).with_name("peers")))
import run  # noqa: E402

SLOW = "not sparse and not solver_equivalence and not array_api and not deterministic and not overflow and not solver_auto and not score"


def test_their_own_tests():
    pytest.importorskip("sklearn")
    modules = [f"sklearn.decomposition.tests.test_{name}" for name in ("pca", "truncated_svd", "incremental_pca")]
    if os.environ.get("ECKART_ALL_PEERS"):
        assert run.passed("in_place_of_sklearn", modules) >= 450
    else:
        assert run.passed("in_place_of_sklearn", modules, "-k", SLOW) >= 150
