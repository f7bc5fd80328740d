"""eckart.svds: the signature, checks and errors of ``scipy.sparse.linalg.svds`` on Eckart's methods."""

import numbers
import os
import sys
import zlib
from typing import Any, Callable

import numpy as np

from . import _truncated
from ._errors import NumericalError
from ._truncated import LeadingSVD
from .operators import Operator

__all__ = ["NoConvergenceError", "svds"]

_SOLVERS = ("auto", "arpack", "lobpcg", "propack")


class NoConvergenceError(NumericalError, RuntimeError):
    """Fewer triplets than asked for are within the tolerance after `maxiter` restarts; `result` holds all k as far as they came, with
    their residuals in its report. Where SciPy is loaded it is also an ``ArpackNoConvergence``, with its two attributes."""

    result: LeadingSVD
    eigenvalues: np.ndarray  # of A^H A, those within the tolerance
    eigenvectors: np.ndarray

    def __reduce__(self) -> "tuple[Any, ...]":
        return _no_convergence, (self.result,)


def svds(A: Any, k: int = 6, ncv: "int | None" = None, tol: float = 0, which: str = "LM", v0: Any = None,
         maxiter: "int | None" = None, return_singular_vectors: "bool | str" = True, solver: str = "auto", rng: Any = None,
         options: "dict | None" = None, *, order: str = "descending", random_state: Any = None, max_memory: int = 0,
         threads: "int | None" = None, progress: "Callable[[str, float], Any] | None" = None) -> Any:
    """The k largest or smallest singular triplets, called as ``scipy.sparse.linalg.svds`` is.

    Parameters
    ----------
    A : what :func:`eckart.operators.operator` takes: an array of any strides, a sparse matrix or array, a LinearOperator, a memory map,
        the path of an npy or Matrix Market file, an object with shape, matvec and rmatvec
    k : 1 <= k <= min(m, n); below min(m, n) for the solvers "arpack" and "lobpcg", as in SciPy
    tol : residuals relative to the value are at most tol**2, which is what SciPy makes of it, and never more than half of the digits;
        0 is three quarters of the digits: values are then right to rounding
    which : "LM", the largest values, or "SM", the smallest: from factors of a sparse or a dense matrix, or of what is small enough to be
        written out; larger operators need not converge, but :func:`eckart.operators.with_inverse` takes factors of yours
    return_singular_vectors : True, "u", "vh" (the other one is None then) or False for the values alone
    solver : "auto" or one of SciPy's names, all of which are Eckart's own methods here
    order : "descending", or "scipy": ascending, as SciPy returns them
    rng, v0 : a seed, a Generator or a RandomState, and a start vector, which serves as a seed. Without them every call gives the same bits
    maxiter : restarts at the most
    ncv : checked as SciPy checks it, and not used; options : a dictionary that is not used
    max_memory : bytes, as of :func:`eckart.truncated_svd`; a file larger than a quarter of it is read in passes
    threads, progress : as of :func:`eckart.svd`

    Returns
    -------
    A named tuple (U, S, Vh) with `.report` (of values alone: S). U (m, k), S (k,), Vh (k, n).

    Raises
    ------
    ValueError and TypeError as SciPy raises them, NoConvergenceError, and what :func:`eckart.truncated_svd` raises.

    >>> import numpy as np, eckart
    >>> u, s, vh = eckart.svds(np.diag([1.0, 2.0, 3.0, 4.0]), k=2)
    >>> s.round(12)
    array([4., 3.])
    >>> eckart.svds(np.diag([1.0, 2.0, 3.0, 4.0]), k=2, which="SM", order="scipy", return_singular_vectors=False).round(12)
    array([1., 2.])
    """
    solver = str(solver).lower()
    if solver not in _SOLVERS:
        raise ValueError(f"solver must be one of {_SOLVERS}.")
    A, back = _truncated.of_its_kind(A)
    a, max_memory = _operator(A, max_memory)
    shortest = min(a.shape)
    most = shortest - 1 if solver in ("arpack", "lobpcg") else shortest
    if int(k) != k or not 0 < k <= most:
        raise ValueError(f"`k` must be an integer satisfying `0 < k <= {most}` for a matrix of shape {a.shape} and solver '{solver}'.")
    if solver == "arpack" and ncv is not None and (int(ncv) != ncv or not k < ncv < shortest):
        raise ValueError("`ncv` must be an integer satisfying `k < ncv < min(A.shape)`.")
    if tol < 0 or not np.isfinite(tol):
        raise ValueError("`tol` must be a non-negative floating point value.")
    which = str(which).upper()
    if which not in ("LM", "SM"):
        raise ValueError("`which` must be in ('LM', 'SM').")
    if maxiter is not None and (int(maxiter) != maxiter or maxiter <= 0):
        raise ValueError("`maxiter` must be a positive integer.")
    if not (isinstance(return_singular_vectors, bool) or return_singular_vectors in ("u", "vh")):
        raise ValueError("`return_singular_vectors` must be in (True, False, 'u', 'vh').")
    if order not in ("descending", "scipy"):
        raise ValueError("`order` must be in ('descending', 'scipy').")
    seed = _seed(v0, (a.shape[0],) if solver == "propack" else (shortest,), random_state if rng is None else rng)
    eps = float(np.finfo(a.dtype).eps)
    settings = {"tolerance": min(max(float(tol) ** 2, eps**0.75), eps**0.5), "restarts": 1000 if maxiter is None else int(maxiter),
                "threads": _truncated.threads_of(threads), "seed": seed, "max_memory": max_memory, "progress": progress}
    d = _truncated.leading(a, _truncated.rank_rule(int(k)), which=_truncated.WHICH["largest" if which == "LM" else "smallest"], **settings)
    if not d.report.converged:
        raise _no_convergence(d)
    if order == "scipy":
        d = _truncated.result(d.U[:, ::-1], d.S[::-1], d.Vh[::-1], d.report)
    if return_singular_vectors is False:
        return back(d.S)
    return _truncated.result(back(d.U) if return_singular_vectors != "vh" else None, back(d.S),
                             back(d.Vh) if return_singular_vectors != "u" else None, d.report)


