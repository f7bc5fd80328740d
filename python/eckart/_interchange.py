"""What comes in, as an array that the engine reads in place; what goes out, of the kind that came in.

The engine computes in float32, float64, complex64 and complex128. The widening rule:

===============================================  ==========
entries                                          computed in
===============================================  ==========
float32, float64, complex64, complex128          themselves
float16, bfloat16, the 8-bit floats of ml_dtypes  float32
integers, bool                                   float64
===============================================  ==========

Factors have the type in which they were computed: orthonormal columns rounded to 11 bits would not be orthonormal. What no
type of the engine holds (longdouble, object, text, dates, records) is a ``TypeError``, as in ``numpy.linalg``. Arrays are read
where they are, whatever their strides; a copy is made where entries are widened, stored in the other byte order, or not aligned.
"""

from typing import Any, Callable

import numpy as np

_NATIVE = "fdFD"
_WIDENED_BY_NAME = frozenset({"bfloat16", "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fn", "float8_e4m3fnuz",
                              "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"})


def engine_type(dtype: np.dtype) -> np.dtype:
    """The type that entries of `dtype` are computed in, by the rule above. Raises TypeError where there is none."""
    kind = dtype.kind
    if dtype.char in _NATIVE:
        return dtype.newbyteorder("=")
    if kind in "iub":
        return np.dtype(np.float64)
    if dtype.char == "e" or dtype.name in _WIDENED_BY_NAME:
        return np.dtype(np.float32)
    raise TypeError(f"array type {dtype} is unsupported in eckart: entries are float16, bfloat16, float32, float64, complex64, "
                    "complex128, integers or bool")


def readable(x: np.ndarray) -> np.ndarray:
    """`x` itself where the engine can read it in place, otherwise a converted copy."""
    dtype = x.dtype
    if dtype.char in _NATIVE and dtype.isnative:
        flags = x.flags
        if flags.aligned and (flags.forc or not any(s % dtype.itemsize for s in x.strides)):
            return x
        return x.copy(order="K")
    return x.astype(engine_type(dtype), order="K")


def _same(x: np.ndarray) -> np.ndarray:
    return x


def array(a: Any) -> "tuple[np.ndarray, Callable[[np.ndarray], Any]]":
    """(x, back): `a` as an array that the engine reads, and what turns a result into the kind of thing that `a` is."""
    if type(a) is np.ndarray:
        return readable(a), _same
    return readable(np.asarray(a)), _same
