"""What comes in, as an array that the engine reads in place; what goes out, of the kind that came in.

The engine computes in float32, float64, complex64 and complex128. The widening rule:

=================================================  ===========
entries                                            computed in
=================================================  ===========
float32, float64, complex64, complex128            themselves
float16, bfloat16, the 8-bit floats of ml_dtypes   float32
integers, bool                                     float64
=================================================  ===========

Factors have the type in which they were computed: orthonormal columns rounded to 11 bits would not be orthonormal. What no
type of the engine holds (longdouble, object, text, dates, records) is a ``TypeError``, as in ``numpy.linalg``. Arrays are read
where they are, whatever their strides; a copy is made where entries are widened, stored in the other byte order, or not aligned.

What comes in: NumPy arrays; whatever has ``__dlpack__`` and lives in memory of the processor (tensors of PyTorch, arrays of JAX);
whatever ``numpy.asarray`` takes: the buffer protocol, ``__array_interface__``, ``__array__``, nested sequences. What came by DLPack
goes back by DLPack; subclasses of ndarray wrap their results as numpy.linalg does. A masked array with masked entries is refused.
"""

import sys
from typing import Any, Callable

import numpy as np

from ._errors import ArgumentError

Back = Callable[[Any], Any]

_NATIVE = frozenset("fdFD")
_REAL: "dict[str, np.dtype]" = {"f": np.dtype(np.float32), "d": np.dtype(np.float64), "F": np.dtype(np.float32), "D": np.dtype(np.float64)}
_WIDENED_BY_NAME = ("bfloat16", "float8_", "float6_", "float4_")  # of ml_dtypes
_ON_THE_PROCESSOR = (1, 3, 11, 13)  # DLPack's kCPU, kCUDAHost, kROCMHost, kCUDAManaged


def real_type(dtype: np.dtype) -> np.dtype:
    """The type of the singular values of a matrix of `dtype`, one of the four."""
    return _REAL[dtype.char]


def engine_type(dtype: np.dtype) -> np.dtype:
    """The type that entries of `dtype` are computed in, by the rule above. Raises TypeError where there is none."""
    if dtype.char in _NATIVE:
        return dtype.newbyteorder("=")
    if dtype.kind in "iub":
        return np.dtype(np.float64)
    if dtype.char == "e" or dtype.name.startswith(_WIDENED_BY_NAME):
        return np.dtype(np.float32)
    raise TypeError(f"array type {dtype.name} is unsupported in linalg: entries are float16, bfloat16, float32, float64, complex64, "
                    "complex128, integers or bool")


def refuse_masked(a: Any) -> None:
    """Raises ArgumentError for an array with masked entries: NumPy's functions would take what lies under the mask for data."""
    if isinstance(a, np.ndarray) and type(a) is not np.ndarray and isinstance(a, np.ma.MaskedArray) and np.ma.is_masked(a):
        raise ArgumentError("entries of the array are masked, and a decomposition needs all of them: fill them with .filled(), or "
                            "leave out their rows or columns with numpy.ma.compress_rowcols()")


def unmasked(a: Any) -> np.ndarray:
    """`a` as an array whose entries are all there; ArgumentError where some are masked."""
    refuse_masked(a)
    return np.asarray(a)


def readable(x: np.ndarray) -> np.ndarray:
    """`x` itself where the engine can read it in place, otherwise a converted copy."""
    dtype = x.dtype
    if dtype.char in _NATIVE and dtype.isnative:
        flags = x.flags
        if flags.carray or flags.aligned and (flags.forc or not any(s % dtype.itemsize for s in x.strides)):
            return x
        return x.copy(order="K")
    return x.astype(engine_type(dtype), order="K")


def _same(x: np.ndarray) -> np.ndarray:
    return x


class Wrap:
    """The results of a subclass of ndarray, wrapped as numpy.linalg does it: by the argument's ``__array_wrap__``."""

    def __init__(self, a: np.ndarray) -> None:
        self.always = a.__array_wrap__

    def __call__(self, x: np.ndarray) -> Any:
        return self.always(x) if x.ndim > 1 else x


