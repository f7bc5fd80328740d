"""The matrices that are raced with, and the singular values that they have by construction, known to far more digits than are computed.

    A = Q D P^T,  Q and P products of random signs and discrete cosine (for complex A: Fourier) transforms

are multiplied out in extended precision (64 bits) and rounded once, so that no contestant serves as the reference: rounding the
entries moves a value by about eps sigma_1 / 3. Values fall evenly from 1 to 1 / k, as those of a random matrix nearly do, or as i^-0.8
where a few of them are asked for.
"""

import numpy as np
import scipy.fft
import scipy.sparse

WIDE = np.longdouble


def _mixed(x, random):
    """Q x with an orthogonal Q along the first axis of (rows, columns)."""
    for _ in range(2):
        x = x * random.choice([-1, 1], (x.shape[0], 1)).astype(WIDE)
        x = scipy.fft.fft(x, axis=0, norm="ortho") if np.iscomplexobj(x) else scipy.fft.idct(x, axis=0, norm="ortho")
    return x


def _one(m, n, values, is_complex, random):
    if m < n:
        return _one(n, m, values, is_complex, random).T
    small = np.diag(values).astype(np.clongdouble if is_complex else WIDE)
    small = _mixed(small, random).T
    tall = np.zeros((m, n), small.dtype)
    tall[:n] = small
    return _mixed(tall, random)


def dense(shape, dtype="float64", decay=0.0):
    """(A, values): A (..., m, n) in row order, values (min(m, n),), the same for each matrix of a stack."""
    random = np.random.default_rng(0)
    m, n = shape[-2:]
    k = min(m, n)
    ranks = np.arange(1, k + 1)
    values = (ranks.astype(WIDE) ** -decay if decay else (k + 1 - ranks).astype(WIDE) / k)
    is_complex = np.dtype(dtype).kind == "c"
    matrices = [_one(m, n, values, is_complex, random) for _ in range(int(np.prod(shape[:-2])))]
    return np.ascontiguousarray(np.reshape(np.stack(matrices), shape).astype(dtype)), values.astype(np.float64)


def table(m, n, dtype="float64", decades=0, mean=0.5, copies=50):
    """(A, values of the centred A): a table of m rows, `copies` of its first ones, with means and standard deviations from 1 down to
    10^-decades. No column of Q has a mean: cosines of every frequency but the first."""
    random = np.random.default_rng(0)
    rows = m // copies
    deviations = WIDE(10) ** (-decades * np.arange(n) / WIDE(max(n - 1, 1)))
    waves = np.zeros((rows, n), WIDE)
    waves[1:] = _one(rows - 1, n, deviations, False, random)
    part = scipy.fft.idct(waves, axis=0, norm="ortho") * np.sqrt(WIDE(rows)) + WIDE(mean)
    return np.tile(part.astype(dtype), (copies, 1)), (deviations * np.sqrt(WIDE(rows * copies))).astype(np.float64)


def words(m=100_000, n=10_000, entries=2_000_000):
    """A sparse matrix like counts of words: a few columns are popular. Its values are not known by construction."""
    random = np.random.default_rng(0)
    popular = np.minimum(random.zipf(1.3, entries) - 1, n - 1)
    a = scipy.sparse.csr_array((random.random(entries), (random.integers(0, m, entries), popular)), shape=(m, n))
    a.sum_duplicates()
    return a
