"""eckart.svd, eckart.svdvals and their result."""

import operator
from collections import namedtuple
from typing import Any, Callable, Literal, overload

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError, NonFiniteError
from ._interchange import _REAL, _same, matrices
from ._report import Report, from_facts

__all__ = ["SVD", "svd", "svdvals"]

DRIVERS = {None: 0, "auto": 0, "divide_and_conquer": 1, "qr_iteration": 2, "jacobi": 3, "lapack": 4}
SEED = 0x45636B617274  # of the audit's probes: the engine's own
MOST_THREADS = 4096  # what is asked for beyond it is a mistake, which the system should not pay for


class SVD(namedtuple("SVD", ["U", "S", "Vh"])):
    """A = U diag(S) Vh, as a named tuple: ``U, S, Vh = eckart.svd(a)``.

    ======  ===================  =======================================================
    U       (..., m, k or m)     orthonormal columns
    S       (..., k)             descending, not negative
    Vh      (..., k or n, n)     orthonormal rows; the largest entry of each is real and positive
    ======  ===================  =======================================================

    `values` holds all min(m, n) singular values also where k of them were asked for. A tuple that was put together by hand
    (``SVD(U, S, Vh)``, ``d._replace(S=...)``) has all of it but `report`.

    >>> import numpy as np, eckart
    >>> d = eckart.svd(np.diag([3.0, 2.0, 1.0]))
    >>> d.S
    array([3., 2., 1.])
    >>> d.truncate(2).reconstruct()
    array([[3., 0., 0.],
           [0., 2., 0.],
           [0., 0., 0.]])
    >>> d.report.audit.passed
    True
    """

    _told: Any = None  # the engine's report, or ours once somebody asked
    _values: Any = None

    @property
    def values(self) -> Any:
        """All min(m, n) singular values, (..., min(m, n))."""
        return self.S if self._values is None else self._values

    @property
    def report(self) -> Report:
        """How it was computed and what the audit found. AttributeError for factors that did not come from Eckart."""
        if self._told is None:
            raise AttributeError("there is no report on these factors: they were put together by hand")
        if not isinstance(self._told, Report):
            self._told = from_facts(self._told.facts())
        return self._told

    def truncate(self, k: int) -> "SVD":
        """The first k triplets, views of these: the nearest matrix of rank k (Eckart and Young).

        Raises ArgumentError for k outside 0 .. the number of triplets."""
        if not 0 <= k <= self.S.shape[-1]:
            raise ArgumentError(f"truncate: k = {k} is not in 0 .. {self.S.shape[-1]}")
        return _result(self.U[..., :k], self.S[..., :k], self.Vh[..., :k, :], self._told, self.values)

    def reconstruct(self) -> Any:
        """U diag(S) Vh as a matrix, (..., m, n)."""
        k = self.S.shape[-1]
        u, vh = self.U[..., :, :k], self.Vh[..., :k, :]
        if isinstance(u, np.ndarray):
            return np.multiply(u, self.S[..., None, :]) @ vh  # np.matrix has another product behind its *
        return (u * self.S[..., None, :]) @ vh

    def plot(self, ax: Any = None) -> Any:
        """Draws the singular values and the energy that they gather, and where they were cut; returns the axes. Needs matplotlib.

        `ax`: axes to draw on; a new figure's otherwise. A stack is refused (ArgumentError)."""
        from ._picture import plot

        return plot(self, ax)

    def _repr_html_(self) -> str:
        from ._picture import page

        return page(self)

    def __reduce__(self) -> "tuple[Any, ...]":
        return _result, (self.U, self.S, self.Vh, None if self._told is None else self.report, self._values)


def _result(u: Any, s: Any, vh: Any, told: Any, values: Any) -> SVD:
    d = SVD(u, s, vh)
    d._told = told
    d._values = values
    return d


def located(error: NonFiniteError, stack: "tuple[int, ...]") -> NonFiniteError:
    """The error with the place of its matrix in a stack of that shape."""
    if not isinstance(error.matrix, int):
        return error
    place = tuple(int(i) for i in np.unravel_index(error.matrix, stack))
    told = NonFiniteError(f"matrix {place} of the stack: {error}")
    told.row, told.column, told.matrix = error.row, error.column, place
    return told


def _count(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}") from None


def _driver(name: "str | None") -> int:
    try:
        return DRIVERS[name]
    except (KeyError, TypeError):
        raise ArgumentError(f"driver is {name!r}; it is one of {', '.join(repr(d) for d in DRIVERS if d)}") from None


