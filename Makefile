# The tasks of the project, each one command. `make` alone lists them; CMake does the building (CMakePresets.json).
.DEFAULT_GOAL := help
.PHONY: help setup setup-mkl build demo test test-rooms test-peers stress stress-large bench bench-truncated bench-python fuzz wheel install check-format format tidy clean

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
STRESS_SIZES ?= 1000,2000,4000
STRESS_SECONDS ?= 300
PRESET ?= release

# A compiler cache when there is one; it only saves time. Paths inside the project are relative to it, so that another clone of
# the project finds what this one compiled.
ifneq ($(shell command -v ccache),)
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
export CMAKE_C_COMPILER_LAUNCHER ?= ccache
export CMAKE_CXX_COMPILER_LAUNCHER ?= ccache
endif

space := $() $()
configure = cmake --preset $(1) --log-level=WARNING $(2)
sources = git ls-files -z '*.cpp' '*.hpp'

help:  ## this list
	@echo "Eckart: singular value decompositions that are checked before they are returned"
	@echo
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18 | sed 's/^/  make /'
	@echo
	@echo "  the tool is build/release/eckart after make build; PRESET=debug|asan|tsan|coverage|mkl|blis|system picks another build"

setup:  ## install what is needed: packages (root or sudo), build/venv, the BLAS in build/blas; nothing the second time
	@scripts/setup.sh base

setup-mkl: setup  ## Intel MKL into build/mkl, for PRESET=mkl and as a peer in the benchmarks
	@scripts/setup.sh mkl

build: setup  ## compile the library and the tool
	@$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) -j $(JOBS)

demo: build  ## decompose a photograph and a table, check the results, leave pages and factors in build/demo
	@scripts/setup.sh data
	@scripts/demo.sh build/$(PRESET)/eckart build/demo

test: build  ## build and run all tests
	@ctest --preset $(PRESET) -j $(JOBS)

test-rooms: setup  ## build and run the tests of some rooms: make test-rooms ROOMS="io dense" PRESET=asan
	@$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) -j $(JOBS) --target $(ROOMS:%=%_test)
	@ctest --preset $(PRESET) -j $(JOBS) --no-tests=error -R '^($(subst $(space),|,$(strip $(ROOMS))))\.'

test-peers: setup  ## all of NumPy's, SciPy's and scikit-learn's own tests with Eckart's functions in their place: minutes
	@$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) -j $(JOBS) --target eckart_engine
	@ECKART_ALL_PEERS=1 PYTHONPATH=build/$(PRESET)/python build/venv/bin/python -B -m pytest -q -s -p no:cacheprovider tests/python/test_peers*.py

stress: setup  ## 100,000 random matrices of every kind, type, size and option against the checker
	@$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) -j $(JOBS) --target stress

stress-large: setup  ## every kind of the gallery, square, tall and wide, all types, at STRESS_SIZES for STRESS_SECONDS
	@$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) -j $(JOBS) --target eckart_stress_large
	@build/$(PRESET)/tests/stress/eckart_stress_large --sizes $(STRESS_SIZES) --seconds $(STRESS_SECONDS)

bench: setup  ## measure this machine and the peers; writes build/bench and docs/benchmarks.md
	@scripts/bench.sh

bench-truncated: setup  ## leading triplets against SciPy, scikit-learn, PRIMME, Spectra, SLEPc; writes the tables of docs/truncated.md
	@scripts/bench_truncated.sh

bench-python: setup  ## through Python against NumPy, SciPy, scikit-learn, PyTorch (5 GB); writes the table of docs/python.md
	@scripts/bench_python.sh

fuzz: setup  ## run every fuzz target for FUZZ_SECONDS (60)
	@scripts/setup.sh tools
	@scripts/fuzz.sh $(FUZZ_SECONDS) $(JOBS)

wheel: setup  ## the Python wheel into build/dist, tried in a fresh virtual environment
	@scripts/wheel.sh build/dist

install: build  ## install to PREFIX (/usr/local)
	@cmake --install build/$(PRESET) --prefix "$(abspath $(PREFIX))"

check-format:  ## fail when a source is not formatted
	@scripts/setup.sh tools
	@$(sources) | xargs -0 clang-format-19 --dry-run --Werror

format:  ## format all sources
	@scripts/setup.sh tools
	@$(sources) | xargs -0 clang-format-19 -i

tidy: build  ## clang-tidy on all sources of the library and the tool
	@scripts/setup.sh tools
	@git ls-files 'src/*.cpp' 'cli/*.cpp' | xargs -P $(JOBS) -n 1 clang-tidy-19 --quiet --warnings-as-errors='*' \
	  --extra-arg=-Wno-ignored-gch -p build/$(PRESET)

clean:  ## remove what was built; what set-up installed stays (rm -r build removes all)
	@find build -mindepth 1 -maxdepth 1 ! -name venv ! -name blas ! -name mkl ! -name data -exec rm -r {} + 2> /dev/null || true
