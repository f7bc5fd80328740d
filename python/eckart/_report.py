"""What a decomposition says of itself: plain objects with the fields of the engine's report."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Audit", "Attempt", "Report", "RankReport"]


@dataclass(frozen=True)
class Audit:
    """What the check of a result found. Figures are ratios to rounding: 1 is max(m, n) eps sigma_1 for the residual, m eps and
    n eps for the orthogonality of U and Vh; LAPACK's own tests accept 50."""

    residual: float
    orthogonality_u: float
    orthogonality_v: float
    norm: float
    sorted: bool
    counts_agree: bool
    fooled: float  # bound on the probability that a wrong factor passed
    passed: bool


@dataclass(frozen=True)
class Attempt:
    """One method that was tried, and why it failed ("" when it passed)."""

    driver: str
    converged: bool
    audit: Audit
    failure: str


@dataclass(frozen=True)
class Report:
    """How a result was computed and what its audit found.

    For a stack, `matrices` counts it, `drivers` says how many results each method gave, `climbed` how many needed more than one
    method, `audit` holds the worst figures of all, and the rest is that of the last matrix. `path` is all of it in one line.
    """

    rows: int
    cols: int
    matrices: int
    driver: str
    drivers: "dict[str, int]"
    climbed: int
    path: str
    attempts: "tuple[Attempt, ...]"
    audit: Audit
    scale_exponent: int
    transposed: bool
    qr_first: bool
    qr_method: str
    two_stage: bool
    stages: "dict[str, float]" = field(repr=False)  # seconds
    seconds: float
    values_alone: bool
    workspace_bytes: int
    threads: int

    def _repr_html_(self) -> str:
        return html_of(self)


@dataclass(frozen=True)
class RankReport:
    """A rank and how close the decision was: values above `threshold` = max(atol, rtol sigma_1) count; `gap` is
    sigma_rank / sigma_next; `near_threshold` values lie within a factor of 10 of it."""

    rank: int
    threshold: float
    rtol: float
    sigma_1: float
    sigma_rank: float
    sigma_next: float
    gap: float
    near_threshold: int

    def _repr_html_(self) -> str:
        return html_of(self)


def from_facts(facts: "dict[str, Any]") -> Report:
    """The report that the engine's figures make."""
    attempts = tuple(Attempt(**{**a, "audit": Audit(**a["audit"])}) for a in facts["attempts"])
    return Report(**{**facts, "attempts": attempts, "audit": Audit(**facts["audit"])})


def html_of(report: Any) -> str:
    """A report as a notebook shows it, a table."""
    from ._picture import table

    return table(report)
