#!/bin/sh
# A cluster on one machine, in the foreground: up.sh FOLDER [WORKERS]
# A head that runs no trials and some workers (2), each a node with one CPU. A node that ends, or
# takes too long to start, is started again. Ctrl-C or SIGTERM ends them all.
# Everything lies in FOLDER: Ray's state and logs, the token, the jobs.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "${1:?usage: up.sh FOLDER [WORKERS]}"
folder=$(CDPATH='' cd -- "$1" && pwd)
workers=${2:-2}

keep() {
    trap 'kill "$node"; wait "$node" || true; exit 0' TERM
    while true; do
        "$here/node.sh" "$folder" "$@" >>"$folder/$1.log" 2>&1 &
        node=$!
        wait "$node" || sleep 1
    done
}

"$here/client.sh" "$folder"
keep head --num-cpus 0 &
pids=$!
number=1
while [ "$number" -le "$workers" ]; do
    # A worker that is earlier than its head asks until it is there.
    keep "$number" --num-cpus 1 &
    pids="$pids $!"
    number=$((number + 1))
done
# shellcheck disable=SC2086
trap 'kill $pids' INT TERM
echo "$folder: a head and $workers workers; . $folder/client.env lets a shell use them"
# A signal ends the first wait at once; the second one is for the nodes to finish.
wait || wait
