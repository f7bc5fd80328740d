#!/usr/bin/env python3
"""The smallest triplets, and those nearest to a value: the tool against what SciPy has for them.

    inner.py TOOL [CASE...]        cases: grid, near, tall, dense; all of them without a name

Each contestant three times, in turn, in a process of its own that is ended after 12 seconds; least time of the decomposition alone, largest
error of a value over sigma_1, and of a value over itself. svds(which="SM") is ARPACK on A^H A, PROPACK with its own restart, LOBPCG; eigsh(sigma) is ARPACK on the
inverse of the augmented matrix (SuperLU), which is what SciPy's documentation advises.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import eigsh, svds

PATIENCE = 12
ROUNDS = 3


def grid(n):
    """The Laplacian of a grid of n x n points."""
    line, unit = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n)), sp.identity(n)
    sines = 4 * np.sin(np.pi * np.arange(1, n + 1) / (2 * n + 2)) ** 2
    return (sp.kron(line, unit) + sp.kron(unit, line)).tocsr(), np.add.outer(sines, sines).ravel()


def tall(m, n):
    a = sp.random(m, n, density=0.002, random_state=2, format="csr", data_rvs=np.random.default_rng(2).standard_normal)
    return a, np.sqrt(np.linalg.eigvalsh((a.T @ a).toarray()))


def dense(n):
    a = np.random.default_rng(3).standard_normal((n, n))
    return a, np.linalg.svd(a, compute_uv=False)


def peer(name, a, k, x, pipe):
    m, n = a.shape
    start = time.perf_counter()
    if name == "eigsh(sigma)":
        augmented = sp.bmat([[None, a], [a.T.conj(), None]], format="csc")
        found = eigsh(augmented, k if x > 0 else 2 * k, sigma=x, return_eigenvectors=True)[0]
        found = found[found > 0]
    elif name == "numpy.linalg.svd":
        found = np.linalg.svd(a, full_matrices=False)[1]
    else:
        found = svds(a, k, which="SM", solver=name.lower(), random_state=1)[1]
    seconds = time.perf_counter() - start
    pipe.send((seconds, found[np.argsort(np.abs(found - x))[:k]]))


def run_peer(name, a, k, x):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=peer, args=(name, a, k, x, theirs))
    process.start()
    result = None
    try:
        if ours.poll(PATIENCE):
            result = ours.recv()
    except EOFError:
        pass
    process.kill()
    process.join()
    return result


def run_tool(tool, file, k, x, method):
    which = ["--near", repr(float(x))] if x > 0 else ["--smallest"]
    try:
        done = subprocess.run([tool, "svd", file, "-k", str(k), *which, "--method", method, "--threads", "1", "--json"],
                              capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if not done.stdout:
        print(done.stderr, file=sys.stderr)
        return None
    facts = json.loads(done.stdout)
    print(f"  {facts['seconds']:.3f} s, {facts['found_by']}; {facts['certainty']}", file=sys.stderr)
    return facts["seconds"], np.array(facts["values"])


def line(name, result, exact, largest):
    if result is None:
        print(f"| {name} | no result within {PATIENCE} s | | |", flush=True)
        return
    seconds, found = result
    error = np.abs(np.sort(found) - exact).max() if len(found) == len(exact) else np.inf
    relative = (np.abs(np.sort(found) - exact) / exact).max() if len(found) == len(exact) else np.inf
    print(f"| {name} | {seconds:.2f} s | {error / largest:.0e} | {relative:.0e} |", flush=True)


def faster(one, other):
    return min((result for result in (one, other) if result is not None), key=lambda result: result[0], default=None)


def race(tool, title, a, values, k, x, names, methods):
    print(f"\n{title}\n\n| | time | error over sigma_1 | error over the value |\n|---|---|---|---|", flush=True)
    exact = np.sort(values[np.argsort(np.abs(values - x))[:k]])
    with tempfile.NamedTemporaryFile(suffix=".npz" if sp.issparse(a) else ".npy") as file:
        if sp.issparse(a):
            sp.save_npz(file, a)
        else:
            np.save(file, a)
        file.flush()
        contestants = {f"Eckart, {method}": lambda method=method: run_tool(tool, file.name, k, x, method) for method in methods}
        contestants |= {name: lambda name=name: run_peer(name, a, k, x) for name in names}
        best = {}
        for _ in range(ROUNDS):
            for name, run in contestants.items():
                if name not in best or best[name] is not None:  # who took too long does again
                    best[name] = faster(best.get(name), run())
    for name, result in best.items():
        line(name, result, exact, values.max())


def main():
    tool, cases = sys.argv[1], sys.argv[2:] or ["grid", "near", "tall", "dense"]
    everybody = ["eigsh(sigma)", "ARPACK", "PROPACK", "LOBPCG"]
    if "grid" in cases:
        race(tool, "grid of 300 x 300 points, k = 10, smallest", *grid(300), 10, 0, everybody, ["shift-invert"])
    if "near" in cases:
        race(tool, "grid of 100 x 100 points, k = 10, nearest to 4.01", *grid(100), 10, 4.01, ["eigsh(sigma)"], ["shift-invert"])
    if "tall" in cases:
        race(tool, "sparse, 20000 x 5000, k = 10, smallest", *tall(20000, 5000), 10, 0, everybody, ["auto"])
    if "dense" in cases:
        race(tool, "dense, 2000 x 2000, k = 10, smallest", *dense(2000), 10, 0, ["numpy.linalg.svd", "PROPACK", "ARPACK"],
             ["shift-invert", "dense"])


if __name__ == "__main__":
    main()
