"""What a decomposition must satisfy, for all tests of the package."""

import os

import numpy as np

# How much longer a test may wait: programs are slower under a sanitizer, and take memory of their own.
PATIENCE = float(os.environ.get("ECKART_PATIENCE", "1"))


def check(a, u, s, vh, factor=60):
    """U diag(S) Vh is `a` to rounding, the factors are orthonormal, S descends, the sign rule holds; stacks matrix by matrix."""
    a, u, s, vh = np.asarray(a), np.asarray(u), np.asarray(s), np.asarray(vh)
    m, n = a.shape[-2:]
    k = min(m, n)
    assert u.dtype == vh.dtype and s.dtype == np.zeros(0, u.dtype).real.dtype
    assert s.shape == (*a.shape[:-2], k)
    assert u.shape[-2] == m and vh.shape[-1] == n
    if a.size == 0:
        return
    assert (s >= 0).all() and (np.diff(s, axis=-1) <= 0).all()
    eps = np.finfo(s.dtype).eps * factor * max(m, n)
    wide = np.result_type(u.dtype, np.complex128) if np.iscomplexobj(u) else np.float64
    product = (u[..., :k].astype(wide) * s[..., None, :]) @ vh[..., :k, :].astype(wide)
    norms = s.max(axis=-1, initial=0)[..., None, None]
    assert (np.abs(product - a.astype(wide)) <= eps * norms).all()
    for q in (u, vh.conj().swapaxes(-1, -2)):
        gram = q.conj().swapaxes(-1, -2) @ q
        assert np.abs(gram - np.eye(gram.shape[-1])).max(initial=0) <= eps
    moduli = np.abs(vh)
    tied = moduli >= moduli.max(axis=-1, keepdims=True) * (1 - 2048 * np.finfo(s.dtype).eps)
    assert (tied & (vh.real > 0) & (np.abs(vh.imag) <= eps)).any(axis=-1).all()
