"""eckart.linalg beside numpy.linalg and scipy.linalg: results, shapes, types, and errors, call by call."""

import numpy as np
import pytest

import eckart
import eckart.linalg as ours

theirs = np.linalg
RNG = np.random.default_rng(5)
MATRICES = {
    "square": RNG.standard_normal((5, 5)),
    "tall": RNG.standard_normal((7, 3)),
    "wide": RNG.standard_normal((3, 7)),
    "complex": RNG.standard_normal((4, 3)) + 1j * RNG.standard_normal((4, 3)),
    "deficient": np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 0.5]),
    "single": RNG.standard_normal((6, 4)).astype(np.float32),
    "integers": np.array([[1, 2, 0], [3, -1, 4], [0, 5, 2], [2, 2, 1]]),
    "stack": RNG.standard_normal((2, 3, 4, 5)),
    "no rows": np.empty((0, 4)),
    "empty stack": np.empty((0, 3, 4)),
}


def same(x, y, atol=1e-12):
    """Of one type and shape, and as near as the type allows."""
    assert type(x) is type(y)
    assert np.shape(x) == np.shape(y) and np.asarray(x).dtype == np.asarray(y).dtype
    if np.asarray(x).dtype in (np.float32, np.complex64):
        atol = 1e-5
    np.testing.assert_allclose(x, y, atol=atol, rtol=1e-10)


@pytest.mark.parametrize("name", MATRICES)
def test_values_ranks_norms(name):
    a = MATRICES[name]
    same(ours.svdvals(a), theirs.svdvals(a))
    same(ours.matrix_rank(a), theirs.matrix_rank(a))
    same(ours.matrix_rank(a, tol=0.5), theirs.matrix_rank(a, tol=0.5))
    same(ours.matrix_rank(a, rtol=0.3), theirs.matrix_rank(a, rtol=0.3))
    for order in (2, "nuc", "fro", 1, np.inf, None):
        same(ours.norm(a, order, axis=(-2, -1)), theirs.norm(a, order, axis=(-2, -1)))
        same(ours.norm(a, order, axis=(-1, -2), keepdims=True), theirs.norm(a, order, axis=(-1, -2), keepdims=True))
    same(ours.matrix_norm(a, ord="nuc", keepdims=True), theirs.matrix_norm(a, ord="nuc", keepdims=True))
    if a.size and name != "deficient":
        same(ours.cond(a), theirs.cond(a))
        same(ours.cond(a, -2), theirs.cond(a, -2))


@pytest.mark.parametrize("name", MATRICES)
def test_pinv(name):
    a = MATRICES[name]
    same(ours.pinv(a), theirs.pinv(a), 1e-11)
    same(ours.pinv(a, rcond=0.3), theirs.pinv(a, rcond=0.3), 1e-11)
    if name != "integers":  # NumPy asks for the eps of integers
        same(ours.pinv(a, rtol=None), theirs.pinv(a, rtol=None), 1e-11)


def test_pinv_of_a_long_stack_is_that_of_its_matrices():
    a = RNG.standard_normal((400, 5, 3))  # enough for several threads
    same(ours.pinv(a), np.stack([ours.pinv(x) for x in a]), 1e-11)
    a[333, 1, 2] = np.nan
    with pytest.raises(theirs.LinAlgError, match=r"matrix \(333,\)"):
        ours.pinv(a)


def test_pinv_takes_a_tolerance_for_each_matrix():
    a = MATRICES["stack"]
    cut = np.linspace(0, 0.9, 6).reshape(2, 3)
    same(ours.pinv(a, rcond=cut), theirs.pinv(a, rcond=cut), 1e-11)


def test_pinv_of_a_stack_is_that_of_its_matrices():
    a = RNG.standard_normal((3, 2, 6, 4)) + 1j * RNG.standard_normal((3, 2, 6, 4))
    a[1, 0] *= 1e-300
    a[2, 1] = 0
    a[0, 1, :, 3] = a[0, 1, :, 2]
    x = ours.pinv(a)
    for i in np.ndindex(3, 2):
        np.testing.assert_allclose(x[i], ours.pinv(a[i]), rtol=1e-11, atol=1e-12 * np.abs(x[i]).max())
    with pytest.raises(OverflowError):  # 1 / sigma is beyond the largest double: as for one matrix
        ours.pinv(np.full((2, 1, 1), 1e-310))
    with pytest.raises(OverflowError):
        ours.pinv(np.full((1, 1), 1e-310))
    for wrong in (np.ones((2, 2)), np.ones((2, 2, 2))):
        with pytest.raises(ValueError, match="NaN"):
            ours.pinv(wrong, rcond=np.nan)


