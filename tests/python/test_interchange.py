"""What comes in without a copy, and goes out as the same kind."""

import array as buffers
import sys

import numpy as np
import pytest
from checks import check

import eckart
from eckart import operators

A = np.array([[3.0, 1.0], [0.0, 2.0], [1.0, 1.0]])


class Tensor:
    """The least that a library of tensors offers: DLPack out, and a from_dlpack to get it back."""

    def __init__(self, data, device=(1, 0)):
        self.data, self.device, self.exports = data, device, 0

    def __dlpack__(self, **options):
        self.exports += 1
        return self.data.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device

    @classmethod
    def from_dlpack(cls, other):
        return cls(np.from_dlpack(other))


def test_dlpack_comes_back_as_the_same_kind():
    t = Tensor(A)
    d = eckart.svd(t)
    assert all(type(x) is Tensor for x in d)
    check(A, d.U.data, d.S.data, d.Vh.data)
    assert t.exports == 1
    assert type(eckart.svdvals(t)) is Tensor
    assert all(type(x) is Tensor for x in (*eckart.svds(t, k=2), *eckart.truncated_svd(t, 2), eckart.svds(t, k=2, return_singular_vectors=False)))
    assert type(eckart.linalg.pinv(t)) is Tensor
    numbers = [eckart.linalg.matrix_rank(t), eckart.linalg.cond(t), eckart.linalg.norm(t, "nuc"), eckart.linalg.norm(t, "fro"),
               eckart.linalg.vector_norm(t)]
    assert all(type(x) is Tensor and x.data.shape == () for x in numbers)
    assert numbers[0].data == 2 and abs(numbers[1].data - np.linalg.cond(A)) < 1e-12


def test_dlpack_on_another_device_is_refused():
    with pytest.raises(eckart.ArgumentError, match="another device"):
        eckart.svd(Tensor(A, device=(2, 0)))


def test_nothing_is_copied():
    for a in (A, A.T, A[::-1], A[:, ::-1], np.asfortranarray(A), np.ones((4, 6))[::2, ::3], np.broadcast_to(A[:1], (3, 2))):
        x, _ = eckart._interchange.array(a)
        assert x is a
    t = Tensor(A)
    x, _ = eckart._interchange.array(t)
    assert np.shares_memory(x, A)


def test_buffers_and_interfaces():
    flat = buffers.array("d", A.ravel())
    view = memoryview(flat).cast("B").cast("d", (3, 2))
    x, _ = eckart._interchange.array(view)
    assert np.shares_memory(x, np.frombuffer(flat))
    check(A, *eckart.svd(view))

    class Interface:
        __array_interface__ = A.__array_interface__

    x, _ = eckart._interchange.array(Interface())
    assert np.shares_memory(x, A)
    check(A, *eckart.svd(Interface()))
    check(A, *eckart.svd(A.tolist()))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_subclasses():
    d = eckart.svd(np.matrix(A))
    assert type(d.U) is np.matrix and type(d.Vh) is np.matrix and type(d.S) is np.ndarray
    assert type(eckart.svd(A.view(np.memmap)).U) is np.ndarray
    assert type(d.reconstruct()) is np.matrix
    np.testing.assert_allclose(d.reconstruct(), A, atol=1e-14)

    class Plain(np.ndarray):
        pass

    class Units(np.ndarray):
        def __array_function__(self, func, types, args, kwargs):
            return NotImplemented

    for a in (np.matrix(A), A.view(Plain), np.ma.masked_array(A), A.view(np.memmap)):
        ours, theirs = eckart.linalg, np.linalg
        assert [type(x) for x in ours.svd(a)] == [type(x) for x in theirs.svd(a)]
        assert type(ours.pinv(a)) is type(theirs.pinv(a)) and type(ours.svdvals(a)) is type(theirs.svdvals(a))
        pairs = zip(ours.lstsq(a, a), theirs.lstsq(a, a))
        assert all(type(x) is type(y) and x.shape == y.shape for x, y in pairs)
    assert type(eckart.svd(A.view(Units)).U) is np.ndarray  # what the factors' units are, only the class knows


