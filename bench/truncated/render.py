#!/usr/bin/env python3
"""render.py TABLES PAGE: puts the tables of a race between the two marks of the page."""

import pathlib
import sys

BEGIN, END = "<!-- begin of the measured part -->\n", "<!-- end of the measured part -->\n"


def main():
    tables, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{tables.read_text().strip()}\n\n{END}{after}")


if __name__ == "__main__":
    main()
