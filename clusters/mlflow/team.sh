#!/bin/sh
# Members of a team and what they may do, asked of the tracking server as its administrator:
#
#   team.sh add NAME                                  a new member; prints the password
#   team.sh password NAME                             another password; prints it
#   team.sh remove NAME
#   team.sh grant NAME experiment EXPERIMENT LEVEL    what a member may now do with an experiment,
#   team.sh grant NAME registered_model MODEL LEVEL   or with a model
#   team.sh revoke NAME experiment EXPERIMENT         the same with registered_model
#
# LEVEL is READ, EDIT (record runs) or MANAGE (delete, and grant to others).
# MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD name the server and
# the administrator.
set -eu

: "${MLFLOW_TRACKING_URI:?is not set; expected the address of the server}"
: "${MLFLOW_TRACKING_USERNAME:?is not set; expected the administrator}"
: "${MLFLOW_TRACKING_PASSWORD:?is not set; expected the password of $MLFLOW_TRACKING_USERNAME}"

fail() {
    echo "team.sh: $1" >&2
    exit 1
}

usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# ask METHOD PATH JSON: prints the answer; JSON is one line. Passwords go through a pipe, where no
# list of processes shows them.
ask() {
    answer=$(
        {
            printf 'user = "%s:%s"\n' "$MLFLOW_TRACKING_USERNAME" "$MLFLOW_TRACKING_PASSWORD"
            printf 'data = "%s"\n' "$(printf %s "$3" | sed 's/[\\"]/\\&/g')"
        } | curl --config - --silent --show-error --fail-with-body --request "$1" \
            --header 'Content-Type: application/json' "$MLFLOW_TRACKING_URI/api/$2"
    ) || fail "$answer"
    printf '%s\n' "$answer"
}

# What is put between quotes in JSON.
check() {
    case $1 in
    '' | *[!A-Za-z0-9._@/\ -]*)
        fail "'$1' is not usable; expected letters, digits, spaces and . _ @ / -" ;;
    esac
}

new_password() {
    password=$(od -An -v -tx1 -N12 /dev/urandom | tr -d ' \n')
    ask "$1" "2.0/mlflow/users/$2" \
        "{\"username\": \"$member\", \"password\": \"$password\"}" >/dev/null
    echo "$password"
}

# permission grant|revoke KIND NAME [LEVEL]: experiments are named to people, numbered to MLflow.
permission() {
    check "$3"
    what=$3
    if [ "$2" = experiment ]; then
        found=$(ask POST 2.0/mlflow/experiments/search \
            "{\"max_results\": 1, \"filter\": \"name = '$3'\"}")
        what=$(echo "$found" | sed -n 's/.*"experiment_id": *"\([0-9]*\)".*/\1/p')
        [ -n "$what" ] || fail "no experiment is named '$3'"
    fi
    body="\"username\": \"$member\", \"resource_type\": \"$2\", \"resource_id\": \"$what\""
    if [ "$1" = grant ]; then
        # MLflow refuses another level while there is one.
        (ask POST 3.0/mlflow/users/permissions/revoke "{$body}") >/dev/null 2>&1 || true
        body="$body, \"permission\": \"$4\""
    fi
    ask POST "3.0/mlflow/users/permissions/$1" "{$body}" >/dev/null
}

[ $# -ge 2 ] || usage
action=$1 member=$2
check "$member"
case $action:$# in
add:2) new_password POST create ;;
password:2) new_password PATCH update-password ;;
remove:2) ask DELETE 2.0/mlflow/users/delete "{\"username\": \"$member\"}" >/dev/null ;;
grant:5)
    case $5 in READ | EDIT | MANAGE) ;; *) fail "'$5' is not a level; expected READ, EDIT or MANAGE" ;; esac
    permission grant "$3" "$4" "$5"
    ;;
revoke:4) permission revoke "$3" "$4" ;;
*) usage ;;
esac
