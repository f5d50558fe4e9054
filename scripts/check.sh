#!/usr/bin/env bash
# make check: everything that can be said about the code without running it. All of it is said, then the exit code.
set -u
. "$(dirname "$0")/environment.sh"
install requirements.txt requirements-dev.txt

failed=()
check() {
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}

# Nothing of this machine's own settings.
unset SECRET_KEY FIELD_KEYS DEMO I_ACCEPT_NOT_READY DATABASE_URL
DATA_DIR=$(mktemp -d)
export DATA_DIR
trap 'rm -rf "$DATA_DIR"' EXIT
"$venv" -m portal.demo_env 2>/dev/null

in_production() {
    DEMO=0 I_ACCEPT_NOT_READY=1 ALLOWED_HOSTS=clinic.example SITE_URL=https://clinic.example "$@"
}

check "code" "$venv" -m ruff check .
check "format" "$venv" -m ruff format --check .
check "templates" "$venv" -m djlint templates --lint --quiet
check "one-way imports" "$venv" -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
check "migrations" "$venv" manage.py makemigrations --check --dry-run
check "table of rules" "$venv" manage.py write_rules_table --check
check "hope steps" "$venv" manage.py expand_hopes --check
check "trimmed Bootstrap" "$venv" manage.py trim_bootstrap --check
check "settings of the demo" "$venv" manage.py check
check "settings of production" in_production "$venv" manage.py check --deploy --fail-level WARNING

[ ${#failed[@]} = 0 ] || fail "Failed: $(printf '%s; ' "${failed[@]}" | sed 's/; $//')."
echo "All checks passed."
