# Two commands are enough: `make run` and `make test`. Both do their own set-up, and reuse it.
PY := .venv/bin/python

.PHONY: run test test-postgres check lint lock clean
run: .venv/ready-run
	@$(PY) -m bot run

test: .venv/ready-test
	@$(PY) -m pytest -q -n 2 $(COVERAGE)

# The same suite on a PostgreSQL of its own; INSTALL=--install gets the Debian package where there is none.
test-postgres: .venv/ready-test
	@scripts/postgres.sh $(INSTALL) $(PY) -m pytest -q -n 2

lint: .venv/ready-test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

check: test lint

.venv/ready-run: requirements.lock scripts/setup.sh
	@sh scripts/setup.sh run

.venv/ready-test: requirements-dev.lock scripts/setup.sh
	@sh scripts/setup.sh test

# Needs uv. Universal and hashed: pip and uv install from it alike, and it names no registry.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --extra postgres pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra test --extra postgres -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
