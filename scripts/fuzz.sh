#!/usr/bin/env bash
# fuzz.sh SECONDS [JOBS]: build the fuzz targets with clang and sanitizers, and run each for SECONDS, starting from its seeds in
# fuzz/corpus/. What a target finds beyond them is kept in build/fuzz/found, so that the next run goes on from there. An input
# that breaks a target is kept in build/fuzz/crashes, and the exit status is 1.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="$1"
jobs="${2:-$(nproc)}"
# The targets let a matrix take 64 MiB; more than this in all means that a reader believed a header. Memory that was freed is
# given back early, so that it does not count.
memory_mb=768
input_bytes=65536
export ASAN_OPTIONS=quarantine_size_mb=16

cmake --preset fuzz --log-level=WARNING > /dev/null
cmake --build --preset fuzz -j "$jobs" --target fuzzers
mkdir -p build/fuzz/crashes

run() {
  local target="$1" name found
  name=$(basename "$target")
  found="build/fuzz/found/$name"
  mkdir -p "$found"
  local corpus=("$found")
  [ ! -d "fuzz/corpus/${name#fuzz_}" ] || corpus+=("fuzz/corpus/${name#fuzz_}")
  if "$target" -max_total_time="$seconds" -max_len=$input_bytes -rss_limit_mb=$memory_mb -timeout=10 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/crashes/$name-" "${corpus[@]}" > "build/fuzz/$name.log" 2>&1; then
    echo "fuzz: $name: nothing found in $(awk '/number_of_executed_units/ {print $2}' "build/fuzz/$name.log") inputs"
  else
    tail -n 40 "build/fuzz/$name.log"
    echo "fuzz: $name: FAILED; the input is in build/fuzz/crashes, the log in build/fuzz/$name.log"
    return 1
  fi
}
export -f run
export seconds memory_mb input_bytes
find build/fuzz/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' -print0 | sort -z | xargs -0 -P "$jobs" -I{} bash -c 'run {}'
