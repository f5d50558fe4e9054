#!/usr/bin/env bash
# make test: every test, with the journeys in a real browser.
set -u
. "$(dirname "$0")/environment.sh"
. scripts/browser.sh

install requirements.txt requirements-dev.txt
need_browser
# Two at once, each file in one process: what a module prepares is prepared once.
exec "$venv" -m pytest -n 2 --dist loadfile "$@"
