"""What is asked for is done or refused: outputs are checked first, no option is passed over, nothing is lost in silence."""

import io
import json
import os
import re
import stat
import subprocess
import threading
import unittest

import numpy as np

from tool import PLAIN, TOOL, ToolTest, png


class Requests(ToolTest):
    def setUp(self):
        super().setUp()
        self.rng = np.random.default_rng(21)

    def refusal(self, code, *words, **more):
        before = sorted(os.listdir(self.folder))
        output, narration = self.eckart(*words, code=code, **more)
        self.assertEqual(output, "")
        self.assertEqual(narration.count("\n"), 1, narration)
        self.assertTrue(narration.startswith("eckart: "), narration)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return narration


class OutputsFirst(Requests):
    """The input holds a NaN, so an error about the output shows that nothing was computed."""

    def setUp(self):
        super().setUp()
        self.save("nan.npy", np.full((6, 4), np.nan))
        self.save("b.npy", np.full((6, 1), np.nan))

    def commands(self, out):
        for verb in ["svd", "values", "pinv", "polar"]:
            yield [verb, "nan.npy", "-o", out]
        yield ["lowrank", "nan.npy", "-k", "1", "-o", out]
        yield ["lowrank", "nan.npy", "-k", "1", "--factors", "-o", out]
        yield ["lstsq", "nan.npy", "b.npy", "-o", out]

    def test_a_missing_folder(self):
        for words in self.commands("no/such/f.npz"):
            with self.subTest(words=words):
                narration = self.refusal(3, *words)
                self.assertIn("no/such/f.npz: cannot be written: there is no folder no/such/", narration)
        self.assertIn("p.html: cannot be written", self.refusal(3, "svd", "nan.npy", "--report", "no/p.html"))

    def test_the_words_are_those_of_a_failed_write(self):
        self.save("A.npy", np.eye(2))
        written = self.refusal(3, "convert", "A.npy", "no/such/f.npz")
        self.assertEqual(self.refusal(3, "svd", "nan.npy", "-o", "no/such/f.npz"), written)

    def test_a_folder_in_the_way(self):
        os.mkdir(self.path("f.npz"))
        os.mkdir(self.path("g.Vh.csv"))
        for words in self.commands("f.npz"):
            self.assertIn("is a folder", self.refusal(3, *words))
        self.assertIn("g.Vh.csv: is a folder", self.refusal(3, "svd", "nan.npy", "-o", "g.csv"))

    def test_a_file_that_is_a_folder_on_the_way(self):
        for words in self.commands("nan.npy/f.npz"):
            self.assertIn("Not a directory", self.refusal(3, *words))

    @unittest.skipIf(os.getuid() == 0, "nothing is closed to root")
    def test_a_closed_folder(self):
        os.mkdir(self.path("closed"))
        os.chmod(self.path("closed"), 0o500)
        for words in self.commands("closed/f.npz"):
            self.assertIn("Permission denied", self.refusal(3, *words))

    def test_formats_that_cannot_hold_it(self):
        self.save("z.npy", np.full((6, 4), np.nan * 1j))
        self.save("empty.npy", np.zeros((0, 4)))
        self.assertIn("real entries", self.refusal(2, "pinv", "z.npy", "-o", "p.png"))
        self.assertIn("real entries", self.refusal(2, "lstsq", "z.npy", "b.npy", "-o", "p.png"))
        self.assertIn("0 x 4 pixels", self.refusal(2, "lowrank", "empty.npy", "-k", "0", "-o", "p.png"))
        self.assertIn("takes one csv array", self.refusal(2, "svd", "nan.npy", "-o", "-", "--to", "csv"))
        self.assertIn("no format", self.refusal(2, "pinv", "nan.npy", "-o", "f.unknown"))
        self.save("a.png", png(self.rng.integers(0, 256, size=(9, 8, 4), dtype=np.uint8)))
        self.assertIn("no alpha", self.refusal(2, "lowrank", "a.png", "-k", "1", "-o", "b.jpg"))

    def test_the_page_replaces_no_other_file(self):
        for page in ["nan.npy", "f.csv"]:
            self.refusal(2, "svd", "nan.npy", "--u", "none", "--v", "none", "-o", "f.csv", "--report", page)
        self.refusal(2, "svd", "nan.npy", "-o", "f.csv", "--report", "f.U.csv")

    def test_a_named_pipe_is_not_disturbed(self):
        os.mkfifo(self.path("pipe.npy"))
        self.save("A.npy", np.eye(3))
        seen = []
        reader = threading.Thread(target=lambda: seen.append(self.read("pipe.npy")))
        reader.start()
        self.eckart("pinv", "A.npy", "-o", "pipe.npy")
        reader.join(timeout=30)
        np.testing.assert_array_equal(np.load(io.BytesIO(seen[0])), np.eye(3))
        self.assertTrue(stat.S_ISFIFO(os.stat(self.path("pipe.npy")).st_mode))

    def test_a_closed_standard_output(self):
        self.save("A.npy", np.eye(3))
        done = subprocess.run(["bash", "-c", "eckart pinv nan.npy -o - --to npy >&-"], cwd=self.folder, env=PLAIN,
                              capture_output=True)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output: cannot be written", done.stderr)

    def test_a_rank_beyond_the_values_is_found_first(self):
        for words in [["svd", "-k", "5"], ["lowrank", "-k", "5"], ["norms", "--ky-fan", "5"]]:
            self.assertIn("exceeds the 4 singular values", self.refusal(2, words[0], "nan.npy", *words[1:]))


