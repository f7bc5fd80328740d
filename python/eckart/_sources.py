"""What operators are made of: each kind of thing that can be multiplied, as (shape, type, build), build(type) being the engine's operator.

Other packages are recognised by what their objects can do and never imported for it.
"""

import os
from typing import Any, Callable

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError, FileError, FormatError

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
    """build(type) of an operator that calls functions. They get a copy of the vectors, which they may keep."""
    def product(is_adjoint: bool, x: np.ndarray, y: np.ndarray) -> None:
        result = np.asarray((rmatmat if is_adjoint else matmat)(x.copy()))
        if result.shape != y.shape:
            raise ArgumentError(f"the {'adjoint ' if is_adjoint else ''}product of an operator of shape {tuple(shape)} with {x.shape[1]} vectors "
                                f"has shape {result.shape} and not {y.shape}")
        y[...] = result
    return lambda t: _engine.callback(shape[0], shape[1], t.char, product)


def _file(path: str) -> Source:
    """An npy file where it lies, or a sparse matrix read from its file."""
    if not os.path.exists(path):
        if path.endswith((".npy", ".npz", ".mtx", ".mtx.gz")):
            raise FileError(f"cannot open {path}: there is no such file")
        raise TypeError(f"type not understood: '{path}' is neither a matrix nor the path of a file")
    if path.endswith(".npy"):
        try:
            return _dense(np.load(path, mmap_mode="r", allow_pickle=False))
        except ValueError as error:
            raise FormatError(f"{path}: {error}") from error
    if path.endswith((".mtx", ".mtx.gz")):
        from scipy.io import mmread
        return source_of(mmread(path, spmatrix=False))
    if path.endswith(".npz"):
        from scipy.sparse import load_npz
        return _sparse(load_npz(path))
    raise FormatError(f"{path}: an operator is read from npy files, Matrix Market (.mtx), and npz files of scipy.sparse.save_npz")
