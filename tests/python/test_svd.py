"""eckart.svd against its definition: types, shapes, strides, orders and stacks; its options; its result."""

import copy
import pickle
import xml.dom.minidom

import numpy as np
import pytest
from checks import check
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import eckart

TYPES = [np.float32, np.float64, np.complex64, np.complex128]


def random(shape, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal(shape)
    if np.issubdtype(dtype, np.complexfloating):
        a = a + 1j * rng.standard_normal(shape)
    return a.astype(dtype)


@st.composite
def arrays(draw):
    """Any of the four types, any small shape with up to two leading dimensions, through slices, transposes and reversals."""
    dtype = draw(st.sampled_from(TYPES))
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=2))) + tuple(draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    steps = [draw(st.sampled_from([1, 2, -1, -3])) for _ in shape]
    base = tuple(n * abs(step) for n, step in zip(shape, steps))
    kind = draw(st.sampled_from(["normal", "integers", "few", "extreme"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    a = {"normal": lambda: rng.standard_normal(base),
         "integers": lambda: rng.integers(-3, 4, base),
         "few": lambda: rng.choice([0.0, 1.0], base),
         "extreme": lambda: 10.0 ** rng.uniform(-18, 18, base)}[kind]()
    if np.issubdtype(dtype, np.complexfloating):
        a = a * np.exp(2j * np.pi * rng.random(base))
    a = np.asarray(a, dtype, order=draw(st.sampled_from("CF")))
    a = a[tuple(slice(None, None, step) for step in steps)]
    if draw(st.booleans()):
        a = a.swapaxes(-1, -2)
    return a


@settings(max_examples=300, deadline=None)
@given(arrays(), st.booleans())
def test_any_array(a, full):
    before = a.copy()
    u, s, vh = eckart.svd(a, full_matrices=full)
    m, n = a.shape[-2:]
    k = min(m, n)
    assert u.shape == (*a.shape[:-2], m, m if full else k) and vh.shape == (*a.shape[:-2], n if full else k, n)
    assert u.dtype == a.dtype
    check(a, u, s, vh)
    assert np.array_equal(a, before)
    values = eckart.svdvals(a)
    assert np.abs(values - s).max(initial=0) <= 60 * max(m, n, 1) * np.finfo(s.dtype).eps * s.max(initial=0)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.floats(-1e300, 1e300)))
def test_any_numbers(a):
    check(a, *eckart.svd(a))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (1000, 20), (64, 64)])
def test_larger_matrices(dtype, shape):
    a = random(shape, dtype)
    check(a, *eckart.svd(a))
    check(a, *eckart.svd(a, full_matrices=True))


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 0, 3, 3), (2, 3, 5, 2), (4, 0, 3), (4, 3, 0), (500, 4, 4)])
def test_a_stack_is_its_matrices(shape):
    a = random(shape)
    u, s, vh = d = eckart.svd(a)
    check(a, u, s, vh)
    for i in np.ndindex(*shape[:-2]):
        one = eckart.svd(a[i])
        assert np.array_equal(u[i], one.U) and np.array_equal(s[i], one.S) and np.array_equal(vh[i], one.Vh)
    assert d.report.matrices == int(np.prod(shape[:-2]))


def test_threads_change_nothing():
    for shape in [(400, 300), (100, 12, 12)]:
        a = random(shape)
        one, two = eckart.svd(a, threads=1), eckart.svd(a, threads=2)
        assert all(np.array_equal(x, y) for x, y in zip(one, two))


def test_byte_order_and_alignment():
    a = random((6, 4))
    expected = eckart.svd(a)
    swapped = a.astype(a.dtype.newbyteorder())
    record = np.zeros(6, [("flag", "u1"), ("row", np.float64, 4)])
    record["row"] = a
    for other in (swapped, record["row"], np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(np.float64).reshape(6, 4)):
        assert all(np.array_equal(x, y) for x, y in zip(eckart.svd(other), expected))


@pytest.mark.parametrize("dtype, computed", [("f2", "f4"), ("i1", "f8"), ("u8", "f8"), ("?", "f8"), (">i4", "f8"), (">c8", "c8")])
def test_widening(dtype, computed):
    a = np.array([[1, 0, 1], [1, 1, 0]], dtype)
    d = eckart.svd(a)
    assert d.U.dtype == np.dtype(computed)
    check(a.astype(computed), *d)


def test_types_of_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    a = np.array([[1.5, 0], [0.25, 2]])
    for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn):
        d = eckart.svd(a.astype(dtype))
        assert d.U.dtype == np.float32
        check(a.astype(np.float32), *d)


@pytest.mark.parametrize("a", [np.array([["a", "b"]]), np.array([[object()]]), np.ones((2, 2), np.longdouble), np.ones((2, 2), "M8[s]"),
                               np.zeros((2, 2), [("x", "f8")]), [["1", "2"]]])
def test_unsupported_types(a):
    with pytest.raises(TypeError, match="unsupported in linalg"):
        eckart.svd(a)


