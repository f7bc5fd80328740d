"""eckart.svd against its definition."""

import eckart
import numpy as np


def test_factors_of_a_small_matrix():
    a = np.array([[3.0, 0.0], [-1.0, 2.0], [0.5, 0.25]])
    u, s, vh = eckart.svd(a)
    assert u.shape == (3, 2) and s.shape == (2,) and vh.shape == (2, 2)
    np.testing.assert_allclose(u * s @ vh, a, atol=1e-15)
    np.testing.assert_allclose(s, np.linalg.svd(a, compute_uv=False), rtol=1e-15)
