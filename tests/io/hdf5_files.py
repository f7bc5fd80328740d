"""Made the files of fuzz/corpus/hdf5 once, with h5py 3.16 over HDF5 2.0: hdf5_files.py FOLDER. Tests read them, the fuzzer begins with them.

The tests know the entries: A = [[-5, -4, -3], [-2, -1, 0], [1, 2, 3], [4, 5, 6]], and wide and tall: (7 i + 11 j) mod 23 - 11.
"""

import os
import sys

import h5py
import numpy as np

os.chdir(sys.argv[1])
A = np.arange(12.0).reshape(4, 3) - 5


def file(name, arrays, **more):
    with h5py.File(name + ".h5", "w", **more) as f:
        for path, (data, how) in arrays.items():
            f.create_dataset(path, data=data, track_times=False, **how)


def one(name, data, path="a", libver=None, userblock=0, **how):
    file(name, {path: (data, how)}, libver=libver, userblock_size=userblock)


# Types.
one("f8", A)
one("big_f4", A.astype(">f4"))
one("f2", A.astype("<f2"))
one("i8", A.astype("<i8"))
one("i1", A.astype("i1"))
one("big_u2", (A + 5).astype(">u2"))
one("bool", A > 0)
one("c16", A + 1j * (A + 1))
one("big_c8", (A + 1j * (A + 1)).astype(">c8"))
# Shapes.
one("vector", A[:, 0])
one("scalar", np.float64(2.5))
one("cube", np.zeros((2, 2, 2)))
one("none", h5py.Empty("f8"))
# Storage.
one("chunks", A, chunks=(3, 2))
one("gzip", A, chunks=(2, 2), compression="gzip", shuffle=True, fletcher32=True)
one("version_110", A, chunks=(2, 3), compression="gzip", libver=("earliest", "v110"))
one("latest", A, chunks=(2, 3), compression="gzip", libver="latest")
one("lzf", A, chunks=(2, 2), compression="lzf")
one("scaleoffset", A.astype("i4"), chunks=(2, 2), scaleoffset=4)
one("userblock", A, userblock=512)
one("fill", None, shape=(4, 3), dtype="f8", fillvalue=1.5)
one("external", None, shape=(4, 3), dtype="f8", external=[("elsewhere.bin", 0, 96)])
with h5py.File("compact.h5", "w") as f:
    how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    how.set_layout(h5py.h5d.COMPACT)
    how.set_obj_track_times(False)
    h5py.h5d.create(f.id, b"a", h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((4, 3)), how).write(h5py.h5s.ALL, h5py.h5s.ALL, A)
with h5py.File("virtual.h5", "w") as f:
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f8")
    layout[:] = h5py.VirtualSource("f8.h5", "a", shape=(4, 3))
    f.create_virtual_dataset("a", layout)
# What holds no numbers, and which of several.
one("record", np.zeros(2, dtype=[("x", "f8"), ("y", "i4")]))
one("text", np.array([b"x", b"y"]))
one("group", A, path="deep/er/matrix")
file("two", {"first": (A, {}), "second": (A[:2], {}), "labels": (np.arange(4), {}), "names": (np.array([b"x", b"y"]), {})})
file("labelled", {"matrix": (A, {}), "labels": (np.arange(4), {})})
with h5py.File("links.h5", "w") as f:
    f.create_dataset("a", data=A, track_times=False)
    f["soft"], f["out"], f["loop"] = h5py.SoftLink("/a"), h5py.ExternalLink("f8.h5", "/a"), h5py.SoftLink("/loop")
with h5py.File("deep.h5", "w", libver=("v108", "v108")) as f:
    group = f
    for _ in range(66):
        group = group.create_group("g")
    group.create_dataset("m", data=A, track_times=False)
# Chunks that are wide and that are tall, and do not divide the matrix.
i, j = np.indices((50, 30))
one("wide", ((7 * i + 11 * j) % 23 - 11).astype("i2"), chunks=(7, 16), compression="gzip")
one("tall", ((7 * i + 11 * j) % 23 - 11).astype("f8"), chunks=(50, 4), compression="gzip", shuffle=True)
nan = ((7 * i + 11 * j) % 23 - 11).astype("f8")
nan[41, 17] = np.nan
one("nan", nan, chunks=(50, 4), compression="gzip")
# More than the reader takes at a time, along both sides.
i, j = np.indices((2000, 1500))
one("tiles", ((i // 8 + j // 16) % 2).astype(">i2"), chunks=(1500, 250), compression="gzip", compression_opts=9)
