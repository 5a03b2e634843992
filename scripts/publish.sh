#!/usr/bin/env bash
# Publishes the executable: artifacts/fastbridge, one native file with librdkafka, OpenSSL, zstd and zlib inside.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
size_limit=25000000

usage() {
    cat <<TEXT
Usage: scripts/publish.sh [--framework net10.0|net9.0] [PROPERTY=VALUE ...]

Compiles fastbridge ahead of time for this machine and writes artifacts/fastbridge. Builds librdkafka first if it is not there.
The framework is net10.0 where the package feed has its AOT pack, else net9.0; one line says which, and why.
Fails on any warning of ours, on a library other than libc and libm, and above $((size_limit / 1000000)) MB.

  --framework NAME   take this framework; do not look at the feed
  PROPERTY=VALUE     handed to the build, e.g. OptimizationPreference=Size
TEXT
}

fail() {
    echo "publish: $*" >&2
    exit 1
}

framework= properties=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --framework) framework=${2:?publish: --framework needs net10.0 or net9.0}; shift ;;
        *=*) properties+=("-p:$1") ;;
        *) echo "publish: unknown argument '$1'" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

[ "$(uname -s)" = Linux ] || fail "this script is for Linux; use rid-publish.ps1 here"
case $(uname -m) in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *) fail "no .NET AOT compiler for $(uname -m)" ;;
esac
for tool in dotnet gcc cmake make node objcopy objdump ldd; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run scripts/setup.sh"
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_UI_LANGUAGE=en
"$root/scripts/build-librdkafka.sh"
cd "$root"
log=artifacts/publish.log
# Outputs of its own, so that a publish for net9.0 and a build for net10.0 do not undo each other's restore.
common=(-p:RuntimeIdentifier="$rid" -p:Configuration=Release -p:FastbridgeDashboard=required --artifacts-path artifacts/publish "${properties[@]}")

restore() { # restore FRAMEWORK [PROPERTY ...]
    dotnet restore src/Fastbridge "${common[@]}" -p:FastbridgeTargetFramework="$@" >"$log" 2>&1
}
missing_pack() { grep -m1 -o -E "NU110[12]: Unable to find (package|.*package) [^ ]*(NativeAOT|ILCompiler)[^ ]*" "$log"; }
nearest() { grep -m1 -A1 -E 'NU1102: .*(NativeAOT|ILCompiler)' "$log" | grep -m1 -o -E 'Nearest version: 10\.0\.[0-9]+' | grep -o '10\.0.*' || true; }

version=()
if [ -n "$framework" ]; then
    reason="asked for"
    restore "$framework" || { cat "$log" >&2; fail "restore for $framework failed"; }
elif restore net10.0; then
    framework=net10.0 reason="the feed has its AOT pack"
elif other=$(nearest) && [ -n "$other" ] && restore net10.0 -p:FastbridgeAotVersion="$other"; then
    framework=net10.0 reason="the feed has its AOT pack in version $other" version=(-p:FastbridgeAotVersion="$other")
elif pack=$(missing_pack); then
    pack=${pack%.}
    framework=net9.0 reason="for net10.0 the feed lacks ${pack##* }"
    restore net9.0 || { cat "$log" >&2; fail "restore for net9.0 failed"; }
else
    # Not a missing pack: a feed that cannot be reached is no reason to take another framework.
    cat "$log" >&2
    fail "restore failed"
fi
echo "publish: $framework for $rid ($reason)"

# What cmake has cached of one compiler's sources is refused by the next: another framework, or a newer pack in the feed.
assets=artifacts/publish/obj/Fastbridge/project.assets.json
compiler=$(grep -o -m1 -i "runtime\.$rid\.Microsoft\.DotNet\.ILCompiler/[0-9.]*" "$assets" || true)
if [ "$(cat artifacts/publish/compiler 2>/dev/null)" != "$compiler" ]; then
    rm -rf "artifacts/publish/obj/Fastbridge/release_$rid"
    echo "$compiler" >artifacts/publish/compiler
fi

started=$SECONDS
dotnet publish src/Fastbridge --no-restore "${common[@]}" -p:FastbridgeTargetFramework="$framework" "${version[@]}" >"$log" 2>&1 ||
    { grep -E 'error|undefined reference' "$log" >&2 || tail -20 "$log" >&2; fail "the build failed; all of it is in $log"; }
# cmake, run by the SDK for its OpenSSL layer, warns that it was given a variable too many. Every other warning is ours.
if grep -E '(: |\b)warning( [A-Z]+[0-9]+)? ?:' "$log" | grep -v 'EXEC : CMake warning'; then
    fail "warnings (above)"
fi

built=artifacts/publish/publish/Fastbridge/release_$rid/fastbridge
executable=artifacts/fastbridge
# A new file under the old name, so that a bridge that runs the old one is left alone.
cp "$built" "$executable.new"
mv -f "$executable.new" "$executable"

size=$(stat -c %s "$executable")
needed=$(objdump -p "$executable" | awk '/NEEDED/ {print $2}' | sort | tr '\n' ' ')
glibc=$(objdump -T "$executable" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
echo "publish: $executable, $((size / 1000000)).$((size / 100000 % 10)) MB, in $((SECONDS - started)) s"
ldd "$executable" | sed 's/^\t/    /; s/ (0x.*//'
echo "publish: runs on glibc ${glibc#GLIBC_} and newer (the newest symbol version in it)"
for library in $needed; do
    case $library in
        libc.so.6 | libm.so.6 | ld-linux-*) ;;
        *) fail "$executable needs $library; only libc and libm are allowed" ;;
    esac
done
[ "$size" -le $size_limit ] || fail "$executable has $size bytes; at most $size_limit are allowed"
