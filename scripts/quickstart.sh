#!/usr/bin/env bash
# From a fresh clone to an executable that has just carried MQTT messages into Kafka.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

case ${1:-} in
    '') ;;
    -h | --help)
        cat <<TEXT
Usage: scripts/quickstart.sh

Installs what is missing (scripts/setup.sh), builds librdkafka, publishes artifacts/fastbridge and runs its demo: a small fleet's
telemetry from a mosquitto on a free port into a Kafka inside the process. Run again, it only does what has changed.
TEXT
        exit 0 ;;
    *) echo "quickstart: unknown argument '$1'; there are none but --help" >&2; exit 2 ;;
esac

"$root/scripts/setup.sh"
"$root/scripts/publish.sh"
"$root/artifacts/fastbridge" demo
echo
echo "The executable: $root/artifacts/fastbridge"
