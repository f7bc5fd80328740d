"""What is raced for: {class: cases}, a case being a label, a task of contestants.py and a function that makes the problem."""

import numpy as np
import problems

KINDS = {"svd": "thin", "svdvals": "values"}


def _case(label, task, problem, **more):
    return {"label": label, "task": task, "problem": problem, **more}


def _size(shape, dtype):
    *stack, m, n = shape
    return f"{m:,} x {n:,}" + (f", {dtype}" if dtype != "float64" else "") + (f", in a stack of {stack[0]:,}" if stack else "")


def _svd(*shapes, dtype="float64", tasks=("svd", "svdvals"), kinds=KINDS):
    def problem(shape):
        def make():
            a, values = problems.dense(shape, dtype)
            return {"a": a, "values": values}
        return make

    return [_case(f"{kinds.get(task, task)}, {_size(shape, dtype)}", task, make, count=int(np.prod(shape[:-2])))
            for shape in shapes for make in [problem(shape)] for task in tasks]


def _solvers(*sizes):
    def problem(m, n):
        def make():
            a, values = problems.dense((m, n))
            return {"a": a, "values": values, "b": np.random.default_rng(1).standard_normal(m)}
        return make

    tasks = ("matrix_rank", "cond", "norm(2)", "norm(nuc)", "pinv", "lstsq")
    return [_case(f"{task}, {m:,} x {n:,}", task, make) for m, n in sizes for make in [problem(m, n)] for task in tasks]


def _leading():
    def dense(k):
        def make():
            a, values = problems.dense((3000, 3000), decay=0.8)
            return {"a": a, "values": values, "k": k}
        return make

    def sparse():
        import eckart

        a = problems.words()
        return {"a": a, "values": eckart.svds(a, k=20, tol=1e-10).S, "k": 20}

    def centred():
        import eckart

        a = problems.words()
        return {"a": a, "values": eckart.truncated_svd(eckart.operators.centred(a), 20, tolerance=1e-10).S, "k": 20}

    tasks = ("svds", "svds propack", "TruncatedSVD", "a few digits")
    return [*(_case(f"{task}, 3,000 x 3,000, k = {k}", task, make) for k in (10, 50) for make in [dense(k)] for task in tasks),
            *(_case(f"{task}, sparse 100,000 x 10,000, k = 20", task, sparse) for task in tasks[:3]),
            _case("PCA, sparse 100,000 x 10,000, k = 20", "PCA sparse", centred)]


def _pca():
    def table(m, n, dtype, decades):
        def make():
            a, values = problems.table(m, n, dtype, decades)
            return {"a": a, "values": values}
        return make

    sizes = ((200_000, 100, "float64", 0), (200_000, 100, "float64", 6), (200_000, 100, "float32", 0), (1_000_000, 100, "float64", 0))
    labels = {0: "equal deviations", 6: "deviations 1 to 1e-6"}
    return [_case(f"{task}, {_size((m, n), dtype)}, {labels[decades]}", task, make)
            for m, n, dtype, decades in sizes for make in [table(m, n, dtype, decades)] for task in ("PCA covariance", "PCA full", "PCA auto")]


ALL = {
    "small": [*_svd((4, 4), (16, 16), tasks=("linalg.svd", "linalg.svdvals"), kinds={}),
              *_svd((4, 4), (16, 16), (32, 32), (64, 64), (128, 128))],
    "stacks": _svd((10000, 4, 4), (1000, 16, 16), (300, 32, 32), (100, 64, 64)),
    "square": _svd((256, 256), (512, 512), (1024, 1024), (2048, 2048)),
    "types": [case for dtype in ("float32", "complex64", "complex128") for case in _svd((16, 16), (128, 128), (512, 512), dtype=dtype)],
    "tall": [*_svd((20000, 500), (200000, 100), (1000000, 32), (500, 20000)), *_svd((200000, 100), dtype="float32")],
    "solvers": _solvers((4, 4), (100, 100), (500, 500), (2000, 50)),
    "leading": _leading(),
    "pca": _pca(),
}
