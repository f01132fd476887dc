#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, which is gone when the command ends:
#
#   scripts/postgres.sh make test
#   scripts/postgres.sh --install .venv/bin/python -m pytest tests/test_store_outbox.py
#
# The server runs as an unprivileged user in a temporary folder, is reached through a socket in that
# folder only, and forgets what a power cut would take: it is for tests. TEST_POSTGRES tells the
# command where it is. --install gets the Debian package where there is no PostgreSQL yet (root only).
set -euo pipefail

say() { echo "postgres.sh: $*" >&2; }

programs() { # the folder of the newest PostgreSQL that is installed
  local newest
  newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$newest" ] || newest=$(pg_config --bindir 2>/dev/null) || true
  [ -x "${newest:-}/initdb" ] && echo "$newest"
}

install() {
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    say "PostgreSQL is not installed, and only root can install it here: apt-get install postgresql"
    return 1
  fi
  # The package would make and start a database of its own; nobody asked for that one.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  local what=postgresql
  for _ in 1 2; do
    apt-get update -qq || true
    ! apt-cache show postgresql-15 >/dev/null 2>&1 || what=postgresql-15
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$what" >&2 &&
      return 0
  done
  say "PostgreSQL could not be installed (apt-get install $what failed twice)."
  return 1
}

as_nobody_special() { # initdb and the server refuse to be root
  if [ "$(id -u)" != 0 ]; then
    "$@"
  else
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$folder" "$@"
  fi
}

stop() {
  trap - EXIT
  as_nobody_special "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}

if [ "${1:-}" = --install ]; then
  shift
  programs >/dev/null || install
fi
bin=$(programs) || { say "PostgreSQL is not installed: apt-get install postgresql"; exit 1; }
user=postgres
id "$user" >/dev/null 2>&1 || user=nobody

folder=$(mktemp -d /tmp/paperboy-postgres.XXXXXX) # short: a socket's path has 107 bytes
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
[ "$(id -u)" != 0 ] || chown "$user" "$folder"
cd "$folder"
# Sorted as people do, not as bytes are: what depends on the order of letters shows itself.
as_nobody_special "$bin/initdb" -D data -U paperboy -A trust -E UTF8 --no-sync --no-instructions \
  --locale C --locale-provider icu --icu-locale en > initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
# Who is in the role `guarded` has to know a password.
as_nobody_special sed -i '1i local all +guarded scram-sha-256' data/pg_hba.conf
as_nobody_special "$bin/pg_ctl" -D data -l log -w -t 60 start -o "-k $folder -c listen_addresses= \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 \
  -c shared_buffers=64MB -c autovacuum=off -c max_wal_size=4GB" >/dev/null ||
  { cat log >&2; exit 1; }
as_nobody_special "$bin/psql" -qX -h "$folder" -U paperboy -d postgres -c "CREATE ROLE guarded"
cd "$OLDPWD"
TEST_POSTGRES="postgresql+asyncpg://paperboy@/postgres?host=$folder" "$@"
