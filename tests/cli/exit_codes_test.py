"""Every exit code, and the line on standard error that goes with it: FILE, what, how to mend it."""

import json
import os
import subprocess
import unittest

import numpy as np

from tool import PATIENCE, PLAIN, THREAD_SANITIZER, ToolTest


class ExitCodes(ToolTest):
    def failure(self, code, *words, **more):
        output, narration = self.eckart(*words, code=code, **more)
        self.assertEqual(output, "")
        self.assertTrue(narration.startswith("eckart: "), narration)
        self.assertEqual(narration.count("\n"), 1, narration)
        self.no_temporary_files()
        return narration

    def test_0_even_for_the_smallest_matrices(self):
        for shape in [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4), (4, 1)]:
            self.save("A.npy", np.ones(shape))
            for verb in ["svd", "values", "rank", "norms", "pinv", "polar"]:
                self.eckart(verb, "A.npy")
                self.eckart(verb, "A.npy", "--json")

    def test_1_a_result_that_exceeds_the_type(self):
        # sigma_1 = 3e308 * 2: no double.
        self.save("huge.npy", np.full((4, 4), 1.5e308))
        self.failure(1, "svd", "huge.npy")
        # 1 / sigma_1 overflows.
        self.save("tiny.npy", np.full((1, 1), 5e-324))
        self.failure(1, "pinv", "tiny.npy", "-o", "P.npy")
        self.assertFalse(os.path.exists(self.path("P.npy")))

    def test_2_requests_that_make_no_sense(self):
        self.save("A.npy", np.eye(5))
        for words in [["svd"],
                      ["svd", "A.npy", "-k", "6"],
                      ["svd", "A.npy", "-k", "2", "--u", "full"],
                      ["svd", "A.npy", "-k", "-1"],
                      ["svd", "A.npy", "--json", "-o", "-", "--to", "npz"],
                      ["svd", "A.npy", "-o", "-"],
                      ["svd", "A.npy", "-o", "factors.unknown"],
                      ["svd", "A.npy", "--threads", "-2"],
                      ["svd", "A.npy", "--threads", "many"],
                      ["svd", "A.npy", "--max-memory", "lots"],
                      ["svd", "A.npy", "-q", "-v"],
                      ["lowrank", "A.npy"],
                      ["lowrank", "A.npy", "-k", "9"],
                      ["lowrank", "A.npy", "--energy", "1.5"],
                      ["lowrank", "A.npy", "-k", "2", "--noise", "1"],
                      ["norms", "A.npy", "--schatten", "0.5"],
                      ["norms", "A.npy", "--ky-fan", "6"],
                      ["lstsq", "-", "-"],
                      ["gen"],
                      ["gen", "normal", "3x3"],
                      ["gen", "unheard_of", "3x3", "-o", "B.npy"],
                      ["completion", "csh"],
                      ["svd", "A.npy", "superfluous"]]:
            with self.subTest(words=words):
                self.failure(2, *words)

    def test_2_sides_that_do_not_fit(self):
        self.save("A.npy", np.eye(5))
        self.save("b.npy", np.ones((4, 1)))
        self.assertIn("4 rows", self.failure(2, "lstsq", "A.npy", "b.npy"))
        self.save("wide.npy", np.ones((2, 3)))
        self.failure(2, "polar", "wide.npy", "--side", "right")

    def test_3_files_that_are_not_there_or_not_readable(self):
        self.assertIn("nowhere.npy", self.failure(3, "svd", "nowhere.npy"))
        self.save("A.npy", np.eye(3))
        self.failure(3, "svd", ".")
        self.failure(3, "svd", "A.npy", "-o", "no/such/folder/f.npz")
        self.failure(3, "svd", "A.npy", "--report", "no/such/folder/f.html")

    def test_3_malformed_files(self):
        self.save("A.npy", np.eye(10))
        whole = self.read("A.npy")
        self.save("short.npy", whole[:-8])
        self.assertIn("byte", self.failure(3, "values", "short.npy"))
        self.save("broken.csv", "1,2,3\n4,5\n")
        self.assertIn("line 2", self.failure(3, "values", "broken.csv"))
        self.save("liar.mtx", "%%MatrixMarket matrix array real general\n1000000000 1000000000\n1\n")
        self.failure(3, "values", "liar.mtx")

    def test_3_nan_and_infinity_name_file_row_and_column(self):
        a = np.eye(6)
        a[2, 4] = np.nan
        self.save("A.npy", a)
        narration = self.failure(3, "svd", "A.npy", "-o", "factors.npz")
        self.assertIn("A.npy: byte 256: row 3, column 5", narration)
        self.assertIn("is NaN", narration)
        self.assertFalse(os.path.exists(self.path("factors.npz")))
        a[2, 4] = -np.inf
        self.save("A.npy", a)
        self.assertIn("is -infinity", self.failure(3, "norms", "A.npy"))
        self.save("b.npy", np.full((6, 1), np.inf))
        self.save("I.npy", np.eye(6))
        self.assertIn("b.npy: byte 128: row 1, column 1", self.failure(3, "lstsq", "I.npy", "b.npy"))

    def test_3_nan_in_a_table_names_the_line(self):
        self.save("table.csv", "a,b\n1,2\n\n3,nan\n")
        narration = self.failure(3, "rank", "table.csv")
        self.assertIn("table.csv: line 4, column 3", narration)

    def test_4_demands_that_are_not_met(self):
        self.save("A.npy", np.diag([3.0, 2, 1, 0]))
        self.eckart("rank", "A.npy", "--expect", "3")
        output, narration = self.eckart("rank", "A.npy", "--expect", "4", code=4)
        self.assertIn("rank", output)
        self.assertIn("the rank is 3", narration)
        # The result is written although it is not what was demanded.
        output, narration = self.eckart("lowrank", "A.npy", "-k", "1", "--error", "0.01", "-o", "near.npy", code=4)
        self.assertEqual(np.linalg.matrix_rank(np.load(self.path("near.npy"))), 1)
        self.eckart("lowrank", "A.npy", "-k", "3", "--error", "0.01")

    def test_5_memory(self):
        self.save("A.npy", np.eye(300))
        narration = self.failure(5, "svd", "A.npy", "--max-memory", "1M")
        self.assertIn("--max-memory", narration)
        self.eckart("svd", "A.npy", "--max-memory", "1G")
        self.failure(5, "values", "A.npy", "--max-memory", "100k")

    def test_5_a_matrix_larger_than_the_machine(self):
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 500000), }"
        header += b" " * (127 - 10 - len(header)) + b"\n"
        with open(self.path("vast.npy"), "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
            file.truncate(10 + len(header) + 8 * 1000000 * 500000)  # four terabytes, as far as it says
        self.failure(5, "svd", "vast.npy")
        if THREAD_SANITIZER:  # it leaves no address space for the file
            return
        plan = json.loads(self.eckart("svd", "vast.npy", "--dry-run", "--json")[0])
        self.assertFalse(plan["fits"])

    @unittest.skipIf(PATIENCE > 1, "sanitizers take more address space than this")
    def test_5_a_file_beyond_the_address_space(self):
        with open(self.path("big.npy"), "wb") as file:
            header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (30000, 30000), }"
            header += b" " * (127 - 10 - len(header)) + b"\n"
            file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
            file.truncate(10 + len(header) + 8 * 30000 * 30000)
        limited = ["sh", "-c", "ulimit -v 4000000; exec eckart values big.npy"]
        done = subprocess.run(limited, cwd=self.folder, env=PLAIN, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("mapping big.npy needs 6.7 GiB", done.stderr)


if __name__ == "__main__":
    unittest.main()
