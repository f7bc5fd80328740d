"""eckart.truncated_svd, its result and its report."""

import os
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError
from ._report import html_of
from ._svd import SVD
from .operators import Operator, operator

__all__ = ["LeadingSVD", "TruncatedReport", "truncated_svd"]

METHODS = {None: 0, "auto": 0, "lanczos": 1, "randomized": 2, "dense": 3, "shift_invert": 4}
WHICH = {"largest": 0, "smallest": 1, "nearest": 2}
SEED = 0x45636B617274  # the engine's own


@dataclass(frozen=True)
class TruncatedReport:
    """What was done and what was measured on the result.

    `residuals[i]` is sqrt(||A v - s u||^2 + ||A^H u - s v||^2) of triplet i from products formed anew: a singular value of A lies within
    it of S[i]. `left_out` is ||A - U S Vh||_F; `next_at_most` bounds every value beyond the k, with `failure_probability` (0: certain, to
    rounding). None: not known. `bound_by` names the rule that decided k; `converged` is False, with the `shortfall` in words, where a
    residual is above `tolerance` times its value or no rule was decided.

    Of the smallest values, and those nearest to a target: `found_by` says what they were found by; `certified`, that a count of eigenvalues or
    the whole decomposition proves that no singular value between `certified_from` and `certified_to` is missing; `certainty`, in words, how
    sure it is, whether it is proved or not. `next_value` is the one that comes next after them.
    """

    rows: int
    cols: int
    method: str
    reason: str  # why this method
    operator: str
    which: str
    target: float
    found_by: str
    certified: bool
    certified_from: float
    certified_to: float
    certainty: str
    largest_value: float  # sigma_1, about: of which rounding is granted to the residuals of values that are not the largest
    solves: int  # vectors that an inverse was applied to
    bound_by: str
    noise: "float | None"  # where the hard threshold decided k: as given, or estimated
    threshold: "float | None"  # what values had to exceed then
    converged: bool
    shortfall: str
    residuals: np.ndarray
    within_tolerance: int
    tolerance: float
    orthogonality_u: float  # ||I - U^H U||_F / (m eps)
    orthogonality_v: float
    frobenius_norm: "float | None"
    left_out: "float | None"
    norm_at_most: "float | None"
    left_out_at_most: "float | None"
    next_value: float
    next_at_most: "float | None"
    failure_probability: float
    block: int
    basis: int
    one_sided: bool
    restarts: int
    products: int  # vectors that A or its conjugate transpose were applied to
    stages: "dict[str, float]" = field(repr=False)  # seconds
    seconds: float
    workspace_bytes: int
    threads: int

    def _repr_html_(self) -> str:
        return html_of(self)


class LeadingSVD(SVD):
    """A ~ U diag(S) Vh as a named tuple: ``U, S, Vh = eckart.truncated_svd(a, 10)``.

    U (m, k) has orthonormal columns, Vh (k, n) orthonormal rows, S (k,) descends. `report` is the TruncatedReport.
    """

    @property
    def report(self) -> TruncatedReport:
        """What was done, and what was measured on the result."""
        return self._told

    def truncate(self, k: int) -> "LeadingSVD":
        """The first k triplets, views of these."""
        if not 0 <= k <= len(self.S):
            raise ArgumentError(f"truncate: k = {k} is not in 0 .. {len(self.S)}")
        return result(self.U[:, :k], self.S[:k], self.Vh[:k], self.report)

    def plot(self, ax: Any = None) -> Any:
        """Draws the singular values that were found, with the bound of those that were not where it says anything; returns the axes.
        Needs matplotlib."""
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.figure().add_subplot()
        ax.plot(np.arange(1, len(self.S) + 1), self.S, ".-", label="singular values")
        bound = self.report.next_at_most
        shown = self.S[self.S > 0]
        if bound and len(shown) and bound < shown[0]:
            ax.axhline(bound, color="tab:orange", linestyle="--", label="all others are at most")
            ax.legend()
        if len(shown) and shown[0] > 10 * shown[-1]:
            ax.set_yscale("log")
        ax.set_xlabel("index")
        ax.set_ylabel("singular value")
        return ax

    def _repr_html_(self) -> str:
        from ._picture import leading_page

        return leading_page(self)

    def __reduce__(self):
        return result, (self.U, self.S, self.Vh, self.report)


