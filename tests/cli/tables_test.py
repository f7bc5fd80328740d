"""Text tables that the memory does not hold: their numbers go into a file for the time of a run, and nothing is left of it."""

import os
import signal
import subprocess
import time
import unittest

import numpy as np

from tool import PATIENCE, PLAIN, TOOL, ToolTest

ROWS, COLS, LIMIT = 2000, 1000, "8M"  # 16 MB of numbers, 38 MB of text


class LargeTables(ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(5)
        cls.matrix = rng.normal(size=(ROWS, COLS)) * 0.99 ** np.arange(COLS)
        cls.text = "\n".join(",".join(map(repr, row)) for row in cls.matrix.tolist()) + "\n"

    def setUp(self):
        super().setUp()
        self.save("big.csv", self.text)

    def peak(self, *words):
        """Runs the tool; its values and the most memory that it took, in bytes."""
        process = subprocess.Popen([TOOL, *words], cwd=self.folder, env=PLAIN, stdout=subprocess.PIPE)
        values = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # it is waited for already
        self.assertEqual(process.returncode, 0)
        return values, usage.ru_maxrss * 1024

    def test_the_values_are_those_of_the_numbers_in_npy_and_the_memory_too(self):
        np.save(self.path("big.npy"), self.matrix)
        words = ["-k", "5", "--max-memory", LIMIT, "--method", "lanczos"]
        expected, memory = self.peak("values", "big.npy", *words)
        values, more = self.peak("values", "big.csv", *words)
        self.assertEqual(values, expected)
        self.assertLess(more, memory + 12e6)  # pages of the text that have not been let go of yet
        self.assertEqual(sorted(os.listdir(self.folder)), ["big.csv", "big.npy"])
        self.assertIn("file big.csv", self.eckart("svd", "big.csv", *words, "--json")[0])

    def test_the_dry_run_tells_of_the_file_and_writes_none(self):
        words = ["svd", "big.csv", "-k", 5, "--max-memory", LIMIT, "--dry-run"]
        self.assertIn("15.3 MiB in . for the numbers of the table", self.eckart(*words)[0])
        self.assertIn(f'"disk_bytes": {8 * ROWS * COLS}', self.eckart(*words, "--json")[0])
        self.assertIn('"disk_bytes": 0', self.eckart("svd", "big.csv", "-k", 5, "--dry-run", "--json")[0])
        self.assertEqual(os.listdir(self.folder), ["big.csv"])

    def test_an_error_leaves_nothing_and_names_the_line(self):
        lines = self.text.split("\n")
        lines[1500] = lines[1500].replace(lines[1500].split(",")[2], "nan", 1)
        self.save("bad.csv", "\n".join(lines))
        narration = self.eckart("svd", "bad.csv", "-k", 5, "--max-memory", LIMIT, code=3)[1]
        self.assertIn("bad.csv: line 1501, column", narration)
        self.assertIn("row 1501, column 3 of the matrix (counted from 1) is NaN", narration)
        narration = self.eckart("svd", "big.csv", "-k", 5, "--max-memory", LIMIT, "-o", "none/out.npz", code=3)[1]
        self.assertIn("none", narration)
        self.assertEqual(sorted(os.listdir(self.folder)), ["bad.csv", "big.csv"])

    def test_the_file_is_where_the_output_goes(self):
        os.mkdir(self.path("closed"))
        os.rename(self.path("big.csv"), self.path("closed/big.csv"))
        os.chmod(self.path("closed"), 0o555)
        self.addCleanup(os.chmod, self.path("closed"), 0o755)
        words = ["svd", "closed/big.csv", "-k", 5, "--max-memory", LIMIT]
        self.assertIn("15.3 MiB in . for", self.eckart(*words, "-o", "out.npz", "--dry-run")[0])
        self.eckart(*words, "-o", "out.npz")
        if os.geteuid() != 0:
            narration = self.eckart(*words, code=3)[1]
            self.assertIn("for the time of the run: -o in a folder with room for it takes it there", narration)
        self.assertEqual(sorted(os.listdir(self.folder)), ["closed", "out.npz"])
        self.assertEqual(os.listdir(self.path("closed")), ["big.csv"])

    def test_ctrl_c_leaves_nothing_whenever_it_comes(self):
        words = ["svd", "big.csv", "-k", "60", "--method", "lanczos", "--tolerance", "1e-14", "--block", "1",
                 "--threads", "1", "--max-memory", "15M", "-o", "out.npz"]
        for after in [0.05, 0.15, 0.3, 0.5]:
            process = subprocess.Popen([TOOL, *words], cwd=self.folder, env=PLAIN, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE)
            time.sleep(after)
            self.assertIsNone(process.poll(), "it ended before it could be interrupted")
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            narration = process.communicate(timeout=60)[1]
            self.assertEqual((process.returncode, narration), (130, b""))
            self.assertLess(time.monotonic() - start, PATIENCE)
            self.assertEqual(os.listdir(self.folder), ["big.csv"])


if __name__ == "__main__":
    unittest.main()
