"""eckart stream: rows from files and pipes, states that go on where they stopped, Ctrl-C that saves."""

import json
import os
import signal
import subprocess
import time
import unittest

import numpy as np

from tool import PATIENCE, PLAIN, THREAD_SANITIZER, TOOL, ToolTest


class Stream(ToolTest):
    def setUp(self):
        super().setUp()
        self.a = np.random.default_rng(3).normal(size=(3000, 12)) / (1 + np.arange(12))
        self.sigma = np.linalg.svd(self.a, compute_uv=False)

    def facts(self, *words, **how):
        return json.loads(self.eckart("stream", *words, "--json", **how)[0])

    def check(self, facts, rows=3000):
        self.assertEqual(facts["shape"], [rows, 12])
        for value, least, most in zip(self.sigma, facts["at_least"], facts["at_most"]):
            self.assertLessEqual(least, value)
            self.assertGreaterEqual(most, value)

    def test_every_format_and_the_pipe(self):
        self.save("A.npy", self.a)
        np.savetxt(self.path("A.csv"), self.a, delimiter=",", fmt="%.17g", header="", comments="")
        self.save("A.raw", self.a.tobytes())
        for words, how in [(["A.npy"], {}), (["A.csv"], {}), (["A.raw", "--cols", 12], {}),
                           (["--cols", 12], {"stdin": self.a.tobytes()}), (["-"], {"stdin": self.read("A.npy")}),
                           (["-"], {"stdin": self.read("A.csv")})]:
            facts = self.facts(*words, "-k", 12, **how)
            self.check(facts)
            np.testing.assert_allclose(facts["values"], self.sigma, rtol=1e-12)

    def test_a_small_sketch_keeps_its_bounds(self):
        self.save("A.npy", self.a)
        facts = self.facts("A.npy", "-k", 3, "--sketch-rows", 5, "-o", "out.npz")
        self.check(facts)
        out = np.load(self.path("out.npz"))
        self.assertEqual(sorted(out), ["S", "Vh", "at_least", "at_most"])
        left = np.linalg.norm(self.a - self.a @ out["Vh"].T @ out["Vh"])
        self.assertLessEqual(facts["left_out"][0], left)
        self.assertGreaterEqual(facts["left_out"][1], left)

    def test_a_state_goes_on_to_the_same_bits(self):
        whole = self.facts("--cols", 12, "-k", 3, "--sketch-rows", 5, stdin=self.a.tobytes())
        for begin, end in [(0, 1000), (1000, 1001), (1001, 3000)]:
            parts = self.facts("--cols", 12, "-k", 3, "--sketch-rows", 5, "--state", "s.npz",
                               stdin=self.a[begin:end].tobytes())
        for key in ["values", "at_least", "at_most", "left_out", "shape"]:
            self.assertEqual(whole[key], parts[key])

    def test_a_growing_file_is_read_from_where_the_state_stopped(self):
        lines = ["x,y,z"] + [f"{i},{i % 7},{-i % 5}" for i in range(50)]
        self.save("log.csv", "\n".join(lines[:20]) + "\n")
        self.assertEqual(self.facts("log.csv", "-k", 2, "--state", "s.npz")["shape"], [19, 3])
        self.save("log.csv", "\n".join(lines) + "\n")
        self.assertEqual(self.facts("log.csv", "-k", 2, "--state", "s.npz")["shape"], [50, 3])
        self.assertEqual(self.facts("log.csv", "-k", 2, "--state", "s.npz")["shape"], [50, 3])
        self.save("log.csv", "x,y,z\n1,2,3\n")
        self.assertIn("replaced", self.eckart("stream", "log.csv", "--state", "s.npz", code=3)[1])

    def test_mistakes(self):
        self.save("A.npy", self.a)
        self.assertIn("exceeds", self.eckart("stream", "A.npy", "-k", 13, code=2)[1])
        self.assertIn("less than --rank", self.eckart("stream", "A.npy", "-k", 5, "--sketch-rows", 3, code=2)[1])
        self.assertIn("--max-memory", self.eckart("stream", "A.npy", "--max-memory", "1M", code=5)[1])
        self.assertIn("last row has", self.eckart("stream", "--cols", 2, "-k", 1, code=3, stdin=b"x" * 20)[1])
        self.save("s.npz", b"nothing")
        self.eckart("stream", "A.npy", "--state", "s.npz", code=3)
        self.a[2500, 4] = np.nan
        self.save("A.npy", self.a)
        message = self.eckart("stream", "A.npy", "--state", "t.npz", code=3)[1]
        self.assertIn("row 2501, column 5 (counted from 1) is NaN", message)
        self.assertIn("2,500 rows".replace(",", ""), message.replace(",", ""))

    @unittest.skipIf(THREAD_SANITIZER, "the signal would wait for the read")
    def test_ctrl_c_saves_within_a_second(self):
        process = subprocess.Popen([TOOL, "stream", "--cols", "12", "-k", "3", "--state", "s.npz"], cwd=self.folder,
                                   env=PLAIN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(self.a[:2000].tobytes())
        process.stdin.flush()
        time.sleep(0.5)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=30), 130)
        self.assertLess(time.monotonic() - start, PATIENCE)
        self.assertIn(b"s.npz", process.stderr.read())
        for stream in [process.stdin, process.stdout, process.stderr]:
            stream.close()
        self.assertTrue(os.path.exists(self.path("s.npz")))
        self.no_temporary_files()
        facts = self.facts("--cols", 12, "-k", 12, "--state", "s.npz", stdin=self.a[2000:].tobytes())
        self.check(facts)


if __name__ == "__main__":
    unittest.main()