def of_values(back: Back) -> Back:
    """What makes singular values of the kind of the matrix: subclasses of ndarray keep them as they are."""
    return _same if isinstance(back, Wrap) else back


def of_figures(back: Back) -> Back:
    """What makes numbers, one a matrix, of the kind of the matrix: one number alone is a scalar of NumPy, or a tensor without
    dimensions."""
    back = of_values(back)
    return (lambda x: x[()]) if back is _same else lambda x: back(np.asarray(x))


def _from_dlpack(a: Any) -> np.ndarray:
    if a.__dlpack_device__()[0] not in _ON_THE_PROCESSOR:
        raise ArgumentError(f"eckart computes in the processor's memory; this {type(a).__name__} lies on another device: move it "
                            "with .cpu() or jax.device_get()")
    try:
        return np.from_dlpack(a)
    except (BufferError, RuntimeError, TypeError):
        if type(a).__module__.partition(".")[0] == "torch":
            a = a.detach().resolve_conj().resolve_neg()
            return np.from_dlpack(a.float() if str(a.dtype) == "torch.bfloat16" else a)
        return np.asarray(a)  # bfloat16 of JAX: NumPy's DLPack has no such type, its __array__ has


def _to_kind_of(a: Any) -> Back:
    """What makes an object of a's library from an array of ours, without a copy."""
    library = sys.modules.get(type(a).__module__.partition(".")[0])
    for space in (getattr(type(a), "__array_namespace__", None) and a.__array_namespace__(), library, type(a)):
        take: "Back | None" = getattr(space, "from_dlpack", None)
        if take is not None:
            return take
    return _same


def array(a: Any) -> "tuple[np.ndarray, Back]":
    """(x, back): `a` as an array that the engine reads, and what turns a result into the kind of thing that `a` is.

    Raises TypeError for entries of no supported type and for sparse matrices.
    """
    if type(a) is np.ndarray:
        return readable(a), _same
    if isinstance(a, np.ndarray):
        refuse_masked(a)
        # A class that takes NumPy's functions into its own hands (units, labels) knows what they return, and its __array_wrap__
        # does not.
        wraps = type(a).__array_function__ is np.ndarray.__array_function__
        return readable(np.asarray(a)), (Wrap(a) if wraps else _same)
    if hasattr(a, "__dlpack__") and hasattr(a, "__dlpack_device__") and not isinstance(a, np.generic):
        return readable(_from_dlpack(a)), _to_kind_of(a)
    if hasattr(a, "tocsr") or hasattr(a, "tocoo"):
        raise TypeError("a full decomposition makes a sparse matrix dense: give .toarray(), or ask eckart.svds for the leading "
                        "triplets")
    return readable(np.asarray(a)), _same


def matrices(a: Any) -> "tuple[np.ndarray, Back]":
    """As array(), of at least two dimensions; LinAlgError otherwise."""
    x, back = (readable(a), _same) if type(a) is np.ndarray else array(a)
    if x.ndim < 2:
        raise ArgumentError(f"{x.ndim}-dimensional array given. Array must be at least two-dimensional")
    return x, back


def matrix(a: Any) -> "tuple[np.ndarray, Back]":
    """As array(), of exactly two dimensions; LinAlgError otherwise."""
    x, back = array(a)
    if x.ndim != 2:
        raise ArgumentError(f"{x.ndim}-dimensional array given. Array must be two-dimensional")
    return x, back


def together(*arrays: np.ndarray) -> "list[np.ndarray]":
    """The arrays in their common type, one of the four."""
    dtype = np.result_type(*arrays)
    return [x if x.dtype == dtype else x.astype(dtype, order="K") for x in arrays]


def places(shape: "tuple[int, ...]", dtype: np.dtype) -> np.ndarray:
    """Uninitialised matrices whose columns lie in one piece, as the engine writes U."""
    if len(shape) == 2:
        return np.empty(shape, dtype, "F")
    return np.empty((*shape[:-2], shape[-1], shape[-2]), dtype).swapaxes(-1, -2)
