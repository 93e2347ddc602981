# make run: set up what a run needs, then raw tables to a served, watched model. make test: set up the rest, run all tests.
# make docs: the documentation in site/, with the flow as the last run left it.

PYTHON ?= $(shell for p in python3.11 python3.12 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
VENV := .venv
WEB := docs/browser/node_modules
PIP := $(VENV)/bin/python -m pip install --quiet --constraint requirements.lock
export BENTOML_DO_NOT_TRACK = True

.PHONY: run fashion docs test lint setup setup-dev clean

run: setup
	$(VENV)/bin/kedro run

fashion: setup
	$(VENV)/bin/python benchmarks/fetch_fashion.py

# Material tells of its successors with every build; kedro viz writes to build/, whatever is asked.
docs: $(VENV)/.docs
	rm -rf site build/api build/assets
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	$(VENV)/bin/kedro viz build --include-previews
	mkdir site/flow
	mv build/index.html build/favicon.ico build/assets build/api site/flow

test: setup-dev
	OMP_WAIT_POLICY=passive $(VENV)/bin/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

setup: $(VENV)/.train
setup-dev: $(VENV)/.dev $(VENV)/s3a/.jars $(WEB)/.package-lock.json

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 13) else f"Stillroom needs Python 3.11 or 3.12, $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.train: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo "Installing what a run needs into $(VENV): about two minutes, once."
	$(PIP) --editable '.[train]'
	touch $@

$(VENV)/.docs: $(VENV)/.train
	@echo "Installing what the documentation needs into $(VENV)."
	$(PIP) --editable '.[docs]'
	touch $@

$(VENV)/.dev: $(VENV)/.train
	@for tool in nginx wrk promtool prometheus-alertmanager chromium; do command -v $$tool > /dev/null || { echo "The tests need $$tool: install it (Debian: nginx-light, wrk, prometheus, prometheus-alertmanager, chromium), then run make again." >&2; exit 1; }; done
	@echo "Installing what the tests need into $(VENV)."
	$(PIP) --editable '.[dev]'
	touch $@

# Hadoop's file system for S3, which pyspark leaves out: this package carries the jars. Only the tests use it.
$(VENV)/s3a/.jars: $(VENV)/.dev
	$(VENV)/bin/python -m pip download --quiet --no-deps --no-build-isolation --dest $(@D) sagemaker-pyspark==1.4.5
	tar --extract --gzip --file $(@D)/sagemaker_pyspark-1.4.5.tar.gz --directory $(@D) --strip-components 3 --wildcards '*/hadoop-aws-*.jar' '*/aws-java-sdk-bundle-*.jar'
	rm $(@D)/*.tar.gz
	touch $@

# npm writes this file when all is installed.
$(WEB)/.package-lock.json: docs/browser/package-lock.json
	@command -v npm > /dev/null || { echo "The tests of the browser's model need Node.js 20 or later with npm: install it, then run make again." >&2; exit 1; }
	npm ci --prefix docs/browser --ignore-scripts --no-audit --no-fund
	touch $@

clean:
	rm -rf $(VENV) $(WEB)
