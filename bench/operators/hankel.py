#!/usr/bin/env python3
"""Singular spectrum analysis: the leading triplets of the Hankel matrix of a series' windows, Eckart against SciPy, in turn in one run.

    hankel.py PROGRAM [--length N] [--rounds N] [--threads N] [-k K]

PROGRAM is eckart_hankel_bench. The series is five damped sinusoids of amplitudes 1 to 5, in normal noise of a thousandth and of 1.
SciPy multiplies by scipy.fft in a LinearOperator. Prints a table in Markdown: the best time of the rounds, and the largest difference
of a value from PROPACK's, relative to the largest value.
"""

import argparse
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import scipy
import scipy.fft
from scipy.sparse.linalg import LinearOperator, svds
from threadpoolctl import threadpool_limits


def series(length, noise):
    t = np.arange(length)
    s = noise * np.random.default_rng(1).standard_normal(length)
    for j in range(1, 6):
        s += (6 - j) * np.exp(-2 * j * t / length) * np.cos(2 * np.pi * (0.01 + 0.037 * j) * t + j)
    return s


class Eckart:
    def __init__(self, program, path, block):
        self.name = f"Eckart, {block} vectors at a time" if block else "Eckart"
        self.block, self.values, self.product = block, path.with_name("values.npy"), np.inf
        self.process = subprocess.Popen([program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, k, threads):
        print(k, self.block, threads, self.values, file=self.process.stdin, flush=True)
        seconds, product = map(float, self.process.stdout.readline().split())
        self.product = min(self.product, product)
        return seconds, np.load(self.values).ravel()


class SciPy:
    def __init__(self, s, solver):
        self.name, self.solver, self.product = solver.upper(), solver, np.inf
        self.m, self.n = len(s) // 2, len(s) - len(s) // 2 + 1
        size = scipy.fft.next_fast_len(len(s), real=True)
        spectrum = scipy.fft.rfft(s, size)

        def correlation(count):
            return lambda x: scipy.fft.irfft(spectrum * np.conj(scipy.fft.rfft(x.ravel(), size)), size)[:count]

        self.operator = LinearOperator((self.m, self.n), correlation(self.m), correlation(self.n), dtype=float)

    def run(self, k, threads):
        x = np.random.default_rng(2).standard_normal(self.n)
        with threadpool_limits(threads), scipy.fft.set_workers(threads):
            start = time.perf_counter()
            for _ in range(8):
                self.operator.matvec(x)
            self.product = min(self.product, 1e3 * (time.perf_counter() - start))
            start = time.perf_counter()
            values = svds(self.operator, k=k, solver=self.solver, rng=np.random.default_rng(3))[1]
            return time.perf_counter() - start, np.sort(values)[::-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--length", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--block", type=int, default=0)
    args = parser.parse_args()
    print(f"NumPy {np.__version__}, SciPy {scipy.__version__}; {args.threads} thread(s), series of {args.length}, "
          f"k = {args.k}, best of {args.rounds}\n")
    print("| noise | | triplets | product with 8 vectors | difference |\n|---|---|---|---|---|")
    for noise in (1e-3, 1.0):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "series.npy")
            s = series(args.length, noise)
            np.save(path, s)
            contestants = [Eckart(args.program, path, args.block), SciPy(s, "propack"), SciPy(s, "arpack")]
            best, values = {}, {}
            for _ in range(args.rounds):
                for c in contestants:
                    seconds, values[c.name] = c.run(args.k, args.threads)
                    best[c.name] = min(best.get(c.name, np.inf), seconds)
            want = values["PROPACK"]
            for c in contestants:
                difference = np.abs(values[c.name] - want).max() / want[0]
                print(f"| {noise:g} | {c.name} | {best[c.name]:.3f} s | {c.product:.1f} ms | {difference:.0e} |")


if __name__ == "__main__":
    main()
