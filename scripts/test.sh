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

  FILTER   only tests whose full name contains it (scripts/test.sh Mqtt), or a query of xUnit (/*/*/LinkTests/*)

A run ends by itself: after 30 minutes, or when no test has begun or ended for 8. What hung is named and counts as failed.

  FASTBRIDGE_TEST_TOOLS   a folder with kafka/ and hivemq/: tests on a real Apache Kafka and on HiveMQ run as well (they need Java)
  FASTBRIDGE_TEST_KAFKA   HOST:PORT of a Kafka for tests, instead of one that is started; topics of its own are created there
TEXT
}

filter=()
case ${1:-} in
    '') ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "test: unknown option '$1'" >&2; usage >&2; exit 2 ;;
    /*) filter=(-filter "$1") ;;
    *) filter=(-method "*$1*") ;;
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
"$root/scripts/setup.sh" --browser
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

# The test executable runs by itself, not under 'dotnet test': that waits for ever, and in silence, for a test process that has died.
folder=$(dotnet msbuild tests/Fastbridge.Tests -p:Configuration=Release -getProperty:TargetDir)
log=artifacts/test-run.log
longest=1800 # s; the run takes 5 minutes on two quiet cores
silence=480  # s; longer than any single wait of a test, which ends with an error after 2 or 4 minutes
: >"$log"

# What a reader of the build's log needs: what failed, with all it said, and what is slow. The rest is in the file.
show() {
    awk '
        /^    [^ ].* \[(STARTING|FINISHED|PASS|OUTPUT|NOT_RUN)\]/ { shown = 0; next }
        /^    [^ ].* \[SKIP\]$/ { shown = 0; next }
        /^    [^ ]/ { shown = 1 }
        shown || /^[^ ]/ { print; fflush() }
    '
}

# Tests that have begun and not ended.
unfinished() {
    awk '
        / \[STARTING\]$/ { sub(/^ +/, ""); sub(/ \[STARTING\]$/, ""); running[$0]++ }
        / \[FINISHED\] Time: / { sub(/^ +/, ""); sub(/ \[FINISHED\] Time: .*$/, ""); running[$0]-- }
        END { for (name in running) if (running[name] > 0) print name }
    ' "$log"
}

# Ends the test process, whose end takes with it all that it started (tests/Fastbridge.Tests/Support/Reaper.cs).
end_run() { # end_run WHY
    echo "test: $1: ended" >&2
    kill -KILL "$runner" 2>/dev/null || true
}

watch() { # ends a run that hangs
    local begun=$SECONDS last=$SECONDS events=-1 now
    while kill -0 "$runner" 2>/dev/null; do
        sleep 2
        now=$(grep -c -E ' \[(STARTING|FINISHED)\]' "$log" || true)
        [ "$now" = "$events" ] || { events=$now last=$SECONDS; }
        if [ $((SECONDS - begun)) -ge "$longest" ]; then
            end_run "the run is not over after $longest s"
        elif [ $((SECONDS - last)) -ge "$silence" ]; then
            end_run "no test has begun or ended for $silence s"
        fi
    done
}

echo "test: run"
# A shell without job control has its background commands ignore Ctrl-C, and so would every bridge that a test interrupts. Under nohup they ignore SIGHUP.
env --default-signal=INT,QUIT,HUP dotnet exec "$folder/Fastbridge.Tests.dll" -noColor -reporter verbose -longRunning 120 "${filter[@]}" >"$log" 2>&1 </dev/null &
runner=$!
trap 'kill -KILL "$runner" 2>/dev/null || true' EXIT
tail -n +1 -f --pid="$runner" "$log" | show &
shower=$!
watch &
watcher=$!
status=0
wait "$runner" || status=$?
trap - EXIT
kill "$watcher" 2>/dev/null || true
wait "$shower" "$watcher" 2>/dev/null || true

count() { grep -c -E "^    [^ ].* \[$1\]" "$log" || true; }
failed=$(count FAIL) skipped=$(count SKIP)
passed=$(($(count 'FINISHED') - failed - skipped))
awk '
    / \[SKIP\]$/ { sub(/^ +/, ""); sub(/ \[SKIP\]$/, ""); name = $0; next }
    name != "" { sub(/^ +/, ""); print "skipped: " name ": " $0; name = "" }
' "$log"
sed -n 's/^    \([^ ].*\) \[FAIL\]$/failed: \1/p' "$log"
if ! grep -q '^=== TEST EXECUTION SUMMARY ===$' "$log"; then
    # It crashed or was ended: what was under way has not passed.
    names=$(unfinished)
    [ -z "$names" ] || sed 's/^/failed: (was running) /' <<<"$names"
    failed=$((failed + $(grep -c . <<<"$names" || true)))
fi
# A test process that died, or a fixture that failed to clean up, is in no test's result.
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || { echo "test: the run itself failed (exit code $status); see $log" >&2; failed=1; }
[ "$status" -le 128 ] || echo "test: the test process was ended by signal $((status - 128))" >&2
[ $((passed + failed)) -gt 0 ] || { echo "test: no test ran" >&2; status=1; }

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