def _operator(A: Any, max_memory: int) -> "tuple[Operator, int]":
    """A, by SciPy's words for what is no matrix, and the memory that is left."""
    if not isinstance(A, (Operator, str, os.PathLike)):
        if not hasattr(A, "shape"):
            A = np.asarray(A)
        if len(A.shape) > 2:
            raise ValueError(f"array must have ndim <= 2, and this one has {len(A.shape)}")
        if len(A.shape) == 1 and isinstance(A, np.ndarray):
            A = A[np.newaxis, :]
        dtype = getattr(A, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind not in "biufcV":
            raise ValueError("`A` must be of numeric data type.")
    a, left = _truncated.within(A, max_memory)
    if 0 in a.shape:
        raise ValueError("`A` must not be empty.")
    return a, left


def _seed(v0: Any, shape: "tuple[int, ...]", rng: Any) -> int:
    """A seed from what SciPy takes as the source of a start vector."""
    if not (rng is None or isinstance(rng, (numbers.Integral, np.random.RandomState, np.random.Generator))):
        raise ValueError(f"'{rng}' is neither a NumPy Generator nor an integer seed to instantiate one.")
    if v0 is not None:
        v0 = np.atleast_1d(v0)
        if v0.dtype.kind not in "fc":
            raise ValueError("`v0` must be of floating or complex floating data type.")
        if v0.shape != shape:
            raise ValueError(f"`v0` must have shape {shape}.")
        return zlib.crc32(np.ascontiguousarray(v0).tobytes())
    if rng is None:
        return _truncated.SEED
    if isinstance(rng, numbers.Integral):
        return int(rng) & 0xFFFFFFFFFFFFFFFF
    return int(rng.integers(2**63) if isinstance(rng, np.random.Generator) else rng.randint(2**31))


def _no_convergence(d: LeadingSVD) -> NoConvergenceError:
    kind = NoConvergenceError
    scipy = sys.modules.get("scipy.sparse.linalg")
    if scipy is not None:  # SciPy's constructor is not called: its message is of eigenvalues
        kind = type("NoConvergenceError", (NoConvergenceError, scipy.ArpackNoConvergence), {"__init__": Exception.__init__,
                                                                                         "__module__": NoConvergenceError.__module__})
    r = d.report
    error = kind(f"{r.within_tolerance} of {len(d.S)} singular triplets have residuals within {r.tolerance:.1e} of their values: {r.shortfall}. "
                 "Raise maxiter or tol, or look at the attribute result")
    # Rounding of the largest value is no fault of a small one.
    there = r.residuals <= np.maximum(r.tolerance * d.S, 256 * np.finfo(d.S.dtype).eps * r.largest_value)
    error.result, error.eigenvalues, error.eigenvectors = d, d.S[there] ** 2, d.Vh[there].conj().T
    return error
