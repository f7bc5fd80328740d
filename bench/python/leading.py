"""Leading triplets and principal components through Python, beside SciPy, scikit-learn and PyTorch (where it is installed) in the same run.

    PYTHONPATH=build/release/python build/venv/bin/python bench/python/leading.py [--threads N] [--rows pca,svds,sparse] [--scale 1]

Contestants in turn, the best of --rounds; beside each time its ratio to the first contestant's and the largest error of a value that was
asked for, relative to that value, against values that are known by construction, or where none are, those of eckart at its
tightest. Peers run at their own defaults. --scale shrinks the problems for a quick look.
"""

import argparse
import time

import numpy as np
from threadpoolctl import threadpool_limits

import eckart


def race(title, contestants, rounds, known):
    """A row for each contestant: (name, call that returns singular values)."""
    least, values = {}, {}
    for _ in range(rounds):
        for name, call in contestants:
            start = time.perf_counter()
            values[name] = call()
            least[name] = min(least.get(name, np.inf), time.perf_counter() - start)
    print(f"\n{title}\n\n| | seconds | ratio | error |\n|---|---|---|---|")
    first = least[contestants[0][0]]
    for name, _ in contestants:
        s = values[name]
        error = "" if s is None else f"{np.max(np.abs(np.sort(np.asarray(s))[::-1] - known[:len(s)]) / known[:len(s)]):.0e}"
        print(f"| {name} | {least[name]:.3f} | {least[name] / first:.2f} | {error} |", flush=True)


def torch_or_none():
    try:
        import torch
    except ImportError:
        return None
    return torch


def pca(args):
    """scikit-learn and Eckart, tall; the unit is A^T A of NumPy's own BLAS, which is a symmetric update of half the flops."""
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(0)
    m, n = int(1e6 / args.scale), 100
    for decades, mean in ((0, 0.5), (6, 0.5)):
        a = rng.standard_normal((m, n))
        a *= 10.0 ** (-decades * np.arange(n) / n)
        if decades > 0:  # else columns of different sizes, which suit a Gram matrix
            a = a @ np.linalg.qr(rng.standard_normal((n, n)))[0]
        a += mean
        known = eckart.PCA(svd_solver="full").fit(a).singular_values_
        one_way = [("A.T @ A", lambda: (a.T @ a, None)[1]),
                   ("eckart.PCA covariance_eigh", lambda: eckart.PCA(svd_solver="covariance_eigh", threads=args.threads).fit(a).singular_values_),
                   ("eckart.PCA auto", lambda: eckart.PCA(threads=args.threads).fit(a).singular_values_),
                   ("eckart.PCA full", lambda: eckart.PCA(svd_solver="full", threads=args.threads).fit(a).singular_values_),
                   ("sklearn PCA covariance_eigh", lambda: PCA(svd_solver="covariance_eigh").fit(a).singular_values_)]
        if args.slow:
            one_way.append(("sklearn PCA full", lambda: PCA(svd_solver="full").fit(a).singular_values_))
        race(f"PCA of {m} x {n}, standard deviations from 1 down to 1e-{decades}, {args.threads} thread(s)", one_way, args.rounds, known)
        del a


def svds(args):
    """A dense matrix with values i^-0.8."""
    from scipy.sparse.linalg import svds as theirs
    from sklearn.decomposition import TruncatedSVD
    from sklearn.utils.extmath import randomized_svd

    rng = np.random.default_rng(0)
    n = int(3000 / args.scale)
    known = np.arange(1, n + 1.0) ** -0.8
    q = [np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2)]
    a = (q[0] * known) @ q[1]
    torch = torch_or_none()
    for k in (10, 50):
        rows = [("eckart.svds", lambda: eckart.svds(a, k=k, threads=args.threads).S),
                ("eckart.truncated_svd", lambda: eckart.truncated_svd(a, k, threads=args.threads).S),
                ("eckart.TruncatedSVD", lambda: eckart.TruncatedSVD(k, threads=args.threads).fit(a).singular_values_),
                ("scipy svds arpack", lambda: theirs(a, k=k)[1]),
                ("scipy svds propack", lambda: theirs(a, k=k, solver="propack")[1]),
                ("sklearn randomized_svd", lambda: randomized_svd(a, k)[1]),
                ("sklearn TruncatedSVD", lambda: TruncatedSVD(k).fit(a).singular_values_)]
        if torch:
            t = torch.from_numpy(a)
            rows.append(("torch svd_lowrank", lambda: torch.svd_lowrank(t, q=k)[1].numpy()))
        race(f"dense {n} x {n}, values i^-0.8, k = {k}, {args.threads} thread(s)", rows, args.rounds, known)


def sparse(args):
    """A sparse matrix of random places, like counts of words."""
    import scipy.sparse
    from scipy.sparse.linalg import svds as theirs
    from sklearn.decomposition import PCA, TruncatedSVD

    rng = np.random.default_rng(0)
    m, n = int(100000 / args.scale), int(10000 / args.scale)
    popular = np.minimum(rng.zipf(1.3, 20 * m) - 1, n - 1)
    a = scipy.sparse.csr_array((rng.random(20 * m), (rng.integers(0, m, 20 * m), popular)), shape=(m, n))
    a.sum_duplicates()
    known = eckart.svds(a, k=20, tol=0).S
    race(f"sparse {m} x {n}, {a.nnz} entries, k = 20, {args.threads} thread(s)", [
        ("eckart.svds", lambda: eckart.svds(a, k=20, threads=args.threads).S),
        ("eckart.TruncatedSVD", lambda: eckart.TruncatedSVD(20, threads=args.threads).fit(a).singular_values_),
        ("scipy svds arpack", lambda: theirs(a, k=20)[1]),
        ("scipy svds propack", lambda: theirs(a, k=20, solver="propack")[1]),
        ("sklearn TruncatedSVD", lambda: TruncatedSVD(20).fit(a).singular_values_)], args.rounds, known)
    known = eckart.PCA(20).fit(a).singular_values_
    race(f"PCA of the same, centred, k = 20, {args.threads} thread(s)", [
        ("eckart.PCA", lambda: eckart.PCA(20, threads=args.threads).fit(a).singular_values_),
        ("sklearn PCA arpack", lambda: PCA(20, svd_solver="arpack").fit(a).singular_values_)], args.rounds, known)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", default="pca,svds,sparse")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--slow", action="store_true", help="scikit-learn's full decomposition too")
    args = parser.parse_args()
    with threadpool_limits(args.threads):
        for name in args.rows.split(","):
            {"pca": pca, "svds": svds, "sparse": sparse}[name](args)


if __name__ == "__main__":
    main()
