# The tasks of the project. `make` alone lists them.
STEP := scripts/step
ROUNDS ?= 50
SECONDS ?= 60
FUZZ ?= all
PYTEST_WORKERS ?= 2
ENGINE ?=
ON_POSTGRES := scripts/with-postgres env BREVDUE_TEST_ENGINE=postgres
ON_ENGINE := $(if $(filter postgres,$(ENGINE)),$(ON_POSTGRES))

.DEFAULT_GOAL := help
.PHONY: help run build test unit-test end-to-end check fmt bench bench-hubl crash-test nodes-test power-loss-test fuzz \
  clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## install what is missing, build, make a sample account on first start, serve
	@$(STEP) install scripts/install run
	@$(STEP) build swift build -c release --product brevdue
	@scripts/run

build: ## the release binary, .build/release/brevdue
	@$(STEP) build swift build -c release --product brevdue

test: ## install what the tests need, run all of them
	@$(STEP) install scripts/install test
	@$(STEP) "build for tests" swift build --build-tests
	@$(STEP) "unit tests" scripts/unit-tests --skip-build
	@$(STEP) "end-to-end tests" .venv/bin/python -m pytest -c Tests/pytest.ini Tests -n $(PYTEST_WORKERS)
	@$(STEP) "end-to-end tests on PostgreSQL" $(ON_POSTGRES) .venv/bin/python -m pytest -c Tests/pytest.ini \
	  Tests/EndToEnd Tests/Conformance -n $(PYTEST_WORKERS)

unit-test: ## the Swift tests alone
	@$(STEP) "unit tests" scripts/unit-tests

end-to-end: ## the tests against the real binary alone; ARGS goes to pytest, ENGINE=postgres for that database
	@$(STEP) install scripts/install test
	@$(STEP) build swift build --product brevdue
	@$(STEP) "end-to-end tests" $(ON_ENGINE) .venv/bin/python -m pytest -c Tests/pytest.ini Tests $(ARGS)

check: ## formatting and style rules, no build
	@$(STEP) install scripts/install test
	@$(STEP) format swift format lint --strict --recursive --parallel Package.swift Sources Tests
	@$(STEP) tidy .venv/bin/python -m pytest -c Tests/pytest.ini -q Tests/Tidy

fmt: ## format the Swift sources in place
	@$(STEP) format swift format --in-place --recursive --parallel Package.swift Sources Tests

bench-hubl: ## the template language beside Jinja2
	@$(STEP) install scripts/install test
	@$(STEP) build swift build -c release --product brevdue
	@$(STEP) bench .venv/bin/python bench/hubl.py

bench: ## compare with Postfix and OpenDKIM, load the API, a million queued; adds to bench/RESULTS.md
	@$(STEP) install scripts/install bench
	@$(STEP) build swift build -c release --product brevdue
	@$(STEP) bench .venv/bin/python bench/run.py $(ARGS)

crash-test: ## kill -9 under load, ROUNDS=50 times on both engines or on ENGINE=; then look for every accepted message
	@$(STEP) install scripts/install test
	@$(STEP) build swift build -c release --product brevdue
	@$(STEP) "crash test" .venv/bin/python scripts/crash-test --rounds $(ROUNDS) --engine $(or $(ENGINE),both)

nodes-test: ## several servers on one PostgreSQL database, of which one after the other hangs, dies or is cut off
	@$(STEP) install scripts/install test
	@$(STEP) build swift build -c release --product brevdue
	@$(STEP) "nodes test" .venv/bin/python scripts/nodes-test $(ARGS)

power-loss-test: ## cut the power under load, ROUNDS=50 times on both engines or on ENGINE=; what was not synced is gone
	@$(STEP) install scripts/install test
	@$(STEP) build swift build -c release --product brevdue
	@$(STEP) "power-loss test" .venv/bin/python scripts/power-loss-test --rounds $(ROUNDS) --engine $(or $(ENGINE),both) $(ARGS)

fuzz: ## fuzz the parsers, FUZZ=name or all, SECONDS=60 each
	@$(STEP) fuzz scripts/fuzz $(FUZZ) $(SECONDS)

clean: ## remove what was built, never the data folder
	rm -rf .build .venv bench/work
