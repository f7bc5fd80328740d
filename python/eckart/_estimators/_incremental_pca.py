"""eckart.IncrementalPCA."""

from numbers import Integral
from typing import Any

import numpy as np

from .._interchange import unmasked
from ..streams import IncrementalSvd
from ._base import Components, is_sparse, matrix, require


# Directions that are kept beside the components, and as many again: what a batch does not show may be a component later.
SPARE = 10


class IncrementalPCA(Components):
    """Principal components of data that comes in batches, with scikit-learn's parameters and attributes.

    The deviations from the mean so far are kept up to date by :class:`eckart.IncrementalSvd` (Ross, Lim, Lin and Yang, Int. J. Computer
    Vision 77, 2008): a batch adds its own deviations, and one row for the move of the mean. What is thrown away is counted:
    `left_out_at_most_` bounds ||deviations - their projection||_2.

    Parameters
    ----------
    n_components : components; None: as many as the first batch allows
    whiten : coordinates of variance 1
    batch_size : of fit; None: 5 n_features
    copy : taken and not needed. X is never changed.

    Attributes
    ----------
    components_, explained_variance_, explained_variance_ratio_, singular_values_, mean_, var_, noise_variance_, n_components_,
    n_samples_seen_, batch_size_, n_features_in_ : as scikit-learn's
    left_out_at_most_ : see above, with rounding

    >>> import numpy as np, eckart
    >>> x = np.arange(60.0).reshape(20, 3) ** 0.5
    >>> eckart.IncrementalPCA(2, batch_size=5).fit(x).components_.shape
    (2, 3)
    """

    def __init__(self, n_components: "int | None" = None, *, whiten: bool = False, copy: bool = True, batch_size: "int | None" = None):
        self.n_components = n_components
        self.whiten = whiten
        self.copy = copy
        self.batch_size = batch_size

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> "IncrementalPCA":
        """Begins anew and takes X (n_samples, n_features) in batches. `y` is not looked at."""
        self.__dict__.pop("_stream", None)
        self.__dict__.pop("components_", None)
        X = matrix(self, X, reset=True)
        m, n = X.shape
        self.batch_size_ = 5 * n if self.batch_size is None else self.batch_size
        require(isinstance(self.batch_size_, Integral) and self.batch_size_ >= 1, f"batch_size={self.batch_size!r} must be an integer of at least 1")
        for first, last in _batches(m, self.batch_size_, self.n_components or 0):
            batch = X[first:last]
            self._take(np.asarray(batch.toarray() if is_sparse(batch) else batch))
        return self

    def partial_fit(self, X: Any, y: Any = None, check_input: bool = True) -> "IncrementalPCA":
        """Takes a batch of rows. `y` is not looked at."""
        if is_sparse(X):
            raise TypeError("IncrementalPCA.partial_fit does not support sparse input. Either convert data to dense or use IncrementalPCA.fit "
                            "to do so in batches.")
        first = not hasattr(self, "components_")
        self._take(matrix(self, X, reset=first, sparse=False) if check_input else unmasked(X))
        return self

    def _take(self, X: np.ndarray) -> None:
        b, n = X.shape
        first = not hasattr(self, "components_")
        k = self.n_components
        if k is None:
            k = min(b, n) if first else self.components_.shape[0]
        require(1 <= k <= n, f"n_components={k} invalid for n_features={n}, need more rows than columns for IncrementalPCA processing")
        require(not first or k <= b, f"n_components={k} must be less or equal to the batch number of samples {b} for the first partial_fit call.")
        require(first or k == self.components_.shape[0],
                f"Number of input features has changed from {None if first else self.components_.shape[0]} to {k} between calls to partial_fit! "
                "Try setting n_components to a fixed value.")
        batch = X.astype(np.float64, copy=False)
        mean = batch.mean(axis=0)
        rows = batch - mean
        squares = np.sum(rows**2, axis=0)
        if first:
            self._stream = IncrementalSvd(0, n, rank=min(n, 2 * k + SPARE), keep_u=False)
            self.n_samples_seen_, self._mean, self._squares = 0, mean, np.zeros(n)
        seen = self.n_samples_seen_
        if seen > 0:
            step = mean - self._mean
            share = seen * b / (seen + b)
            rows = np.vstack([np.sqrt(share) * step, rows])
            squares = squares + share * step**2
            mean = self._mean + step * (b / (seen + b))
        self._stream.append_rows(rows)
        self._mean, self._squares, self.n_samples_seen_ = mean, self._squares + squares, seen + b
        self._read(k, X.dtype)

    def _read(self, k: int, dtype: np.dtype) -> None:
        top = self._stream.result(k)
        n, m = len(self._mean), self.n_samples_seen_
        s, vh = np.zeros(k), np.zeros((k, n))
        s[:len(top.S)], vh[:len(top.S)] = top.S, top.Vh
        if len(top.S) < k:  # fewer directions so far than components: any orthonormal ones
            vh[len(top.S):] = np.linalg.qr(np.vstack([top.Vh, np.eye(n)]).T)[0].T[len(top.S):k]
        total = self._squares.sum()
        variance = s**2 / max(m - 1, 1)
        self.n_components_, self.left_out_at_most_ = k, top.spectral_at_most
        self.components_, self.singular_values_, self.explained_variance_ = vh.astype(dtype), s.astype(dtype), variance.astype(dtype)
        self.explained_variance_ratio_ = (s**2 / total if total > 0 else np.zeros(k)).astype(dtype)
        self.mean_, self.var_ = self._mean.astype(dtype), self._squares / m
        rest = min(m, n) - k
        self.noise_variance_ = max((total - np.sum(s**2)) / max(m - 1, 1), 0.0) / rest if rest > 0 else 0.0

    def transform(self, X: Any) -> np.ndarray:
        """Coordinates along the components, (n_samples, n_components)."""
        return super().transform(X)


def _batches(m: int, size: int, least: int) -> "list[tuple[int, int]]":
    """Batches of `size` rows; the last one takes what would make a batch of fewer than `least`."""
    bounds = list(range(0, m, size))
    if len(bounds) > 1 and m - bounds[-1] < least:
        bounds.pop()
    return list(zip(bounds, [*bounds[1:], m]))
