#!/bin/sh
# One node of a cluster on one machine, in the foreground: node.sh FOLDER head|NUMBER [OPTION...]
#
# A node is a process of Ray's on a loopback address of its own, 127.0.0.1 of the head and
# 127.0.0.2 on of the workers, NUMBER from 1; it ends with this process. OPTIONs are those of
# `ray start`, e.g. --num-cpus 2.
# A head that is started again goes on with the state of the one before, in FOLDER/state.
set -eu

folder=${1:?usage: node.sh FOLDER head|NUMBER [OPTION...]}
kind=${2:?usage: node.sh FOLDER head|NUMBER [OPTION...]}
shift 2
# Sockets lie below the folder, and the system allows their paths some 100 characters.
if [ ${#folder} -gt 35 ]; then
    echo "node.sh: $folder: expected a path of at most 35 characters, as /tmp/cluster" >&2
    exit 2
fi

network=${SECATEUR_CLUSTER_NETWORK:-127.0.0}
port=${SECATEUR_CLUSTER_PORT:-6379}
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$folder/token"
export RAY_gcs_storage=rocksdb RAY_gcs_storage_path="$folder/state"
export SECATEUR_HOME="${SECATEUR_HOME:-$folder/home}"
export RAY_USAGE_STATS_ENABLED=0

if [ "$kind" = head ]; then
    # Else a new head takes the workers of the one before, which name its address, for it.
    rm -f "$folder/head/ray_current_cluster"
    set -- --head --node-ip-address "$network.1" --port "$port" \
        --ray-client-server-port "$((port + 1))" --dashboard-host "$network.1" \
        --dashboard-port "${SECATEUR_CLUSTER_DASHBOARD:-8265}" "$@"
else
    set -- --address "$network.1:$port" --node-ip-address "$network.$((kind + 1))" "$@"
fi
# Ports and sockets of several nodes of one machine must differ: the system chooses the ports.
exec ray start --block --temp-dir "$folder/$kind" --min-worker-port 0 --max-worker-port 0 \
    --dashboard-agent-listen-port 0 --object-store-memory "${SECATEUR_CLUSTER_STORE:-100000000}" "$@"