def result(u: Any, s: Any, vh: Any, report: TruncatedReport) -> LeadingSVD:
    d = LeadingSVD(u, s, vh)
    d._told, d._values = report, s
    return d


def leading(a: Operator, rules: Any, *, method: int = 0, which: int = 0, target: float = 0.0, tolerance: float = 0.0, block: int = 0, basis: int = 0, restarts: int = 1000,
            failure_probability: float = 1e-6, max_memory: int = 0, threads: int = 0, seed: int = SEED, progress: Any = None) -> LeadingSVD:
    """The engine's truncated_svd() of an operator."""
    u, s, vh, facts = _engine.truncated_svd(a._engine(), rules, method, which, target, tolerance, block, basis, restarts, failure_probability,
                                            max_memory, threads, seed, progress)
    return result(u, s, vh, TruncatedReport(**{**facts, "residuals": np.array(facts["residuals"])}))


def rank_rule(k: int) -> Any:
    """The rule of k triplets."""
    rules = _engine.Rules()
    rules.rank = k
    return rules


def truncated_svd(a: Any, k: "int | None" = None, *, energy: "float | None" = None, error: "float | None" = None,
                  spectral_error: "float | None" = None, absolute_error: "float | None" = None, above: "float | None" = None, noise: "float | str | None" = None,
                  which: str = "largest", target: "float | None" = None, method: "str | None" = None, tolerance: float = 0.0, block: int = 0, basis: int = 0, max_iterations: int = 1000,
                  failure_probability: float = 1e-6, max_memory: int = 0, threads: "int | None" = None, seed: "int | None" = None,
                  progress: "Callable[[str, float], Any] | None" = None) -> LeadingSVD:
    """The leading singular triplets of anything that can be multiplied, a ~ U diag(S) Vh; the smallest, or those nearest to a value.

    Parameters
    ----------
    a : anything that :func:`eckart.operators.operator` takes: arrays, sparse matrices, LinearOperators, paths, operators
    k : that many triplets
    energy : the fewest triplets whose squared values have this share of the sum, in [0, 1]
    error : the fewest with ||A - U S Vh||_F <= error ||A||_F; `spectral_error`: the same in the spectral norm
    absolute_error : the fewest with ||A - U S Vh||_F <= absolute_error
    above : the triplets whose values are above this
    noise : the triplets that stand out of white noise of this standard deviation, by Gavish and Donoho's optimal hard threshold; "unknown":
        estimated, ``report.noise`` has it
        Of several rules the one that gives the fewest triplets holds, and ``report.bound_by`` names it. Frobenius rules need ||A||_F; where
        an operator does not know it, the randomized method bounds it.
    which : "largest", "smallest", or "nearest" to `target`, a number that is not negative. The last two take k alone, and more than
        products: an array, a sparse matrix, :func:`eckart.operators.with_inverse`, or what is small enough to be written out
    method : "auto", "lanczos", "randomized" (a few digits, in less time), "dense" or "shift_invert"
    tolerance : residuals relative to the value; 0 is half of the digits, or 0.05 where "randomized" is asked for. Values are right to
        about its square
    block, basis : vectors multiplied at a time, and kept; 0: as measured
    max_iterations : restarts at the most
    failure_probability : that a bound is wrong where ||A||_F is not known
    max_memory : bytes, of which a quarter is for the entries of a file: a larger one is read in passes. A method that needs more than the rest
        is not chosen. 0: no bound
    threads, seed, progress : as of :func:`eckart.svd`

    Returns
    -------
    LeadingSVD, a named tuple (U, S, Vh) with `.report`, `.truncate(k)`, `.reconstruct()`. Not converging is no error:
    ``report.converged`` says it.

    Raises
    ------
    ArgumentError for rules and options that make no sense; NonFiniteError; TypeError; OutOfMemoryError; KeyboardInterrupt within a second
    of Ctrl-C; and whatever a function of the caller raises.

    >>> import numpy as np, eckart
    >>> a = np.diag([5.0, 4.0, 1e-3, 1e-4])
    >>> eckart.truncated_svd(a, k=1).S.round(12)
    array([5.])
    >>> d = eckart.truncated_svd(a, k=3, error=0.01)
    >>> len(d.S), d.report.bound_by
    (2, 'relative error')
    >>> eckart.truncated_svd(a, k=2, which="nearest", target=3.5).S.round(12)
    array([5., 4.])
    """
    rules = _engine.Rules()
    if k is not None:
        rules.rank = whole("k", k)
    rules.energy, rules.relative_error, rules.relative_spectral = energy, error, spectral_error
    rules.error, rules.spectral = absolute_error, above
    if isinstance(noise, str):
        if noise != "unknown":
            raise ArgumentError(f'noise is {noise!r}; it is a standard deviation, or "unknown"')
        rules.unknown_noise = True
    else:
        rules.noise = noise
    if k is None and all(r is None for r in (energy, error, spectral_error, absolute_error, above, noise)):
        raise ArgumentError("how many triplets? Give k, energy, error, spectral_error, absolute_error, above or noise")
    if method not in METHODS:
        raise ArgumentError(f"method is {method!r}; it is one of {', '.join(repr(m) for m in METHODS if m)}")
    if which not in WHICH:
        raise ArgumentError(f"which is {which!r}; it is one of {', '.join(map(repr, WHICH))}")
    if (target is not None) != (which == "nearest"):
        raise ArgumentError('which="nearest" and target= go together')
    a, back = of_its_kind(a)
    a, max_memory = within(a, max_memory)
    d = leading(a, rules, method=METHODS[method], which=WHICH[which], target=float(target or 0), tolerance=float(tolerance), block=whole("block", block),
                basis=whole("basis", basis), restarts=whole("max_iterations", max_iterations),
                failure_probability=float(failure_probability), max_memory=max_memory,
                threads=threads_of(threads), seed=SEED if seed is None else whole("seed", seed) & 0xFFFFFFFFFFFFFFFF, progress=progress)
    return result(back(d.U), back(d.S), back(d.Vh), d.report)


def of_its_kind(a: Any) -> "tuple[Any, Callable[[Any], Any]]":
    """`a`, a tensor as an array, and what turns factors into tensors then."""
    if hasattr(a, "__dlpack__") and not isinstance(a, np.ndarray):
        return _interchange.array(a)
    return a, lambda x: x


def within(a: Any, max_memory: Any) -> "tuple[Operator, int]":
    """`a` as an operator, and the bytes that are left for a method where `max_memory` are allowed (0: any number)."""
    limit = whole("max_memory", max_memory)
    if limit < 0:
        raise ArgumentError(f"max_memory = {limit}: bytes, or 0 for no bound")
    if not isinstance(a, (str, os.PathLike)) or limit == 0:
        return operator(a), limit
    return operator(a, memory=limit // 4), limit - limit // 4


def whole(name: str, value: Any) -> int:
    """An int of a whole number of any type; TypeError for others."""
    try:
        return value.__index__()
    except AttributeError:
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}") from None


def threads_of(threads: "int | None") -> int:
    """Threads as the engine counts them: 0 for as many as the process may use."""
    if threads is None:
        return 0
    count = whole("threads", threads)
    if count < 1:
        raise ArgumentError(f"threads = {threads}: at least one, or None for as many as the process may use")
    return count
