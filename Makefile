# What can be done here: `make` lists it. Needs make and python3 3.11 or newer with venv, no root.
# Every target but `install` and `sqlite` first builds .venv, unless it stands and fits.

.DEFAULT_GOAL := help
.PHONY: help setup run demo install sqlite check test test-all faults test-on docs sbom bench
READY := .venv/.ready
BIN := .venv/bin
# Tests wait for processes, for a third of the time and more: four at once keep two cores busy.
WORKERS ?= 4
# The suite of faults; CONTRIBUTING.md tells what is where.
FAULTS := tests/faults tests/simulation tests/trouble tests/test_upgrades.py \
	tests/scenarios/test_restored.py tests/actions/test_restore_killed.py \
	tests/scenarios/test_four_processes.py
SBOM ?= dist/payment-service.cdx.json
# Where `make install` puts the service, and the uv that it does so with: that of .venv where there
# is one.
PREFIX ?= /opt/payment-service
UV := $(or $(wildcard $(BIN)/uv),dist/uv/bin/uv)
SQLITE := sqlite-autoconf-3530400
SQLITE_SHA256 := 0e9483900e92cd5de8fd48d16bf9200145a61f7fd5be542a5ac81d8a9516eb9c
# A library of others that a test runs; a machine without Node or npm does without.
NODE_READY := $(if $(shell command -v node && command -v npm),tests/node/node_modules/.ready)

# uv trusts its own list of authorities; where the machine has one, that is the one to trust.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS := 1
endif

