"""eckart.svds and eckart.truncated_svd against whole decompositions, and their errors."""

import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest

import eckart
from checks import PATIENCE
from eckart import operators

rng = np.random.default_rng(3)
A = rng.standard_normal((60, 40))
S = np.linalg.svd(A, compute_uv=False)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (30, 30), (5, 1)])
@pytest.mark.parametrize("which", ["LM", "SM"])
def test_triplets(dtype, shape, which):
    a = rng.standard_normal(shape).astype(dtype)
    if np.dtype(dtype).kind == "c":
        a = a + (1j * rng.standard_normal(shape)).astype(dtype)
    k = min(4, min(shape))
    u, s, vh = eckart.svds(a, k=k, which=which)
    every = np.linalg.svd(a, compute_uv=False)
    eps = np.finfo(dtype).eps
    assert u.dtype == a.dtype and s.dtype == np.finfo(dtype).dtype
    assert np.allclose(s, every[:k] if which == "LM" else every[-k:], rtol=0, atol=100 * eps * every[0])
    assert np.allclose(a @ vh.conj().T, u * s, atol=1e3 * eps * every[0])
    assert np.allclose(u.conj().T @ u, np.eye(k), atol=1e3 * eps) and np.allclose(vh @ vh.conj().T, np.eye(k), atol=1e3 * eps)


def test_order_and_vectors():
    u, s, vh = eckart.svds(A, k=3)
    assert (np.diff(s) < 0).all()
    u2, s2, vh2 = eckart.svds(A, k=3, order="scipy")
    assert (s2[::-1] == s).all() and (u2[:, ::-1] == u).all() and (vh2[::-1] == vh).all()
    assert (eckart.svds(A, k=3, return_singular_vectors=False) == s).all()
    assert eckart.svds(A, k=3, return_singular_vectors="u").Vh is None
    assert eckart.svds(A, k=3, return_singular_vectors="vh").U is None
    assert eckart.svds(A, k=3).report.converged


def test_without_a_seed_every_call_gives_the_same_bits():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.random_array((500, 400), density=0.05, rng=np.random.default_rng(1))
    one, two, other = eckart.svds(a, k=3), eckart.svds(a, k=3), eckart.svds(a, k=3, rng=1)
    assert (one.U == two.U).all() and (one.U != other.U).any()
    assert np.allclose(one.S, other.S, rtol=1e-13)
    again = eckart.svds(a, k=3, random_state=1)
    assert (again.U == other.U).all()


@pytest.mark.parametrize("options, error", [
    ({"k": 0}, ValueError), ({"k": 41}, ValueError), ({"k": 40, "solver": "arpack"}, ValueError), ({"k": 1.5}, ValueError), ({"tol": -1}, ValueError),
    ({"which": "LA"}, ValueError), ({"maxiter": 0}, ValueError), ({"solver": "x"}, ValueError), ({"return_singular_vectors": 1.5}, ValueError),
    ({"v0": np.ones(3)}, ValueError), ({"rng": "x"}, ValueError), ({"order": "up"}, ValueError), ({"solver": "arpack", "ncv": 3}, ValueError),
    ({"threads": 0}, ValueError), ({"threads": 1.5}, TypeError),
])
def test_errors(options, error):
    with pytest.raises(error):
        eckart.svds(A, **{"k": 3, **options})


def test_not_converging_raises_and_holds_what_was_found():
    sparse = pytest.importorskip("scipy.sparse")
    linalg = pytest.importorskip("scipy.sparse.linalg")
    a = sparse.diags_array(1 + 1e-6 * np.arange(20000.0))
    with pytest.raises(eckart.NoConvergenceError, match="within") as caught:
        eckart.svds(a, k=6, maxiter=1)
    assert isinstance(caught.value, linalg.ArpackNoConvergence) and isinstance(caught.value, RuntimeError)
    assert len(caught.value.result.S) == 6 and len(caught.value.eigenvalues) < 6
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, (linalg.ArpackNoConvergence, eckart.NoConvergenceError)) and str(again) == str(caught.value)
    assert np.array_equal(again.result.S, caught.value.result.S) and np.array_equal(again.eigenvalues, caught.value.eigenvalues)
    d = eckart.truncated_svd(a, 6, max_iterations=1, tolerance=1e-12)
    assert not d.report.converged and d.report.shortfall


def test_smallest_of_a_wide_operator_needs_no_square_of_the_long_side():
    a = rng.standard_normal((5, 200000)) + 1j
    d = eckart.svds(operators.from_functions(a.shape, lambda x: a @ x, lambda x: a.conj().T @ x, dtype=complex), k=2, which="SM")
    assert np.allclose(d.S, np.linalg.svd(a, compute_uv=False)[-2:]) and (d.report.residuals < 1e-9).all()


def grid(n):
    """The Laplacian of n x n points, sparse, and its n^2 singular values, which descend."""
    sparse = pytest.importorskip("scipy.sparse")
    line = sparse.diags_array([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], offsets=[-1, 0, 1])
    one = sparse.eye_array(n)
    values = 2 - 2 * np.cos(np.arange(1, n + 1) * np.pi / (n + 1))
    return (sparse.kron(line, one) + sparse.kron(one, line)).tocsr(), np.sort(np.add.outer(values, values).ravel())[::-1]


def test_smallest_of_a_sparse_matrix_come_from_its_factors():
    a, every = grid(90)  # written out: 524 MB
    d = eckart.svds(a, k=5, which="SM")
    assert np.allclose(d.S, every[-5:], rtol=1e-11) and d.report.which == "smallest" and d.report.method == "shift and invert"
    assert "sparse Cholesky" in d.report.found_by and d.report.certified and d.report.certainty and d.report.solves > 0
    assert np.allclose(a @ d.Vh.T, d.U * d.S, atol=1e-12)
    assert np.allclose(eckart.svds(a, k=5, which="SM", order="scipy", return_singular_vectors=False), every[::-1][:5], rtol=1e-11)


