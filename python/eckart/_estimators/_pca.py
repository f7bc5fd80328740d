"""eckart.PCA."""

from math import lgamma, log
from numbers import Integral, Real
from typing import Any

import numpy as np

from .. import _engine, _truncated, operators
from ._base import Components, is_sparse, matrix, require, seed_of, squared_deviations

SOLVERS = ("auto", "full", "covariance_eigh", "arpack", "randomized")
_ENGINE_METHODS = {"auto": 0, "covariance_eigh": 1, "full": 2}


class PCA(Components):
    """Principal component analysis, with scikit-learn's parameters and attributes.

    Parameters
    ----------
    n_components : how many components: an int, None for all, a float in (0, 1) for a share of the variance, "mle" for Minka's estimate
    whiten : coordinates of variance 1
    svd_solver : "auto", or one of scikit-learn's names for our methods:

        =================  ===========================================================================================
        "covariance_eigh"  the Gram matrix of the deviations, one pass over X; says in `digits_` what it loses
        "full"             the deviations themselves, decomposed in place where they are tall: 3 to 5 times the time
        "arpack"           block Lanczos for the leading components, also of sparse X, which is never made dense
        "randomized"       a random Krylov space: fewer digits, in less time
        "auto"             tall X: "covariance_eigh" where it leaves `digits`, else "full"; sparse X: "arpack"; otherwise
                           "full" for many components, "arpack" for few
        =================  ===========================================================================================
    digits : decimal digits that "auto" wants in each value; None is half of the digits of the type
    tol : of "arpack", as of :func:`eckart.svds`
    iterated_power : of "randomized": residuals are within 10**(-iterated_power / 2) of the values; "auto" is 7
    random_state : a seed; None is always the same one
    threads : as many; None: as many as the process may use
    copy, n_oversamples, power_iteration_normalizer : taken and not needed. X is never changed.

    Attributes
    ----------
    components_ (k, n), explained_variance_ (k,), explained_variance_ratio_ (k,), singular_values_ (k,), mean_ (n,), n_components_,
    n_samples_, n_features_in_, feature_names_in_, noise_variance_ : as scikit-learn's
    digits_ : (k,) decimal digits that each singular value has, at least
    solver_ : the method that computed, and `reason_`, why

    >>> import numpy as np, eckart
    >>> x = np.array([[0.0, 1.0], [1.0, 2.1], [2.0, 2.9], [3.0, 4.0]])
    >>> pca = eckart.PCA(1).fit(x)
    >>> pca.explained_variance_ratio_.round(3)
    array([0.999])
    >>> pca.transform(x).shape
    (4, 1)
    """

    def __init__(self, n_components: Any = None, *, copy: bool = True, whiten: bool = False, svd_solver: str = "auto", tol: float = 0.0,
                 iterated_power: Any = "auto", n_oversamples: int = 10, power_iteration_normalizer: str = "auto", random_state: Any = None,
                 digits: "float | None" = None, threads: "int | None" = None):
        self.n_components = n_components
        self.copy = copy
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.tol = tol
        self.iterated_power = iterated_power
        self.n_oversamples = n_oversamples
        self.power_iteration_normalizer = power_iteration_normalizer
        self.random_state = random_state
        self.digits = digits
        self.threads = threads

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.input_tags.sparse = self.svd_solver in ("auto", "arpack", "covariance_eigh")
        return tags

    def fit(self, X: Any, y: Any = None) -> "PCA":
        """Finds the components of X (n_samples, n_features). `y` is not looked at."""
        self._fit(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """fit(X).transform(X), (n_samples, n_components), without another pass over X where U is there."""
        X, scores = self._fit(X)
        if scores is None:
            return self._coordinates(X)
        return scores / self._scale() if self.whiten else scores

    def _fit(self, X: Any) -> "tuple[Any, np.ndarray | None]":
        """X as it was checked, and the coordinates where they cost nothing."""
        require(self.svd_solver in SOLVERS, f"svd_solver is {self.svd_solver!r}; it is one of {SOLVERS}")
        if is_sparse(X) and self.svd_solver not in ("auto", "arpack", "covariance_eigh"):
            raise TypeError('PCA only support sparse inputs with the "arpack" and "covariance_eigh" solvers, while '
                            f'"{self.svd_solver}" was passed. See TruncatedSVD for a possible alternative.')
        # The engine finds NaN and infinity in passes that it makes anyway, and names the place.
        X = matrix(self, X, reset=True, ensure_min_samples=2, ensure_all_finite=False)
        self._fit_svd_solver = self._choose(X)
        wanted = self._wanted(X)
        if self._fit_svd_solver in ("arpack", "randomized"):
            return X, self._fit_leading(X, wanted)
        self._fit_all(X, wanted)
        return X, None

    def _choose(self, X: Any) -> str:
        m, n = X.shape
        if self.svd_solver != "auto":
            return self.svd_solver
        if is_sparse(X) or not isinstance(X, np.ndarray):
            return "arpack"
        if n <= 1000 and m >= 10 * n:
            return "covariance_eigh"
        k = self.n_components
        if max(m, n) > 500 and isinstance(k, Integral) and 1 <= k < 0.8 * min(m, n):
            return "arpack"
        return "full"

    def _wanted(self, X: Any) -> Any:
        """n_components, checked; None resolved."""
        least, k, solver = min(X.shape), self.n_components, self._fit_svd_solver
        if k is None:
            return least - 1 if solver == "arpack" else least
        if isinstance(k, str):
            require(solver not in ("arpack", "randomized"), f"n_components={k!r} cannot be a string with svd_solver='{solver}'")
            require(k == "mle", f"n_components={k!r}: the only word is 'mle'")
            require(X.shape[0] >= X.shape[1], "n_components='mle' is only supported if n_samples >= n_features")
            return k
        require(isinstance(k, Real), f"n_components={k!r} is neither a number nor 'mle'")
        if solver in ("arpack", "randomized"):
            require(isinstance(k, Integral) and 1 <= k <= least,
                    f"n_components={k!r} must be between 1 and min(n_samples, n_features)={least} with svd_solver='{solver}'")
            require(solver != "arpack" or k < least,
                    f"n_components={k!r} must be strictly less than min(n_samples, n_features)={least} with svd_solver='{solver}'")
            return int(k)
        require(isinstance(k, Integral) or 0 < k < 1, f"n_components={k!r} must be an integer, or a share of the variance in (0, 1)")
        require(0 <= k <= least, f"n_components={k} must be between 0 and min(n_samples, n_features)={least} with svd_solver='{solver}'")
        return k

    def _fit_all(self, X: Any, wanted: Any) -> None:
        """All components, by the covariance or directly; then as many as are wanted."""
        m, n = X.shape
        if is_sparse(X) or not isinstance(X, np.ndarray):
            found = self._of_sparse_covariance(X)
        else:
            share = float(wanted) if isinstance(wanted, Real) and not isinstance(wanted, Integral) else 0.0
            first = int(wanted) if isinstance(wanted, Integral) and wanted > 0 else 0
            method = _ENGINE_METHODS["auto" if self.svd_solver == "auto" and self._fit_svd_solver == "covariance_eigh" else self._fit_svd_solver]
            from .._interchange import readable

            means, s, vh, digits, method, reason, _ = _engine.principal_components(
                readable(X), method, 0.0 if self.digits is None else float(self.digits), first, share, True, _truncated.threads_of(self.threads),
                seed_of(self.random_state), None)
            found = (means, s, vh, digits, method, reason)
            if method == "direct":
                self._fit_svd_solver = "full"
        self.mean_, s, vh, digits, self.solver_, self.reason_ = found
        variance = s.astype(np.float64) ** 2 / (m - 1)
        total = variance.sum()
        ratio = variance / total if total > 0 else np.zeros_like(variance)
        if wanted == "mle":
            wanted = minka(variance, m)
        elif not isinstance(wanted, Integral):
            wanted = int(np.searchsorted(np.cumsum(ratio), wanted, side="right")) + 1
        k = int(wanted)
        noise = float(variance[k:].mean()) if k < min(m, n) else 0.0
        self._keep(m, k, vh, variance, ratio, s, noise, digits)

    def _of_sparse_covariance(self, X: Any) -> tuple:
        m, n = X.shape
        means = np.asarray(X.mean(axis=0), dtype=np.float64).ravel()
        squares = X.T @ X
        gram = np.asarray(squares.toarray() if is_sparse(squares) else squares, dtype=np.float64)
        raw = np.linalg.norm(gram, 2)
        gram -= m * np.outer(means, means)
        from .._svd import svd

        _, values, vh = svd(gram, threads=self.threads)
        k = min(m, n)
        s = np.sqrt(values[:k])
        unit = max(32, n) * np.finfo(np.float64).eps * max(raw, values[0]) / 2
        with np.errstate(divide="ignore", over="ignore"):
            digits = np.clip(-np.log10(np.where(values[:k] > 0, unit / values[:k], np.inf)), 0, -np.log10(np.finfo(X.dtype).eps))
        return means.astype(X.dtype), s.astype(X.dtype), vh[:k].astype(X.dtype), digits, "covariance", "sparse X"

    def _fit_leading(self, X: Any, k: int) -> np.ndarray:
        m, n = X.shape
        eps = float(np.finfo(X.dtype).eps)
        self.mean_, total, deviations = centred_and_variance(X)
        # Of "auto", half of the digits: those of the values are all there then.
        tolerance = eps**0.5 if self.svd_solver == "auto" else min(max(float(self.tol) ** 2, eps**0.75), eps**0.5)
        method = 0
        if self._fit_svd_solver == "randomized":
            power = 7 if self.iterated_power == "auto" else int(self.iterated_power)
            tolerance, method = min(max(10 ** (-power / 2), eps**0.6), 0.05), 2
        d = _truncated.leading(deviations, _truncated.rank_rule(k), method=method, tolerance=tolerance,
                               threads=_truncated.threads_of(self.threads), seed=seed_of(self.random_state))
        self.report_, self.solver_, self.reason_ = d.report, d.report.method, d.report.reason
        s = d.S.astype(np.float64)
        variance = s**2 / (m - 1)
        ratio = variance / total if total > 0 else np.zeros_like(variance)
        noise = max(total - variance.sum(), 0.0) / (min(m, n) - k) if k < min(m, n) else 0.0
        noise = min(noise, float(variance[-1]))  # what was not found is no larger: rounding of the difference could say so
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.maximum((d.report.residuals / s) ** 2, 32 * eps * s[0] / s)
        self._keep(m, k, d.Vh, variance, ratio, d.S, noise, np.clip(-np.log10(np.where(np.isfinite(error), error, 1)), 0, -np.log10(eps)))
        return d.U * d.S

    def _keep(self, m: int, k: int, vh: np.ndarray, variance: np.ndarray, ratio: np.ndarray, s: np.ndarray, noise: float, digits: np.ndarray) -> None:
        dtype = vh.dtype
        self.n_samples_, self.n_components_, self.noise_variance_ = m, k, noise
        self.components_ = np.ascontiguousarray(vh[:k])
        self.explained_variance_ = variance[:k].astype(dtype)
        self.explained_variance_ratio_ = ratio[:k].astype(dtype)
        self.singular_values_ = np.array(s[:k], dtype=dtype)
        self.digits_ = digits[:k].copy()


def centred_and_variance(X: Any) -> "tuple[np.ndarray, float, operators.Operator]":
    """The means of the columns, the sum of their variances (divided by n - 1), and the deviations as an operator."""
    m = X.shape[0]
    if is_sparse(X):
        means = np.asarray(X.mean(axis=0), dtype=np.float64).ravel()
        total = squared_deviations(X, means) / (m - 1)
        return means.astype(X.dtype), total, operators.centred(X, means.astype(X.dtype))
    if not isinstance(X, np.ndarray):
        means = X.column_means()
        deviations = operators.centred(X, means)
        norm = X.frobenius_norm()
        if norm is None:
            raise ValueError("the variance of an operator that does not know its Frobenius norm is not known: use eckart.truncated_svd of "
                             "eckart.operators.centred")
        return means, float(norm**2 - m * np.sum(means.astype(np.float64) ** 2)) / (m - 1), deviations
    means = X.mean(axis=0, dtype=np.float64).astype(X.dtype)
    with np.errstate(invalid="ignore"):  # NaN is the engine's to name
        deviations = X - means
    return means, float(np.linalg.norm(deviations.astype(np.float64, copy=False)) ** 2) / (m - 1), operators.operator(deviations)


def minka(variance: np.ndarray, m: int) -> int:
    """The number of components of largest evidence: Minka, Automatic choice of dimensionality for PCA, NIPS 2000, equation (77) with
    the Laplace approximation of section 4: log p(k) = log p(U) + log-likelihood + terms of the Hessian."""
    n = len(variance)
    if n < 2:
        return 1
    floor = np.finfo(np.float64).tiny
    evidence = np.full(n, -np.inf)
    logs = np.log(np.maximum(variance, floor))
    for k in range(1, n):
        if variance[k - 1] < 1e-15:
            break
        rest = max(float(variance[k:].mean()), 1e-15)
        parameters = n * k - k * (k + 1) / 2
        prior = -k * log(2.0) + sum(lgamma((n - i) / 2) - log(np.pi) * (n - i) / 2 for i in range(k))
        inverse = np.concatenate([1 / variance[:k], np.full(n - k, 1 / rest)])
        hessian = 0.0
        for i in range(k):
            gaps = np.maximum((variance[i] - variance[i + 1:]) * (inverse[i + 1:] - inverse[i]), floor)
            hessian += float(np.log(gaps).sum()) + log(m) * (n - i - 1)
        evidence[k] = (prior - 0.5 * m * logs[:k].sum() - 0.5 * m * (n - k) * log(rest) + 0.5 * (parameters + k) * log(2 * np.pi)
                       - 0.5 * hessian - 0.5 * k * log(m))
    return int(np.argmax(evidence))
