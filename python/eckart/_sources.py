"""What operators are made of: each kind of thing that can be multiplied, as (shape, type, build), build(type) being the engine's operator.

Other packages are recognised by what their objects can do and never imported for it.
"""

import os
from typing import Any, Callable, Iterator

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError, FileError, FormatError

CONVERTED_AT_ONCE = 1 << 28  # bytes: of a file with entries of another type, copied when it is opened. Larger ones go in strips

Source = "tuple[tuple[int, int], np.dtype, Callable[[np.dtype], Any]]"


def source_of(a: Any) -> Source:
    """Recognises `a`. Raises TypeError where nothing fits."""
    if isinstance(a, np.ndarray):
        return _dense(a)
    if isinstance(a, (str, os.PathLike)):
        return _file(os.fspath(a))
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


def is_read_in_place(a: np.ndarray) -> bool:
    """Whether the engine reads these entries where they are, or the copy that it needs is small enough to be made at once."""
    dtype = _interchange.engine_type(a.dtype)
    return a.ndim != 2 or a.dtype == dtype and a.dtype.isnative or a.size * dtype.itemsize <= CONVERTED_AT_ONCE


def _converted(a: np.ndarray) -> Source:
    """A file whose entries have to be converted: a strip at a time, for each product, so that its size is no matter."""
    by_columns = a.flags.f_contiguous and not a.flags.c_contiguous
    lines = a.T if by_columns else a  # long strips of the file are rows of this one

    def strips(t: np.dtype) -> "Iterator[tuple[slice, np.ndarray]]":
        count = max(1, CONVERTED_AT_ONCE // (4 * max(1, lines.shape[1]) * t.itemsize))
        for first in range(0, lines.shape[0], count):
            place = slice(first, min(first + count, lines.shape[0]))
            yield place, lines[place].astype(t)

    def along(x: np.ndarray) -> np.ndarray:
        return np.concatenate([strip @ x for _, strip in strips(x.dtype)])

    def across(x: np.ndarray) -> np.ndarray:
        y = np.zeros((lines.shape[1], x.shape[1]), x.dtype)
        for place, strip in strips(x.dtype):
            y += strip.T @ x[place]
        return y

    def matmat(x: np.ndarray) -> np.ndarray:
        return across(x) if by_columns else along(x)

    def rmatmat(x: np.ndarray) -> np.ndarray:
        return (along(x.conj()) if by_columns else across(x.conj())).conj()
    return a.shape, _interchange.engine_type(a.dtype), callback(a.shape, matmat, rmatmat)


def _sparse(a: Any) -> Source:
    if a.ndim != 2:
        raise ArgumentError(f"an operator is made of a matrix, and this sparse array has shape {a.shape}")
    kept = a if a.format in ("csr", "csc") else a.tocsr()

    def build(t: np.dtype) -> Any:
        pointers, indices = kept.indptr, kept.indices
        if pointers.dtype != indices.dtype or indices.dtype not in (np.int32, np.int64):
            pointers, indices = pointers.astype(np.int64), indices.astype(np.int64)
        rows, cols = kept.shape
        return _engine.compressed(rows, cols, np.ascontiguousarray(pointers), np.ascontiguousarray(indices[:pointers[-1]]),
                                  np.ascontiguousarray(kept.data[:pointers[-1]], dtype=t), kept.format == "csc")
    return kept.shape, _interchange.engine_type(kept.dtype), build


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
        result = np.asarray((rmatmat if is_adjoint else matmat)(x))
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


def _file(path: str) -> Source:
    """An npy file where it lies, or a sparse matrix read from its file."""
    if not os.path.exists(path):
        if path.endswith((".npy", ".npz", ".mtx", ".mtx.gz")):
            raise FileError(f"cannot open {path}: there is no such file")
        raise TypeError(f"type not understood: '{path}' is neither a matrix nor the path of a file")
    if path.endswith(".npy"):
        try:
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as error:
            raise FormatError(f"{path}: {error}") from error
        return _dense(mapped) if is_read_in_place(mapped) else _converted(mapped)
    if path.endswith((".mtx", ".mtx.gz")):
        from scipy.io import mmread
        return source_of(mmread(path, spmatrix=False))
    if path.endswith(".npz"):
        from scipy.sparse import load_npz
        return _sparse(load_npz(path))
    raise FormatError(f"{path}: an operator is read from npy files, Matrix Market (.mtx), and npz files of scipy.sparse.save_npz")
