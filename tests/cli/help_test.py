"""--help, its examples, suggestions, completions and manual pages: all say the same and all of it is true."""

import pathlib
import re
import shutil
import subprocess
import unittest

import numpy as np

from tool import PLAIN, TOOL, ToolTest, png

VERBS = ["svd", "values", "rank", "lowrank", "pinv", "lstsq", "norms", "polar", "stream", "info", "convert",
         "gen", "completion"]
DATASETS = pathlib.Path(__file__).parents[2] / "fuzz/corpus/hdf5/two.h5"


def examples(help_text):
    """The commands of the section Examples: lines indented by two spaces exactly."""
    section = help_text.split("\nExamples:\n")[1]
    return re.findall(r"^  (\S.*)$", section, re.MULTILINE)


class Help(ToolTest):
    def test_the_tool_lists_its_verbs(self):
        text, _ = self.eckart("--help")
        for verb in VERBS:
            self.assertRegex(text, rf"(?m)^  {verb} ")
        self.assertNotRegex(text, r"(?m)^  man ")

    def test_every_verb_shows_examples_within_eighty_columns(self):
        for verb in VERBS:
            text, narration = self.eckart(verb, "--help")
            self.assertEqual(narration, "")
            self.assertTrue(text.startswith(f"eckart {verb}: "))
            self.assertTrue(examples(text), verb)
            options = text.split("\nExamples:\n")[0]
            self.assertLessEqual(max(map(len, options.splitlines())), 80, verb)

    def test_every_example_runs(self):
        rng = np.random.default_rng(5)
        table = rng.normal(size=(12, 4))
        rows = "\n".join(",".join(f"{x:.6f}" for x in row) for row in table)
        picture = rng.integers(0, 256, size=(64, 80, 3), dtype=np.uint8)
        low_rank = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 30)) * 50
        for verb in VERBS:
            for command in examples(self.eckart(verb, "--help")[0]):
                # The inputs are made anew for each, so that no example leans on the one before.
                self.save("A.npy", rng.normal(size=(60, 55)))
                self.save("b.npy", rng.normal(size=(60, 1)))
                self.save("wide.npy", rng.normal(size=(3, 7)))
                self.save("noisy.npy", low_rank + rng.normal(size=(40, 30)))
                self.save("data.csv", "north,east,south,west\n" + rows + "\n")
                self.save("photo.png", png(picture))
                shutil.copy(DATASETS, self.path("data.h5"))
                self.save("links.mtx", "%%MatrixMarket matrix coordinate real general\n80 70 70\n"
                          + "".join(f"{i} {i} {1 / i}\n" for i in range(1, 71)))
                done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.folder, env=PLAIN,
                                      capture_output=True, timeout=120)
                if b"is HDF5, which this Eckart was built without" in done.stderr:
                    continue
                # `rank --expect 50` is about its exit code: the matrix above has another rank.
                expected = 4 if "--expect" in command else 0
                self.assertEqual(done.returncode, expected, f"{command}\n{done.stderr.decode()}")

    def test_version_names_blas_threads_and_simd(self):
        text, _ = self.eckart("--version")
        self.assertRegex(text, r"^eckart \d+\.\d+\.\d+\n")
        for name in ["BLAS", "threads", "SIMD"]:
            self.assertRegex(text, rf"(?m)^{name} +\S")


class Suggestions(ToolTest):
    def mistake(self, *words):
        output, narration = self.eckart(*words, code=2)
        self.assertEqual(output, "")
        self.assertEqual(narration.count("\n"), 1)
        self.assertTrue(narration.startswith("eckart: "))
        return narration

    def test_a_mistyped_verb(self):
        self.assertIn("did you mean 'svd'?", self.mistake("sdv", "A.npy"))
        self.assertIn("did you mean 'lowrank'?", self.mistake("low-rank", "A.npy"))
        self.assertIn("did you mean 'values'?", self.mistake("vals"))

    def test_a_word_like_none_gets_no_suggestion(self):
        self.assertNotIn("did you mean", self.mistake("decompose"))

    def test_a_mistyped_option(self):
        self.assertIn("did you mean '--threads'?", self.mistake("svd", "A.npy", "--theads", "2"))
        self.assertIn("did you mean '--report'?", self.mistake("svd", "--reprot=x.html", "A.npy"))

    def test_an_option_before_the_verb(self):
        self.assertIn("verb comes first", self.mistake("--threads", "2", "svd", "A.npy"))

    def test_a_mistyped_word_of_a_choice(self):
        self.assertIn("none|thin|full", self.mistake("svd", "A.npy", "--u", "fat"))

    def test_nothing_at_all(self):
        self.assertIn("verb", self.mistake())