def test_rules():
    a = np.diag([4.0, 3.0, 2.0, 1.0])[:, [2, 0, 3, 1]]
    assert eckart.svd(a, k=2).S.tolist() == [4, 3]
    assert eckart.svd(a, k=0).U.shape == (4, 0)
    assert eckart.svd(a, energy=25 / 30).S.size == 2
    assert eckart.svd(a, error=(5 / 30) ** 0.5 + 1e-12).S.size == 2
    assert eckart.svd(a, k=1, energy=0.999).S.size == 1
    d = eckart.svd(a, k=3)
    assert d.values.tolist() == [4, 3, 2, 1]
    assert eckart.low_rank_error(d).frobenius == pytest.approx(1)
    assert np.allclose(d.reconstruct(), d.U * d.S @ d.Vh)
    assert eckart.low_rank(a, 2).truncate(1).S.tolist() == [4]
    many = random((60, 50))
    whole, few = eckart.svd(many), eckart.svd(many, k=7)
    assert np.allclose(few.U, whole.U[:, :7], atol=1e-10) and few.Vh.shape == (7, 50)


@pytest.mark.parametrize("wrong", [dict(k=5), dict(k=-1), dict(energy=1.5), dict(error=-1), dict(k=1, full_matrices=True), dict(driver="magic"),
                                   dict(threads=0), dict(k=1, compute_uv=False)])
def test_arguments_that_make_no_sense(wrong):
    with pytest.raises(np.linalg.LinAlgError):
        eckart.svd(np.eye(4), **wrong)
    with pytest.raises(ValueError):
        eckart.svd(np.eye(4), **wrong)


def test_arguments_of_other_types():
    for wrong in (dict(k=1.5), dict(threads="two"), dict(seed=0.5)):
        with pytest.raises(TypeError):
            eckart.svd(np.eye(2), **wrong)
    assert eckart.svd(np.eye(2), threads=10**30, seed=-(10**30)).S.tolist() == [1, 1]
    with pytest.raises(TypeError, match="whole number"):
        eckart.low_rank_error(eckart.svd(np.eye(2)), 1.5)
    with pytest.raises(eckart.ArgumentError, match="stack"):
        eckart.low_rank_error(eckart.svd(np.ones((2, 2, 2))), 1)


def test_dimensions():
    for a in (1.0, [1.0, 2.0]):
        with pytest.raises(np.linalg.LinAlgError, match="dimensional array given"):
            eckart.svd(a)


def test_non_finite_entries_are_named():
    a = np.ones((4, 3))
    a[2, 1] = np.nan
    with pytest.raises(np.linalg.LinAlgError) as caught:
        eckart.svd(a)
    assert (caught.value.row, caught.value.column, caught.value.matrix) == (2, 1, None)
    stack = np.ones((40, 3, 4, 3))
    stack[17, 2, 3, 0] = -np.inf
    stack[30, 0, 0, 0] = np.nan
    with pytest.raises(eckart.NonFiniteError, match=r"matrix \(17, 2\)") as caught:
        eckart.svd(stack)
    assert (caught.value.row, caught.value.column, caught.value.matrix) == (3, 0, (17, 2))


def test_out():
    a = random((5, 3))
    u, s, vh = np.empty((5, 3), order="F"), np.empty(3), np.empty((3, 3))
    d = eckart.svd(a, out=(u, s, vh))
    assert d.U is u and d.S is s and d.Vh is vh
    check(a, u, s, vh)
    row_major = eckart.svd(a, out=(np.empty((5, 3)), None, np.empty((3, 3), order="F")))
    assert np.array_equal(row_major.U, u) and np.array_equal(row_major.Vh, vh)
    values = np.empty(3)
    assert eckart.svdvals(a, out=values) is values
    for wrong in ((np.empty((5, 5)), s, vh), (u.astype(np.float32), s, vh), (u, s), ([], s, vh)):
        with pytest.raises(eckart.ArgumentError):
            eckart.svd(a, out=wrong)
    frozen = np.empty(3)
    frozen.flags.writeable = False
    with pytest.raises(eckart.ArgumentError, match="read-only"):
        eckart.svdvals(a, out=frozen)


def test_out_that_cannot_be_written_in_place():
    a = random((4, 4))
    packed = np.zeros(4, [("flag", "u1"), ("row", np.float64, 4)])  # rows 33 bytes apart
    u, both = np.empty((4, 4), order="F"), np.empty((4, 4))
    for wrong, why in (((packed["row"], None, None), "multiples"), ((None, np.empty(8)[::2], None), "contiguous"),
                       ((None, np.empty(4)[::-1], None), "contiguous"), ((a, None, None), "U shares memory with the matrix"),
                       ((None, None, a.T), "Vh shares memory with the matrix"), ((both, None, both), "Vh shares memory with U"),
                       ((u, u[:, 1], None), "S shares memory with U"), (iter((None, None, None)), "three arrays"), (u, "three arrays")):
        with pytest.raises(eckart.ArgumentError, match=why):
            eckart.svd(a, out=wrong)
    with pytest.raises(eckart.ArgumentError, match="S shares memory with the matrix"):
        eckart.svdvals(a, out=a[0])
    assert not packed["flag"].any()
    one = np.empty((4, 8))  # side by side in one array is no overlap
    check(a, *eckart.svd(a, out=(one[:, :4], None, one[:, 4:])))