class NoOptionIsPassedOver(Requests):
    def test_options_of_another_format(self):
        self.save("A.npy", np.eye(3))
        self.save("t.csv", "1,2\n3,4\n")
        self.save("p.png", png(np.eye(4, dtype=np.uint8)))
        self.eckart("convert", "A.npy", "z.npz")
        for file, words in [("A.npy", ["--member", "x"]), ("A.npy", ["--channel", "red"]), ("A.npy", ["--columns", "1"]),
                            ("z.npz", ["--header", "no"]), ("z.npz", ["--delimiter", "tab"]),
                            ("t.csv", ["--member", "x"]), ("t.csv", ["--channel", "grey"]),
                            ("p.png", ["--decimal", "comma"]), ("p.png", ["--columns", "1-2"])]:
            for verb in [["svd"], ["values"], ["rank"], ["norms"], ["pinv"], ["polar"], ["lowrank", "-k", "1"],
                         ["convert", "out.npy"], ["info"]]:
                with self.subTest(verb=verb, file=file, words=words):
                    more = verb[1:] if verb[0] == "lowrank" else []
                    out = verb[1:] if verb[0] == "convert" else []
                    narration = self.refusal(2, verb[0], file, *out, *more, *words)
                    self.assertIn(f"{words[0]} is about ", narration)
                    self.assertIn(f"{file} is ", narration)

    def test_auto_asks_for_nothing(self):
        self.save("A.npy", np.eye(3))
        self.eckart("values", "A.npy", "--header", "auto", "--delimiter", "auto", "--decimal", "auto")

    def test_a_colour_of_a_grey_image_is_noted(self):
        self.save("p.png", png(np.eye(4, dtype=np.uint8)))
        self.assertIn("grey image", self.eckart("values", "p.png", "--channel", "red")[1])
        self.assertEqual(self.eckart("values", "p.png", "--channel", "red", "-q")[1], "")
        self.assertEqual(self.eckart("values", "p.png", "--channel", "grey")[1], "")
        self.assertIn("no alpha", self.refusal(2, "values", "p.png", "--channel", "alpha"))

    def test_a_format_without_a_file(self):
        self.save("A.npy", np.eye(3))
        self.save("b.npy", np.ones((3, 1)))
        for words in [["svd", "A.npy"], ["values", "A.npy"], ["pinv", "A.npy"], ["polar", "A.npy"],
                      ["lowrank", "A.npy", "-k", "1"], ["lstsq", "A.npy", "b.npy"]]:
            self.assertIn("-o FILE", self.refusal(2, *words, "--to", "csv"))

    def test_a_name_that_lies(self):
        self.save("A.npy", np.eye(3))
        self.assertIn("the ending says npz and --to says csv", self.refusal(2, "svd", "A.npy", "-o", "f.npz", "--to", "csv"))
        self.assertIn("change one", self.refusal(2, "convert", "A.npy", "f.png", "--to", "npy"))
        for words in [["f.txt", "--to", "tsv"], ["f.JPEG", "--to", "jpeg"], ["f.unknown", "--to", "npy"]]:
            self.eckart("convert", "A.npy", *words)

    def test_info_is_about_files_or_the_machine(self):
        self.save("A.npy", np.eye(3))
        self.assertIn("files", self.refusal(2, "info", "--format", "npy"))
        self.assertIn("machine", self.refusal(2, "info", "A.npy", "--threads", "1"))
        self.save("t.csv", "1,2\n3,4\n")
        self.eckart("info", "A.npy", "t.csv", "--header", "no")

    def test_gen_and_convert(self):
        self.assertIn("--list", self.refusal(2, "gen", "--list", "-o", "A.npy"))
        self.save("A.npy", np.eye(3))
        self.assertIn("--type", self.refusal(2, "convert", "A.npy", "p.png", "--type", "float32"))

    def test_channel_grey_of_a_colour_image_is_heard(self):
        self.save("c.png", png(self.rng.integers(0, 256, size=(6, 5, 3), dtype=np.uint8)))
        channels = {}
        for name, words in [("all.png", []), ("grey.png", ["--channel", "grey"])]:
            self.eckart("convert", "c.png", name, *words)
            self.eckart("lowrank", "c.png", "-k", 5, "-o", "low-" + name, *words)
            for file in [name, "low-" + name]:
                channels[file] = json.loads(self.eckart("info", file, "--json")[0])["files"][0]["stored_type"]
        self.assertEqual(channels, {"all.png": "uint8 colour", "low-all.png": "uint8 colour",
                                    "grey.png": "uint8 grey", "low-grey.png": "uint8 grey"})

    def test_colours_survive_pipes_and_transposition(self):
        picture = self.rng.integers(0, 256, size=(6, 5, 3), dtype=np.uint8)
        piped = self.eckart("convert", "-", "-", "--to", "png", stdin=png(picture), text=False)[0]
        self.save("piped.png", piped)
        self.save("c.png", png(picture))
        self.eckart("convert", "c.png", "t.png", "--transpose")
        self.eckart("lowrank", "-", "-k", 5, "-o", "low.png", stdin=png(picture))
        for channel, index in [("red", 0), ("green", 1), ("blue", 2)]:
            for file, wanted in [("piped.png", picture), ("t.png", picture.transpose(1, 0, 2)), ("low.png", picture)]:
                self.eckart("convert", file, "x.npy", "--channel", channel)
                np.testing.assert_array_equal(np.load(self.path("x.npy")), wanted[:, :, index])


