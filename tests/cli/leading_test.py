"""The leading triplets: sparse files stay sparse, rules combine, every value has its residual, and the choice of a method is explained."""

import json
import os
import unittest

import numpy as np

from tool import ToolTest


def sparse(rng, m, n, each):
    """Rows of a sparse matrix with `each` entries, of sizes that fall off; as (row, col, value)."""
    row = np.repeat(np.arange(m), each)
    col = np.concatenate([rng.choice(n, each, replace=False) for _ in range(m)])
    return row, col, rng.normal(size=m * each) * np.repeat(1 / np.sqrt(1 + np.arange(m)), each)


class Leading(ToolTest):
    def setUp(self):
        super().setUp()
        self.rng = np.random.default_rng(31)

    def save_sparse(self, m=300, n=200, each=5):
        """The same matrix as A.mtx, A.npz (as scipy.sparse.save_npz has it) and dense."""
        row, col, value = sparse(self.rng, m, n, each)
        lines = [f"{i + 1} {j + 1} {float(x)!r}" for i, j, x in zip(row, col, value)]
        self.save("A.mtx", f"%%MatrixMarket matrix coordinate real general\n{m} {n} {len(lines)}\n" + "\n".join(lines))
        np.savez(self.path("A.npz"), format=b"csr", shape=np.array([m, n]), data=value, indices=col.astype(np.int32),
                 indptr=np.arange(m + 1, dtype=np.int32) * each)
        dense = np.zeros((m, n))
        np.add.at(dense, (row, col), value)
        return dense

    def facts(self, *words, **more):
        return json.loads(self.eckart(*words, "--json", **more)[0])

    def test_every_method_finds_the_same_triplets(self):
        a = self.save_sparse()
        np.save(self.path("A.npy"), a)
        s = np.linalg.svd(a, compute_uv=False)
        for file in ["A.mtx", "A.npz", "A.npy"]:
            for method in ["auto", "dense", "lanczos"]:
                with self.subTest(file=file, method=method):
                    facts = self.facts("svd", file, "-k", 6, "--method", method, "-o", "f.npz")
                    np.testing.assert_allclose(facts["values"], s[:6], rtol=1e-12)
                    self.assertEqual((facts["kept"], facts["shape"]), (6, [300, 200]))
                    with np.load(self.path("f.npz")) as f:
                        np.testing.assert_allclose(a @ f["Vh"].T, f["U"] * f["S"], atol=1e-7 * s[0])
                        self.assertEqual([f["U"].shape, f["Vh"].shape], [(300, 6), (6, 200)])

    def test_the_smallest_and_those_near_a_value(self):
        a = self.save_sparse()
        np.save(self.path("A.npy"), a)
        s = np.linalg.svd(a, compute_uv=False)
        near = sorted(s[np.argsort(abs(s - 0.3))[:4]], reverse=True)
        for file in ["A.mtx", "A.npy"]:
            for words, expected in [(["--smallest"], s[-4:]), (["--near", 0.3], near)]:
                with self.subTest(file=file, words=words):
                    facts = self.facts("svd", file, "-k", 4, *words, "-o", "f.npz")
                    np.testing.assert_allclose(facts["values"], expected, atol=1e-13 * s[0])
                    self.assertTrue(facts["converged"])
                    self.assertEqual((facts["which"], facts["kept"]), ("nearest" if len(words) > 1 else "smallest", 4))
                    self.assertTrue(facts["found_by"] and facts["certainty"])
                    with np.load(self.path("f.npz")) as f:
                        np.testing.assert_allclose(a @ f["Vh"].T, f["U"] * f["S"], atol=1e-7 * s[0])
                    lines = self.eckart("values", file, "-k", 4, *words)[0].split()
                    np.testing.assert_allclose([float(x) for x in lines], expected, atol=1e-13 * s[0])
        forecast = self.facts("svd", "A.mtx", "-k", 4, "--smallest", "--dry-run")
        self.assertEqual([m["method"] for m in forecast["methods"]], ["shift and invert", "dense", "block Lanczos"])
        self.assertIn("the smallest", self.eckart("svd", "A.mtx", "-k", 4, "--smallest", "--report", "page.html")[0])

    def test_other_triplets_want_a_number_alone(self):
        self.save_sparse()
        for words in [["--smallest"], ["-k", 3, "--smallest", "--near", 1], ["-k", 3, "--near", 1, "--energy", 0.5],
                      ["-k", 3, "--smallest", "--method", "randomized"], ["-k", 3, "--method", "shift-invert"]]:
            with self.subTest(words=words):
                self.eckart("svd", "A.mtx", *words, code=2)

    def test_what_is_stated_holds(self):
        a = self.save_sparse()
        s = np.linalg.svd(a, compute_uv=False)
        facts = self.facts("svd", "A.mtx", "-k", 5, "--method", "lanczos", "-o", "f.npz")
        with np.load(self.path("f.npz")) as f:
            residuals = np.hypot(np.linalg.norm(a @ f["Vh"].T - f["U"] * f["S"], axis=0),
                                 np.linalg.norm(a.T @ f["U"] - f["Vh"].T * f["S"], axis=0))
        np.testing.assert_allclose(facts["residuals"], residuals, rtol=0.1, atol=1e-14 * s[0])
        self.assertTrue(facts["converged"])
        self.assertEqual(facts["within_tolerance"], 5)
        self.assertLess(max(np.divide(facts["residuals"], facts["values"])), facts["tolerance"])
        self.assertAlmostEqual(facts["left_out"], np.linalg.norm(s[5:]), places=9)
        self.assertLessEqual(s[5], facts["next_at_most"])
        self.assertLessEqual(facts["next_value"], s[5] * (1 + 1e-9))
        self.assertAlmostEqual(facts["energy"], np.sum(s[:5] ** 2) / np.sum(s**2))

    def test_the_randomized_method_is_right_to_what_it_says(self):
        a = self.save_sparse()
        np.save(self.path("A.npy"), a)
        s = np.linalg.svd(a, compute_uv=False)
        for file in ["A.mtx", "A.npz", "A.npy"]:
            with self.subTest(file=file):
                facts = self.facts("svd", file, "-k", 6, "--method", "randomized", "-o", "f.npz", "--report", "page.html")
                self.assertEqual((facts["method"], facts["kept"], facts["restarts"]), ("randomized", 6, 0))
                self.assertTrue(facts["converged"])
                self.assertEqual((facts["tolerance"], facts["failure_probability"]), (0.05, 0))
                values, residuals = np.array(facts["values"]), np.array(facts["residuals"])
                self.assertTrue(np.all(residuals <= 0.05 * values))
                self.assertTrue(np.all(values <= s[:6] * (1 + 1e-12)) and np.all(s[:6] - values <= residuals + 1e-12))
                with np.load(self.path("f.npz")) as f:
                    left = np.linalg.norm(a - (f["U"] * f["S"]) @ f["Vh"])
                self.assertAlmostEqual(facts["left_out"], left, places=7)
                self.assertLessEqual(left, facts["left_out_at_most"])
                self.assertLessEqual(s[6], facts["next_at_most"])
                self.assertLessEqual(np.linalg.norm(s), facts["norm_at_most"] * (1 + 1e-12))
                self.assertIn("randomized", self.read("page.html").decode())
                again = self.facts("svd", file, "-k", 6, "--method", "randomized", "--threads", 2)
                self.assertEqual(again["values"], facts["values"])
        self.assertNotEqual(self.facts("values", "A.mtx", "-k", 6, "--method", "randomized", "--seed", 4)["values"],
                            self.facts("values", "A.mtx", "-k", 6, "--method", "randomized")["values"])
        line = self.facts("lowrank", "A.npy", "--energy", 0.6, "--method", "randomized", "-o", "B.npy")["approximations"][0]
        self.assertGreaterEqual(line["energy"], 0.6)
        self.assertAlmostEqual(line["frobenius_error"], np.linalg.norm(a - np.load(self.path("B.npy"))), places=7)
        plan = self.facts("svd", "A.npy", "-k", 6, "--method", "randomized", "--dry-run")
        self.assertEqual((plan["method"], plan["reason"]), ("randomized", "it was asked for"))
        # As many triplets as there are come from the whole.
        plan = self.facts("svd", "A.npy", "-k", 150, "--method", "randomized", "--dry-run")
        self.assertEqual(plan["method"], "dense")
        self.assertIn("randomized cannot", plan["reason"])
        self.assertEqual(self.facts("svd", "A.npy", "-k", 150, "--method", "randomized")["kept"], 150)

    def test_1_where_the_randomized_method_does_not_reach_the_tolerance(self):
        self.save("A.npy", self.rng.normal(size=(400, 400)))
        words = ["svd", "A.npy", "-k", 10, "--method", "randomized", "--basis", 40, "--tolerance", 1e-6,
                 "--max-memory", "4M"]
        narration = self.eckart(*words, "-o", "f.npz", code=1)[1]
        self.assertIn("a basis of 40 vectors", narration)
        self.assertIn("--method lanczos", narration)
        facts = self.facts(*words, code=1)
        self.assertEqual((facts["converged"], facts["kept"], facts["bound_by"]), (False, 10, None))

    def test_rules_combine_and_the_one_that_bound_is_named(self):
        a = self.save_sparse()
        s = np.linalg.svd(a, compute_uv=False)
        left = np.sqrt(np.cumsum(s[::-1] ** 2)[::-1] / np.sum(s**2))
        by_energy = 1 + int(np.argmax(np.cumsum(s**2) >= 0.5 * np.sum(s**2)))
        by_error = int(np.argmax(left <= 0.6))
        above = int(np.sum(s > s[7] * 0.999))
        for method in ["dense", "lanczos", "randomized"]:
            for words, count, rule in [(["--energy", 0.5], by_energy, "energy"),
                                        (["--error", 0.6], by_error, "relative error"),
                                        (["--error", 0.6 * np.linalg.norm(s), "--absolute"], by_error,
                                         "absolute error"),
                                        (["--above", s[7] * 0.999], above, "absolute error"),
                                        (["--error", s[7] * 0.999 / s[0], "--error-norm", "spectral"], above,
                                         "relative error"),
                                        (["-k", 4, "--max-restarts", 50], 4, "rank")]:
                if method != "lanczos" and "--max-restarts" in words:
                    continue
                with self.subTest(words=words, method=method):
                    facts = self.facts("svd", "A.mtx", *words, "--method", method)
                    self.assertEqual(facts["kept"], count)
                    self.assertEqual(facts["bound_by"], rule)
                    self.assertEqual(self.eckart("values", "A.mtx", *words, "--method", method)[0].count("\n"), count)

    def test_4_where_k_keeps_the_others_from_being_met(self):
        self.save_sparse()
        for method in ["dense", "lanczos"]:
            output, narration = self.eckart("svd", "A.mtx", "-k", 2, "--energy", 0.9, "--method", method, "-o", "f.npz",
                                            code=4)
            self.assertIn("does not reach", narration)
            with np.load(self.path("f.npz")) as f:
                self.assertEqual(f["S"].shape, (2,))
            self.eckart("lowrank", "A.mtx", "-k", 2, "--error", 0.01, "--method", method, code=4)
            self.eckart("values", "A.mtx", "-k", 2, "--energy", 0.9, "--method", method, code=4)
            self.eckart("svd", "A.mtx", "-k", 150, "--energy", 0.3, "--method", method)

    def test_of_several_demands_the_one_of_fewest_triplets_is_enough(self):
        self.save_sparse()
        for method in ["dense", "lanczos"]:
            for verb in ["svd", "values", "lowrank"]:
                with self.subTest(method=method, verb=verb):
                    self.eckart(verb, "A.mtx", "-k", 150, "--energy", 0.3, "--error", 0.01, "--method", method)
                    self.eckart(verb, "A.mtx", "-k", 2, "--energy", 0.9, "--above", 1e-9, "--method", method, code=4)

    def test_1_where_it_does_not_converge_and_what_was_found_is_written_all_the_same(self):
        self.save("A.npy", self.rng.normal(size=(400, 400)))
        words = ["svd", "A.npy", "-k", 10, "--method", "lanczos", "--max-restarts", 0, "--basis", 40]
        output, narration = self.eckart(*words, "-o", "f.npz", "--report", "page.html", code=1)
        self.assertIn("restarts were used up", narration)
        self.assertIn("--max-restarts", narration)
        self.assertIn("no rule was decided", output)
        facts = self.facts(*words, code=1)
        self.assertFalse(facts["converged"])
        self.assertLess(facts["within_tolerance"], 10)
        self.assertEqual(len(facts["residuals"]), facts["kept"])
        with np.load(self.path("f.npz")) as f:
            self.assertEqual(f["S"].shape, (facts["kept"],))
        self.assertIn("did not converge", self.read("page.html").decode())

    def test_a_sparse_file_is_never_written_out_beyond_the_limit(self):
        m, n, each = 20000, 10000, 2
        row, col, value = np.repeat(np.arange(m), each), self.rng.integers(0, n, m * each), self.rng.normal(size=m * each)
        value[:200] *= 30
        np.savez(self.path("big.npz"), format=b"coo", shape=np.array([m, n]), data=value, row=row, col=col)
        for verb in ["svd", "values"]:
            narration = self.eckart(verb, "big.npz", "--max-memory", "500M", code=5)[1]
            self.assertIn("-k 20", narration)
            self.eckart(verb, "big.npz", "-k", 3, "--max-memory", "500M")
            narration = self.eckart(verb, "big.npz", "-k", 3, "--method", "dense", "--max-memory", "500M", code=5)[1]
            self.assertIn("method dense", narration)
            self.assertIn("are allowed", self.eckart(verb, "big.npz", "-k", 2000, "--max-memory", "200M", code=5)[1])
            self.assertIn("the input alone", self.eckart(verb, "big.npz", "-k", 3, "--max-memory", "100k", code=5)[1])
        self.eckart("lowrank", "big.npz", "-k", 3, "--factors", "-o", "f.npz", "--max-memory", "500M")

    def test_a_file_that_the_memory_does_not_hold_is_multiplied_where_it_is(self):
        a = self.rng.normal(size=(1500, 400)) * 0.97 ** np.arange(400)
        s = np.linalg.svd(a, compute_uv=False)
        for order in ["C", "F"]:
            np.save(self.path("A.npy"), np.asarray(a, order=order))
            for verb in ["svd", "values"]:
                narration = self.eckart(verb, "A.npy", "--max-memory", "4M", code=5)[1]
                self.assertIn("-k 20", narration)
                facts = self.facts(verb, "A.npy", "-k", 5, "--max-memory", "4M")
                np.testing.assert_allclose(facts["values"], s[:5], rtol=1e-12)
            self.assertIn("file", self.facts("svd", "A.npy", "-k", 5, "--max-memory", "4M")["operator"])
            plan = self.facts("svd", "A.npy", "-k", 5, "--max-memory", "4M", "--dry-run")
            self.assertTrue(plan["fits"])
            self.assertEqual(plan["method"], "block Lanczos")
        self.eckart("svd", "A.npy", "-k", 5, "--method", "dense", "--max-memory", "4M", code=5)
        a[700, 3] = np.inf
        np.save(self.path("A.npy"), a)
        self.assertIn("row 701, column 4", self.eckart("svd", "A.npy", "-k", 5, "--max-memory", "4M", code=3)[1])

    def test_the_dry_run_explains_the_choice_and_is_right_about_it(self):
        self.save_sparse()
        np.save(self.path("small.npy"), self.rng.normal(size=(60, 50)))
        np.save(self.path("large.npy"), self.rng.normal(size=(900, 800)))
        for file, k, method in [("small.npy", 5, "dense"), ("large.npy", 5, "block Lanczos"),
                                ("large.npy", 600, "dense"), ("A.mtx", 3, "block Lanczos")]:
            with self.subTest(file=file, k=k):
                plan = self.facts("svd", file, "-k", k, "--dry-run")
                self.assertEqual((plan["method"], plan["triplets"]), (method, k))
                self.assertEqual({each["method"] for each in plan["methods"]},
                                 {"block Lanczos", "randomized", "dense"})
                text = self.eckart("svd", file, "-k", k, "--dry-run")[0]
                self.assertIn(plan["reason"], " ".join(text.split()))
                self.assertEqual(self.facts("svd", file, "-k", k)["method"], method)
        plan = self.facts("svd", "A.mtx", "-k", 3, "--dry-run", "--max-memory", "100k")
        self.assertFalse(plan["fits"])

    def test_an_error_below_the_rounding_of_sums_takes_every_value(self):
        s = 10.0 ** -np.arange(800)[:30].repeat(20)[:500]
        q, p = (np.linalg.qr(self.rng.normal(size=(500, 500)))[0] for _ in range(2))
        self.save("A.npy", (q * s) @ p)
        facts = self.facts("svd", "A.npy", "--error", 1e-9)
        self.assertEqual(facts["method"], "dense")
        left = np.sqrt(np.cumsum(s[::-1] ** 2)[::-1] / np.sum(s**2))
        self.assertEqual(facts["kept"], int(np.argmax(left <= 1e-9)))
        for method in ["lanczos", "randomized"]:
            for rule, error in [(["--error", 1e-9], "1e-09"), (["--error", 0], "0"), (["--energy", 1], "0")]:
                narration = self.eckart("svd", "A.npy", *rule, "--method", method, code=2)[1]
                self.assertIn(f"an error of {error} ||A||_F is lost in the rounding", narration)
                self.assertIn("ask for 8.9e-08 at least", narration)
        self.assertEqual(self.facts("svd", "A.npy", "--energy", 1)["method"], "dense")

    def test_energy_of_a_matrix_whose_norm_overflows(self):
        np.save(self.path("A.npy"), 3e306 * self.rng.normal(size=(200, 150)))
        dense = self.facts("svd", "A.npy", "--energy", 0.5, "--method", "dense")
        self.assertEqual(self.facts("svd", "A.npy", "--energy", 0.5)["kept"], dense["kept"])
        self.assertIn("||A||_F", self.eckart("svd", "A.npy", "--energy", 0.5, "--method", "lanczos", code=2)[1])
        self.assertEqual(self.facts("values", "A.npy", "-k", 3, "--method", "randomized")["failure_probability"], 1e-6)

    def test_what_is_allowed_is_beside_the_input(self):
        np.save(self.path("A.npy"), self.rng.normal(size=(500, 500)))
        narration = self.eckart("svd", "A.npy", "-k", 50, "--method", "lanczos", "--max-memory", "2.1M", code=5)[1]
        self.assertIn("are allowed beside the input; ask for fewer", narration)

    def test_options_that_apply_to_nothing_are_refused(self):
        self.save("A.npy", np.eye(30))
        for words, part in [(["-k", 2, "--tolerance", 1], "from 0 to below 1"), (["--method", "lanczos"], "need -k"), (["--method", "randomized"], "need -k"),
                            (["-k", 2, "--method", "randomized", "--max-restarts", 4], "never restarts"), (["--tolerance", 1e-3], "need -k"),
                            (["-k", 2, "--method", "dense", "--block", 4], "about an iteration"),
                            (["--absolute"], "give --error"), (["--error-norm", "spectral"], "give --error"),
                            (["--error", 2], "with --absolute"), (["--energy", 0.5, "--u", "full"], "leave one out"),
                            (["-k", 2, "--driver", "qr", "--tolerance", 1e-3], "--driver is about the dense"),
                            (["-k", 2, "--rtol", 1e-3, "--method", "lanczos"], "--rtol is about the dense"),
                            (["-k", 25, "--method", "lanczos"], "more than min(m, n) = 30")]:
            with self.subTest(words=words):
                self.assertIn(part, self.eckart("svd", "A.npy", *words, code=2)[1])
        self.assertEqual(self.facts("svd", "A.npy", "-k", 2, "--driver", "qr")["method"], "dense")

    def test_a_checkpoint_is_the_iterations_alone(self):
        self.eckart("gen", "normal", "300x200", "-o", "A.npy")
        for words in [["--method", "dense", "-k", "3"], ["--method", "randomized", "-k", "3"], []]:
            self.assertIn("--checkpoint saves the iteration", self.eckart("values", "A.npy", "--checkpoint", "s.npz",
                                                                          *words, code=2)[1])
        for name in ["s.txt", "-", "A.npy"]:
            self.eckart("values", "A.npy", "-k", "3", "--method", "lanczos", "--checkpoint", name, code=2)
        self.eckart("svd", "A.npy", "-k", "3", "--method", "lanczos", "--checkpoint", "o.npz", "-o", "o.npz", code=2)
        self.assertIn("largest triplets", self.eckart("values", "A.npy", "-k", "3", "--smallest", "--checkpoint", "s.npz",
                                                      code=2)[1])
        self.assertIn("nothing is saved in s.npz", self.eckart("lowrank", "A.npy", "-k", "3", "--checkpoint", "s.npz")[1])
        self.assertFalse(os.path.exists(self.path("s.npz")))

    def test_where_the_restarts_were_used_up_a_checkpoint_goes_on_with_more(self):
        self.eckart("gen", "normal", "400x300", "-o", "A.npy")
        words = ["values", "A.npy", "-k", "3", "--method", "lanczos"]
        expected = self.eckart(*words)[0]
        words += ["--checkpoint", "s.npz", "--max-restarts"]
        self.assertIn("saved in s.npz", self.eckart(*words, "0", code=1)[1])
        self.assertEqual(self.eckart(*words, "100")[0], expected)
        self.assertFalse(os.path.exists(self.path("s.npz")))

    def test_nan_is_named_with_its_place(self):
        a = self.rng.normal(size=(900, 800))
        a[2, 4] = np.nan
        self.save("A.npy", a)
        self.assertIn("row 3, column 5", self.eckart("svd", "A.npy", "-k", 3, code=3)[1])
        self.save("A.mtx", "%%MatrixMarket matrix coordinate real general\n9 9 2\n1 1 1\n3 5 nan\n")
        narration = self.eckart("svd", "A.mtx", "-k", 1, code=3)[1]
        self.assertIn("A.mtx: row 3, column 5", narration)
        self.assertIn("is NaN", narration)

    def test_values_below_tolerance_zero_and_complex(self):
        self.save("zero.mtx", "%%MatrixMarket matrix coordinate real general\n400 300 1\n1 1 0\n")
        facts = self.facts("svd", "zero.mtx", "-k", 3, "--method", "lanczos", "--report", "page.html")
        self.assertEqual(facts["values"], [0, 0, 0])
        self.assertIn("zero.mtx", self.read("page.html").decode())
        self.eckart("svd", "zero.mtx", "-k", 3, "--method", "lanczos")
        self.save("z.mtx", "%%MatrixMarket matrix coordinate complex general\n300 200 200\n"
                  + "".join(f"{i} {i} {i} {i}\n" for i in range(1, 201)))
        facts = self.facts("svd", "z.mtx", "-k", 4)
        np.testing.assert_allclose(facts["values"], np.sqrt(2) * np.arange(200, 196, -1), rtol=1e-12)
        self.assertEqual(facts["dtype"], "complex128")

    def test_low_rank_of_a_sparse_matrix(self):
        a = self.save_sparse()
        u, s, vh = np.linalg.svd(a)
        self.eckart("lowrank", "A.mtx", "-k", 4, "--method", "lanczos", "-o", "B.npy")
        np.testing.assert_allclose(np.load(self.path("B.npy")), (u[:, :4] * s[:4]) @ vh[:4], atol=1e-7 * s[0])
        line = self.facts("lowrank", "A.mtx", "-k", 4, "--method", "lanczos")["approximations"][0]
        self.assertIsNone(line["spectral_error"])
        self.assertAlmostEqual(line["frobenius_error"], np.linalg.norm(s[4:]), places=9)
        self.assertLessEqual(s[4], line["spectral_at_most"])
        # Every other verb reads a sparse npz as a dense matrix.
        self.assertEqual(self.facts("rank", "A.npz")["shape"], [300, 200])

    def test_the_page_shows_what_is_known(self):
        self.save_sparse()
        self.eckart("svd", "A.mtx", "-k", 6, "--method", "lanczos", "--report", "page.html")
        page = self.read("page.html").decode()
        for part in ["6 largest of the 200", "No value that is missing is above", "Residual", "block Lanczos", "Triplet 6"]:
            self.assertIn(part, page)
        self.assertNotIn("rank threshold", page)
        self.assertNotIn("nan", page.lower().replace("dominan", ""))


if __name__ == "__main__":
    unittest.main()
