#!/bin/sh
# Sees to it that a Chromium is there, from Debian's or Ubuntu's packages if need be.
set -eu

for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if ! command -v apt-get >/dev/null; then
    echo "test-browser: no Chromium on the path; install chromium or google-chrome" >&2
    exit 1
fi
[ "$(id -u)" -eq 0 ] && as_root="" || as_root="sudo"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium-headless-shell || $as_root apt-get install -y -qq chromium
