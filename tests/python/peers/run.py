"""Runs tests of an installed package under a plugin of this folder."""

import os
import pathlib
import re
import subprocess
import sys


def passed(plugin, modules, *options):
    """How many passed; AssertionError with the end of the output when one failed."""
    paths = os.pathsep.join([str(pathlib.Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", plugin, "--pyargs", *modules, *options],
                         env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    print(run.stdout.splitlines()[-1])
    return int(re.search(r"(\d+) passed", run.stdout)[1])
