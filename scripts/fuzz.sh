#!/bin/sh
# Fuzzes the MQTT decoders and the admin port: scripts/fuzz.sh [seconds] [seed]. Seconds are for each of the two versions and for HTTP (default 60); the seed defaults to the clock.
# Exits 1 when a mutant got anything but one of the three answers, or a request HTTP 500; the message then has the seed and what was sent.
set -eu
cd "$(dirname "$0")/.."
FASTBRIDGE_FUZZ_SECONDS="${1:-60}"
FASTBRIDGE_FUZZ_SEED="${2:-$(date +%s)}"
export FASTBRIDGE_FUZZ_SECONDS FASTBRIDGE_FUZZ_SEED
echo "fuzz: $FASTBRIDGE_FUZZ_SECONDS s a version, seed $FASTBRIDGE_FUZZ_SEED"
dotnet build -nodeReuse:false -c Release -v quiet --nologo tests/Fastbridge.Tests
exec dotnet exec tests/Fastbridge.Tests/bin/Release/net*/Fastbridge.Tests.dll -class Fastbridge.Tests.Mqtt.Codec.FuzzTests -class Fastbridge.Tests.Admin.HttpFuzzTests -noColor -showLiveOutput
