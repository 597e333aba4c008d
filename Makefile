# `make run` and `make test` need nothing but python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test lint types tests properties golden bench bench-check audit torture clean

run: $(VENV)/run.stamp  ## set up, then watch and serve what config.yaml says
	@$(BIN)/aggregator run

test: lint types tests  ## set up, then lint, check types and run all tests

lint: $(VENV)/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/test.stamp
	$(BIN)/mypy

tests: $(VENV)/test.stamp
	$(BIN)/pytest

properties: $(VENV)/test.stamp  ## run the tests that make up their inputs, with many more of them
	$(BIN)/pytest --hypothesis-profile=thorough -m hypothesis

golden: $(VENV)/test.stamp  ## write the tests' expected outputs anew; look at the diff
	$(BIN)/pytest --update-golden

bench: $(VENV)/test.stamp  ## measure beside Hugo, nginx and Flask; writes benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

bench-check: $(VENV)/test.stamp  ## see that the usual work takes no more instructions than recorded
	$(BIN)/python -m benchmarks.check

audit:  ## look up known vulnerabilities of the versions that are installed
	@PYTHON=$(PYTHON) .ci/audit $(VENV)-audit

torture: $(VENV)/test.stamp  ## break things for an hour, and see that nothing is lost; SHORT=--short for minutes
	$(BIN)/python -m torture $(SHORT)

clean:
	rm -rf $(VENV) $(VENV)-audit var

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "Setting up in $(VENV) (once) …"
	$(INSTALL) --editable .
	@touch $@

$(VENV)/test.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "Setting up in $(VENV) (once) …"
	$(INSTALL) --editable ".[dev]"
	@touch $@ $(VENV)/run.stamp
