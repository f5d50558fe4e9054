#!/usr/bin/env bash
# make run: from a fresh clone to a served demo. What can go wrong is asked first, before the minute of installing.
set -u
export PYTHONUNBUFFERED=1
. "$(dirname "$0")/environment.sh"

"$python" -m portal.serve --check || exit
install requirements.txt
exec "$venv" -m portal.serve
