"""How calls run: Ctrl-C, progress, many threads, fork, import."""

import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import eckart
from checks import PATIENCE

LARGE = np.random.default_rng(0).standard_normal((1500, 1500))  # seconds
IMPORTED = eckart.PCA, eckart.svds, eckart.linalg  # before anything is interrupted: half of an import would stay
MANY = np.broadcast_to(LARGE[:500, :1], (500, 200_000))  # right-hand sides


@pytest.mark.parametrize("call", [
    pytest.param(lambda: eckart.svd(LARGE), id="svd"),
    pytest.param(lambda: eckart.svdvals(LARGE), id="svdvals"),
    pytest.param(lambda: eckart.svd(LARGE, driver="jacobi"), id="jacobi"),
    pytest.param(lambda: eckart.svd(LARGE, driver="lapack"), id="lapack"),
    pytest.param(lambda: eckart.svd(np.ascontiguousarray(LARGE.reshape(-1, 30, 30))), id="stack"),
    pytest.param(lambda: eckart.pinv(LARGE), id="pinv"),
    pytest.param(lambda: eckart.linalg.null_space(LARGE), id="null_space"),
    pytest.param(lambda: eckart.lstsq(LARGE[:500, :400], MANY), id="lstsq"),
    pytest.param(lambda: eckart.linalg.lstsq(LARGE[:500, :8], MANY), id="lstsq of a small matrix"),
    pytest.param(lambda: eckart.svd(LARGE.reshape(-1, 150), full_matrices=True), id="full"),
    pytest.param(lambda: eckart.polar(LARGE), id="polar"),
    pytest.param(lambda: eckart.procrustes(LARGE, LARGE[::-1]), id="procrustes"),
    pytest.param(lambda: eckart.svds(LARGE, k=400), id="svds"),
    pytest.param(lambda: eckart.PCA(400, svd_solver="arpack").fit(LARGE), id="PCA"),
    pytest.param(lambda: eckart.IncrementalPCA(150, batch_size=300).fit(LARGE.reshape(-1, 300)), id="IncrementalPCA"),
])
@pytest.mark.parametrize("after", [0.1, 0.6])
def test_interrupt_within_a_second(call, after):
    sent = []

    def send():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    try:
        call()
    except KeyboardInterrupt:
        assert time.monotonic() - sent[0] < PATIENCE
    else:
        with pytest.raises(KeyboardInterrupt):  # it was over before
            time.sleep(5)
    timer.join()
    assert eckart.svd(np.eye(3)).S.tolist() == [1, 1, 1]


def test_progress():
    told = []
    eckart.svd(LARGE[:400, :400], progress=lambda stage, fraction: told.append((stage, fraction, threading.get_ident())))
    assert len({stage for stage, _, _ in told}) > 1
    assert all(0 <= fraction <= 1 for _, fraction, _ in told)
    assert {thread for _, _, thread in told} == {threading.get_ident()}


def test_an_exception_of_progress_stops_the_work():
    def refuse(stage, fraction):
        raise ZeroDivisionError(stage)

    start = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        eckart.svd(LARGE, progress=refuse)
    assert time.monotonic() - start < 1.5


