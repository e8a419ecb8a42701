#!/bin/sh
# A team's tracking server on one machine, in the foreground: up.sh FOLDER
# Everything lies in FOLDER: database, files of runs, passwords. PostgreSQL comes from Debian's or
# Ubuntu's package, mlflow from the path. Ctrl-C or SIGTERM ends it all.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "${1:?usage: up.sh FOLDER}"
folder=$(CDPATH='' cd -- "$1" && pwd)

"$here/secrets.sh" "$folder/secrets.env"
set -a
# shellcheck disable=SC1091
. "$folder/secrets.env"
set +a
export PGHOST="$folder/postgresql/socket" PGUSER=mlflow PGDATABASE=mlflow
export MLFLOW_ARTIFACTS_DESTINATION="${MLFLOW_ARTIFACTS_DESTINATION:-$folder/files}"

umask 077
"$here/database.sh" start "$folder/postgresql"
trap '"$here/database.sh" stop "$folder/postgresql"' EXIT
"$here/serve.sh" &
server=$!
trap 'kill -TERM "$server"' INT TERM
# A signal ends the first wait at once; the second one is for the server to finish.
wait "$server" || wait "$server"
