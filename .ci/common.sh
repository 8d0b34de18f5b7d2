# What `.ci/run` and `.ci/full` share; they source it. Needs Python with pip, or uv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

say() { printf '\n== %s\n' "$*"; }

# A folder of our own where the machine's Python lets nobody install: see PEP 668.
install_uv() {
    local python=python3 home="${XDG_CACHE_HOME:-$HOME/.cache}/crossings/uv"
    command -v python3 >/dev/null || python=python
    if "$python" -m pip install --quiet uv 2>/dev/null; then
        PATH="$("$python" -c 'import sysconfig; print(sysconfig.get_path("scripts"))'):$PATH"
        PATH="$("$python" -m site --user-base)/bin:$PATH"
    elif "$python" -m venv "$home" && "$home/bin/pip" install --quiet uv 2>/dev/null; then
        PATH="$home/bin:$PATH"
    else
        "$python" -m pip install --quiet --user --break-system-packages uv
        PATH="$("$python" -m site --user-base)/bin:$PATH"
    fi
    export PATH
}

# Of Chromium first what has no windows, and costs the tests a fifth less.
install_chromium() {
    local as_root=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || return 1
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get update -qq >/dev/null
    local package
    for package in chromium-headless-shell chromium; do
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$package" >/dev/null && return
    done
    return 1
}

need_uv() {
    if ! uv --version >/dev/null 2>&1; then
        say "install uv"
        install_uv
    fi
    uv --version
}

# Where it cannot be installed the tests that need it say so, and all others still run.
need_chromium() {
    command -v chromium-headless-shell >/dev/null && return
    say "install chromium-headless-shell"
    install_chromium || command -v chromium >/dev/null ||
        echo "Chromium cannot be installed: the tests in a browser will fail" >&2
}

table=()
failures=0
# Runs a command and keeps its outcome for the closing table; the commands after it run all the same.
check() {
    local status=0 began=$SECONDS outcome=good
    say "$*"
    "$@" || status=$?
    # pytest says 5 where there is nothing to run
    if [ "$status" = 5 ] && [[ "$*" = *"pytest"*" -m "* ]]; then
        outcome="no tests"
    elif [ "$status" != 0 ]; then
        outcome=FAILED
        failures=$((failures + 1))
    fi
    table+=("$(printf '%-9s %6d s  %s' "$outcome" $((SECONDS - began)) "$*")")
}

# Prints the closing table; ends with 1 if anything failed.
finish() {
    say "outcome, time, check"
    printf '%s\n' "${table[@]}"
    printf '%-9s %6d s  all\n' "$([ "$failures" = 0 ] && echo good || echo FAILED)" "$SECONDS"
    [ "$failures" = 0 ]
}
