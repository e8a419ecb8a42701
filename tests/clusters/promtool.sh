#!/bin/sh
# Puts promtool, which checks what Prometheus reads, into FOLDER: promtool.sh FOLDER
# It is taken out of Debian's or Ubuntu's package, without a server that would be started with it.
set -eu

folder=$(CDPATH='' cd -- "${1:?usage: promtool.sh FOLDER}" && pwd)
if [ -x "$folder/promtool" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "test-clusters: no apt-get; put Prometheus' promtool into $folder" >&2
    exit 1
fi
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
apt-get download -qq prometheus
dpkg-deb --extract prometheus_*.deb .
cp usr/bin/promtool "$folder"
