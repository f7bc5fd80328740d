"""What follows from a decomposition: rank, low rank, pseudoinverse, least squares, polar and Procrustes problems."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError
from ._report import RankReport
from ._svd import SVD, _count, _threads, svd

__all__ = ["LeastSquares", "LowRankError", "Polar", "Procrustes", "Pseudoinverse", "low_rank", "low_rank_error", "lstsq", "pinv",
           "polar", "procrustes", "rank"]


def _tolerance(name: str, value: "float | None") -> float:
    if value is None:
        return -1.0 if name == "rtol" else 0.0
    value = float(value)
    if not value >= 0:
        raise ArgumentError(f"{name} = {value} is negative or NaN")
    return value


def _rule(rtol: "float | None", atol: "float | None") -> "tuple[float, float]":
    return _tolerance("rtol", rtol), _tolerance("atol", atol)


def _count_of_threads(threads: "int | None") -> int:
    return 0 if threads is None else _threads(threads)


def rank(a: Any, *, rtol: "float | None" = None, atol: "float | None" = None, threads: "int | None" = None) -> RankReport:
    """The numerical rank of a matrix (m, n), or of its decomposition: how many singular values exceed max(atol, rtol sigma_1).

    Default: rtol = max(m, n) eps of the type, atol = 0, the rule of `pinv`, `lstsq` and `eckart.linalg.null_space` too. Raises
    what `svd` raises.

    >>> import numpy as np, eckart
    >>> report = eckart.rank(np.outer([1.0, 2.0], [3.0, 4.0]))
    >>> report.rank, report.gap > 1e10
    (1, True)
    """
    relative, absolute = _rule(rtol, atol)
    if isinstance(a, SVD):
        values = np.asarray(a.values)
        shape = (a.U.shape[-2], a.Vh.shape[-1])
    else:
        x, _ = _interchange.matrix(a)
        values, shape = svd(x, compute_uv=False, threads=threads), x.shape
    if values.ndim != 1:
        raise ArgumentError("rank: one matrix is wanted; eckart.linalg.matrix_rank takes stacks")
    return RankReport(**_engine.rank(np.ascontiguousarray(values, np.float64), *shape, float(np.finfo(values.dtype).eps), relative,
                                     absolute))


@dataclass(frozen=True)
class LowRankError:
    """What rank k leaves out of A (m x n): ||A - A_k|| exactly, from the singular values (Eckart and Young)."""

    k: int
    spectral: float  # ||A - A_k||_2 = sigma_{k+1}
    frobenius: float
    relative_spectral: float
    relative_frobenius: float
    energy: float  # share of the sum of squared values that is kept
    storage: float  # k (m + n) / (m n)


def low_rank_error(d: SVD, k: "int | None" = None) -> LowRankError:
    """The errors of the first k triplets of a decomposition; default: of those that it holds.

    >>> import numpy as np, eckart
    >>> eckart.low_rank_error(eckart.svd(np.diag([4.0, 3.0])), 1).frobenius
    3.0
    """
    values = np.ascontiguousarray(d.values, np.float64)
    if values.ndim != 1:
        raise ArgumentError("low_rank_error: the decomposition of one matrix is wanted, not of a stack")
    kept = d.S.shape[-1] if k is None else _count("k", k)
    return LowRankError(**_engine.low_rank_error(values, d.U.shape[-2], d.Vh.shape[-1], kept))


def low_rank(a: Any, k: "int | None" = None, *, energy: "float | None" = None, error: "float | None" = None,
             threads: "int | None" = None) -> SVD:
    """The best approximation of rank k of a matrix (m, n), in factors: `svd` with a rule for k, one of which must be given.

    ``low_rank_error(result)`` says what was left out, ``result.reconstruct()`` makes the matrix.

    >>> import numpy as np, eckart
    >>> d = eckart.low_rank(np.diag([4.0, 3.0, 0.1]), error=0.05)
    >>> d.S
    array([4., 3.])
    """
    if k is None and energy is None and error is None:
        raise ArgumentError("low_rank: give k, energy or error")
    return svd(a, k=k, energy=energy, error=error, threads=threads)


@dataclass(frozen=True)
class Pseudoinverse:
    """The pseudoinverse of a (m, n) with what it is worth."""

    inverse: Any  # (n, m)
    rank: RankReport
    norm: float  # ||a^+||_2 = 1 / sigma_r
    condition: float  # sigma_1 / sigma_r
    error_bound: float  # of ||inverse - a^+||_2, for the rounding of the decomposition (Wedin 1973)


def pinv(a: Any, *, rtol: "float | None" = None, atol: "float | None" = None, threads: "int | None" = None) -> Pseudoinverse:
    """The Moore-Penrose pseudoinverse of a matrix (m, n). Values up to max(atol, rtol sigma_1) count as zero; see `rank`.

    Raises what `svd` raises, and OutOfRangeError when 1 / sigma_r exceeds the type. `eckart.linalg.pinv` has NumPy's form.

    >>> import eckart
    >>> eckart.pinv([[2, 0], [0, 0]]).inverse
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    x, back = _interchange.matrix(a)
    relative, absolute = _rule(rtol, atol)
    out = np.empty(x.shape[::-1], x.dtype)
    facts = _engine.pinv(x, out, np.array([relative]), absolute, _count_of_threads(threads))
    return Pseudoinverse(**{**facts, "inverse": back(out), "rank": RankReport(**facts["rank"])})


