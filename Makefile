# make help explains each target. Needs Python 3.11 or later, make and a C compiler; the rest comes into .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up down demo kafka-up kafka-down status test lint types fmt protos lock bench e2e faults security buf golden

PYTHON ?= $(firstword $(foreach v,3.11 3.12 3.13 3.14,$(shell python$(v) -c 'import sys; print(sys.executable)' 2>/dev/null)) python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
STUBS := protos/gen/contract.binpb
TEST_STUBS := tests/chassis/protos/gen/contract.binpb
PROTOS := $(shell find protos/kith -name '*.proto' -o -type d)
TEST_PROTOS := $(shell find tests/chassis/protos/kith -name '*.proto' -o -type d 2>/dev/null)
export PYTHONPATH := $(CURDIR):$(CURDIR)/services:$(CURDIR)/protos/gen

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## */\1\t/' | awk -F'\t' '{printf "  %-10s %s\n", $$1, $$2}'

up: $(INSTALLED) $(STUBS)  ## start everything here: PostgreSQL, five services, the gateway; prints a URL and a login
	@$(BIN)/python -m cli up

down: $(INSTALLED)  ## stop everything that `make up` started; the data stays
	@$(BIN)/python -m cli down

demo: up  ## fill the tenant `demo` with a sales organisation and its customers
	@$(BIN)/python -m cli demo

kafka-up: $(INSTALLED) $(STUBS)  ## a Kafka broker on this machine; then: make up KITH_EVENTS=kafka://127.0.0.1:9092
	@$(BIN)/python -m cli kafka up

kafka-down: $(INSTALLED)  ## stop that broker; what it holds stays
	@$(BIN)/python -m cli kafka down

status: $(INSTALLED)  ## what runs, where, since when
	@$(BIN)/python -m cli status

# What starts the whole suite is timed, and gets the machine to itself; the rest shares it.
SUITES := tests/cli tests/deploy tests/e2e tests/faults
PROCESSES ?= 2

test: lint types  ## lint, types and tests
	@failed=0; \
	$(BIN)/python -m pytest -q -n $(PROCESSES) --dist loadfile $(addprefix --ignore=,$(SUITES)) || failed=1; \
	for one in $(SUITES); do $(BIN)/python -m pytest -q $$one || failed=1; done; \
	exit $$failed

security: $(INSTALLED) $(STUBS) $(TEST_STUBS)  ## the drills of sign-in and rights at their whole size; they need a quiet machine
	@KITH_DRILLS=whole $(BIN)/python -m pytest -q tests/security tests/identity

lint: $(INSTALLED) $(STUBS) $(TEST_STUBS) buf  ## layout, rules, imports between the rooms, protos
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/lint-imports --no-logo

buf: $(INSTALLED)
	@if command -v npx >/dev/null; then $(BIN)/python protos/lint.py; else echo "buf lint left out: it comes by npx"; fi

types: $(INSTALLED) $(STUBS) $(TEST_STUBS)  ## mypy --strict
	@$(BIN)/mypy

fmt: $(INSTALLED)  ## put the code into its layout
	@$(BIN)/ruff check -q --fix-only . ; $(BIN)/ruff format .

protos: $(INSTALLED)  ## build the stubs anew
	@$(BIN)/python protos/generate.py && touch $(STUBS)
	@$(BIN)/python protos/generate.py --only tests/chassis/protos --out tests/chassis/protos/gen && touch $(TEST_STUBS)

golden: $(INSTALLED) $(STUBS)  ## write down what events look like that are new, so that they are read for ever
	@$(BIN)/python -m tests.contract.golden

lock: $(INSTALLED)  ## resolve requirements.in to requirements.lock, with hashes; UPGRADE=1 takes newer versions
	@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/pip install -q uv
	@$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  $(if $(UPGRADE),--upgrade) requirements.in -o requirements.lock
	@for one in services/identity services/contacts services/sales services/service_desk services/marketing gateway; do \
	  $(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	    -c requirements.lock chassis/pyproject.toml $$one/pyproject.toml -o deploy/locks/$$(basename $$one).lock || exit 1; \
	done

bench: $(INSTALLED) $(STUBS)  ## how fast each hot path is, as a ratio to the least it must do
	@$(BIN)/python -m bench

e2e: $(INSTALLED) $(STUBS) $(TEST_STUBS)  ## the main job, over the real processes
	@$(BIN)/python -m pytest -q tests/e2e

faults: $(INSTALLED) $(STUBS) $(TEST_STUBS)  ## the drills at full size, over some hours; ONLY=kafka_away runs one
	@KITH_FAULTS=whole $(BIN)/python -m pytest -q tests/faults $(if $(ONLY),-k $(ONLY))

$(INSTALLED): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Kith needs Python 3.11 or later, and there is no $(PYTHON)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Kith needs Python 3.11 or later; $(PYTHON) is older. Name another: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make environments: install its venv package (python3-venv on Debian)."; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@echo "Installing what requirements.lock names; this takes a minute once."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@printf '#!/bin/sh\nPYTHONPATH="$(PYTHONPATH)" exec "$(CURDIR)/$(BIN)/python" -m cli "$$@"\n' > $(BIN)/kith && chmod +x $(BIN)/kith
	@touch $@

$(STUBS): $(PROTOS) protos/generate.py | $(INSTALLED)
	@$(BIN)/python protos/generate.py && touch $@

$(TEST_STUBS): $(TEST_PROTOS) $(PROTOS) protos/generate.py | $(INSTALLED)
	@$(BIN)/python protos/generate.py --only tests/chassis/protos --out tests/chassis/protos/gen && touch $@
