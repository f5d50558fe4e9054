#!/usr/bin/env bash
# make fix: what the tools can mend by themselves.
set -u
. "$(dirname "$0")/environment.sh"
install requirements.txt requirements-dev.txt

"$venv" -m ruff check --fix .
"$venv" -m ruff format .
