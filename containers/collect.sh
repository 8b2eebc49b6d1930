#!/bin/sh
# collect.sh PROGRAM FOLDER: what the program needs to run, and nothing else. FOLDER/system is a file system of its own: the
# program, its shared libraries with the loader, certificates of the public authorities. FOLDER/own has the folders that
# the program may write to; the image gives them to its user.
set -eu
program=$1
root=$2/system

mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/tmp" "$2/own/data" "$2/own/state"
strip -o "$root/usr/bin/veilsum" "$program"

# Each line of ldd that names a file: the libraries by "=> PATH", the loader by itself. Under their own names, so that the
# loader finds them without a cache.
ldd "$program" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'veilsum:x:10001:10001:veilsum:/state:/usr/bin/veilsum' >"$root/etc/passwd"
echo 'veilsum:x:10001:' >"$root/etc/group"
chmod 1777 "$root/tmp"