def _place(given: Any, name: str, shape: "tuple[int, ...]", dtype: np.dtype,
           default: "Callable[[tuple[int, ...], np.dtype], np.ndarray]") -> np.ndarray:
    if given is None:
        return default(shape, dtype)
    if not isinstance(given, np.ndarray) or given.shape != shape or given.dtype != dtype:
        found = f"{given.dtype} of shape {given.shape}" if isinstance(given, np.ndarray) else type(given).__name__
        raise ArgumentError(f"out: {name} must be an array of {dtype} of shape {shape}, not {found}")
    flags, size = given.flags, given.itemsize
    if not flags.writeable:
        raise ArgumentError(f"out: {name} is read-only")
    if not flags.aligned or any(s % size for s in given.strides):
        raise ArgumentError(f"out: the entries of {name} do not lie at multiples of their size")
    if name == "S" and shape[-1] > 1 and given.strides[-1] != size:
        raise ArgumentError("out: S is not contiguous along its last axis")
    return given


def _apart(x: np.ndarray, given: Any) -> None:
    """Raises ArgumentError where places for results share memory with one another or with the matrix."""
    arrays = [("the matrix", x), *((name, place) for name, place in zip(("U", "S", "Vh"), given) if place is not None)]
    for i, (name, one) in enumerate(arrays):
        for other_name, other in arrays[i + 1:]:
            try:
                shared = np.shares_memory(one, other, max_work=10000)  # type: ignore[arg-type]
            except np.exceptions.TooHardError:
                shared = True
            if shared:
                raise ArgumentError(f"out: {other_name} shares memory with {name}")


def decompose(x: np.ndarray, full: bool, vectors: bool, leading: int = 0, out: Any = None, overwrite: bool = False, threads: int = 0,
              driver: int = 0, seed: int = SEED, progress: "Callable[[str, float], Any] | None" = None) -> "tuple[Any, Any, Any, Any]":
    """(u, s, vh, report) of an array that the engine reads; u and vh are None without vectors, s has all values."""
    m, n = x.shape[-2:]
    stack, k, dtype = x.shape[:-2], min(m, n), x.dtype
    real = _REAL[dtype.char]
    try:
        if not vectors:
            s = _place(out, "S", (*stack, k), real, np.empty)
            if out is not None:
                _apart(x, (None, out, None))
            return None, s, None, _engine.svd(x, s, None, None, 0, overwrite, threads, driver, seed, progress)
        cut = leading if 0 < leading < k else k
        if out is None and not stack:  # a small matrix takes no longer than three checks
            u, s = np.empty((m, m if full else cut), dtype, "F"), np.empty(k, real)
            vh = np.empty((n if full else cut, n), dtype)
            return u, s, vh, _engine.svd(x, s, u, vh, cut if cut < k else 0, overwrite, threads, driver, seed, progress)
        given = (None, None, None) if out is None else out
        if not isinstance(given, (tuple, list)) or len(given) != 3:
            raise ArgumentError("out is three arrays, for U, S and Vh; any of them may be None")
        u = _place(given[0], "U", (*stack, m, m if full else cut), dtype, _interchange.places)
        s = _place(given[1], "S", (*stack, k), real, np.empty)
        vh = _place(given[2], "Vh", (*stack, n if full else cut, n), dtype, np.empty)
        if out is not None:
            _apart(x, given)
        return u, s, vh, _engine.svd(x, s, u, vh, cut if cut < k else 0, overwrite, threads, driver, seed, progress)
    except NonFiniteError as error:
        raise located(error, stack) from None


@overload
def svd(a: Any, *, full_matrices: bool = ..., compute_uv: Literal[True] = ..., k: "int | None" = ..., energy: "float | None" = ...,
        error: "float | None" = ..., out: Any = ..., overwrite: bool = ..., threads: "int | None" = ..., driver: "str | None" = ...,
        seed: "int | None" = ..., progress: "Callable[[str, float], Any] | None" = ...) -> SVD: ...


@overload
def svd(a: Any, *, full_matrices: bool = ..., compute_uv: bool, k: "int | None" = ..., energy: "float | None" = ...,
        error: "float | None" = ..., out: Any = ..., overwrite: bool = ..., threads: "int | None" = ..., driver: "str | None" = ...,
        seed: "int | None" = ..., progress: "Callable[[str, float], Any] | None" = ...) -> Any: ...


