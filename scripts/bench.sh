#!/usr/bin/env bash
# make bench: what the intake takes, on a database of its own. Nothing of this machine's own settings but DATABASE_URL.
set -u
. "$(dirname "$0")/environment.sh"
install requirements.txt

exec env -i PATH="$PATH" HOME="${HOME-}" TMPDIR="${TMPDIR:-/tmp}" PYTHONUNBUFFERED=1 \
    ${DATABASE_URL:+DATABASE_URL="$DATABASE_URL"} "$venv" -m bench.intake "$@"
