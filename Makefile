# Everything that is done with this repository. `make help` lists it.
# A fresh machine needs Python 3.10 or newer, make and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help try test real browser lint bench wheel clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

try: $(VENV)/installed  ## fit a real table and write the report (no data of yours needed)
	$(BIN)/python examples/try.py

test: $(VENV)/installed-test  ## run the test suite, but for real tables, the browser and the measurements of speed
	$(BIN)/python -m pytest -m "not bench and not browser and not real" $(PYTEST)

browser: $(VENV)/installed-test $(VENV)/installed-browser  ## look at the report in Chromium (which has to be there)
	$(BIN)/python -m pytest tests/browser -m browser $(PYTEST)

real: $(VENV)/installed-test $(VENV)/installed-real  ## fit ten real tables, predict and report (some minutes)
	$(BIN)/python -m pytest -m real $(PYTEST)

lint: $(VENV)/installed-lint  ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src

bench: $(VENV)/installed-bench  ## measure speed and accuracy beside other libraries
	$(BIN)/python -m bench

wheel: $(BIN)/python  ## build the package into dist/
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean:  ## remove everything that make made
	rm -rf $(VENV) build dist try .mypy_cache .pytest_cache .ruff_cache .hypothesis

# An environment of its own; a stamp in it for each set of extras, out of date when what to install has changed.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "thetastar needs Python 3.10 or newer; say which one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing thetastar and what it needs into $(VENV) (a minute or two, once)"
	$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing thetastar with what '$*' needs into $(VENV) (a minute or two, once)"
	$(INSTALL) --editable '.[$*]'
	@touch $@
