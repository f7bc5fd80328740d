"""Eckart through Python against NumPy, SciPy, scikit-learn and PyTorch, in turn, in one run, with one thread and with all.

    PYTHONPATH=build/release/python build/bench-venv/bin/python bench/python/race.py OUTPUT [--classes small,square,...] [--rounds 5]

Each contestant is a process (runner.py), one of them computes at a time: idle threads of a library spin for a while after its call, and
would be seen in the time of the next; with more than one thread the turn passes after a pause for that. Within a class every
problem is made once, loaded by all, checked by all, and then raced for in rounds; the least time of all rounds counts. OUTPUT is a folder:
one file of JSON a class, from which render.py makes the table of docs/python.md.
"""

import argparse
import json
import os
import pathlib
import pickle
import subprocess
import sys
import time

import classes

LIBRARIES = ("eckart", "NumPy", "SciPy", "scikit-learn", "PyTorch")
PAUSE = 0.1  # OpenBLAS's idle threads give up after 30 ms, those of OpenMP before
TURN = 0.15  # seconds of calls before the turn passes


class Contestant:
    def __init__(self, library, threads):
        here = pathlib.Path(__file__).parent
        self.process = subprocess.Popen([sys.executable, here / "runner.py", library, str(threads)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.process.args[2]} died with {order}")
        return json.loads(line)

    def leave(self):
        self.process.stdin.close()
        self.process.wait()


def race(contestants, case, path, threads, rounds):
    """{library: [seconds, errors]} of those that have the task."""
    results = {}
    for library, contestant in contestants.items():
        errors = contestant.ask({"load": path, "task": case["task"]})
        if errors is not None:
            results[library] = [float("inf"), errors]
    for _ in range(rounds):
        for library in results:
            if threads > 1:
                time.sleep(PAUSE)
            results[library][0] = min(results[library][0], contestants[library].ask({"seconds": TURN}))
        if sum(seconds for seconds, _ in results.values()) > 10:
            break  # a slow case has had its warm call and its turn
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--classes", default=",".join(classes.ALL))
    parser.add_argument("--threads", help="one number; default: one, then all", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="cases whose label contains this; writes nothing", default="")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    every = len(os.sched_getaffinity(0))
    for threads in [args.threads] if args.threads else sorted({1, every}):
        contestants = {library: Contestant(library, threads) for library in LIBRARIES}
        for name in args.classes.split(","):
            rows = []
            made, path = None, args.output / "problem.pickle"
            for case in classes.ALL[name]:
                if args.only not in case["label"]:
                    continue
                if case["problem"] is not made:  # tasks of one problem follow one another
                    made = case["problem"]
                    path.write_bytes(pickle.dumps(made(), protocol=5))
                results = race(contestants, case, str(path), threads, args.rounds)
                ours = results["eckart"][0]
                told = ", ".join(f"{library} {seconds / ours:.2f}" for library, (seconds, _) in results.items() if library != "eckart")
                print(f"{case['label']}, {threads} thread(s): {1e6 * ours:.1f} us; {told}", flush=True)
                rows.append({"label": case["label"], "count": case.get("count", 1), "threads": threads, "results": results})
            path.unlink()
            if not args.only:
                (args.output / f"{name}-{threads}.json").write_text(json.dumps(rows))
        for contestant in contestants.values():
            contestant.leave()


if __name__ == "__main__":
    main()
