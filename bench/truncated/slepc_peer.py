#!/usr/bin/env python3
"""SLEPc's SVD behind the requests of eckart_truncated_bench (truncated_bench.cpp has their form).

    slepc_peer.py A.npy|A.npz

Runs under the interpreter that slepc4py was packaged for, with NumPy alone. Method: thick-restart Lanczos (trlanczos), SLEPc's own
choice for the largest values of a large matrix; tolerance 1e-8 unless asked otherwise, its default. Threads are those of its BLAS.
"""

import glob
import json
import sys
import time

# Debian keeps the modules outside the path of its own interpreter.
for package in ("petsc", "slepc"):
    sys.path += sorted(glob.glob(f"/usr/lib/{package}dir/*/*-real/lib/python3/dist-packages"))

import numpy as np
from petsc4py import PETSc
from slepc4py import SLEPc


def matrix(path):
    if path.endswith(".npy"):
        a = np.load(path)
        return PETSc.Mat().createDense(a.shape, array=np.asfortranarray(a).ravel(order="K"))
    with np.load(path) as f:  # as scipy.sparse.save_npz has it, in CSR
        return PETSc.Mat().createAIJ(tuple(f["shape"]), csr=(f["indptr"].astype(np.int32), f["indices"].astype(np.int32), f["data"]))


def main():
    a = matrix(sys.argv[1])
    a.assemble()
    for line in sys.stdin:
        k, tolerance, _, values = line.split()
        start = time.perf_counter()
        svd = SLEPc.SVD().create()
        svd.setOperator(a)
        svd.setType(SLEPc.SVD.Type.TRLANCZOS)
        svd.setDimensions(int(k))
        if float(tolerance) > 0:
            svd.setTolerances(tol=float(tolerance))
        svd.solve()
        count = svd.getConverged()
        u, v = a.createVecs("left"), a.createVecs("right")
        found = [svd.getSingularTriplet(i, u, v) for i in range(min(count, int(k)))]
        seconds = time.perf_counter() - start
        np.save(values, np.array(found))
        print(json.dumps({"seconds": seconds, "converged": count >= int(k)}), flush=True)


if __name__ == "__main__":
    main()
