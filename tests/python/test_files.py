"""Operators of files: in passes, within a memory, cut short, without a header, sparse."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

import eckart
from checks import PATIENCE
from eckart import operators

rng = np.random.default_rng(8)
A = rng.standard_normal((70, 50))
C = (A + 1j * rng.standard_normal((70, 50))).astype(np.complex64)
BLOCK = 4000  # bytes: some lines of A


def is_like(op, a, rtol=1e-12):
    assert op.shape == a.shape
    assert np.allclose(op.toarray(), a, rtol=rtol, atol=rtol) and np.allclose(op.H.toarray(), a.conj().T, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i2", ">u4", "?", "<c8", ">c16", np.float16])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("memory", [None, BLOCK])
def test_npy(tmp_path, dtype, order, memory):
    whole = rng.integers(-9, 9, (70, 50)) + (1j if np.dtype(dtype).kind == "c" else 0)
    a = np.asarray(whole, order=order).astype(dtype)
    np.save(tmp_path / "a.npy", a)
    op = operators.operator(tmp_path / "a.npy", memory=memory)
    assert op.description.startswith("file") == (memory is not None)
    assert op.dtype == operators.operator(a).dtype
    is_like(op, a.astype(complex))
    assert np.allclose(eckart.svds(op, k=3).S, eckart.svds(a, k=3).S, rtol=1e-5 if op.dtype.char in "fF" else 1e-12)
    is_like(operators.operator(str(tmp_path / "a.npy"), dtype=complex, memory=memory), a.astype(complex))


def test_a_wider_file_is_not_rounded_in_silence(tmp_path):
    np.save(tmp_path / "a.npy", A)
    with pytest.raises(eckart.ArgumentError, match="float64, which float32 does not hold"):
        eckart.svds(operators.operator(tmp_path / "a.npy", dtype=np.float32, memory=BLOCK), k=2)
    is_like(operators.operator(tmp_path / "a.npy", dtype=np.float32), A, 1e-5)


def test_a_file_of_more_than_a_quarter_of_the_machine_is_read_in_passes(tmp_path, monkeypatch):
    a = rng.standard_normal((3000, 50))
    np.save(tmp_path / "a.npy", a)
    monkeypatch.setattr("eckart._files.default_memory", lambda: a.nbytes)
    assert operators.operator(tmp_path / "a.npy").description == "dense"
    monkeypatch.setattr("eckart._files.default_memory", lambda: a.nbytes - 1)
    assert operators.operator(tmp_path / "a.npy").description.startswith("file")
    assert eckart.svds(tmp_path / "a.npy", k=2, max_memory=4 * a.nbytes).report.operator == "dense"
    assert eckart.svds(tmp_path / "a.npy", k=2, max_memory=2 * a.nbytes).report.operator.startswith("file")


def test_two_lines_have_to_fit(tmp_path):
    np.save(tmp_path / "a.npy", A)
    with pytest.raises(eckart.OutOfMemoryError, match="two blocks of one row"):
        eckart.svds(tmp_path / "a.npy", k=2, max_memory=1000)
    with pytest.raises(eckart.ArgumentError, match="max_memory"):
        eckart.svds(tmp_path / "a.npy", k=2, max_memory=-1)


def test_a_file_cut_short_meanwhile_is_an_error_and_no_signal(tmp_path):
    np.save(tmp_path / "a.npy", A)
    op = operators.operator(tmp_path / "a.npy", memory=BLOCK)
    assert np.allclose(op @ np.eye(50), A)
    os.truncate(tmp_path / "a.npy", 10000)
    with pytest.raises(eckart.FormatError, match="a.npy"):
        op @ np.ones(50)
    with pytest.raises(eckart.FormatError, match="a.npy"):
        eckart.truncated_svd(op, 2)
    for memory in (None, BLOCK):
        with pytest.raises(eckart.FormatError, match="a.npy"):
            operators.operator(tmp_path / "a.npy", memory=memory) @ np.ones(50)


def test_nan_in_a_file_is_named(tmp_path):
    a = A.copy()
    a[60, 7] = np.nan
    np.save(tmp_path / "a.npy", a)
    with pytest.raises(eckart.NonFiniteError, match="row 61, column 8"):
        eckart.svds(tmp_path / "a.npy", k=2, max_memory=40000)


def test_raw(tmp_path):
    path = tmp_path / "a.raw"
    path.write_bytes(b"header" + np.asarray(C, ">c8").tobytes("F"))
    is_like(operators.raw_file(path, C.shape, ">c8", order="F", offset=6, memory=BLOCK), C, 1e-6)
    with pytest.raises(eckart.FormatError, match="the file ends inside the entries"):
        operators.raw_file(path, (71, 50), ">c8", order="F", offset=6)
    with pytest.raises(eckart.ArgumentError, match="order"):
        operators.raw_file(path, (7, 5), ">c8", order="A")
    with pytest.raises(TypeError, match="longdouble|float128"):
        operators.raw_file(path, (7, 5), np.longdouble)
    with pytest.raises(eckart.FileError):
        operators.raw_file(tmp_path / "none", (7, 5), float)


def test_what_is_no_matrix(tmp_path):
    with pytest.raises(eckart.FileError, match="none.npy"):
        operators.operator(tmp_path / "none.npy")
    for bad in (b"", b"no", b"\x93NUMPY\x01\x00v\x00{'descr'", gzip.compress(b"x")):
        for name in ("bad.npy", "bad.npz", "bad.mtx", "bad.mtx.gz"):
            (tmp_path / name).write_bytes(bad)
            with pytest.raises(eckart.FormatError, match=name):
                operators.operator(tmp_path / name)
    (tmp_path / "a.txt").write_text("1 2\n")
    with pytest.raises(eckart.FormatError, match="Matrix Market"):
        operators.operator(tmp_path / "a.txt")
    np.save(tmp_path / "line.npy", A[0])
    with pytest.raises(eckart.ArgumentError, match=r"\(50,\)"):
        operators.operator(tmp_path / "line.npy")
    np.save(tmp_path / "object.npy", np.array([[None]]), allow_pickle=True)
    with pytest.raises((TypeError, eckart.FormatError), match="object"):
        operators.operator(tmp_path / "object.npy")
    np.savez(tmp_path / "dense.npz", a=A)
    with pytest.raises(eckart.FormatError, match="save_npz"):
        operators.operator(tmp_path / "dense.npz")


MATRIX_MARKET = """%%MatrixMarket matrix coordinate real symmetric
% the other triangle is implied
3 3 4
1 1 2.5
2 1 -1
3 3 4
3 3 1
"""


def test_matrix_market_without_scipy(tmp_path):
    expected = np.array([[2.5, -1, 0], [-1, 0, 0], [0, 0, 5]])
    (tmp_path / "a.mtx").write_text(MATRIX_MARKET)
    (tmp_path / "a.mtx.gz").write_bytes(gzip.compress(MATRIX_MARKET.encode()))
    (tmp_path / "z.mtx").write_text("%%MatrixMarket matrix array complex general\n2 1\n1 2\n3 -4\n")
    code = f"""
