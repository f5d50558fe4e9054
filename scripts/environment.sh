# Sourced by the other scripts: finds Python and keeps .venv in step with the requirements.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
venv=$PWD/.venv/bin/python

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# A signal ends the script and what it waits for, which a terminal's Ctrl-C reaches and a plain kill does not.
child=""
leave() {
    if [ -n "$child" ]; then
        kill "$child" 2>/dev/null
        wait "$child"
    fi
    exit "$1"
}
trap 'leave 130' INT
trap 'leave 143' TERM
trap 'leave 129' HUP

wait_for() {
    # Bash makes what runs in the background deaf to Ctrl-C, and its children with it.
    (trap - INT && exec "$@") &
    child=$!
    wait "$child"
    local status=$?
    child=""
    return "$status"
}

find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        # Run it: a name on the PATH may be a shim for a version that is not there.
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            return
        fi
    done
    fail "Python 3.11 or newer is needed, and $(python3 --version 2>/dev/null || echo 'no python3') was found: please install it and try again."
}

# install FILE...: the last file includes the others, and .venv remembers what it was made from.
install() {
    local stamp last=${!#}
    # Two starts in one clone take turns: the lock is on the folder, and ends with this script at the latest.
    exec 9<.
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    stamp=$(cat "$@" | cksum)
    if [ "$(cat ".venv/$last.stamp" 2>/dev/null)" != "$stamp" ] || ! "$venv" -c '' 2>/dev/null; then
        make_venv
        echo "Installing the packages of $last into .venv (a minute or two)."
        wait_for "$venv" -m pip install --quiet --disable-pip-version-check --no-input -r "$last" >.venv/pip.log 2>&1 ||
            fail "The packages could not be installed: $(why_pip_failed) All of it is in .venv/pip.log."
        remember "$@"
    fi
    exec 9<&-
}

make_venv() {
    "$venv" -m pip --version >/dev/null 2>&1 && return
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python's venv module is missing: please install it (on Debian and Ubuntu: apt-get install python3-venv) and try again."
    echo "Making a Python environment in .venv."
    rm -rf .venv
    "$python" -m venv .venv >/dev/null || fail "The folder $PWD/.venv could not be made: is the disk full, or the folder read-only?"
}

why_pip_failed() {
    if grep -qE 'NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|No route to host' .venv/pip.log; then
        echo "the package index cannot be reached, is there a network?"
    else
        grep -m1 -iE '^ *error' .venv/pip.log
    fi
}

remember() {
    local file files=()
    for file in "$@"; do
        files+=("$file")
        cat "${files[@]}" | cksum >".venv/$file.stamp"
    done
}

find_python