def test_calls_from_many_threads():
    rng = np.random.default_rng(1)
    matrices = [rng.standard_normal(shape) for shape in [(90, 60), (4, 4), (30, 200), (64, 64)] * 6]
    expected = [eckart.svd(a) for a in matrices]
    wrong = []

    def work(offset):
        for i in range(len(matrices)):
            j = (i + offset) % len(matrices)
            d = eckart.svd(matrices[j], threads=1 + j % 2)
            if not all(np.array_equal(x, y) for x, y in zip(d, expected[j])):
                wrong.append(j)

    threads = [threading.Thread(target=work, args=(3 * t,)) for t in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_the_lock_is_released():
    counted = [0]
    over = threading.Event()

    def count():
        while not over.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        eckart.svd(LARGE[:700, :700], threads=1)
        during = counted[0]
    finally:
        over.set()
        thread.join()
    assert during > 20


def test_fork():
    a = LARGE[:300, :300]
    expected = eckart.svd(a)  # threads have run before the fork
    for _ in range(3):
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            try:
                d = eckart.svd(a)
                os._exit(0 if np.array_equal(d.S, expected.S) and np.array_equal(d.U, expected.U) else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert np.array_equal(eckart.svd(a).U, expected.U)


def test_fork_while_another_thread_computes():
    thread = threading.Thread(target=lambda: eckart.svd(LARGE[:600, :600]))
    thread.start()
    time.sleep(0.05)
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        try:
            os._exit(0 if eckart.svd(np.eye(200)).S[0] == 1 else 1)
        finally:
            os._exit(2)
    status = os.waitpid(child, 0)[1]
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 0


def test_functions_for_the_end_compute():
    """The end stops daemon threads; what was registered for it before is computed all the same, watched for Ctrl-C and not."""
    code = """
import atexit, threading, time, numpy as np
def last():
    print(eckart.svd(a).S.size, eckart.svd(a[:50, :50]).S.size, eckart.svd(a[:60, :60], progress=lambda *_: None).S.size)
atexit.register(last)
import eckart
a = np.random.default_rng(0).standard_normal((400, 400))
def work():
    while True:
        eckart.svd(a)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["400", "50", "60"]), done.stderr


@pytest.mark.parametrize("call", ["eckart.svd(a)", "eckart.svd(a[:50, :50])", "eckart.svd(a[:50, :50], progress=tell)",
                                  "eckart.truncated_svd(slow, 3)"])
def test_daemon_threads_at_the_end_of_the_program(call):
    """Python ends them where they want its lock again, by unwinding: C++ answered with abort()."""
    code = f"""
import threading, time, numpy as np, eckart
a = np.random.default_rng(0).standard_normal((400, 400))
def tell(*_):
    for _ in range(1000):
        time.sleep(0)
def product(a, x):
    tell()
    return a @ x
slow = eckart.operators.from_functions(a.shape, lambda x: product(a, x), lambda x: product(a.T, x))
def work():
    while True:
        {call}
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
"""
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_daemon_threads_hold_at_the_end_is_no_leak():
    """nanobind reported "leaked 1 instances!" of a stream that such a thread was still using."""
    code = """
import threading, time, eckart
def work():
    stream = eckart.IncrementalSvd(10, 5, rank=3)
    time.sleep(60)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_processes_give_results_and_errors_back():
    context = multiprocessing.get_context("fork")
    matrices = [LARGE[:30 + i, :20] for i in range(4)]
    with context.Pool(2) as pool:
        for a, d in zip(matrices, pool.map(eckart.svd, matrices)):
            assert np.array_equal(d.U, eckart.svd(a).U) and d.report.audit.passed
        with pytest.raises(eckart.NonFiniteError) as caught:
            pool.apply(eckart.svd, (np.full((3, 2, 2), np.nan),))
        assert (caught.value.row, caught.value.matrix) == (0, (0,))


def test_version_is_the_projects():
    project = pathlib.Path(__file__).parents[2].joinpath("CMakeLists.txt").read_text(encoding="utf-8")
    assert re.search(r"project\(eckart VERSION ([0-9.]+)", project)[1] == eckart.__version__


def test_import_costs_little_and_needs_numpy_alone():
    code = ("import sys, time, numpy; before = set(sys.modules); start = time.perf_counter(); import eckart; "
            "print(time.perf_counter() - start); "
            "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))")
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n") for _ in range(3)]
    assert min(float(r[0]) for r in runs) < 0.5  # docs/python.md has it on a quiet machine
    loaded = set(runs[0][1].split()) - set(sys.stdlib_module_names)
    assert loaded <= {"eckart"}
