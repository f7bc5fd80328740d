"""What a call costs beyond the arithmetic: small matrices alone and in stacks, beside numpy.linalg in the same run.

    PYTHONPATH=build/release/python build/venv/bin/python bench/python/overhead.py

Prints the table of docs/python.md: microseconds a matrix, the best of five, NumPy and Eckart in turn, and the largest error of U S Vh
in units of eps sigma_1.
"""

import subprocess
import sys
import time

import numpy as np

import eckart.linalg


def best(calls, repeats, rounds=5):
    """The least time of each call, in seconds, the calls in turn."""
    least = [float("inf")] * len(calls)
    for call in calls:
        call()
    for _ in range(rounds):
        for i, call in enumerate(calls):
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            least[i] = min(least[i], (time.perf_counter() - start) / repeats)
    return least


def error(a, result):
    u, s, vh = result
    off = np.abs(u[..., : s.shape[-1]] * s[..., None, :] @ vh[..., : s.shape[-1], :] - a).max()
    return off / (np.finfo(s.dtype).eps * s.max())


def import_times():
    """Milliseconds to import eckart after NumPy, the best of five."""
    code = "import numpy, time; t = time.perf_counter(); import eckart; print(1e3 * (time.perf_counter() - t))"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(5))


def main():
    rng = np.random.default_rng(0)
    print("| what | numpy.linalg | eckart.linalg | one thread | error, NumPy | error, Eckart |")
    print("|---|---|---|---|---|---|")
    for shape, repeats in [((4, 4), 10000), ((10000, 4, 4), 3), ((1000, 16, 16), 2)]:
        a = rng.standard_normal(shape)
        count = int(np.prod(shape[:-2]))
        for name, theirs, ours in [("svd", np.linalg.svd, eckart.linalg.svd), ("svdvals", np.linalg.svdvals, eckart.linalg.svdvals)]:
            alone = lambda: eckart.svd(a, compute_uv=name == "svd", threads=1)  # noqa: B023
            times = [1e6 * t / count for t in best([lambda: theirs(a), lambda: ours(a), alone], repeats)]  # noqa: B023
            errors = [f"{error(a, f(a)):.1f}" if name == "svd" else "" for f in (theirs, ours)]
            label = f"{name}, {shape[-2]} x {shape[-1]}, " + ("alone" if count == 1 else f"in a stack of {count}")
            print(f"| {label} | " + " | ".join(f"{t:.2f}" for t in times) + f" | {' | '.join(errors)} |")
    print(f"\nimport eckart after numpy: {import_times():.0f} ms")


if __name__ == "__main__":
    main()
