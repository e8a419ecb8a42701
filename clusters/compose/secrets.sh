#!/bin/sh
# Writes what the cluster keeps secret, each thing unless it is there: secrets.sh [FOLDER]
# FOLDER (that of this script) gets .env, and below secrets/ the gateway's settings with the digests
# of keys, and the key that Prometheus shows to it and to the server of models. TEAM_KEY in .env is
# the key of the first team.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-$here}
file=$folder/.env
umask 077
mkdir -p "$folder/secrets"

secret() {
    od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n'
}

# macOS has shasum alone, which then reads what nobody has read.
digest() {
    printf %s "$1" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c -64
}

# add NAME VALUE
add() {
    grep -q "^$1=" "$file" || echo "$1=$2" >>"$file"
}

"$here/../mlflow/secrets.sh" "$file"
for name in RAY_AUTH_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY GRAFANA_PASSWORD TEAM_KEY; do
    add "$name" "$(secret)"
done
team=$(sed -n 's/^TEAM_KEY=//p' "$file")

# Containers of other users read these.
umask 022
key=$folder/secrets/prometheus.key
[ -e "$key" ] || secret >"$key"
# That of Prometheus opens no model, only metrics.
add SECATEUR_API_KEYS "\"team $(digest "$team"); prometheus $(digest "$(cat "$key")") -\""
if [ ! -e "$folder/secrets/gateway.yaml" ]; then
    sed -e "s/@TEAM_DIGEST@/$(digest "$team")/" -e "s/@PROMETHEUS_DIGEST@/$(digest "$(cat "$key")")/" \
        "$here/gateway.yaml" >"$folder/secrets/gateway.yaml"
fi
