"""Eckart: singular value decompositions that are checked before they are returned.

``eckart.svd(a)`` is the place to begin; ``eckart.linalg`` has the names, defaults and results of ``numpy.linalg``.
"""

import importlib
from typing import Any

from ._engine import info
from ._engine import version as __version__
from ._errors import (ArgumentError, CancelledError, EckartError, FileError, FormatError, NonFiniteError, NumericalError,
                      OutOfMemoryError, OutOfRangeError, SizeLimitError)
from ._report import Attempt, Audit, RankReport, Report
from ._solvers import (LeastSquares, LowRankError, Polar, Procrustes, Pseudoinverse, low_rank, low_rank_error, lstsq, pinv, polar,
                       procrustes, rank)
from ._svd import SVD, svd, svdvals

_MODULES = ("linalg", "operators", "streams")  # imported when they are first asked for
_LATER = {"svds": "_svds", "NoConvergenceError": "_svds", "truncated_svd": "_truncated", "LeadingSVD": "_truncated",
          "TruncatedReport": "_truncated", "PCA": "_estimators", "IncrementalPCA": "_estimators", "TruncatedSVD": "_estimators",
          "FrequentDirections": "streams", "IncrementalSvd": "streams", "SinglePassSketch": "streams"}  # name: the module that has it, imported when it is first asked for

__all__ = ["ArgumentError", "Attempt", "Audit", "CancelledError", "EckartError", "FileError", "FormatError", "LeastSquares",
           "LowRankError", "NonFiniteError", "NumericalError", "OutOfMemoryError", "OutOfRangeError", "Polar", "Procrustes",
           "Pseudoinverse", "RankReport", "Report", "SVD", "SizeLimitError", "info", "low_rank", "low_rank_error", "lstsq", "pinv",
           "polar", "procrustes", "rank", "svd", "svdvals", *_LATER, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in _LATER:
        globals()[name] = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted(__all__)
