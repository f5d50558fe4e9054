.DEFAULT_GOAL := help
.PHONY: help run test test-postgres check fix bench pictures

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

bench: ## measure forms, pages and searches beside bare views (ARGS: --rounds, --seconds)
	@exec scripts/bench.sh $(ARGS)

pictures: ## take the pictures of the editors' guide anew
	@MAKE_PICTURES=1 exec scripts/test.sh -n 0 tests/journeys/test_editors_guide.py
