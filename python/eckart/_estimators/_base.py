"""What the estimators stand on: scikit-learn's base classes and checks where it is installed, else plain ones of the same names.

This module is imported when the first estimator is asked for, so that ``import eckart`` never imports scikit-learn.
"""

from typing import Any

import numpy as np

from .. import _interchange
from ..operators import Operator, operator

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted, validate_data

    HAS_SKLEARN = True
except ImportError:
    HAS_SKLEARN = False

    class BaseEstimator:
        """Parameters are the attributes of the same names."""

        @classmethod
        def _parameters(cls) -> "list[str]":
            code = cls.__init__.__code__
            return sorted(code.co_varnames[1:code.co_argcount + code.co_kwonlyargcount])

        def get_params(self, deep: bool = True) -> "dict[str, Any]":
            """The parameters by name."""
            return {name: getattr(self, name) for name in self._parameters()}

        def set_params(self, **parameters: Any) -> "BaseEstimator":
            """Sets parameters by name."""
            for name, value in parameters.items():
                if name not in self._parameters():
                    raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
                setattr(self, name, value)
            return self

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    class TransformerMixin:
        """fit_transform by fit and transform."""

        def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
            """fit(X).transform(X)."""
            return self.fit(X).transform(X)

    class ClassNamePrefixFeaturesOutMixin:
        """Names of what comes out: pca0, pca1 ..."""

        def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
            """Names of the columns of transform's result."""
            check_is_fitted(self)
            return np.asarray([f"{type(self).__name__.lower()}{i}" for i in range(self._n_features_out)], dtype=object)

    def check_random_state(seed: Any) -> Any:
        """A RandomState of a seed."""
        return seed if hasattr(seed, "randint") else np.random.RandomState(seed)

    def check_is_fitted(estimator: Any) -> None:
        """ValueError before fit."""
        if not hasattr(estimator, "components_"):
            raise ValueError(f"this {type(estimator).__name__} is not fitted yet: call fit first")

    def validate_data(estimator: Any, X: Any, *, reset: bool = True, accept_sparse: Any = False, dtype: Any = None, ensure_min_samples: int = 1,
                      ensure_min_features: int = 1, ensure_all_finite: bool = True, **_: Any) -> Any:
        """A matrix of float32 or float64, its features counted or compared."""
        if hasattr(X, "tocsr"):
            if not accept_sparse:
                raise TypeError("a sparse matrix was given where a dense one is needed")
            X = X if X.format in ("csr", "csc") else X.tocsr()
        else:
            X = _interchange.readable(_interchange.unmasked(X))
        if X.ndim != 2:
            raise ValueError(f"Expected 2D array, got an array of shape {X.shape}")
        for count, least, name in zip(X.shape, (ensure_min_samples, ensure_min_features), ("sample", "feature")):
            if count < least:
                raise ValueError(f"Found array with {count} {name}(s) (shape={X.shape}) while a minimum of {least} is required.")
        if X.dtype not in (np.float32, np.float64):
            if X.dtype.kind == "c":
                raise ValueError("Complex data not supported")
            X = X.astype(np.float64)
        if ensure_all_finite and not np.isfinite(X.data if hasattr(X, "tocsr") else X).all():
            raise ValueError("Input X contains NaN or infinity.")
        if reset:
            estimator.n_features_in_ = X.shape[1]
        elif X.shape[1] != estimator.n_features_in_:
            raise ValueError(f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting {estimator.n_features_in_} features as input.")
        return X


def is_sparse(X: Any) -> bool:
    """A SciPy sparse matrix or array."""
    return hasattr(X, "tocsr") and hasattr(X, "nnz")


def matrix(estimator: Any, X: Any, *, reset: bool, sparse: bool = True, copy: bool = False, **checks: Any) -> Any:
    """X as a matrix of float32 or float64, dense or of compressed rows or columns. An eckart Operator passes as it is."""
    if isinstance(X, Operator):
        if reset:
            estimator.n_features_in_ = X.shape[1]
        elif X.shape[1] != estimator.n_features_in_:
            raise ValueError(f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting {estimator.n_features_in_} features as input.")
        return X
    _interchange.refuse_masked(X)
    return validate_data(estimator, X, reset=reset, accept_sparse=("csr", "csc") if sparse else False, dtype=[np.float64, np.float32],
                         copy=copy, **checks)


def squared_deviations(X: Any, means: np.ndarray) -> float:
    """||X - 1 means||_F^2 of a sparse X in compressed rows or columns: its entries' deviations, and those of the zeros."""
    if not X.has_canonical_format:  # entries named twice
        X = X.copy()
        X.sum_duplicates()
    column = X.indices if X.format == "csr" else np.repeat(np.arange(X.shape[1]), np.diff(X.indptr))
    zeros = X.shape[0] - np.bincount(column, minlength=X.shape[1])
    return float(np.sum((X.data - means[column]) ** 2) + np.sum(zeros * means**2))


def product(X: Any, right: np.ndarray) -> np.ndarray:
    """X right, (n_samples, k), as an array of X's type."""
    return np.asarray(operator(X) @ right if is_sparse(X) and X.dtype == right.dtype else X @ right)


def require(condition: bool, message: str) -> None:
    """ValueError unless the condition holds."""
    if not condition:
        raise ValueError(message)


def seed_of(random_state: Any) -> int:
    """A seed for the engine. None is one seed, always the same: results are reproducible unless a RandomState that moves is given."""
    from .._truncated import SEED

    if random_state is None:
        return SEED
    return int(check_random_state(random_state).randint(2**31 - 1))


class Components(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What PCA and IncrementalPCA share: the coordinates along components_, and the model of probabilistic PCA (Tipping and Bishop,
    J. R. Statist. Soc. B 61, 1999): covariance = components_^T diag(explained_variance_ - noise_variance_) components_ + noise_variance_ I."""

    def _scale(self) -> np.ndarray:
        """Standard deviations that whitening divides by; tiny ones stand for rounding."""
        return np.sqrt(np.maximum(self.explained_variance_, np.finfo(self.explained_variance_.dtype).eps ** 2))

    def _coordinates(self, X: Any) -> np.ndarray:
        scores = product(X, self.components_.T)
        scores -= self.mean_ @ self.components_.T
        if self.whiten:
            scores /= self._scale()
        return scores

    def transform(self, X: Any) -> np.ndarray:
        """Coordinates along the components, (n_samples, n_components)."""
        check_is_fitted(self)
        return self._coordinates(matrix(self, X, reset=False))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Observations (n_samples, n_features) that have these coordinates."""
        check_is_fitted(self)
        X = _interchange.unmasked(X)
        return (X * self._scale() if self.whiten else X) @ self.components_ + self.mean_

    def _excess(self) -> np.ndarray:
        return np.maximum(self.explained_variance_ - self.noise_variance_, 0)

    def get_covariance(self) -> np.ndarray:
        """Of the model, (n_features, n_features)."""
        covariance = (self.components_.T * self._excess()) @ self.components_
        covariance.flat[::len(covariance) + 1] += self.noise_variance_
        return covariance

    def get_precision(self) -> np.ndarray:
        """The inverse of the model's covariance, (n_features, n_features)."""
        n = self.components_.shape[1]
        if self.noise_variance_ == 0:
            return np.linalg.inv(self.get_covariance())
        # On each component 1 / variance, elsewhere 1 / noise: components are orthonormal, so no system has to be solved.
        variance = self._excess() + self.noise_variance_
        precision = (self.components_.T * (1 / variance - 1 / self.noise_variance_)) @ self.components_
        precision.flat[::n + 1] += 1 / self.noise_variance_
        return precision

    def score_samples(self, X: Any) -> np.ndarray:
        """Log-likelihood of each observation under the model, (n_samples,)."""
        check_is_fitted(self)
        X = matrix(self, X, reset=False, sparse=False)
        deviations = X - self.mean_
        precision = self.get_precision()
        constant = X.shape[1] * np.log(2 * np.pi) - np.linalg.slogdet(precision)[1]
        return -0.5 * (np.sum(deviations * (deviations @ precision), axis=1) + constant)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of score_samples."""
        return float(np.mean(self.score_samples(X)))

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]