class Completions(ToolTest):
    def script(self, shell):
        return self.save("completion." + shell, self.eckart("completion", shell)[0])

    def test_bash_completes_verbs_options_words_and_files(self):
        script = self.script("bash")
        subprocess.run(["bash", "-n", script], cwd=self.folder, check=True)
        self.save("matrix.npy", b"")

        def completed(*words):
            quoted = " ".join(f"'{word}'" for word in words)
            program = (f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _eckart; "
                       'printf "%s\\n" "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", program], cwd=self.folder, capture_output=True, check=True)
            return [word for word in done.stdout.decode().splitlines() if word]

        self.assertEqual(completed("eckart", "lo"), ["lowrank"])
        self.assertEqual(completed("eckart", "svd", "--u", ""), ["none", "thin", "full"])
        self.assertEqual(completed("eckart", "svd", "--thr"), ["--threshold", "--threads"])
        self.assertEqual(completed("eckart", "svd", "matr"), ["matrix.npy"])
        self.save("two words.npy", b"")
        self.assertEqual(completed("eckart", "svd", "two"), ["two words.npy"])
        self.assertEqual(completed("eckart", "svd", "-o", "matr"), ["matrix.npy"])
        self.assertEqual(completed("eckart", "svd", "--seed", "matr"), [])
        self.assertEqual(completed("eckart", "completion", "z"), ["zsh"])
        for verb in VERBS:
            self.assertEqual(completed("eckart", verb, "--hel"), ["--help"], verb)

    def test_bash_offers_every_option_of_help(self):
        script = self.read(self.script("bash")).decode()
        for verb in VERBS:
            for option in re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", self.eckart(verb, "--help")[0]):
                self.assertIn(option, script)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_reads_its_script(self):
        script = self.script("zsh")
        subprocess.run(["zsh", "-n", script], cwd=self.folder, check=True)
        loaded = subprocess.run(["zsh", "-f", "-c", f"autoload -U compinit; compinit -D -u; source ./{script}; "
                                 "whence -w _eckart _eckart_svd; print $_comps[eckart]"],
                                cwd=self.folder, capture_output=True, check=True)
        self.assertEqual(loaded.stdout.decode().split("\n")[:3],
                         ["_eckart: function", "_eckart_svd: function", "_eckart"])

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes(self):
        script = self.script("fish")
        subprocess.run(["fish", "-n", script], cwd=self.folder, check=True)
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C 'eckart svd --u '"],
                              cwd=self.folder, capture_output=True, check=True)
        words = [line.split("\t")[0] for line in done.stdout.decode().splitlines()]
        self.assertEqual(sorted(words), ["full", "none", "thin"])


class ManualPages(ToolTest):
    def pages(self):
        yield "eckart", self.eckart("man")[0]
        for verb in VERBS:
            yield verb, self.eckart("man", verb)[0]

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_finds_nothing_to_say(self):
        for name, page in self.pages():
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page.encode(),
                                  capture_output=True)
            self.assertEqual(done.stdout.decode(), "", name)

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_man_renders_without_warnings(self):
        for name, page in self.pages():
            self.save("page.1", page)
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "page.1"], cwd=self.folder,
                                  capture_output=True, env={**PLAIN, "MANWIDTH": "80"})
            self.assertEqual(done.stderr.decode(), "", name)
            self.assertIn("EXIT STATUS", done.stdout.decode())

    def test_a_page_has_every_option_and_example_of_help(self):
        for verb in VERBS:
            page = self.eckart("man", verb)[0].replace("\\-", "-").replace("\\e", "\\")
            text = self.eckart(verb, "--help")[0]
            for option in re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", text):
                self.assertIn(option, page)
            for command in examples(text):
                self.assertIn(command, page)

    def test_an_unknown_page(self):
        self.assertIn("no verb", self.eckart("man", "nothing", code=2)[1])


if __name__ == "__main__":
    unittest.main()
