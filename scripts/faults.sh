#!/usr/bin/env bash
# Runs the fault matrix row by row and prints its table with the figures that the tests counted.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rows_file=tests/Fastbridge.Tests/Support/FaultRow.cs
longest=2700 # s a row in the long form; row 18 takes half an hour: twice ten minutes without Kafka, and the drain

usage() {
    cat <<TEXT
Usage: scripts/faults.sh [OPTION ...] [ROW ...]

Runs rows of the fault matrix (all of them, or 7 18 20-23), each alone, and prints a table: row, fault, what is expected, messages acknowledged
to the publishers, lost, repeated and reordered in Kafka, result, seconds. Builds what is missing first, as scripts/test.sh does. A row that
cannot be had on this machine is skipped by name and reason. Exits with 0 only when no row failed and nothing was lost.

  --quick      the form that scripts/test.sh runs: seconds a row. Default is the long form: a minute and more a row
  --markdown   writes the table with date and versions to docs/FAULTS.md. Rows that are not run now keep the figures of their last run
  --list       prints the rows and runs nothing
  --no-build   takes the executable and the tests as they were last built
  --no-run     runs nothing: the table of the figures that were counted last

  FASTBRIDGE_TEST_TOOLS   as in scripts/test.sh: without it the rows on a real Apache Kafka and on HiveMQ are skipped
TEXT
}

fail() {
    echo "faults: $*" >&2
    exit 2
}

# The table of rows is the tests' own: number, fault, expected, separated by tabs.
list_rows() { sed -n 's/^ *new(\([0-9]*\), "\(.*\)", "\(.*\)"),$/\1\t\2\t\3/p' "$root/$rows_file"; }

