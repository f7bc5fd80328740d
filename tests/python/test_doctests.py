"""The examples in the docstrings, as they are shown."""

import doctest
import importlib

import numpy as np
import pytest


@pytest.mark.parametrize("name", ["_svd", "_solvers", "linalg"])
def test_examples(name):
    module = importlib.import_module(f"eckart.{name}")
    with np.printoptions(legacy=False):
        failed, tried = doctest.testmod(module)
    assert tried > 5 and failed == 0
