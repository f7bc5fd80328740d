"""Operators: what can be multiplied with blocks of vectors, which is all that a truncated decomposition asks for.

    from eckart import operators
    a = operators.centred(sparse_matrix)              # deviations from column means; the matrix stays sparse
    u, s, vh = eckart.truncated_svd(a, k=10)

:func:`operator` makes one of nearly anything: arrays of any strides, memory maps, DLPack, SciPy's sparse matrices and arrays, its
``LinearOperator``, whatever has ``shape`` and ``matmat`` and ``rmatmat`` (or ``matvec`` and ``rmatvec``), paths of files. The functions below
it make new ones of old ones, and nothing is ever written out. An operator is a recipe: parts of different types meet in the type
that NumPy's promotion gives.

Arrays are read where they are: later changes of their entries are seen, so they must not change while a decomposition runs.
Sparse entries are copied. Operators can be pickled where what they are made of can: functions of a module, and no lambdas.
"""

import functools
import os
from typing import Any, Callable, ParamSpec, Sequence

import numpy as np

from . import _engine, _files, _interchange, _sources
from ._errors import ArgumentError, FileError

__all__ = ["Operator", "operator", "raw_file", "from_triplets", "from_functions", "adjoint", "scaled", "sum", "product", "shifted", "centred", "low_rank_plus",
           "kronecker", "masked", "toeplitz", "hankel", "circulant", "with_inverse"]

P = ParamSpec("P")


class Operator:
    """A matrix of which nothing is known but its size and its products. Made by the functions of this module.

    ``A @ x``, ``A.H @ y``, ``A + B``, ``A - B``, ``alpha * A``, ``A @ B`` (of two operators) and ``-A`` do what they say; x is a vector
    (n,) or a block of vectors (n, b).
    """

    # NumPy leaves the arithmetic to this class: array @ A is A.__rmatmul__.
    __array_ufunc__ = None

    def __init__(self, shape: "tuple[int, int]", dtype: Any, build: "Callable[[np.dtype], Any]"):
        self.shape = (int(shape[0]), int(shape[1]))
        self.dtype = np.dtype(dtype)
        self.ndim = 2
        self._build = build
        self._built: "dict[np.dtype, Any]" = {}
        self._recipe: "tuple[str, tuple[Any, ...], dict[str, Any]] | None" = None

    def __reduce__(self) -> "tuple[Any, ...]":
        return _made_again, self._recipe

    def _engine(self, dtype: "np.dtype | None" = None) -> Any:
        """The engine's operator of a type, built when it is first needed."""
        dtype = self.dtype if dtype is None else dtype
        if dtype not in self._built:
            self._built[dtype] = self._build(dtype)
        return self._built[dtype]

    def __repr__(self) -> str:
        return f"<{self.shape[0]} x {self.shape[1]} Operator of {self.dtype}: {self.description}>"

    @property
    def description(self) -> str:
        """What it is made of, in words."""
        return self._engine().description

    @property
    def H(self) -> "Operator":
        """The conjugate transpose."""
        return adjoint(self)

    @property
    def T(self) -> "Operator":
        """The transpose, of a real operator."""
        if self.dtype.kind == "c":
            raise ArgumentError("the transpose of a complex operator is not there: take its conjugate transpose, H")
        return adjoint(self)

    def _apply(self, x: Any, is_adjoint: bool, threads: "int | None" = None) -> np.ndarray:
        x = _interchange.unmasked(x)
        if x.ndim not in (1, 2) or x.shape[0] != self.shape[0 if is_adjoint else 1]:
            raise ArgumentError(f"an operator of shape {self.shape}{' conjugated and transposed' if is_adjoint else ''} cannot be applied "
                                f"to an array of shape {x.shape}")
        dtype = np.result_type(self.dtype, _interchange.engine_type(x.dtype))
        block = np.asfortranarray(x[:, None] if x.ndim == 1 else x, dtype=dtype)
        y = np.empty((self.shape[1 if is_adjoint else 0], block.shape[1]), dtype, order="F")
        self._engine(dtype).apply(block, y, is_adjoint, threads or 0)
        return y[:, 0] if x.ndim == 1 else y

    def matmat(self, x: Any) -> np.ndarray:
        """A x of a block of vectors (n, b), or of one."""
        return self._apply(x, False)

    def rmatmat(self, x: Any) -> np.ndarray:
        """The conjugate transpose of A times a block of vectors (m, b), or times one."""
        return self._apply(x, True)

    def matvec(self, x: Any) -> np.ndarray:
        """A x; x of shape (n,) or (n, 1), and the result alike."""
        return self._apply(x, False)

    def rmatvec(self, x: Any) -> np.ndarray:
        """The conjugate transpose of A times x; x of shape (m,) or (m, 1), and the result alike."""
        return self._apply(x, True)

    def __matmul__(self, other: Any) -> Any:
        return product(self, other) if isinstance(other, Operator) else self._apply(other, False)

    def __rmatmul__(self, other: Any) -> np.ndarray:
        other = _interchange.unmasked(other)
        if other.ndim == 1:
            return self._apply(other.conj(), True).conj()
        return self._apply(other.conj().T, True).conj().T

    dot = __matmul__

    def __mul__(self, alpha: Any) -> "Operator":
        return scaled(self, alpha) if np.isscalar(alpha) else NotImplemented

    __rmul__ = __mul__

    def __neg__(self) -> "Operator":
        return scaled(self, -1)

    def __add__(self, other: Any) -> "Operator":
        return sum(self, operator(other))

    def __sub__(self, other: Any) -> "Operator":
        return sum(self, scaled(operator(other), -1))

    def frobenius_norm(self, threads: "int | None" = None) -> "float | None":
        """The Frobenius norm where it is known without writing the matrix out, at the price of reading it once; otherwise None."""
        return self._engine().frobenius_norm(threads or 0)

    def column_means(self, threads: "int | None" = None) -> np.ndarray:
        """The means of the columns, (n,), at the price of one product."""
        return self._engine().column_means(threads or 0)

    def toarray(self) -> np.ndarray:
        """The matrix written out, (m, n), by products with unit vectors: for small ones and for tests."""
        return self._apply(np.eye(self.shape[1]), False)