form=long markdown= build=1 run=1 rows=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --quick) form=quick ;;
        --markdown) markdown=1 ;;
        --no-build) build= ;;
        --no-run) build='' run='' ;;
        --list) list_rows | awk -F '\t' '{ printf "%2d  %s: %s\n", $1, $2, $3 }'; exit 0 ;;
        -*) echo "faults: unknown option '$1'" >&2; usage >&2; exit 2 ;;
        *[!0-9-]* | -* | *- | *-*-*) fail "no row '$1'; rows are 1 to 32, and ranges such as 20-23" ;;
        *)
            for ((row = 10#${1%-*}; row <= 10#${1#*-}; row++)); do rows+=("$row"); done
            [ "$((10#${1%-*}))" -ge 1 ] && [ "$((10#${1#*-}))" -le 32 ] || fail "no row '$1'; rows are 1 to 32"
            ;;
    esac
    shift
done
[ ${#rows[@]} -gt 0 ] || mapfile -t rows < <(list_rows | cut -f1)

if [ -n "${FASTBRIDGE_TEST_TOOLS:-}" ]; then
    [ -d "$FASTBRIDGE_TEST_TOOLS" ] || fail "FASTBRIDGE_TEST_TOOLS: no folder $FASTBRIDGE_TEST_TOOLS"
    FASTBRIDGE_TEST_TOOLS=$(cd "$FASTBRIDGE_TEST_TOOLS" && pwd)
    export FASTBRIDGE_TEST_TOOLS
fi
# mosquitto is installed into /usr/sbin, which is not on every user's PATH.
export PATH=$PATH:/usr/sbin:/sbin
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_UI_LANGUAGE=en
cd "$root"
if [ -n "$build" ]; then
    "$root/scripts/setup.sh"
    "$root/scripts/publish.sh"
    echo "faults: build"
    dotnet build tests/Fastbridge.Tests -c Release -v q --nologo >artifacts/faults-build.log 2>&1 || { cat artifacts/faults-build.log >&2; echo "faults: the build failed" >&2; exit 1; }
fi
if [ -n "$run" ]; then
    folder=$(dotnet msbuild tests/Fastbridge.Tests -p:Configuration=Release -getProperty:TargetDir)
    [ -e "$folder/Fastbridge.Tests.dll" ] || fail "the tests are not built; run without --no-build"
fi

# One file a row and form, so that a row that is not run now keeps its figures.
results=artifacts/faults
mkdir -p "$results"
export FASTBRIDGE_FAULTS=$form
for row in ${run:+"${rows[@]}"}; do
    name=$(printf '%s/%02d' "$results" "$row")
    rm -f "$name.json" "$name.part"
    echo "faults: row $row: $(list_rows | awk -F '\t' -v row="$row" '$1 == row { print $2 }')"
    status=0
    FASTBRIDGE_FAULTS_REPORT=$root/$name.part timeout --foreground --signal=TERM --kill-after=10 "$longest" dotnet exec "$folder/Fastbridge.Tests.dll" \
        -noColor -noLogo -parallel none -trait "$(printf 'Fault=%02d' "$row")" >"$name.log" 2>&1 </dev/null || status=$?
    # A crash, a hang or a fault while the test cleaned up is in no line of the tests' own.
    [ "$status" -eq 0 ] || grep -q '"result":"failed"' "$name.part" 2>/dev/null ||
        printf '{"row":%d,"form":"%s","messages":null,"lost":null,"repeated":null,"reordered":null,"result":"failed","reason":"the run ended with %d","seconds":0}\n' "$row" "$form" "$status" >>"$name.part"
    date -u +%Y-%m-%d >"$name.date"
    # Only now: a run that was ended in the middle of a row has no figures of it.
    [ ! -e "$name.part" ] || mv "$name.part" "$name.json"
done

# One line a row: the sums of its tests. Skipped only where every test was; a number that no test counted is a dash.
summary() {
    for name in "$results"/[0-9][0-9].json; do
        [ -e "$name" ] || continue
        awk -v date="$(cat "${name%.json}.date")" '
            function text(key,   s) {
                if (!match($0, "\"" key "\":\"([^\"\\\\]|\\\\.)*\"")) return ""
                s = substr($0, RSTART, RLENGTH); sub(/^"[^"]*":"/, "", s); sub(/"$/, "", s); gsub(/\\"/, "\"", s)
                return s
            }
            function number(key) { return match($0, "\"" key "\":[0-9.]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : "" }
            {
                row = number("row"); form = text("form"); tests++; seconds += number("seconds")
                for (i = 1; i <= 4; i++) {
                    key = substr("messages  lost      repeated  reordered ", i * 10 - 9, 10); sub(/ +$/, "", key)
                    value = number(key)
                    if (value != "") { sum[i] += value; counted[i] = 1 }
                }
                result[text("result")]++
                if (text("result") != "passed" && reason == "") reason = text("reason")
            }
            END {
                outcome = result["failed"] ? "failed" : result["passed"] ? "passed" : "skipped"
                if (outcome == "passed" && result["skipped"]) outcome = "passed, " result["skipped"] " of " tests " skipped"
                printf "%d\t%s\t%s\t%d", row, form, date, tests
                for (i = 1; i <= 4; i++) printf "\t%s", counted[i] ? sprintf("%d", sum[i]) : "-"
                printf "\t%s\t%.0f\t%s\n", outcome, seconds, reason
            }' "$name"
    done
}
summary >"$results/summary"
# Joined with the rows' names; fields: row, fault, expected, form, date, tests, messages, lost, repeated, reordered, result, seconds, reason.
joined() { awk -F '\t' -v OFS='\t' 'NR == FNR { name[$1] = $2 OFS $3; next } { print $1, name[$1], $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 }' <(list_rows) "$results/summary"; }

mine=" ${rows[*]} "
joined | awk -F '\t' -v mine="$mine" '
    BEGIN { printf "\n%3s  %-58s %10s %5s %9s %9s  %-8s %7s\n", "row", "fault", "messages", "lost", "repeated", "reordered", "result", "seconds" }
    index(mine, " " $1 " ") { printf "%3d  %-58s %10s %5s %9s %9s  %-8s %7s\n     expected: %s\n", $1, substr($2, 1, 58), $7, $8, $9, $10, $11, $12, $3 }
    index(mine, " " $1 " ") && $13 != "" { printf "     %s\n", $13 }'

if [ -n "$markdown" ]; then
    jar() { # jar PATTERN: the version in a jar's name
        find "${FASTBRIDGE_TEST_TOOLS:-/nonexistent}" -name "$1" 2>/dev/null | sed -n 's/.*-\([0-9][0-9.]*\)\.jar$/\1/p' | head -1
    }
    {
        echo "# The fault matrix"
        echo
        echo "Written by \`scripts/faults.sh --markdown\`; the figures are what the tests counted, and none is typed by hand. Each payload carries its publisher and its"
        echo "number. *Lost*: acknowledged to the publisher and not in Kafka. *Repeated*: copies in Kafka beyond the first; at QoS 1 a crash may repeat what was in flight,"
        echo "and mosquitto 2.0 sends far more than its in-flight limit where it has a queue. *Reordered*: inversions among the first copies of one publisher and topic."
        echo "A row is the sum of its tests; a dash means that its tests carry no counted messages. \`scripts/faults.sh 7 18\` runs rows again."
        echo
        echo "fastbridge $("${FASTBRIDGE_EXE:-artifacts/fastbridge}" --version | cut -d+ -f1), librdkafka $(sed -n 's/^version=//p' scripts/build-librdkafka.sh)," \
            "mosquitto $(mosquitto -h | sed -n 's/^mosquitto version //p'), HiveMQ CE $(jar 'hivemq-community-edition-embedded-*.jar')," \
            "Apache Kafka $(jar 'kafka-clients-*.jar'), Linux $(uname -r), $(nproc) cores"
        echo
        echo "| row | fault | expected | form | messages | lost | repeated | reordered | result | seconds | date |"
        echo "|--:|---|---|---|--:|--:|--:|--:|---|--:|---|"
        joined | awk -F '\t' '{ printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s%s | %s | %s |\n", $1, $2, $3, $4, $7, $8, $9, $10, $11, $13 == "" ? "" : " (" substr($13, 1, 160) ")", $12, $5 }'
    } >docs/FAULTS.md
    echo "faults: docs/FAULTS.md is written"
fi

bad=$(joined | awk -F '\t' -v mine="$mine" 'index(mine, " " $1 " ") && ($11 == "failed" || ($8 != "-" && $8 > 0)) { printf " %d", $1 }')
absent=$(for row in "${rows[@]}"; do [ -s "$(printf '%s/%02d.json' "$results" "$row")" ] || printf ' %d' "$row"; done)
[ -z "$absent" ] || echo "faults: no test said anything of row$absent; see $results" >&2
[ -z "$bad" ] || echo "faults: failed: row$bad; see $results" >&2
[ -z "$bad$absent" ]
