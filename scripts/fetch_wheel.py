#!/usr/bin/env python3
"""Take single files out of Python wheels without installing them.

    fetch_wheel.py REQUIREMENTS DESTINATION PATTERN...

Downloads every wheel that the requirements file pins (and none of their dependencies) and writes each member whose path
matches one of the shell patterns into DESTINATION, without its folders. A pattern that matches nothing is an error, so that
a wheel with a new layout is noticed at once.
"""

import fnmatch
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def main(requirements: str, destination: str, patterns: list[str]) -> int:
    target = pathlib.Path(destination)
    target.mkdir(parents=True, exist_ok=True)
    unmatched = set(patterns)
    with tempfile.TemporaryDirectory() as folder:
        # Wheels only: nothing is compiled, no set-up code of a package runs.
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--only-binary=:all:", "--dest", folder, "--requirement", requirements]
        if subprocess.run(download, check=False).returncode != 0:
            print(f"fetch_wheel: pip could not download what {requirements} names", file=sys.stderr)
            return 1
        for wheel in sorted(pathlib.Path(folder).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.infolist():
                    matching = {p for p in patterns if fnmatch.fnmatch(member.filename, p)}
                    if not matching or member.is_dir():
                        continue
                    unmatched -= matching
                    with archive.open(member) as source, open(target / pathlib.Path(member.filename).name, "wb") as out:
                        while block := source.read(1 << 20):
                            out.write(block)
    for pattern in sorted(unmatched):
        print(f"fetch_wheel: nothing in the wheels of {requirements} matches {pattern}", file=sys.stderr)
    return 1 if unmatched else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
