# Everything that people and CI do with this repository. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The directory operator/ must never be taken for Python's own module of that name.
export PYTHONSAFEPATH := 1
export PYTHONPATH := $(CURDIR)/tests
# A run starts hundreds of Pythons: each would compile its modules anew where an image keeps bytecode from being written.
unexport PYTHONDONTWRITEBYTECODE

CHART := charts/statekeep
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.set-up
PYTEST_ARGS ?=
# Tests wait for real parts more than they compute; each worker has a control plane of its own (400 MB).
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); test $$n -gt 4 && n=4; test $$n -lt 2 && n=2; echo $$n)

# Whatever the tests put into a temporary directory stays in this checkout's ignored folder.
export TMPDIR := $(CURDIR)/.local/tmp
export PYTEST_DEBUG_TEMPROOT := $(TMPDIR)
export PIP_CACHE_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/statekeep/pip
# kubectl remembers what an API server serves; these are gone tomorrow.
export KUBECACHEDIR := $(TMPDIR)/kube-cache
# pip asks rustc for its version; where that is rustup's shim, it would make a folder in the home directory.
export RUSTUP_HOME ?= $(TMPDIR)/rustup

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- the environment ----------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(STAMP) $(TMPDIR) ## Make .venv: locked libraries, the C extension, the statekeep command

