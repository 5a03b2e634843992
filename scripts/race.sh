#!/usr/bin/env bash
# Races artifacts/fastbridge against a C bridge on librdkafka, in one run on this machine.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/artifacts/race

usage() {
    cat <<TEXT
Usage: scripts/race.sh [OPTION of race.py ...]

Builds the tools of bench/race against artifacts/librdkafka and runs race.py with artifacts/fastbridge as the candidate.

  scripts/race.sh                                            QoS 1, 256 bytes, three rounds
  scripts/race.sh --window 20 --linger 0 --messages 200000   mosquitto's default window
  scripts/race.sh --real                                     on a real Apache Kafka: FASTBRIDGE_TEST_KAFKA=host:port, or
                                                             FASTBRIDGE_TEST_TOOLS=folder with kafka/kafka
bench/compare.sh runs the rows of the README's table.
TEXT
}

fail() {
    echo "race: $*" >&2
    exit 1
}

case ${1:-} in -h | --help) usage; echo; python3 "$root/bench/race/race.py" --help; exit 0 ;; esac
# shellcheck source=../bench/race/tools.sh
. "$root/bench/race/tools.sh"
exec python3 "$root/bench/race/race.py" --build "$tools" --candidate "'$root/artifacts/fastbridge' run --admin 127.0.0.1:{admin} --config {config}" "$@"
