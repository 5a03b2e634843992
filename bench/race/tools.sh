# Sourced by scripts/race.sh and bench/compare.sh, which have set root and tools: builds the race tools, or says what is missing.
for tool in python3 gcc make; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install it"
done
[ -x "$root/artifacts/fastbridge" ] || fail "artifacts/fastbridge is missing; run scripts/publish.sh"
"$root/scripts/build-librdkafka.sh" >&2
mkdir -p "$tools"
make -s -C "$root/bench/race" OUT="$tools" LIBRDKAFKA="$root/artifacts/librdkafka" >"$tools/make.log" 2>&1 || { cat "$tools/make.log" >&2; fail "the C tools do not build"; }
