# Everything starts here. `make check` and `make test` set themselves up on a machine that has Python, make and git.

PYTHON ?= python3
BIN := venv/bin
STACK ?= stacks/reference
# The tests that drive the real Pulumi command line build it once, if none is installed; see tests/e2e.
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help ready ready-dev check test lint types format docs docs-check coverage pack bench bench-many lock clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

ready:
	@$(PYTHON) tools/bootstrap.py check

ready-dev:
	@$(PYTHON) tools/bootstrap.py dev

check: ready ## Judge the reference stack, offline (STACK=… for another program)
	@$(BIN)/multiregion-guard check $(STACK)

test: ready-dev ## Run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: ready-dev ## Check style and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo

types: ready-dev ## Check types
	@$(BIN)/mypy
	@cd stacks/reference && ../../$(BIN)/mypy --cache-dir ../../.mypy_cache/reference --exclude ^workload/ .
	@cd stacks/bootstrap && ../../$(BIN)/mypy --cache-dir ../../.mypy_cache/bootstrap .
	@cd stacks/reference/workload && ../../../$(BIN)/mypy --cache-dir ../../../.mypy_cache/workload .

format: ready-dev ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: ready-dev ## Write the generated parts of the documentation
	@$(BIN)/python tools/docs.py

docs-check: ready-dev ## Fail if a generated part of the documentation is out of date
	@$(BIN)/python tools/docs.py --check

coverage: ready-dev ## Run the tests in process and report what they do not reach
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not e2e" --cov --cov-report=term $(PYTEST_ARGS)

bench: ready-dev ## Measure the pack against other servers (BENCH_ARGS=--quick leaves out the largest stack)
	@$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

bench-many: ready-dev ## Measure the audit of many stacks (BENCH_ARGS="--sizes 100 200 --rounds 1" is quick)
	@$(BIN)/python -m benchmarks.many_stacks $(BENCH_ARGS)

pack: ## Write a slim copy of the pack, to run or to publish: make pack DIR=/some/folder
	@$(PYTHON) tools/pack.py "$(DIR)"

lock: ## Pin what is newest now in constraints.txt and requirements-hashed.txt
	@$(PYTHON) tools/lock.py

clean: ## Remove what was made
	@rm -rf venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
