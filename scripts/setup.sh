#!/bin/sh
# Makes .venv from the lock file: with uv where it is installed, with venv and pip where it is not.
# Usage: sh scripts/setup.sh run|test
set -eu
what=${1:-run}
lock=requirements.lock
[ "$what" = test ] && lock=requirements-dev.lock

find_python() {
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Paperboy needs Python 3.11 or newer; none was found. Install it, or name it: make $what PYTHON=/path/to/python3" >&2
    exit 1
}

python=$(find_python)
fresh=no
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || fresh=yes
echo "Setting up .venv (once; about a minute) …" >&2
if command -v uv >/dev/null 2>&1; then
    [ "$fresh" = no ] || uv venv --quiet --clear --python "$python" .venv
    uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r "$lock"
else
    .venv/bin/python -m pip --version >/dev/null 2>&1 || fresh=yes # uv makes venvs without pip
    if [ "$fresh" = yes ]; then
        "$python" -m venv --clear .venv || {
            echo "This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2
            exit 1
        }
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
# `paperboy` beside `python`: the source tree itself, so an edit or a git pull needs no new set-up.
.venv/bin/python - <<'EOF'
import pathlib, sys, sysconfig
site = pathlib.Path(sysconfig.get_path("purelib"))
root = pathlib.Path.cwd()
(site / "paperboy.pth").write_text(f"{root}\n", encoding="utf-8")
script = pathlib.Path(sys.executable).with_name("paperboy")
# Guarded: the process that parses imports this script again.
body = 'from bot.cli import main\n\nif __name__ == "__main__":\n    main()\n'
script.write_text(f"#!{sys.executable}\n{body}", encoding="utf-8")
script.chmod(0o755)
EOF
touch .venv/ready-run
[ "$what" = run ] || touch .venv/ready-test
