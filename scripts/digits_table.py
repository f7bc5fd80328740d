#!/usr/bin/env python3
"""Turn the digits of the package scikit-learn into a table as people keep them: a header, then one row a picture.

    digits_table.py digits.csv.gz digits.csv

The package's file has no header, and its last column is the digit that was written, which is a label and no measurement. The
64 columns that stay are named after the place of their pixel: r0c0 .. r7c7.
"""

import csv
import gzip
import sys

with gzip.open(sys.argv[1], "rt", newline="") as source, open(sys.argv[2], "w", newline="") as target:
    table = csv.writer(target, lineterminator="\n")
    table.writerow(f"r{row}c{column}" for row in range(8) for column in range(8))
    table.writerows(line[:64] for line in csv.reader(source))
