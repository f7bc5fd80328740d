#!/usr/bin/env python3
"""Check with NumPy alone that factors.npz holds the singular value decomposition of matrix.npy.

    check_factors.py matrix.npy factors.npz

Residual and orthogonality are in units of rounding, as the library's own tests count them: max(m, n) eps relative to sigma_1,
(vector length) eps. The singular values are held against NumPy's.
"""

import sys

import numpy as np

LIMIT = 10  # the threshold of Eckart's own checker; LAPACK's is 50

a = np.load(sys.argv[1])
with np.load(sys.argv[2]) as factors:
    u, s, vh = factors["U"], factors["S"], factors["Vh"]

eps = np.finfo(s.dtype).eps
unit = max(a.shape) * eps
wide = a.astype(np.complex128 if np.iscomplexobj(a) else np.float64)
u, vh = u.astype(wide.dtype), vh.astype(wide.dtype)
figures = {
    "residual": np.linalg.norm(wide - (u * s) @ vh, 2) / (s[0] * unit),
    "orthogonality of U": np.linalg.norm(np.eye(u.shape[1]) - u.conj().T @ u, 2) / (u.shape[0] * eps),
    "orthogonality of Vh": np.linalg.norm(np.eye(vh.shape[0]) - vh @ vh.conj().T, 2) / (vh.shape[1] * eps),
    "values against NumPy": np.abs(s - np.linalg.svd(wide, compute_uv=False)).max() / (s[0] * unit),
}
sound = bool(np.all(s[:-1] >= s[1:]) and s[-1] >= 0 and max(figures.values()) < LIMIT)
print(f"{sys.argv[2]}: {a.shape[0]} x {a.shape[1]} {a.dtype}, " + ", ".join(f"{k} {v:.2g}" for k, v in figures.items())
      + (f": good (limit {LIMIT})" if sound else f": NOT GOOD (limit {LIMIT})"))
sys.exit(0 if sound else 1)
