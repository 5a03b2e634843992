#!/usr/bin/env bash
# Measures the rows of the README's table and prints them as Markdown, each with its goal.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/artifacts/race

fail() {
    echo "compare: $*" >&2
    exit 1
}

case ${1:-} in
-h | --help)
    cat <<TEXT
Usage: bench/compare.sh [--rows NAME,...] [--rounds N] [--scale X] [--output FILE] [--list]

  bench/compare.sh                                  every row that can run here, median of 5 rounds: about an hour
  bench/compare.sh --rows default,qos0,window20     some rows; --list names them with their goals
  bench/compare.sh --rounds 1 --scale 0.1           a quick look

Real Kafka: FASTBRIDGE_TEST_KAFKA=host:port, or FASTBRIDGE_TEST_TOOLS=folder with kafka/kafka. Nothing else should run on the machine.
TEXT
    exit 0
    ;;
esac
# shellcheck source=race/tools.sh
. "$root/bench/race/tools.sh"
exec python3 "$root/bench/race/compare.py" --build "$tools" --fastbridge "$root/artifacts/fastbridge" "$@"