def _remembered(make: "Callable[P, Operator]") -> "Callable[P, Operator]":
    """`make`, whose operators know how they were made: that is what pickle writes."""
    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Operator:
        new = make(*args, **kwargs)
        if new._recipe is None:  # operator() gives back one that there was
            new._recipe = (make.__name__, args, kwargs)
        return new
    return made


def _made_again(name: str, args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> Operator:
    return globals()[name](*args, **kwargs)


def _type_of(*things: Any) -> np.dtype:
    return np.result_type(*(t.dtype if isinstance(t, Operator) else _interchange.engine_type(_interchange.unmasked(t).dtype) for t in things))


def _with_scalar(a: Operator, alpha: Any) -> np.dtype:
    """The type of alpha A: complex where alpha is, otherwise that of A."""
    return np.result_type(a.dtype, np.complex64) if np.iscomplexobj(alpha) else a.dtype


@_remembered
def operator(a: Any, *, dtype: Any = None, memory: "int | None" = None) -> Operator:
    """`a` as an Operator.

    Parameters
    ----------
    a : Operator, array, sparse matrix or array, LinearOperator, path, or an object with products
        An array, memory map or DLPack tensor of shape (m, n) is read in place, with any strides, where its type is the engine's; a
        SciPy sparse matrix of any format keeps its zeros out; a path names an npy file, which is read in passes where it is larger than
        `memory`, or a sparse matrix (Matrix Market ``.mtx`` and ``.mtx.gz``, ``.npz`` of ``scipy.sparse.save_npz``). Other objects have ``shape`` and either ``matmat``
        and ``rmatmat`` or ``matvec`` and ``rmatvec``; their ``dtype`` is found by a product where they have none.
    dtype : type, optional
        What to compute in; by default what the widening rule of eckart makes of the entries.
    memory : int, optional
        Bytes for the entries of a dense file, a quarter of the machine's unless said otherwise. A larger file is read in passes, a block
        at a time (of at most 128 MB), of which two lines must fit; a smaller one is read whole.

    Raises
    ------
    TypeError
        `a` is nothing of the kind, or its entries are of no type of the engine's.
    ArgumentError
        `a` has not two dimensions.

    >>> a = operator([[1, 2], [3, 4]])
    >>> a
    <2 x 2 Operator of float64: dense>
    >>> (a + 2 * a.H) @ np.ones(2)
    array([11., 19.])
    """
    if isinstance(a, Operator):
        found = a
    else:
        shape, found_type, build = _sources.source_of(a, memory)
        found = Operator(shape, found_type, build)
    if dtype is not None and _interchange.engine_type(np.dtype(dtype)) != found.dtype:
        wanted = _interchange.engine_type(np.dtype(dtype))
        if found.dtype.kind == "c" and wanted.kind != "c":
            raise TypeError(f"a complex operator cannot be computed in {wanted}")
        return Operator(found.shape, wanted, found._engine)
    return found


@_remembered
def raw_file(path: "str | os.PathLike", shape: "tuple[int, int]", dtype: Any, *, order: str = "C", offset: int = 0,
             memory: int = _files.LARGEST_BLOCKS) -> Operator:
    """Entries of a file without a header, as ``numpy.memmap`` takes them, read in passes and never mapped.

    Parameters
    ----------
    shape, dtype : of the matrix, in any byte order
    order : "C", a row after the other, or "F", a column after the other
    offset : bytes before the first entry
    memory : bytes for blocks of the file; two rows (order "F": columns) must fit

    >>> import numpy as np, eckart, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "a.raw")
    >>> np.diag([3.0, 2.0, 1.0]).tofile(path)
    >>> eckart.svds(eckart.operators.raw_file(path, (3, 3), float), k=2).S.round(12)
    array([3., 2.])
    """
    rows, cols = shape
    if order not in ("C", "F"):
        raise ArgumentError(f"order is {order!r}; it is 'C' or 'F'")
    if not os.path.exists(path):
        raise FileError(f"cannot open {os.fspath(path)}: there is no such file")
    return _checked(Operator(*_files.raw(os.fspath(path), (int(rows), int(cols)), np.dtype(dtype), order, int(offset), int(memory))))


@_remembered
def from_triplets(shape: "tuple[int, int]", rows: "Sequence[int]", cols: "Sequence[int]", values: Any) -> Operator:
    """A sparse matrix of entries (rows[i], cols[i], values[i]), in any order, counted from 0; entries of one place are added up.

    >>> from_triplets((2, 3), [0, 1, 1], [2, 0, 0], [5.0, 1.0, 2.0]).toarray()
    array([[0., 0., 5.],
           [3., 0., 0.]])
    """
    i, j, x = np.ascontiguousarray(rows, dtype=np.int64), np.ascontiguousarray(cols, dtype=np.int64), _interchange.unmasked(values)
    return _checked(Operator(shape, _interchange.engine_type(x.dtype), lambda t: _engine.triplets(
        int(shape[0]), int(shape[1]), i, j, np.ascontiguousarray(x, dtype=t))))


@_remembered
def from_functions(shape: "tuple[int, int]", matmat: "Callable[[np.ndarray], Any]", rmatmat: "Callable[[np.ndarray], Any]",
                   dtype: Any = np.float64) -> Operator:
    """An operator of two functions: matmat(x) is A x for x of shape (n, b), rmatmat(x) its conjugate transpose times x, of (m, b).

    They are called from one thread at a time, not always the one that called Eckart. What they raise comes out as it is.

    >>> double = from_functions((2, 2), lambda x: 2 * x, lambda x: 2 * x)
    >>> double @ np.ones(2)
    array([2., 2.])
    """
    return Operator(shape, _interchange.engine_type(np.dtype(dtype)), _sources.callback(shape, matmat, rmatmat))


@_remembered
def adjoint(a: Any) -> Operator:
    """The conjugate transpose of A.

    >>> adjoint([[1, 2], [3, 4]]).toarray()
    array([[1., 3.],
           [2., 4.]])
    """
    a = operator(a)
    return Operator(a.shape[::-1], a.dtype, lambda t: _engine.adjoint(a._engine(t)))


@_remembered
def scaled(a: Any, alpha: complex) -> Operator:
    """alpha A.

    >>> scaled([[1, 2], [3, 4]], 2).toarray()
    array([[2., 4.],
           [6., 8.]])
    """
    a, z = operator(a), complex(alpha)
    return Operator(a.shape, _with_scalar(a, alpha), lambda t: _engine.scaled(a._engine(t), z.real, z.imag))


@_remembered
def shifted(a: Any, alpha: complex) -> Operator:
    """A + alpha I, A square.

    >>> shifted([[1, 2], [3, 4]], 10).toarray()
    array([[11.,  2.],
           [ 3., 14.]])
    """
    a, z = operator(a), complex(alpha)
    return _checked(Operator(a.shape, _with_scalar(a, alpha), lambda t: _engine.shifted(a._engine(t), z.real, z.imag)))


@_remembered
def sum(a: Any, b: Any) -> Operator:
    """A + B.

    >>> sum([[1, 2], [3, 4]], np.eye(2)).toarray()
    array([[2., 2.],
           [3., 5.]])
    """
    a, b = operator(a), operator(b)
    return _checked(Operator(a.shape, _type_of(a, b), lambda t: _engine.sum(a._engine(t), b._engine(t))))


@_remembered
def product(a: Any, b: Any) -> Operator:
    """A B.

    >>> product([[1, 2], [3, 4]], [[0, 1], [1, 0]]).toarray()
    array([[2., 1.],
           [4., 3.]])
    """
    a, b = operator(a), operator(b)
    return _checked(Operator((a.shape[0], b.shape[1]), _type_of(a, b), lambda t: _engine.product(a._engine(t), b._engine(t))))


@_remembered
def centred(a: Any, means: Any = None) -> Operator:
    """A - 1 means: every row less the row `means`, (n,), which are by default the means of the columns, at the price of a product.

    >>> centred([[1, 2], [3, 6]]).toarray()
    array([[-1., -2.],
           [ 1.,  2.]])
    """
    a = operator(a)
    given = a.column_means() if means is None else _interchange.unmasked(means)
    return _checked(Operator(a.shape, _type_of(a, given),
                             lambda t: _engine.centred(a._engine(t), np.ascontiguousarray(given, dtype=t))))


@_remembered
def low_rank_plus(a: Any, u: Any, s: Any, vh: Any) -> Operator:
    """A + u diag(s) vh; u (m, k), s (k,), vh (k, n).

    >>> low_rank_plus(np.eye(2), [[1], [0]], [5], [[0, 1]]).toarray()
    array([[1., 5.],
           [0., 1.]])
    """
    a, u, s, vh = operator(a), _interchange.unmasked(u), _interchange.unmasked(s), _interchange.unmasked(vh)

    def build(t: np.dtype) -> Any:
        real = np.dtype(t.char.lower())
        return _engine.low_rank_plus(a._engine(t), u.astype(t), np.ascontiguousarray(s, dtype=real), vh.astype(t))
    return _checked(Operator(a.shape, _type_of(a, u, vh), build))


@_remembered
def kronecker(a: Any, b: Any) -> Operator:
    """The Kronecker product: block (i, j) is a_ij B. A of p x q and B of r x s give p r x q s.

    >>> kronecker([[1, 2]], np.eye(2)).toarray()
    array([[1., 0., 2., 0.],
           [0., 1., 0., 2.]])
    """
    a, b = operator(a), operator(b)
    shape = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    return Operator(shape, _type_of(a, b), lambda t: _engine.kronecker(a._engine(t), b._engine(t)))


@_remembered
def masked(a: Any, rows: "Sequence[int]", cols: "Sequence[int]") -> Operator:
    """The sub-matrix of the rows and columns listed, in that order, each at most once.

    >>> masked([[1, 2, 3], [4, 5, 6]], [1], [2, 0]).toarray()
    array([[6., 4.]])
    """
    a, i, j = operator(a), np.ascontiguousarray(rows, dtype=np.int64), np.ascontiguousarray(cols, dtype=np.int64)
    return _checked(Operator((len(i), len(j)), a.dtype, lambda t: _engine.masked(a._engine(t), i, j)))


@_remembered
def toeplitz(c: Any, r: Any = None) -> Operator:
    """Constant along diagonals: c the first column (m,), r the first row (n,), as in ``scipy.linalg``; r[0] is not used, and r is by
    default conj(c). Products go by fast Fourier transform.

    >>> toeplitz([1, 2, 3], [1, 5]).toarray().round(12)
    array([[1., 5.],
           [2., 1.],
           [3., 2.]])
    """
    c = _interchange.unmasked(c)
    r = c.conj() if r is None else _interchange.unmasked(r)
    return _checked(Operator((len(c), len(r)), _type_of(c, r), lambda t: _engine.toeplitz(
        np.ascontiguousarray(c, dtype=t), np.ascontiguousarray(r, dtype=t), False)))


@_remembered
def hankel(c: Any, r: Any = None, *, rows: "int | None" = None) -> Operator:
    """Constant along antidiagonals: c the first column (m,), r the last row (n,), as in ``scipy.linalg``; r[0] is not used, and r is
    by default zeros. With `rows` instead, c is a series and the operator its trajectory matrix: c[i + j], rows x (len(c) - rows + 1).

    >>> hankel([1, 2, 3, 4], rows=2).toarray().round(12)
    array([[1., 2., 3.],
           [2., 3., 4.]])
    """
    c = _interchange.unmasked(c)
    if rows is not None:
        if r is not None:
            raise ArgumentError("hankel takes the last row r, or the number of rows of a series' trajectory matrix, not both")
        return _checked(Operator((rows, len(c) - rows + 1), _type_of(c), lambda t: _engine.trajectory(np.ascontiguousarray(c, dtype=t), rows)))
    r = np.zeros_like(c) if r is None else _interchange.unmasked(r)
    return _checked(Operator((len(c), len(r)), _type_of(c, r), lambda t: _engine.toeplitz(
        np.ascontiguousarray(c, dtype=t), np.ascontiguousarray(r, dtype=t), True)))


@_remembered
def circulant(c: Any) -> Operator:
    """c[(i - j) mod n], n x n; c the first column (n,).

    >>> circulant([1, 2, 3]).toarray().round(12)
    array([[1., 3., 2.],
           [2., 1., 3.],
           [3., 2., 1.]])
    """
    c = _interchange.unmasked(c)
    return _checked(Operator((len(c), len(c)), _type_of(c), lambda t: _engine.circulant(np.ascontiguousarray(c, dtype=t))))


@_remembered
def with_inverse(a: Any, inverse: Any) -> Operator:
    """A (n, n), whose inverse can be multiplied too: the smallest values of A are found from its products, ``truncated_svd(which="smallest")``.

    Parameters
    ----------
    a : square, what :func:`operator` takes
    inverse : what :func:`operator` takes; or a factorisation with ``shape`` and ``solve(x, trans)``, as ``scipy.sparse.linalg.splu`` gives
        it. Results are measured with A: what is not its inverse shows as residuals

    >>> import numpy as np, eckart
    >>> a = np.diag([1.0, 2.0, 3.0, 4.0])
    >>> b = eckart.operators.with_inverse(a, np.diag(1 / np.diag(a)))
    >>> eckart.truncated_svd(b, 2, which="smallest").S.round(12)
    array([2., 1.])
    """
    a = operator(a)
    if hasattr(inverse, "solve") and hasattr(inverse, "shape"):
        inverse = from_functions(inverse.shape, *_sources.solver(inverse, a.dtype), dtype=a.dtype)
    b = operator(inverse)
    return _checked(Operator(a.shape, _type_of(a, b), lambda t: _engine.with_inverse(a._engine(t), b._engine(t))))


def _checked(a: Operator) -> Operator:
    """`a`, built at once, so that parts that do not fit are an error here and not later."""
    a._engine()
    return a