class BothSides(Requests):
    """Options about files in lstsq: what each is, and how both are written."""

    def solution(self, *words, **more):
        output = self.eckart("lstsq", *words, "-q", "-o", "-", "--to", "npy", text=False, **more)[0]
        return np.load(io.BytesIO(output))

    def test_columns_of_one_table(self):
        table = self.rng.normal(size=(9, 4))
        text = "a;b;c;d\n" + "\n".join(";".join(repr(float(x)).replace(".", ",") for x in row) for row in table) + "\n"
        self.save("t.csv", text)
        wanted = np.linalg.lstsq(table[:, :3], table[:, 3:], rcond=None)[0]
        x = self.solution("t.csv", "t.csv", "--columns", "1-3", "--b-columns", "d", "--decimal", "comma",
                          "--delimiter", "semicolon")
        np.testing.assert_allclose(x, wanted, rtol=1e-10)

    def test_members_of_one_archive(self):
        a, b = self.rng.normal(size=(8, 3)), self.rng.normal(size=(8, 2))
        np.savez(self.path("both.npz"), A=a, b=b)
        x = self.solution("both.npz", "both.npz", "--member", "A", "--b-member", "b")
        np.testing.assert_allclose(x, np.linalg.lstsq(a, b, rcond=None)[0], rtol=1e-10)

    def test_the_header_of_a_right_side_alone(self):
        a = self.rng.normal(size=(4, 2))
        self.save("A.npy", a)
        # Years look like data unless --header says that they are names.
        self.save("b.csv", "2001\n1\n2\n3\n4\n")
        self.refusal(2, "lstsq", "A.npy", "b.csv")
        x = self.solution("A.npy", "b.csv", "--header", "yes")
        np.testing.assert_allclose(x, np.linalg.lstsq(a, [[1.0], [2], [3], [4]], rcond=None)[0], rtol=1e-10)

    def test_the_format_of_a_right_side_from_a_pipe(self):
        self.save("A.npy", np.eye(2))
        x = self.solution("A.npy", "-", "--b-format", "tsv", stdin=b"1\t2\n3\t4\n")
        np.testing.assert_array_equal(x, [[1, 2], [3, 4]])

    def test_options_that_neither_has(self):
        self.save("A.npy", np.eye(2))
        self.save("b.csv", "1\n2\n")
        for words in [["--columns", "1"], ["--member", "x"], ["--channel", "red"], ["--b-member", "x"]]:
            narration = self.refusal(2, "lstsq", "A.npy", "b.csv", *words)
            self.assertIn(words[0] + " is about", narration)
        self.assertIn("A.npy is npy, b.csv is csv", self.refusal(2, "lstsq", "A.npy", "b.csv", "--channel", "red"))


