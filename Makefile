# Every target is one call of `python -m analysis`, in an environment that make builds itself
# from requirements.lock. `make` alone explains the targets.

STUDY ?= bussu-marshall-2020
# The first Python that fits, 3.11 before others: identical bytes are promised there.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done)
READY := .venv/.ready
# Another tool, kept apart: what it needs is older than what notebooks need.
TAGUETTE := .venv/taguette/.ready
# The validator of evidence packages, likewise.
CRATE := .venv/crate/.ready
# Engines that bench measures and nothing else uses, beside the packages of notebooks.
BENCH := .venv/bench/.ready
# Spark, beside the packages of notebooks as well.
CLUSTER := .venv/cluster/.ready
# Looks for faults of accessibility; a tool of the tests and no part of the report.
AXE := .venv/axe/.ready
ANALYSIS := .venv/bin/python -m analysis
NAMED = $(firstword $(subst =, ,$(1)))
CHOSEN = $(foreach pair,$(WITH),--parameter '$(call NAMED,$(pair))' '$(patsubst $(call NAMED,$(pair))=%,%,$(pair))') $(if $(RUNS),--runs $(RUNS)) $(if $(VIEW),--view "$(VIEW)")
WAY = $(if $(JOBS),--jobs $(JOBS)) $(OPTIONS)
TIMES ?= 1
ROUNDS ?= 5
SECONDS ?= 600
SEED ?= 1
# Needed by Spark, and of the versions that notebooks have.
SHARED := numpy pandas python-dateutil typing-extensions tzdata
LOCKING := --universal --generate-hashes --python-version 3.11 --upgrade
# System certificates, as hospitals and universities often sit behind a proxy with one of its own.
UV := UV_PYTHON_DOWNLOADS=never .venv/bin/uv --quiet --system-certs pip

.DEFAULT_GOAL := help
.PHONY: help reproduce verify accept audit check claims leaks release crate handin sensecheck report plan study import export simulate calibrate bench lab test faults test-slow test-taguette test-crate test-cluster test-report test-browser test-office tour fuzz lint lock clean

help:  ## explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'STUDY=name picks a folder of data/raw/ (now $(STUDY)); JOBS=2 runs notebooks side by side;'
	@echo 'WITH="min_people=10" sets a parameter and RUNS="03 05" picks runs, both only for a look, into scratch/trials/;'
	@echo 'VIEW=name runs a view that was kept in make lab, into scratch/trials/ too;'
	@echo 'REUSE=1 takes over what is unchanged; OPTIONS=-v shows what cells show, OPTIONS=--json is for programs.'

reproduce: $(READY)  ## run every notebook and write every table, figure and appendix
	@$(ANALYSIS) reproduce $(STUDY) $(CHOSEN) $(WAY) $(if $(filter-out 0,$(REUSE)),--reuse)

verify: $(READY)  ## run everything again beside the kept results, grade each, and say what differs and why
	@$(ANALYSIS) verify $(STUDY) $(WAY)

audit: $(READY)  ## plant faults into throw-away copies, and see that each is noticed and by what (SEED=1)
	@$(ANALYSIS) audit --seed $(SEED) $(if $(JOBS),--jobs $(JOBS))

accept: $(READY)  ## run everything again, show what differs, ask, and replace the kept results
	@$(ANALYSIS) accept $(STUDY) $(if $(JOBS),--jobs $(JOBS)) $(OPTIONS)

check: $(READY)  ## check the study's raw tables, wherever they lie, and explain every error at once
	@$(ANALYSIS) check $(STUDY)

claims: $(READY)  ## hold the paper's claims and the pages' numbers against cells and tables, and list what differs
	@$(ANALYSIS) claims $(STUDY)

leaks: $(READY)  ## list what stands in the study's results and is confidential, before anybody gets them
	@$(ANALYSIS) leaks $(STUDY)

release: $(READY)  ## write what may leave of a restricted study, and say why not the rest (THRESHOLD=10)
	@$(ANALYSIS) release $(STUDY) $(if $(THRESHOLD),--threshold $(THRESHOLD))

crate: $(READY)  ## write the evidence package of the results: what ran on what, hashes, parts for codecheckers and data editors
	@$(ANALYSIS) crate $(STUDY) $(OPTIONS)

handin: $(READY)  ## write what a journal wants: Word, Excel, LaTeX, the COREQ checklist, the methods, into scratch/handin/
	@$(ANALYSIS) handin $(STUDY)

report: $(READY)  ## write a site that leads from every number to its cell and the excerpts behind it, into scratch/report/
	@$(ANALYSIS) report $(STUDY)

