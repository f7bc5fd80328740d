"""eckart stream --method: single-pass sketches and incremental decompositions of rows, their states and what they refuse."""

import json
import os
import re
import subprocess
import time
import unittest

import numpy as np

from tool import PATIENCE, PLAIN, THREAD_SANITIZER, TOOL, ToolTest

METHODS = ["frequent-directions", "sketch", "incremental"]


class StreamMethods(ToolTest):
    def setUp(self):
        super().setUp()
        self.a = np.random.default_rng(3).normal(size=(3000, 30)) / (1 + np.arange(30)) ** 2
        self.sigma = np.linalg.svd(self.a, compute_uv=False)
        self.save("A.npy", self.a)

    def facts(self, *words, **how):
        return json.loads(self.eckart("stream", *words, "--json", **how)[0])

    def rows_of(self, state):
        """Rows that an incremental decomposition has gathered and not yet taken in are in its state too."""
        arrays = np.load(self.path(state))
        return int(arrays["rows"].item() + (arrays["waiting"].item() if "waiting" in arrays else 0))

    def check(self, facts, a=None):
        a = self.a if a is None else a
        sigma = np.linalg.svd(a, compute_uv=False)
        self.assertEqual(facts["shape"], list(a.shape))
        for value, least, most in zip(sigma, facts["at_least"], facts["at_most"]):
            self.assertLessEqual(least, value * (1 + 1e-12))
            self.assertGreaterEqual(most, value * (1 - 1e-12))

    def test_every_method_states_its_error(self):
        for method in METHODS:
            for words, how in [(["A.npy"], {}), (["--cols", 30], {"stdin": self.a.tobytes()})]:
                facts = self.facts(*words, "-k", 3, "--method", method, "-o", "out.npz", **how)
                self.check(facts)
                self.assertEqual(facts["method"], method)  # the word that --method takes
                out = np.load(self.path("out.npz"))
                self.assertEqual("U" in out, method == "sketch")
                left = np.linalg.norm(self.a - self.a @ out["Vh"].T @ out["Vh"])
                if method == "sketch":
                    left = np.linalg.norm(self.a - out["U"] * out["S"] @ out["Vh"])
                    self.assertEqual(out["U"].shape, (3000, 3))
                    self.assertLess(left / 2, facts["left_out_estimate"])
                    self.assertGreater(left * 2, facts["left_out_estimate"])
                    self.assertEqual(facts["failure_probability"], 1e-6)
                    self.assertEqual(len(facts["errors"]), len(facts["tail_at_most"]))
                self.assertLessEqual(facts["left_out"][0], left * (1 + 1e-12))
                self.assertGreaterEqual(facts["left_out"][1], left * (1 - 1e-12))
                if method == "sketch":  # Weyl; two digits of all of them would be luck of the seed
                    self.assertLess(np.max(np.abs(facts["values"] - self.sigma[:3])), left)
                    np.testing.assert_allclose(facts["values"][0], self.sigma[0], rtol=0.02)
                else:
                    np.testing.assert_allclose(facts["values"], self.sigma[:3], rtol=0.02)
        self.assertEqual(self.facts("A.npy", "--method", "incremental")["frobenius_norm"], None)

    def test_states_go_on_to_the_same_bits_and_belong_to_their_method(self):
        extra = {"frequent-directions": [], "sketch": ["--seed", 7, "--forget", 0.999], "incremental": ["--u", "thin", "--forget", 0.999]}
        for method in METHODS:
            command = ["--cols", 30, "-k", 3, "--method", method, "--sketch-rows", 11, *extra[method]]
            whole = self.facts(*command, "-o", "whole.npz", stdin=self.a.tobytes())
            state = method + ".npz"
            for begin, end in [(0, 1000), (1000, 1001), (1001, 3000)]:
                parts = self.facts(*command, "--state", state, "-o", "parts.npz", stdin=self.a[begin:end].tobytes())
            for key in ["values", "at_least", "at_most", "left_out", "shape"]:
                self.assertEqual(whole[key], parts[key])
            one, other = np.load(self.path("whole.npz")), np.load(self.path("parts.npz"))
            self.assertEqual(sorted(one), sorted(other))
            for name in one:
                self.assertEqual(one[name].tobytes(), other[name].tobytes())
            for wrong in METHODS:
                if wrong != method:
                    said = self.eckart("stream", "A.npy", "-k", 3, "--method", wrong, "--state", state, code=2)[1]
                    self.assertIn(f"a state of the method {method}, not of {wrong}; --method {method} goes on", said)
        for words, said in [(["sketch", "--seed", 8], "--seed 8 where the stream began with 7"),
                            (["sketch", "--sketch-rows", 12], "--sketch-rows 12 where the stream began with 11"),
                            (["incremental", "--u", "none"], "has left vectors: --u thin goes on with it")]:
            message = self.eckart("stream", "--cols", 30, "--method", *words, "--state", words[0] + ".npz", code=2, stdin=b"")[1]
            self.assertIn(said, message)

    def test_a_sketch_of_values_that_do_not_fall_warns(self):
        self.save("flat.npy", np.random.default_rng(1).normal(size=(2000, 30)))
        norm = np.linalg.norm(np.load(self.path("flat.npy")))
        output, said = self.eckart("stream", "flat.npy", "-k", 3, "--method", "sketch", "--json")
        self.assertRegex(said, r"warning: 3 triplets of the sketch, about \S+ left out, are worse than none")
        self.assertIn("--method incremental --u thin", said)
        facts = json.loads(output)
        self.assertAlmostEqual(facts["frobenius_norm"], norm, delta=1e-9 * norm)  # of rows it is known
        self.assertLessEqual(facts["at_most"][0], norm * (1 + 1e-9))
        for words in [["A.npy", "-k", 3], ["flat.npy", "-k", 3, "--sketch-rows", 60]]:
            self.assertNotIn("warning", self.eckart("stream", *words, "--method", "sketch")[1])

    def test_what_is_forgotten_counts_less(self):
        weights = 0.99 ** np.arange(2999, -1, -1)
        for method in ["sketch", "incremental"]:
            facts = self.facts("A.npy", "-k", 3, "--method", method, "--forget", 0.99, "--u", "thin", "-o", "out.npz")
            a = weights[:, None] * self.a
            self.check(facts, a)
            out = np.load(self.path("out.npz"))
            self.assertLessEqual(np.linalg.norm(a - out["U"] * out["S"] @ out["Vh"]), facts["left_out"][1] * (1 + 1e-12))

    def test_a_resumed_stream_keeps_how_it_forgets_and_refuses_another_way(self):
        # It was no part of the state: resumed without --forget a stream counted its old rows in full from then on.
        for method in ["sketch", "incremental"]:
            command = ["--cols", 30, "-k", 3, "--method", method]
            whole = self.facts(*command, "--forget", 0.99, stdin=self.a.tobytes())
            first = [*command, "--state", method + ".npz"]
            self.facts(*first, "--forget", 0.99, stdin=self.a[:1700].tobytes())
            said = self.eckart("stream", *first, "--forget", 0.9, code=2, stdin=b"")[1]
            self.assertIn(f"--forget 0.9 where the stream of {method}.npz began with 0.99", said)
            rest = self.facts(*first, stdin=self.a[1700:].tobytes())
            for key in ["values", "at_least", "at_most", "left_out", "shape"]:
                self.assertEqual(whole[key], rest[key])
            plain = [*command, "--state", "plain.npz"]
            self.facts(*plain, stdin=self.a[:10].tobytes())
            said = self.eckart("stream", *plain, "--forget", 0.9, code=2, stdin=b"")[1]
            self.assertIn("--forget 0.9 where the stream of plain.npz began without", said)
            self.facts(*plain, "--forget", 1, stdin=b"")
            os.remove(self.path("plain.npz"))

    def test_what_does_not_apply_is_refused(self):
        for words, said in [(["--forget", 0.9], "--forget is for --method incremental and sketch"),
                            (["--u", "thin"], "--u thin is for --method incremental and sketch"),
                            (["--seed", 1], "--seed is for --method sketch"),
                            (["--method", "incremental", "--seed", 1], "--seed is for --method sketch"),
                            (["--method", "sketch", "--sketch-rows", 7, "-k", 2], "--method sketch takes 8 at least"),
                            (["--method", "sketch", "--sketch-rows", 9, "-k", 10], "less than --rank"),
                            (["--method", "incremental", "-k", 31], "exceeds the 30 columns"),
                            (["--method", "power"], "is none of frequent-directions|sketch|incremental")]:
            self.assertIn(said, self.eckart("stream", "A.npy", *words, code=2)[1])
        for factor in [0, 1.5, -1, "nan"]:
            self.eckart("stream", "A.npy", "--method", "incremental", "--forget", factor, code=2)

    def test_memory_that_grows_with_the_rows_is_watched(self):
        # 3000 rows fit, a hundred thousand do not; what came before is in the state, and goes on with more memory.
        many = np.tile(self.a, (36, 1))
        for method in ["sketch", "incremental"]:
            command = ["--cols", 30, "-k", 8, "--method", method, "--u", "thin", "--state", method + ".npz", "--max-memory"]
            message = self.eckart("stream", *command, "60M", code=5, stdin=many.tobytes())[1]
            self.assertIn("--max-memory", message)
            self.assertIn("were taken before the error", message)
            self.assertIn("it grows with the rows, for their left vectors", message)
            self.assertIn("--method frequent-directions the same for any number of rows", message)
            rows = self.rows_of(method + ".npz")
            self.assertGreater(rows, 3000)
            facts = self.facts(*command, "2G", stdin=many[rows:].tobytes())
            self.assertEqual(facts["shape"], [108000, 30])
            np.testing.assert_allclose(facts["values"][:3], 6 * self.sigma[:3], rtol=1e-3)

    @unittest.skipIf(THREAD_SANITIZER or PATIENCE > 1, "sanitizers take memory of their own")
    def test_the_memory_that_was_allowed_is_enough(self):
        self.save("B.npy", np.random.default_rng(1).normal(size=(1200, 900)))
        for words in [["incremental", "--sketch-rows", 300], ["incremental", "--sketch-rows", 300, "--u", "thin"],
                      ["sketch", "--sketch-rows", 400]]:
            command = ["stream", "B.npy", "-k", 200, "-t", 1, "-q", "--method", *words]
            allowed, code = 28.0, 5
            while code == 5:  # no more than a tenth too much
                allowed *= 1.1
                process = subprocess.Popen([TOOL, *map(str, command), "--max-memory", f"{allowed:.1f}M", "--json"],
                                           cwd=self.folder, env=PLAIN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                largest = 0
                while process.poll() is None:  # what a process has had is not forgotten, and that of its parent not in it
                    with open(f"/proc/{process.pid}/status") as status:
                        found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
                        largest = max(largest, int(found.group(1)) / 1024 if found else 0)
                    time.sleep(0.002)
                code = process.returncode
            self.assertEqual(code, 0)
            self.assertLess(largest, allowed, words)
            self.assertGreater(largest, 0.5 * allowed, words)

    def test_not_a_number_is_named_and_what_came_before_is_kept(self):
        self.a[2500, 4] = np.nan
        self.save("A.npy", self.a)
        for method in METHODS[1:]:
            for forget in [[], ["--forget", 0.5]]:
                state = f"{method}{len(forget)}.npz"
                message = self.eckart("stream", "A.npy", "--method", method, "--state", state, *forget, code=3)[1]
                self.assertIn("row 2501, column 5 of the matrix (counted from 1) is NaN", message)
                self.assertEqual(self.rows_of(state), 2500)


if __name__ == "__main__":
    unittest.main()
