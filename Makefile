.DEFAULT_GOAL := help
.PHONY: help run test test-postgres check fix bench

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

run: ## serve the demo on http://localhost:8000 (PORT and DATA_DIR can be set)
	@exec scripts/run.sh

test: ## run every test, also in a real browser (ARGS goes to pytest)
	@exec scripts/test.sh $(ARGS)

test-postgres: ## run every test on a private PostgreSQL
	@exec scripts/test-postgres.sh $(ARGS)

check: ## lint the code and the templates, check the settings and the migrations
	@exec scripts/check.sh

fix: ## put the code in shape
	@exec scripts/fix.sh

bench: ## measure steps and submits a second beside a bare insert (ARGS: --rounds, --seconds)
	@exec scripts/bench.sh $(ARGS)
