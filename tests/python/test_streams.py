"""eckart.FrequentDirections, eckart.IncrementalSvd and eckart.SinglePassSketch: bounds, states, errors."""

import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest

import eckart
from checks import PATIENCE

rng = np.random.default_rng(17)
A = rng.standard_normal((700, 30)) * 10.0 ** (-np.arange(30) / 15)
C = A + 1j * rng.standard_normal((700, 30))


@pytest.mark.parametrize("a", [A, A.astype(np.float32), C, C.astype(np.complex64)], ids=lambda a: str(a.dtype))
@pytest.mark.parametrize("sketch_rows", [8, None])
def test_directions_hold_their_bounds(a, sketch_rows):
    stream = eckart.FrequentDirections(30, sketch_rows, dtype=a.dtype)
    for part in np.array_split(a, 13):
        stream.append(part)
    top = stream.result(5)
    s = np.linalg.svd(a.astype(np.complex128), compute_uv=False)[:5]
    assert stream.shape == (700, 30) and top.rows == 700
    assert (top.at_least <= s).all() and (s <= top.at_most).all()
    assert top.Vh.dtype == a.dtype and top.Vh.shape == (5, 30)
    wide = a.astype(np.complex128)
    v = top.Vh.astype(np.complex128)
    left = wide - wide @ v.conj().T @ v
    assert np.linalg.norm(left, 2) <= top.spectral_at_most * (1 + 1e-5)
    assert np.linalg.norm(left) <= top.left_out_at_most * (1 + 1e-5)
    assert np.linalg.norm(stream.sketch) <= np.linalg.norm(wide) * (1 + 1e-9)


def test_how_rows_are_cut_makes_no_difference():
    one, many = eckart.FrequentDirections(30, 6), eckart.FrequentDirections(30, 6)
    one.append(A)
    for row in A:
        many.append(row)
    assert (one.result().Vh == many.result().Vh).all()


def test_merge():
    one, other = eckart.FrequentDirections(30, 10), eckart.FrequentDirections(30, 10)
    one.append(A[:300])
    other.append(A[300:])
    one.merge(other)
    top = one.result(3)
    s = np.linalg.svd(A, compute_uv=False)[:3]
    assert one.shape[0] == 700 and (top.at_least <= s).all() and (s <= top.at_most).all()
    with pytest.raises(eckart.ArgumentError):
        one.merge(one)
    with pytest.raises(eckart.ArgumentError):
        one.merge(eckart.FrequentDirections(29, 10))
    with pytest.raises(eckart.ArgumentError):
        one.merge(eckart.FrequentDirections(30, 10, dtype=np.float32))


@pytest.mark.parametrize("make", [lambda: eckart.FrequentDirections(30, 6), lambda: eckart.IncrementalSvd(0, 30, rank=6, keep_u=False),
                                  lambda: eckart.SinglePassSketch(0, 30, rank=3, seed=5)])
def test_a_stream_goes_on_from_its_state(make, tmp_path):
    def append(stream, rows):
        (stream.append if hasattr(stream, "append") else stream.append_rows)(rows)

    straight = make()
    append(straight, A)
    stopped = make()
    append(stopped, A[:333])
    stopped.save(tmp_path / "state.npz")
    for again in (pickle.loads(pickle.dumps(stopped)), type(stopped).load(tmp_path / "state.npz")):
        append(again, A[333:])
        assert (again.result(4).Vh == straight.result(4).Vh).all() and (again.result(4).S == straight.result(4).S).all()
    (tmp_path / "bad.npz").write_bytes((tmp_path / "state.npz").read_bytes()[:200])
    with pytest.raises(eckart.FormatError, match="bad.npz"):
        type(stopped).load(tmp_path / "bad.npz")
    with pytest.raises(eckart.ArgumentError):
        stopped.save(tmp_path / "state.txt")


