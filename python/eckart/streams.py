"""Decompositions of what comes row by row, in bounded memory, and of what changes: docs/streams.md has what is stated and how sure it is.

The classes can be pickled, and saved to npz files from which they go on as if there had been no stop: the same rows give the same bits.
"""

import os
import zipfile
from collections import namedtuple
from typing import Any, Sequence

import numpy as np

from . import _engine, _interchange
from ._errors import ArgumentError, FormatError
from ._truncated import SEED, threads_of, whole

__all__ = ["Directions", "FrequentDirections", "IncrementalSvd", "SinglePassSketch", "Sketched", "Updated"]

_ALL = 2**62


class Directions(namedtuple("Directions", ["S", "Vh", "at_least", "at_most", "shrinkage", "rounding", "frobenius_norm", "left_out_at_least",
                                           "left_out_at_most", "spectral_at_least", "spectral_at_most", "rows"])):
    """The leading directions of a stream: S (k,) and Vh (k, n), and intervals [at_least, at_most] in which the singular values of all rows
    lie; bounds of ||A - A V V^H|| in the Frobenius and the spectral norm."""


class Updated(namedtuple("Updated", ["U", "S", "Vh", "at_least", "at_most", "left_out_at_most", "spectral_at_most", "truncation", "rounding",
                                     "rows", "cols"])):
    """A ~ U diag(S) Vh of a matrix that changes, intervals [at_least, at_most] for its singular values, and upper bounds of
    ||A - U diag(S) Vh||: `left_out_at_most` (Frobenius), `spectral_at_most`. A factor that is not kept is None."""


class Sketched(namedtuple("Sketched", ["U", "S", "Vh", "at_least", "at_most", "left_out", "left_out_at_least", "left_out_at_most",
                                       "spectral_at_most", "frobenius_norm", "norm_at_least", "norm_at_most", "errors", "tail_at_least",
                                       "tail_at_most", "failure_probability", "rounding", "rows", "cols"])):
    """A ~ U diag(S) Vh of a matrix that was seen once; U (m, k), S (k,), Vh (k, n). All that follows is measured on random vectors and holds
    at once but with `failure_probability`: intervals [at_least, at_most] for the singular values; `left_out`, an estimate of
    ||A - U diag(S) Vh||_F, and its bounds; `frobenius_norm`, one of ||A||_F, and its bounds; and a scree plot: errors[j] is the error of
    rank j from the same sketches, and that of the best of rank j lies in [tail_at_least[j], tail_at_most[j]]."""


