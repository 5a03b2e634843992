#!/usr/bin/env bash
# Makes the .deb and the tarball of artifacts/fastbridge, with their checksums. The same executable and date give the same bytes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
maintainer=${FASTBRIDGE_MAINTAINER:-The fastbridge authors <authors@fastbridge.invalid>}

usage() {
    cat <<TEXT
Usage: scripts/package.sh [--executable FILE] [--output DIR] [--version VERSION] [--fast]

Writes fastbridge_VERSION_ARCH.deb, fastbridge-VERSION-linux-ARCH.tar.gz and SHA256SUMS. Compiles nothing: scripts/publish.sh makes the executable.
The .deb is left out, in one line, where dpkg-deb is missing.

  --executable FILE   what is packed; default artifacts/fastbridge
  --output DIR        default artifacts/package
  --version VERSION   default the executable's own
  --fast              hardly compressed, for a look at what is inside; larger than what is to be given to others, and the same otherwise

  SOURCE_DATE_EPOCH       the files' date, seconds since 1970; default that of the newest commit
  FASTBRIDGE_MAINTAINER   NAME <ADDRESS> in the .deb; set it where you give the package to others
TEXT
}

fail() {
    echo "package: $*" >&2
    exit 1
}

executable=$root/artifacts/fastbridge output=$root/artifacts/package version=
# One thread: how xz cuts its blocks must not depend on the machine.
gzip=-9 xz=(-Zxz --threads-max=1)
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --fast) gzip=-1 xz=(-Znone) ;;
        --executable | --output | --version)
            [ -n "${2:-}" ] || { echo "package: $1 needs a value" >&2; exit 2; }
            declare "${1#--}=$2"
            shift
            ;;
        *) echo "package: unknown argument '$1'" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

[ -x "$executable" ] || fail "$executable is not there; run scripts/publish.sh"
for tool in objdump tar gzip sha256sum node; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run scripts/setup.sh"
done
executable=$(cd "$(dirname "$executable")" && pwd)/$(basename "$executable")
# The commit behind the + is no part of a package's version.
[ -n "$version" ] || version=$("$executable" --version | cut -d+ -f1)
case $version in
    [0-9]*) [[ $version != *[!A-Za-z0-9.~]* ]] || fail "'$version' is no version; digits first, then letters, digits, . and ~, such as 1.2.3 or 1.2.3~rc1" ;;
    *) fail "'$version' is no version; digits first, then letters, digits, . and ~, such as 1.2.3 or 1.2.3~rc1" ;;
esac
case $(objdump -f "$executable" | sed -n 's/^architecture: \([^,]*\).*/\1/p') in
    i386:x86-64) debian=amd64 plain=x64 ;;
    aarch64) debian=arm64 plain=arm64 ;;
    *) fail "$executable is neither for x86-64 nor for arm64" ;;
