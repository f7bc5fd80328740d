"""Matrices in files as operators: npy and raw files where they lie, sparse matrices of Matrix Market and of ``scipy.sparse.save_npz``.

A dense file larger than the memory for its entries is read in passes by the engine (``FileOperator``, docs/outofcore.md): nothing is mapped,
so a file that is cut short meanwhile is an error and no signal. One that is not larger is read whole, which takes less time.
"""

import gzip
import os
import shutil
import tempfile
import zipfile
from typing import Any

import numpy as np

from . import _engine, _interchange, _sources
from ._errors import ArgumentError, FileError, FormatError

LARGEST_BLOCKS = 128 << 20  # bytes: more gains nothing
_ENDINGS = (".npy", ".npz", ".mtx", ".mtx.gz")


def default_memory() -> int:
    """A quarter of the machine's memory: what entries of a file may take where nothing is said."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4


def source_of(path: str, memory: "int | None") -> "_sources.Source":
    """(shape, type, build) of the matrix in a file, by the ending of its name."""
    if not os.path.exists(path):
        if path.endswith(_ENDINGS):
            raise FileError(f"cannot open {path}: there is no such file")
        raise TypeError(f"type not understood: '{path}' is neither a matrix nor the path of a file")
    if path.endswith(".npy"):
        return _npy(path, default_memory() if memory is None else memory)
    if path.endswith((".mtx", ".mtx.gz")):
        return _matrix_market(path)
    if path.endswith(".npz"):
        return _npz(path)
    raise FormatError(f"{path}: an operator is read from npy files, Matrix Market (.mtx, .mtx.gz), and npz files of scipy.sparse.save_npz; "
                      "entries without a header by eckart.operators.raw_file")


def _npy(path: str, memory: int) -> "_sources.Source":
    try:
        header = np.load(path, mmap_mode="r", allow_pickle=False)
        dtype = _interchange.engine_type(header.dtype)
        if header.ndim != 2:
            raise ArgumentError(f"an operator is made of a matrix, and the array in {path} has shape {header.shape}")
        if header.size * dtype.itemsize <= memory:
            del header
            return _sources.source_of(np.load(path, allow_pickle=False))
    except (EOFError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise FormatError(f"{path}: {error}") from error
    return header.shape, dtype, lambda t: _engine.npy_file(path, _held(path, dtype, t), min(memory, LARGEST_BLOCKS))


def _held(path: str, entries: np.dtype, t: np.dtype) -> str:
    if not np.can_cast(entries, t):
        raise ArgumentError(f"{path} holds {entries}, which {t} does not hold: entries of a file this large are computed in no smaller type")
    return t.char


def raw(path: str, shape: "tuple[int, int]", dtype: np.dtype, order: str, offset: int, memory: int) -> "_sources.Source":
    """Entries without a header."""
    entries = _interchange.engine_type(dtype)
    return shape, entries, lambda t: _engine.raw_file(path, *shape, dtype.str, order == "F", offset, _held(path, entries, t), memory)


def _triplets(rows: int, cols: int, row: np.ndarray, col: np.ndarray, values: np.ndarray) -> "_sources.Source":
    return (rows, cols), _interchange.engine_type(values.dtype), lambda t: _engine.triplets(
        rows, cols, np.ascontiguousarray(row, np.int64), np.ascontiguousarray(col, np.int64), np.ascontiguousarray(values, t))


def _matrix_market(path: str) -> "_sources.Source":
    if not path.endswith(".gz"):
        return _triplets(*_engine.read_triplets(path))
    with tempfile.NamedTemporaryFile(suffix=".mtx") as plain:
        try:
            with gzip.open(path) as packed:
                shutil.copyfileobj(packed, plain)
        except (EOFError, gzip.BadGzipFile) as error:
            raise FormatError(f"{path}: {error}") from error
        plain.flush()
        try:
            return _triplets(*_engine.read_triplets(plain.name))
        except FormatError as error:
            raise FormatError(str(error).replace(plain.name, path)) from None


def _npz(path: str) -> "_sources.Source":
    """What ``scipy.sparse.save_npz`` writes: format, shape, data, and indptr with indices, or row with col."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if "format" not in archive:
                raise FormatError(f"{path}: is no sparse matrix of scipy.sparse.save_npz; of other archives give the array, "
                                  "numpy.load(path)[name]")
            kind = archive["format"].item()
            kind = kind.decode("ascii") if isinstance(kind, bytes) else str(kind)
            rows, cols = (int(x) for x in archive["shape"])
            if kind in ("csr", "csc"):
                return _sources.compressed((rows, cols), archive["indptr"], archive["indices"], archive["data"], kind == "csc")
            if kind == "coo":
                return _triplets(rows, cols, archive["row"], archive["col"], archive["data"])
    except (EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{path}: {error}") from error
    raise FormatError(f"{path}: sparse matrices of format {kind} are not read; save it as csr, or give scipy.sparse.load_npz(path)")
