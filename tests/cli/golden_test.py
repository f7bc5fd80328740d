"""Outputs as they stand, against files in golden/; what differs from run to run and machine to machine is masked.

After a change that is meant: ECKART_WRITE_GOLDEN=1 python -m unittest golden_test, then read the difference.
"""

import os
import re
import unittest

import numpy as np

from tool import ToolTest

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")

# Name of the file, command. The matrices have exactly representable singular values, so that every BLAS prints the same.
COMMANDS = [
    ("svd.txt", "svd D.npy"),
    ("svd-ascii.txt", "svd D.npy"),
    ("svd.json", "svd D.npy --json"),
    ("values.txt", "values D.npy"),
    ("values.json", "values D.npy --json"),
    ("rank.txt", "rank D.npy"),
    ("rank.json", "rank D.npy --json"),
    ("lowrank.txt", "lowrank D.npy -k 2"),
    ("lowrank.json", "lowrank D.npy --error 0.2 --json"),
    ("pinv.txt", "pinv D.npy"),
    ("lstsq.txt", "lstsq D.npy b.npy"),
    ("norms.txt", "norms D.npy"),
    ("norms.json", "norms D.npy --json"),
    ("polar.txt", "polar D.npy"),
    ("info.txt", "info D.npy table.csv"),
    ("info.json", "info D.npy table.csv --json"),
    ("convert.txt", "convert D.npy - --to csv"),
    ("gen.txt", "gen hilbert 3 -o - --to mtx"),
    ("help.txt", "--help"),
] + [(f"help-{verb}.txt", f"{verb} --help") for verb in
     ["svd", "values", "rank", "lowrank", "pinv", "lstsq", "norms", "polar", "stream", "info", "convert", "gen",
      "completion"]]

# Times, threads, memory and figures of rounding.
MASKS = [
    (r'("(?:seconds|threads|workspace_bytes|residual|orthogonality_u|orthogonality_v|norm|fooled|orthogonality)": )'
     r"[-+.\de]+", r"\1#"),
    (r"(?m)^(time +).*$", r"\1#"),
    (r"(?m)^((?:residual|orthogonality) +).*$", r"\1#"),
    (r"(?m)^(error bound +)\S+", r"\1#"),
    (r'(?s)"stages": \[.*?\]', '"stages": #'),
]


def masked(text):
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return text


class Golden(ToolTest):
    maxDiff = None

    def test_outputs(self):
        self.save("D.npy", np.diag([8.0, 4, 2, 1])[:, [2, 0, 3, 1]])
        self.save("b.npy", np.array([[8.0], [4], [2], [1]]))
        self.save("table.csv", "height,weight\n1.5,60\n1.75,80\n")
        for name, command in COMMANDS:
            with self.subTest(command=command):
                env = {"LC_ALL": "C"} if "ascii" in name else {}
                text = masked(self.eckart(*command.split(), env=env)[0])
                path = os.path.join(GOLDEN, name)
                if os.environ.get("ECKART_WRITE_GOLDEN"):
                    os.makedirs(GOLDEN, exist_ok=True)
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(text, file.read())


if __name__ == "__main__":
    unittest.main()
