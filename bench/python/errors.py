"""What a result is worth, as numbers to stand beside its time. All are computed in double precision or better.

| task | numbers |
|---|---|
| svd | ‖A - U S Vh‖_F / (eps ‖A‖_F), the larger of ‖UᴴU - I‖_F and ‖Vh Vhᴴ - I‖_F / (eps sqrt(k)), values |
| svdvals | values: the largest error of one in units of eps sigma_1 |
| norms, cond | relative error in units of eps (cond: of eps cond) |
| matrix_rank | how far the rank is off |
| pinv | ‖A X A - A‖_F / (eps ‖A‖_F) |
| lstsq | ‖Aᴴ (A x - b)‖ / (eps ‖A‖² ‖x‖) |
| leading triplets, PCA | the largest relative error of a value |

eps is that of the problem's type; the worst matrix of a stack counts.
"""

import numpy as np


def of(task, result, p):
    if p.values is None or result is None:
        return []
    known = p.values
    eps = float(np.finfo(p.a.dtype).eps) if hasattr(p.a, "dtype") else 2.0**-52
    if task in ("svd", "linalg.svd"):
        return [*_factors(*(_wide(x) for x in result), _wide(p.a), eps), _values(result[1], known, eps)]
    if task in ("svdvals", "linalg.svdvals"):
        return [_values(result, known, eps)]
    if task in ("svds", "svds propack", "a few digits", "TruncatedSVD") or task.startswith("PCA"):
        s = np.sort(_wide(result[1] if isinstance(result, (tuple, list)) else result))[::-1]
        return [float(np.max(np.abs(s - known[:len(s)]) / known[:len(s)]))]
    if task == "matrix_rank":
        return [int(np.max(np.abs(_wide(result) - len(known))))]
    if task in ("cond", "norm(2)", "norm(nuc)"):
        true = {"cond": known[0] / known[-1], "norm(2)": known[0], "norm(nuc)": known.sum()}[task]
        return [float(np.max(np.abs(_wide(result) - true)) / (eps * true * (true if task == "cond" else 1)))]
    a = _wide(p.a)
    if task == "pinv":
        return [float(np.linalg.norm(a @ _wide(result) @ a - a) / (eps * np.linalg.norm(a)))]
    x = _wide(result[0]).reshape(-1)
    return [float(np.linalg.norm(a.conj().T @ (a @ x - p.b)) / (eps * np.linalg.norm(x)))]


def _wide(x):
    x = np.asarray(x)
    return x.astype(np.result_type(x, np.float64), copy=False)


def _values(s, known, eps):
    return float(np.max(np.abs(_wide(s) - known)) / (eps * known[0]))


def _factors(u, s, vh, a, eps):
    def norm(x):
        return np.sqrt((np.abs(x) ** 2).sum((-2, -1)))

    k = s.shape[-1]
    off = norm((u * s[..., None, :]) @ vh - a) / (eps * norm(a))
    skew = [norm(x - np.eye(k)) / (eps * np.sqrt(k)) for x in (u.conj().swapaxes(-1, -2) @ u, vh @ vh.conj().swapaxes(-1, -2))]
    return [float(np.max(off)), float(np.max(skew))]
