#!/usr/bin/env python3
"""How the cost of Eckart grows with n and with threads: growth.py TOOL [SIZE ...]

Random normal matrices through the tool, with thin vectors and for values alone, with one thread and with two. A cell is seconds and
GEMMs: the time over that of an n x n x n product at the rate that `eckart info` measures with one thread. Prints Markdown.
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def tool(*words):
    return json.loads(subprocess.run([TOOL, *map(str, words)], check=True, capture_output=True).stdout)


TOOL = sys.argv[1]
SIZES = [int(n) for n in sys.argv[2:]] or [256, 512, 1024, 2048, 4096, 8192]
ROUNDS = {256: 20, 512: 10, 1024: 5, 2048: 3}

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "A.npy"
    print("| n | thin, 1 thread | thin, 2 threads | values, 1 thread | values, 2 threads |")
    print("|---|---|---|---|---|")
    for n in SIZES:
        subprocess.run([TOOL, "gen", "normal", f"{n}x{n}", "-q", "-o", path], check=True)
        rate = tool("info", "--json", "--threads", 1)["gemm_flops"]
        cells = []
        for vectors in ["thin", "none"]:
            one_thread = None
            for threads in [1, 2]:
                words = ["svd", path, "--u", vectors, "--v", vectors, "--threads", threads, "--json", "-q"]
                seconds = min(tool(*words)["seconds"] for _ in range(ROUNDS.get(n, 1)))
                gemms = seconds * rate / (2 * n**3)
                gain = "" if one_thread is None else f", x{one_thread / seconds:.2f}"
                one_thread = one_thread or seconds
                cells.append(f"{seconds:.3g} s, **{gemms:.1f}**{gain}")
        print(f"| {n} | " + " | ".join(cells) + " |", flush=True)
