"""What the verbs compute, against NumPy."""

import json
import os
import unittest

import numpy as np

from tool import ToolTest, png


def orthonormal(q):
    return np.abs(q.conj().T @ q - np.eye(q.shape[1])).max()


class Svd(ToolTest):
    def setUp(self):
        super().setUp()
        self.rng = np.random.default_rng(11)

    def test_factors_of_every_type_open_in_numpy(self):
        for dtype, tolerance in [(np.float32, 1e-4), (np.float64, 1e-12), (np.complex64, 1e-4), (np.complex128, 1e-12)]:
            for shape in [(30, 20), (20, 30), (25, 25), (1, 7), (7, 1)]:
                a = self.rng.normal(size=shape)
                if np.issubdtype(dtype, np.complexfloating):
                    a = a + 1j * self.rng.normal(size=shape)
                a = a.astype(dtype)
                self.save("A.npy", a)
                facts = json.loads(self.eckart("svd", "A.npy", "-o", "f.npz", "--json")[0])
                with np.load(self.path("f.npz")) as f:
                    self.assertEqual(f["U"].dtype, dtype)
                    self.assertEqual(f["S"].shape, (min(shape),))
                    np.testing.assert_allclose((f["U"] * f["S"]) @ f["Vh"], a, atol=tolerance * 10)
                    self.assertLess(orthonormal(f["U"]), tolerance)
                    self.assertLess(orthonormal(f["Vh"].conj().T), tolerance)
                np.testing.assert_allclose(facts["values"], np.linalg.svd(a, compute_uv=False), rtol=tolerance)
                self.assertEqual(facts["dtype"], np.dtype(dtype).name)

    def test_json_has_what_was_promised(self):
        self.save("A.npy", self.rng.normal(size=(9, 5)))
        facts = json.loads(self.eckart("svd", "A.npy", "--json")[0])
        for name in ["schema", "shape", "dtype", "values", "rank", "residual", "orthogonality_u", "orthogonality_v",
                     "path", "threads", "seconds"]:
            self.assertIn(name, facts)
        self.assertEqual(facts["schema"], "eckart.svd/1")
        self.assertEqual(facts["shape"], [9, 5])
        self.assertEqual(facts["rank"], 5)
        self.assertLess(facts["residual"], 10)

    def test_vectors_none_thin_full(self):
        self.save("A.npy", self.rng.normal(size=(8, 5)))
        shapes = {"none": None, "thin": {"U": (8, 5), "Vh": (5, 5)}, "full": {"U": (8, 8), "Vh": (5, 5)}}
        for u in shapes:
            for v in shapes:
                self.eckart("svd", "A.npy", "--u", u, "--v", v, "-o", "f.npz", "-q")
                with np.load(self.path("f.npz")) as f:
                    self.assertEqual(set(f), {"S"} | ({"U"} if u != "none" else set())
                                     | ({"Vh"} if v != "none" else set()))
                    for name, asked in [("U", u), ("Vh", v)]:
                        if asked != "none":
                            self.assertEqual(f[name].shape, shapes[asked][name])

    def test_k_keeps_the_first_triplets(self):
        a = self.rng.normal(size=(12, 9))
        self.save("A.npy", a)
        self.eckart("svd", "A.npy", "-k", 4, "-o", "f.npz")
        with np.load(self.path("f.npz")) as f:
            u, s, vh = np.linalg.svd(a)
            np.testing.assert_allclose((f["U"] * f["S"]) @ f["Vh"], (u[:, :4] * s[:4]) @ vh[:4], atol=1e-12)

    def test_every_driver_and_thread_count_agrees(self):
        a = self.rng.normal(size=(40, 30))
        self.save("A.npy", a)
        s = np.linalg.svd(a, compute_uv=False)
        for driver in ["auto", "dc", "qr", "jacobi"]:
            facts = json.loads(self.eckart("svd", "A.npy", "--driver", driver, "--json")[0])
            np.testing.assert_allclose(facts["values"], s, rtol=1e-12)
        self.assertIn("acobi", facts["path"])
        files = []
        for threads in [1, 2, 3]:
            self.eckart("svd", "A.npy", "-t", threads, "-o", f"f{threads}.npz", "-q")
            files.append(np.load(self.path(f"f{threads}.npz")))
        for other in files[1:]:
            for name in ["U", "S", "Vh"]:
                self.assertTrue(np.array_equal(files[0][name], other[name]))

    def test_a_page_for_an_image(self):
        ramp = np.add.outer(np.arange(40), np.arange(50)).astype(np.uint8)
        self.save("photo.png", png(ramp))
        self.eckart("svd", "photo.png", "--report", "photo.html")
        page = self.read("photo.html").decode()
        self.assertIn("photo.png", page)
        self.assertIn("data:image/png;base64,", page)
        self.assertNotIn("http://", page.replace("http://www.w3.org/", ""))

    def test_names_of_columns_reach_the_page(self):
        self.save("data.csv", "height,<weight>\n1,2\n3,4\n5,7\n")
        self.eckart("svd", "data.csv", "--report", "page.html")
        page = self.read("page.html").decode()
        self.assertIn("height", page)
        self.assertNotIn("<weight>", page)

    def test_dry_run_computes_nothing(self):
        self.save("A.npy", np.full((50, 40), np.nan))
        text, _ = self.eckart("svd", "A.npy", "--dry-run", "-o", "f.npz")
        for word in ["flops", "memory", "GEMM", "time", "plan"]:
            self.assertIn(word, text)
        self.assertFalse(os.path.exists(self.path("f.npz")))
        plan = json.loads(self.eckart("svd", "A.npy", "--dry-run", "--json")[0])
        self.assertGreater(plan["memory_bytes"], 50 * 40 * 8)
        self.assertTrue(plan["fits"])

    def test_verbose_tells_the_path_and_quiet_nothing(self):
        self.save("A.npy", self.rng.normal(size=(20, 20)))
        self.assertIn("path: ", self.eckart("svd", "A.npy", "-v")[1])
        self.assertEqual(self.eckart("svd", "A.npy", "-q")[1], "")


