PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

EFFORT ?= full

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-clients test-browser test-team test-clusters test-storage test-chaos chaos check bench bench-throughput bench-search bench-recovery bench-search-overhead bench-training bench-serving bench-many-runs bench-tracking bench-reports bench-soak bench-studies bench-gateway bench-scaling bench-cifar10 bench-page format lock clean

help: ## List the targets.
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-21s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Secateur needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(STAMP) ## Create .venv and install the locked dependencies.

demo: $(STAMP) ## Search, prune, register and serve a classifier of handwritten digits.
	$(BIN)/secateur run examples/digits.yaml

test: $(STAMP) ## Run the fast test suite.
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(STAMP) ## Run the tests that take minutes.
	$(BIN)/python -m pytest -m "slow and not chaos"

test-clients: $(STAMP) ## Set tritonclient, kserve and schemathesis on the server.
	$(PYTHON) -m venv $(VENV)/clients
	$(VENV)/clients/bin/python -m pip install --quiet --requirement tests/serving/clients/requirements.txt
	SECATEUR_CLIENTS=$(abspath $(VENV)/clients) $(BIN)/python -m pytest -m slow tests/serving/clients

test-browser: $(STAMP) ## Use the server's page and the reports in a headless Chromium, installing one if need be.
	$(PYTHON) -m venv $(VENV)/browser
	$(VENV)/browser/bin/python -m pip install --quiet --requirement tests/browser/requirements.txt
	sh tests/browser/chromium.sh
	SECATEUR_BROWSER=$(abspath $(VENV)/browser) $(BIN)/python -m pytest -m slow tests/serving/browser tests/search/browser

test-team: $(STAMP) ## Start a team's tracking server on PostgreSQL, installing it if need be, and test on it.
	$(PYTHON) -m venv $(VENV)/team
	$(VENV)/team/bin/python -m pip install --quiet --require-hashes --requirement clusters/mlflow/requirements.txt
	sh tests/clusters/postgresql.sh
	SECATEUR_TEAM=$(abspath $(VENV)/team) $(BIN)/python -m pytest -m slow \
		$(addprefix tests/clusters/test_,access.py member.py suites.py)

test-clusters: $(STAMP) ## Judge the definitions of clusters by their own tools (PyPI, and promtool of Debian).
	$(PYTHON) -m venv $(VENV)/linters
	$(VENV)/linters/bin/python -m pip install --quiet --requirement tests/clusters/requirements.txt
	sh tests/clusters/promtool.sh $(VENV)/linters/bin
	SECATEUR_LINTERS=$(abspath $(VENV)/linters) $(BIN)/python -m pytest \
		$(addprefix tests/clusters/test_,agreement.py compose.py definitions.py image.py kubernetes.py launchers.py slurm.py)

test-storage: $(STAMP) ## Keep jobs in a bucket of a real S3 server, and go on elsewhere.
	$(PYTHON) -m venv $(VENV)/storage
	$(VENV)/storage/bin/python -m pip install --quiet --requirement tests/search/storage/requirements.txt
	SECATEUR_S3=$(abspath $(VENV)/storage) $(BIN)/python -m pytest -m slow tests/search/storage

test-chaos: $(STAMP) ## Play a job of every fault, which befalls it five times (an hour and a half).
	$(BIN)/python -m pytest -m slow tests/chaos

chaos: $(STAMP) ## Play every fault 20 times at random moments, for docs/benchmarks.md (a night).
	SECATEUR_CHAOS_ROUNDS=4 SECATEUR_CHAOS_RESULTS=benchmarks/results/chaos \
		$(BIN)/python -m pytest -m slow tests/chaos; ended=$$?; $(BIN)/python -m benchmarks.page && exit $$ended

check: $(STAMP) ## Lint, types and import rules.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: bench-throughput bench-recovery bench-search ## The benchmarks of pruning and recovery (most of a day).

bench-throughput: $(STAMP) ## Measure episodes a second against a loop in the reference's style.
	$(BIN)/python -m benchmarks.throughput --network resnet20
	$(BIN)/python -m benchmarks.throughput --network vgg16
	$(BIN)/python -m benchmarks.page

