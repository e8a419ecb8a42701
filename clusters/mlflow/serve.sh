#!/bin/sh
# Starts the tracking server in the foreground, on its database.
#
# libpq's variables name the database: PGHOST, PGUSER, PGPASSWORD, PGDATABASE and so on. MLflow's
# own say the rest; what is not said is as safe as it can be.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
: "${MLFLOW_AUTH_ADMIN_PASSWORD:?is not set; secrets.sh writes one}"
: "${MLFLOW_FLASK_SERVER_SECRET_KEY:?is not set; secrets.sh writes one}"
: "${MLFLOW_ARTIFACTS_DESTINATION:?is not set; expected the folder or bucket of all files}"

export MLFLOW_HOST="${MLFLOW_HOST:-127.0.0.1}"
export MLFLOW_PORT="${MLFLOW_PORT:-5000}"
export MLFLOW_WORKERS="${MLFLOW_WORKERS:-4}"
# The names that clients may call the server by, and the pages that browsers may ask it from.
export MLFLOW_SERVER_ALLOWED_HOSTS="${MLFLOW_SERVER_ALLOWED_HOSTS:-localhost:$MLFLOW_PORT,127.0.0.1:$MLFLOW_PORT}"
export MLFLOW_SERVER_CORS_ALLOWED_ORIGINS="${MLFLOW_SERVER_CORS_ALLOWED_ORIGINS:-http://localhost:$MLFLOW_PORT}"
export MLFLOW_SERVER_X_FRAME_OPTIONS="${MLFLOW_SERVER_X_FRAME_OPTIONS:-DENY}"

export MLFLOW_AUTH_CONFIG_PATH="$here/basic_auth.ini"
export MLFLOW_SERVE_ARTIFACTS=true
# Versions of models come from runs and models of this server, never from another place.
export MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX='^(models|runs|mlflow-artifacts):/[^/]'
# Jobs of language models and their processes, which nothing here uses.
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
# Without a name in it, so that libpq's variables count and no password shows in a list of processes.
export MLFLOW_BACKEND_STORE_URI="postgresql+psycopg2://"

# Once, before any worker opens it: workers that upgrade an empty database together break it.
mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --file "$here/guard.sql"
exec mlflow server --app-name basic-auth
