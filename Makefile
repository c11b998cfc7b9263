# Everything a developer, CI or a newcomer types. The work is done by scripts/ and the `hallward` command.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 7
# What needs no server and no second process: some seconds of work.
FAST := not slow and not system and not broker and not postgres and not hardware
# Two at a time, a module never split; whole halls of processes run alone, since their tests look at the clock.
BOTH := -n 2 --dist loadscope

# Python 3.11 cannot start from a path with accents under LC_ALL=C; set-up reads its tools' words in English.
export LC_ALL := C.UTF-8

.DEFAULT_GOAL := help
.PHONY: arm64 attacks attacks-updates help setup check format test test-fast demo bench hall hardware models requirements virtual-bench

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "make %-15s %s\n", $$1, $$2}'

setup: ## make .venv from the pinned, hashed requirements (does nothing when it is up to date)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: apt install python3" >&2; exit 78; }
	@$(PYTHON) scripts/setup.py

check: setup ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## write every file as `make check` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

models: setup ## the face models: fetch, convert, quantise, measure, verify (whatever is missing)
	$(BIN)/hallward models all

test: setup models ## every test that needs no Raspberry Pi, the fast ones first
	$(BIN)/pytest $(BOTH) -m "$(FAST)"
	$(BIN)/pytest $(BOTH) -m "not hardware and not system and not ($(FAST))"
	$(BIN)/pytest -m "system and not hardware"

test-fast: setup ## the tests that start no server
	$(BIN)/pytest $(BOTH) -m "$(FAST)"

hall: setup ## a simulated hall from one seed: make hall SEED=7
	$(BIN)/python -m tests.hall --seed $(SEED)

demo: setup ## a hall on this machine: gates, keypads, broker, fleet, and the page to look at
	$(BIN)/hallward demo

bench: setup models ## measure, and compare with the budgets
	$(BIN)/python -m bench

attacks: setup ## carry out every attack on a secret election and write docs/attacks.md
	$(BIN)/python -m tests.attacks --write

attacks-updates: setup ## carry out every attack on updates and write docs/attacks-on-updates.md
	$(BIN)/python -m tests.attacks_on_updates --write

hardware: setup ## wiring, harness pictures, circuits, sheets, bill of materials, enclosures from hardware/*.toml
	$(BIN)/python -m hardware

arm64: setup models ## decide on emulated 64-bit Arm as here: make arm64 RECORDING=folder (without: photographs)
	$(BIN)/python -m scripts.arm64 $(RECORDING)

virtual-bench: setup ## the firmware's adapters on Debian's kernel with simulated pins, camera, buses and watchdog
	$(BIN)/python -m tests.virtual_bench

requirements: setup ## pin what pyproject.toml asks for; what is pinned stays (scripts/requirements.py --upgrade: newest)
	$(BIN)/python scripts/requirements.py