sensecheck: $(READY)  ## write a sheet for each theme to work over in a workshop, into scratch/sensecheck/, and a table for the answers
	@$(ANALYSIS) sensecheck $(STUDY)

plan: $(READY)  ## show which notebook runs with which parameters and writes what
	@$(ANALYSIS) plan $(STUDY) $(CHOSEN)

study: $(READY)  ## begin the study STUDY by hand: tables with example rows to write over, and a page that explains them
	@$(ANALYSIS) study "$(STUDY)"

import: $(READY)  ## make the study STUDY of the file FROM that another tool has exported (OPTIONS=--help)
	@test -n "$(FROM)" || { echo 'Say which file: make import FROM=export.qdpx STUDY=my-study'; exit 2; }
	@$(ANALYSIS) import "$(FROM)" $(STUDY) $(OPTIONS)

export: $(READY)  ## write the study's codings for other tools, its quotations and codebook as sheets and as Word
	@$(ANALYSIS) export $(STUDY)

simulate: $(READY)  ## write the raw tables of the study whose truth is known, from its declaration
	@$(ANALYSIS) simulate

calibrate: $(READY)  ## count in simulated studies how often each interval contains the truth
	@$(ANALYSIS) calibrate

lab: $(READY)  ## open JupyterLab on this machine only, to look around in the study STUDY and keep views of it
	@$(ANALYSIS) lab $(STUDY) $(if $(OPTIONS),-- $(OPTIONS))

test: $(READY)  ## run all tests but those of faults and of the other targets that begin with test- (ARTICLE=path holds the transcription against the article's text)
	@.venv/bin/python -m pytest $(if $(ARTICLE),--article $(ARTICLE))

faults: $(READY)  ## try every fault of a run and of a tool's file, TIMES times over (slow)
	@for n in $$(seq $(TIMES)); do echo "$$n of $(TIMES)"; \
	  .venv/bin/python -m pytest -q --dist=load -m faults tests || exit 1; done

test-slow: $(READY)  ## run the tests of whole releases, sequences and kernels that take longest
	@.venv/bin/python -m pytest -q -m slow tests

test-taguette: $(TAGUETTE)  ## import what the real Taguette exports, which is started on this machine only
	@.venv/bin/python -m pytest -q -n0 -m taguette tests

test-crate: $(CRATE)  ## hold evidence packages against the validator of RO-Crates, without the network
	@.venv/bin/python -m pytest -q -n0 -m crate tests

test-cluster: $(READY)  ## ask a Spark cluster, which is started on this machine only, and take a worker away from it (SCALE=1e6 times it, into docs/scale-cluster.csv)
	@command -v java >/dev/null || { echo 'Java 17 or newer is needed. On Debian and Ubuntu: apt install openjdk-17-jre-headless'; exit 2; }
	@$(MAKE) --no-print-directory $(CLUSTER)
	@PYTHONPATH=.venv/cluster .venv/bin/python -m pytest -q -n0 -m cluster tests/test_cluster.py
ifdef SCALE
	@PYTHONPATH=.:tests:tests/bench:.venv/cluster .venv/bin/python tests/bench/on_a_cluster.py $(SCALE)
endif

test-report: $(READY)  ## open every page of the report in a browser, offline, and look for faults of accessibility
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { echo 'Chromium and its driver are needed. On Debian: apt install chromium chromium-driver'; exit 2; }
	@command -v npm >/dev/null || { echo 'npm is needed, for axe-core. On Debian and Ubuntu: apt install npm'; exit 2; }
	@$(MAKE) --no-print-directory $(AXE)
	@.venv/bin/python -m pytest -q -n0 -m browser tests/test_report_browser.py

test-browser: $(READY)  ## look around in JupyterLab as a person does, and fill in a form: a browser, without the network
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { echo 'Chromium and its driver are needed. On Debian: apt install chromium chromium-driver'; exit 2; }
	@command -v npm >/dev/null || { echo 'npm is needed, for axe-core. On Debian and Ubuntu: apt install npm'; exit 2; }
	@$(MAKE) --no-print-directory $(AXE)
	@.venv/bin/python -m pytest -q -n0 -m browser tests/test_lab_browser.py tests/test_handin_sheets_browser.py

tour: $(READY)  ## make the pictures of the README anew, and time the screen (needs a browser and LibreOffice)
	@PYTHONPATH=.:tests .venv/bin/python tests/tour.py

