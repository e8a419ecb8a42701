#!/bin/sh
# Writes what a cluster's nodes and clients share, unless it is there: client.sh FOLDER
set -eu

folder=${1:?usage: client.sh FOLDER}
umask 077
[ -s "$folder/token" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$folder/token"
cat >"$folder/client.env" <<END
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$folder/token"
export SECATEUR_ADDRESS=http://${SECATEUR_CLUSTER_NETWORK:-127.0.0}.1:${SECATEUR_CLUSTER_DASHBOARD:-8265}
END
