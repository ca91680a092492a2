# Every target sets itself up: a fresh clone needs Python >= 3.11, make and the package index.
#   make demo    rank the US series and save a picture in out/
#   make report-demo  twelve weekly reports on data that grow; opens the last
#   make test    run every test
#   make ci      what continuous integration runs
#   make bench   every kernel beside its bare product and its rivals; writes docs/performance.md
#   make bench-compare REV=main  the kernels of this tree beside those of another revision
#   make validity  measure again and write docs/validity.md; PANELS=200 NULL_PANELS=2000 in full

# An interpreter of your own: make test PYTHON=python3.13
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.ready-docs

# Tests of one group run in one worker: each worker would compile the lag model again.
# Two test workers on two cores: a BLAS that starts threads of its own only slows both.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup demo report-demo test lint types ci docs bench bench-compare validity clean

help:
	@echo "make setup | demo | report-demo | test | lint | types | ci | docs | bench | validity | clean"

setup: $(READY)

# The marker is written last, so an interrupted set-up is done again.
$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "leadlag needs Python 3.11 or newer; '$(PYTHON)' is not on the PATH." >&2; \
	  echo "Install it, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "leadlag needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); } || { \
	  rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt install python3-venv." >&2; exit 1; }
	@echo "Installing leadlag and its tools into $(VENV) (once; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

$(DOCS_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,docs]"
	@touch $@

demo: $(READY)
	@$(BIN)/python examples/us_leading.py

report-demo: $(READY)
	@$(BIN)/python examples/report_demo.py out/report-demo

test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

ci: $(READY)
	@.ci/run

docs: $(DOCS_READY)
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

# What is kept in out/validity and was found by the same code is not measured again.
BENCH_READY := $(VENV)/.ready-bench

$(BENCH_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,bench]"
	@touch $@

# Both cores, and BLAS as a user has it: the benchmark sets its threads itself.
MINUTES ?= 11
bench: $(BENCH_READY)
	@OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 $(BIN)/python -m benchmarks.speed.run --minutes $(MINUTES)

REV ?= main
bench-compare: $(READY)
	@OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 $(BIN)/python -m benchmarks.speed.compare $(REV)

PANELS ?= 2
NULL_PANELS ?= $(PANELS)
WHOLE ?= $(PANELS)
YEARS ?= 1
LAB := $(BIN)/python -m benchmarks.validity
validity: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,bench]"
	@$(LAB).run --panels $(PANELS) --null-panels $(NULL_PANELS) --jobs 2
	@$(LAB).run --panels $(PANELS) --null-panels $(NULL_PANELS) --jobs 2 --held-out
	@$(LAB).run --panels $(WHOLE) --methods leadlag --jobs 2 --held-out
	@$(LAB).run --panels $(PANELS) --kinds breaking@730 reversal@730 --methods leadlag-tests \
	  --jobs 2 --held-out
	@$(LAB).weekly_looks --years $(YEARS) --jobs 2
	@$(LAB).timing
	@if [ -d "$${LEADLAG_SHARED:-../shared/data}" ]; then $(LAB).real_series; fi
	@$(LAB).collect
	@$(LAB).page

clean:
	rm -rf $(VENV) build dist out docs/_build docs/generated \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find leadlag tests examples -type d -name __pycache__ -prune -exec rm -rf {} +