import sys, numpy as np
from eckart import operators
for name in ("a.mtx", "a.mtx.gz"):
    assert operators.operator(name).toarray().tolist() == {expected.tolist()}
assert operators.operator("z.mtx").toarray().tolist() == [[1 + 2j], [3 - 4j]]
assert not any(m.startswith("scipy") for m in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    (tmp_path / "bad.mtx.gz").write_bytes(gzip.compress(MATRIX_MARKET.replace("3 3 1", "9 3 1").encode()))
    with pytest.raises(eckart.FormatError, match="bad.mtx.gz: line 7"):
        operators.operator(tmp_path / "bad.mtx.gz")


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
@pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.int16])
def test_npz_of_scipy(tmp_path, kind, dtype):
    sparse = pytest.importorskip("scipy.sparse")
    dense = np.where(A > 1, 9 * A, 0).astype(dtype)
    for make in (sparse.coo_array, sparse.coo_matrix):
        sparse.save_npz(tmp_path / "a.npz", make(dense).asformat(kind))
        is_like(operators.operator(tmp_path / "a.npz"), dense, 1e-5)
    sparse.save_npz(tmp_path / "b.npz", sparse.bsr_array(dense))
    with pytest.raises(eckart.FormatError, match="bsr"):
        operators.operator(tmp_path / "b.npz")


def test_the_smallest_values_of_a_file(tmp_path):
    np.save(tmp_path / "a.npy", A)
    expected = np.linalg.svd(A, compute_uv=False)[-3:]
    for memory in (None, BLOCK):
        op = operators.operator(tmp_path / "a.npy", memory=memory)
        assert np.allclose(eckart.svds(op, k=3, which="SM").S, expected, rtol=1e-10)


LITTLE_MEMORY = """
import resource, sys
import numpy as np, eckart
eckart.svds(np.eye(40), k=3, threads=1)
used = 1024 * int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmData")))
resource.setrlimit(resource.RLIMIT_DATA, (used + (80 << 20), resource.RLIM_INFINITY))
d = eckart.svds(sys.argv[1], k=5, max_memory=30 << 20, threads=1)
print(*d.S)
try:
    np.ones(90 << 17)
except MemoryError:
    print("held")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA")
@pytest.mark.skipif(PATIENCE > 1, reason="sanitizers take memory of their own")
def test_a_file_larger_than_the_memory_there_is(tmp_path):
    a = rng.standard_normal((3200, 4000))  # 102 MB, and 80 MB beside what Python has anyway: blocks, vectors, stacks of threads, 32 MB of the BLAS
    a[0] += 100
    np.save(tmp_path / "a.npy", a)
    done = subprocess.run([sys.executable, "-c", LITTLE_MEMORY, str(tmp_path / "a.npy")], capture_output=True, text=True, check=False)
    (tmp_path / "a.npy").unlink()
    assert done.returncode == 0, done.stderr
    *values, held = done.stdout.split()
    assert held == "held" and np.allclose(np.array(values, float), eckart.svds(a, k=5).S, rtol=1e-10)
