#!/bin/sh
# A PostgreSQL of one's own in FOLDER, from Debian's or Ubuntu's package: database.sh start|stop FOLDER
# It answers on a socket in FOLDER/socket alone, to the user who started it, and has a role and a
# database named mlflow. PostgreSQL refuses to run as root: root has it run as the package's user.
set -eu

action=${1:?usage: database.sh start|stop FOLDER}
mkdir -p "${2:?usage: database.sh start|stop FOLDER}"
folder=$(CDPATH='' cd -- "$2" && pwd)
data="$folder/data"
if [ "$(id -u)" -eq 0 ]; then
    chown postgres: "$folder"
    exec runuser --user postgres -- env TEAM_USER=root "$0" "$action" "$folder"
fi

# Debian keeps the programs off the path. A folder goes on with the version that it began with.
for bin in /usr/lib/postgresql/*/bin; do PATH="$bin:$PATH"; done
if [ -e "$data/PG_VERSION" ]; then
    PATH="/usr/lib/postgresql/$(cat "$data/PG_VERSION")/bin:$PATH"
fi
if ! command -v initdb >/dev/null; then
    echo "database.sh: no PostgreSQL below /usr/lib/postgresql; apt-get install postgresql" >&2
    exit 1
fi

create() {
    umask 077
    mkdir -p "$folder/socket"
    initdb --pgdata "$data" --username "$(id -un)" --auth peer --encoding UTF8 --locale C.UTF-8 \
        >"$folder/initdb.log"
    echo "local all all peer map=team" >"$data/pg_hba.conf"
    {
        echo "team $(id -un) $(id -un)"
        echo "team ${TEAM_USER:-$(id -un)} mlflow"
    } >"$data/pg_ident.conf"
    cat >>"$data/postgresql.conf" <<-EOF
	listen_addresses = ''
	unix_socket_directories = '$folder/socket'
	EOF
}

start() {
    [ -e "$data/PG_VERSION" ] || create
    pg_ctl --pgdata "$data" status >/dev/null ||
        pg_ctl --pgdata "$data" --log "$folder/postgresql.log" --wait --silent start
    # Its first user, whomever the caller's variables name.
    PGUSER=$(id -un)
    export PGHOST="$folder/socket" PGDATABASE=postgres PGUSER
    has "pg_roles WHERE rolname = 'mlflow'" || createuser mlflow
    has "pg_database WHERE datname = 'mlflow'" || createdb --owner mlflow mlflow
}

has() {
    [ -n "$(psql --no-psqlrc --tuples-only --command "SELECT 1 FROM $1")" ]
}

case $action in
start) start ;;
stop) pg_ctl --pgdata "$data" --mode fast --wait --silent stop ;;
*)
    echo "database.sh: '$action' is not known; expected start or stop" >&2
    exit 2
    ;;
esac
