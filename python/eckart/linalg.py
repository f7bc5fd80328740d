"""The SVD part of ``numpy.linalg``, of the Array API's linalg extension and of ``scipy.linalg``, computed by Eckart.

Names, arguments, defaults, shapes and errors are those of NumPy 2 (``svd``, ``svdvals``, ``matrix_rank``, ``pinv``, ``cond``,
``norm``, ``matrix_norm``, ``vector_norm``, ``lstsq``) and of SciPy (``null_space``, ``orth``, ``polar``, ``orthogonal_procrustes``);
what differs, and why, is in docs/python.md. ``LinAlgError`` is NumPy's. NumPy's functions compute single precision in double and round,
and so do these; SciPy's, and `eckart.svd`, compute it in single. What else ``numpy.linalg`` has (``solve``, ``inv``, ``eigh`` ...) is
NumPy's own under its name here, so that one import can be changed into the other.

>>> import numpy as np
>>> import eckart.linalg as linalg
>>> linalg.svd(np.ones((3, 2))).U.shape
(3, 3)
"""

import math
from collections import namedtuple
from typing import Any, Callable

import numpy as np
from numpy.linalg import LinAlgError
from numpy.linalg import cond as _numpy_cond
from numpy.linalg import norm as _numpy_norm
from numpy.linalg import vector_norm as _numpy_vector_norm
from numpy.lib.array_utils import normalize_axis_index

from . import _engine, _interchange
from ._errors import ArgumentError, NonFiniteError
from ._svd import decompose, located
from ._svd import svd as _thin_svd

__all__ = ["LinAlgError", "cond", "interpolative", "lstsq", "matrix_norm", "matrix_rank", "norm", "null_space", "orth",
           "orthogonal_procrustes", "pinv", "polar", "svd", "svdvals", "vector_norm"]

SVDResult = namedtuple("SVDResult", ["U", "S", "Vh"])
PolarResult = namedtuple("PolarResult", ["u", "p"])
_LAPACK_DRIVERS = {"gesdd": 0, "gesvd": 2}  # SciPy's names: divide and conquer, QR iteration
_EPS = {"f": float(np.finfo(np.float32).eps), "d": float(np.finfo(np.float64).eps)}
_UNSET: Any = type("unset", (), {"__repr__": lambda self: "<unset>"})()


def __getattr__(name: str) -> Any:
    if name in np.linalg.__all__:
        return getattr(np.linalg, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted({*__all__, *np.linalg.__all__})


def _double(x: np.ndarray) -> np.ndarray:
    """`x` in double precision: like NumPy, single precision is computed in double and rounded."""
    return x.astype(np.result_type(x, np.float64)) if x.dtype.char in "fF" else x


def _require_square(x: np.ndarray, hermitian: bool) -> None:
    if hermitian and x.shape[-1] != x.shape[-2]:
        raise ArgumentError("Last 2 dimensions of the array must be square")


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False, *,
        overwrite_a: bool = False, check_finite: bool = True, lapack_driver: "str | None" = None) -> Any:
    """Singular value decomposition of a (..., m, n): (U, S, Vh), full by default as in NumPy; S alone without `compute_uv`.

    `hermitian` promises that each matrix is its own conjugate transpose. It is accepted and changes nothing: the general method is as
    accurate. SciPy's arguments are taken by keyword: `lapack_driver` "gesdd" begins with divide and conquer, "gesvd" with QR
    iteration; `overwrite_a` and `check_finite` change nothing. Raises LinAlgError for fewer than two dimensions and for NaN or
    infinity, which is a ValueError too.

    >>> svd(np.eye(2)).S
    array([1., 1.])
    """
    x, back = _interchange.matrices(a)
    _require_square(x, hermitian)
    driver = 0
    if lapack_driver is not None:
        if not isinstance(lapack_driver, str):
            raise TypeError("lapack_driver must be a string")
        if lapack_driver not in _LAPACK_DRIVERS:
            raise ValueError(f'lapack_driver must be "gesdd" or "gesvd", not "{lapack_driver}"')
        driver = _LAPACK_DRIVERS[lapack_driver]
    dtype = x.dtype
    u, s, vh, _ = decompose(_double(x), full_matrices, compute_uv, driver=driver)
    if dtype.char in "fF":
        s = s.astype(np.float32)
        if u is not None:
            u, vh = u.astype(dtype), vh.astype(dtype)
    if u is None:
        return _interchange.of_values(back)(s)
    if back is _interchange._same:
        return SVDResult(u, s, vh)
    return SVDResult(back(u), _interchange.of_values(back)(s), back(vh))