@pytest.mark.parametrize("name", [n for n in MATRICES if MATRICES[n].ndim == 2])
@pytest.mark.parametrize("columns", [None, 0, 2])
def test_lstsq(name, columns):
    a = MATRICES[name]
    b = RNG.standard_normal(a.shape[0] if columns is None else (a.shape[0], columns))
    for x, y in zip(ours.lstsq(a, b), theirs.lstsq(a, b)):
        same(x, y, 1e-11)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", MATRICES)
def test_svd_has_their_shapes_and_types(name, full):
    x, y = ours.svd(MATRICES[name], full), theirs.svd(MATRICES[name], full)
    assert x._fields == y._fields
    for p, q in zip(x, y):
        assert p.shape == q.shape and p.dtype == q.dtype
    same(x.S, y.S)


@pytest.mark.parametrize("function", ["svd", "svdvals", "pinv", "cond"])
def test_errors_about_dimensions_are_theirs(function):
    for a in (1.0, [1.0, 2.0]):
        messages = []
        for module in (ours, theirs):
            with pytest.raises(theirs.LinAlgError) as caught:
                getattr(module, function)(a)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


@pytest.mark.parametrize("function", ["svd", "svdvals", "pinv", "cond", "matrix_rank"])
def test_errors_about_types_and_entries(function):
    call = getattr(ours, function)
    for a in (np.array([["x"]]), np.ones((2, 2), np.longdouble), np.array([[None]])):
        with pytest.raises(TypeError):
            call(a)
    for bad in (np.nan, np.inf):
        with pytest.raises(theirs.LinAlgError):
            call(np.array([[1.0, bad], [0.0, 1.0]]))
    with pytest.raises(theirs.LinAlgError, match=r"matrix \(1,\)"):
        call(np.array([[[1.0]], [[np.nan]]]))


def test_arguments_against_each_other():
    for call in (lambda: ours.matrix_rank(np.eye(2), tol=1, rtol=1), lambda: ours.pinv(np.eye(2), 0.1, rtol=0.1),
                 lambda: ours.norm(np.ones((2, 2)), "nuc", axis=(0, 0)), lambda: ours.norm(np.ones((2, 2)), "nonsense")):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(theirs.LinAlgError):
        ours.svd(np.ones((2, 3)), hermitian=True)
    with pytest.raises(theirs.LinAlgError):
        ours.cond(np.empty((0, 0)))


def test_arguments_that_do_not_exist():
    for call in (lambda: ours.svdvals(np.eye(2), nonsense=1), lambda: ours.null_space(np.eye(2), nonsense=1)):
        with pytest.raises(TypeError, match="nonsense"):
            call()
    assert ours.null_space(np.ones((2, 2)), overwrite_a=True, check_finite=False, lapack_driver="gesvd").shape == (2, 1)
    with pytest.raises(ValueError):
        ours.norm(np.eye(2), b"nuc")
    with pytest.raises(ValueError):
        ours.interpolative(np.eye(2), np.nan)


@pytest.mark.parametrize("rcond", [None, -1, 0, 1e-3, 0.9, 1, 2])
def test_lstsq_takes_rcond_as_lapack_does(rcond):
    a, b = np.diag([1.0, 1e-1, 1e-5, 1e-17]), np.ones(4)
    assert ours.lstsq(a, b, rcond)[2] == theirs.lstsq(a, b, rcond)[2]
    with pytest.raises(ValueError, match="NaN"):
        ours.lstsq(a, b, np.nan)


def test_hermitian_matrices_are_square():
    for call in (ours.svd, ours.pinv, ours.matrix_rank):
        with pytest.raises(theirs.LinAlgError, match="square"):
            call(MATRICES["tall"], hermitian=True)


