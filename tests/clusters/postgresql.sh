#!/bin/sh
# Sees to it that PostgreSQL's programs are there, from Debian's or Ubuntu's packages if need be.
set -eu

for bin in /usr/lib/postgresql/*/bin; do
    if [ -x "$bin/initdb" ]; then
        exit 0
    fi
done
if ! command -v apt-get >/dev/null; then
    echo "test-team: no PostgreSQL below /usr/lib/postgresql; install Debian's or Ubuntu's package" >&2
    exit 1
fi
[ "$(id -u)" -eq 0 ] && as_root="" || as_root="sudo"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
