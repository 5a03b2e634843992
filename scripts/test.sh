#!/usr/bin/env bash
# Sets up, builds, checks the formatting and runs all tests. The last line is the count.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<TEXT
Usage: scripts/test.sh [FILTER]

Installs what is missing, builds librdkafka, publishes the executable, builds everything with warnings as errors, checks the
formatting, runs the tests, names each skipped one with its reason, and ends with a line such as '812 passed, 0 failed, 3 skipped'.
Exits with 0 only when tests ran and none failed.

  FILTER   only tests whose full name contains it (scripts/test.sh Mqtt), or an expression of dotnet test (Name~acked&Name!~slow)

  FASTBRIDGE_TEST_TOOLS   a folder with kafka/ and hivemq/: tests on a real Apache Kafka and on HiveMQ run as well (they need Java)
  FASTBRIDGE_TEST_KAFKA   HOST:PORT of a Kafka for tests, instead of one that is started; topics of its own are created there
TEXT
}

filter=()
case ${1:-} in
    '') ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "test: unknown option '$1'" >&2; usage >&2; exit 2 ;;
    *[=~]*) filter=(--filter "$1") ;;
    *) filter=(--filter "FullyQualifiedName~$1") ;;
esac
[ $# -le 1 ] || { echo "test: one filter at most" >&2; exit 2; }

if [ -n "${FASTBRIDGE_TEST_TOOLS:-}" ]; then
    [ -d "$FASTBRIDGE_TEST_TOOLS" ] || { echo "test: FASTBRIDGE_TEST_TOOLS: no folder $FASTBRIDGE_TEST_TOOLS" >&2; exit 2; }
    FASTBRIDGE_TEST_TOOLS=$(cd "$FASTBRIDGE_TEST_TOOLS" && pwd)
    export FASTBRIDGE_TEST_TOOLS
fi
[ -z "${FASTBRIDGE_TEST_KAFKA:-}" ] || export FASTBRIDGE_TEST_KAFKA

# mosquitto is installed into /usr/sbin, which is not on every user's PATH.
export PATH=$PATH:/usr/sbin:/sbin
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_UI_LANGUAGE=en
"$root/scripts/setup.sh"
"$root/scripts/publish.sh"
cd "$root"

step() { # step NAME COMMAND...: quiet when it goes well, all of its output when not
    local name=$1 log=artifacts/test.log
    shift
    echo "test: $name"
    "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "test: $name failed" >&2; exit 1; }
}
step "build" dotnet build fastbridge.sln -c Release -warnaserror
step "formatting" dotnet format fastbridge.sln --no-restore --verify-no-changes

results=artifacts/test-results
rm -rf "$results"
echo "test: run"
status=0
dotnet test tests/Fastbridge.Tests -c Release --no-build "${filter[@]}" --results-directory "$results" \
    --logger "trx;LogFileName=tests.trx" --logger "console;verbosity=minimal" || status=$?

# One line a result: outcome, name, reason. The trx file is XML written one element a line.
tally() {
    awk '
        function value(name,   s) {
            if (!match($0, " " name "=\"[^\"]*\"")) return ""
            s = substr($0, RSTART, RLENGTH); sub(/^[^"]*"/, "", s); sub(/"$/, "", s)
            return s
        }
        function plain(s) {
            gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s); gsub(/&#x[dD];/, "", s)
            gsub(/&#x[aA];/, " ", s); gsub(/&amp;/, "\\&", s)
            return s
        }
        /<UnitTestResult / { outcome = value("outcome"); name = value("testName"); reason = "" }
        outcome != "" && reason == "" && /<Message>/ { reason = $0; sub(/.*<Message>/, "", reason); sub(/<\/Message>.*/, "", reason) }
        outcome != "" && (/<\/UnitTestResult>/ || /<UnitTestResult .*\/>/) { print outcome "\t" plain(name) "\t" plain(reason); outcome = "" }
    ' "$results/tests.trx"
}
if [ ! -s "$results/tests.trx" ]; then
    echo "test: the run left no results (exit code $status)" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
tally >"$results/tally"
passed=$(grep -c '^Passed' "$results/tally" || true)
skipped=$(grep -c '^NotExecuted' "$results/tally" || true)
failed=$(grep -c -v -E '^(Passed|NotExecuted)' "$results/tally" || true)
# A test host that crashed, or a class fixture that failed to clean up, is in no test's result.
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || { echo "test: the run itself failed (exit code $status)" >&2; failed=1; }
[ $((passed + failed)) -gt 0 ] || { echo "test: no test ran" >&2; status=1; }

awk -F '\t' '$1 == "NotExecuted" { print "skipped: " $2 ": " $3 }' "$results/tally"
awk -F '\t' '$1 != "NotExecuted" && $1 != "Passed" { print "failed: " $2 }' "$results/tally"
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
