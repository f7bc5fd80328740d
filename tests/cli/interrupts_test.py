"""Ctrl-C always works, within a second, and leaves nothing behind."""

import os
import signal
import subprocess
import time
import unittest

from tool import PATIENCE, PLAIN, THREAD_SANITIZER, TOOL, ToolTest


# Seconds of work on 3000 x 3000, whatever the machine.
LONG = ["-k", "120", "--method", "lanczos", "--tolerance", "1e-12", "--block", "1", "--threads", "1"]


class Interrupts(ToolTest):
    def interrupt(self, number, after, *words):
        """Sends a signal `after` seconds; returns exit status and the seconds that the tool took to end."""
        process = subprocess.Popen([TOOL, *words], cwd=self.folder, env=PLAIN, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        time.sleep(after)
        self.assertIsNone(process.poll(), "it ended before it could be interrupted")
        start = time.monotonic()
        process.send_signal(number)
        narration = process.communicate(timeout=60)[1]
        return process.returncode, time.monotonic() - start, narration

    def leave(self, *words):
        """Interrupts an iteration once it has a step to save, which a busy machine may take some time for."""
        for after in [0.8, 1.6, 3.2]:
            code, seconds, narration = self.interrupt(signal.SIGINT, after, *words)
            self.assertEqual(code, 130, narration)
            self.assertLess(seconds, PATIENCE)
            if narration:
                return narration
        self.fail("no step within seconds")

    def test_every_driver_stops_within_a_second(self):
        self.eckart("gen", "normal", "3000x3000", "-o", "big.npy")
        before = sorted(os.listdir(self.folder))
        for driver in ["dc", "qr", "jacobi"]:
            for after in [0.2, 1.5]:
                code, seconds, narration = self.interrupt(signal.SIGINT, after, "svd", "big.npy", "--driver", driver,
                                                          "-o", "factors.npz", "--report", "page.html")
                self.assertEqual(code, 130, driver)
                self.assertEqual(narration, b"")
                self.assertLess(seconds, PATIENCE, driver)
                self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_an_iteration_stops_within_a_second(self):
        self.eckart("gen", "normal", "3000x3000", "-o", "big.npy")
        before = sorted(os.listdir(self.folder))
        for after in [0.3, 1.5]:
            code, seconds, narration = self.interrupt(signal.SIGINT, after, "svd", "big.npy", *LONG, "-o", "factors.npz")
            self.assertEqual((code, narration), (130, b""))
            self.assertLess(seconds, PATIENCE)
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_an_iteration_goes_on_from_its_checkpoint(self):
        self.eckart("gen", "normal", "3000x3000", "-o", "big.npy")
        for more in [[], ["--max-memory", "60M"]]:  # in memory, and in the file
            words = ["values", "big.npy", *LONG, *more]
            expected = self.eckart(*words)[0]
            words += ["--checkpoint", "left.npz"]
            self.assertIn(b"saved in left.npz; the same command goes on", self.leave(*words))
            values, narration = self.eckart(*words)
            self.assertEqual(values, expected)
            self.assertIn("goes on from left.npz", narration)
            self.assertFalse(os.path.exists(self.path("left.npz")))
        self.no_temporary_files()

    def test_a_checkpoint_of_something_else_is_refused_and_kept(self):
        self.eckart("gen", "normal", "3000x3000", "-o", "big.npy")
        self.eckart("gen", "normal", "3000x3000", "seed=2", "-o", "other.npy")
        words = [*LONG, "--checkpoint", "left.npz"]
        self.leave("values", "big.npy", *words)
        state = self.read("left.npz")
        self.assertIn("left.npz: the state of the iteration is of another matrix",
                      self.eckart("values", "other.npy", *words, code=3)[1])
        self.save("left.npz", state[:-100])
        self.assertIn("left.npz", self.eckart("values", "big.npy", *words, code=3)[1])
        self.assertEqual(self.read("left.npz"), state[:-100])

    def test_termination_counts_as_well(self):
        self.eckart("gen", "normal", "2000x2000", "-o", "big.npy")
        code, seconds, _ = self.interrupt(signal.SIGTERM, 0.3, "svd", "big.npy")
        self.assertEqual(code, 128 + signal.SIGTERM)
        self.assertLess(seconds, PATIENCE)

    @unittest.skipIf(THREAD_SANITIZER, "the signal would wait for the read")
    def test_waiting_for_standard_input_is_interrupted_too(self):
        process = subprocess.Popen([TOOL, "values", "-"], env=PLAIN, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        self.assertEqual(process.wait(timeout=30), 130)
        self.assertLess(time.monotonic() - start, PATIENCE)
        for stream in [process.stdin, process.stdout, process.stderr]:
            stream.close()

    def test_a_file_being_written_stays_as_it_was(self):
        self.eckart("gen", "normal", "2500x2500", "-o", "big.npy")
        self.save("out.csv", "old\n")
        code, _, narration = self.interrupt(signal.SIGINT, 0.3, "convert", "big.npy", "out.csv")
        self.assertEqual((code, narration), (130, b""))
        self.assertEqual(self.read("out.csv"), b"old\n")
        self.no_temporary_files()

    def test_a_large_matrix_half_written_leaves_nothing_behind(self):
        code, seconds, narration = self.interrupt(signal.SIGINT, 0.5, "gen", "svd_poly", "10000x10000", "reflectors=30",
                                                  "-o", "big.npy")
        self.assertEqual((code, narration), (130, b""))
        self.assertLess(seconds, PATIENCE)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
