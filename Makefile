SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Another Python stands beside the first with both named: make demo PYTHON=python3.13 VENV=.venv-3.13
VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
ARGS ?=

# The machine's own Python first; every dependency is a ready-made package for each of these versions.
define FIND_PYTHON
for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
  command -v $$python >/dev/null 2>&1 || continue; \
  if $$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))" 2>/dev/null; then echo $$python; exit 0; fi; \
done; \
echo "No Python 3.11, 3.12, 3.13 or 3.14 on the PATH$(PYTHON:%= as %): install one and run make again." >&2; exit 1
endef

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(BIN)/.installed ## Show what the platform does; ARGS=--check plays once and fails with a failed step
	@$(BIN)/intowork demo $(ARGS)

.PHONY: dev
dev: $(BIN)/.installed ## Run the whole platform on this machine; ARGS=--fresh starts with an empty database
	@$(BIN)/intowork dev $(ARGS)

# Tests mostly wait: for leases, restarts and servers. So four lanes run side by side; what three of them say comes last.
FIRST_LANE = tests/integration/api
SECOND_LANE = tests/chaos tests/contracts tests/unit
THIRD_LANE = tests/architecture tests/integration/migrations tests/integration/services
define ALL_TESTS
logs=$$(mktemp -d); \
$(BIN)/pytest --quiet $(FIRST_LANE) >"$$logs/first" 2>&1 & first=$$!; \
$(BIN)/pytest --quiet $(SECOND_LANE) >"$$logs/second" 2>&1 & second=$$!; \
$(BIN)/pytest --quiet $(THIRD_LANE) >"$$logs/third" 2>&1 & third=$$!; \
trap 'kill $$first $$second $$third 2>/dev/null; exit 130' INT TERM; \
broken=0; $(BIN)/pytest --quiet tests $(patsubst %,--ignore %,$(FIRST_LANE) $(SECOND_LANE) $(THIRD_LANE)) || broken=$$?; \
for lane in $$first $$second $$third; do wait $$lane || broken=$$?; done; \
cat "$$logs/first" "$$logs/second" "$$logs/third"; rm -rf "$$logs"; exit $$broken
endef
RUN_TESTS = $(if $(strip $(ARGS)),$(BIN)/pytest --quiet $(ARGS),$(ALL_TESTS))

.PHONY: test
test: means lint ## Everything that must hold before a merge: lint, types, import rules, tests; ARGS go to pytest
	@$(RUN_TESTS)

.PHONY: unit
unit: $(BIN)/.installed ## Types and the tests that need no server
	@$(BIN)/mypy
	@$(BIN)/pytest --quiet tests/unit

.PHONY: test-full
test-full: export INTOWORK_FULL = 1
test-full: means lint ## The same with the long tests at their written size
	@$(RUN_TESTS)

.PHONY: means
means: $(BIN)/.installed ## Say what the tests take here, what they skip, and why
	@$(BIN)/python -m tests.means

.PHONY: lint
lint: $(BIN)/.installed ## Lint, format, types and import rules
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(BIN)/.installed ## Measure; ARGS chooses what
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: layouts
layouts: $(BIN)/.installed ## Compile the mail layouts
	@$(BIN)/python -m sandbox.layouts

# No lock file: npm's names every platform's packages, and some registries have only this one's. Versions are exact.
node_modules/.installed: package.json
	@npm install --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
	@touch $@

.PHONY: assets
assets: $(BIN)/.installed node_modules/.installed ## Compile the pages' style sheets (needs Node)
	@$(BIN)/python -m sandbox.assets

.PHONY: translations
translations: $(BIN)/.installed ## Bring the catalogues up to date with the texts of pages and mails, and compile them
	@$(BIN)/python -m sandbox.translations

.PHONY: lock
lock: ## Choose the versions of all dependencies anew (needs uv)
	@command -v uv >/dev/null || { echo "uv is not installed: pip install uv" >&2; exit 1; }
	@uv --no-config pip compile pyproject.toml --universal --python-version 3.11 --extra dev --extra test --no-emit-index-url \
	  --only-binary :all: --no-annotate --generate-hashes --quiet -o requirements.lock
	@echo setuptools | uv --no-config pip compile pyproject.toml - --universal --python-version 3.11 --no-emit-index-url \
	  --only-binary :all: --no-annotate --generate-hashes --quiet --constraint requirements.lock -o requirements.runtime.lock

.PHONY: clean
clean: ## Remove the sandbox's data and every cache; the virtual environment stays
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m sandbox.state; fi
	@rm -rf build dist node_modules ./*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +

$(BIN)/.installed: requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)); \
	echo "Installing into $(VENV) ($$($$python --version)) ..."; \
	$$python -m venv $(VENV) || { echo "$$python cannot make a virtual environment (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