def test_a_matrix_that_changes():
    a = A[:40].copy()
    stream = eckart.IncrementalSvd.of(a)
    c, r, x, y = (rng.standard_normal(shape) for shape in ((40, 3), (2, 33), (42, 2), (33, 2)))
    stream.append_columns(c)
    stream.append_rows(r)
    stream.change(x, y)
    a = np.vstack([np.hstack([a, c]), r]) + x @ y.T
    stream.replace_row(5, np.arange(33.0))
    stream.replace_column(7, np.ones(42))
    a[5], a[:, 7] = np.arange(33.0), 1
    stream.forget(0.5)
    stream.remove_rows([0, 9])
    stream.remove_columns([2])
    a = np.delete(np.delete(0.5 * a, [0, 9], axis=0), [2], axis=1)
    d = stream.result()
    assert stream.shape == a.shape == (40, 32)
    assert np.allclose((d.U * d.S) @ d.Vh, a, atol=1e-10)
    assert d.left_out_at_most < 1e-8


def test_truncation_is_counted():
    stream = eckart.IncrementalSvd(0, 30, rank=5)
    for part in np.array_split(A, 9):
        stream.append_rows(part)
    d = stream.result()
    assert d.U.shape == (700, 5)
    assert np.linalg.norm(A - (d.U * d.S) @ d.Vh) <= d.left_out_at_most
    s = np.linalg.svd(A, compute_uv=False)[:5]
    assert (d.at_least <= s).all() and (s <= d.at_most).all()
    without = eckart.IncrementalSvd(0, 30, rank=5, keep_u=False)
    without.append_rows(A)
    assert without.result().U is None


def test_errors():
    stream = eckart.FrequentDirections(4)
    for bad in (np.ones((2, 5)), np.ones((2, 2, 2)), np.ones((5, 4)) * 1j):
        with pytest.raises((eckart.ArgumentError, TypeError)):
            stream.append(bad)
    stream.append(np.ones((3, 4)))
    with pytest.raises(eckart.NonFiniteError) as caught:
        stream.append([[1, 2, 3, 4], [1, np.nan, 3, 4]])
    assert caught.value.row == 4 and stream.shape == (3, 4)
    with pytest.raises(eckart.ArgumentError):
        eckart.FrequentDirections(0)
    with pytest.raises(eckart.ArgumentError):
        eckart.IncrementalSvd(0, 3).forget(2.0)
    with pytest.raises(eckart.ArgumentError):
        eckart.IncrementalSvd(0, 3, keep_u=False).append_columns(np.ones((0, 1)))
    for bad in (lambda: eckart.IncrementalSvd(3, 3).remove_rows([0.7]), lambda: eckart.SinglePassSketch(3.5, 3), lambda: eckart.SinglePassSketch(3, 3, seed="x")):
        with pytest.raises(TypeError, match="whole number"):
            bad()