# The stamp holds the folder for which .venv was built. A moved checkout, a Python that has gone
# and a .venv left half-built all make it differ, so that it is built again.
ifneq ($(shell $(BIN)/python -c pass 2>/dev/null && cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r name text; do \
		printf 'make %-10s %s\n' "$$name" "$$text"; done

setup: $(READY) $(NODE_READY) ## build .venv with the payment-service command in it

run: $(READY) ## start the service with its worker on port 5005
	@$(BIN)/payment-service serve

demo: $(READY) ## start service, gateway simulator and a tenant app; print the links
	@$(BIN)/payment-service demo

# Wheel and libraries are as pinned, and Python need not write bytecode, which there it may not.
install: $(UV) ## put what the service needs to run, and nothing else, into PREFIX
	@$(UV) venv --quiet --allow-existing --no-python-downloads --python '>=3.11' "$(PREFIX)"
	@rm -f dist/*.whl
	@$(UV) build --quiet --wheel --out-dir dist \
		--require-hashes --build-constraints requirements/dev.txt .
	@$(UV) pip sync --quiet --compile-bytecode --python "$(PREFIX)" --require-hashes requirements/runtime.txt
	@$(UV) pip install --quiet --compile-bytecode --python "$(PREFIX)" --no-deps dist/*.whl
	@echo "$(PREFIX)/bin/payment-service is installed"
	@LD_LIBRARY_PATH="$(PREFIX)/lib" "$(PREFIX)/bin/python" -c "from payment_service.kit.sqlite_connection import \
		DRIVER, SAFE_VERSION; DRIVER.sqlite_version_info < SAFE_VERSION and print( \
		'its SQLite can lose commits: use PostgreSQL, or build another with: make sqlite')"

# Debian's can lose commits, and a wheel with a newer one is made for x86-64 alone.
sqlite: dist/$(SQLITE).tar.gz ## build SQLite into PREFIX, on a machine for which no wheel brings one
	@echo "$(SQLITE_SHA256)  $<" | sha256sum --check --quiet
	@tar -xzf $< -C dist
	@mkdir -p "$(PREFIX)/lib"
	@gcc -O2 -fPIC -shared -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DSQLITE_ENABLE_MATH_FUNCTIONS \
		-Wl,-soname,libsqlite3.so.0 dist/$(SQLITE)/sqlite3.c -o "$(PREFIX)/lib/libsqlite3.so.0" -lm
	@echo "$(PREFIX)/lib/libsqlite3.so.0 is built"

dist/$(SQLITE).tar.gz:
	@mkdir -p dist
	@curl -fsSL --output $@ https://sqlite.org/2026/$(@F)

dist/uv/bin/uv: requirements/uv.txt
	@python3 -m venv --clear dist/uv
	@dist/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<

check: $(READY) ## lint, types, floors and unsafe habits
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --severity-level medium src examples clients/python/src

# Without bytecode each process of a run would compile every test and module anew, which where
# Python may not write it is a second at each start.
test test-on faults: export PYTHONDONTWRITEBYTECODE =
test: check $(NODE_READY) ## check, then every test on SQLite and a third on a real PostgreSQL too
	DRAW_POSTGRESQL=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal

test-all: export FULL_COUNTS := 1
test-all: test ## the same with the full counts of random and fault tests

faults: export PUSH_COUNTS := 1
faults: $(READY) ## the fault suite, as often as a push deserves: kills, power cuts, races
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations 15 $(FAULTS)

tests/node/node_modules/.ready: tests/node/package.json tests/node/package-lock.json
	@cd tests/node && npm ci --silent --no-audit --no-fund --ignore-scripts \
		&& touch node_modules/.ready || echo '!!! npm could not install; its test is skipped' >&2

test-on: $(READY) # the tests on SQLite with another Python: make test-on PYTHON=/path/to/python
	$(BIN)/uv venv --quiet --clear --no-python-downloads --python "$(PYTHON)" .venv-other
	$(BIN)/uv pip install --quiet --python .venv-other --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python .venv-other --no-deps --no-build-isolation -e . -e clients/python
	.venv-other/bin/pytest -n $(WORKERS) --dist worksteal -k "not postgres"

docs: $(READY) ## write the pages that come from the code
	@$(BIN)/python -m payment_service.web.catalogue > docs/errors.md

# Pins have no graph of who needs whom, of which the tool would warn.
sbom: $(READY) ## write SBOM: what the service is made of, in CycloneDX
	@mkdir -p "$(dir $(SBOM))"
	@PYTHONWARNINGS=ignore::UserWarning $(BIN)/cyclonedx-py requirements --output-reproducible \
		--pyproject pyproject.toml --output-file "$(SBOM)" requirements/runtime.txt
	@$(BIN)/cyclonedx-py environment --output-reproducible --output-file - $(BIN)/python \
		| $(BIN)/python requirements/name_licences.py "$(SBOM)"
	@echo "$(SBOM) is written"

bench: $(READY) ## measure all, some 25 minutes; bench/README.md says how
	@$(BIN)/python -m bench all

# The stamp goes first and comes last: a .venv without it was left half-built and is begun anew.
# Compiled once, each command starts a second sooner where Python may not write bytecode itself.
$(READY): requirements/uv.txt requirements/dev.txt pyproject.toml clients/python/pyproject.toml
	@set -e; \
	old=; ready=; \
	for python in python3.14 python3.13 python3.12 python3.11 python3; do \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old=$$version; continue; }; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null && { ready=$$python; break; }; \
		: "$${bare:=$$version}"; \
	done; \
	if [ -z "$$ready" ] && [ -n "$$bare" ]; then \
		echo "Python $$bare cannot make virtual environments: apt-get install python$$bare-venv" >&2; exit 1; \
	elif [ -z "$$ready" ]; then \
		echo "Python 3.11 or newer is needed, found: $${old:-none}" >&2; exit 1; \
	fi; \
	if [ "$$($(BIN)/python -c pass 2>/dev/null && cat $@ 2>/dev/null)" != "$(CURDIR)" ]; then \
		echo "building .venv with $$ready"; \
		rm -f $@; "$$ready" -m venv --clear .venv; \
	fi; \
	rm -f $@; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt; \
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
		-r requirements/dev.txt; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . -e clients/python; \
	printf '%s\n' "$(CURDIR)" > $@