def test_overwrite():
    a = np.asfortranarray(random((40, 30)))
    kept = a.copy()
    d = eckart.svd(a, overwrite=True)
    check(kept, *d)
    assert not np.array_equal(a, kept)
    frozen = kept.copy()
    frozen.flags.writeable = False
    check(kept, *eckart.svd(frozen, overwrite=True))
    integers = np.arange(6).reshape(3, 2)
    eckart.svd(integers, overwrite=True)
    assert integers.tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("driver", ["auto", "divide_and_conquer", "qr_iteration", "jacobi", "lapack"])
def test_drivers(driver):
    a = random((30, 20))
    d = eckart.svd(a, driver=driver, seed=7)
    check(a, *d)
    words = {"qr_iteration": "QR iteration", "jacobi": "one-sided Jacobi", "lapack": "LAPACK"}
    assert d.report.driver == words.get(driver, "divide and conquer")


def test_report():
    d = eckart.svd(random((200, 10)))
    report = d.report
    assert report is d.report
    assert (report.rows, report.cols, report.matrices) == (200, 10, 1)
    assert report.qr_first and report.qr_method in report.path
    assert report.audit.passed and report.audit.residual < 10
    assert report.attempts[-1].failure == ""
    assert report.stages["qr"] > 0


def test_pickle():
    d = eckart.svd(random((5, 3)), k=2)
    other = pickle.loads(pickle.dumps(d))
    assert type(other) is eckart.SVD and other.report == d.report
    assert all(np.array_equal(x, y) for x, y in zip(d, other)) and np.array_equal(d.values, other.values)


def test_errors_are_pickled():
    with pytest.raises(eckart.NonFiniteError) as caught:
        eckart.svd([[np.inf]])
    other = pickle.loads(pickle.dumps(caught.value))
    assert str(other) == str(caught.value) and (other.row, other.column) == (0, 0)


def test_a_tuple_put_together_by_hand():
    d = eckart.svd(random((5, 3)))
    for other in (eckart.SVD(*d), d._replace(S=d.S), pickle.loads(pickle.dumps(eckart.SVD(*d)))):
        assert eckart.rank(other).rank == 3 and other.truncate(2).values.size == 3
        assert "<svg" in other._repr_html_()
        with pytest.raises(AttributeError, match="no report"):
            other.report
    assert np.array_equal(copy.deepcopy(d).Vh, d.Vh) and copy.copy(d).report == d.report


def test_html():
    text = eckart.svd(random((300, 280)))._repr_html_()
    assert text.count("<svg") == 1 and "nan" not in text and len(text) < 20000
    assert "<svg" not in eckart.svd(np.zeros((2, 2)))._repr_html_()
    assert "<svg" not in eckart.svd(np.ones((2, 2, 2)))._repr_html_()
    xml.dom.minidom.parseString(eckart.svd(np.eye(3))._repr_html_().replace("<br>", "<br/>"))


def test_html_of_leading_triplets_and_reports():
    a = random((60, 40))
    top = eckart.svds(a, k=5)
    for shown in (top, eckart.svds(a, k=5, return_singular_vectors="u"), top.truncate(2), top.report, eckart.svd(a).report, eckart.rank(a)):
        xml.dom.minidom.parseString(shown._repr_html_().replace("<br>", "<br/>"))
    assert "Vh (5, 40) of a 60 x 40 matrix" in top._repr_html_() and "residuals" in top._repr_html_()
    assert "audit: orthogonality u" in eckart.svd(a).report._repr_html_()
    assert "block Lanczos" in top.report._repr_html_() or "dense" in top.report._repr_html_()
    assert "<svg" not in eckart.truncated_svd(np.zeros((9, 7)), 2)._repr_html_()


def test_plot():
    pytest.importorskip("matplotlib").use("agg")
    axes = eckart.svd(random((9, 5))).plot()
    assert axes.get_ylabel() == "singular value" and axes.get_legend() is None
    values, energy = axes.lines[0], axes.get_figure().axes[1].lines[0]
    assert len(values.get_xdata()) == 5 and energy.get_ydata()[-1] == 1
    assert all(float(x).is_integer() for x in axes.get_xticks())
    other = axes.get_figure().add_subplot()
    assert eckart.svd(random((9, 5)), k=2).plot(other) is other
    assert other.get_legend().get_texts()[-1].get_text() == "k = 2"
    for empty in (np.zeros((3, 3)), np.empty((0, 3))):
        eckart.svd(empty).plot()
    with pytest.raises(eckart.ArgumentError, match="stack"):
        eckart.svd(np.ones((2, 3, 3))).plot()
