"""Eckart: singular value decompositions that are checked before they are returned.

``eckart.svd(a)`` is the place to begin; ``eckart.linalg`` has the names, defaults and results of ``numpy.linalg``.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._engine import info
from ._engine import version as __version__
from ._errors import (ArgumentError, CancelledError, EckartError, FileError, FormatError, NonFiniteError, NumericalError,
                      OutOfMemoryError, OutOfRangeError, SizeLimitError)
from ._report import Attempt, Audit, RankReport, Report
from ._solvers import (LeastSquares, LowRankError, Polar, Procrustes, Pseudoinverse, low_rank, low_rank_error, lstsq, pinv, polar,
                       procrustes, rank)
from ._svd import SVD, svd, svdvals

if TYPE_CHECKING:  # what a type checker sees at once is imported when it is first asked for
    from . import linalg, operators, streams
    from ._estimators import PCA, IncrementalPCA, TruncatedSVD
    from ._svds import NoConvergenceError, svds
    from ._truncated import LeadingSVD, TruncatedReport, truncated_svd
    from .streams import FrequentDirections, IncrementalSvd, SinglePassSketch

_MODULES = ("linalg", "operators", "streams")
_LATER = {"svds": "_svds", "NoConvergenceError": "_svds", "truncated_svd": "_truncated", "LeadingSVD": "_truncated",
          "TruncatedReport": "_truncated", "PCA": "_estimators", "IncrementalPCA": "_estimators", "TruncatedSVD": "_estimators",
          "FrequentDirections": "streams", "IncrementalSvd": "streams", "SinglePassSketch": "streams"}  # name: the module that has it

__all__ = ["ArgumentError", "Attempt", "Audit", "CancelledError", "EckartError", "FileError", "FormatError", "LeastSquares",
           "LowRankError", "NonFiniteError", "NumericalError", "OutOfMemoryError", "OutOfRangeError", "Polar", "Procrustes",
           "Pseudoinverse", "RankReport", "Report", "SVD", "SizeLimitError", "info", "low_rank", "low_rank_error", "lstsq", "pinv",
           "polar", "procrustes", "rank", "svd", "svdvals", "svds", "NoConvergenceError", "truncated_svd", "LeadingSVD", "TruncatedReport", "PCA",
           "IncrementalPCA", "TruncatedSVD", "FrequentDirections", "IncrementalSvd", "SinglePassSketch", "linalg", "operators", "streams"]


if not TYPE_CHECKING:  # to a type checker a function of this name has every attribute
    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f".{name}", __name__)
        if name in _LATER:
            globals()[name] = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
            return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted(__all__)
