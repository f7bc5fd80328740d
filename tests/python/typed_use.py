"""A program of a user as a type checker sees it: test_types.py runs mypy --strict over it. What has another type than it says is an error."""

import numpy as np
from typing import Any, assert_type

import eckart
from eckart import linalg, operators

a = np.eye(4)

u, s, vh = eckart.svd(a, k=2)
d = eckart.svd(a)
assert_type(d, eckart.SVD)
assert_type(d.report, eckart.Report)
assert_type(d.report.audit, eckart.Audit)
assert_type(d.truncate(2), eckart.SVD)
assert_type(d.report.seconds, float)

top = eckart.truncated_svd(operators.centred(a) @ operators.operator(a), k=2)
assert_type(top, eckart.LeadingSVD)
assert_type(top.report, eckart.TruncatedReport)
assert_type(top.report.converged, bool)
assert_type(operators.operator(a), operators.Operator)
assert_type(operators.operator(a).shape, tuple[int, int])
assert_type(operators.operator(a) @ operators.operator(a), Any)

assert_type(eckart.rank(a), eckart.RankReport)
assert_type(eckart.lstsq(a, a), eckart.LeastSquares)
assert_type(eckart.pinv(a), eckart.Pseudoinverse)
assert_type(eckart.polar(a), eckart.Polar)
assert_type(eckart.procrustes(a, a), eckart.Procrustes)

assert_type(eckart.PCA(2), eckart.PCA)
assert_type(eckart.PCA(2).fit(a), eckart.PCA)
assert_type(eckart.TruncatedSVD(2).fit(a), eckart.TruncatedSVD)
assert_type(eckart.IncrementalPCA(2).fit(a), eckart.IncrementalPCA)
sketch = eckart.SinglePassSketch(4, 4, rank=2)
assert_type(sketch, eckart.SinglePassSketch)

linalg.svd(a, full_matrices=False)
try:
    eckart.svds("none.npy", k=2, max_memory=1 << 30)
except eckart.NoConvergenceError as error:
    assert_type(error.result, eckart.LeadingSVD)
except eckart.FileError:
    pass

eckart.svd(a, kay=3)  # type: ignore[call-overload]
eckart.PCA(n=3)  # type: ignore[call-arg]
eckart.no_such_name  # type: ignore[attr-defined]
