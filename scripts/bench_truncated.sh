#!/usr/bin/env bash
# bench_truncated.sh: races Eckart and its peers for leading triplets, in turn in one run, and writes the tables of docs/truncated.md
# (between its two marks). Takes some ten minutes, most of them PRIMME's and LOBPCG's.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh peers
cmake --preset release --log-level=WARNING -DECKART_BENCH=ON > /dev/null
cmake --build --preset release
mkdir -p build/bench
tables=build/bench/truncated.md
# On some machines these two force an old kernel upon OpenBLAS; a benchmark lets each library choose.
race() {
  env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE \
    build/peers-venv/bin/python bench/truncated/truncated.py build/release/eckart_truncated_bench "$@"
  echo
}
{
  race --all
  race --threads 2
  race --all --sparse
  race --all --size 600 --rounds 10 -k 5 20 50
} | tee "$tables.new"
mv "$tables.new" "$tables"
build/venv/bin/python bench/truncated/render.py "$tables" docs/truncated.md
echo "bench: the tables of docs/truncated.md are written"