class Images(Requests):
    def test_clipping_is_told_with_count_and_range(self):
        a = np.array([[-3.0, 0, 100], [255.4, 256, 1000]])
        self.save("A.npy", a)
        _, narration = self.eckart("convert", "A.npy", "p.png")
        self.assertEqual(narration, "eckart: warning: p.png: 3 of 6 entries were clipped (50.00 %); they run from -3 to "
                                    "1000 where an image has 0 to 255\n")
        self.assertEqual(self.eckart("convert", "A.npy", "p.png", "-q")[1], "")
        self.eckart("convert", "p.png", "back.npy")
        np.testing.assert_array_equal(np.load(self.path("back.npy")), [[0, 0, 100], [255, 255, 255]])

    def test_what_fits_gets_no_warning(self):
        self.save("A.npy", np.array([[0, 254.6], [-0.3, 255.2]]))
        self.assertEqual(self.eckart("convert", "A.npy", "p.png")[1], "")

    def test_values_of_0_to_1_and_nan(self):
        self.save("A.npy", np.array([[0, 0.5], [np.nan, 1]]))
        _, narration = self.eckart("convert", "A.npy", "p.jpg")
        self.assertIn("nearly black", narration)
        self.assertIn("1 of 4 entries were NaN and became 0", narration)

    def test_factors_and_json(self):
        self.save("A.npy", self.rng.normal(size=(6, 4)) * 100)
        facts, narration = self.eckart("polar", "A.npy", "-o", "f.png", "--json")
        clipped = json.loads(facts)["clipped"]
        self.assertEqual([c["name"] for c in clipped], ["W", "H"])
        self.assertEqual(clipped[0]["entries"], 24)
        self.assertIn("f.png, W: ", narration)
        self.assertLess(clipped[0]["smallest"], 0)
        facts, _ = self.eckart("svd", "A.npy", "-o", "f.npz", "--json")
        self.assertNotIn("clipped", json.loads(facts))

    def test_channels_of_an_approximation(self):
        picture = self.rng.integers(0, 2, size=(30, 20, 3), dtype=np.uint8) * 255
        self.save("c.png", png(picture))
        facts, narration = self.eckart("lowrank", "c.png", "-k", 5, "-o", "low.png", "--json")
        clipped = json.loads(facts)["clipped"]
        self.assertEqual([c["name"] for c in clipped], ["red", "green", "blue"])
        for c in clipped:
            self.assertGreater(c["clipped"], 0)
            self.assertIn(f"low.png, {c['name']}: {c['clipped']} of 600 entries were clipped", narration)


