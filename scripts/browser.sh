# Sourced by the test scripts: sets CHROMIUM, and installs a browser where there is none.
find_browser() {
    CHROMIUM=$("$venv" -m tests.browser) && export CHROMIUM
}

may_use_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

apt_install() {
    local log
    log=$(mktemp)
    echo "Installing $* with apt-get."
    if apt-get update >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 3 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

playwright_install() {
    local extra=()
    may_use_apt && extra=(--with-deps)
    echo "Installing Playwright's Chromium."
    wait_for "$venv" -m playwright install "${extra[@]}" chromium >/dev/null 2>&1
}

need_browser() {
    find_browser && return
    may_use_apt && apt_install chromium fonts-liberation && find_browser && return
    playwright_install && find_browser && return
    fail "The tests need a browser, and Chromium could neither be found nor installed: please install it, or set CHROMIUM to its path."
}