NATIVE_SOURCES := $(wildcard native/include/*.h native/src/*.c native/cffi/*)

$(STAMP): requirements/dev.txt requirements/bootstrap.sh pyproject.toml setup.py $(NATIVE_SOURCES)
	@sh requirements/bootstrap.sh $(VENV)
	@touch $@

.PHONY: lock
lock: setup ## Resolve requirements/*.txt anew (UPGRADE=1: take newer versions)
	@$(PY) requirements/locks.py $(if $(UPGRADE),--upgrade)

$(TMPDIR):
	@mkdir -p $@

# --- the parts ----------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## README command one: start the real parts, tour them, leave nothing
	@$(PY) -m support.parts.demo

.PHONY: dev
dev: setup try-dashboard ## Keep the parts running, to try things (DETACH=1: return when they are ready)
	@$(PY) -m support.parts.dev $(if $(DETACH),detach,supervise)

.PHONY: dev-down
dev-down: setup ## End what `make dev` started, and remove its data
	@$(PY) -m support.parts.dev down

.PHONY: binaries
binaries: setup ## Build the control plane, kubectl, helm and the tests' judge into the cache; print their PATH
	@$(PY) -m support.parts.binaries

# --- the dashboard ------------------------------------------------------------------------------------------------

UI := runtime/src/statekeep/web/ui_built
UI_SOURCES := $(shell find dashboard -path dashboard/node_modules -prune -o -type f -print)

.PHONY: dashboard
dashboard: setup $(UI)/index.html ## Build the dashboard into the package (Node.js from PyPI where there is none)

$(UI)/index.html: $(UI_SOURCES)
	@$(PY) -m support.parts.node ci dashboard
	@cd dashboard && ../$(PY) -m support.parts.node run npm run --silent check
	@cd dashboard && ../$(PY) -m support.parts.node run npm run --silent build -- --logLevel warn

# Nothing but the dashboard depends on the dashboard.
.PHONY: try-dashboard
try-dashboard: setup ## The same, but where it fails that is only said
	@$(MAKE) --no-print-directory dashboard || echo "THE DASHBOARD IS NOT BUILT (see above): /ui will say so, all else works" >&2

# --- the image ----------------------------------------------------------------------------------------------------

IMAGE ?= statekeep:$(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)

.PHONY: image
image: try-dashboard ## Build the image with docker, podman or buildah, whichever is there (IMAGE=name:tag)
	@sh tools/image.sh $(IMAGE)

.PHONY: e2e
e2e: setup $(TMPDIR) ## The image and the chart on a kind cluster, or on any (E2E_KUBECONFIG=… E2E_IMAGE=…)
	@$(PY) -m support.parts.binaries >/dev/null
	@sh tools/e2e.sh $(PYTEST_ARGS)

# --- what is generated --------------------------------------------------------------------------------------------

.PHONY: crds
crds: setup ## Write crds/ and the chart's copy anew from the operator's models
	@$(PY) -m statekeep_operator.crd crds
	@$(PY) -m statekeep_operator.crd $(CHART)/files/crds

.PHONY: chart
chart: setup ## Write the table of values in the chart's README anew from its values.yaml
	@$(PY) tools/chart_readme.py

.PHONY: sdk
sdk: setup ## Build the TypeScript SDK (sdk/typescript) and print its tarball
	@$(PY) -m support.parts.sdk

.PHONY: sdk-types
sdk-types: setup ## Write the SDK's types anew from docs/openapi.json
	@$(PY) tools/write_sdk_types.py

.PHONY: docs
docs: setup ## Write anew what is generated in docs/: the command line, HTTP, CRDs, reasons, metrics, alerts
	@$(PY) tools/write_openapi.py
	@$(PY) tools/write_reference.py
	@$(PY) -m support.cli_reference

# --- checks -------------------------------------------------------------------------------------------------------

WARNINGS := -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror

.PHONY: fmt
fmt: setup ## Format the Python sources, mend what ruff can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

.PHONY: lint
lint: lint-style lint-types lint-imports lint-generated lint-c ## Style, types, import contracts, locks, C warnings

.PHONY: lint-style lint-types lint-imports lint-generated lint-c
lint-style: setup ## Of lint: ruff
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

lint-types: setup ## Of lint: mypy --strict
	@$(BIN)/mypy --no-error-summary

lint-imports: setup ## Of lint: who may import whom
	@$(BIN)/lint-imports --no-logo

lint-generated: setup ## Of lint: what is generated is what its sources say
	@$(PY) requirements/locks.py --check
	@$(PY) -m statekeep_operator.crd --check crds
	@$(PY) tools/write_reference.py --check
	@$(PY) -m statekeep_operator.crd --check $(CHART)/files/crds
	@$(PY) tools/chart_readme.py --check

lint-c: setup ## Of lint: the compiler's warnings
	@$$(sh requirements/compiler.sh $(VENV)) $(WARNINGS) -fsyntax-only -Inative/include $(wildcard native/src/*.c)

# What comes before the tests is done side by side: most of it waits or has one thread.
.PHONY: test
test: setup ## README command two: lint, then every test, on the real parts
	@$(MAKE) --no-print-directory -j4 lint binaries try-dashboard
	@if command -v redis-server >/dev/null; then $(MAKE) --no-print-directory test-redis; \
	else echo "NOT TESTED ON REDIS: no redis-server is on the PATH (Debian's package of that name has it)"; fi
	@$(BIN)/pytest --numprocesses=$(WORKERS) --cov --cov-report=term $(PYTEST_ARGS)

.PHONY: test-rights
test-rights: setup ## The operator's tests once more, with exactly the rights that the chart gives it
	@for mode in namespaced cluster; do \
	STATEKEEP_OPERATOR_RIGHTS=$$mode $(BIN)/pytest -q tests/integration/operator $(PYTEST_ARGS) || exit 1; done

.PHONY: test-redis
test-redis: setup ## The tests of what is stored once more, on the redis-server of the PATH instead of Valkey
	@command -v redis-server >/dev/null || { echo "test-redis: no redis-server is on the PATH: install one" >&2; exit 1; }
	@STATEKEEP_VALKEY_SERVER=redis-server $(BIN)/pytest -q tests/integration/storage tests/integration/parts/test_embedded_valkey.py

.PHONY: scenarios
scenarios: setup ## COUNT random migration scenarios (10,000) against the reference model; FIRST=seed plays them again; SERVER=1: on a private Valkey too
	@$(PY) -m support.scenarios.hunt --count $(or $(COUNT),10000) $(if $(FIRST),--first $(FIRST)) \
		$(if $(SERVER),--player core --player service --player server)

.PHONY: mutation
mutation: setup ## Break each rule of the routing once, and see a test fail
	@$(PY) tools/mutation/routing.py

.PHONY: chaos
chaos: setup ## Kill the store and the deploying process 100 times in the middle of traffic (KILLS=n, SEED=n)
	@$(PY) -m support.chaos $(or $(KILLS),100) $(SEED)

.PHONY: consistency
consistency: setup ## COUNT concurrent histories of several replicas (1,000), each checked for a legal serial order (FIRST=seed)
	@$(PY) -m support.consistency.hunt --count $(or $(COUNT),1000) $(if $(FIRST),--first $(FIRST))

.PHONY: bench
bench: setup conformance-xstate ## Measure against the budgets, ratios in one run
	@$(PY) bench/cli.py
	@$(PY) bench/core.py
	@$(PY) bench/routing.py
	@$(PY) bench/plan.py
	@$(PY) bench/runtime.py
	@$(PY) bench/operator_scale.py
	@$(PY) bench/events.py
	@$(PY) bench/dashboard.py

.PHONY: sanitize
sanitize: setup ## The C tests under address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory -C native test sanitize symbols OUT=$(CURDIR)/build/native

.PHONY: fuzz
fuzz: setup ## 10 M executions of the C library under sanitizers (RUNS=… for more or fewer)
	@$(MAKE) --no-print-directory -C native fuzz OUT=$(CURDIR)/build/native

.PHONY: fuzz-definitions
fuzz-definitions: setup ## COUNT hostile definitions (1,000,000) through compile; FIRST=seed plays them again
	@$(PY) -m support.hostile --count $(or $(COUNT),1000000) $(if $(FIRST),--first $(FIRST))

XSTATE := tests/conformance/xstate

.PHONY: conformance-xstate
conformance-xstate: setup ## XState itself, to compare the core with (Node.js from PyPI where there is none)
	@$(PY) -m support.parts.node ci $(XSTATE)

.PHONY: conformance
conformance: setup conformance-xstate ## COUNT random machines (10,000) through the core and XState; FIRST=seed plays them again
	@$(BIN)/pytest -q tests/conformance
	@$(PY) -m support.differential --count $(or $(COUNT),10000) $(if $(FIRST),--first $(FIRST))

.PHONY: clean
clean: ## Remove what the targets made in this checkout (the cache outside stays)
	@rm -rf sdk/typescript/build sdk/typescript/dist sdk/typescript/node_modules $(UI) dashboard/node_modules
	@rm -rf $(VENV) .local build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find runtime operator native tests -name __pycache__ -prune -exec rm -rf {} + -o -name '*.so' -exec rm -f {} +
