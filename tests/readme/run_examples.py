#!/usr/bin/env python3
"""Runs every example of README.md, so that what it shows is what happens.

    run_examples.py ROOT TOOL PREFIX COMPILER [FLAGS]

Blocks, by the word behind the backquotes:
    cpp      a whole program: compiled against the installation in PREFIX, run; its output must be the `text` block that follows
    python   a whole program: run with this interpreter and the PYTHONPATH that was given; its output as above
    sh       run as one script in an empty folder that holds photo.png, links.mtx and readings.csv, with TOOL on the path
    console  `$ make TARGET`: the Makefile must have the target
    cmake    a CMakeLists.txt without its project() line: configured against PREFIX
    text     the output of the program above it
Any other kind of block is a failure: it would not be run. Every block runs even when one before it failed.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURE = "docs/images/summer-palace.png"  # stands for the reader's own photograph
SECONDS = 120  # for one block

# Stand for the reader's own files: a web of 400 pages with five links each, and a sensor that reported 500 times.
PAGES = 400
LINKS = "".join(f"{page + 1} {(page * page + 7 * step * step) % PAGES + 1} 1\n"
                for page in range(PAGES) for step in range(5))
READINGS = "".join(",".join(str((row * (column + 3)) % 11) for column in range(8)) + "\n" for row in range(500))


class Failure(Exception):
    pass


def run(command: list[str], folder: pathlib.Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise Failure(f"{shlex.join(command)}\nexit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Examples:
    def __init__(self, root: str, tool: str, prefix: str, compiler: str, flags: str = ""):
        self.root = pathlib.Path(root)
        self.tool = pathlib.Path(tool)
        self.prefix = pathlib.Path(prefix)
        self.compiler = [compiler, *flags.split()]

    def cpp(self, program: str, expected: str | None, folder: pathlib.Path) -> None:
        (folder / "example.cpp").write_text(program, encoding="utf-8")
        package = next(self.prefix.rglob("eckart.pc")).parent
        environment = os.environ | {"PKG_CONFIG_PATH": str(package)}
        names = ["eckart-io"] if "<eckart/io.hpp>" in program else ["eckart"]
        flags = run(["pkg-config", "--cflags", "--libs", *names], folder, environment).split()
        run([*self.compiler, "-std=c++20", "example.cpp", "-o", "example", *flags], folder)
        shutil.copy(self.root / PICTURE, folder / "photo.png")
        printed = run(["./example"], folder)
        if expected is not None and printed != expected:
            raise Failure(f"it printed\n{printed}and the README says\n{expected}")

    def python(self, program: str, expected: str | None, folder: pathlib.Path) -> None:
        (folder / "example.py").write_text(program, encoding="utf-8")
        printed = run([sys.executable, "example.py"], folder)
        if expected is not None and printed != expected:
            raise Failure(f"it printed\n{printed}and the README says\n{expected}")

    def sh(self, script: str, folder: pathlib.Path) -> None:
        shutil.copy(self.root / PICTURE, folder / "photo.png")
        (folder / "links.mtx").write_text(
            f"%%MatrixMarket matrix coordinate real general\n{PAGES} {PAGES} {5 * PAGES}\n{LINKS}", encoding="utf-8")
        (folder / "readings.csv").write_text(READINGS, encoding="utf-8")
        environment = os.environ | {"PATH": f"{self.tool.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
        run(["bash", "-euo", "pipefail", "-c", script], folder, environment)

    def console(self, text: str) -> None:
        for line in text.splitlines():
            command = line.split("#")[0].strip()
            if not command.startswith("$ make "):
                raise Failure(f"'{line}' is no '$ make TARGET'")
            run(["make", "--dry-run", *command.split()[2:]], self.root)

    def cmake(self, text: str, folder: pathlib.Path) -> None:
        (folder / "program.cpp").write_text("int main() {}\n", encoding="utf-8")
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(reader LANGUAGES C CXX)\nadd_executable(program program.cpp)\n" + text,
            encoding="utf-8")
        run(["cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={self.prefix}"], folder)

    def check(self, kind: str, text: str, following: tuple[str, str] | None) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            if kind == "cpp":
                self.cpp(text, following[1] if following and following[0] == "text" else None, folder)
            elif kind == "python":
                self.python(text, following[1] if following and following[0] == "text" else None, folder)
            elif kind == "sh":
                self.sh(text, folder)
            elif kind == "console":
                self.console(text)
            elif kind == "cmake":
                self.cmake(text, folder)
            elif kind != "text":
                raise Failure(f"no rule to run a block of kind '{kind}'")


def main(arguments: list[str]) -> int:
    examples = Examples(*arguments)
    readme = (examples.root / "README.md").read_text(encoding="utf-8")
    blocks = [(match[1], match[2], readme.count("\n", 0, match.start()) + 1) for match in BLOCK.finditer(readme)]
    failed = 0
    for (kind, text, line), following in zip(blocks, [*[(b[0], b[1]) for b in blocks[1:]], None]):
        try:
            examples.check(kind, text, following)
            print(f"README.md:{line}: {kind}: good")
        except (Failure, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"README.md:{line}: {kind}: FAILED\n{error}")
    kinds = {kind for kind, _, _ in blocks}
    if not {"cpp", "sh", "console"} <= kinds:
        failed += 1
        print(f"README.md lacks examples: it has {sorted(kinds)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
