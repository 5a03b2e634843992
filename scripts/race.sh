#!/usr/bin/env bash
# Races artifacts/fastbridge against a C bridge on librdkafka, in one run on this machine.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench=${FASTBRIDGE_TEST_TOOLS:-$root/../shared}/bench

usage() {
    cat <<TEXT
Usage: scripts/race.sh [OPTION of race.py ...]

Builds the race's C tools against artifacts/librdkafka into a temporary folder and runs race.py with artifacts/fastbridge as the
candidate. race.py is looked for in bench/ of FASTBRIDGE_TEST_TOOLS, else in ../shared/bench beside the repository.

  scripts/race.sh                                            QoS 1, 256 bytes, three rounds
  scripts/race.sh --window 20 --linger 0 --messages 200000   mosquitto's default window
  scripts/race.sh --real                                     on a real Apache Kafka
TEXT
}

fail() {
    echo "race: $*" >&2
    exit 1
}

case ${1:-} in -h | --help) usage; [ ! -e "$bench/race.py" ] || { echo; python3 "$bench/race.py" --help; }; exit 0 ;; esac
[ -e "$bench/race.py" ] || fail "there is no race.py in $bench; set FASTBRIDGE_TEST_TOOLS to the folder that holds bench/"
for tool in python3 gcc make; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install it"
done
[ -x "$root/artifacts/fastbridge" ] || fail "artifacts/fastbridge is missing; run scripts/publish.sh"
"$root/scripts/build-librdkafka.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s -C "$bench" OUT="$work" LIBRDKAFKA="$root/artifacts/librdkafka" >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2; fail "the C tools do not build"; }
python3 "$bench/race.py" --build "$work" --candidate "'$root/artifacts/fastbridge' run --config {config}" "$@"
