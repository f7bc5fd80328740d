#!/usr/bin/env bash
# build_and_run.sh PREFIX COMPILER [FLAGS]: compile the consumers with nothing but what pkg-config says, and run them.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
prefix="$1"
compiler="$2"
flags="${3:-}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name eckart.pc)")
export PKG_CONFIG_PATH
build() {
  # Unquoted on purpose: these are lists of flags.
  # shellcheck disable=SC2046,SC2086
  "$compiler" -std=c++20 $flags "$source/$1.cpp" -o "$1" $(pkg-config --cflags --libs "$2")
  "./$1"
}
build main eckart
if pkg-config --exists eckart-io; then
  build main_io eckart-io
fi
