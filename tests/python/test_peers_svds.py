"""SciPy's own tests of svds, from the installed package, with eckart.svds in its place: peers/in_place_of_svds.py lists what is left out."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).with_name("peers")))
import run  # noqa: E402


def test_their_own_tests():
    pytest.importorskip("scipy")
    assert run.passed("in_place_of_svds", ["scipy.sparse.linalg._eigen.tests.test_svds"]) >= 280
