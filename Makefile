# The index of commands; the work is done by what they call.

PYTHON ?= python3.11
BIN := .venv/bin
PARTS := gateway models stack services/classify services/image_search services/translate
EXTRAS := services/image_search/requirements-words services/translate/requirements-ctranslate2
COMPILE := pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: demo up test fuzz check bench openapi oxt lock images compose-test

demo: .venv/serving   ## classify, search and translate real input through the gateway
	@$(BIN)/python -m stack demo

up: .venv/serving   ## serve on http://127.0.0.1:8080 until Ctrl-C
	@$(BIN)/python -m stack up

test: .venv/development   ## every test that needs no container engine, on all cores
	$(BIN)/python -m models install
	$(BIN)/pytest --numprocesses auto --dist loadfile

fuzz: .venv/development   ## a deployment under more than 20,000 made-up calls; about half an hour
	$(BIN)/python -m models install
	$(BIN)/pytest -m fuzz --hypothesis-profile fuzz --timeout 3600

check: .venv/development   ## format, lint, types, import contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/development   ## measure and rewrite benchmarks/results
	$(BIN)/python -m models install
	$(BIN)/python -m benchmarks

openapi: .venv/development   ## rewrite the committed API descriptions
	$(BIN)/python -m docs.write_openapi

oxt:   ## build the LibreOffice extension into dist/; needs nothing installed
	@$(PYTHON) -m plugins.libreoffice.build

lock: .venv/development   ## resolve all dependencies anew, with hashes
	$(BIN)/uv $(COMPILE) requirements-dev.in --output-file requirements-dev.txt
	@for part in . $(PARTS); do $(BIN)/uv $(COMPILE) --constraints requirements-dev.txt $$part/requirements.in --output-file $$part/requirements.txt || exit 1; done
	@for extra in $(EXTRAS); do $(BIN)/uv $(COMPILE) --constraints requirements-dev.txt $$extra.in --output-file $$extra.txt || exit 1; done

images:   ## build the container images
	docker-compose build

compose-test: .venv/development   ## build the images, run the compose file end to end, kill a service, see it recover
	tests/e2e/compose-test

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/serving: requirements.txt | .venv/bin/python
	@echo "Installing the pinned dependencies (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/development: requirements-dev.txt | .venv/bin/python
	@echo "Installing the pinned dependencies, those for development too (about two minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/serving