class EmptyMatrices(Requests):
    def test_every_text_format_brings_the_shape_back(self):
        for shape in [(0, 0), (0, 3), (5, 0)]:
            self.save("A.npy", np.zeros(shape))
            for name in ["e.csv", "e.tsv", "e.mtx", "e.npz"]:
                self.eckart("convert", "A.npy", name)
                self.eckart("convert", name, "back.npy")
                self.assertEqual(np.load(self.path("back.npy")).shape, shape, name)
                self.assertEqual(json.loads(self.eckart("info", name, "--json")[0])["files"][0]["shape"], list(shape))
            # To others the line is a comment.
            self.assertTrue(self.read("e.csv").startswith(b"#"))

    def test_factors_of_an_empty_matrix(self):
        self.save("A.npy", np.zeros((0, 3)))
        self.eckart("svd", "A.npy", "-o", "f.csv")
        for name, shape in [("U", [0, 0]), ("S", [0, 1]), ("Vh", [0, 3])]:
            self.assertEqual(json.loads(self.eckart("info", f"f.{name}.csv", "--json")[0])["files"][0]["shape"], shape)

    def test_the_comment_means_nothing_before_rows(self):
        self.save("t.csv", "# empty matrix: 0 x 3\n1,2\n")
        self.assertEqual(self.eckart("convert", "t.csv", "-", "--to", "csv")[0], "1,2\n")


class Kept(Requests):
    def test_json_lists_the_values_that_k_keeps(self):
        a = self.rng.normal(size=(7, 5))
        self.save("A.npy", a)
        whole = json.loads(self.eckart("svd", "A.npy", "--json")[0])
        facts = json.loads(self.eckart("svd", "A.npy", "-k", 2, "-o", "f.npz", "--json")[0])
        self.assertEqual([whole["kept"], len(whole["values"])], [5, 5])
        self.assertEqual(facts["kept"], 2)
        self.assertEqual(facts["values"], whole["values"][:2])
        with np.load(self.path("f.npz")) as f:
            self.assertEqual(facts["values"], f["S"].tolist())
        # The rest is about the matrix.
        for name in ["rank", "condition", "energy_rank", "shape"]:
            self.assertEqual(facts[name], whole[name])


class Schemas(Requests):
    def test_json_has_the_fields_of_the_documentation(self):
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "tool.md")
        with open(page, encoding="utf-8") as file:
            rows = re.findall(r"(?m)^\| `(eckart\.\w+/\d+)` \| (.*) \|$", file.read())
        documented = {schema: re.findall(r"`(\w+)`", fields) for schema, fields in rows}
        self.save("A.npy", np.diag([4.0, 3, 2, 1]))
        self.save("b.npy", np.ones((4, 1)))
        self.save("L.npy", np.diag(np.arange(60.0)))
        lists = {"eckart.lowrank/1": "approximations", "eckart.files/1": "files"}
        for schema, words in [("eckart.svd/1", ["svd", "A.npy"]),
                              ("eckart.truncated/1", ["svd", "L.npy", "-k", "2", "--method", "lanczos"]),
                              ("eckart.values/1", ["values", "A.npy"]),
                              ("eckart.rank/1", ["rank", "A.npy"]), ("eckart.pinv/1", ["pinv", "A.npy"]),
                              ("eckart.lowrank/1", ["lowrank", "A.npy", "-k", "1"]),
                              ("eckart.lstsq/1", ["lstsq", "A.npy", "b.npy"]),
                              ("eckart.norms/1", ["norms", "A.npy", "--schatten", "3", "--ky-fan", "2"]),
                              ("eckart.polar/1", ["polar", "A.npy"]), ("eckart.forecast/1", ["svd", "A.npy", "--dry-run"]),
                              ("eckart.files/1", ["info", "A.npy"]), ("eckart.info/1", ["info"])]:
            facts = json.loads(self.eckart(*words, "--json")[0])
            self.assertEqual(facts["schema"], schema)
            if schema in lists:
                facts = {lists[schema]: None, **facts[lists[schema]][0]}
            elif schema not in ["eckart.info/1"]:
                for name in ["files" if schema == "eckart.lstsq/1" else "file", "shape", "dtype"]:
                    self.assertIn(name, facts, schema)
            found = {{"schatten_3": "schatten_P", "ky_fan_2": "ky_fan_K"}.get(name, name) for name in facts}
            common = set() if schema == "eckart.files/1" else {"schema", "file", "files", "shape", "dtype"}
            self.assertEqual(found - common, set(documented[schema]), schema)


