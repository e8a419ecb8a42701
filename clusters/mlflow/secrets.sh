#!/bin/sh
# Writes the passwords of a team's server to FILE, unless it is there: secrets.sh FILE
# One NAME=VALUE a line, as sh and Docker Compose read it; nobody else may.
set -eu

file=${1:?usage: secrets.sh FILE}

secret() {
    od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n'
}

if [ ! -e "$file" ]; then
    umask 077
    {
        echo "MLFLOW_AUTH_ADMIN_PASSWORD=$(secret)"
        echo "MLFLOW_FLASK_SERVER_SECRET_KEY=$(secret)"
        echo "PGPASSWORD=$(secret)"
    } >"$file.partial"
    mv "$file.partial" "$file"
fi
chmod 600 "$file"
