#!/usr/bin/env bash
# make bench: forms, pages and searches, each on a database of its own. PARTS chooses some of them, which a
# DATABASE_URL needs, because it names one database. Nothing else of this machine's own settings.
set -u
. "$(dirname "$0")/environment.sh"
install requirements.txt

status=0
for part in ${PARTS:-intake pages search}; do
    wait_for env -i PATH="$PATH" HOME="${HOME-}" TMPDIR="${TMPDIR:-/tmp}" PYTHONUNBUFFERED=1 \
        ${DATABASE_URL:+DATABASE_URL="$DATABASE_URL"} "$venv" -m "bench.$part" "$@" || status=1
done
exit $status
