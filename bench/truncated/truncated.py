#!/usr/bin/env python3
"""The leading triplets: Eckart against SciPy and scikit-learn, in turn in one run, errors beside times.

    truncated.py PROGRAM [--sparse] [--all] [--rounds N] [--threads N] [--size N] [-k K ...]

PROGRAM is eckart_truncated_bench. The matrix is SIZE x SIZE with values i^-0.8 and singular vectors from reflectors; with --sparse
200,000 x 20,000 with 2 million normal entries at random places, more of them in the first columns, whose exact values are taken from
PROPACK at its smallest tolerance. --all lets LOBPCG, PRIMME, Spectra and SLEPc take part as well, those that are installed.
Prints a table in Markdown: the best time of the rounds, and the largest relative error of a value. The randomized method stands there
twice: as it comes, and with the largest tolerance whose error is no larger than that of randomized_svd, found before the rounds.
"""

import argparse
import os
import pathlib
import tempfile
import time

import numpy as np
import scipy
import scipy.sparse
import scipy.sparse.linalg
import sklearn

import peers

rest = 0.3  # seconds: threads of a BLAS go on spinning after a call, on the processors that the next contestant needs


def matrix(n, reflectors=8):
    """The values and A = Q diag(values) P^T, column-major."""
    random = np.random.default_rng(1)
    values = np.arange(1, n + 1) ** -0.8
    a = np.diag(values)
    for _ in range(reflectors):
        w = random.standard_normal(n)
        a -= np.outer(w, (2 / (w @ w)) * (w @ a))
        w = random.standard_normal(n)
        a -= np.outer(a @ w, (2 / (w @ w)) * w)
    return values, np.asfortranarray(a)


def sparse_matrix(m=200_000, n=20_000, entries=2_000_000):
    random = np.random.default_rng(1)
    rows = random.integers(0, m, entries)
    columns = (n * random.random(entries) ** 2).astype(np.int64)
    return scipy.sparse.csr_matrix((random.standard_normal(entries), (rows, columns)), shape=(m, n))


def error_of(values, exact, k):
    """The largest relative error of a value; infinite where fewer came than were asked for."""
    return np.max(np.abs(values[:k] - exact[:k]) / exact[:k]) if len(values) >= k else np.inf


def loosen(contestant, k, exact, error):
    """Gives it the largest of a few tolerances at which its values are off by no more than `error`."""
    for tolerance in [0.3, 0.2, 0.16, 0.13, 0.1, 0.07, 0.05, 0.03, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]:
        contestant.tolerance = tolerance
        if error_of(contestant.run(None, k, 1)[1], exact, k) <= error:
            return
    raise SystemExit("no tolerance is small enough")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--size", type=int, default=3000)
    parser.add_argument("--sparse", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-k", type=int, nargs="*")
    options = parser.parse_args()
    ks = options.k or ([20] if options.sparse else [10, 50, 200])
    if options.sparse:
        a = sparse_matrix()
        exact = np.sort(scipy.sparse.linalg.svds(a, k=max(ks) + 10, solver="propack")[1])[::-1]
    else:
        exact, a = matrix(options.size)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program = os.path.abspath(options.program)
        path = folder / ("a.npz" if options.sparse else "a.npy")
        scipy.sparse.save_npz(path, a) if options.sparse else np.save(path, a)
        same_error = peers.eckart(program, path, name="Eckart randomized, error no larger", method="randomized")
        usual = peers.usual()
        rare = peers.rare(os.path.dirname(program), path, options.threads) if options.all else []
        contestants = [peers.eckart(program, path), peers.eckart(program, path, 1e-6),
                       peers.eckart(program, path, name="Eckart randomized", method="randomized"), same_error] + usual + rare
        cells = {c.name: [] for c in contestants}
        for k in ks:
            best, error = {}, {}
            loosen(same_error, k, exact, error_of(usual[-1].run(a, k, options.threads)[1], exact, k))
            for turn in range(options.rounds):
                for contestant in contestants if turn == 0 else contestants[:len(contestants) - len(rare)]:
                    time.sleep(rest if options.threads > 1 else 0)
                    seconds, values = contestant.run(a, k, options.threads)
                    best[contestant.name] = min(seconds, best.get(contestant.name, np.inf))
                    error[contestant.name] = error_of(values, exact, k)
            own = best[contestants[0].name]
            for c in contestants:
                cells[c.name].append(f"{best[c.name]:.{3 if best[c.name] >= 0.01 else 4}f} s, x{best[c.name] / own:.2f}, {error[c.name]:.0e}"
                                     + (f" (tolerance {c.tolerance:g})" if c is same_error else ""))
        print(f"NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}; "
              f"{options.threads} thread(s), {a.shape[0]} x {a.shape[1]}, best of {options.rounds}"
              + (f" ({', '.join(c.name for c in rare)}: one run)" if rare else "") + "\n")
        print("| | " + " | ".join(f"k = {k}" for k in ks) + " |")
        print("|---|" + "---|" * len(ks))
        for c in contestants:
            print(f"| {c.name} | " + " | ".join(cells[c.name]) + " |")
        for contestant in contestants:
            contestant.close()


if __name__ == "__main__":
    main()
