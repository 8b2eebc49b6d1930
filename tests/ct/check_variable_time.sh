#!/bin/sh
# check_variable_time.sh SOURCES [LIST]: does the list of what may take variable time agree with the sources? Prints each
# disagreement; exit status 1 if there is one.
# shellcheck disable=SC2013,SC2086 # lists of files and names are words
set -eu
export LC_ALL=C
cd "$1"
list=${2:-tests/ct/variable_time.txt}
agreed=yes

disagree() {
    printf '%s\n' "$1"
    agreed=no
}

# Entries: at the beginning of a line, and no sentence.
entries=$(sed -nE 's/^([a-z_0-9]+_[a-z_0-9]+|[a-z]+(\/[a-z_0-9]+)+\.c)( .*)?$/\1/p' "$list")
[ -n "$entries" ] || disagree "$list has no entries"
sources=$(find crypto aggregate -name '*.c')

for entry in $entries; do
    case $entry in
    */*) [ -f "$entry" ] || disagree "$entry: there is no such file" ;;
    *) grep -qE "^[a-z].*[ *]$entry\(" $sources || disagree "$entry: there is no such function" ;;
    esac
done

listed() {
    printf '%s\n' "$entries" | grep -qxF "$1"
}

for name in $(sed -nE 's/^[a-z].*[ *]([a-z_0-9]+_var)\(.*/\1/p' $sources | sort -u); do
    listed "$name" || disagree "$name: its name says that it takes variable time; the list does not"
done
for file in $(grep -lE '\bmpz_[a-z_0-9]+\(' $sources); do
    listed "$file" || disagree "$file: works with mpz, and is not in the list"
done
[ "$agreed" = yes ]