def svd(a: Any, *, full_matrices: bool = False, compute_uv: bool = True, k: "int | None" = None, energy: "float | None" = None,
        error: "float | None" = None, out: Any = None, overwrite: bool = False, threads: "int | None" = None,
        driver: "str | None" = None, seed: "int | None" = None, progress: "Callable[[str, float], Any] | None" = None) -> Any:
    """The singular value decomposition a = U diag(S) Vh of a matrix (m, n), or of each matrix of a stack (..., m, n).

    Every finite matrix has one, and what is returned was audited. Thin by default: U is (m, k) and Vh (k, n), k = min(m, n). NumPy
    arrays of any strides, PyTorch and JAX arrays in the processor's memory (factors come back as the same kind), and all that
    ``numpy.asarray`` takes; see `eckart._interchange` for the types. Results are the same, bit for bit, for any number of threads.

    Parameters
    ----------
    full_matrices : U is (m, m) and Vh is (n, n).
    compute_uv : False returns the singular values alone, an array (..., min(m, n)).
    k, energy, error : keep the first k triplets; the fewest whose squares have that share of the sum; the fewest with
        ||a - U S Vh||_F <= error ||a||_F. The smallest of those asked for holds. One matrix, thin. `k` alone also saves the work on
        the vectors that are not wanted; see `eckart.svds` for methods that do not look at the whole matrix.
    out : arrays for (U, S, Vh), None for those to be allocated; for S without vectors. U in column-major and Vh in row-major order
        save a copy. With `k`, S has all min(m, n) values. They share memory neither with one another nor with `a`.
    overwrite : `a` may be used as workspace and is lost: saves the copy of m n entries where a tall matrix is column-major, or a
        wide one row-major, and its type is one of the engine's.
    threads : as many; default: as many as the process may use.
    driver : "auto" (divide and conquer, then QR iteration, then Jacobi, the next one when the audit of one fails), or the one to
        begin with: "divide_and_conquer", "qr_iteration", "jacobi", "lapack".
    seed : of the audit's random vectors.
    progress : called as progress(stage, fraction), fraction from 0 to 1 in each stage of one matrix; an exception that it raises stops the work
        and goes on.

    Returns
    -------
    SVD, a named tuple (U, S, Vh) with `.report`, `.truncate(k)`, `.reconstruct()`, `.plot()`.

    Raises
    ------
    NonFiniteError for NaN and infinity, with their place; ArgumentError (both are ``numpy.linalg.LinAlgError``); TypeError for
    entries of no supported type; OutOfMemoryError; OutOfRangeError when the largest value exceeds the type; KeyboardInterrupt
    within a second of Ctrl-C.

    >>> import numpy as np, eckart
    >>> U, S, Vh = eckart.svd([[3, 0], [4, 5]])
    >>> S.round(12)
    array([6.70820393, 2.23606798])
    >>> np.allclose(U * S @ Vh, [[3, 0], [4, 5]])
    True
    >>> eckart.svd(np.ones((1000, 4)), energy=0.99).U.shape
    (1000, 1)
    >>> eckart.svd(np.ones((7, 4)), compute_uv=False).shape
    (4,)
    """
    x, back = matrices(a)
    ruled = energy is not None or error is not None
    leading = 0
    if k is not None or ruled:
        if full_matrices or not compute_uv or x.ndim != 2:
            raise ArgumentError("k, energy and error go with one matrix and thin factors")
        for name, share in (("energy", energy), ("error", error)):
            if share is not None and not 0 <= share <= 1:
                raise ArgumentError(f"{name} = {share} is not in [0, 1]")
        if k is not None:
            leading = _count("k", k)
            if not 0 <= leading <= min(x.shape):
                raise ArgumentError(f"k = {k} is not in 0 .. min(m, n) = {min(x.shape)}")
    if overwrite:
        if not isinstance(a, np.ndarray) or not x.flags.writeable or not np.may_share_memory(x, a):
            overwrite = False
    u, s, vh, told = decompose(x, full_matrices, compute_uv, 0 if ruled else leading, out, overwrite,
                               0 if threads is None else _threads(threads), 0 if driver is None else _driver(driver),
                               SEED if seed is None else _count("seed", seed) & 0xFFFFFFFFFFFFFFFF, progress)
    if not compute_uv:
        return _interchange.of_values(back)(s)
    values = s
    if k is not None or ruled:
        kept = leading if k is not None else s.shape[0]
        if ruled:
            kept = min(kept, _engine.rank_for(s.astype(np.float64), *x.shape, -1.0 if energy is None else energy,
                                              -1.0 if error is None else error))
        u, s, vh = u[:, :kept], s[:kept], vh[:kept]
    if back is not _same:
        whole, of_values = values is s, _interchange.of_values(back)
        u, s, vh = back(u), of_values(s), back(vh)
        values = s if whole else of_values(values)
    return _result(u, s, vh, told, values)


def _threads(threads: Any) -> int:
    count = _count("threads", threads)
    if count < 1:
        raise ArgumentError(f"threads = {threads}: at least one, or None for as many as the process may use")
    return min(count, MOST_THREADS)


def svdvals(a: Any, *, out: Any = None, overwrite: bool = False, threads: "int | None" = None, driver: "str | None" = None,
            progress: "Callable[[str, float], Any] | None" = None) -> Any:
    """The singular values of a (..., m, n), descending, (..., min(m, n)): ``svd(a, compute_uv=False)``, with its parameters and errors.

    >>> import eckart
    >>> eckart.svdvals([[0, 2], [1, 0]])
    array([2., 1.])
    """
    return svd(a, compute_uv=False, out=out, overwrite=overwrite, threads=threads, driver=driver, progress=progress)
