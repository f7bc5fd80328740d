#!/usr/bin/env bash
# demo.sh TOOL FOLDER: decompose a real photograph and a real table with the tool, let NumPy check what came out, and leave the
# factors and the pages in FOLDER. scripts/setup.sh data has put the two files into build/data.
set -euo pipefail
tool="$1"
out="$2"
photo=build/data/china.jpg
table=build/data/digits.csv
mkdir -p "$out"

say() { printf '\n== %s\n' "$*"; }
show() {
  printf '$ eckart %s\n' "$*"
  "$tool" "$@"
}

say "What it runs on"
show info

say "A photograph, 640 x 427, as one matrix of grey values"
show svd "$photo" -o "$out/photo.npz" --report "$out/photo.html"

say "The same photograph from its 20 largest singular values"
show lowrank "$photo" -k 20 -o "$out/photo-rank-20.png"

say "A table: 1797 handwritten digits, 64 pixels each"
show svd "$table" -o "$out/table.npz" --report "$out/table.html"
show rank "$table"

say "NumPy opens the factors and checks them"
"$tool" convert -q "$photo" "$out/photo.npy"
"$tool" convert -q "$table" "$out/table.npy"
build/venv/bin/python scripts/check_factors.py "$out/photo.npy" "$out/photo.npz"
build/venv/bin/python scripts/check_factors.py "$out/table.npy" "$out/table.npz"

say "Look at them in a browser"
for page in photo table; do
  echo "file://$(cd "$out" && pwd)/$page.html"
done
