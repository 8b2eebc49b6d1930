#!/bin/sh
# The whole way on real data: five aircraft operators, none of which shows another its costs, and one exact result.
# sh demo/demo.sh [--keep]; ./run demo builds the program first.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
veilsum=${VEILSUM:-$here/../build/veilsum}
data=$here/data/birdstrikes.csv
column='Aircraft Airline Operator'
owner_count=5
tab=$(printf '\t')

keep=
for option; do
    case $option in
    --keep) keep=1 ;;
    *)
        echo "demo: error: no option '$option' (there is --keep)" >&2
        exit 2
        ;;
    esac
done
[ -x "$veilsum" ] || {
    echo "demo: error: $veilsum is not there; ./run build makes it" >&2
    exit 1
}

work=$(mktemp -d "${TMPDIR:-/tmp}/veilsum-demo.XXXXXX")
finish() {
    [ -n "$keep" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi
say() {
    printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"
}

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

# stage NAME COMMAND…: runs it and notes how long it took.
: >"$work/times"
stage() {
    stage_name=$1
    shift
    stage_begun=$(now_ms)
    "$@"
    printf '%s\t%s\n' "$stage_name" $(($(now_ms) - stage_begun)) >>"$work/times"
}

# The five largest owners into 1.csv … 5.csv; owners.txt has a line "rows<TAB>name" for each.
split_owners() {
    awk -v column="$column" -v most=$owner_count -f "$here/csv.awk" -f "$here/owners.awk" "$data" >"$work/owners.txt"
    awk -v column="$column" -v folder="$work" -f "$here/csv.awk" -f "$here/split.awk" "$work/owners.txt" "$data"
}

# each_owner COMMAND: with the owner's number, rows and name.
each_owner() {
    number=0
    while IFS=$tab read -r rows owner; do
        number=$((number + 1))
        "$1" "$number" "$rows" "$owner"
    done <"$work/owners.txt"
}

show_owner() {
    printf '   %5s rows  %s\n' "$2" "$3"
}

encrypt_owner() {
    "$veilsum" encrypt -p "$work/plan.json" -r "$work/holder.pub" --as "$3" --period demo \
        "$work/$1.csv" -o "$work/$1.vs" </dev/null
}

open_as() {
    "$veilsum" decrypt -p "$work/plan.json" -k "$work/holder.key" --format "$1" "$work/total.vs" -o "$work/result.$1"
}

in_the_clear() {
    awk -f "$here/csv.awk" -f "$here/clear.awk" "$work"/[0-9].csv >"$work/clear.txt"
}

# The "withheld" list of the JSON result as lines "row<TAB>column<TAB>reason".
list_withheld() {
    tr '{' '\n' <"$work/result.json" | sed -n \
        "s/.*\"row\": *\\([0-9]*\\), *\"column\": *\"\\(.*\\)\", *\"reason\": *\"\\([a-z_]*\\)\".*/\\1$tab\\2$tab\\3/p"
}

# minimum NAME: what the plan's "groups" say.
minimum() {
    sed -n "s/.*\"$1\": *\\([0-9]*\\).*/\\1/p" "$here/plan.json"
}

size_of() {
    wc -c <"$1" | tr -d ' '
}

say "1. Five owners, the largest by '$column'. Each keeps its own table."
split_owners
each_owner show_owner

say '2. Whoever may learn the result makes a key. The plan, which all can read, says what it will be.'
stage 'keygen, 3072 bits' "$veilsum" keygen "$work/holder" --no-passphrase >"$work/keygen.txt" 2>&1
fingerprint=$("$veilsum" inspect --json "$work/holder.pub" | sed -n 's/.*"fingerprint": *"\([0-9a-f]*\)".*/\1/p')
sed "s/FINGERPRINT OF THE HOLDER'S PUBLIC KEY/$fingerprint/" "$here/plan.json" >"$work/plan.json"
"$veilsum" plan show "$work/plan.json" -r "$work/holder.pub"

say '3. Each owner encrypts its own table; anybody combines; only the holder of the key opens the total.'
stage 'encrypt, five owners' each_owner encrypt_owner
stage 'combine' "$veilsum" combine -p "$work/plan.json" "$work"/[0-9].vs -o "$work/total.vs"
stage 'decrypt' open_as csv
open_as json
awk -f "$here/csv.awk" -f "$here/table.awk" "$work/result.csv"
printf '\n* is withheld: the plan asks for %s rows and %s owners behind every value.\n' "$(minimum min_rows)" \
    "$(minimum min_contributors)"

say '4. The same in the clear, by awk from all five tables at once: what nobody could do.'
stage 'awk, in the clear' in_the_clear
list_withheld >"$work/withheld.txt"
equal=0
awk -v min_rows="$(minimum min_rows)" -v min_owners="$(minimum min_contributors)" -f "$here/csv.awk" \
    -f "$here/compare.awk" "$work/clear.txt" "$work/withheld.txt" "$work/result.csv" || equal=$?

say '5. What it took'
while IFS=$tab read -r name ms; do
    printf '   %-22s %4d.%03d s\n' "$name" $((ms / 1000)) $((ms % 1000))
done <"$work/times"
printf '   %-22s %8s bytes\n' 'largest table' "$(wc -c "$work"/[0-9].csv | sort -n | tail -n 2 | awk 'NR == 1 { print $1 }')" \
    'one contribution' "$(size_of "$work/1.vs")" 'the total' "$(size_of "$work/total.vs")"
[ -z "$keep" ] || printf '\nEverything is kept in %s\n' "$work"
exit "$equal"
