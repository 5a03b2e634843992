#!/usr/bin/env bash
# Builds librdkafka, static and shared, from pinned and checked source. Does nothing when it is built already.
set -euo pipefail

# 2.15.1 because Confluent.Kafka 2.15.1 (Directory.Packages.props) expects this librdkafka; change both together.
# The source tree is taken out of the npm package that carries it: the NuGet package librdkafka.redist is not on every feed.
version=2.15.1
package=@confluentinc/kafka-javascript@1.10.1
tarball=confluentinc-kafka-javascript-1.10.1.tgz
sha256=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66
# No curl: it serves OIDC tokens only, and would bring a second TLS stack and its libraries. No gssapi: Kerberos cannot be
# linked statically. lz4 is librdkafka's own copy.
options=(--enable-static --enable-ssl --enable-zstd --disable-curl --disable-gssapi --disable-lz4-ext --disable-syslog)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/artifacts/librdkafka

usage() {
    cat <<TEXT
Usage: scripts/build-librdkafka.sh [--force]

Builds librdkafka $version into artifacts/librdkafka: lib/librdkafka.a (for the published executable), lib/librdkafka.so.1
(for tests and dotnet run), include/librdkafka, LICENSES. The source comes from npm ($package)
and is checked against a pinned SHA-256; the archive is kept in artifacts/librdkafka, so a second build needs no network.

  --force   build again although it is there
TEXT
}

force=
for argument in "$@"; do
    case $argument in
        -h | --help) usage; exit 0 ;;
        --force) force=1 ;;
        *) echo "build-librdkafka: unknown argument '$argument'" >&2; usage >&2; exit 2 ;;
    esac
done

fail() {
    echo "build-librdkafka: $*" >&2
    exit 1
}

# Sections, so that the executable's linker leaves out what nobody calls.
# Size decides for what runs seldom (admin calls, consumer groups, configuration): 0.75 MB of the executable. What every record passes is built for speed.
# No unwind tables: nothing is thrown through C, and .NET walks its own frames alone (0.2 MB of the executable).
cflags="-Os -fPIC -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables"
hot=(rdkafka rdkafka_msg rdkafka_broker rdkafka_partition rdkafka_queue rdkafka_msgset_writer rdkafka_topic rdkafka_buf rdbuf crc32c rdcrc32 rdmurmur2 rdvarint rdlist
    rdkafka_event rdkafka_transport rdkafka_op rdkafka_request rdkafka_timer rdkafka_ssl rdkafka_idempotence tinycthread tinycthread_extra
    rdkafka_lz4 rdkafka_zstd lz4 lz4frame lz4hc rdxxhash snappy)
# The baseline that the executable is compiled for as well (Fastbridge.Native.targets). CRC-32C looks at the processor at run time.
[ "$(uname -m)" = x86_64 ] && cflags="$cflags -march=x86-64-v2"

mkdir -p "$out"
exec 9>"$out/.lock"
flock 9

# Our own changes to the source, each with its reason at its head.
patches=("$root"/scripts/patches/librdkafka-*.patch)

# What the result depends on: a change of any of these builds again.
wanted="$version $sha256 $(cat "${patches[@]}" | sha256sum | cut -c1-16) ${options[*]} $cflags ${hot[*]} $(${CC:-cc} -dumpfullversion 2>/dev/null || true)"
built() {
    [ -z "$force" ] && [ "$(cat "$out/.built" 2>/dev/null)" = "$wanted" ] && [ -s "$out/lib/librdkafka.a" ] &&
        [ -s "$out/lib/librdkafka.so.1" ] && [ -s "$out/include/librdkafka/rdkafka_mock.h" ]
}
if built; then
    echo "librdkafka $version: already in artifacts/librdkafka"
    exit 0
fi

for tool in "${CC:-cc}" make ar tar patch sha256sum; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run scripts/setup.sh"
done
# configure drops a library that it does not find and goes on, so their headers are looked for here.
for header in openssl/ssl.h zstd.h zlib.h; do
    echo "#include <$header>" | "${CC:-cc}" -E -x c - >/dev/null 2>&1 || fail "$header is missing; run scripts/setup.sh"
done

matches() { echo "$sha256  $out/$tarball" | sha256sum --check --status 2>/dev/null; }
if ! matches; then
    command -v npm >/dev/null || fail "npm is missing; run scripts/setup.sh, or put $tarball into artifacts/librdkafka"
    echo "librdkafka $version: fetching $package"
    npm pack "$package" --pack-destination "$out" --silent >/dev/null || fail "npm could not fetch $package"
    matches || fail "$tarball does not have the pinned SHA-256 $sha256; refusing to build it"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$out/$tarball" -C "$work" package/deps/librdkafka
source=$work/package/deps/librdkafka
log=$out/build.log

echo "librdkafka $version: building (about 30 s; log in artifacts/librdkafka/build.log)"
build() {
    cd "$source" || return
    for patch in "${patches[@]}"; do
        patch -p1 --batch <"$patch" || return
    done
    # configure asks for a C++ compiler, for a wrapper that is not built here.
    CXX="${CC:-cc}" CFLAGS="$cflags" ./configure --prefix="$out" "${options[@]}" || return
    cp Makefile.config Makefile.cold
    sed 's/-Os/-O3/' Makefile.cold >Makefile.config
    make -C src -j"$(nproc)" "${hot[@]/%/.o}" || return
    cp Makefile.cold Makefile.config
    make -C src -j"$(nproc)" librdkafka.a librdkafka.so.1
}
(build) >"$log" 2>&1 || { tail -20 "$log" >&2; fail "the build failed; all of it is in $log"; }

# A librdkafka without one of these would build, and fail on the first message that needs it.
for feature in WITH_SSL WITH_ZSTD WITH_ZLIB WITH_SASL_OAUTHBEARER WITH_SASL_SCRAM; do
    grep -q "^#define $feature 1" "$source/config.h" || fail "configure left out $feature; see $log"
done

rm -rf "$out/lib" "$out/include" "$out/LICENSES" "$out/.built"
mkdir -p "$out/lib" "$out/include/librdkafka" "$out/LICENSES"
cp "$source/src/librdkafka.a" "$source/src/librdkafka.so.1" "$out/lib/"
strip --strip-debug "$out/lib/librdkafka.a"
strip --strip-unneeded "$out/lib/librdkafka.so.1"
cp "$source/src/rdkafka.h" "$source/src/rdkafka_mock.h" "$out/include/librdkafka/"
cp "$source"/LICENSE* "$out/LICENSES/"
echo "$wanted" >"$out/.built"
echo "librdkafka $version: built into artifacts/librdkafka"
