"""Who races: for each library, what it is called with for each task. A library that has no such function has no entry.

A task is a function of the problem (the array `a`, for least squares `b`, for leading triplets `k`) that returns a call without
arguments; what it needs beside the call itself, such as tensors that share the array's memory, is made before the clock runs. Peers run
at their own defaults but for what makes them do the same: thin factors, no copies asked for.
"""


def of(library):
    """The tasks of a library by name: {task: problem -> call}. ImportError where the library is not installed."""
    return {"eckart": _eckart, "NumPy": _numpy, "SciPy": _scipy, "scikit-learn": _sklearn, "PyTorch": _torch}[library]()


def _eckart():
    import eckart
    import eckart.linalg

    return {
        "svd": lambda p: lambda: eckart.svd(p.a),
        "svdvals": lambda p: lambda: eckart.svdvals(p.a),
        "linalg.svd": lambda p: lambda: eckart.linalg.svd(p.a, full_matrices=False),
        "linalg.svdvals": lambda p: lambda: eckart.linalg.svdvals(p.a),
        "matrix_rank": lambda p: lambda: eckart.linalg.matrix_rank(p.a),
        "cond": lambda p: lambda: eckart.linalg.cond(p.a),
        "norm(2)": lambda p: lambda: eckart.linalg.norm(p.a, 2),
        "norm(nuc)": lambda p: lambda: eckart.linalg.norm(p.a, "nuc"),
        "pinv": lambda p: lambda: eckart.linalg.pinv(p.a),
        "lstsq": lambda p: lambda: eckart.linalg.lstsq(p.a, p.b),
        "svds": lambda p: lambda: eckart.svds(p.a, k=p.k),
        "svds propack": lambda p: lambda: eckart.svds(p.a, k=p.k),
        "a few digits": lambda p: lambda: eckart.truncated_svd(p.a, p.k, method="randomized"),
        "TruncatedSVD": lambda p: lambda: eckart.TruncatedSVD(p.k).fit(p.a).singular_values_,
        "PCA covariance": lambda p: lambda: eckart.PCA(svd_solver="covariance_eigh").fit(p.a).singular_values_,
        "PCA full": lambda p: lambda: eckart.PCA(svd_solver="full").fit(p.a).singular_values_,
        "PCA auto": lambda p: lambda: eckart.PCA().fit(p.a).singular_values_,
        "PCA sparse": lambda p: lambda: eckart.PCA(p.k).fit(p.a).singular_values_,
    }


def _numpy():
    import numpy as np

    return {
        "svd": lambda p: lambda: np.linalg.svd(p.a, full_matrices=False),
        "svdvals": lambda p: lambda: np.linalg.svd(p.a, compute_uv=False),
        "linalg.svd": lambda p: lambda: np.linalg.svd(p.a, full_matrices=False),
        "linalg.svdvals": lambda p: lambda: np.linalg.svdvals(p.a),
        "matrix_rank": lambda p: lambda: np.linalg.matrix_rank(p.a),
        "cond": lambda p: lambda: np.linalg.cond(p.a),
        "norm(2)": lambda p: lambda: np.linalg.norm(p.a, 2),
        "norm(nuc)": lambda p: lambda: np.linalg.norm(p.a, "nuc"),
        "pinv": lambda p: lambda: np.linalg.pinv(p.a),
        "lstsq": lambda p: lambda: np.linalg.lstsq(p.a, p.b),
        "PCA covariance": lambda p: lambda: (p.a.T @ p.a, None)[1],  # no PCA of its own: the product that is a unit for the others
    }


def _scipy():
    import scipy.linalg
    import scipy.sparse.linalg

    return {
        "svd": lambda p: lambda: scipy.linalg.svd(p.a, full_matrices=False),
        "svdvals": lambda p: lambda: scipy.linalg.svdvals(p.a),
        "norm(2)": lambda p: lambda: scipy.linalg.norm(p.a, 2),
        "norm(nuc)": lambda p: lambda: scipy.linalg.norm(p.a, "nuc"),
        "pinv": lambda p: lambda: scipy.linalg.pinv(p.a),
        "lstsq": lambda p: lambda: scipy.linalg.lstsq(p.a, p.b),
        "svds": lambda p: lambda: scipy.sparse.linalg.svds(p.a, k=p.k),
        "svds propack": lambda p: lambda: scipy.sparse.linalg.svds(p.a, k=p.k, solver="propack"),
    }


def _sklearn():
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.utils.extmath import randomized_svd

    return {
        "a few digits": lambda p: lambda: randomized_svd(p.a, p.k),
        "TruncatedSVD": lambda p: lambda: TruncatedSVD(p.k).fit(p.a).singular_values_,
        "PCA covariance": lambda p: lambda: PCA(svd_solver="covariance_eigh").fit(p.a).singular_values_,
        "PCA full": lambda p: lambda: PCA(svd_solver="full").fit(p.a).singular_values_,
        "PCA auto": lambda p: lambda: PCA().fit(p.a).singular_values_,
        "PCA sparse": lambda p: lambda: PCA(p.k, svd_solver="arpack").fit(p.a).singular_values_,
    }


def _torch():
    import torch

    def lstsq(p):
        a, b = torch.from_numpy(p.a), torch.from_numpy(p.b)[:, None]
        return lambda: torch.linalg.lstsq(a, b, driver="gelsd")

    def task(call):
        def of_problem(p):
            a = torch.from_numpy(p.a)
            return lambda: call(a, p)
        return of_problem

    return {
        "svd": task(lambda a, p: torch.linalg.svd(a, full_matrices=False)),
        "svdvals": task(lambda a, p: torch.linalg.svdvals(a)),
        "matrix_rank": task(lambda a, p: torch.linalg.matrix_rank(a)),
        "cond": task(lambda a, p: torch.linalg.cond(a)),
        "norm(2)": task(lambda a, p: torch.linalg.matrix_norm(a, 2)),
        "norm(nuc)": task(lambda a, p: torch.linalg.matrix_norm(a, "nuc")),
        "pinv": task(lambda a, p: torch.linalg.pinv(a)),
        "lstsq": lstsq,
        "a few digits": task(lambda a, p: [x if i != 2 else x.mH for i, x in enumerate(torch.svd_lowrank(a, q=p.k))]),
    }
