#!/usr/bin/env python3
"""What eckart_incremental_bench does, with NumPy alone: U and s of columns that come in blocks, by a decomposition of [U s, block].

    incremental.py [COLUMNS LENGTH RANK]

That is the loop of scikit-learn's IncrementalPCA, without its means. Right vectors are not kept.
"""

import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  the number of threads comes first

TABLE = 4096


def append(table: np.ndarray, columns: int, rank: int, block: int) -> tuple[float, float]:
    start = time.perf_counter()
    u_s = np.zeros((table.shape[0], 0))
    left_out = 0.0
    for done in range(0, columns, block):
        first = done % (TABLE - block)
        u, s, _ = np.linalg.svd(np.hstack([u_s, table[:, first:first + min(block, columns - done)]]), full_matrices=False)
        left_out += float(np.sum(s[rank:] ** 2))
        u_s = u[:, :rank] * s[:rank]
    return time.perf_counter() - start, left_out ** 0.5


def main(arguments: list[str]) -> None:
    columns, length, rank = (int(a) for a in arguments) if arguments else (100_000, 1000, 20)
    table = np.asfortranarray(np.random.default_rng(1).standard_normal((length, TABLE)) / (1 + np.arange(length))[:, None])
    for block in (1, rank, 4 * rank, 8 * rank):
        count = columns // 10 if block == 1 else columns
        seconds, left_out = append(table, count, rank, block)
        print(f"NumPy, blocks of {block:4}: {seconds:7.2f} s, {1e6 * seconds / count:7.2f} us a column, left out {left_out:.6g}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
