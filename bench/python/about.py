"""about.py FOLDER: leaves in about.json what the table of the race says of the machine: versions, processor, threads, import times."""

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys


def import_time(module):
    """Milliseconds that it takes beside NumPy's own import, the least of nine processes, byte-compiled and in the system's cache."""
    code = f"import numpy, time; t = time.perf_counter(); import {module}; print(1e3 * (time.perf_counter() - t))"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(9))


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown processor"


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main():
    names = {"NumPy": "numpy", "SciPy": "scipy", "scikit-learn": "scikit-learn", "PyTorch": "torch"}
    about = {"versions": {"Python": sys.version.split()[0], **{shown: version(name) for shown, name in names.items()}},
             "processor": processor(), "threads": len(os.sched_getaffinity(0)),
             "import": import_time("eckart"), "import linalg": import_time("eckart.linalg")}
    (pathlib.Path(sys.argv[1]) / "about.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main()
