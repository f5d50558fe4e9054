#!/usr/bin/env bash
# make test-postgres: the same tests on a private cluster in a temporary folder, removed whatever happens.
set -u
. "$(dirname "$0")/environment.sh"
. scripts/browser.sh

find_postgres() {
    local initdb
    initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$initdb" ] || initdb=$(command -v initdb) || return 1
    bin=$(dirname "$initdb")
}

need_postgres() {
    find_postgres && return
    may_use_apt && apt_install postgresql && find_postgres && return
    fail "These tests need PostgreSQL's server programs, which could neither be found nor installed: please install postgresql."
}

# PostgreSQL refuses to run as root.
unprivileged() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups --reset-env "$@"
    else
        "$@"
    fi
}

start_postgres() {
    local quick="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    # Only a socket in the private folder: no port to choose, nobody else can connect.
    local private="-c listen_addresses='' -c unix_socket_directories=$folder"
    unprivileged "$bin/initdb" -D "$folder/data" -U portal -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 &&
        unprivileged "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -o "$quick $private" start >>"$folder/log" 2>&1
}

remove_postgres() {
    unprivileged "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$folder"
}

install requirements.txt requirements-dev.txt
need_browser
need_postgres

# Not TMPDIR: a socket's path must be short, and every parent open to the unprivileged user.
folder=$(mktemp -d /tmp/portal-postgres.XXXXXX) || fail "No temporary folder could be made in /tmp."
owner=$(id -un postgres 2>/dev/null || echo nobody)
trap remove_postgres EXIT
[ "$(id -u)" != 0 ] || chown "$owner" "$folder"
cd "$folder" && start_postgres && cd "$OLDPWD" || fail "A private PostgreSQL could not be started: $(tail -n 1 "$folder/log")"

export DATABASE_URL="postgres://portal@/portal?host=$folder"
mkdir "$folder/tmp"
TMPDIR=$folder/tmp wait_for "$venv" -m pytest -n 2 --dist loadfile "$@"