def test_many_threads_may_share_a_stream():
    stream = eckart.FrequentDirections(30, 8)
    threads = [threading.Thread(target=lambda: [stream.append(A[i:i + 7]) for i in range(0, 700, 7)]) for _ in range(4)]
    threads += [threading.Thread(target=lambda: [(pickle.dumps(stream), stream.sketch, stream.result(2)) for _ in range(20)])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stream.shape == (2800, 30)
    s = 2 * np.linalg.svd(A, compute_uv=False)[:3]
    top = stream.result(3)
    assert (top.at_least <= s).all() and (s <= top.at_most).all()


@pytest.mark.parametrize("a", [A, A.astype(np.float32), C, C.astype(np.complex64)], ids=lambda a: str(a.dtype))
def test_a_matrix_that_is_seen_once(a):
    sketch = eckart.SinglePassSketch(600, 30, rank=4, dtype=a.dtype)
    sketch.add_rows(0, a[:500])
    sketch.add_columns(0, np.vstack([np.zeros((500, 30)), a[500:600]]).astype(a.dtype))
    sketch.append_rows(a[600:])
    i, j = np.array([3, 3, 640]), np.array([0, 29, 7])
    sketch.add_entries(i, j, [2.0, -1.0, 0.5])
    x, y = rng.standard_normal((700, 2)), rng.standard_normal((30, 2))
    sketch.change(x, y)
    sketch.scale(0.5)
    wide = a.astype(np.complex128)
    wide[i, j] += [2.0, -1.0, 0.5]
    wide = 0.5 * (wide + x @ y.T)
    d = sketch.result(4)
    s = np.linalg.svd(wide, compute_uv=False)
    assert sketch.shape == (700, 30) == (d.rows, d.cols) and d.U.shape == (700, 4) and d.U.dtype == a.dtype
    assert (d.at_least <= s[:4]).all() and (s[:4] <= d.at_most).all()
    left = np.linalg.norm(wide - (d.U.astype(np.complex128) * d.S) @ d.Vh)
    assert d.left_out_at_least * (1 - 1e-5) <= left <= d.left_out_at_most * (1 + 1e-5)
    assert d.norm_at_least <= np.linalg.norm(wide) <= d.norm_at_most
    tails = np.sqrt(np.append(np.cumsum(s[::-1] ** 2)[::-1], 0))[:len(d.errors)]
    assert (d.tail_at_least <= tails * (1 + 1e-5)).all() and (tails <= d.tail_at_most * (1 + 1e-5)).all()


def test_sketches_of_one_seed_add_up():
    whole, one, other = (eckart.SinglePassSketch(700, 30, rank=3, seed=9) for _ in range(3))
    whole.add_rows(0, A)
    one.add_rows(0, A[:300])
    other.add_rows(300, A[300:])
    one.merge(other)
    assert np.allclose(one.result(3).S, whole.result(3).S, rtol=1e-12) and one.seed == 9 and one.sizes == whole.sizes
    one.grow(800, 31)
    assert one.shape == (800, 31) and len(one.result().S) == min(31, one.sizes[0])
    for bad in (lambda: one.merge(one), lambda: one.merge(eckart.SinglePassSketch(700, 30, rank=3, seed=8)), lambda: one.add_rows(799, A[:2, :1]),
                lambda: one.add_entries([0], [0, 1], [1.0]), lambda: one.add_entries([900], [0], [1.0]), lambda: one.scale(0.0),
                lambda: one.grow(1, 1), lambda: eckart.SinglePassSketch(3, 3, rank=0)):
        with pytest.raises(eckart.ArgumentError):
            bad()
    with pytest.raises(TypeError):
        one.add_entries([0.5], [0], [1.0])


def test_streams_that_take_in_each_other_at_once():
    one, other = eckart.FrequentDirections(30, 4), eckart.FrequentDirections(30, 4)
    for stream in (one, other):
        stream.append(A[:5])
    threads = [threading.Thread(target=lambda a=a, b=b: [a.merge(b) for _ in range(20)], daemon=True) for a, b in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads) and one.shape[0] >= 5 + 20 * 5


def interrupted(call):
    """Seconds from Ctrl-C to KeyboardInterrupt, and whether the call was over before."""
    sent = []

    def send():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer, over = threading.Timer(0.25, send), False
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call()
        over = True
        time.sleep(10)
    timer.join()
    return time.monotonic() - sent[0], over


LONG = np.random.default_rng(2).standard_normal((6000, 1500))
LONGER = np.tile(LONG, (2, 1))


@pytest.mark.parametrize("make, append", [
    (lambda: eckart.FrequentDirections(1500, 200), lambda stream: stream.append(LONG)),
    (lambda: eckart.IncrementalSvd(0, 1500, rank=200, keep_u=False), lambda stream: stream.append_rows(LONG)),
    (lambda: eckart.SinglePassSketch(0, 1500, rank=50), lambda stream: stream.append_rows(LONGER)),
], ids=["directions", "incremental", "sketch"])
def test_interrupt_within_a_second_and_the_stream_goes_on(make, append):
    stream, straight = make(), make()
    seconds, over = interrupted(lambda: append(stream))
    assert seconds < PATIENCE and not over
    taken = stream.shape[0]
    assert taken < 6000 and (taken == 0 or isinstance(stream, eckart.FrequentDirections))
    rest = A @ np.eye(30, 1500)
    for each, rows in ((straight, LONG[:taken]), (straight, rest), (stream, rest)):
        if len(rows):
            (each.append if hasattr(each, "append") else each.append_rows)(rows)
    assert (stream.result(2).Vh == straight.result(2).Vh).all()


def test_interrupt_of_a_decomposition_and_of_a_wait():
    seconds, over = interrupted(lambda: eckart.IncrementalSvd.of(LONG[:2500]))
    assert seconds < PATIENCE and not over
    stream = eckart.FrequentDirections(1500, 200)
    other = threading.Thread(target=stream.append, args=(LONG[:3000],))
    other.start()
    time.sleep(0.1)
    seconds, over = interrupted(lambda: (stream.shape, stream.sketch, pickle.dumps(stream)))
    other.join()
    assert seconds < PATIENCE and stream.shape == (3000, 1500)
