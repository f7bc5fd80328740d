"""What operators are made of: each kind of thing that can be multiplied, as (shape, type, build), build(type) being the engine's operator.

Other packages are recognised by what their objects can do and never imported for it.
"""

import os
from typing import Any, Callable

import numpy as np

from . import _engine, _files, _interchange
from ._errors import ArgumentError

Source = "tuple[tuple[int, int], np.dtype, Callable[[np.dtype], Any]]"


def source_of(a: Any, memory: "int | None" = None) -> Source:
    """Recognises `a`; `memory` is for the entries of a file. Raises TypeError where nothing fits."""
    if isinstance(a, np.ndarray):
        return _dense(_interchange.unmasked(a))
    if isinstance(a, (str, os.PathLike)):
        return _files.source_of(os.fspath(a), memory)
    if hasattr(a, "tocsr") and hasattr(a, "nnz"):
        return _sparse(a)
    if hasattr(a, "shape") and (hasattr(a, "matmat") or hasattr(a, "matvec")):
        return _products(a)
    array = _interchange.array(a)[0] if _is_array(a) else np.asarray(a)
    if array.dtype.kind not in "biufcV":
        raise TypeError(f"{type(a).__name__} is no matrix: neither an array, nor sparse, nor something with shape, matvec and rmatvec, "
                        "nor the path of a file")
    return _dense(array)


def _is_array(a: Any) -> bool:
    return hasattr(a, "__dlpack__") or hasattr(a, "__array__") or hasattr(a, "__array_interface__")


def _dense(a: np.ndarray) -> Source:
    if a.ndim != 2:
        raise ArgumentError(f"an operator is made of a matrix, and this array has shape {a.shape}")
    return a.shape, _interchange.engine_type(a.dtype), lambda t: _engine.dense(_interchange.readable(a.astype(t, copy=False)))


def _sparse(a: Any) -> Source:
    if a.ndim != 2:
        raise ArgumentError(f"an operator is made of a matrix, and this sparse array has shape {a.shape}")
    kept = a if a.format in ("csr", "csc") else a.tocsr()

    return compressed(kept.shape, kept.indptr, kept.indices, kept.data, kept.format == "csc")


def compressed(shape: "tuple[int, int]", pointers: np.ndarray, indices: np.ndarray, values: np.ndarray, by_columns: bool) -> Source:
    """Compressed rows, or columns, as SciPy holds them; what stands behind the last pointer is no entry."""
    def build(t: np.dtype) -> Any:
        p, i = pointers, indices
        if p.dtype != i.dtype or i.dtype not in (np.int32, np.int64):
            p, i = p.astype(np.int64), i.astype(np.int64)
        return _engine.compressed(*shape, np.ascontiguousarray(p), np.ascontiguousarray(i[:p[-1]]),
                                  np.ascontiguousarray(values[:p[-1]], dtype=t), by_columns)
    return shape, _interchange.engine_type(values.dtype), build


def _products(a: Any) -> Source:
    shape = tuple(a.shape)
    if len(shape) != 2:
        raise ArgumentError(f"an operator has two dimensions, and this one has shape {shape}")
    matmat = a.matmat if hasattr(a, "matmat") else by_columns(a.matvec)
    if hasattr(a, "rmatmat"):
        rmatmat = a.rmatmat
    elif hasattr(a, "rmatvec"):
        rmatmat = by_columns(a.rmatvec)
    else:
        raise TypeError(f"{type(a).__name__} has no rmatmat and no rmatvec: the products with its conjugate transpose")
    dtype = getattr(a, "dtype", None)
    if dtype is None:
        dtype = np.asarray(matmat(np.zeros((shape[1], 1)))).dtype
    return shape, _interchange.engine_type(np.dtype(dtype)), callback(shape, matmat, rmatmat)


def by_columns(product: "Callable[[np.ndarray], Any]") -> "Callable[[np.ndarray], np.ndarray]":
    """A product with one vector as a product with a block of them."""
    def of_block(x: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(product(x[:, j])).reshape(-1) for j in range(x.shape[1])], axis=1)
    return of_block


def callback(shape: "tuple[int, int]", matmat: "Callable[[np.ndarray], Any]", rmatmat: "Callable[[np.ndarray], Any]") -> "Callable[[np.dtype], Any]":
    """build(type) of an operator that calls functions. They get vectors of their own, which they may keep.

    The engine does not keep `product` alive: build does, and so whoever holds that and every operator made of it.
    """
    def product(is_adjoint: bool, x: np.ndarray) -> np.ndarray:
        result = _interchange.unmasked((rmatmat if is_adjoint else matmat)(x))
        expected = (shape[1 if is_adjoint else 0], x.shape[1])
        if result.shape != expected:
            raise ArgumentError(f"the {'adjoint ' if is_adjoint else ''}product of an operator of shape {tuple(shape)} with {x.shape[1]} vectors "
                                f"has shape {result.shape} and not {expected}")
        if result.dtype.kind == "c" and x.dtype.kind != "c":
            raise TypeError(f"the product of an operator of {x.dtype} is complex: say dtype=complex")
        return _interchange.readable(result.astype(x.dtype, copy=False))
    return lambda t: _engine.callback(shape[0], shape[1], t.char, product)


def solver(lu: Any, dtype: np.dtype) -> "tuple[Callable[[np.ndarray], Any], Callable[[np.ndarray], Any]]":
    """The two products with the inverse that a factorisation like SciPy's SuperLU is: its solve(x, trans)."""
    return lambda x: lu.solve(np.ascontiguousarray(x)), lambda x: lu.solve(np.ascontiguousarray(x), "H" if dtype.kind == "c" else "T")
