#!/usr/bin/env python3
"""The include-direction test: a lower floor of the house never includes a higher one.

    include_direction.py ROOT

The floors table of docs/architecture.md is the rule: each room with its floor and the rooms that it may use, which brings
what those may use along ("all below": every room on a lower floor). The #include lines of every file in include/, src/ and
cli/ are held against it. A public header belongs to the room that defines what it declares: src/NAME/ for include/eckart/NAME.hpp
where that folder exists, else the room with a source of the same stem, else the core. What the BLAS room alone may see is the
generated header that spells the routines' names. A room that the table lacks fails too, so the table stays true.
"""

import pathlib
import re
import sys

# A generated header (eckart_*), a public one (eckart/*), or a quoted one beside the file or from src/.
INCLUDE = re.compile(r'\s*#\s*include\s+(?:["<](eckart_[^">]+)[">]|["<]eckart/([^">]+)[">]|"([^"]+)")')
BLAS_NAMES = "eckart_blas_config.h"
ROW = re.compile(r"\|\s*(\d)\s*\|(.*)\|.*\|(.*)\|\s*$")

TOPS = ("cli", "python")  # rooms that are folders of the project's root


class House:
    def __init__(self, root: pathlib.Path):
        self.root = root
        self.rooms = {p.name for p in (root / "src").iterdir() if p.is_dir() and any(p.glob("*.?pp"))} | {
            top for top in TOPS if (root / top).is_dir()}
        self.floor: dict[str, int] = {}
        self.listed: dict[str, set[str]] = {}
        self.errors: list[str] = []
        self.read_table()

    def read_table(self) -> None:
        for line in (self.root / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines():
            row = ROW.match(line)
            if row is None:
                continue
            for room in re.findall(r"`(?:src/)?(\w+)/`", row[2]):
                self.floor[room] = int(row[1])
                self.listed[room] = set(re.findall(r"\w+", row[3])) - {"nothing"}
        for room, listed in self.listed.items():
            if listed == {"all", "below"}:
                self.listed[room] = {r for r in self.floor if self.floor[r] < self.floor[room]}
            for other in self.listed[room]:
                if other not in self.floor:
                    self.errors.append(f"docs/architecture.md: {room} may use {other}, which is no room of the table")
                elif self.floor[other] >= self.floor[room]:
                    self.errors.append(f"docs/architecture.md: {room} may use {other}, which is not below it")
        for room in sorted(self.rooms - self.floor.keys()):
            self.errors.append(f"docs/architecture.md: the floors table lacks the room {room}")

    def allowed(self, room: str) -> set[str]:
        reached, waiting = {room, "core"}, [room]
        while waiting:
            new = self.listed.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        return reached

    def room_of_public_header(self, name: str) -> str:
        stem = pathlib.PurePath(name).stem
        if stem in self.rooms:
            return stem
        homes = sorted(p.parent.name for p in (self.root / "src").glob(f"*/{stem}.cpp"))
        return homes[0] if homes else "core"

    def room_of_file(self, path: pathlib.Path) -> str:
        parts = path.relative_to(self.root).parts
        if parts[0] == "include":
            return self.room_of_public_header(parts[-1])
        return parts[0] if parts[0] in TOPS else parts[1]

    def room_of_quoted(self, path: pathlib.Path, name: str) -> str | None:
        if (path.parent / name).exists():
            return self.room_of_file((path.parent / name).resolve())
        if (self.root / "src" / name).exists():
            return name.split("/")[0]
        return next((top for top in TOPS if (self.root / top / name).exists()), None)

    def check(self, path: pathlib.Path) -> int:
        room, count = self.room_of_file(path), 0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            include = INCLUDE.match(line)
            if include is None:
                continue
            count += 1
            where = f"{path.relative_to(self.root)}:{number}"
            generated, public, quoted = include.groups()
            if generated is not None:
                if generated == BLAS_NAMES and room != "blas":
                    self.errors.append(f"{where}: only the BLAS room includes {generated}")
                continue
            if public is not None and not (self.root / "include" / "eckart" / public).exists():
                self.errors.append(f"{where}: there is no include/eckart/{public}")
                continue
            target = self.room_of_public_header(public) if public is not None else self.room_of_quoted(path, quoted)
            if target is None:
                self.errors.append(f'{where}: "{quoted}" is neither beside the file nor in src/, cli/ or python/')
            elif target not in self.allowed(room):
                self.errors.append(f"{where}: {room} (floor {self.floor.get(room)}) must not include {quoted or public} "
                                   f"of {target} (floor {self.floor.get(target)})")
        return count


def main(root: pathlib.Path) -> int:
    house = House(root)
    files = sorted(p for top in ("include", "src", *TOPS) for p in (root / top).rglob("*") if p.suffix in {".hpp", ".cpp"})
    includes = sum(house.check(path) for path in files)
    for error in house.errors:
        print(error)
    print(f"{len(files)} files, {includes} includes of our own, {len(house.errors)} against the floors")
    return 1 if house.errors or includes == 0 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