def test_all_of_numpy_linalg_is_there():
    for name in theirs.__all__:
        assert callable(getattr(ours, name)) and name in dir(ours)
    assert ours.solve is theirs.solve and ours.LinAlgError is theirs.LinAlgError
    with pytest.raises(AttributeError, match="nonsense"):
        ours.nonsense


def test_norms_of_vectors_are_numpys():
    v = np.array([3.0, -4.0])
    for order in (None, 1, 2, -2, 3, np.inf):
        same(ours.norm(v, order), theirs.norm(v, order))
    same(ours.vector_norm(v), theirs.vector_norm(v))


def test_condition_of_singular_matrices_is_infinite():
    assert ours.cond(np.zeros((3, 3))) == np.inf and ours.cond(np.zeros((2, 2)), -2) == np.inf
    assert ours.cond(np.ones((2, 2))) > 1e15


@pytest.mark.parametrize("name", [n for n in MATRICES if MATRICES[n].ndim == 2])
def test_scipys_functions(name):
    scipy = pytest.importorskip("scipy.linalg")
    a = MATRICES[name]
    if name == "no rows":
        assert ours.null_space(a).shape == (4, 4)
        return
    for function in ("null_space", "orth"):
        x, y = getattr(ours, function)(a), getattr(scipy, function)(a)
        same(x @ x.conj().T, y @ y.conj().T)  # the same subspace
    for side in ("right", "left"):
        (u, p), (v, q) = ours.polar(a, side), scipy.polar(a, side)
        same(p, q.astype(p.dtype))
        if name != "deficient" and (side == "right") == (a.shape[0] >= a.shape[1]):
            same(u, v)
    b = a[::-1]
    (r, scale), (t, other) = ours.orthogonal_procrustes(a, b), scipy.orthogonal_procrustes(a, b)
    same(np.float64(scale), np.float64(other), 1e-5 if name == "single" else 1e-12)
    assert abs(np.linalg.norm(a @ r - b) - np.linalg.norm(a @ t - b)) < 1e-4


@pytest.mark.parametrize("leading", [(3,), (2, 1), (1, 1, 2)])
def test_scipys_functions_of_stacks(leading):
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((*leading, 3, 5)), rng.standard_normal((*leading, 5, 3))
    for function in (ours.null_space, ours.orth, ours.polar, lambda x: ours.polar(x, "left"), lambda x: ours.orthogonal_procrustes(x, x[..., ::-1, :])):
        whole = function(a)
        for i in np.ndindex(leading):
            for of_stack, alone in zip(whole if isinstance(whole, tuple) else (whole,), one if isinstance(one := function(a[i]), tuple) else (one,)):
                assert np.array_equal(of_stack[i], alone)
    assert ours.orthogonal_procrustes(b, b[0])[0].shape == (*leading, 3, 3)
    with pytest.raises(eckart.ArgumentError, match="another rank"):
        ours.orth(np.stack([np.eye(3), np.diag([1.0, 1.0, 0.0])]))
    with pytest.raises(eckart.ArgumentError, match="holds no matrix"):
        ours.null_space(np.zeros((0, 3, 3)))


def test_interpolative_is_the_best_approximation():
    a = np.diag([8.0, 4.0, 2.0, 1e-9])
    for choice, kept in ((2, 2), (0.3, 2), (1e-6, 3), (0, 4)):
        u, s, v = ours.interpolative(a, choice)
        assert s.size == kept and u.shape == v.shape == (4, kept)
        np.testing.assert_allclose(u * s @ v.T, np.diag(np.where(np.arange(4) < kept, np.diag(a), 0)), atol=1e-14)


def test_lstsq_of_rank_three():
    """NumPy's test_rcond: the first two columns make the fourth."""
    a = np.array([[0.0, 1, 0, 1, 2, 0], [0, 2, 0, 0, 1, 0], [1, 0, 1, 0, 0, 4], [0, 0, 0, 2, 3, 0]]).T
    b = np.array([1.0, 0, 0, 0, 0, 0])
    for rcond in (-1, None):
        x, residuals, rank, s = ours.lstsq(a, b, rcond=rcond)
        assert rank == 3 and residuals.size == 0
        assert s[3] <= 1e-16 * s[0]
    np.testing.assert_allclose(x, np.linalg.lstsq(a, b, rcond=None)[0], atol=1e-15)