class DryRuns(Requests):
    def plan(self, *words):
        return json.loads(self.eckart(*words, "--dry-run", "--json")[0])

    def test_every_right_hand_side_counts(self):
        self.save("A.npy", np.full((50, 40), np.nan))
        self.save("b.npy", np.zeros((50, 1)))
        self.save("B.npy", np.zeros((50, 1000)))
        one, many = self.plan("lstsq", "A.npy", "b.npy"), self.plan("lstsq", "A.npy", "B.npy")
        self.assertGreaterEqual(many["memory_bytes"] - one["memory_bytes"], 999 * (50 + 40) * 8)
        self.save("z.npy", np.zeros((50, 1), dtype=complex))
        self.assertEqual(self.plan("lstsq", "A.npy", "z.npy")["dtype"], "complex128")
        self.save("short.npy", np.zeros((49, 1)))
        self.assertIn("49 rows", self.refusal(2, "lstsq", "A.npy", "short.npy", "--dry-run"))

    def test_every_colour_counts(self):
        self.save("grey.png", png(self.rng.integers(0, 256, size=(40, 30), dtype=np.uint8)))
        self.save("colour.png", png(self.rng.integers(0, 256, size=(40, 30, 4), dtype=np.uint8)))
        grey = self.plan("lowrank", "grey.png", "-k", 3, "-o", "low.png")
        colour = self.plan("lowrank", "colour.png", "-k", 3, "-o", "low.png")
        self.assertEqual([grey["matrices"], colour["matrices"]], [1, 3])
        self.assertAlmostEqual(colour["flops"] / grey["flops"], 3)
        self.assertGreaterEqual(colour["memory_bytes"] - grey["memory_bytes"], 2 * 40 * 30 * 4)
        self.assertEqual(self.plan("lowrank", "colour.png", "-k", 3, "-o", "low.npy")["matrices"], 1)
        self.assertEqual(sorted(os.listdir(self.folder)), ["colour.png", "grey.png"])

    def test_a_pipe_can_be_asked_too(self):
        buffer = io.BytesIO()
        np.save(buffer, np.zeros((30, 20)))
        out, _ = self.eckart("svd", "-", "--dry-run", "--json", stdin=buffer.getvalue())
        self.assertEqual(json.loads(out)["shape"], [30, 20])


