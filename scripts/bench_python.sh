#!/usr/bin/env bash
# bench_python.sh: races Eckart through Python against NumPy, SciPy, scikit-learn and PyTorch, and writes the table of docs/python.md
# (between its two marks). Takes some fifteen minutes and 16 GB of memory.
#
#   ECKART_BENCH_CLASSES="small pca"   those classes of bench/python/classes.py alone; the table keeps what was left by earlier runs
#   ECKART_BENCH_TORCH=no              without PyTorch, whose packages are 5 GB
#   ECKART_BENCH_WITH=COMMAND          runs the race of each class under COMMAND, such as taskset or chrt with their arguments
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh bench
cmake --preset release --log-level=WARNING > /dev/null
cmake --build --preset release --target eckart_engine
folder=build/bench/python
mkdir -p $folder
# On some machines these two force an old kernel upon OpenBLAS; a benchmark lets each library choose.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export PYTHONPATH=build/release/python
python=build/bench-venv/bin/python
read -ra with <<< "${ECKART_BENCH_WITH:-}"
for class in ${ECKART_BENCH_CLASSES:-small stacks square types tall solvers leading pca}; do
  "${with[@]}" $python bench/python/race.py $folder --classes "$class"
done
$python bench/python/about.py $folder
$python bench/python/render.py $folder docs/python.md
echo "bench: the table of docs/python.md is written"
