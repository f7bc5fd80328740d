"""The programs of python/examples."""

import os
import pathlib
import subprocess
import sys

import pytest


def test_text_and_table():
    pytest.importorskip("sklearn")
    program = pathlib.Path(__file__).parents[2] / "python/examples/text_and_table.py"
    run = subprocess.run([sys.executable, str(program)], env=dict(os.environ), capture_output=True, text=True, check=True)
    assert "the next value is" in run.stdout and "of the wines are nearest" in run.stdout


def test_pictures(tmp_path):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    program = pathlib.Path(__file__).parents[2] / "python/examples/pictures.py"
    subprocess.run([sys.executable, str(program), str(tmp_path)], check=True)
    for name in ("image", "text", "table"):
        assert (tmp_path / f"{name}.png").stat().st_size > 20_000
