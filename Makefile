# make demo   install, then the whole job on embedded outlets and a mail server (under a minute)
# make run    the daemon on the live outlets of config.yaml (Ctrl-C ends it)
# make test   every test, with coverage
# make quick  the tests that need no processes and no waiting (under a minute)
# make check  linters, types, import contracts
# make bench  what docs and README say of speed and memory (a quarter of an hour; MONITOR_CORPUS names real feeds and texts)
# make bench-feeds   feed updates beside lemon24/reader, in an environment of its own (MONITOR_CORPUS names the feeds; three minutes)
# make fuzz   500,000 mutated feeds, and pages, listings and sitemaps (FUZZ=N for another number, FUZZ_SEED=N for others)
# make powerloss   200 power cuts under the real store, in two models and both journal modes (POWERLOSS=N for another number)
# make faults   the fault tests at full length: power cuts, full disks, a lock of 30 s, a minute of commands beside the daemon
# make kill   500 kills under load with a mail server that fails (KILL=N for another number, KILL_SEED=N for others; half an hour)
# make soak   a month of 100,000 visits, skipped through (SOAK=N, SOAK_SEED=N; a quarter of an hour)
# make chaos  an hour of kills, stops, locks, clock steps, full disks, lost names and mail servers (CHAOS=seconds, CHAOS_SEED=N)
# make install-check   docs/operate.md word by word in a bare Debian with systemd (root, debootstrap, systemd-container; five minutes)
# make bench-pages   pages beside news-please, in an environment of its own (MONITOR_CORPUS names the pages; two minutes)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo-data
PYTEST_ARGS ?= -n auto

.PHONY: demo run test quick check format clean fuzz kill soak chaos powerloss faults bench bench-feeds bench-pages install-check

demo: $(VENV)/.installed
	@$(BIN)/monitor demo --dir $(DEMO)

run: $(VENV)/.installed
	@$(BIN)/monitor run --config config.yaml

test: $(VENV)/.dev
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest $(PYTEST_ARGS)
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

quick: $(VENV)/.dev
	@$(BIN)/pytest -m "not slow" -q $(PYTEST_ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python .ci/house.py

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "make: $(PYTHON) is missing; install Python 3.11 or newer, or say make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: $(PYTHON) has no venv module; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV), with what the tests need ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed

# What needs real material is left out, and says so, where there is none.
bench: $(VENV)/.dev bench-feeds
	@$(BIN)/python benchmarks/poll_304.py
	@if [ -d "$$MONITOR_CORPUS" ]; then \
	    for name in schedule opml matching; do $(BIN)/python benchmarks/$$name.py; done; \
	else echo "MONITOR_CORPUS names no folder: no schedule, OPML and matching"; fi
	@$(BIN)/python benchmarks/idle.py

bench-feeds: $(VENV)/.dev
	@if [ -d "$$MONITOR_CORPUS" ]; then \
	    $(MAKE) -s .cache/reader/.installed && $(BIN)/python benchmarks/feed_update.py; \
	else echo "MONITOR_CORPUS names no folder: no feed updates"; fi

# Its feedparser wants the module under the name that this package has.
.cache/reader/.installed:
	@$(PYTHON) -m venv .cache/reader
	@.cache/reader/bin/python -m pip install -q --disable-pip-version-check reader==3.26 sgmllib3k==1.0.0
	@touch $@

fuzz: $(VENV)/.dev
	@FUZZ=$${FUZZ:-500000} $(BIN)/pytest -q -s -p no:randomly tests/crawl/test_fuzz.py

powerloss: $(VENV)/.dev
	@POWERLOSS=$${POWERLOSS:-200} $(BIN)/pytest -q -p no:randomly tests/contract/test_power_loss.py

faults: $(VENV)/.dev powerloss
	@FAULT_SECONDS=$${FAULT_SECONDS:-60} $(BIN)/pytest -q -p no:randomly tests/contract/test_locks.py tests/e2e/test_disk_full.py \
	    tests/e2e/test_log_ends.py tests/e2e/test_clock.py tests/e2e/test_beside.py

kill: $(VENV)/.dev
	@KILL=$${KILL:-500} $(BIN)/pytest -q -s -p no:randomly tests/e2e/test_siege.py -k kills

soak: $(VENV)/.dev
	@SOAK=$${SOAK:-100000} $(BIN)/pytest -q -s -p no:randomly tests/e2e/test_soak.py tests/e2e/test_long_outage.py

chaos: $(VENV)/.dev
	@$(BIN)/python -m tests.rigs.chaos

install-check: $(VENV)/.dev
	@$(BIN)/python -m tests.rigs.install_check

bench-pages: $(VENV)/.dev .cache/news-please/.installed
	@$(BIN)/python benchmarks/extraction.py
	@$(BIN)/python benchmarks/page_path.py
	@$(BIN)/python benchmarks/crawl_memory.py --quick

.cache/news-please/.installed:
	@$(PYTHON) -m venv .cache/news-please
	@.cache/news-please/bin/python -m pip install -q --disable-pip-version-check news-please==1.6.16
	@touch $@

clean:
	rm -rf $(VENV) .cache $(DEMO) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