test-office: $(READY)  ## open what make handin writes in LibreOffice, and compile its LaTeX, for both studies
	@for one in soffice pdftoppm pdftotext; do command -v $$one >/dev/null || { echo "$$one is needed. On Debian and Ubuntu: apt install libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils texlive-latex-recommended"; exit 2; }; done
	@.venv/bin/python -m pytest -q -n0 -m office tests/test_office*.py

fuzz: $(READY)  ## try to break the readers with changed files, for SECONDS=600
	@PYTHONPATH=. .venv/bin/python tests/fuzz.py --seconds $(SECONDS) --seed $(SEED)

bench: $(BENCH)  ## time every way of running notebooks into docs/benchmarks.md, the bootstrap, and large imports (ROUNDS=5, half an hour); SCALE=1e7: studies of up to so many codings into docs/scale.md
ifdef SCALE
	@PYTHONPATH=.:tests:tests/bench .venv/bin/python tests/bench/scale.py $(SCALE); found=$$?; \
	  PYTHONPATH=.:tests:tests/bench .venv/bin/python tests/bench/scale_page.py && exit $$found
else
	@PYTHONPATH=.:tests:tests/bench .venv/bin/python tests/bench/notebooks.py $(ROUNDS)
	@PYTHONPATH=. .venv/bin/python tests/bench/measures.py
endif

lint: $(READY)  ## check the style of the code and the notebooks
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

lock: $(READY)  ## renew requirements.lock from pyproject.toml, and the locks of Taguette, of the validator and of Spark
	@$(UV) compile pyproject.toml --extra dev --extra audit --extra large $(LOCKING) -o requirements.lock
	@$(UV) compile tests/taguette/requirements.in $(LOCKING) -o tests/taguette/requirements.lock
	@$(UV) compile tests/bench/requirements.in --no-deps $(LOCKING) -o tests/bench/requirements.lock
	@$(UV) compile tests/crate/requirements.in $(LOCKING) -o tests/crate/requirements.lock
	@$(UV) compile tests/cluster/requirements.in $(LOCKING) $(SHARED:%=--no-emit-package %) -o tests/cluster/requirements.lock

clean:  ## remove the environment and scratch/; results stay, and views that were kept
	@rm -rf .venv
	@test ! -d scratch || find scratch -mindepth 1 -maxdepth 1 ! -name views -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11, 3.12, 3.13 or 3.14 is needed and none was found. Name one: make PYTHON=/path/to/python3.11'; exit 2; }
	@echo 'Making the environment in .venv with $(PYTHON) (once, from requirements.lock)'
	@rm -rf .venv && $(PYTHON) -m venv .venv || { echo 'Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv'; rm -rf .venv; exit 2; }
	@awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements.lock > .venv/uv.lock
	@.venv/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --requirement .venv/uv.lock
	@$(UV) sync --require-hashes --compile-bytecode requirements.lock
	@$(UV) install --no-deps --no-build-isolation --editable .
	@touch $@

$(TAGUETTE): $(READY) tests/taguette/requirements.lock
	@echo 'Making the environment of Taguette in .venv/taguette (once, from tests/taguette/requirements.lock)'
	@rm -rf .venv/taguette && .venv/bin/python -m venv --without-pip .venv/taguette
	@$(UV) sync --python .venv/taguette/bin/python --require-hashes --compile-bytecode tests/taguette/requirements.lock
	@touch $@

$(CRATE): $(READY) tests/crate/requirements.lock
	@echo 'Making the environment of the validator in .venv/crate (once, from tests/crate/requirements.lock)'
	@rm -rf .venv/crate && .venv/bin/python -m venv --without-pip .venv/crate
	@$(UV) sync --python .venv/crate/bin/python --require-hashes --compile-bytecode tests/crate/requirements.lock
	@touch $@

$(BENCH): $(READY) tests/bench/requirements.lock
	@$(UV) install --quiet --no-deps --require-hashes --target .venv/bench --requirement tests/bench/requirements.lock
	@touch $@

$(CLUSTER): $(READY) tests/cluster/requirements.lock
	@echo 'Putting Spark into .venv/cluster (once, from tests/cluster/requirements.lock; 700 MB)'
	@rm -rf .venv/cluster
	@$(UV) install --quiet --no-deps --require-hashes --target .venv/cluster --requirement tests/cluster/requirements.lock
	@touch $@

$(AXE): $(READY) tests/report/package.json tests/report/package-lock.json
	@echo 'Putting axe-core into .venv/axe (once, from tests/report/package-lock.json)'
	@rm -rf .venv/axe && mkdir -p .venv/axe && cp tests/report/package.json tests/report/package-lock.json .venv/axe/
	@npm ci --prefix .venv/axe --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
