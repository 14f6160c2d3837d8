# `make` alone lists the targets. Everything stays inside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help smoke run explore doctor study test test-all faults golden verify gpu format lock wheel clean
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

SMOKE := build/smoke
smoke: $(READY)  ## sample, train and report at the smallest sizes, in build/smoke: half a minute, measures nothing
	rm -rf $(SMOKE)
	$(BIN)/python -m lcpjax.run +experiment=train +scale=smoke hydra.run.dir=$(SMOKE)/run \
	  dataset.cache_dir=$(SMOKE)/datasets tracker.wandb.mode=disabled

run: $(READY)  ## sample, train, sweep lambda; ends with the answer, and where its page is
	$(BIN)/python -m lcpjax.run +experiment=lambda_sweep training.num_epochs=85 'sweep.kl_weights=[1e-3,1e-2,1e-1]' \
	  'sweep.seeds=[0,1]'

doctor: $(READY)  ## what lcpjax finds here, what to do about it, and how long each experiment will take
	$(BIN)/python -m lcpjax.doctor

study: $(READY)  ## the whole deck of slides, chapter by chapter, on one page
	$(BIN)/python -m lcpjax.run +experiment=study

# MODEL says which of several models, as in make explore RUN=outputs/sweep MODEL='kl_weight=1e-3 seed=0'.
explore: $(READY)  ## a page to play with the model of a finished run in: make explore RUN=outputs/first
	$(BIN)/python -m lcpjax.explore $(RUN) $(MODEL)

test: $(READY)  ## everything the gate checks: format, lint, types, imports, tests with doctests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ty check
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-all: $(READY)  ## and the tests that take longest, whole runs most of them
	JAX_DISABLE_MOST_OPTIMIZATIONS=0 $(BIN)/python -m pytest -n 2 --dist loadfile

# KILLS: of runs at random moments; before each operation on files of a save there is one more.
KILLS ?= 200
faults: $(READY)  ## kill -9, damaged files, full disks, whatever is typed (docs/faults.md); two hours on two cores
	$(BIN)/python -m tests.faults.saving
	$(BIN)/python -m tests.faults.kills $(KILLS)
	$(BIN)/python -m pytest tests/faults
	LCPJAX_FUZZ_EXAMPLES=200 $(BIN)/python -m pytest -n 2 tests/fuzz

golden: $(READY)  ## record what every experiment finds at the smallest sizes here, half an hour; test-all compares
	$(BIN)/python -m tests.golden.numbers

# OPTIONS: more words of the command line, as in make verify OPTIONS='+scale=study dataset.chains_per_gamma=100000'.
OPTIONS ?= dataset.chains_per_gamma=4000
verify: $(READY)  ## the sampler against every exact law, with 4,000 chains of each gamma
	$(BIN)/python -m lcpjax.run +experiment=verification $(OPTIONS)

gpu: $(READY)  ## all that an untried GPU has to show: tests marked gpu, kernels, effective configurations, training
	$(BIN)/python -m pytest -m gpu
	$(BIN)/python -m lcpjax.run +experiment=benchmark +scale=gpu_check device=gpu 'settings.num_particles=[]' \
	  settings.num_rounds=3 restart=true

format: $(READY)  ## rewrite the files the way `make test` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(READY)  ## dist/*.whl, and proof that it runs from an empty environment in another folder
	rm -rf dist build/wheel-check
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(PYTHON) -m venv build/wheel-check/venv
	build/wheel-check/venv/bin/pip install --quiet dist/*.whl
	cd build/wheel-check && venv/bin/python -m lcpjax.run +experiment=lambda_sweep +scale=smoke

lock:  ## renew requirements/lock.txt; needs uv
	uv pip compile --quiet --universal --generate-hashes --no-header --extra dev --python-version 3.11 \
	  pyproject.toml --output-file requirements/lock.txt

clean:  ## remove the environment, built files and what `make smoke` left; runs in outputs/ stay
	rm -rf $(VENV) dist build

# The environment: exactly the locked versions, each checked by its hash, then this checkout itself.
$(READY): requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lcpjax needs Python 3.11 or newer; say which with PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --requirement requirements/lock.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)