bench-search: $(STAMP) ## Set all agents against each other at equal evaluations (hours).
	$(BIN)/python -m benchmarks.parents lenet resnet20
	$(BIN)/python -m benchmarks.search_quality
	$(BIN)/python -m benchmarks.after_finetuning
	$(BIN)/python -m benchmarks.fast_against_exact
	$(BIN)/python -m benchmarks.page

bench-recovery: $(STAMP) ## Compare ways to recover and times to prune (MNIST, some 15 minutes).
	$(BIN)/python -m benchmarks.recovery
	$(BIN)/python -m benchmarks.page

bench-training: $(STAMP) ## Time training against a plain PyTorch loop (digits and MNIST, 20 minutes).
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.page

bench-studies: $(STAMP) ## Play the studies of the literature again (hours; MNIST).
	$(BIN)/python -m benchmarks.studies

BENCH_RIVALS := $(foreach rival,bentoml mlserver,$(VENV)/bench-$(rival)/.installed)

$(VENV)/bench-%/.installed: benchmarks/serving/rivals/%/requirements.txt | $(STAMP)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --requirement $<
	@touch $@

bench-serving: $(STAMP) $(BENCH_RIVALS) ## Set the server against FastAPI, BentoML and MLServer (wrk; some 15 minutes).
	$(BIN)/python -m benchmarks.serving.compare
	$(BIN)/python -m benchmarks.page

bench-soak: $(STAMP) ## Load the server for ten minutes; then kill a replica under load (wrk).
	$(BIN)/python -m benchmarks.serving.soak --minutes 10
	$(BIN)/python -m benchmarks.serving.soak --minutes 1 --kill 20
	$(BIN)/python -m benchmarks.page

bench-search-overhead: $(STAMP) ## Time the search stage against a bare Optuna loop (8 minutes, MNIST).
	$(BIN)/python -m benchmarks.search_overhead
	$(BIN)/python -m benchmarks.page

bench-many-runs: $(STAMP) ## Open MLflow's run table on 10,000 trials (after test-team and test-browser).
	$(BIN)/python -m benchmarks.many_runs --store sqlite --browser $(VENV)/browser
	SECATEUR_TEAM=$(abspath $(VENV)/team) $(BIN)/python -m benchmarks.many_runs --store postgresql --browser $(VENV)/browser
	$(BIN)/python -m benchmarks.page

bench-tracking: $(STAMP) ## Time a job with and without its MLflow tracker (an hour).
	$(BIN)/python -m benchmarks.tracking
	$(BIN)/python -m benchmarks.page

bench-reports: $(STAMP) ## Write and open the report of 10,000 trials (Chromium; a minute).
	sh tests/browser/chromium.sh
	$(BIN)/python -m benchmarks.reports
	$(BIN)/python -m benchmarks.page

bench-gateway: $(STAMP) ## Time the gateway's answers while 200 jobs come at once (a minute).
	$(BIN)/python -m benchmarks.gateway
	$(BIN)/python -m benchmarks.page

bench-scaling: $(STAMP) ## Measure 2 to 32 workers and what a driver's work costs (forty minutes).
	for workers in 2 4 8 16 32; do $(BIN)/python -m benchmarks.scaling.trials --workers $$workers || exit 1; done
	$(BIN)/python -m benchmarks.scaling.episodes
	$(BIN)/python -m benchmarks.scaling.driver
	$(BIN)/python -m benchmarks.scaling.page

bench-cifar10: $(STAMP) ## Reproduce the headline table (CIFAR-10 below SECATEUR_DATA; a GPU, or EFFORT=short).
	for network in vgg19 resnet34 resnet56 resnet20; do \
		$(BIN)/python -m benchmarks.cifar10 --network $$network --effort $(EFFORT) || exit 1; done
	$(BIN)/python -m benchmarks.page

bench-page: $(STAMP) ## Write docs/benchmarks.md from the result files.
	$(BIN)/python -m benchmarks.page

format: $(STAMP) ## Apply the formatter and the safe fixes.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## Resolve pyproject.toml into requirements.lock.
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --quiet pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --quiet clusters/mlflow/requirements.in \
		--output-file clusters/mlflow/requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --quiet clusters/aws/requirements.in \
		--output-file clusters/aws/requirements.txt

clean: ## Remove the environment and everything that runs wrote.
	rm -rf $(VENV) runs
