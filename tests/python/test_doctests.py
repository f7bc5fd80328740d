"""The examples in the docstrings, as they are shown; every public function and what one makes has one."""

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import eckart

# Results and reports, which functions with examples return, bases of classes with examples, and what differs by machine.
RETURNED = {"Attempt", "Audit", "LeastSquares", "LowRankError", "Polar", "Procrustes", "Pseudoinverse", "RankReport", "Report", "LeadingSVD",
            "TruncatedReport", "Operator", "Directions", "Sketched", "Updated", "info"}
MODULES = sorted(m.name for m in pkgutil.walk_packages(eckart.__path__, "eckart.") if not m.name.endswith("_engine"))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    with np.printoptions(legacy=False):
        failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


@pytest.mark.parametrize("module", [eckart, eckart.linalg, eckart.operators, eckart.streams], ids=lambda m: m.__name__)
def test_every_public_function_has_an_example(module):
    without = []
    for name in module.__all__:
        thing = getattr(module, name)
        if not getattr(thing, "__module__", "").startswith("eckart") or inspect.isclass(thing) and issubclass(thing, Exception) or name in RETURNED:
            continue
        if not any(example.examples for example in doctest.DocTestFinder().find(thing, name, globs={})):
            without.append(name)
    assert without == []