class CommonOptions(Requests):
    def test_memory_limits_where_nothing_is_decomposed(self):
        self.save("A.npy", np.eye(300))
        self.assertIn("A.npy", self.refusal(5, "convert", "A.npy", "B.csv", "--max-memory", "100k"))
        self.eckart("convert", "A.npy", "B.csv", "--max-memory", "10M")
        self.assertIn("--max-memory", self.refusal(5, "gen", "orthogonal", "1000x1000", "-o", "G.npy", "--max-memory", "1M"))
        self.refusal(5, "gen", "normal", "10000000x10000000", "-o", "G.npz")
        # An npy file is written by columns: one of them has to fit, and the whole on the disk.
        self.assertIn("--max-memory", self.refusal(5, "gen", "normal", "200000x2", "-o", "G.npy", "--max-memory", "1M"))
        self.assertIn("the disk has no room", self.refusal(3, "gen", "normal", "10000000x10000000", "-o", "G.npy"))
        for spec, limit in [("normal 1000x600", "3M"), ("svd_geo 1200x2500 reflectors=2", "20M"),
                            ("hilbert 700x900 scaling=mixed", "3M")]:
            self.eckart("gen", *spec.split(), "-o", "G.npy", "--max-memory", limit)
            self.eckart("gen", *spec.split(), "-o", "whole.npz")
            np.testing.assert_array_equal(np.load(self.path("G.npy")), next(iter(np.load(self.path("whole.npz")).values())))
        self.save("c.png", png(self.rng.integers(0, 256, size=(100, 100, 3), dtype=np.uint8)))
        self.refusal(5, "convert", "c.png", "d.png", "--max-memory", "50k")
        self.refusal(5, "lowrank", "c.png", "-k", "1", "-o", "d.png", "--max-memory", "50k")

    def test_every_verb_that_decomposes_has_them(self):
        for verb in ["svd", "values", "rank", "lowrank", "pinv", "lstsq", "norms", "polar"]:
            text, _ = self.eckart(verb, "--help")
            for name in ["--threads", "--seed", "--driver", "--max-memory", "--dry-run", "--quiet", "--verbose",
                         "--color", "--json"]:
                self.assertIn(name, text, verb)
        for verb in ["convert", "gen", "info"]:
            text, _ = self.eckart(verb, "--help")
            for name in ["--quiet", "--verbose", "--color"]:
                self.assertIn(name, text, verb)

    def test_numbers_are_refused_in_sentences(self):
        self.save("A.npy", np.eye(5))
        for words, refusal in [(["svd", "-k", "2.5"], "--vectors: 2.5 is no whole number from 1 up"),
                               (["svd", "-k", "0"], "--vectors: 0 is no whole number from 1 up"),
                               (["values", "-k", "1e3"], "-k: 1e3 is no whole number from 0 up"),
                               (["values", "--seed", "-1"], "--seed: -1 is no whole number from 0 up"),
                               (["values", "--threads", "5000"], "--threads: 5000 is no whole number from 0 to 4096"),
                               (["lowrank", "--energy", "2"], "--energy: 2 is no number from 0 to 1"),
                               (["lowrank", "--error", "x"], "--error: x is no number from 0 up"),
                               (["norms", "--schatten", "0.5"], "--schatten: 0.5 is no number from 1 up"),
                               (["rank", "--rtol", "nan"], "--rtol: nan is no number from 0 up"),
                               (["svd", "--u", "thin", "--u", "full"], "--u is given 2 times; give it once"),
                               (["svd", "-k"], "--vectors wants a value: N")]:
            with self.subTest(words=words):
                self.assertIn(refusal, self.refusal(2, words[0], "A.npy", *words[1:]))
        # Everything that a seed can be.
        self.eckart("values", "A.npy", "--seed", 2**64 - 1)

    def test_an_unset_variable_names_no_file(self):
        self.save("A.npy", np.eye(5))
        for words in [["svd", ""], ["svd", "A.npy", "-o", ""], ["svd", "A.npy", "--report", ""],
                      ["convert", "A.npy", ""], ["lstsq", "A.npy", ""], ["info", ""], ["gen", "ones", "3", "-o", ""]]:
            self.assertIn("the file's name is empty", self.refusal(2, *words))

    def test_the_way_out_of_too_little_memory_is_one_that_the_verb_has(self):
        self.save("A.npy", np.eye(300))
        for words, has in [(["svd", "A.npy"], "--u none"), (["pinv", "A.npy"], "--dry-run"),
                           (["gen", "orthogonal", "300", "-o", "B.npy"], "--type float32")]:
            narration = self.refusal(5, *words, "--max-memory", "720k" if words[0] != "gen" else "100k")
            self.assertIn(has, narration)
            self.assertEqual("--u none" in narration, words[0] == "svd")

    def test_the_plan_has_no_lines_without_a_name(self):
        self.save("A.npy", np.eye(30))
        text, _ = self.eckart("svd", "A.npy", "--dry-run")
        self.assertRegex(text, r"(?m)^plan .* bytes$")
        self.assertNotRegex(text, r"(?m)^ +\d+ bytes$")

    def test_an_unmet_demand_is_told_even_when_quiet(self):
        self.save("A.npy", np.diag([3.0, 2, 1, 0]))
        self.assertIn("the rank is 3", self.eckart("rank", "A.npy", "--expect", "4", "-q", code=4)[1])

    def test_the_help_of_an_unknown_verb(self):
        for words in [["compress", "--help"], ["valuse", "-h"], ["compress", "--version"]]:
            self.assertIn(f"'{words[0]}' is no verb", self.refusal(2, *words))
        self.assertIn("did you mean 'values'?", self.refusal(2, "valuse", "--help"))

    def test_a_nan_behind_a_process_substitution_is_named(self):
        self.save("t.csv", "1,2\n3,nan\n")
        done = subprocess.run(["bash", "-c", "eckart values <(cat t.csv)"], cwd=self.folder, env=PLAIN,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"row 2, column 2", done.stderr)


if __name__ == "__main__":
    unittest.main()
