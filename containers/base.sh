#!/bin/sh
# Make the base image from Debian's packages, where no image can be pulled: base.sh [NAME[:TAG]], as root.
# The mirror is the one that this machine's apt is set up with. The file system is kept as a tar file, so that a second
# engine, or the same one emptied, has its base in seconds. BASE_FOLDER says where (build/containers).
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
image=${1:-veilsum-base}
folder=${BASE_FOLDER:-$here/../build/containers}

fail() {
    printf 'base: error: %s\n' "$1" >&2
    shift
    for hint; do
        printf 'base: hint: %s\n' "$hint" >&2
    done
    exit 1
}

for tool in debootstrap docker apt-get; do
    command -v "$tool" >/dev/null || fail "there is no $tool" "as root: apt-get install debootstrap docker.io"
done
[ "$(id -u)" -eq 0 ] || fail 'making a file system takes root' 'run it as root, for example with sudo'

# apt's own reading of its sources, whatever form they have: "site release origin" a line.
sources() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
        awk '$3 == "main" && $4 == "Debian" { print $1, $2 }'
}

# The suite that this machine runs, and where it comes from.
release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
[ -n "$release" ] || fail 'this Debian has no code name' 'a release of Debian is needed; testing and unstable name none'
mirror=$(sources | awk -v release="$release" '$2 == release { print $1; exit }')
[ -n "$mirror" ] || fail "apt has no source of Debian's $release" 'apt-get update makes it read its sources'

tar=$folder/base-$release-$(dpkg --print-architecture).tar
mkdir -p "$folder/packages"
root=
finish() {
    [ -z "$root" ] || rm -rf --one-file-system "$root" "$tar.new"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What the mirror has beside the release itself (updates, security), and how strict apt is with its dates here.
tune_apt() {
    sources | awk '{ print "deb", $1, $2, "main" }' >"$root/etc/apt/sources.list"
    apt-config dump | grep '^Acquire::Check' >"$root/etc/apt/apt.conf.d/90mirror" || true
    printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' >"$root/etc/apt/apt.conf.d/91small"
    printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' \
        >"$root/etc/dpkg/dpkg.cfg.d/91small"
}

if [ ! -s "$tar" ]; then
    echo "base: the smallest Debian, $release, from apt's mirror"
    root=$(mktemp -d "${TMPDIR:-/tmp}/veilsum-base.XXXXXX")
    debootstrap --variant=minbase --cache-dir="$(cd "$folder/packages" && pwd -P)" "$release" "$root" "$mirror" \
        >"$folder/debootstrap.log" 2>&1 ||
        fail "debootstrap failed: $(tail -n 1 "$folder/debootstrap.log")" "all that it said is in $folder/debootstrap.log"
    tune_apt
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* \
        "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/etc/resolv.conf "$root"/etc/hostname
    tar --one-file-system --numeric-owner --sort=name -C "$root" -cf "$tar.new" .
    mv "$tar.new" "$tar"
fi
docker import --change 'CMD ["/bin/sh"]' "$tar" "$image" >/dev/null
echo "base: $image, $(du -m "$tar" | cut -f1) MB"