class _Stream:
    """Pickles and files of a stream by its state."""

    _held: Any
    dtype: np.dtype

    def _restore(self, arrays: "dict[str, np.ndarray]", threads: int) -> None:
        raise NotImplementedError

    def __getstate__(self) -> dict:
        return {"dtype": self.dtype.char, "threads": self._threads, "arrays": self._held.state()}

    def __setstate__(self, state: dict) -> None:
        self.dtype, self._threads = np.dtype(state["dtype"]), state["threads"]
        self._restore(state["arrays"], self._threads)

    def save(self, path: "str | os.PathLike") -> None:
        """Writes the state into an npz file, which appears under its name when it is complete. The tool `eckart stream --state` reads it."""
        path = os.fspath(path)
        if not path.endswith(".npz"):
            raise ArgumentError(f"{path}: the state of a stream is an npz file")
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            with open(temporary, "wb") as file:
                np.savez(file, **self._held.state())
            os.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)

    @classmethod
    def load(cls, path: "str | os.PathLike", *, dtype: Any = np.float64, threads: "int | None" = None) -> Any:
        """A stream that goes on from a file of save(). `dtype` is the type of the rows to come. Raises FormatError for what is no state."""
        stream = cls.__new__(cls)
        stream.dtype, stream._threads = _interchange.engine_type(np.dtype(dtype)), threads_of(threads)
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: np.atleast_2d(file[name]) for name in file.files}
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise FormatError(f"{os.fspath(path)}: {error}") from error
        stream._restore(arrays, stream._threads)
        return stream

    def _rows(self, x: Any, cols: "int | None") -> np.ndarray:
        x, _ = _interchange.array(x)
        if x.ndim == 1:
            x = x[np.newaxis, :]
        if x.ndim != 2 or (cols is not None and x.shape[1] != cols):
            raise ArgumentError(f"rows of {cols} columns are expected, and this array has shape {x.shape}")
        return self._typed(x)

    def _typed(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "c" and self.dtype.kind != "c":
            raise TypeError(f"complex numbers for a stream of {self.dtype}: make it with dtype=complex")
        return x.astype(self.dtype, copy=False)

    def _pair(self, x: Any, y: Any) -> "tuple[np.ndarray, np.ndarray]":
        """The two sides of a change x y^H."""
        x, y = (v[:, np.newaxis] if v.ndim == 1 else v for v in map(_interchange.unmasked, (x, y)))
        if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
            raise ArgumentError(f"a change x y^H takes as many columns of x as of y, and these have shapes {x.shape} and {y.shape}")
        return self._typed(_interchange.readable(x)), self._typed(_interchange.readable(y))

    @property
    def shape(self) -> "tuple[int, int]":
        """Rows and columns so far."""
        return self._held.rows, self._held.cols


class FrequentDirections(_Stream):
    """The leading right singular vectors of a matrix that comes row by row, in a fixed amount of memory, with bounds that hold for every
    input (Liberty 2013; Ghashami, Liberty, Phillips and Woodruff 2016).

    Parameters
    ----------
    cols : columns of the rows to come
    sketch_rows : rows of the sketch; None: cols, up to 256. More rows, smaller bounds; cols rows: exact to rounding
    block : rows gathered between two shrinkages; None: as measured
    dtype : of the rows; the sketch is kept in double

    >>> import numpy as np, eckart
    >>> stream = eckart.FrequentDirections(3)
    >>> stream.append([[3.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    >>> stream.result(1).S.round(6)
    array([3.])
    """

    def __init__(self, cols: int, sketch_rows: "int | None" = None, *, block: "int | None" = None, dtype: Any = np.float64,
                 threads: "int | None" = None):
        self.dtype, self._threads = _interchange.engine_type(np.dtype(dtype)), threads_of(threads)
        self._held = _engine.frequent_directions(self.dtype.char, cols, sketch_rows or 0, block or 0, self._threads)

    def _restore(self, arrays: "dict[str, np.ndarray]", threads: int) -> None:
        self._held = _engine.frequent_directions_from(self.dtype.char, arrays, threads)

    def append(self, rows: Any) -> None:
        """Takes rows (b, n), or one (n,). How a stream is cut into calls makes no difference to any bit. NonFiniteError names the row, counted
        from the beginning of the stream; nothing is taken then. After Ctrl-C, `shape` tells how many rows were taken."""
        self._held.append(self._rows(rows, self._held.cols))

    def merge(self, other: "FrequentDirections") -> None:
        """Takes all that another sketch, of other rows of the same matrix, has taken."""
        if other is self:
            raise ArgumentError("a stream cannot be merged with itself")
        self._held.merge(other._held)

    def result(self, k: "int | None" = None) -> Directions:
        """The k leading directions so far, None for as many as there are; the stream goes on."""
        s, vh, facts = self._held.result(min(self._held.sketch_rows, self._held.cols) if k is None else k)
        return Directions(s, vh, **facts)

    @property
    def sketch(self) -> np.ndarray:
        """The rows that the sketch consists of, and those that wait for its next shrinkage; a copy."""
        return self._held.sketch()


class IncrementalSvd(_Stream):
    """The leading singular triplets of a matrix that changes, kept up to date without it (Brand 2006), with bounds of what was thrown away.

    Parameters
    ----------
    rows, cols : of a matrix of zeros to begin with: (0, n) to append rows, (m, 0) to append columns
    rank : triplets that are kept at the most; None: all
    tolerance : values up to tolerance times the largest are thrown away too
    block : changes gathered; None: as measured
    keep_u, keep_v : factors that are kept. Without U rows can be appended for ever in memory that does not grow
    dtype : of the entries; factors are kept in double

    A call that raises, KeyboardInterrupt included, leaves everything as it was.

    >>> import numpy as np, eckart
    >>> a = eckart.IncrementalSvd(0, 2, rank=2)
    >>> a.append_rows([[3.0, 0.0], [0.0, 4.0]])
    >>> a.result().S.round(6)
    array([4., 3.])
    """

    def __init__(self, rows: int, cols: int, *, rank: "int | None" = None, tolerance: float = 0.0, block: "int | None" = None,
                 keep_u: bool = True, keep_v: bool = True, dtype: Any = np.float64, threads: "int | None" = None):
        self.dtype, self._threads = _interchange.engine_type(np.dtype(dtype)), threads_of(threads)
        self._held = _engine.incremental_svd(self.dtype.char, rows, cols, rank or 0, tolerance, block or 0, keep_u, keep_v, self._threads)

    @classmethod
    def of(cls, a: Any, *, rank: "int | None" = None, tolerance: float = 0.0, block: "int | None" = None, keep_u: bool = True,
           keep_v: bool = True, threads: "int | None" = None) -> "IncrementalSvd":
        """Of a matrix (m, n), which is decomposed first."""
        x, _ = _interchange.array(a)
        if x.ndim != 2:
            raise ArgumentError(f"a matrix is expected, and this array has shape {x.shape}")
        stream = cls.__new__(cls)
        stream.dtype, stream._threads = x.dtype, threads_of(threads)
        stream._held = _engine.incremental_svd_of(x.dtype.char, x, rank or 0, tolerance, block or 0, keep_u, keep_v, stream._threads)
        return stream

    def _restore(self, arrays: "dict[str, np.ndarray]", threads: int) -> None:
        self._held = _engine.incremental_svd_from(self.dtype.char, arrays, threads)

    def append_rows(self, rows: Any) -> None:
        """Takes rows (b, n), or one (n,)."""
        self._held.append_rows(self._rows(rows, self._held.cols))

    def append_columns(self, columns: Any) -> None:
        """Takes columns (m, b), or one (m,)."""
        self._held.append_columns(self._rows(_interchange.unmasked(columns).T, self._held.rows).T)

    def replace_row(self, i: int, row: Any) -> None:
        """Row i becomes `row`, (n,)."""
        self._held.replace_row(i, self._rows(row, self._held.cols))

    def replace_column(self, j: int, column: Any) -> None:
        """Column j becomes `column`, (m,)."""
        self._held.replace_column(j, self._rows(column, self._held.rows).T)

    def change(self, x: Any, y: Any) -> None:
        """A <- A + x y^H; x (m, b), y (n, b), or one vector each."""
        self._held.change(*self._pair(x, y))

    def remove_rows(self, indices: "Sequence[int]") -> None:
        """Those behind move up."""
        self._held.remove_rows([whole("an index", i) for i in indices])

    def remove_columns(self, indices: "Sequence[int]") -> None:
        """Those behind move up."""
        self._held.remove_columns([whole("an index", j) for j in indices])

    def forget(self, factor: float) -> None:
        """A <- factor A, 0 < factor <= 1."""
        self._held.forget(factor)

    def result(self, k: "int | None" = None) -> Updated:
        """The k leading triplets of all that has come, None for all that are kept; the stream goes on."""
        u, s, vh, facts = self._held.result(_ALL if k is None else k)
        return Updated(u if len(u) else None, s, vh if vh.shape[1] else None, **facts)


class SinglePassSketch(_Stream):
    """The leading singular triplets of a matrix that is seen once, in additions of any kind and order: rows, columns, entries, low-rank
    changes (Tropp, Yurtsever, Udell and Cevher 2019). Sketches of one seed made on several machines add up.

    Less accurate than a second look: an error within a factor of 1.3 to 3 of the best of rank k, where values fall slowly. It is measured, and
    bounded, in each result.

    Parameters
    ----------
    rows, cols : of a matrix of zeros to begin with
    rank : triplets that will be wanted; it decides the sizes
    range, core : r' and s, the sizes of the sketches; None: 4 rank + 1 or more, and 2 r' + 1. Memory: (rows + cols) r' + s^2 numbers
    probes : more of them, closer bounds
    seed : None is always the same one
    dtype : of the entries; sketches are kept in double

    A call that raises, KeyboardInterrupt included, leaves everything as it was.

    >>> import numpy as np, eckart
    >>> sketch = eckart.SinglePassSketch(200, 100, rank=2)
    >>> sketch.add_rows(10, np.ones((3, 100)))
    >>> sketch.add_entries([0, 0], [5, 6], [6.0, -6.0])
    >>> sketch.result(2).S.round(6)
    array([17.320508,  8.485281])
    """

    def __init__(self, rows: int, cols: int, *, rank: int = 10, range: "int | None" = None, core: "int | None" = None, probes: int = 16,
                 seed: "int | None" = None, dtype: Any = np.float64, threads: "int | None" = None):
        self.dtype, self._threads = _interchange.engine_type(np.dtype(dtype)), threads_of(threads)
        self._held = _engine.single_pass_sketch(
            self.dtype.char, whole("rows", rows), whole("cols", cols), whole("rank", rank), whole("range", range or 0), whole("core", core or 0),
            whole("probes", probes), SEED if seed is None else whole("seed", seed) & 0xFFFFFFFFFFFFFFFF, self._threads)

    def _restore(self, arrays: "dict[str, np.ndarray]", threads: int) -> None:
        self._held = _engine.single_pass_sketch_from(self.dtype.char, arrays, threads)

    def append_rows(self, rows: Any) -> None:
        """The matrix gets rows (b, n) more, or one (n,)."""
        self._held.append_rows(self._rows(rows, self._held.cols))

    def append_columns(self, columns: Any) -> None:
        """The matrix gets columns (m, b) more, or one (m,)."""
        self._held.append_columns(self._rows(_interchange.unmasked(columns).T, self._held.rows).T)

    def add_rows(self, first: int, rows: Any) -> None:
        """Adds (b, n), or (n,), to rows first, first + 1, ..., which are there."""
        self._held.add_rows(first, self._rows(rows, self._held.cols))

    def add_columns(self, first: int, columns: Any) -> None:
        """Adds (m, b), or (m,), to columns first, first + 1, ..., which are there."""
        self._held.add_columns(first, self._rows(_interchange.unmasked(columns).T, self._held.rows).T)

    def add_entries(self, rows: Any, cols: Any, values: Any) -> None:
        """Adds values[i] (c,) at (rows[i], cols[i]); a place may be named again. Fastest where a row comes several times running."""
        rows, cols, values = _interchange.unmasked(rows), _interchange.unmasked(cols), np.atleast_1d(_interchange.array(values)[0])
        if not (rows.ndim <= 1 and np.atleast_1d(rows).shape == np.atleast_1d(cols).shape == values.shape):
            raise ArgumentError(f"entries are rows, columns and values of one length, and these have shapes {rows.shape}, {cols.shape} and {values.shape}")
        if values.size and not (rows.dtype.kind in "iu" and cols.dtype.kind in "iu"):
            raise TypeError(f"rows and columns are whole numbers, not {rows.dtype} and {cols.dtype}")
        self._held.add_entries(np.ascontiguousarray(np.atleast_1d(rows), dtype=np.int64), np.ascontiguousarray(np.atleast_1d(cols), dtype=np.int64),
                               np.ascontiguousarray(self._typed(values)))

    def change(self, x: Any, y: Any) -> None:
        """A <- A + x y^H; x (m, b), y (n, b), or one vector each."""
        self._held.change(*self._pair(x, y))

    def scale(self, factor: float) -> None:
        """A <- factor A, factor > 0: before every append, exponential forgetting."""
        self._held.scale(factor)

    def merge(self, other: "SinglePassSketch") -> None:
        """A <- A + that of another sketch of the same seed and sizes."""
        if other is self:
            raise ArgumentError("a stream cannot be merged with itself")
        self._held.merge(other._held)

    def grow(self, rows: int, cols: int) -> None:
        """Borders A by zeros, to rows x cols."""
        self._held.grow(rows, cols)

    @property
    def sizes(self) -> "tuple[int, int]":
        """r' and s."""
        return self._held.range, self._held.core

    @property
    def seed(self) -> int:
        """That of the random matrices."""
        return self._held.seed

    def result(self, k: "int | None" = None, *, failure_probability: float = 1e-6) -> Sketched:
        """The k leading triplets of all that has come, None for as many as there are; the stream goes on."""
        u, s, vh, facts = self._held.result(self._held.range if k is None else k, failure_probability)
        return Sketched(u, s, vh, **facts)
