#!/bin/sh
# Who may learn what, and how anybody checks it: five operators sign a plan and contribute, three of five holders open,
# an auditor checks everything from public files, and a bit that is changed anywhere is found.
# sh demo/trust.sh [--keep]; ./run demo --trust builds the program first.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
veilsum=${VEILSUM:-$here/../build/veilsum}
data=$here/data/birdstrikes.csv
column='Aircraft Airline Operator'
tab=$(printf '\t')
period=2026-11

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

work=$(mktemp -d "${TMPDIR:-/tmp}/veilsum-trust.XXXXXX")
finish() {
    [ -n "$keep" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$work"

if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi
say() {
    printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"
}
tell() {
    printf '   %s\n' "$*"
}

# The same program for everybody; standard input is never a terminal here.
run() {
    "$veilsum" "$@" </dev/null
}

# What must be refused, with which status; shows what the program says.
refused() {
    wanted=$1
    shift
    status=0
    run "$@" >refused.out 2>refused.err || status=$?
    sed -n "s/^veilsum: error: /   refused ($status): /p" refused.err
    [ "$status" -eq "$wanted" ] || {
        echo "demo: error: status $status instead of $wanted from: veilsum $*" >&2
        cat refused.err >&2
        exit 1
    }
}

identity() {
    run identity --no-passphrase "$1" >/dev/null 2>&1
}

owners=
holders=
say '1. Everybody makes an identity: five operators, a platform that combines, an auditor who keeps the ledger.'
awk -v column="$column" -v most=5 -f "$here/csv.awk" -f "$here/owners.awk" "$data" >owners.txt
awk -v column="$column" -v folder=. -f "$here/csv.awk" -f "$here/split.awk" owners.txt "$data"
number=0
while IFS=$tab read -r rows operator; do
    number=$((number + 1))
    name=$(printf '%s' "$operator" | tr -d '*' | tr ' ' -)
    identity "$name"
    mv "$number.csv" "$name.csv"
    owners="$owners $name"
    holders="$holders --holder $name.id.pub"
    printf '   %-20s %5s rows   %s\n' "$name" "$rows" "$(cat "$name.id.pub")"
done <owners.txt
for name in PLATFORM AUDITOR OUTSIDER; do
    identity "$name"
done
printf '   %-20s %10s   %s\n' PLATFORM '' "$(cat PLATFORM.id.pub)" AUDITOR '' "$(cat AUDITOR.id.pub)"

say '2. A key is dealt to the five: any three open a total together, no two can, and nobody has the key itself.'
# shellcheck disable=SC2086 # a list of words
run keygen --bits 2048 --threshold 3/5 $holders hub 2>/dev/null
run inspect hub.holders | sed -n 's/^/   /; /fingerprint\|bits \|needed\|of  /p'

say '3. A plan lists them, with what each may do. It binds once all have signed it.'
field() { # FILE NAME
    run inspect --json "$1" | sed -n "s/.*\"$2\": *\"\([0-9a-f]*\)\".*/\1/p"
}
party() { # NAME MAY
    printf '    {"identity": "%s", "organisation": "%s", "may": [%s]}' "$(cat "$1.id.pub")" "$(printf '%s' "$1" | tr - ' ')" "$2"
}
roster() {
    printf '  "purpose": "yearly figures on wildlife strikes",\n  "valid": {"uses": 12},\n  "roster": [\n'
    for name in $owners; do
        party "$name" '"contribute", "open"'
        printf ',\n'
    done
    party PLATFORM '"aggregate"'
    printf ',\n'
    party AUDITOR '"audit"'
    printf '\n  ],\n  "opening": {"threshold": "%s", "holders": "%s"}\n}\n' "$(field hub.pub fingerprint)" \
        "$(field hub.holders holders)"
}
{
    sed -e '/"opening"/,$d' -e 's/"contributors": {"min": 3, "max": 10}/"contributors": {"min": 3, "max": 5}/' \
        "$here/plan.json"
    roster
} >plan.json
refused 5 encrypt -p plan.json -r hub.pub -i MILITARY.id --period $period MILITARY.csv -o early.vs
for name in $owners PLATFORM AUDITOR; do
    run plan sign -i "$name.id" plan.json >/dev/null 2>&1
done
run plan check --signed plan.sig plan.json 2>/dev/null

say '4. Each operator encrypts its table and signs what it contributes. An outsider is refused.'
for name in $owners; do
    run encrypt -p plan.json -r hub.pub -i "$name.id" --period $period "$name.csv" -o "$name.vs" 2>/dev/null
    tell "$name.vs, $(wc -c <"$name.vs" | tr -d ' ') bytes"
done
cp MILITARY.csv outsider.csv
refused 5 encrypt -p plan.json -r hub.pub -i OUTSIDER.id --period $period outsider.csv -o outsider.vs
mkdir forged
sed "s|$(cat MILITARY.id.pub)|$(cat OUTSIDER.id.pub)|" plan.json >forged/plan.json
for name in $owners PLATFORM AUDITOR OUTSIDER; do
    run plan sign -i "$name.id" forged/plan.json >/dev/null 2>&1 || true
done
run encrypt -p forged/plan.json -r hub.pub -i OUTSIDER.id --period $period outsider.csv -o outsider.vs 2>/dev/null
set --
for name in $owners; do
    set -- "$@" "$name.vs"
done
refused 4 combine -p plan.json -i PLATFORM.id "$@" outsider.vs -o total.vs

say '5. The platform combines; its receipt says what is in the total, and what was left out and why.'
run combine -p plan.json -i PLATFORM.id --leave-out-refused "$@" outsider.vs -o total.vs 2>/dev/null
sed 's/^/   /' total.vs.receipt
run ledger init -i AUDITOR.id ledger 2>/dev/null
run ledger add -i AUDITOR.id -p plan.json ledger total.vs.receipt >/dev/null 2>&1
cp ledger/checkpoint first.checkpoint

say '6. A total of two operators is fewer than the plan allows: no holder makes a part of it.'
part() { # NAME TOTAL OUT [OPTION…]: the holder looks at the contributions itself
    part_name=$1 part_total=$2 part_out=$3
    shift 3
    run decrypt -p plan.json --holders hub.holders --share "hub.$part_name.share" -i "$part_name.id" --part "$part_total" \
        -o "$part_out" "$@"
}
run combine -p plan.json -i PLATFORM.id MILITARY.vs US-AIRWAYS.vs -o two.vs 2>/dev/null
refused 5 decrypt -p plan.json --holders hub.holders --share hub.MILITARY.share -i MILITARY.id --part two.vs \
    -o two.part --with MILITARY.vs --with US-AIRWAYS.vs

say '7. Three of five holders combine the contributions once more, and make parts: of the counts first, then of the
   values that the counts allow. Each enters the total in its book before.'
with=
for name in $owners; do
    with="$with --with $name.vs"
done
some=$(printf '%s\n' $owners | sed -n '1p;3p;5p')
for round in 1 2; do
    parts=
    [ $round -eq 1 ] || parts=$(printf '%s.1.part ' $some)
    for name in $some; do
        # shellcheck disable=SC2086 # lists of words
        if [ -z "$parts" ]; then
            part "$name" total.vs "$name.$round.part" --record "$name.opening" $with 2>/dev/null
        else
            part "$name" total.vs "$name.$round.part" $with --parts $parts 2>/dev/null
        fi
        tell "$name.$round.part, $(wc -c <"$name.$round.part" | tr -d ' ') bytes"
    done
done
first=$(printf '%s\n' $owners | sed -n 1p)
# shellcheck disable=SC2046,SC2086 # lists of words
run decrypt -p plan.json --holders hub.holders total.vs --parts $(for name in $some; do echo "$name.1.part" "$name.2.part"; done) \
    -o result.csv
awk -f "$here/csv.awk" -f "$here/table.awk" result.csv
run combine -p plan.json -i PLATFORM.id $(printf '%s.vs ' $owners | sed "s/$first.vs//") -o four.vs 2>/dev/null
echo
tell "Now a total without $first, from which $first's own numbers could be told by subtraction:"
# shellcheck disable=SC2086 # a list of words
refused 5 decrypt -p plan.json --holders hub.holders --share "hub.$first.share" -i "$first.id" --part four.vs \
    -o four.part $(printf '%s' "$with" | sed "s/ --with $first.vs//")

say '8. The ledger has the receipt and who opened. An auditor checks all of it from public files.'
# shellcheck disable=SC2046 # a list of words
run ledger add -i AUDITOR.id -p plan.json ledger $(printf '%s.opening ' $some) >/dev/null 2>&1
mkdir public
cp -r plan.json plan.sig hub.pub hub.holders ledger total.vs.receipt first.checkpoint ./*.vs ./*.id.pub ./*.part public/
cd public
run ledger prove -k AUDITOR.id.pub ledger MILITARY.vs -o MILITARY.proof
run ledger prove -k AUDITOR.id.pub ledger --since first.checkpoint -o growth.proof
check_all() {
    run plan check --signed plan.sig plan.json &&
        run verify -p plan.json total.vs --with "$@" &&
        run verify -p plan.json total.vs --receipt total.vs.receipt &&
        run ledger check -k AUDITOR.id.pub -p plan.json ledger &&
        run ledger check -k AUDITOR.id.pub --from first.checkpoint growth.proof &&
        run ledger check -k AUDITOR.id.pub --contribution MILITARY.vs MILITARY.proof &&
        # shellcheck disable=SC2046 # a list of words
        run decrypt -p plan.json --holders hub.holders total.vs --parts \
            $(for name in $some; do echo "$name.1.part" "$name.2.part"; done) >/dev/null
}
check_all "$@" 2>&1 | sed 's/^/   /'
check_all "$@" >/dev/null 2>&1
echo
run ledger show -k AUDITOR.id.pub -p plan.json --by organisation ledger

say '9. One bit is changed, in each public file in turn.'
flip() { # FILE: the lowest bit of a byte in the middle
    size=$(wc -c <"$1" | tr -d ' ')
    at=$((size / 2))
    byte=$(od -An -tu1 -j $at -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the byte as an octal escape
    printf "\\$(printf '%03o' $((byte % 2 == 0 ? byte + 1 : byte - 1)))" | dd of="$1" bs=1 seek=$at conv=notrunc 2>/dev/null
}
found=0 files=0
for file in plan.json plan.sig hub.holders total.vs total.vs.receipt MILITARY.vs MILITARY.proof growth.proof \
    AUDITOR.id.pub first.checkpoint "$first.1.part" "$first.2.part" $(find ledger -type f ! -name '.*' ! -path '*/index/*'); do
    files=$((files + 1))
    cp "$file" saved
    flip "$file"
    if check_all "$@" >changed.out 2>&1 && ! grep -q '^veilsum: warning' changed.out; then
        printf '   %-36s NOT FOUND\n' "$file"
    else
        found=$((found + 1))
        printf '   %-36.36s found: %s\n' "$file" "$(sed -n 's/^veilsum: \(error\|warning\): //p' changed.out | head -n 1 | cut -c 1-46)"
    fi
    cp saved "$file"
done
printf '\n%s of %s found\n' $found $files
[ -z "$keep" ] || printf '\nEverything is kept in %s\n' "$work"
[ $found -eq $files ]
