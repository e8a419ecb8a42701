# shellcheck shell=sh
export PATH="/opt/secateur/bin:$PATH"