def test_nearest():
    a, every = grid(30)
    d = eckart.truncated_svd(a, 4, which="nearest", target=4.02)
    wanted = np.sort(every[np.argsort(np.abs(every - 4.02))[:4]])[::-1]
    assert np.allclose(d.S, wanted, rtol=1e-12) and d.report.which == "nearest" and d.report.target == 4.02
    for options in ({"which": "nearest"}, {"target": 1.0}, {"which": "middle"}, {"which": "nearest", "target": -1.0}, {"which": "smallest", "energy": 0.5}):
        with pytest.raises(eckart.ArgumentError):
            eckart.truncated_svd(a, 4, **options)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_the_callers_own_factors(dtype):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    a, every = grid(20)
    a = a.astype(dtype) * (1j if dtype is np.complex128 else 1)
    lu = linalg.splu(a.tocsc())
    by_products = operators.from_functions(a.shape, lambda x: a @ x, lambda x: a.conj().T @ x, dtype=dtype)
    d = eckart.svds(operators.with_inverse(by_products, lu), k=3, which="SM")
    assert np.allclose(d.S, every[-3:], rtol=1e-11) and d.report.solves > 0
    assert np.allclose(a @ d.Vh.conj().T, d.U * d.S, atol=1e-12)
    with pytest.raises(eckart.ArgumentError):
        operators.with_inverse(A, A.T)


def test_smallest_of_products_alone_that_do_not_converge():
    values = np.linspace(1e-5, 1, 60000)
    big = operators.from_functions((60000, 60000), lambda x: values[:, None] * x, lambda x: values[:, None] * x)
    with pytest.raises(eckart.NoConvergenceError) as caught:
        eckart.svds(big, k=2, which="SM", maxiter=1)
    assert len(caught.value.result.S) == 2 and len(caught.value.eigenvalues) == caught.value.result.report.within_tolerance


def test_rules():
    share = np.cumsum(S**2) / np.sum(S**2)
    left = np.sqrt(np.maximum(0, 1 - share))
    for options, count, rule in (({"energy": 0.5}, np.argmax(share >= 0.5) + 1, "energy"), ({"error": 0.6}, np.argmax(left <= 0.6) + 1, "relative error"),
                                 ({"above": S[6] * 0.999}, 7, "absolute error"), ({"spectral_error": S[5] / S[0] * 1.001}, 5, "relative error"),
                                 ({"k": 2, "energy": 0.5}, 2, "rank")):
        d = eckart.truncated_svd(A, **options)
        assert len(d.S) == count and d.report.bound_by == rule, options
        assert np.allclose(d.S, S[:count])
    for method in ("lanczos", "randomized", "dense"):
        assert eckart.truncated_svd(A, 3, method=method).report.method == {"lanczos": "block Lanczos"}.get(method, method)


def test_what_stands_out_of_noise():
    rng = np.random.default_rng(8)
    signal = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 200))
    noisy = signal + 0.3 * rng.normal(size=signal.shape)
    for noise, method in (("unknown", "lanczos"), ("unknown", "randomized"), ("unknown", "dense"), (0.3, None)):
        d = eckart.truncated_svd(noisy, noise=noise, method=method)
        assert (len(d.S), d.report.bound_by) == (3, "hard threshold")
        assert d.report.noise == pytest.approx(0.3, rel=0.05)
        assert d.S[-1] > d.report.threshold
    assert eckart.truncated_svd(noisy, 2, noise="unknown").report.threshold is None


@pytest.mark.parametrize("options", [{}, {"k": -1}, {"energy": 2.0}, {"k": 3, "method": "x"}, {"k": 3, "tolerance": -1.0}, {"noise": -1.0},
                                     {"noise": "much"}])
def test_rules_that_make_no_sense(options):
    with pytest.raises(eckart.ArgumentError):
        eckart.truncated_svd(A, **options)


def test_interrupt_within_a_second():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.random_array((30000, 20000), density=0.002, rng=np.random.default_rng(1))
    op = operators.operator(a)
    op @ np.ones(20000)  # built
    sent = []

    def send():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        eckart.truncated_svd(op, 300, tolerance=1e-13)
        time.sleep(10)
    assert time.monotonic() - sent[0] < PATIENCE
    timer.join()


def test_an_interrupt_reaches_a_function_of_the_caller():
    op = operators.from_functions((4000, 3000), lambda x: (time.sleep(0.02), np.cumsum(x[:1000].repeat(4, axis=0), axis=0))[1],
                                  lambda x: x[:3000])
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        eckart.truncated_svd(op, 100, tolerance=1e-13)
        time.sleep(10)
    assert time.monotonic() - start < 1.5
    timer.join()


def test_plot():
    pytest.importorskip("matplotlib").use("agg")
    falls = eckart.truncated_svd(np.diag(2.0 ** -np.arange(20)), 6)
    assert falls.report.next_at_most < falls.S[0]
    ax = falls.plot()
    assert len(ax.lines) == 2 and ax.get_yscale() == "log"
    flat = eckart.truncated_svd(A, 3)  # what is left in all is larger than the largest value: its bound says nothing
    assert flat.report.next_at_most > flat.S[0]
    ax = flat.plot()
    assert len(ax.lines) == 1 and ax.get_yscale() == "linear"


def test_progress():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.random_array((4000, 3000), density=0.01, rng=np.random.default_rng(1))
    told = []
    eckart.truncated_svd(a, 10, progress=lambda stage, share: told.append((stage, share)))
    assert told and all(0 <= share <= 1 for _, share in told)