class Others(ToolTest):
    def setUp(self):
        super().setUp()
        self.rng = np.random.default_rng(12)

    def test_values(self):
        a = self.rng.normal(size=(10, 6))
        self.save("A.npy", a)
        s = np.linalg.svd(a, compute_uv=False)
        lines = self.eckart("values", "A.npy")[0].split()
        np.testing.assert_allclose([float(x) for x in lines], s, rtol=1e-13)
        self.assertEqual(len(self.eckart("values", "A.npy", "-k", 2)[0].split()), 2)
        self.eckart("values", "A.npy", "-o", "s.npy")
        np.testing.assert_array_equal(np.load(self.path("s.npy")).ravel(), [float(x) for x in lines])
        self.assertEqual(json.loads(self.eckart("values", "A.npy", "--json")[0])["values"], [float(x) for x in lines])

    def test_rank(self):
        a = self.rng.normal(size=(20, 4)) @ self.rng.normal(size=(4, 15))
        self.save("A.npy", a)
        facts = json.loads(self.eckart("rank", "A.npy", "--json")[0])
        self.assertEqual(facts["rank"], 4)
        self.assertGreater(facts["gap"], 1e10)
        s = np.linalg.svd(a, compute_uv=False)
        self.assertAlmostEqual(facts["stable_rank"], (s**2).sum() / s[0] ** 2)
        self.assertEqual(json.loads(self.eckart("rank", "A.npy", "--rtol", 0.99, "--json")[0])["rank"], 1)
        self.assertEqual(json.loads(self.eckart("rank", "A.npy", "--atol", s[1] * 1.001, "--json")[0])["rank"], 1)

    def test_rank_of_a_singular_matrix_has_no_finite_condition(self):
        self.save("Z.npy", np.zeros((3, 3)))
        facts = json.loads(self.eckart("rank", "Z.npy", "--json")[0])
        self.assertEqual(facts["rank"], 0)
        self.assertIsNone(facts["condition"])

    def test_lowrank_of_a_matrix(self):
        a = self.rng.normal(size=(30, 20))
        self.save("A.npy", a)
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        self.eckart("lowrank", "A.npy", "-k", 5, "-o", "near.npy")
        best = (u[:, :5] * s[:5]) @ vh[:5]
        np.testing.assert_allclose(np.load(self.path("near.npy")), best, atol=1e-12)
        facts = json.loads(self.eckart("lowrank", "A.npy", "-k", 5, "--json", "--factors", "-o", "f.npz")[0])
        line = facts["approximations"][0]
        self.assertAlmostEqual(line["spectral_error"], s[5], places=12)
        self.assertAlmostEqual(line["frobenius_error"], np.linalg.norm(s[5:]), places=12)
        with np.load(self.path("f.npz")) as f:
            np.testing.assert_allclose((f["U"] * f["S"]) @ f["Vh"], best, atol=1e-12)

    def test_lowrank_rules(self):
        values = np.array([10.0, 5, 2, 1, 0.1])
        self.save("A.npy", np.diag(values))

        def rank(*rule):
            return json.loads(self.eckart("lowrank", "A.npy", *rule, "--json")[0])["approximations"][0]["k"]

        energy = np.cumsum(values**2) / (values**2).sum()
        self.assertEqual(rank("--energy", 0.99), int(np.searchsorted(energy, 0.99)) + 1)
        self.assertEqual(rank("--energy", 1), 5)
        self.assertEqual(rank("--error", 0.2), 2)
        self.assertEqual(rank("--error", 0), 5)
        self.assertEqual(rank("-k", 0), 0)
        self.assertEqual(rank("-k", 4, "--error", 0.2), 2)

    def test_lowrank_finds_the_signal_in_noise(self):
        signal = self.rng.normal(size=(200, 4)) @ self.rng.normal(size=(4, 100)) * 3
        self.save("A.npy", signal + self.rng.normal(size=(200, 100)))
        for noise in [[], ["--noise", 1]]:
            facts = json.loads(self.eckart("lowrank", "A.npy", "--threshold", "gavish-donoho", *noise, "--json")[0])
            self.assertEqual(facts["approximations"][0]["k"], 4)
            self.assertEqual(facts["approximations"][0]["rule"], "--threshold")
            for method in ["dense", "lanczos", "randomized"]:
                words = ["A.npy", "--threshold", "gavish-donoho", *noise, "--method", method]
                facts = json.loads(self.eckart("svd", *words, "--json")[0])
                self.assertEqual((facts["kept"], facts["bound_by"]), (4, "hard threshold"))
                self.assertEqual(len(self.eckart("values", *words)[0].split()), 4)
                if method != "dense":
                    self.assertAlmostEqual(facts["noise"], 1, delta=0.1)
        self.assertIn("--noise belongs to", self.eckart("svd", "A.npy", "-k", 3, "--noise", 1, code=2)[1])
        self.eckart("lowrank", "A.npy", "--threshold", "gavish-donoho", "--error", 0.01, code=4)

    def test_lowrank_of_a_colour_image_keeps_alpha_and_works_per_channel(self):
        ramp = np.add.outer(np.arange(30), np.arange(40)).astype(np.uint8)
        picture = np.stack([ramp, ramp[::-1], ramp[:, ::-1], ramp * 3], axis=2)
        self.save("in.png", png(picture))
        text, _ = self.eckart("lowrank", "in.png", "-k", 2, "-o", "out.png")
        for name in ["red", "green", "blue"]:
            self.assertIn(name, text)
        # Rank two holds each of the ramps, so nothing changes.
        for c, channel in enumerate(["red", "green", "blue", "alpha"]):
            self.eckart("convert", "out.png", "out.npy", "--channel", channel)
            np.testing.assert_array_equal(np.load(self.path("out.npy")), picture[:, :, c])

    def test_pinv(self):
        a = self.rng.normal(size=(9, 4)) @ self.rng.normal(size=(4, 6))
        self.save("A.npy", a)
        self.eckart("pinv", "A.npy", "-o", "P.npy")
        np.testing.assert_allclose(np.load(self.path("P.npy")), np.linalg.pinv(a, rcond=1e-12), atol=1e-10)
        self.assertEqual(json.loads(self.eckart("pinv", "A.npy", "--json")[0])["rank"], 4)

    def test_lstsq_of_mixed_types(self):
        a = self.rng.normal(size=(12, 5)).astype(np.float32)
        b = self.rng.normal(size=(12, 3)) + 1j * self.rng.normal(size=(12, 3))
        self.save("A.npy", a)
        self.save("B.npy", b)
        facts = json.loads(self.eckart("lstsq", "A.npy", "B.npy", "-o", "X.npy", "--json")[0])
        x = np.load(self.path("X.npy"))
        self.assertEqual(x.dtype, np.complex128)
        wanted = np.linalg.lstsq(a.astype(complex), b, rcond=None)[0]
        np.testing.assert_allclose(x, wanted, atol=1e-12)
        np.testing.assert_allclose(facts["residual_norms"], np.linalg.norm(b - a @ wanted, axis=0), rtol=1e-10)

    def test_lstsq_with_tikhonov(self):
        a, b = self.rng.normal(size=(12, 5)), self.rng.normal(size=(12, 1))
        self.save("A.npy", a)
        self.save("b.npy", b)
        self.eckart("lstsq", "A.npy", "b.npy", "--lambda", 0.5, "-o", "x.npy")
        wanted = np.linalg.solve(a.T @ a + 0.25 * np.eye(5), a.T @ b)
        np.testing.assert_allclose(np.load(self.path("x.npy")), wanted, atol=1e-12)

    def test_norms(self):
        a = self.rng.normal(size=(7, 5))
        self.save("A.npy", a)
        facts = json.loads(self.eckart("norms", "A.npy", "--schatten", 3, "--ky-fan", 2, "--json")[0])
        s = np.linalg.svd(a, compute_uv=False)
        for name, value in [("spectral", s[0]), ("frobenius", np.linalg.norm(a)), ("nuclear", s.sum()),
                            ("schatten_3", (s**3).sum() ** (1 / 3)), ("ky_fan_2", s[:2].sum()),
                            ("condition", s[0] / s[-1])]:
            self.assertAlmostEqual(facts[name], value, places=12)

    def test_polar(self):
        a = self.rng.normal(size=(8, 5))
        self.save("A.npy", a)
        self.eckart("polar", "A.npy", "-o", "wh.npz")
        with np.load(self.path("wh.npz")) as f:
            np.testing.assert_allclose(f["W"] @ f["H"], a, atol=1e-12)
            self.assertLess(orthonormal(f["W"]), 1e-12)
            np.testing.assert_array_equal(f["H"], f["H"].T)

    def test_convert_round_trips(self):
        a = self.rng.normal(size=(6, 4))
        self.save("A.npy", a)
        for name in ["B.npz", "B.csv", "B.tsv", "B.mtx"]:
            self.eckart("convert", "A.npy", name)
            self.eckart("convert", name, "back.npy")
            np.testing.assert_array_equal(np.load(self.path("back.npy")), a)
        self.eckart("convert", "A.npy", "T.npy", "--transpose", "--type", "float32")
        np.testing.assert_array_equal(np.load(self.path("T.npy")), a.T.astype(np.float32))

    def test_a_table_larger_than_memory_becomes_npy_row_by_row(self):
        a = self.rng.normal(size=(40000, 6))
        np.savetxt(self.path("A.csv"), a, delimiter=";", fmt="%.17g", header="a;b;c;d;e;f", comments="")
        limit = ["--max-memory", "1M"]
        self.assertIn("40000 rows", self.eckart("convert", "A.csv", "A.npy", "-v", *limit)[1])
        np.testing.assert_array_equal(np.load(self.path("A.npy")), a)
        self.eckart("convert", "A.csv", "B.npy", "--columns", "b,e", *limit)
        np.testing.assert_array_equal(np.load(self.path("B.npy")), a[:, [1, 4]])
        self.assertIn("eckart stream", self.eckart("svd", "A.npy", "-k", 2, *limit, code=5)[1])
        facts = json.loads(self.eckart("stream", "A.npy", "-k", 2, "--json")[0])
        np.testing.assert_allclose(facts["values"], np.linalg.svd(a, compute_uv=False)[:2], rtol=1e-12)
        before = sorted(os.listdir(self.path("")))
        self.assertIn("eckart stream", self.eckart("svd", "A.csv", "-k", 2, *limit, code=5)[1])
        self.assertEqual(sorted(os.listdir(self.path(""))), before)
        self.assertIn("-k 20", self.eckart("svd", "A.csv", *limit, code=5)[1])
        self.assertIn("eckart convert A.csv A.npy", self.eckart("rank", "A.csv", *limit, code=5)[1])
        # What fits goes to a pipe as ever.
        self.eckart("convert", "A.csv", "-", "--to", "npy", "--max-memory", "16M", text=False)
        self.eckart("convert", "A.csv", "Z.npy", "--type", "complex128", *limit)
        np.testing.assert_array_equal(np.load(self.path("Z.npy")), a.astype(complex))
        # Nothing is left of a table that ends badly.
        with open(self.path("A.csv"), "a") as table:
            table.write("1;2;x;4;5;6\n")
        self.assertIn("line 40002", self.eckart("convert", "A.csv", "C.npy", *limit, code=3)[1])
        self.assertEqual([name for name in os.listdir(self.path("")) if "C.npy" in name], [])

    def test_convert_drops_no_imaginary_part(self):
        self.save("A.npy", np.array([[1 + 0j, 2], [3, 4j]]))
        self.assertIn("complex", self.eckart("convert", "A.npy", "B.npy", "--type", "float64", code=2)[1])
        self.save("A.npy", np.array([[1 + 0j, 2]]))
        self.eckart("convert", "A.npy", "B.npy", "--type", "float64")
        np.testing.assert_array_equal(np.load(self.path("B.npy")), [[1, 2]])

    def test_gen_obeys_seed_and_type(self):
        for name, seed in [("A", 3), ("B", 3), ("C", 4)]:
            self.eckart("gen", "svd_geo", "20x10", "cond=1e6", "--seed", seed, "--type", "complex64", "-o", name + ".npy")
        a, b, c = (np.load(self.path(name + ".npy")) for name in "ABC")
        self.assertEqual(a.dtype, np.complex64)
        np.testing.assert_array_equal(a, b)
        self.assertFalse(np.array_equal(a, c))
        s = np.linalg.svd(a.astype(np.complex128), compute_uv=False)
        self.assertAlmostEqual(np.log10(s[0] / s[-1]), 6, places=1)

    def test_gen_lists_what_it_knows(self):
        text, _ = self.eckart("gen", "--list")
        for word in ["normal", "svd_geo", "hilbert", "scaling"]:
            self.assertIn(word, text)

    def test_info_of_files(self):
        self.save("data.csv", "x,y\n1,2\n3,4\n")
        self.save("A.npy", np.zeros((3, 2), dtype=">i2"))
        facts = json.loads(self.eckart("info", "data.csv", "A.npy", "--json")[0])["files"]
        self.assertEqual([f["shape"] for f in facts], [[2, 2], [3, 2]])
        self.assertEqual(facts[0]["column_names"], ["x", "y"])
        self.assertEqual([f["dtype"] for f in facts], ["float64", "float32"])

    def test_info_of_the_machine(self):
        out, narration = self.eckart("info", "--json")
        facts = json.loads(out)
        self.assertTrue(facts["blas"]["self_test"])
        self.assertIn(facts["blas"]["integer_bits"], [32, 64])
        self.assertGreater(facts["gemm_flops"], 1e8)
        self.assertGreater(facts["peak_flops"], 1e8)
        self.assertEqual("warning" in narration, facts["gemm_share_of_peak"] < 0.5)


if __name__ == "__main__":
    unittest.main()
