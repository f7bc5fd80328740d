"""The tests that NumPy and SciPy have of their own functions, from the installed packages, with Eckart's functions in their place.

peers/in_place_of_numpy.py puts them there, and lists what is left out with the reason. By hand, with the names of the tests:

    PYTHONPATH=build/release/python:tests/python/peers build/venv/bin/python -m pytest -p in_place_of_numpy -v \\
        --pyargs numpy.linalg.tests.test_linalg -k "SVD or Cond or Pinv or Lstsq or Norm or Rank"
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

PEERS = pathlib.Path(__file__).with_name("peers")

SUITES = {
    "numpy": (["numpy.linalg.tests.test_linalg", "numpy.linalg.tests.test_regression", "numpy.matrixlib.tests.test_matrix_linalg"],
              "SVD or Cond or Pinv or pinv or Lstsq or Norm or norm or MatrixRank or reduced_rank or matrix_rank", 160),
    "scipy": (["scipy.linalg.tests.test_decomp", "scipy.linalg.tests.test_procrustes", "scipy.linalg.tests.test_decomp_polar",
               "scipy.linalg.tests.test_batch"],
              "SVD or SvdVals or svd or Orth or orth or null_space or Procrustes or procrustes or polar or Polar", 235),
}


@pytest.mark.parametrize("name", SUITES)
def test_their_own_tests(name):
    pytest.importorskip(name)
    modules, chosen, at_least = SUITES[name]
    paths = os.pathsep.join([str(PEERS), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "in_place_of_numpy", "--pyargs", *modules,
                          "-k", chosen], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", run.stdout)[1]) >= at_least
    print(run.stdout.splitlines()[-1])
