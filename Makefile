# make demo | test | lint | bench | messages | requirements | clean        (needs Python 3.11 or newer, and make)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := demo
.ONESHELL:
.SILENT:
.PHONY: demo test lint checks bench messages requirements clean

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	"$$each" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$each" && break; done)
PY := .venv/bin/python
PORT ?= 8000

# The whole portal on http://127.0.0.1:$(PORT); Ctrl-C stops it.
demo: .venv/demo.installed
	PORT=$(PORT) exec $(PY) -m portal.embedded.demo

# Everything that CI runs.
test: .venv/dev.installed
	unset PYTHONDONTWRITEBYTECODE  # the portal is started a hundred times, and compiled once
	.ci/browser
	failed=
	$(MAKE) --no-print-directory lint || failed="the static checks (see above)"
	$(PY) -m pytest -n 4 --dist worksteal $(ARGS) || failed="$${failed:+$$failed and }the tests"
	if [ -n "$$failed" ]; then echo "Failed: $$failed." >&2; exit 1; fi

# Every static check. None needs a server, so the addresses lead nowhere.
NOWHERE := DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	TREASURY_OUTBOX=/nowhere/out TREASURY_INBOX=/nowhere/in
lint: .venv/dev.installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check --quiet .
	$(PY) -m djlint --quiet --lint .
	$(NOWHERE) $(PY) -m mypy portal enterprises matching policies finance appeals
	.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
	$(NOWHERE) $(PY) -W ignore manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=portal.example \
		$(NOWHERE) DJANGO_SETTINGS_MODULE=portal.settings.production \
		$(PY) manage.py check --deploy --fail-level WARNING

# Benchmarks against their peers, in one run; writes var/bench/results.json.
bench: .venv/dev.installed
	exec $(PY) -m pytest -p no:xdist -p no:randomly -s -o python_files='bench_*.py' tests/benchmarks $(ARGS)

.venv/bin/python:
	if [ -z "$(PYTHON)" ]; then
		echo "The portal needs Python 3.11 or newer, and this machine has none. Install one (Debian 12, Ubuntu 24.04" \
			"and newer: apt install python3 python3-venv), or name it: make demo PYTHON=/path/to/python3.12" >&2
		exit 1
	fi
	"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || {
		echo "The portal needs Python 3.11 or newer, which '$(PYTHON)' is not." >&2; exit 1; }
	echo "Making the virtual environment .venv …"
	"$(PYTHON)" -m venv .venv || {
		rm -rf .venv
		echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

.venv/%.installed: requirements/%.txt | .venv/bin/python
	echo "Installing packages (requirements/$*.txt) …"
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || {
		echo "The packages could not be installed; the reason is above. Is there a network?" >&2; exit 1; }
	touch $@

# Pin every package with its hashes, for all Pythons we support; --upgrade with ARGS.
COMPILE = .venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(ARGS)
requirements: .venv/dev.installed
	$(COMPILE) -o requirements/base.txt pyproject.toml
	$(COMPILE) --extra demo -c requirements/base.txt -o requirements/demo.txt pyproject.toml
	$(COMPILE) --extra demo --extra dev -c requirements/demo.txt -o requirements/dev.txt pyproject.toml

# Collect what is to be translated into locale/en; what has no translation yet is left empty.
messages: .venv/dev.installed
	$(NOWHERE) $(PY) manage.py makemessages en

# Forget all data and caches; .venv stays.
clean:
	if [ -x $(PY) ] && [ -d var ]; then $(PY) -m portal.embedded --remove; fi
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
