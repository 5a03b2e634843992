#!/usr/bin/env bash
# Installs what building and testing fastbridge need, and only what is missing.
set -euo pipefail

usage() {
    cat <<TEXT
Usage: scripts/setup.sh [--browser]

Installs with apt what is missing of: gcc, make, cmake, the static libraries of OpenSSL, zstd and zlib, node (it packs the dashboard), npm
(it fetches librdkafka's source and the dashboard's chart library), mosquitto and its clients (demo and tests). Run as root, or by a user who
may use sudo. Where apt-get is not there it names what is missing and stops. The .NET SDK is not installed, only looked for. Java is optional:
the tests on HiveMQ and on a real Kafka use it.

  --browser   chromium as well, where it can be had: the dashboard's tests use it, and are skipped without
TEXT
}

browser=
case ${1:-} in
    '') ;;
    --browser) browser=1 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "setup: unknown argument '$1'" >&2; usage >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# mosquitto is installed into /usr/sbin, which is not on every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

[ "$(uname -s)" = Linux ] || { echo "setup: fastbridge is built and tested on Linux; elsewhere rid-publish.ps1 publishes it" >&2; exit 1; }
if ! command -v dotnet >/dev/null; then
    echo "setup: the .NET SDK 10 is missing; install it as https://learn.microsoft.com/dotnet/core/install/linux says" >&2
    exit 1
fi
(cd "$root" && dotnet --version >/dev/null) || { echo "setup: no .NET SDK that global.json accepts (above); install .NET SDK 10" >&2; exit 1; }

missing=()
need_command() { command -v "$1" >/dev/null || missing+=("$2"); }
# A header and the static library: the shared one alone would end in an executable that needs it.
need_static() {
    local archive
    archive=$(gcc -print-file-name="$2" 2>/dev/null || echo "$2")
    { [ -e "$archive" ] && echo "#include <$1>" | gcc -E -x c - >/dev/null 2>&1; } || missing+=("$3")
}

need_command gcc gcc
need_command make make
need_command patch patch
need_command cmake cmake
echo '#include <stdlib.h>' | gcc -E -x c - >/dev/null 2>&1 || missing+=(libc6-dev)
need_static openssl/ssl.h libssl.a libssl-dev
need_static zstd.h libzstd.a libzstd-dev
need_static zlib.h libz.a zlib1g-dev
need_command node nodejs
# npm brings many packages with it and serves only to fetch two: librdkafka's source, and the chart library.
{ [ -s "$root/artifacts/librdkafka/lib/librdkafka.a" ] || compgen -G "$root/artifacts/librdkafka/*.tgz" >/dev/null; } &&
    compgen -G "$root/artifacts/dashboard/uplot-*" >/dev/null || need_command npm npm
need_command mosquitto mosquitto
need_command mosquitto_sub mosquitto-clients

[ -z "$browser" ] || command -v chromium >/dev/null || { ! command -v apt-get >/dev/null; } || want_browser=1

if [ ${#missing[@]} -eq 0 ] && [ -z "${want_browser:-}" ]; then
    echo "setup: nothing is missing"
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "setup: missing (Debian's names): ${missing[*]}. There is no apt-get here: install them with this system's package manager." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: missing: ${missing[*]}. Run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi

echo "setup: installing ${missing[*]} ${want_browser:+chromium}"
# Debian starts a service as it installs it. Ours are started by the demo and the tests, on ports of their own, so no mosquitto
# is left running on 1883: policy-rc.d is Debian's way to say so, and an existing one is left as it is.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
cleanup() {
    rm -f "$log"
    [ -z "${our_policy:-}" ] || "${as_root[@]}" rm -f "$policy"
}
trap cleanup EXIT
if [ ! -e $policy ]; then
    our_policy=1
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
fi
"${as_root[@]}" apt-get update >"$log" 2>&1 || { cat "$log" >&2; echo "setup: apt-get update failed" >&2; exit 1; }
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; }
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}" || { tail -20 "$log" >&2; echo "setup: apt-get install ${missing[*]} failed" >&2; exit 1; }
# By itself, for nothing but some tests needs it. With a font: a browser without one draws boxes.
[ -z "${want_browser:-}" ] || install chromium fonts-dejavu-core ||
    echo "setup: chromium cannot be installed ($(tail -1 "$log")); the dashboard's tests in a browser will be skipped"
# Installed just now, so nobody relies on its service; it would start at the next boot otherwise.
if [[ " ${missing[*]} " == *" mosquitto "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable mosquitto >/dev/null 2>&1 || true
fi
