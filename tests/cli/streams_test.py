"""Standard input and output, pipes, terminals, colours."""

import io
import os
import pty
import subprocess
import unittest

import numpy as np

from tool import PLAIN, TOOL, ToolTest


class Pipes(ToolTest):
    def npy(self, a):
        buffer = io.BytesIO()
        np.save(buffer, a)
        return buffer.getvalue()

    def test_every_format_from_standard_input(self):
        a = np.arange(6.0).reshape(3, 2)
        self.save("A.npy", a)
        wanted = self.eckart("values", "A.npy")[0]
        for name in ["A.npy", "B.npz", "B.csv", "B.mtx"]:
            if name != "A.npy":
                self.eckart("convert", "A.npy", name)
            with open(self.path(name), "rb") as file:
                self.assertEqual(self.eckart("values", "-", stdin=file.read())[0], wanted, name)

    def test_factors_to_standard_output_and_the_table_to_standard_error(self):
        a = np.random.default_rng(1).normal(size=(5, 4))
        output, narration = self.eckart("svd", "-", "-o", "-", "--to", "npz", stdin=self.npy(a), text=False)
        with np.load(io.BytesIO(output)) as f:
            np.testing.assert_allclose((f["U"] * f["S"]) @ f["Vh"], a, atol=1e-14)
        self.assertIn(b"rank", narration)
        output, narration = self.eckart("svd", "-", "-q", "-o", "-", "--to", "npz", stdin=self.npy(a), text=False)
        self.assertEqual(narration, b"")

    def test_an_empty_input_is_an_error_that_names_it(self):
        self.assertIn("standard input", self.eckart("values", "-", code=3)[1])

    def test_a_reader_that_goes_away_ends_the_tool_in_silence(self):
        self.eckart("gen", "normal", "900x700", "-o", "x.npy")
        done = subprocess.run(["bash", "-c", 'eckart values x.npy | head -1; echo "${PIPESTATUS[0]}"'],
                              cwd=self.folder, env=PLAIN, capture_output=True, timeout=60)
        first, status = done.stdout.decode().split()
        self.assertGreater(float(first), 1)
        self.assertIn(int(status), [0, 141])  # 0: all of it fitted into the pipe
        self.assertEqual(done.stderr, b"")
        done = subprocess.run(["bash", "-c", 'eckart convert x.npy - --to csv | head -1 >/dev/null; echo "${PIPESTATUS[0]}"'],
                              cwd=self.folder, env=PLAIN, capture_output=True, timeout=60)
        self.assertEqual(done.stdout.decode().strip(), "141")
        self.assertEqual(done.stderr, b"")
        self.no_temporary_files()

    def test_a_full_disk_is_an_error(self):
        self.save("A.npy", np.eye(4))
        with open("/dev/full", "w") as full:
            done = subprocess.run([TOOL, "values", "A.npy"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output", done.stderr)


class Terminals(ToolTest):
    def on_terminal(self, *words, env=None):
        """Standard output and error as a terminal of 80 columns sees them, mixed."""
        main, child = pty.openpty()
        process = subprocess.Popen([TOOL, *words], cwd=self.folder, stdout=child, stderr=child, stdin=subprocess.DEVNULL,
                                   env={**PLAIN, "TERM": "xterm", **(env or {})})
        os.close(child)
        seen = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not part:
                break
            seen += part
        os.close(main)
        self.assertEqual(process.wait(), 0)
        return seen.decode()

    def test_colours(self):
        self.save("A.npy", np.eye(4))
        colour = "\x1b["
        self.assertNotIn(colour, self.eckart("svd", "A.npy")[0])
        self.assertIn(colour, self.eckart("svd", "A.npy", "--color", "always")[0])
        self.assertIn(colour, self.eckart("svd", "A.npy", env={"CLICOLOR_FORCE": "1"})[0])
        self.assertNotIn(colour, self.eckart("svd", "A.npy", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"})[0])
        self.assertIn(colour, self.eckart("svd", "A.npy", "--color", "always", env={"NO_COLOR": "1"})[0])
        self.assertIn(colour, self.on_terminal("svd", "A.npy"))
        self.assertNotIn(colour, self.on_terminal("svd", "A.npy", env={"NO_COLOR": "1"}))
        self.assertNotIn(colour, self.on_terminal("svd", "A.npy", "--color", "never"))

    def test_progress_on_a_terminal_alone(self):
        self.eckart("gen", "normal", "1600x1600", "-o", "big.npy")
        words = ["svd", "big.npy", "--threads", "1"]  # a second at the least: nothing is said in the first quarter
        self.assertRegex(self.on_terminal(*words), r"\r[^\r\n]+ \d+ %")
        self.assertNotIn("\r", self.on_terminal(*words, "-q").replace("\r\n", "\n"))
        self.assertEqual(self.eckart(*words)[1], "")

    def test_ascii_where_the_locale_is_not_utf_8(self):
        self.save("A.npy", np.diag([4.0, 2, 1]))
        output, _ = self.eckart("svd", "A.npy", text=False, env={"LC_ALL": "C"})
        self.assertTrue(output.isascii())
        output, _ = self.eckart("svd", "A.npy", text=False)
        self.assertFalse(output.isascii())

    def test_a_file_name_cannot_command_the_terminal(self):
        name = "evil\x1b[2J.npy"
        self.save(name, np.eye(2))
        output, _ = self.eckart("svd", name)
        self.assertNotIn("\x1b", output)
        self.assertNotIn("\x1b", self.eckart("svd", "gone\x1b[2J.npy", code=3)[1])


if __name__ == "__main__":
    unittest.main()
