"""One contestant in a process of its own, so that its idle threads stand in nobody's way. race.py starts it and tells it what to do:

    runner.py LIBRARY THREADS      lines of JSON in, lines of JSON out

    {"load": PATH, "task": ...}    reads the problem, calls once, answers with the errors, or with null where it has no such task
    {"seconds": 0.2}               calls for about that long, answers with the least time of a call

It is bound to as many processors as it may have threads; every library takes them by default, and is told once more by the usual variables.
"""

import json
import os
import pickle
import sys
import time
from types import SimpleNamespace


def restrict(threads):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)


def least_time(call, seconds):
    """The least time of one call: of batches of 2 ms or more where a call takes less."""
    start = time.perf_counter()
    call()
    spent = time.perf_counter() - start
    batch = max(1, int(2e-3 / max(spent, 1e-7)))
    least, end = spent, start + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(batch):
            call()
        least = min(least, (time.perf_counter() - start) / batch)
    return least


def main():
    library, threads = sys.argv[1], int(sys.argv[2])
    restrict(threads)
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    import contestants
    import errors

    try:
        tasks = contestants.of(library)
    except ImportError as error:
        tasks = {}
        print(f"bench: {library} is left out: {error}", file=sys.stderr)
    call = None
    for line in sys.stdin:
        order = json.loads(line)
        if "load" in order:
            call, answer = None, None
            if order["task"] in tasks:
                with open(order["load"], "rb") as file:
                    problem = SimpleNamespace(**pickle.load(file))
                call = tasks[order["task"]](problem)
                answer = errors.of(order["task"], call(), problem)
        else:
            answer = least_time(call, order["seconds"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