@dataclass(frozen=True)
class LeastSquares:
    """The shortest of all minimizers of ||a x - b||_2, with what it is worth."""

    x: Any  # (n,) or (n, p)
    values: Any  # singular values of a
    rank: RankReport
    condition: float  # sigma_1 / sigma_r
    degrees_of_freedom: float  # r without damping, less with it
    residual_norms: Any  # ||b - a x||_2 of each right-hand side
    solution_norms: Any
    error_bounds: Any  # relative, of x, for the rounding of the decomposition


def lstsq(a: Any, b: Any, *, damping: float = 0.0, rtol: "float | None" = None, atol: "float | None" = None,
          threads: "int | None" = None) -> LeastSquares:
    """Minimum-norm least squares with a (m, n) and b (m,) or (m, p), of any shape and rank.

    damping > 0 minimizes ||a x - b||^2 + damping^2 ||x||^2 instead (Tikhonov). Values up to max(atol, rtol sigma_1) count as zero;
    see `rank`. Raises what `svd` raises. `eckart.linalg.lstsq` has NumPy's form.

    >>> import eckart
    >>> fit = eckart.lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5])
    >>> fit.x.round(12)
    array([1., 2.])
    """
    x, back = _interchange.matrix(a)
    y, _ = _interchange.array(b)
    if y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ArgumentError(f"lstsq: a is {x.shape}, b is {y.shape}; b must have {x.shape[0]} rows")
    x, y = _interchange.together(x, y)
    relative, absolute = _rule(rtol, atol)
    solution, values, facts = _engine.lstsq(x, y[:, None] if y.ndim == 1 else y, relative, absolute, float(damping),
                                            _count_of_threads(threads))
    facts["rank"] = RankReport(**facts["rank"])
    return LeastSquares(x=back(solution[:, 0] if y.ndim == 1 else solution), values=_interchange.of_values(back)(values), **facts)


@dataclass(frozen=True)
class Polar:
    """a = W H (side "right") or a = H W ("left"): a rotation times a stretch."""

    W: Any  # (m, n), orthonormal columns (right) or rows (left)
    H: Any  # Hermitian, positive semidefinite
    unique: bool  # W is determined by a
    smallest_eigenvalue: float  # of H
    distance_to_orthonormal: float  # ||a - W||_F
    condition: float  # of W
    residual: float  # in units of rounding
    orthogonality: float


def polar(a: Any, side: "str | None" = None, *, threads: "int | None" = None) -> Polar:
    """The polar decomposition of a matrix (m, n): side "right" for m >= n, "left" for m <= n; default: the one that fits.

    W is the nearest matrix with orthonormal columns (rows). Raises what `svd` raises.

    >>> import eckart
    >>> eckart.polar([[0, -2], [2, 0]]).H
    array([[2., 0.],
           [0., 2.]])
    """
    x, back = _interchange.matrix(a)
    sides = {None: 0, "right": 1, "left": 2}
    if side not in sides:
        raise ArgumentError(f"polar: side is {side!r}; it is 'right' or 'left'")
    w, h, facts = _engine.polar(x, sides[side], _count_of_threads(threads))
    return Polar(W=back(w), H=back(h), **facts)


@dataclass(frozen=True)
class Procrustes:
    """scale a Q + translation lies on b as nearly as it can."""

    Q: Any  # (n, n), orthogonal or unitary
    translation: Any  # (n,)
    values: Any
    scale: float
    residual: float  # ||scale a Q + translation - b||_F
    relative_residual: float
    reflected: bool  # Q is a reflection: det Q = -1
    unique: bool


def procrustes(a: Any, b: Any, *, scale: bool = False, rotation_only: bool = False, centre: bool = False,
               threads: "int | None" = None) -> Procrustes:
    """The orthogonal Procrustes problem: the Q that lays the points of a (m, n; a point a row) on those of b (m, n).

    `scale` lets the size change, `rotation_only` forbids reflections (real matrices), `centre` lets the cloud be moved. Raises
    what `svd` raises.

    >>> import eckart
    >>> eckart.procrustes([[1, 0], [0, 1]], [[0, 1], [-1, 0]]).Q
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    x, back = _interchange.matrix(a)
    y, _ = _interchange.matrix(b)
    x, y = _interchange.together(x, y)
    q, move, values, facts = _engine.procrustes(x, y, scale, rotation_only, centre, _count_of_threads(threads))
    return Procrustes(Q=back(q), translation=back(move[0]), values=values, **facts)
