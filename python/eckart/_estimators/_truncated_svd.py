"""eckart.TruncatedSVD."""

from numbers import Integral
from typing import Any

import numpy as np

from .. import _truncated
from .._interchange import unmasked
from ..operators import operator
from ._base import (BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, check_is_fitted, is_sparse, matrix, product, require,
                    seed_of, squared_deviations)


class TruncatedSVD(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The leading singular triplets as a transformer, without centring: latent semantic analysis. scikit-learn's parameters and attributes.

    Parameters
    ----------
    n_components : components, at most n_features
    algorithm : "randomized", a random Krylov space whose residuals are within 10**(-n_iter / 2) of the values, or "arpack", block Lanczos
        with `tol` as of :func:`eckart.svds`
    n_iter : of "randomized"
    random_state : a seed; None is always the same one
    threads : as many; None: as many as the process may use
    n_oversamples, power_iteration_normalizer : taken and not needed

    Attributes
    ----------
    components_ (k, n), explained_variance_ (k,), explained_variance_ratio_ (k,), singular_values_ (k,), n_features_in_ : as scikit-learn's
    report_ : the TruncatedReport

    >>> import numpy as np, eckart
    >>> eckart.TruncatedSVD(1).fit(np.diag([3.0, 2.0, 1.0])).singular_values_.round(6)
    array([3.])
    """

    def __init__(self, n_components: int = 2, *, algorithm: str = "randomized", n_iter: int = 5, n_oversamples: int = 10,
                 power_iteration_normalizer: str = "auto", random_state: Any = None, tol: float = 0.0, threads: "int | None" = None):
        self.n_components = n_components
        self.algorithm = algorithm
        self.n_iter = n_iter
        self.n_oversamples = n_oversamples
        self.power_iteration_normalizer = power_iteration_normalizer
        self.random_state = random_state
        self.tol = tol
        self.threads = threads

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> "TruncatedSVD":
        """Finds the components of X (n_samples, n_features). `y` is not looked at."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """fit(X).transform(X), (n_samples, n_components): U diag(S)."""
        require(self.algorithm in ("arpack", "randomized"), f"algorithm is {self.algorithm!r}; it is 'arpack' or 'randomized'")
        X = matrix(self, X, reset=True, ensure_min_features=2)
        k, n = self.n_components, X.shape[1]
        require(isinstance(k, Integral) and 1 <= k <= n, f"n_components({k}) must be <= n_features({n}) and at least 1")
        require(self.algorithm != "arpack" or k < n, f"n_components({k}) must be < n_features({n}) with algorithm='arpack'")
        eps = float(np.finfo(X.dtype).eps)
        if self.algorithm == "arpack":
            tolerance, method = min(max(float(self.tol) ** 2, eps**0.75), eps**0.5), 0
        else:
            tolerance, method = min(max(10 ** (-self.n_iter / 2), eps**0.6), 0.05), 2
        d = _truncated.leading(operator(X), _truncated.rank_rule(int(k)), method=method, tolerance=tolerance,
                               threads=_truncated.threads_of(self.threads), seed=seed_of(self.random_state))
        self.report_ = d.report
        self.components_ = np.ascontiguousarray(d.Vh)
        self.singular_values_ = d.S
        scores = d.U * d.S
        self.explained_variance_ = np.var(scores, axis=0)
        total = _variance(X)
        self.explained_variance_ratio_ = self.explained_variance_ / total if total else np.zeros_like(self.explained_variance_)
        return scores

    def transform(self, X: Any) -> np.ndarray:
        """X components_^T, (n_samples, n_components)."""
        check_is_fitted(self)
        return product(matrix(self, X, reset=False), self.components_.T)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """X components_, (n_samples, n_features)."""
        check_is_fitted(self)
        return unmasked(X) @ self.components_

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]


def _variance(X: Any) -> Any:
    """The sum of the variances of the columns (divided by n_samples); None of an operator that does not tell."""
    if not (is_sparse(X) or isinstance(X, np.ndarray)):
        norm = X.frobenius_norm()
        return None if norm is None else float(norm**2 / X.shape[0] - np.sum(X.column_means().astype(np.float64) ** 2))
    if isinstance(X, np.ndarray):
        return np.var(X, axis=0).sum()
    means = np.asarray(X.mean(axis=0), dtype=np.float64).ravel()
    return X.dtype.type(squared_deviations(X, means) / X.shape[0])
