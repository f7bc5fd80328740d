"""eckart.svd and its result."""

from typing import Any

import numpy as np

from . import _engine, _interchange

_REAL = {"f": np.float32, "d": np.float64, "F": np.float32, "D": np.float64}


def svd(a: Any, *, threads: "int | None" = None):
    """U, S, Vh of a."""
    x, back = _interchange.array(a)
    m, n = x.shape
    k = min(m, n)
    dtype = x.dtype
    u, s, vh = np.empty((m, k), dtype, order="F"), np.empty(k, _REAL[dtype.char]), np.empty((k, n), dtype)
    _engine.svd(x, s, u, vh, 0, threads or 0, 0, 0, None)
    return back(u), s, back(vh)
