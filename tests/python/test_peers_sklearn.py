"""scikit-learn's own tests of its decompositions, from the installed package, with Eckart's in their place: peers/in_place_of_sklearn.py lists
what is left out."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).with_name("peers")))
import run  # noqa: E402


def test_their_own_tests():
    pytest.importorskip("sklearn")
    modules = [f"sklearn.decomposition.tests.test_{name}" for name in ("pca", "truncated_svd", "incremental_pca")]
    assert run.passed("in_place_of_sklearn", modules) >= 450
