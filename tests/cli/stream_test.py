"""eckart stream: rows from files and pipes, states that go on where they stopped, Ctrl-C that saves."""

import json
import os
import pty
import re
import shutil
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
        self.assertIn(f"byte {128 + 8 * (2500 * 12 + 4)}: row 2501, column 5 of the matrix (counted from 1) is NaN", message)
        self.assertIn("2,500 rows".replace(",", ""), message.replace(",", ""))

    def test_a_state_needs_a_file_of_its_own(self):
        self.save("A.npy", self.a)
        self.save("B.npz", b"rows")
        for words, said in [(["A.npy", "--state", "-"], "a file of its own"),
                            (["A.npy", "--state", "s.csv"], "give it a name in .npz"),
                            (["A.npy", "--state", "state"], "give it a name in .npz"),
                            (["B.npz", "--state", "./B.npz"], "rows are read from"),
                            (["A.npy", "--state", "s.npz", "-o", "./s.npz"], "that -o writes")]:
            message = self.eckart("stream", *words, code=2)[1]
            self.assertIn(said, message)
        self.assertEqual(sorted(os.listdir(self.folder)), ["A.npy", "B.npz"])
        os.symlink("A.npy", self.path("link.npz"))
        self.assertIn("rows are read from", self.eckart("stream", "A.npy", "--state", "link.npz", code=2)[1])

    def test_rows_before_a_bad_line_are_in_the_state(self):
        rows = [",".join(map(str, row)) for row in np.round(self.a[:, :3], 3)]
        self.save("log.csv", "x,y,z\n" + "\n".join(rows[:40] + ["1,oops,3"] + rows[40:]) + "\n")
        command = ["log.csv", "-k", 2, "--state", "s.npz"]
        message = self.eckart("stream", *command, code=3)[1]
        self.assertIn("log.csv: line 42, column 3: field 2, 'oops'", message)
        self.assertIn("(row 41)", message)
        self.assertIn("40 rows were taken before the error", message)
        # Mended, the file is gone on with, and errors further down are of its rows, not of the stream's.
        self.save("log.csv", "x,y,z\n" + "\n".join(rows[:40] + rows[40:50] + ["1,2"]) + "\n")
        message = self.eckart("stream", *command, code=3)[1]
        self.assertIn("line 52, column 4", message)
        self.assertIn("(row 51)", message)
        self.save("log.csv", "x,y,z\n" + "\n".join(rows[:60] + ["1,nan,3"]) + "\n")
        message = self.eckart("stream", *command, code=3)[1]
        self.assertIn("line 62, column 3: row 61, column 2 of the matrix (counted from 1) is NaN", message)
        self.save("log.csv", "x,y,z\n" + "\n".join(rows) + "\n")
        facts = self.facts(*command)
        self.assertEqual(facts["shape"], [3000, 3])
        self.assertEqual(facts["rows_before"], 60)
        self.assertEqual(facts["values"], self.facts("log.csv", "-k", 2)["values"])

    def test_an_unfinished_last_line_waits_for_the_next_run(self):
        self.save("log.csv", "x,y\n1,2\n3,4\n5,")
        out, err = self.eckart("stream", "log.csv", "-k", 2, "--state", "s.npz", "--json")
        self.assertEqual(json.loads(out)["shape"], [2, 2])
        self.assertIn("last 2 bytes of log.csv are a line without its end and stay unread; a newline", err)
        self.save("log.csv", "x,y\n1,2\n3,4\n5,60")
        self.assertEqual(self.facts("log.csv", "-k", 2, "--state", "s.npz")["shape"], [2, 2])
        self.save("log.csv", "x,y\n1,2\n3,4\n5,60\n")
        facts = self.facts("log.csv", "-k", 2, "--state", "s.npz")
        self.assertEqual(facts["shape"], [3, 2])
        self.assertAlmostEqual(facts["frobenius_norm"], np.linalg.norm([1, 2, 3, 4, 5, 60]))
        # Without a state, and from a pipe, it counts.
        self.save("log.csv", "x,y\n1,2\n3,4\n5,60")
        self.assertEqual(self.facts("log.csv", "-k", 2)["shape"], [3, 2])
        self.assertEqual(self.facts("-k", 2, "--state", "p.npz", stdin=b"x,y\n1,2\n3,4\n5,60")["shape"], [3, 2])

    def test_a_file_stored_by_columns_as_gen_writes_it_simply_works(self):
        self.eckart("gen", "normal", "5000x40", "-o", "gen.npy")
        a = np.load(self.path("gen.npy"))
        self.assertTrue(np.isfortran(a))
        self.save("rows.npy", np.ascontiguousarray(a))
        command = ["-k", 3, "--json"]
        expected = json.loads(self.eckart("stream", "rows.npy", *command)[0])
        facts = json.loads(self.eckart("stream", "gen.npy", *command)[0])
        self.assertEqual([facts["values"], facts["shape"]], [expected["values"], [5000, 40]])
        # What a state had of it is not read again, and what has changed is noticed.
        for rows_before in [0, 5000]:
            facts = json.loads(self.eckart("stream", "gen.npy", *command, "--state", "s.npz")[0])
            self.assertEqual([facts["rows_before"], facts["values"]], [rows_before, expected["values"]])
        with open(self.path("gen.npy"), "r+b") as file:
            file.seek(200)
            file.write(b"12345678")
        self.eckart("stream", "gen.npy", *command, "--state", "s.npz", code=3)
        # From a pipe rows do not come that way.
        said = self.eckart("stream", *command, stdin=self.read("gen.npy"), code=3)[1]
        self.assertIn("column after column and cannot be read row by row from a pipe; name the file", said)

    def test_another_file_or_another_choice_of_columns_is_noticed(self):
        self.save("log.csv", "x,y,z\n1,2,3\n4,5,6\n")
        command = ["log.csv", "-k", 2, "--state", "s.npz", "--columns", "x,z"]
        self.assertEqual(self.facts(*command)["shape"], [2, 2])
        self.save("log.csv", "x,y,z\n1,2,3\n4,5,6\n7,8,9\n")
        self.assertIn("the columns 'x,z', and 'x,y' is asked for now",
                      self.eckart("stream", *command[:-1], "x,y", code=2)[1])
        self.assertIn("the columns 'x,z', and 'all' is asked for now",
                      self.eckart("stream", *command[:-2], code=2)[1])
        # What came from a pipe between leaves the place in the file alone.
        self.assertEqual(self.facts("-k", 2, "--state", "s.npz", stdin=b"1,1\n")["shape"], [3, 2])
        self.assertEqual(self.facts(*command)["shape"], [4, 2])
        self.save("other.csv", "1,1\n")
        self.assertIn("its place there is given up", self.eckart("stream", "other.csv", "-k", 2, "--state", "s.npz")[1])
        self.assertEqual(self.facts("other.csv", "-k", 2, "--state", "s.npz")["shape"], [5, 2])
        os.remove(self.path("s.npz"))
        self.assertEqual(self.facts(*command)["shape"], [3, 2])
        self.save("log.csv", "x,y,z\n1,2,3\n4,5,7\n7,8,9\n")
        message = self.eckart("stream", *command, code=3)[1]
        self.assertIn("replaced", message)
        self.assertIn("through a pipe", message)

    def test_a_file_that_gave_no_row_takes_the_place_of_none(self):
        self.save("a.csv", "".join(f"{i},{i % 7}\n" for i in range(500)))
        self.save("bad.csv", "nan,1\n2,3\n")
        command = ["-k", 2, "--state", "s.npz"]
        self.assertEqual(self.facts("a.csv", *command)["shape"], [500, 2])
        message = self.eckart("stream", "bad.csv", *command, code=3)[1]
        self.assertIn("NaN", message)
        self.assertNotIn("given up", message)
        self.assertEqual(self.facts("a.csv", *command)["shape"], [500, 2])

    def test_a_state_that_cannot_be_written_costs_neither_result_nor_error(self):
        for rows, said in [(self.a[:100], None), (np.full((1, 12), np.nan), b"is NaN")]:
            os.mkdir(self.path("gone"))
            process = subprocess.Popen([TOOL, "stream", "--cols", "12", "-k", "3", "--state", "gone/s.npz", "--json",
                                        "--every", "1"], cwd=self.folder, env=PLAIN, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdin.write(self.a[:1].tobytes())
            process.stdin.flush()
            process.stderr.readline()
            shutil.rmtree(self.path("gone"))
            out, err = process.communicate(rows.tobytes(), timeout=30)
            self.assertIn(b"gone/s.npz", err)
            if said:
                self.assertEqual(process.returncode, 3)
                self.assertIn(said, err)
            else:
                self.assertNotEqual(process.returncode, 0)
                self.assertEqual(json.loads(out)["shape"], [101, 12])

    @unittest.skipIf(THREAD_SANITIZER or PATIENCE > 1, "sanitizers take memory of their own")
    def test_a_line_without_end_takes_no_more_than_is_allowed(self):
        process = subprocess.Popen([TOOL, "stream", "-k", "1", "--max-memory", "60M"], cwd=self.folder, env=PLAIN,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            for _ in range(100):
                process.stdin.write(bytes(1 << 20))
        except BrokenPipeError:
            pass
        self.assertIn(b"a row of standard input", process.stderr.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.stderr.close()
        self.assertEqual(process.returncode, 5)
        self.assertLess(usage.ru_maxrss / 1024, 60)

    def test_vast_sketches_are_refused_at_once(self):
        self.save("a.csv", "1,2,3\n4,5,6\n")
        for rows in ["3000000000", str(2**40)]:
            start = time.monotonic()
            self.assertIn("--sketch-rows", self.eckart("stream", "a.csv", "-k", 2, "--sketch-rows", rows, code=5)[1])
            self.assertLess(time.monotonic() - start, 5 * PATIENCE)
        self.eckart("stream", "a.csv", "-k", 2, "--sketch-rows", 2**60, code=2)
        self.facts("a.csv", "-k", 2, "--state", "s.npz")
        state = dict(np.load(self.path("s.npz")))
        for name in ["sketch_rows", "block"]:
            np.savez(self.path("damaged.npz"), **{**state, name: np.full((1, 1), 2.0**40)})
            start = time.monotonic()
            self.assertIn("more memory than there is in any machine",
                          self.eckart("stream", "a.csv", "-k", 2, "--state", "damaged.npz", code=3)[1])
            self.assertLess(time.monotonic() - start, 5 * PATIENCE)

    def test_the_usual_rank_is_no_more_than_there_is(self):
        self.save("a.csv", "1,2,3\n4,5,6\n7,8,10\n0,1,1\n")
        self.assertEqual(len(self.facts("a.csv")["values"]), 3)
        self.assertEqual(len(self.facts("a.csv", "--sketch-rows", 2)["values"]), 2)
        self.assertEqual(len(self.facts("a.csv", "--state", "s.npz")["values"]), 3)
        self.assertEqual(len(self.facts("a.csv", "--state", "s.npz")["values"]), 3)
        self.save("A.npy", self.a)
        self.assertEqual(len(self.facts("A.npy")["values"]), 10)
        self.assertIn("--rank 10 exceeds the 3 columns", self.eckart("stream", "a.csv", "-k", 10, code=2)[1])

    def test_a_type_goes_by_any_of_its_names(self):
        command = ["a.raw", "--cols", 12, "-k", 2, "--state", "s.npz"]
        self.save("a.raw", self.a[:100].tobytes())
        self.assertEqual(self.facts(*command)["shape"], [100, 12])
        self.save("a.raw", self.a[:200].tobytes())
        self.assertEqual(self.facts(*command, "--dtype", "f8")["shape"], [200, 12])
        self.save("a.raw", self.a[:300].tobytes())
        self.assertEqual(self.facts(*command, "--dtype", "<f8")["shape"], [300, 12])
        for other in [">f8", "f4", "i8", "c16"]:
            self.assertIn("the type 'float64', and", self.eckart("stream", *command, "--dtype", other, code=2)[1])

    def test_a_file_of_another_name_is_not_counted_twice(self):
        rows = [f"{i},{i % 7}\n" for i in range(60)]
        command = ["-k", 2, "--state", "s.npz"]
        self.save("a.csv", "".join(rows[:40]))
        self.assertEqual(self.facts("a.csv", *command)["shape"], [40, 2])
        os.symlink("a.csv", self.path("link.csv"))
        self.assertEqual(self.facts("link.csv", *command)["shape"], [40, 2])
        self.save("a.csv", "".join(rows[:50]))
        os.rename(self.path("a.csv"), self.path("a.csv.1"))
        out, err = self.eckart("stream", "a.csv.1", *command, "--json")
        self.assertEqual(json.loads(out)["shape"], [50, 2])
        self.assertIn("a.csv.1 begins with the rows that s.npz has from a file of another name", err)
        # The new one of the old name is another file.
        self.save("a.csv", "".join(rows[50:]))
        out, err = self.eckart("stream", "a.csv", *command, "--json")
        self.assertEqual(json.loads(out)["shape"], [60, 2])
        self.assertNotIn("another name", err)

    def test_values_of_float_rows_lie_in_their_intervals(self):
        for seed in range(5):
            a = np.random.default_rng(seed).normal(size=(300, 7)).astype(np.float32)
            self.save("A.npy", a)
            for sketch in [3, 7]:
                facts = self.facts("A.npy", "-k", 3, "--sketch-rows", sketch, "-o", "out.npz")
                for value, least, most in zip(facts["values"], facts["at_least"], facts["at_most"]):
                    self.assertLessEqual(least, value)
                    self.assertLessEqual(value, most)
        out = np.load(self.path("out.npz"))
        self.assertEqual((out["S"].dtype, out["Vh"].dtype), (np.float64, np.float32))

    def test_figures_say_how_sure_they_are(self):
        self.save("A.npy", self.a)
        text = self.eckart("stream", "A.npy", "-k", 2, "--sketch-rows", 4)[0]
        self.assertNotIn("for certain", text)
        for figure in ["left out, Frobenius", "left out, spectral", "shrinkage"]:
            self.assertRegex(text, figure + r" .*, certain but for rounding")
        self.assertRegex(text, r"rounding +at most .*, measured through random vectors")

    @unittest.skipIf(THREAD_SANITIZER or PATIENCE > 1, "sanitizers take memory of their own")
    def test_the_memory_that_was_allowed_is_enough(self):
        a = np.random.default_rng(1).normal(size=(2500, 900))
        self.save("A.npy", a[:1500])
        self.save("B.npy", a[1500:])
        command = ["-k", 300, "--sketch-rows", 300, "--state", "s.npz", "-t", 1]
        for name in ["A.npy", "B.npy"]:
            message = self.eckart("stream", name, *command, "--max-memory", "20M", code=5)[1]
            needed = re.search(r"needs ([\d.]+) MiB", message).group(1)
            allowed = float(needed) + 0.1
            process = subprocess.Popen([TOOL, "stream", name, *map(str, command), "--max-memory", f"{allowed}M", "--json"],
                                       cwd=self.folder, env=PLAIN, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            self.assertLess(usage.ru_maxrss / 1024, allowed, name)
            self.assertGreater(usage.ru_maxrss / 1024, 0.5 * allowed, name)

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

    @unittest.skipIf(THREAD_SANITIZER, "the signal would wait for the read")
    def test_ctrl_c_before_a_slow_table_is_known_loses_no_row(self):
        process = subprocess.Popen([TOOL, "stream", "-k", "2", "--state", "s.npz"], cwd=self.folder, env=PLAIN,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(b"x,y\n1,2\n3,4\n5,")
        process.stdin.flush()
        time.sleep(0.5)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=30), 130)
        self.assertLess(time.monotonic() - start, PATIENCE)
        self.assertIn(b"2 rows were taken and are in s.npz", process.stderr.read())
        for stream in [process.stdin, process.stdout, process.stderr]:
            stream.close()
        facts = self.facts("-k", 2, "--state", "s.npz", stdin=b"5,6\n")
        self.assertEqual(facts["shape"], [3, 2])
        self.assertAlmostEqual(facts["frobenius_norm"], np.linalg.norm([1, 2, 3, 4, 5, 6]))

    @unittest.skipIf(THREAD_SANITIZER, "the signal would wait for the read")
    def test_ctrl_c_ends_a_followed_file_with_its_result(self):
        self.save("log.csv", "x,y\n1,2\n3,4\n5,")
        process = subprocess.Popen([TOOL, "stream", "log.csv", "-k", "2", "--follow", "--json"], cwd=self.folder,
                                   env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        with open(self.path("log.csv"), "a") as log:
            log.write("6\n7,")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(json.loads(out)["shape"], [3, 2])
        self.assertIn(b"last 2 bytes of log.csv are a line without its end", err)

    def test_a_followed_file_that_is_rotated_is_read_anew(self):
        self.save("log.csv", "1,2\n3,4\n5,6\n")
        process = subprocess.Popen([TOOL, "stream", "log.csv", "-k", "1", "--follow", "--state", "s.npz"], cwd=self.folder,
                                   env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        self.save("log.csv", "7,8\n")
        err = process.communicate(timeout=30)[1]
        self.assertEqual(process.returncode, 3)
        self.assertIn(b"was cut short while it was followed", err)
        self.assertIn(b"3 rows were taken before the error and are in s.npz", err)
        self.assertIn(b"the same command will read all of it", err)
        self.assertEqual(self.facts("log.csv", "-k", 1, "--state", "s.npz")["shape"], [4, 2])

    def test_a_followed_file_whose_name_goes_to_another_is_left(self):
        self.save("log.csv", "1,2\n3,4\n5,6\n")
        process = subprocess.Popen([TOOL, "stream", "log.csv", "-k", "1", "--follow", "--state", "s.npz"], cwd=self.folder,
                                   env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        os.rename(self.path("log.csv"), self.path("log.csv.1"))
        time.sleep(0.3)
        self.assertIsNone(process.poll())  # nobody has the name
        with open(self.path("log.csv.1"), "a") as log:
            log.write("7,8\n")
        self.save("log.csv", "9,10\n")
        err = process.communicate(timeout=30)[1]
        self.assertEqual(process.returncode, 3)
        self.assertIn(b"rotated or replaced", err)
        self.assertIn(b"4 rows were taken before the error and are in s.npz", err)
        self.assertEqual(self.facts("log.csv.1", "-k", 1, "--state", "s.npz")["shape"], [4, 2])
        self.assertEqual(self.facts("log.csv", "-k", 1, "--state", "s.npz")["shape"], [5, 2])

    def test_running_values_come_every_so_many_rows(self):
        # Whatever came together, and wherever an earlier run stopped.
        lines = self.eckart("stream", "--cols", 12, "-k", 3, "--every", 500, stdin=self.a.tobytes())[1].splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], [f"{n:,} rows" for n in range(500, 3001, 500)])
        command = ["stream", "--cols", 12, "-k", 3, "--every", 700, "--state", "s.npz"]
        self.eckart(*command, stdin=self.a[:1000].tobytes())
        err = self.eckart(*command, stdin=self.a[1000:].tobytes())[1]
        self.assertEqual(re.findall(r"^(.*) rows:", err, re.M), ["1,400", "2,100", "2,800"])
        facts = self.facts(*command[1:7], stdin=self.a.tobytes())
        self.assertEqual(facts["values"], self.facts(*command[1:5], stdin=self.a.tobytes())["values"])
        # The row that is wrong is named as ever.
        self.a[1234, 5] = np.nan
        message = self.eckart(*command[:7], stdin=self.a.tobytes(), code=3)[1]
        self.assertIn(f"byte {8 * (1234 * 12 + 5)}: row 1235, column 6 of the matrix", message)

    @unittest.skipIf(THREAD_SANITIZER, "the lock of a process that was killed is another matter")
    def test_a_followed_stream_is_saved_when_it_is_quiet(self):
        self.save("log.csv", "1,2\n3,4\n5,6\n")
        process = subprocess.Popen([TOOL, "stream", "log.csv", "-k", "1", "--follow", "--state", "s.npz"], cwd=self.folder,
                                   env=PLAIN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10 * PATIENCE
        while not os.path.exists(self.path("s.npz")) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(np.load(self.path("s.npz"))["rows"].item(), 3)
        # Meanwhile the state is its own.
        for how in [["log.csv"], ["-"]]:
            message = self.eckart("stream", *how, "-k", 1, "--state", "s.npz", code=3, stdin=b"7,8\n")[1]
            self.assertIn("another eckart stream has this state", message)
        os.symlink("s.npz", self.path("link.npz"))
        self.assertIn("another eckart stream", self.eckart("stream", "log.csv", "--state", "link.npz", code=3)[1])
        process.kill()
        process.wait()
        # A process that was killed has no state any more, and nothing of it is lost but what came after it was quiet.
        with open(self.path("log.csv"), "a") as log:
            log.write("7,8\n")
        facts = self.facts("log.csv", "-k", 1, "--state", "s.npz")
        self.assertEqual((facts["shape"], facts["rows_before"]), ([4, 2], 3))
        self.assertFalse(os.path.exists(self.path("s.npz.lock")))

    @unittest.skipIf(THREAD_SANITIZER, "too slow to count lines by time")
    def test_running_values_come_by_time_on_a_terminal(self):
        here, there = pty.openpty()
        process = subprocess.Popen([TOOL, "stream", "--cols", "12", "-k", "3"], cwd=self.folder, env=PLAIN,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=there)
        start = time.monotonic()
        for i in range(150):  # batches a hundredth of a second apart
            process.stdin.write(self.a[20 * i:20 * (i + 1)].tobytes())
            process.stdin.flush()
            time.sleep(0.015)
        process.stdin.close()
        self.assertEqual(process.wait(timeout=60), 0)
        seconds = time.monotonic() - start
        os.close(there)
        shown = b""
        try:
            while piece := os.read(here, 4096):
                shown += piece
        except OSError:  # how the end of a terminal looks
            pass
        os.close(here)
        lines = shown.count(b"rows:")
        self.assertGreaterEqual(lines, 1)
        self.assertLessEqual(lines, seconds)


if __name__ == "__main__":
    unittest.main()
