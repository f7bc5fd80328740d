"""eckart.operators against matrices that are written out."""

import gc
import inspect
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import eckart
from eckart import operators

rng = np.random.default_rng(7)
A = rng.standard_normal((23, 17))
C = (A + 1j * rng.standard_normal((23, 17))).astype(np.complex64)
X, Y = rng.standard_normal((17, 3)), rng.standard_normal((23, 2))


class Products:
    """What has a shape and products, and nothing else."""

    def __init__(self, a):
        self.a, self.shape = a, a.shape

    def matvec(self, x):
        return self.a @ x

    def rmatvec(self, x):
        return self.a.conj().T @ x


def is_like(op, a, rtol=1e-13):
    """Shape, type, both products."""
    assert op.shape == a.shape and op.ndim == 2
    if op.dtype.char in "fF":
        rtol = 1e-5
    size = np.linalg.norm(a)
    x, y = rng.standard_normal((a.shape[1], 3)), rng.standard_normal((a.shape[0], 2))
    assert np.linalg.norm(op @ x - a @ x) <= rtol * size * np.linalg.norm(x)
    assert np.linalg.norm(op.H @ y - a.conj().T @ y) <= rtol * size * np.linalg.norm(y)
    assert np.linalg.norm(op @ x[:, 0] - a @ x[:, 0]) <= rtol * size * np.linalg.norm(x)
    assert np.linalg.norm(op.rmatvec(y[:, 0]) - a.conj().T @ y[:, 0]) <= rtol * size * np.linalg.norm(y)
    assert (op @ x[:, 0]).shape == (a.shape[0],)
    assert np.linalg.norm(y.T @ op - y.T @ a) <= rtol * size * np.linalg.norm(y)


STRIDED = np.zeros((46, 51))[::2, ::-3]
STRIDED[...] = A


@pytest.mark.parametrize("a", [
    pytest.param(A, id="rows"), pytest.param(np.asfortranarray(A), id="columns"), pytest.param(STRIDED, id="strided"),
    pytest.param(A.astype(np.float32), id="float32"), pytest.param(C, id="complex64"), pytest.param(C.astype(np.complex128), id="complex128"),
    pytest.param(A.astype(">f8"), id="swapped"), pytest.param((4 * A).astype(np.int16), id="int16"), pytest.param(A > 0, id="bool"),
    pytest.param(A.astype(np.float16), id="float16"), pytest.param(A[:, :0], id="no columns"), pytest.param(A[:1], id="row"),
])
def test_arrays(a):
    is_like(operators.operator(a), a.astype(operators.operator(a).dtype))


def test_an_array_is_read_in_place():
    a = A.copy()
    op = operators.operator(a[::2])
    a *= 2
    is_like(op, a[::2])


def test_an_operator_keeps_its_array():
    op = operators.operator(A * 3)  # nobody else has it
    gc.collect()
    is_like(op, A * 3)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128, np.int8, np.bool_])
def test_sparse(kind, index, dtype):
    sparse = pytest.importorskip("scipy.sparse")
    dense = np.where(A > 0.5, 3 * A, 0).astype(dtype)
    for make in (sparse.coo_array, sparse.coo_matrix):
        a = make(dense).asformat(kind)
        for name in ("indices", "indptr"):
            if hasattr(a, name):
                setattr(a, name, getattr(a, name).astype(index))
        op = operators.operator(a)
        assert op.dtype == (dtype if np.dtype(dtype).kind in "fc" else np.float64)
        is_like(op, dense.astype(op.dtype))


def test_entries_named_twice_are_summed():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.csr_array((np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1]), np.array([0, 3, 3])), shape=(2, 2))
    assert operators.operator(a).toarray().tolist() == [[2, 5], [0, 0]]


def test_damaged_sparse_arrays_are_errors():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.csr_array(A)
    a.indices[3] = 99
    with pytest.raises(eckart.ArgumentError, match="99"):
        operators.operator(a) @ X
    a = sparse.csr_array(A)
    a.data[5] = np.nan
    with pytest.raises(eckart.NonFiniteError):
        operators.operator(a) @ X


def test_linear_operators_and_what_is_like_them():
    linalg = pytest.importorskip("scipy.sparse.linalg")
    is_like(operators.operator(linalg.aslinearoperator(A)), A)
    is_like(operators.operator(linalg.aslinearoperator(C)), C)
    is_like(operators.operator(Products(A)), A)
    is_like(operators.operator(Products(C)), C)
    is_like(operators.from_functions(A.shape, lambda x: A @ x, lambda x: A.T @ x), A)
    theirs = linalg.aslinearoperator(operators.operator(A))  # and the way back
    assert np.allclose(theirs @ X, A @ X) and np.allclose(theirs.H @ Y, A.T @ Y)