def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Singular values of a (..., m, n), descending, (..., min(m, n)). SciPy's two arguments change nothing.

    >>> svdvals([[0, 2], [1, 0]])
    array([2., 1.])
    """
    x, back = _interchange.matrices(a)
    return _interchange.of_values(back)(_values(x))


def _values(x: np.ndarray) -> np.ndarray:
    """The singular values of each matrix: all that a norm, a rank or a condition number takes."""
    if x.dtype.char in "dD":
        return decompose(x, False, False)[1]
    return decompose(_double(x), False, False)[1].astype(np.float32)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Number of singular values above tol, or above rtol sigma_1, of each matrix of A (..., m, n).

    Default: rtol = max(m, n) eps. A vector has rank 1 unless it is zero. ValueError when both are given.

    >>> int(matrix_rank(np.ones((3, 3))))
    1
    """
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    x, back = _interchange.array(A)
    if x.ndim < 2:
        return int(x.any())
    _require_square(x, hermitian)
    s = _values(x)
    if tol is not None:
        threshold = np.asarray(tol)[..., None]
    else:
        threshold = s[..., :1] * (max(x.shape[-2:]) * _EPS[s.dtype.char] if rtol is None else np.asarray(rtol)[..., None])
    counts = s > threshold
    # Without an axis it takes a tenth of the time.
    return _interchange.of_figures(back)(np.count_nonzero(counts) if counts.ndim == 1 else np.count_nonzero(counts, axis=-1))


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _UNSET) -> Any:
    """Pseudoinverse (..., n, m) of a (..., m, n); values up to rcond sigma_1 count as zero.

    As in NumPy, `rcond` is 1e-15 when neither is given, and max(m, n) eps for rtol=None (the Array API's default). Both broadcast
    over the stack. ValueError when both are given; LinAlgError for NaN and infinity.

    >>> pinv([[2, 0], [0, 4]])
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    if rcond is not None and rtol is not _UNSET:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    x, back = _interchange.matrices(a)
    _require_square(x, hermitian)
    stack = x.shape[:-2]
    if rtol is None:
        rcond = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    elif rtol is not _UNSET:
        rcond = np.maximum(rtol, 0)
    else:
        rcond = 1e-15 if rcond is None else np.maximum(rcond, 0)
    cut = np.broadcast_to(np.asarray(rcond, np.float64), stack)
    if np.isnan(cut).any():
        raise ArgumentError("pinv: a tolerance is NaN")
    y = _double(x)
    out = _pinv_of_stack(y, cut) if stack else None
    if out is None:
        out = np.empty((*stack, x.shape[-1], x.shape[-2]), y.dtype)
        try:
            _engine.pinv(y, out, np.ascontiguousarray(cut).reshape(-1), 0.0, 0)
        except NonFiniteError as error:
            raise (located(error, stack) if stack else error) from None
    return back(out.astype(x.dtype, copy=False))


def _pinv_of_stack(x: np.ndarray, cut: np.ndarray) -> "np.ndarray | None":
    """V diag(1 / S) U^H of each matrix, from decompositions that share the threads and products of NumPy's; None where 1 / sigma
    leaves the range, which the engine knows how to avoid, matrix by matrix."""
    u, s, vh, _ = decompose(x, False, True)
    counts = s > cut[..., None] * s.max(axis=-1, keepdims=True, initial=0)
    with np.errstate(over="ignore", invalid="ignore"):
        inverse = np.divide(1, s, where=counts, out=np.zeros_like(s))
        out = np.matmul(vh.conj().swapaxes(-1, -2), inverse[..., None] * u.conj().swapaxes(-1, -2))
    return out if np.isfinite(out).all() else None


def cond(x: Any, p: Any = None) -> Any:
    """Condition number of each matrix of x (..., m, n): sigma_1 / sigma_min for p None or 2, its inverse for -2.

    The other norms of a square matrix (1, -1, inf, -inf, "fro") need its inverse and no singular values: those are NumPy's. A
    singular matrix has infinity. Raises LinAlgError for empty matrices, and for NaN and infinity.

    >>> float(cond(np.diag([4.0, 2.0])))
    2.0
    """
    if not (p is None or (np.isscalar(p) and p in (2, -2))):
        return _numpys(_numpy_cond, x, p)
    y, back = _interchange.matrices(x)
    if y.size == 0 and math.prod(y.shape[-2:]) == 0:
        raise LinAlgError("cond is not defined on empty arrays")
    s = _values(y)
    over, under = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
    if s.ndim == 1 and under > 0 and over < 1e30 * under:  # neither of these leaves the range: no need of what is below
        ratio = over / under
    else:
        with np.errstate(all="ignore"):
            ratio = over / under
        ratio = np.where(np.isnan(ratio), ratio.dtype.type(np.inf), ratio)  # 0 / 0: the zero matrix
    return _interchange.of_figures(back)(ratio)


def _numpys(function: "Callable[..., Any]", x: Any, *arguments: Any) -> Any:
    """What NumPy's function makes of x; of a tensor, as a tensor."""
    if isinstance(x, np.ndarray) or not hasattr(x, "__dlpack__"):
        return function(x, *arguments)
    y, back = _interchange.array(x)
    return _interchange.of_figures(back)(function(y, *arguments))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norm of a vector or of each matrix, with all of NumPy's orders: 2, -2 and "nuc" of matrices are sums over singular values and
    Eckart's; the others are sums over entries and NumPy's own.

    >>> float(norm(np.diag([3.0, 4.0]), "nuc"))
    7.0
    """
    spectral = isinstance(ord, (str, int, float, np.number)) and ord in ("nuc", 2, -2)
    axes = axis if axis is not None else tuple(range(x.ndim if isinstance(x, np.ndarray) else np.ndim(x)))
    if not spectral or not isinstance(axes, tuple) or len(axes) != 2:
        return _numpys(_numpy_norm, x, ord, axis, keepdims)
    y, back = _interchange.array(x)
    rows, columns = normalize_axis_index(axes[0], y.ndim), normalize_axis_index(axes[1], y.ndim)
    if rows == columns:
        raise ValueError("Duplicate axes given.")
    in_place = rows == y.ndim - 2 and columns == y.ndim - 1
    s = _values(y if in_place else np.moveaxis(y, (rows, columns), (-2, -1)))
    if ord == 2 and s.shape[-1] > 0:
        total = s[..., 0]
    elif ord == -2:
        total = s.min(axis=-1)
    else:
        total = s.sum(axis=-1)
    if keepdims:
        total = np.expand_dims(total, (rows, columns))
    return _interchange.of_figures(back)(total)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """`norm` over the last two axes, "fro" by default (the Array API's function).

    >>> float(matrix_norm([[3.0, 4.0]]))
    5.0
    """
    return norm(x, ord, (-2, -1), keepdims)


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Norm of vectors along any number of axes (the Array API's function): NumPy's own, here for completeness.

    >>> float(vector_norm([3.0, 4.0]))
    5.0
    """
    return _numpys(lambda y: _numpy_vector_norm(y, axis=axis, keepdims=keepdims, ord=ord), x)


def lstsq(a: Any, b: Any, rcond: "float | None" = None) -> Any:
    """Least squares with a (m, n) and b (m,) or (m, p): (x, residuals, rank, s) as in NumPy.

    Values up to rcond sigma_1 count as zero; default max(m, n) eps; one outside (0, 1) means eps, as in LAPACK. `residuals` are
    squared norms, and empty unless m > n = rank. Raises LinAlgError where shapes do not fit, and for NaN and infinity. `eckart.lstsq` says more.

    >>> x, residuals, rank, s = lstsq([[1, 0], [0, 2]], [1, 4])
    >>> x.tolist(), residuals.tolist(), int(rank)
    ([1.0, 2.0], [], 2)
    """
    if rcond is not None and math.isnan(rcond):
        raise ArgumentError("lstsq: rcond is NaN")
    x, back_a = _interchange.array(a)
    y, back = _interchange.array(b)
    wrap = back.always if isinstance(back, _interchange.Wrap) else back
    column = y[:, None] if y.ndim == 1 else y
    for z in (x, column):
        if z.ndim != 2:
            raise LinAlgError(f"{z.ndim}-dimensional array given. Array must be two-dimensional")
    (m, n), p = x.shape, column.shape[1]
    if column.shape[0] != m:
        raise LinAlgError("Incompatible dimensions")
    x, column = _interchange.together(x, column)
    dtype, real = x.dtype, _interchange.real_type(x.dtype)
    x, column = _double(x), _double(column)
    # LAPACK's eps is 2^-53; NumPy's default is that of the double precision in which it computes.
    relative = -1.0 if rcond is None else float(rcond) if 0 < rcond < 1 else 2.0**-53
    solution, s, squares = np.empty((n, p), x.dtype), np.empty(min(m, n)), np.empty(p)
    rank = _engine.lstsq_into(x, column, solution, s, squares, relative, 0)
    residuals = squares if m > n == rank else squares[:0]
    if dtype != x.dtype:
        solution, s, residuals = solution.astype(dtype), s.astype(real), residuals.astype(real)
    return wrap(solution[:, 0] if y.ndim == 1 else solution), wrap(residuals), np.intc(rank), _interchange.of_values(back_a)(s)


def null_space(A: Any, rcond: "float | None" = None, *, overwrite_a: bool = False, check_finite: bool = True,
               lapack_driver: str = "gesdd") -> Any:
    """Orthonormal basis (..., n, n - r) of the vectors that A (..., m, n) of rank r makes zero, as in SciPy.

    Values up to rcond sigma_1 count as zero; default max(m, n) eps. The matrices of a stack have one rank, or ArgumentError says which
    have not. The other arguments of SciPy's function change nothing.

    >>> null_space([[1.0, 0.0]]).tolist()
    [[0.0], [1.0]]
    """
    return _basis(A, 3, rcond)


def orth(A: Any, rcond: "float | None" = None) -> Any:
    """Orthonormal basis (..., m, r) of the range of A (..., m, n) of rank r, the same for all matrices of a stack, as in SciPy.

    >>> orth([[2.0, 4.0]]).tolist()
    [[1.0]]
    """
    return _basis(A, 0, rcond)


def _basis(a: Any, which: int, rcond: "float | None") -> Any:
    x, back = _interchange.matrices(a)
    share = -1.0 if rcond is None else max(float(rcond), 0.0)
    return back(*_of_each(lambda one: (_engine.basis(one, which, share, 0.0, 0),), x))


def _of_each(function: "Callable[..., tuple[Any, ...]]", *stacks: np.ndarray) -> "tuple[Any, ...]":
    """function() of single matrices, or of every one of stacks whose leading dimensions broadcast; its results stacked."""
    leading = np.broadcast_shapes(*(a.shape[:-2] for a in stacks))
    if leading == ():
        return function(*stacks)
    if 0 in leading:
        raise ArgumentError(f"a stack of shape {leading} holds no matrix, and so none that tells the shape of the result")
    whole = [np.broadcast_to(a, leading + a.shape[-2:]) for a in stacks]
    found = []
    for i in np.ndindex(leading):
        found.append(function(*(a[i] for a in whole)))
        if [np.shape(result) for result in found[-1]] != [np.shape(result) for result in found[0]]:
            raise ArgumentError(f"matrix {i} of the stack has another rank than the first one, so that their results do not stack: call the "
                                "function of each")
    return tuple(np.stack(results).reshape(leading + np.shape(results[0])) for results in zip(*found))


def polar(a: Any, side: str = "right") -> PolarResult:
    """a (..., m, n) = u p (side "right") or p u ("left"), u with orthonormal columns or rows, p positive semidefinite, as in SciPy.

    >>> polar([[0.0, -2.0], [2.0, 0.0]]).p.tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    if side not in ("right", "left"):
        raise ValueError("`side` must be either 'right' or 'left'")
    x, back = _interchange.array(a)
    if x.ndim < 2:
        raise ValueError("`a` must be a 2-D array.")
    m, n = x.shape[-2:]

    def of_one(x: np.ndarray) -> "tuple[np.ndarray, np.ndarray]":
        if m >= n if side == "right" else m <= n:
            u, p, _ = _engine.polar(x, 1 if side == "right" else 2, 0)
            return u, p
        # The other form, as SciPy defines it: u = U Vh still, and p = V S V^H of rank min(m, n).
        u, s, vh = _thin_svd(x)
        return u @ vh, (vh.conj().T * s) @ vh if side == "right" else (u * s) @ u.conj().T

    return PolarResult(*map(back, _of_each(of_one, x)))


def orthogonal_procrustes(A: Any, B: Any, check_finite: bool = True) -> Any:
    """(R, scale): the orthogonal (unitary) R that minimizes ||A R - B||_F, A and B (..., m, n), and the sum of the singular values of
    A^H B, as in SciPy. Raises ValueError where shapes differ. `eckart.procrustes` does more.

    >>> R, scale = orthogonal_procrustes([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]])
    >>> R.tolist(), float(scale)
    ([[0.0, 1.0], [-1.0, 0.0]], 2.0)
    """
    x, back = _interchange.array(A)
    y, _ = _interchange.array(B)
    if x.ndim < 2:
        raise ValueError(f"expected ndim to be 2, but observed {x.ndim}")
    if x.shape[-2:] != y.shape[-2:]:
        raise ValueError(f"the shapes of A and B differ ({x.shape} vs {y.shape})")

    def of_one(x: np.ndarray, y: np.ndarray) -> "tuple[np.ndarray, Any]":
        u, s, vh = _thin_svd((y.T @ x.conj()).T)
        return u @ vh, s.sum()

    R, scale = _of_each(of_one, *_interchange.together(x, y))
    return back(R), scale


def interpolative(A: Any, eps_or_k: "float | int") -> Any:
    """(U, S, V) of rank k, A (m, n) near U diag(S) V^H: what ``scipy.linalg.interpolative.svd`` returns, best and not only near it.

    A whole number is the rank k; a number below 1 is the relative error in the 2-norm that k is chosen for. V is (n, k).

    >>> U, S, V = interpolative(np.diag([4.0, 3.0, 1e-9]), 1e-6)
    >>> S.tolist()
    [4.0, 3.0]
    """
    x, back = _interchange.matrix(A)
    if not eps_or_k >= 0:
        raise ArgumentError(f"interpolative: {eps_or_k} is neither a rank nor a relative error")
    if eps_or_k >= 1:
        d = _thin_svd(x, k=int(eps_or_k))
    else:
        d = _thin_svd(x)
        d = d.truncate(int(np.count_nonzero(d.S > eps_or_k * d.S[:1].sum())))
    return back(d.U), back(d.S), back(d.Vh.conj().T)
