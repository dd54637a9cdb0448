# Everything here works on a machine with Python 3.11 or newer and make.

PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)
VENV := .venv/bin
export PATH := $(CURDIR)/$(VENV):$(PATH)
# What is compiled is kept; each start would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run dev seed migrate test check format bench lock clean python packages packages-dev

help: ## What can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

run: packages ## Start MemberPulse with its demo: http://localhost:8000
	@$(VENV)/python -m memberpulse start

dev: packages ## Start with hot reload: http://localhost:3000
	@$(VENV)/python -m memberpulse dev

seed: packages ## Fill the database with the demo organization
	@$(VENV)/python -m memberpulse seed

migrate: packages ## Bring the database schema up to date
	@$(VENV)/python -m memberpulse migrate

test: packages-dev ## Run all tests; installs the browser and databases they need
	@$(VENV)/python tests/needs.py
	@$(VENV)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: packages-dev ## Format, lint, types, import arrows, migrations
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/pyright
	$(VENV)/lint-imports
	$(VENV)/python -m memberpulse check-migrations

format: packages-dev ## Format and mend what ruff can mend
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

bench: packages-dev ## Measure; writes docs/benchmarks.md
	@$(VENV)/python tests/needs.py
	@$(VENV)/python -m tests.bench $(ARGS)

lock: packages-dev ## Pin the newest versions that pyproject.toml allows
	$(VENV)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --upgrade -q -o requirements.lock pyproject.toml
	$(VENV)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --upgrade -q -c requirements.lock --group dev -o requirements-dev.lock pyproject.toml

clean: ## Remove what was built and installed; keeps data/
	rm -rf .venv .web build .pytest_cache .ruff_cache

packages: python
	@$(PYTHON) memberpulse/bootstrap.py requirements.lock

packages-dev: python
	@$(PYTHON) memberpulse/bootstrap.py requirements-dev.lock

python:
	@test -n "$(PYTHON)" || { echo "MemberPulse needs Python 3.11 or newer, and none was found on the PATH."; exit 1; }