def test_what_a_function_raises_comes_out_as_it_is():
    class Mine(Exception):
        pass

    def fail(x):
        raise Mine("here")

    op = operators.from_functions((400, 300), fail, fail)
    for call in (lambda: op @ np.ones(300), lambda: eckart.truncated_svd(op, 5), lambda: eckart.svds(op, k=3)):
        with pytest.raises(Mine, match="here"):
            call()
        with pytest.raises(Mine, match="here"):  # in a thread that does not watch for signals
            in_thread(call)
    with pytest.raises(eckart.ArgumentError, match=r"\(2, 1\) and not \(400, 1\)"):
        operators.from_functions((400, 300), lambda x: np.ones((2, x.shape[1])), fail) @ np.ones(300)


def in_thread(call):
    raised = []

    def work():
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def test_a_function_may_keep_its_vectors():
    kept = []

    def product(x):
        kept.append((x, x.copy()))
        return A @ x

    eckart.truncated_svd(operators.from_functions(A.shape, product, lambda x: A.T @ x), 2)
    assert kept and all((x == copy).all() for x, copy in kept)


def test_a_function_may_decompose():
    def product(x):
        eckart.svd(A)
        return A @ x

    s = eckart.truncated_svd(operators.from_functions(A.shape, product, lambda x: A.T @ x), 2).S
    assert np.allclose(s, np.linalg.svd(A, compute_uv=False)[:2])


def test_algebra():
    linalg = pytest.importorskip("scipy.linalg")
    a, b, square = operators.operator(A), rng.standard_normal((17, 5)), rng.standard_normal((17, 17))
    is_like(a.H, A.T)
    is_like(a.T, A.T)
    is_like(2 * a, 2 * A)
    is_like(-a, -A)
    is_like(operators.scaled(a, 1j), 1j * A)
    is_like(a + a, 2 * A)
    is_like(a - C.astype(complex), A - C)
    is_like(a @ operators.operator(b), A @ b)
    is_like(operators.product(C, b), C @ b)
    is_like(operators.shifted(square, 2.5), square + 2.5 * np.eye(17))
    is_like(operators.centred(a), A - A.mean(axis=0))
    is_like(operators.centred(a, np.arange(17.0)), A - np.arange(17))
    is_like(operators.low_rank_plus(a, Y, [2.0, 3.0], X[:, :2].T), A + Y * [2, 3] @ X[:, :2].T)
    is_like(operators.kronecker(A[:4, :3], b), np.kron(A[:4, :3], b))
    is_like(operators.masked(a, [5, 0], [3, 16, 1]), A[np.ix_([5, 0], [3, 16, 1])])
    c, r = rng.standard_normal(9), rng.standard_normal(6)
    is_like(operators.toeplitz(c, r), linalg.toeplitz(c, r))
    is_like(operators.toeplitz(c + 1j), linalg.toeplitz(c + 1j))
    is_like(operators.hankel(c, r), linalg.hankel(c, r))
    is_like(operators.hankel(c), linalg.hankel(c))
    is_like(operators.hankel(c, rows=4), linalg.hankel(c[:4], c[3:]))
    is_like(operators.circulant(c), linalg.circulant(c))
    assert np.allclose(a.column_means(), A.mean(axis=0))
    assert a.frobenius_norm() == pytest.approx(np.linalg.norm(A))
    assert operators.centred(a).frobenius_norm() is None


@pytest.mark.parametrize("call", [
    lambda: operators.sum(A, A.T), lambda: operators.product(A, A), lambda: operators.shifted(A, 1), lambda: operators.centred(A, [1.0]),
    lambda: operators.masked(A, [1, 1], [0]), lambda: operators.masked(A, [99], [0]), lambda: operators.hankel(A[0], rows=0),
    lambda: operators.operator(A[0]), lambda: operators.operator(A) @ A, lambda: operators.operator(C).T,
    lambda: operators.low_rank_plus(A, Y, [1.0], X.T), lambda: operators.hankel(A[0], A[0], rows=3),
])
def test_sizes_that_do_not_fit(call):
    with pytest.raises(eckart.ArgumentError):
        call()


@pytest.mark.parametrize("a", ["no such file", object(), {"a": 1}, np.array([["a"]])])
def test_what_is_no_matrix(a):
    with pytest.raises((TypeError, eckart.ArgumentError)):
        operators.operator(a)


