#!/usr/bin/env bash
# bench.sh [ARGUMENTS of eckart_bench]: measure this machine, Eckart and its peers in one run, and write docs/benchmarks.md.
#
# The peers: the wheels' OpenBLAS as it comes and MKL (build/peers, build/mkl), Eigen (compiled in), faer (built by cargo where
# there is one). The JSON with all figures is build/bench/benchmark.json.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/peers/libscipy_openblas64_.so ] ||
  build/venv/bin/python scripts/fetch_wheel.py scripts/requirements/blas.txt build/peers '*/lib/libscipy_openblas64_.so'
scripts/setup.sh mkl
peers=(--lapack build/peers/libscipy_openblas64_.so --lapack "$(echo build/mkl/lib/libmkl_rt.so.*)")

if command -v cargo > /dev/null; then
  CARGO_TARGET_DIR="$PWD/build/faer" cargo build --quiet --release --manifest-path bench/faer/Cargo.toml
  peers+=(--faer build/faer/release/libeckart_faer.so)
else
  echo "bench: no cargo here, so faer is left out"
fi

cmake --preset release --log-level=WARNING -DECKART_BENCH=ON > /dev/null
cmake --build --preset release --target eckart_bench
mkdir -p build/bench
# On some machines these two force an old kernel upon OpenBLAS; a benchmark lets each library choose.
env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE \
  build/release/eckart_bench "${peers[@]}" --output build/bench/benchmark.json "$@"
build/venv/bin/python bench/render.py build/bench/benchmark.json docs/benchmarks.md
echo "bench: docs/benchmarks.md written"
