#!/bin/sh
# Each VS_GUARD(name, …) of the library needs an attack in tests/attacks that names it, and the other way round.
set -eu
cd "$1"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
grep -rhoE --include='*.c' --include='*.h' 'VS_GUARD\([a-z_0-9]+' crypto aggregate cli | grep -v 'VS_GUARD(name' |
    sed 's/.*(//' | sort -u >"$folder/guards"
grep -hoE '^ *\{"[a-z_0-9]+",' tests/attacks/attack_*.c | sed 's/[^a-z_0-9]//g' | sort -u >"$folder/attacks"
[ -s "$folder/guards" ] || {
    echo "no guard was found: this check looks in the wrong place"
    exit 1
}
comm -3 "$folder/guards" "$folder/attacks" >"$folder/difference"
if [ -s "$folder/difference" ]; then
    echo "guards without an attack (left), attacks without a guard (right):"
    cat "$folder/difference"
    exit 1
fi
echo "$(wc -l <"$folder/guards") guards, each with its attack"
