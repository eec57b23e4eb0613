# `make` lists the targets. One environment, .venv, with the exact versions of constraints.txt.

PYTHON ?= python3
STUDY ?= runs/demo.db

BIN := .venv/bin
INSTALLED := .venv/.installed

# Benchmark tables beside the checkout are used if they are there; set DELTANAS_DATA for another place.
ifneq ($(wildcard ../shared/data/.),)
export DELTANAS_DATA ?= $(abspath ../shared/data)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format bench figures docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Search CIFAR-10 cells of NAS-Bench-201; again: continue the same study
	@mkdir -p $(dir $(STUDY))
	$(BIN)/deltanas search nasbench201:cifar10 --budget 60 --seed 0 --study $(STUDY)

# One thread each: small matrices gain nothing from more, and sums stay the same on every machine.
test bench figures: export OMP_NUM_THREADS := 1
test bench figures: export MKL_NUM_THREADS := 1
test bench figures: export OPENBLAS_NUM_THREADS := 1
test: $(INSTALLED) ## Run the tests, a process for each core; ARGS="-m 'not slow'" goes to pytest
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(INSTALLED) ## Check style and types, change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED) ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED)-peers ## Run the comparisons behind the docs (long)
	$(BIN)/python -m bench.run $(ARGS)

figures: $(INSTALLED) ## Draw figures and table of the docs again; says what is missing
	$(BIN)/python -m bench.concept_figures
	$(BIN)/python -m bench.screen
	$(BIN)/python -m bench.figures $(ARGS)

docs: $(INSTALLED)-docs ## Build the documentation into site/
	$(BIN)/mkdocs build --strict

clean: ## Remove what make built, .venv too; studies in runs/ stay
	rm -rf .venv build dist site .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once, and brought up to date only when what it is made from changes. PIP_CONSTRAINT (unlike
# `-c`) pins the build tools too.
PIP_INSTALL := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --disable-pip-version-check --quiet

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP_INSTALL) --editable '.[benchmarks,compare,dashboard,data,dev,export,postgresql,training]'
	touch $@

# Extras that only one target needs: .venv/.installed-docs, .venv/.installed-peers.
$(INSTALLED)-%: $(INSTALLED)
	$(PIP_INSTALL) --editable '.[$*]'
	touch $@