MASKED = np.ma.masked_greater(A, 1)
LINE = np.ma.masked_greater(np.arange(float(A.shape[1])), 0)


@pytest.mark.parametrize("call", [
    pytest.param(lambda: eckart.svd(MASKED), id="svd"),
    pytest.param(lambda: eckart.linalg.pinv(MASKED), id="linalg"),
    pytest.param(lambda: eckart.lstsq(A, MASKED), id="lstsq"),
    pytest.param(lambda: eckart.svds(MASKED, k=2), id="svds"),
    pytest.param(lambda: eckart.truncated_svd(MASKED, 2), id="truncated_svd"),
    pytest.param(lambda: operators.operator(A) @ LINE, id="product"),
    pytest.param(lambda: MASKED.T @ operators.operator(A), id="product from the left"),
    pytest.param(lambda: operators.from_functions(A.shape, lambda x: np.ma.masked_greater(A @ x, 1), lambda x: A.T @ x) @ np.ones(A.shape[1]), id="function"),
    pytest.param(lambda: operators.centred(A, LINE), id="means"),
    pytest.param(lambda: operators.toeplitz(LINE), id="toeplitz"),
    pytest.param(lambda: operators.circulant(LINE), id="circulant"),
    pytest.param(lambda: operators.hankel(LINE), id="hankel"),
    pytest.param(lambda: eckart.FrequentDirections(A.shape[1]).append(MASKED), id="FrequentDirections"),
    pytest.param(lambda: eckart.IncrementalSvd(*A.shape, rank=2).append_columns(MASKED), id="IncrementalSvd"),
    pytest.param(lambda: eckart.SinglePassSketch(*A.shape, rank=2).add_columns(0, MASKED), id="SinglePassSketch"),
    pytest.param(lambda: eckart.PCA(2).fit(MASKED), id="PCA"),
    pytest.param(lambda: eckart.PCA(2).fit(A).transform(MASKED), id="transform"),
    pytest.param(lambda: eckart.TruncatedSVD(2).fit_transform(MASKED), id="TruncatedSVD"),
    pytest.param(lambda: eckart.IncrementalPCA(2).partial_fit(MASKED), id="IncrementalPCA"),
    pytest.param(lambda: eckart.IncrementalPCA(2).partial_fit(MASKED, check_input=False), id="unchecked"),
])
def test_masked_entries_are_refused(call):
    with pytest.raises(eckart.ArgumentError, match="masked"):
        call()


def test_a_mask_that_hides_nothing_is_none():
    assert eckart.PCA(2).fit(np.ma.masked_array(A)).components_.shape == (2, A.shape[1])
    assert np.allclose(operators.operator(np.ma.masked_array(A)).toarray(), A)


def test_frames():
    pandas = pytest.importorskip("pandas")
    d = eckart.svd(pandas.DataFrame(A, columns=["x", "y"]))
    check(A, *d)
    assert type(d.U) is np.ndarray


def test_memory_map(tmp_path):
    np.save(tmp_path / "a.npy", A)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    x, _ = eckart._interchange.array(mapped)
    assert np.shares_memory(x, mapped)
    check(A, *eckart.svd(mapped))


def test_sparse_matrices_are_not_made_dense():
    sparse = pytest.importorskip("scipy.sparse")
    for make in (sparse.csr_array, sparse.coo_matrix):
        with pytest.raises(TypeError, match="sparse"):
            eckart.svd(make(A))


def test_torch():
    torch = pytest.importorskip("torch")
    t = torch.tensor(A)
    d = eckart.svd(t)
    assert isinstance(d.U, torch.Tensor)
    check(A, d.U.numpy(), d.S.numpy(), d.Vh.numpy())
    assert eckart.svd(t.bfloat16()).U.dtype == torch.float32


def test_jax():
    jax = pytest.importorskip("jax")
    d = eckart.svd(jax.numpy.asarray(A))
    assert isinstance(d.U, jax.Array)


def test_references_are_returned():
    a = np.ones((3, 2))
    before = sys.getrefcount(a)
    for _ in range(100):
        eckart.svd(a)
    with pytest.raises(eckart.NonFiniteError):
        eckart.svd(a * np.nan)
    assert sys.getrefcount(a) == before