esac
# The oldest glibc that has every symbol of the executable.
glibc=$(objdump -T "$executable" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
glibc=${glibc#GLIBC_}
[ -n "$glibc" ] || fail "$executable names no glibc version; is it published?"

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$executable")}
export LC_ALL=C TZ=UTC
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output"
output=$(cd "$output" && pwd)

# What both hold. The SBOM's script reads the licences from where the build took the libraries.
made=$work/made
mkdir -p "$made"
"$executable" man >"$made/fastbridge.1"
for shell in bash zsh fish; do "$executable" completion "$shell" >"$made/completion.$shell"; done
node "$root/scripts/sbom.mjs" --output "$made" || fail "the list of bundled libraries cannot be made (above)"

# One date, and modes that do not depend on the checkout's.
settle() {
    find "$1" -type d -exec chmod 755 {} +
    find "$1" -type f ! -perm -u+x -exec chmod 644 {} +
    find "$1" -type f -perm -u+x -exec chmod 755 {} +
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

tarball() {
    local name=fastbridge-$version-linux-$plain
    local to=$work/$name
    mkdir -p "$to/completions"
    cp "$executable" "$to/fastbridge"
    chmod 755 "$to/fastbridge"
    ln -s fastbridge "$to/robust-ctl"
    cp "$made/fastbridge.1" "$made/sbom.cdx.json" "$made/THIRD-PARTY-LICENSES.txt" "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$root/SECURITY.md" "$to/"
    cp -R "$root/docs" "$root/deploy" "$to/"
    cp "$made/completion.bash" "$to/completions/fastbridge.bash"
    cp "$made/completion.zsh" "$to/completions/_fastbridge"
    cp "$made/completion.fish" "$to/completions/fastbridge.fish"
    settle "$to"
    tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$work" "$name" | gzip "$gzip" -n >"$output/$name.tar.gz"
    echo "package: $output/$name.tar.gz"
    files+=("$name.tar.gz")
}

copyright() {
    cat <<TEXT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: fastbridge
Comment: The libraries inside the executable, and their licences, follow at the end.

Files: *
Copyright: The fastbridge authors
License: Apache-2.0
 On Debian systems the licence's text is in /usr/share/common-licenses/Apache-2.0.

Files: usr/bin/fastbridge
Copyright: The fastbridge authors, and those of the bundled libraries
License: Apache-2.0 and others
TEXT
    # A paragraph of this form: a blank before each line, a dot on empty ones.
    sed 's/[[:space:]]*$//; s/^$/./; s/^/ /' "$made/THIRD-PARTY-LICENSES.txt"
}

deb() {
    local name=fastbridge_${version}_$debian.deb tree=$work/deb
    local doc=$tree/usr/share/doc/fastbridge
    mkdir -p "$tree/DEBIAN" "$tree/usr/bin" "$tree/etc/fastbridge" "$tree/usr/lib/systemd/system" "$doc/examples" "$tree/usr/share/man/man1" \
        "$tree/usr/share/bash-completion/completions" "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/fish/vendor_completions.d" \
        "$tree/usr/share/lintian/overrides"
    cp "$executable" "$tree/usr/bin/fastbridge"
    chmod 755 "$tree/usr/bin/fastbridge"
    ln -s fastbridge "$tree/usr/bin/robust-ctl"
    cp "$root/packaging/deb/connectors.json" "$root/packaging/deb/environment" "$tree/etc/fastbridge/"
    cp "$root/deploy/systemd/fastbridge.service" "$tree/usr/lib/systemd/system/"
    gzip -9n <"$made/fastbridge.1" >"$tree/usr/share/man/man1/fastbridge.1.gz"
    ln -s fastbridge.1.gz "$tree/usr/share/man/man1/robust-ctl.1.gz"
    cp "$made/completion.bash" "$tree/usr/share/bash-completion/completions/fastbridge"
    ln -s fastbridge "$tree/usr/share/bash-completion/completions/robust-ctl"
    cp "$made/completion.zsh" "$tree/usr/share/zsh/vendor-completions/_fastbridge"
    cp "$made/completion.fish" "$tree/usr/share/fish/vendor_completions.d/fastbridge.fish"
    copyright >"$doc/copyright"
    cp "$root"/docs/*.md "$root/README.md" "$root/SECURITY.md" "$made/sbom.cdx.json" "$doc/"
    gzip -9n <"$root/CHANGELOG.md" >"$doc/CHANGELOG.md.gz"
    printf 'fastbridge (%s) stable; urgency=medium\n\n  * What changed: CHANGELOG.md.gz.\n\n -- %s  %s\n' "$version" "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" |
        gzip -9n >"$doc/changelog.gz"
    cp -R "$root/deploy/prometheus" "$root/deploy/grafana" "$doc/examples/"
    cp "$root/packaging/deb/lintian-overrides" "$tree/usr/share/lintian/overrides/fastbridge"
    cp "$root/packaging/deb/"{postinst,prerm,postrm} "$tree/DEBIAN/"
    chmod 755 "$tree/DEBIAN/"{postinst,prerm,postrm}
    printf '/etc/fastbridge/connectors.json\n/etc/fastbridge/environment\n' >"$tree/DEBIAN/conffiles"
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    cat >"$tree/DEBIAN/control" <<TEXT
Package: fastbridge
Version: $version
Architecture: $debian
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(($(find "$tree/usr" "$tree/etc" -type f -printf '%s\n' | awk '{ n += int(($1 + 4095) / 4096) * 4 } END { print n }')))
Depends: libc6 (>= $glibc), adduser
Recommends: ca-certificates
Description: bridge from MQTT to Apache Kafka
 One native executable that subscribes at an MQTT broker and writes every
 message into Apache Kafka: none lost, in order, with a disk buffer for the
 time that Kafka is away. It comes with a service, an HTTP API on loopback, and
 the commands of RobustMQ's robust-ctl for connectors.
 .
 The installed file of connectors holds one example that is stopped, so the
 service connects to nothing before /etc/fastbridge/connectors.json is edited.
TEXT
    settle "$tree"
    # For root and, by postinst, the group fastbridge: secrets may stand in them.
    chmod 750 "$tree/etc/fastbridge"
    chmod 640 "$tree/etc/fastbridge/"*
    dpkg-deb --root-owner-group "${xz[@]}" --build "$tree" "$output/$name" >/dev/null
    echo "package: $output/$name"
    files+=("$name")
}

files=()
tarball
if command -v dpkg-deb >/dev/null; then
    deb
else
    echo "package: no .deb, for dpkg-deb is missing (Debian's package dpkg has it)"
fi
(cd "$output" && sha256sum "${files[@]}" >SHA256SUMS)
echo "package: $output/SHA256SUMS"
