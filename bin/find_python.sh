# Sourced by bin/studio and bin/test. find_python sets PYTHON to one that can carry the studio, or ends with one sentence.

say() { printf '%s\n' "$*" >&2; }

# What another project left in the shell must not reach ours.
clean_environment() {
    unset PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT VIRTUAL_ENV CONDA_PREFIX __PYVENV_LAUNCHER__
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PIP_REQUIREMENT PIP_NO_DEPS PIP_DRY_RUN
    export PYTHONNOUSERSITE=1
    case ${DJANGO_SETTINGS_MODULE:-} in
        studio.settings.*) ;;
        *) unset DJANGO_SETTINGS_MODULE ;;
    esac
}

# Prints "ok", "bare X.Y" (no venv, pip or SQLite), "old X.Y", or nothing when it does not run at all.
judge_python() {
    "$1" -c '
import sys
version = "%d.%d" % sys.version_info[:2]
if sys.version_info < (3, 11):
    print("old " + version)
else:
    try:
        import ensurepip, sqlite3, ssl, venv
        print("ok")
    except ImportError:
        print("bare " + version)
' 2>/dev/null </dev/null
}

# STUDIO_PYTHON is taken at its word; otherwise the first that is good enough.
find_python() {
    local candidate verdict old="" bare=""
    for candidate in ${STUDIO_PYTHON:+"$STUDIO_PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 python; do
        verdict=$(judge_python "$candidate") || verdict=""
        case $verdict in
            ok) PYTHON=$candidate; return 0 ;;
            bare*) bare=${bare:-${verdict#bare }} ;;
            old*) old=${old:-${verdict#old }} ;;
        esac
        if [ -n "${STUDIO_PYTHON:-}" ] && [ "$candidate" = "$STUDIO_PYTHON" ]; then
            [ -n "$verdict" ] || { say "STUDIO_PYTHON=$STUDIO_PYTHON does not run: name a Python 3.11 or newer, or unset it."; exit 1; }
            break
        fi
    done
    if [ -n "$bare" ]; then
        say "Python $bare is here but without its venv, pip or SQLite module: install them (on Debian and Ubuntu: apt install python3-venv) and run this again."
    elif [ -n "$old" ]; then
        say "Python $old is too old: install Python 3.11 or newer (or point STUDIO_PYTHON to one) and run this again."
    else
        say "No Python found: install Python 3.11 or newer (or point STUDIO_PYTHON to one) and run this again."
    fi
    exit 1
}
