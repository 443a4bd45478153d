#!/bin/bash
# Starts MySQL as the official image promises to: https://hub.docker.com/_/mysql
set -euo pipefail
shopt -s nullglob

note() { printf '%s [Entrypoint] %s\n' "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
refuse() {
  note "ERROR: $*"
  exit 1
}

# Sets a variable from the file that NAME_FILE names, so that a secret need not stand in the environment.
from_file() {
  local name=$1 file="${1}_FILE"
  [ -n "${!file:-}" ] || return 0
  [ -z "${!name:-}" ] || refuse "$name and $file are both set; set one of them."
  [ -r "${!file}" ] || refuse "$file is ${!file}, which cannot be read."
  export "$name"="$(<"${!file}")"
  unset "$file"
}

# A value between quotes of SQL.
text() {
  local value=${1//\\/\\\\}
  printf "'%s'" "${value//\'/\'\'}"
}
name() { printf '`%s`' "${1//\`/\`\`}"; }

# The value that mysqld would use for a setting, flags and configuration files considered.
setting() {
  local value
  # The explanations above the table have lines that begin with the names of settings, too.
  value=$(awk -v name="$1" '/^---/ { table = 1 } table && $1 == name { print $2 }' <<<"$settings")
  # As root, what is here gets another owner: never the folder that this happens to be.
  case $value in /*) printf '%s\n' "$value" ;; *) refuse "mysqld's setting $1 is \"$value\", not a path." ;; esac
}

# Options that make mysqld print something and end.
only_prints() {
  local word
  for word; do
    case $word in -'?' | -h | --help | -V | --version | --print-defaults) return 0 ;; esac
  done
  return 1
}

client() {
  # Through a descriptor: a password on the command line can be seen by everyone who can list processes.
  mysql --defaults-extra-file=<(printf '[client]\npassword="%s"\n' "$(sed 's/[\\"]/\\&/g' <<<"$root_password")") \
    --protocol=socket --socket="$socket" --user=root --comments "$@"
}

temporary=
stop_temporary() {
  [ -n "$temporary" ] || return 0
  kill -TERM "$temporary" 2>/dev/null || true
  wait "$temporary" || true
  temporary=
}

# Runs a program so that a signal is heard while it runs: bash waits for programs in the foreground before it looks.
heard() {
  "$@" &
  temporary=$!
  wait "$temporary"
  temporary=
}

# A server that nobody but this script reaches: over TCP it answers only when all is set up.
start_temporary() {
  "$@" --skip-networking --mysqlx=OFF --default-time-zone=SYSTEM --socket="$socket" &
  temporary=$!
  local tries
  for tries in {1..600}; do
    root_password='' client --execute 'SELECT 1' >/dev/null 2>&1 && return
    kill -0 "$temporary" 2>/dev/null || refuse "The server that sets up the database stopped; its messages are above."
    sleep 0.1
  done
  refuse "The server that sets up the database did not answer within a minute."
}

run_file() {
  local file=$1
  case $file in
    *.sh)
      note "running $file"
      if [ -x "$file" ]; then
        "$file"
      else
        # Written for a shell that takes unset variables as empty.
        set +u
        . "$file"
        set -u
      fi
      ;;
    *.sql) note "running $file" && client ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} <"$file" ;;
    *.sql.gz) note "running $file" && gunzip --stdout "$file" | client ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} ;;
    *) note "ignoring $file" ;;
  esac
}

first_start() {
  if [ -z "${MYSQL_ROOT_PASSWORD:-}${MYSQL_ALLOW_EMPTY_PASSWORD:-}${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    refuse "Database is uninitialized and password option is not specified." \
      "Set one of MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD."
  fi
  if [ "${MYSQL_USER:-}" = root ]; then
    refuse "MYSQL_USER=\"root\": MYSQL_USER and MYSQL_PASSWORD are for a regular user, root is there already." \
      "Leave MYSQL_USER out and set MYSQL_ROOT_PASSWORD, or choose another name."
  fi

  trap 'stop_temporary; exit 143' TERM INT
  note "initializing the database in $datadir"
  heard "$@" --initialize-insecure --default-time-zone=SYSTEM --autocommit=1
  root_password=
  start_temporary "$@"

  if [ -z "${MYSQL_INITDB_SKIP_TZINFO:-}" ] && [ -d /usr/share/zoneinfo ]; then
    mysql_tzinfo_to_sql /usr/share/zoneinfo 2>/dev/null | client --database=mysql
  fi
  if [ -n "${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    MYSQL_ROOT_PASSWORD=$(head --bytes=24 /dev/urandom | base64)
    export MYSQL_ROOT_PASSWORD
    note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi

  local password=${MYSQL_ROOT_PASSWORD:-} host=${MYSQL_ROOT_HOST-%}
  {
    printf 'SET @@SESSION.SQL_LOG_BIN = 0;\n'
    if [ -n "$host" ] && [ "$host" != localhost ]; then
      printf 'CREATE USER %s@%s IDENTIFIED BY %s;\n' "'root'" "$(text "$host")" "$(text "$password")"
      printf 'GRANT ALL ON *.* TO %s@%s WITH GRANT OPTION;\n' "'root'" "$(text "$host")"
      [ -z "${MYSQL_ONETIME_PASSWORD:-}" ] || printf 'ALTER USER %s@%s PASSWORD EXPIRE;\n' "'root'" "$(text "$host")"
    fi
    # Last, because from here on this connection's successors need it.
    printf 'ALTER USER %s IDENTIFIED BY %s;\n' "'root'@'localhost'" "$(text "$password")"
  } | client
  root_password=$password

  if [ -n "${MYSQL_DATABASE:-}" ]; then
    note "creating database $MYSQL_DATABASE"
    client <<<"CREATE DATABASE IF NOT EXISTS $(name "$MYSQL_DATABASE");"
  fi
  if [ -n "${MYSQL_USER:-}" ] && [ -n "${MYSQL_PASSWORD:-}" ]; then
    note "creating user $MYSQL_USER"
    client <<<"CREATE USER $(text "$MYSQL_USER")@'%' IDENTIFIED BY $(text "$MYSQL_PASSWORD");"
    if [ -n "${MYSQL_DATABASE:-}" ]; then
      # In a grant an underscore stands for any character.
      client <<<"GRANT ALL ON $(name "${MYSQL_DATABASE//_/\\_}").* TO $(text "$MYSQL_USER")@'%';"
    fi
  elif [ -n "${MYSQL_USER:-}" ]; then
    note "WARNING: MYSQL_USER without MYSQL_PASSWORD; the user is not created."
  elif [ -n "${MYSQL_PASSWORD:-}" ]; then
    note "WARNING: MYSQL_PASSWORD without MYSQL_USER; it is not used."
  fi

  local file
  for file in /docker-entrypoint-initdb.d/*; do run_file "$file"; done

  stop_temporary
  trap - TERM INT
  note "the database is set up"
}

main() {
  case ${1:-} in -*) set -- mysqld "$@" ;; esac
  if [ "${1:-}" != mysqld ] || only_prints "$@"; then exec "$@"; fi

  # Before there is a data directory that a refused first start would leave half made.
  "$@" --validate-config || refuse "mysqld refuses its settings; its messages are above. Command: $*"
  settings=$("$@" --verbose --help 2>/dev/null)
  datadir=$(setting datadir)
  socket=$(setting socket)

  if [ "$(id --user)" = 0 ]; then
    mkdir -p "$datadir" "$(dirname "$socket")"
    find "$datadir" "$(dirname "$socket")" \! -user mysql -exec chown --no-dereference mysql:mysql {} +
    exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$BASH_SOURCE" "$@"
  fi

  local variable
  for variable in MYSQL_ROOT_PASSWORD MYSQL_ROOT_HOST MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD \
    MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD MYSQL_ONETIME_PASSWORD MYSQL_INITDB_SKIP_TZINFO; do
    from_file "$variable"
  done
  [ -d "$datadir/mysql" ] || first_start "$@"
  exec "$@"
}

# Sourced, this file only gives its functions to a script in /docker-entrypoint-initdb.d.
if [ "$BASH_SOURCE" = "$0" ]; then main "$@"; fi
