# The two commands of the README are `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
N ?= 20000

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench differential lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp for each lock: the environment is made once and again when the lock changes.
$(VENV)/user.stamp: requirements/user.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Corsage needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/user.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/user.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(VENV)/user.stamp ## start the shop: services, front ends and the gateway (ARGS=--once: print the table and exit)
	@$(BIN)/python -m examples.shop $(ARGS)

test: lint ## install what the tests need and run them all, after the linters
	@tools/install-test-machine
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/dev.stamp ## ruff, mypy --strict and the import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## the committed benchmarks, both sides in one run
	@tools/install-test-machine
	$(BIN)/python -m benchmarks $(ARGS)

differential: $(VENV)/dev.stamp ## the browser model against real Chromium and Firefox on N generated cases
	@tools/install-test-machine
	$(BIN)/python -m tests.differential $(N) $(ARGS)

lock: ## renew requirements/*.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra all pyproject.toml -o requirements/user.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra all --group test --group lint --group bench pyproject.toml -o requirements/dev.lock

clean: ## remove the environment and the caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
