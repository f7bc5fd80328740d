"""HDF5 through the tool: written and read back, datasets by name, in passes, row by row. tests/io/hdf5_files.py made the files of h5py."""

import json
import os
import unittest

import numpy as np

from tool import ToolTest

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fuzz", "corpus", "hdf5")
A = np.arange(12.0).reshape(4, 3) - 5
i, j = np.indices((50, 30))
WIDE = (7.0 * i + 11 * j) % 23 - 11


def corpus(name):
    return os.path.normpath(os.path.join(CORPUS, name + ".h5"))


class Hdf5(ToolTest):
    def test_both_ways(self):
        for name in ["f8", "gzip", "c16", "big_f4"]:
            self.eckart("convert", corpus(name), "a.npy")
            self.eckart("convert", "a.npy", "b.h5")
            self.eckart("convert", "b.h5:/matrix", "c.npy")
            self.assertEqual(np.load(self.path("a.npy")).tolist(), np.load(self.path("c.npy")).tolist())
        self.assertEqual(np.load(self.path("a.npy")).tolist(), A.tolist())
        self.eckart("convert", "-", "d.npy", stdin=self.read("b.h5"))
        self.assertEqual(np.load(self.path("d.npy")).tolist(), A.tolist())
        self.assertEqual(self.eckart("convert", "a.npy", "-", "--to", "hdf5", text=False)[0], self.read("b.h5"))

    def test_results_are_one_file(self):
        self.eckart("svd", corpus("gzip"), "-o", "f.h5")
        parts = {}
        for name in ["U", "S", "Vh"]:
            self.eckart("convert", "f.h5", name + ".npy", "--member", name)
            parts[name] = np.load(self.path(name + ".npy"))
        np.testing.assert_allclose(parts["U"] * parts["S"].ravel() @ parts["Vh"], A, atol=1e-14)

    def test_the_dataset_is_named(self):
        narration = self.eckart("values", corpus("two"), code=2)[1]
        self.assertIn("/first (4 x 3), /second (2 x 3)", narration)
        facts = json.loads(self.eckart("info", corpus("two") + ":/second", "--json")[0])["files"][0]
        self.assertEqual((facts["format"], facts["shape"], facts["stored_type"]), ("hdf5", [2, 3], "<f8"))
        self.eckart("values", corpus("two"), "--member", "/second")

    def test_in_passes_and_row_by_row(self):
        s = np.linalg.svd(WIDE, compute_uv=False)
        for name in ["wide", "tall"]:
            facts = json.loads(self.eckart("svd", corpus(name), "-k", 3, "--method", "lanczos", "--json")[0])
            np.testing.assert_allclose(facts["values"], s[:3], rtol=1e-6)
        facts = json.loads(self.eckart("stream", corpus("wide"), "-k", 3, "--json")[0])
        self.assertEqual(facts["shape"], [50, 30])
        narration = self.eckart("stream", corpus("wide"), "--state", "s.npz", code=2)[1]
        self.assertIn("through a pipe", narration)
        # A matrix of more bytes than are allowed stays in its file.
        rng = np.random.default_rng(4)
        a = rng.normal(size=(4000, 60)) * 0.8 ** np.arange(60)
        self.save("a.npy", a)
        self.eckart("convert", "a.npy", "a.h5")
        facts = json.loads(self.eckart("svd", "a.h5", "-k", 3, "--max-memory", "1500k", "--json")[0])
        np.testing.assert_allclose(facts["values"], np.linalg.svd(a, compute_uv=False)[:3], rtol=1e-9)
        self.eckart("convert", "a.h5", "b.npy", "--max-memory", "1500k")
        self.assertEqual(np.load(self.path("b.npy")).tolist(), a.tolist())

    def test_larger_than_the_memory_is_written_in_parts(self):
        self.eckart("gen", "svd_poly", "700x500", "power=1", "reflectors=2", "-o", "whole.h5")
        self.eckart("gen", "svd_poly", "700x500", "power=1", "reflectors=2", "-o", "parts.h5", "--max-memory", "1M")
        self.assertEqual(self.read("parts.h5"), self.read("whole.h5"))
        self.eckart("convert", "parts.h5", "again.h5", "--max-memory", "1M")
        self.assertEqual(self.read("again.h5"), self.read("whole.h5"))
        self.eckart("convert", "whole.h5", "a.npy")
        self.eckart("convert", "a.npy", "from_npy.h5", "--max-memory", "1M")
        self.assertEqual(self.read("from_npy.h5"), self.read("whole.h5"))

    def test_what_a_file_holds_counts_more_than_its_name(self):
        self.save("a.npy", A)
        os.rename(self.path("a.npy"), self.path("a.h5"))
        self.assertEqual(json.loads(self.eckart("info", "a.h5", "--json")[0])["files"][0]["format"], "npy")
        # MATLAB's files of version 7.3 begin with a block of text.
        with open(self.path("b.mat"), "wb") as file:
            with open(corpus("userblock"), "rb") as of_h5py:
                file.write(b"MATLAB 7.3 MAT-file".ljust(512) + of_h5py.read()[512:])
        for name in ["b.mat", "b.mat:/a"]:
            facts = json.loads(self.eckart("info", name, "--json")[0])["files"][0]
            self.assertEqual((facts["format"], facts["shape"], facts["member"]), ("hdf5", [4, 3], "/a"))
        self.assertIn("dataset      /a", self.eckart("info", "b.mat")[0])
        self.assertEqual(json.loads(self.eckart("stream", "b.mat", "-k", 1, "--json")[0])["shape"], [4, 3])

    def test_a_group_is_named_and_what_it_has(self):
        narration = self.eckart("values", corpus("group") + ":/deep", code=2)[1]
        self.assertIn("'/deep' is a group and no dataset; it has /deep/er/matrix (4 x 3)", narration)
        self.assertIn("holds no dataset; what lies in more than 64 groups", self.eckart("info", corpus("deep"), code=2)[1])


if __name__ == "__main__":
    unittest.main()
