"""The package under a type checker."""

import pathlib
import subprocess
import sys

import pytest

import eckart


def test_a_program_of_a_user_is_checked_strictly(tmp_path):
    pytest.importorskip("mypy")
    program = pathlib.Path(__file__).with_name("typed_use.py")
    package = pathlib.Path(eckart.__file__).parent
    assert (package / "py.typed").exists()
    settings = tmp_path / "mypy.ini"
    # The binding's stub is written for the wheel; in the build tree its types are unknown.
    settings.write_text("[mypy]\nstrict = True\nwarn_unused_ignores = True\n[mypy-eckart.*]\nfollow_imports = silent\n"
                        "[mypy-eckart._engine]\nignore_missing_imports = True\n[mypy-sklearn.*,scipy.*]\nignore_missing_imports = True\n")
    done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(tmp_path), str(program)],
                          capture_output=True, text=True, env={"MYPYPATH": str(package.parent), "PATH": ""}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
