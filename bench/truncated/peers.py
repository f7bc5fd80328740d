"""Those who take part in a race for leading triplets: each has a name and  run(a, k, threads) -> seconds, values descending.

A Program is another process that answers requests (truncated_bench.cpp has their form); a Function is called here. What is not
installed does not take part: peers() says which, and why.
"""

import json
import os
import pathlib
import subprocess
import time
import warnings

import numpy as np
import scipy.sparse.linalg
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

HERE = pathlib.Path(__file__).parent


class Program:
    def __init__(self, name, command, tolerance=0, threads=1):
        self.name, self.tolerance = name, tolerance
        self.values = pathlib.Path(command[-1]).with_name("values.npy")
        variables = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), str(threads))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=os.environ | variables)

    def run(self, _, k, threads):
        print(k, self.tolerance, threads, self.values, file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        return answer["seconds"], np.load(self.values).ravel()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Function:
    def __init__(self, name, solve):
        self.name, self.solve = name, solve

    def run(self, a, k, threads):
        with threadpool_limits(threads):
            start = time.perf_counter()
            values = self.solve(a, k)
            return time.perf_counter() - start, np.sort(values)[::-1]

    def close(self):
        pass


def svds(name, solver):
    def solve(a, k):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # LOBPCG prints every residual that it did not reach
            return scipy.sparse.linalg.svds(a, k=k, solver=solver, rng=np.random.default_rng(0))[1]

    return Function(name, solve)


def eckart(program, path, tolerance=0, name=None, method="auto"):
    usual_name = f"Eckart, residuals {tolerance:g}" if tolerance else "Eckart"
    return Program(name or usual_name, [program, method, path], tolerance)


def usual():
    """What is on everybody's machine."""
    return [svds("PROPACK", "propack"), svds("ARPACK", "arpack"),
            Function("randomized_svd(n_iter=7)", lambda a, k: randomized_svd(a, k, n_iter=7, random_state=0)[1])]


def rare(folder, path, threads):
    """LOBPCG; and PRIMME, Spectra, SLEPc where they are installed. Prints who is missing."""
    found = [svds("LOBPCG", "lobpcg")]
    try:
        import primme
        found.append(Function("PRIMME", lambda a, k: primme.svds(a, k, tol=1e-8)[1]))
    except ImportError as missing:
        print(f"PRIMME does not take part: {missing}")
    spectra = pathlib.Path(folder) / "spectra_peer"
    if spectra.exists():
        found.append(Program("Spectra", [spectra, path], threads=threads))
    else:
        print(f"Spectra does not take part: there is no {spectra} (libspectra-dev was not there when it was configured)")
    interpreter = "/usr/bin/python3"  # the distribution's, which its slepc4py is for
    slepc = [interpreter, HERE / "slepc_peer.py", path]
    trial = subprocess.run(slepc, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if trial.returncode == 0:
        found.append(Program("SLEPc", slepc, threads=threads))
    else:
        print(f"SLEPc does not take part: {trial.stderr.strip().splitlines()[-1]}")
    return found
