"""eckart.PCA, TruncatedSVD and IncrementalPCA against their definitions; with scikit-learn, and without it in a process of its own."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import eckart
from eckart import operators

rng = np.random.default_rng(11)


def observations(m, n, decades=1.0, mean=0.0, dtype=np.float64):
    """Correlated columns whose principal values fall by so many decades."""
    rotation = np.linalg.qr(rng.standard_normal((n, n)))[0]
    return (rng.standard_normal((m, n)) * 10.0 ** (-decades * np.arange(n) / n) @ rotation + mean).astype(dtype)


def exact(x):
    """Singular values and right vectors of the deviations, their means in long double."""
    wide = x.astype(np.longdouble)
    return np.linalg.svd((wide - wide.mean(axis=0)).astype(np.float64), full_matrices=False)[1:]


SOLVERS = ["auto", "full", "covariance_eigh", "arpack", "randomized"]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(2000, 20), (60, 40), (40, 60), (520, 90)])
@pytest.mark.parametrize("order", "CF")
def test_pca(solver, shape, order):
    x = np.asarray(observations(*shape, mean=3.0), order=order)
    pca = eckart.PCA(5, svd_solver=solver)
    scores = pca.fit_transform(x)
    s, vh = exact(x)
    rtol = 1e-4 if solver == "randomized" else 1e-9
    assert np.allclose(pca.singular_values_, s[:5], rtol=rtol)
    assert np.allclose(pca.mean_, x.mean(axis=0), rtol=1e-14)
    assert np.allclose(pca.explained_variance_ratio_, s[:5] ** 2 / np.sum(s**2), rtol=rtol)
    assert np.allclose(scores, pca.transform(x), atol=1e-3 if solver == "randomized" else 1e-9)
    assert np.allclose(pca.noise_variance_, np.sum(s[5:] ** 2) / (shape[0] - 1) / (min(shape) - 5), rtol=1e-3 if solver == "randomized" else 1e-8)
    if solver != "randomized":
        assert np.allclose(np.abs(np.sum(pca.components_ * vh[:5], axis=1)), 1, atol=1e-8)
    largest = np.argmax(np.abs(pca.components_), axis=1)
    assert (pca.components_[np.arange(5), largest] > 0).all()
    model = pca.get_covariance()
    assert np.allclose(model @ pca.get_precision(), np.eye(shape[1]), atol=1e-8)


def test_digits_are_there_or_the_direct_way_is_taken():
    x = observations(3000, 12, decades=9.0, mean=2.0)
    s, _ = exact(x)
    for solver, method in (("auto", "direct"), ("covariance_eigh", "covariance"), ("full", "direct")):
        pca = eckart.PCA(svd_solver=solver).fit(x)
        assert pca.solver_ == method
        assert (np.abs(pca.singular_values_ / s - 1)[pca.digits_ > 0] <= 10 ** -pca.digits_[pca.digits_ > 0]).all()
    assert eckart.PCA(svd_solver="covariance_eigh").fit(x).digits_[-1] < 1
    assert eckart.PCA().fit(x).digits_[-1] > 4
    assert eckart.PCA(3).fit(x).solver_ == "covariance"  # the large ones have their digits
    assert eckart.PCA(3, digits=14.4).fit(x).solver_ == "direct"
    assert eckart.PCA(0.5).fit(x).solver_ == "covariance"


def test_large_means_cost_no_digits():
    x = observations(5000, 8, decades=0.5)
    far = x + 1e7
    s, _ = exact(far)
    for solver in ("covariance_eigh", "full"):
        assert np.allclose(eckart.PCA(svd_solver=solver).fit(far).singular_values_, s, rtol=1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
def test_float32_stays_and_is_right(solver):
    x = observations(2000, 10, dtype=np.float32)
    pca = eckart.PCA(3, svd_solver=solver).fit(x)
    assert pca.components_.dtype == np.float32 and pca.transform(x).dtype == np.float32
    assert np.allclose(pca.singular_values_, exact(x)[0][:3], rtol=1e-3 if solver == "randomized" else 1e-5)


@pytest.mark.parametrize("solver", ["auto", "arpack", "covariance_eigh"])
def test_sparse_is_centred_and_stays_sparse(solver):
    sparse = pytest.importorskip("scipy.sparse")
    x = sparse.random_array((900, 70), density=0.05, rng=np.random.default_rng(3), format="csr")
    pca = eckart.PCA(4, svd_solver=solver).fit(x)
    s, _ = exact(x.toarray())
    assert np.allclose(pca.singular_values_, s[:4], rtol=1e-9)
    assert np.allclose(pca.transform(x), eckart.PCA(4, svd_solver="full").fit_transform(x.toarray()), atol=1e-6)
    assert np.allclose(pca.explained_variance_ratio_, s[:4] ** 2 / np.sum(s**2), rtol=1e-9)


def test_variance_of_entries_that_are_named_twice():
    sparse = pytest.importorskip("scipy.sparse")
    row, col, value = rng.integers(0, 50, 300), rng.integers(0, 9, 300), rng.standard_normal(300)
    x = sparse.csr_array((value, col[np.argsort(row)], np.searchsorted(np.sort(row), np.arange(51))), shape=(50, 9))
    for a in (x, x.tocsc()):
        whole = a.toarray()
        share = eckart.PCA(8).fit(a).explained_variance_ratio_
        s, _ = exact(whole)
        assert np.allclose(share, s[:8] ** 2 / np.sum(s**2))
        assert np.isclose(eckart.TruncatedSVD(9).fit(a).explained_variance_ratio_.sum(), 1)


def test_nan_is_found_and_named():
    x = observations(300, 5)
    x[17, 3] = np.nan
    for solver in SOLVERS:
        with pytest.raises(ValueError, match="NaN"):
            eckart.PCA(2, svd_solver=solver).fit(x)
    with pytest.raises(eckart.NonFiniteError) as caught:
        eckart.PCA().fit(x)
    assert (caught.value.row, caught.value.column) == (17, 3)


def test_sparse_that_no_memory_holds():
    sparse = pytest.importorskip("scipy.sparse")
    x = sparse.random_array((300000, 50000), density=2e-5, rng=np.random.default_rng(3), format="csr")  # 112 GiB dense
    pca = eckart.PCA(3).fit(x)
    assert pca.components_.shape == (3, 50000) and (np.diff(pca.singular_values_) <= 0).all()


def test_whitening_and_back():
    x = observations(500, 6, mean=1.0)
    for estimator in (eckart.PCA(6, whiten=True), eckart.IncrementalPCA(6, whiten=True, batch_size=100)):
        scores = estimator.fit_transform(x)
        assert np.allclose(scores.std(axis=0, ddof=1), 1, rtol=1e-9)
        assert np.allclose(estimator.inverse_transform(scores), x, atol=1e-10)


def test_rules_of_n_components():
    x = observations(400, 10, decades=3.0)
    share = np.cumsum(exact(x)[0] ** 2) / np.sum(exact(x)[0] ** 2)
    assert eckart.PCA(0.9).fit(x).n_components_ == np.argmax(share > 0.9) + 1
    assert eckart.PCA().fit(x).n_components_ == 10
    low = rng.standard_normal((500, 3)) @ rng.standard_normal((3, 8)) + 0.01 * rng.standard_normal((500, 8))
    assert eckart.PCA("mle").fit(low).n_components_ == 3
    for bad in (11, -1, 1.5, "all", None):
        with pytest.raises((ValueError, TypeError)):
            eckart.PCA(bad, svd_solver="full" if bad is not None else "none").fit(x)


@pytest.mark.parametrize("algorithm", ["arpack", "randomized"])
def test_truncated_svd(algorithm):
    sparse = pytest.importorskip("scipy.sparse")
    x = sparse.random_array((800, 500), density=0.02, rng=np.random.default_rng(3), format="csr")
    svd = eckart.TruncatedSVD(8, algorithm=algorithm)
    scores = svd.fit_transform(x)
    s = np.linalg.svd(x.toarray(), compute_uv=False)[:8]
    assert np.allclose(svd.singular_values_, s, rtol=1e-12 if algorithm == "arpack" else 2e-3)
    assert np.allclose(scores, svd.transform(x), atol=1e-10)
    assert np.allclose(svd.explained_variance_, scores.var(axis=0))
    assert np.allclose(svd.explained_variance_ratio_, scores.var(axis=0) / x.toarray().var(axis=0).sum())
    assert list(svd.get_feature_names_out()[:2]) == ["truncatedsvd0", "truncatedsvd1"]
    assert eckart.TruncatedSVD(2).fit(operators.operator(x)).components_.shape == (2, 500)


def test_incremental_pca_is_pca_where_nothing_is_thrown_away():
    x = observations(1000, 12, mean=5.0)
    pca, parts = eckart.PCA(12).fit(x), eckart.IncrementalPCA(12)
    for first in range(0, 1000, 170):
        parts.partial_fit(x[first:first + 170])
    assert np.allclose(parts.singular_values_, pca.singular_values_, rtol=1e-12)
    assert np.allclose(parts.mean_, pca.mean_) and np.allclose(parts.var_, x.var(axis=0))
    assert np.allclose(np.abs(np.sum(parts.components_ * pca.components_, axis=1)), 1)
    assert parts.left_out_at_most_ < 1e-8 * pca.singular_values_[0]
    again = pickle.loads(pickle.dumps(parts))
    more = observations(50, 12)
    assert (again.partial_fit(more).components_ == parts.partial_fit(more).components_).all()


def test_incremental_pca_counts_what_it_throws_away():
    x = observations(3000, 40, decades=2.0)
    parts = eckart.IncrementalPCA(3, batch_size=100).fit(x)
    s, _ = exact(x)
    d = x - x.mean(axis=0)
    left = np.linalg.norm(d - d @ parts.components_.T @ parts.components_, 2)
    assert s[3] * 0.999 <= left <= parts.left_out_at_most_
    assert np.allclose(parts.singular_values_, s[:3], rtol=1e-2)


@pytest.mark.parametrize("estimator", [eckart.PCA(2), eckart.TruncatedSVD(2), eckart.IncrementalPCA(2)], ids=lambda e: type(e).__name__)
def test_estimators_can_be_pickled_and_are_deterministic(estimator):
    x = observations(200, 6)
    estimator.fit(x)
    again = pickle.loads(pickle.dumps(estimator))
    assert (again.transform(x) == estimator.transform(x)).all()
    assert (type(estimator)(2).fit(x).components_ == estimator.components_).all()


@pytest.mark.parametrize("estimator", [eckart.PCA(2), eckart.TruncatedSVD(2), eckart.IncrementalPCA(2)], ids=lambda e: type(e).__name__)
def test_data_frames_in_and_out(estimator):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    x = pandas.DataFrame(observations(60, 4), columns=["length", "width", "height", "weight"], index=range(100, 160))
    x["whole"] = np.arange(60)
    out = estimator.set_output(transform="pandas").fit_transform(x)
    name = type(estimator).__name__.lower()
    assert list(out.columns) == [f"{name}0", f"{name}1"] and (out.index == x.index).all()
    assert list(estimator.feature_names_in_) == list(x.columns)
    assert np.allclose(out, estimator.transform(x))
    with pytest.raises(ValueError, match="feature names"):
        estimator.transform(x.rename(columns={"width": "breadth"}))
    hole = x.copy()
    hole.iloc[7, 1] = None
    with pytest.raises(ValueError, match="NaN"):
        type(estimator)(2).fit(hole)
    with pytest.raises(ValueError, match="could not convert"):
        type(estimator)(2).fit(x.assign(text="red"))
    # The functions take a table of numbers as NumPy does.
    assert np.allclose(eckart.svd(x).S, np.linalg.svd(x.to_numpy(), compute_uv=False))
    with pytest.raises(TypeError, match="object"):
        eckart.svd(x.assign(text="red"))


def test_check_estimator():
    pytest.importorskip("sklearn")
    from sklearn.utils.estimator_checks import check_estimator

    for estimator in (eckart.PCA(), eckart.PCA(svd_solver="covariance_eigh"), eckart.PCA(svd_solver="full"), eckart.PCA(svd_solver="randomized"),
                      eckart.TruncatedSVD(), eckart.IncrementalPCA()):
        results = check_estimator(estimator, on_fail=None, on_skip=None)
        assert [r["check_name"] for r in results if r["status"] == "failed"] == []
        assert sum(r["status"] == "passed" for r in results) > 30


@pytest.mark.parametrize("name, settings", [("PCA", {"svd_solver": "arpack"}), ("PCA", {"n_components": 0.5}),
                                            ("TruncatedSVD", {"algorithm": "arpack"})])
def test_check_estimator_finds_nothing_that_scikit_learn_does_not_have_too(name, settings):
    pytest.importorskip("sklearn")
    import sklearn.decomposition
    from sklearn.utils.estimator_checks import check_estimator

    ours, theirs = ({r["check_name"] for r in check_estimator(getattr(library, name)(**settings), on_fail=None, on_skip=None) if r["status"] == "failed"}
                    for library in (eckart, sklearn.decomposition))
    assert ours <= theirs


@pytest.mark.parametrize("size", [0, -3, 2.5])
def test_a_batch_has_rows(size):
    with pytest.raises(ValueError, match="batch_size"):
        eckart.IncrementalPCA(2, batch_size=size).fit(observations(30, 4))


def test_a_column_that_never_changes_costs_no_second_pass():
    x = observations(400, 6)
    x[:, [1, 4]] = 0, 7
    pca = eckart.PCA().fit(x)
    assert pca.solver_ == "covariance" and (pca.singular_values_[-2:] == 0).all() and (pca.digits_[-2:] > 15).all()
    assert np.allclose(pca.singular_values_, eckart.PCA(svd_solver="full").fit(x).singular_values_, atol=1e-10)


def test_pipeline_and_output():
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    x = observations(300, 8)
    y = x @ np.arange(8.0)
    model = GridSearchCV(make_pipeline(eckart.PCA(), LinearRegression()), {"pca__n_components": [2, 8]}, cv=3).fit(x, y)
    assert model.best_params_ == {"pca__n_components": 8} and model.best_score_ > 0.999
    assert clone(eckart.PCA(3, digits=5)).get_params()["digits"] == 5


WITHOUT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sklearn", "scipy"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import numpy as np, eckart
x = np.random.default_rng(0).standard_normal((100, 6)) + 3
for e in (eckart.PCA(2), eckart.TruncatedSVD(2), eckart.IncrementalPCA(2)):
    assert e.fit_transform(x).shape == (100, 2) and e.get_params()["n_components"] == 2
    assert e.set_params(n_components=3).fit(x).transform(x).shape == (100, 3)
    assert list(e.get_feature_names_out()) == [f"{type(e).__name__.lower()}{i}" for i in range(3)]
    for bad in (x[0], np.full((3, 3), np.nan)):
        try:
            type(e)(1).fit(bad)
        except ValueError:
            continue
        raise AssertionError(bad)
    print(e)
assert eckart.PCA().fit(x).score(x) < 0
assert "sklearn" not in sys.modules and "scipy" not in sys.modules
"""


def test_without_scikit_learn():
    run = subprocess.run([sys.executable, "-c", WITHOUT], env=dict(os.environ), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "TruncatedSVD(algorithm='randomized'" in run.stdout


def test_import_brings_nothing_along():
    code = "import sys, eckart; assert not {'sklearn', 'scipy'} & set(sys.modules); eckart.svds; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=True)