def test_results_are_the_same_for_any_number_of_threads():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.random_array((3000, 800), density=0.01, rng=np.random.default_rng(1))
    one, two = eckart.truncated_svd(a, 5, threads=1), eckart.truncated_svd(a, 5, threads=2)
    assert (one.U == two.U).all() and (one.S == two.S).all() and (one.Vh == two.Vh).all()


def test_principal_components_of_a_sparse_matrix():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.random_array((300, 80), density=0.1, rng=np.random.default_rng(1))
    dense = a.toarray()
    d = eckart.truncated_svd(operators.centred(a), 4, tolerance=1e-10)
    u, s, vh = np.linalg.svd(dense - dense.mean(axis=0), full_matrices=False)
    assert np.allclose(d.S, s[:4], rtol=1e-12)
    assert np.allclose(np.abs(np.sum(d.Vh * vh[:4], axis=1)), 1)


def times_two(x):
    return 2 * x


def test_operators_can_be_pickled(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    np.save(tmp_path / "a.npy", A)
    A.tofile(tmp_path / "a.raw")
    a, square = operators.operator(A), operators.operator(A.T @ A)
    made = [a, operators.operator(A, dtype=complex), operators.operator(C), operators.operator(sparse.csr_array(A)),
            operators.operator(tmp_path / "a.npy"), operators.raw_file(tmp_path / "a.raw", A.shape, float),
            operators.from_triplets((4, 5), [0, 3, 3], [1, 4, 4], [1.0, 2.0, 3.0]), operators.from_functions((17, 17), times_two, times_two), a.H, 2j * a, a + a, a.H @ a, operators.shifted(square, 3),
            operators.centred(a), operators.low_rank_plus(a, A[:, :2], [1, 2], A[:2]), operators.kronecker(a, C[:2]),
            operators.masked(a, [3, 1], [0, 5, 2]), operators.toeplitz(A[0]), operators.hankel(A[0], rows=5), operators.circulant(A[0]),
            operators.with_inverse(square, np.linalg.inv(A.T @ A))]
    for before in made:
        after = pickle.loads(pickle.dumps(before))
        assert (after.shape, after.dtype, after.description) == (before.shape, before.dtype, before.description)
        assert (after.toarray() == before.toarray()).all(), before
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(operators.from_functions((3, 3), lambda x: x, lambda x: x))


def test_a_result_can_be_pickled():
    d = pickle.loads(pickle.dumps(eckart.truncated_svd(A, 4)))
    assert np.allclose(d.S, np.linalg.svd(A, compute_uv=False)[:4]) and d.report.converged
    assert d.truncate(2).U.shape == (23, 2) and np.linalg.matrix_rank(d.reconstruct()) == 4


def test_vectors_that_a_function_got_outlive_the_computation():
    kept = []

    def failing(x):
        kept.append(x)
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as caught:
        eckart.truncated_svd(operators.from_functions((400, 300), failing, failing), 3)
    local = [frame.frame.f_locals for frame in inspect.getinnerframes(caught.value.__traceback__)]
    windows = kept + [x for names in local for x in names.values() if isinstance(x, np.ndarray)]
    assert len(windows) > 1 and all(x.base is not None or x.flags.owndata for x in windows)
    assert all(np.isfinite(x).all() for x in windows)


def test_a_complex_product_of_a_real_operator_is_an_error():
    op = operators.from_functions((40, 30), lambda x: np.ones((40, x.shape[1])) * 1j, lambda x: np.ones((30, x.shape[1])) * 1j)
    with pytest.raises(TypeError, match="complex"):
        op @ np.ones(30)


CYCLES = """
import gc, sys, weakref
import numpy as np, eckart
from eckart import operators

op = operators.from_functions((30, 30), lambda x: x, lambda x: x)  # the module, the operator, the functions, the module
made = operators.centred(2 * op, np.zeros(30))
made @ np.ones(30)

class Itself:
    shape, dtype = (30, 30), np.dtype(float)

    def __init__(self):
        self.operator = operators.operator(self)
        self.operator @ np.ones(30)

    def matvec(self, x):
        return x

    rmatvec = matvec

gone = weakref.ref(Itself())
gc.collect()
assert gone() is None
only = operators.with_inverse(np.eye(30), operators.from_functions((30, 30), lambda x: x, lambda x: x))
gc.collect()
eckart.truncated_svd(only, 2, which="smallest")
"""


def test_functions_that_know_their_operator_are_no_leak():
    done = subprocess.run([sys.executable, "-c", CYCLES], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
