#!/bin/sh
# prepare.sh OPENING FOLDER [OWNERS]: what the parties of a demonstration have before they meet, a folder for each, as the compose files
# mount them: identities, a plan that everybody has signed, the owners' tables, the holder's key, the board's certificate.
# OPENING is key, shares or masks. VEILSUM is the program (build/veilsum).
#
#     FOLDER/owner-1 …     me.id plan.json plan.sig data.csv state/, with holder.pub for key
#     FOLDER/opener        me.id plan.json plan.sig state/, with holder.key for key
#     FOLDER/server-1 …    me.id plan.json plan.sig state/, for shares
#     FOLDER/board         plan.json plan.sig board.crt board.key state/, with me.id for key and masks
#     FOLDER/settings      for the compose files: docker compose --env-file FOLDER/settings …
#     FOLDER/names         the owners' names, a line each
set -eu
LC_ALL=C.UTF-8
export LC_ALL
umask 077
here=$(cd "$(dirname "$0")" && pwd -P)
veilsum=${VEILSUM:-$here/../build/veilsum}
demo=$here/../demo
opening=${1:?usage: prepare.sh key|shares|masks FOLDER [OWNERS]}
mkdir -p "${2:?usage: prepare.sh key|shares|masks FOLDER [OWNERS]}"
folder=$(cd "$2" && pwd -P)
owner_count=${3:-5}
column='Aircraft Airline Operator'
tab=$(printf '\t')
period=2026-11

run() {
    "$veilsum" "$@" </dev/null
}

# identity PARTY NAME: in a container nobody types a passphrase, so the file is protected by who may read it.
identity() {
    mkdir -p "$folder/$1/state"
    run identity --no-passphrase --as "$2" "$folder/$1/me" >/dev/null 2>&1
    parties="$parties $1"
}

# The largest operators' rows, a table each, and names that fit identities.
make_owners() {
    awk -v column="$column" -v most="$owner_count" -f "$demo/csv.awk" -f "$demo/owners.awk" "$demo/data/birdstrikes.csv" \
        >"$folder/owners.txt"
    awk -v column="$column" -v folder="$folder" -f "$demo/csv.awk" -f "$demo/split.awk" "$folder/owners.txt" \
        "$demo/data/birdstrikes.csv"
    number=0
    while IFS=$tab read -r rows operator; do
        number=$((number + 1))
        name=$(printf '%s' "$operator" | tr -d '*' | tr ' ' -)
        identity "owner-$number" "$name"
        mv "$folder/$number.csv" "$folder/owner-$number/data.csv"
        printf '%s\n' "$name" >>"$folder/names"
        printf '   %5s rows  owner-%s, %s\n' "$rows" "$number" "$name"
    done <"$folder/owners.txt"
    rm "$folder/owners.txt"
}

# party PARTY ORGANISATION MAY: a line of the roster, and the comma before it.
party() {
    printf '%s\n    {"identity": "%s", "organisation": "%s", "may": [%s]}' "$comma" "$(cat "$folder/$1/me.id.pub")" "$2" "$3"
    comma=,
}

roster() {
    comma=
    number=0
    while read -r name; do
        number=$((number + 1))
        party "owner-$number" "$(printf '%s' "$name" | tr - ' ')" '"contribute"'
    done <"$folder/names"
    case $opening in
    shares)
        for number in 1 2 3; do
            party "server-$number" "Computing centre $number" '"aggregate"'
        done
        ;;
    *) party board Platform '"aggregate"' ;;
    esac
    party opener Ministry '"open"'
}

opening_value() {
    case $opening in
    key) printf '{"key": "%s"}' "$(run inspect --json "$folder/opener/holder.pub" | sed -n 's/.*"fingerprint": *"\([0-9a-f]*\)".*/\1/p')" ;;
    shares) printf '{"shares": ["SERVER-1", "SERVER-2", "SERVER-3"]}' ;;
    masks) printf '{"masks": {"corrupt": 0, "absent": 20}}' ;;
    esac
}

# masks opens all cells at once, so its plan has no minimums to withhold values by.
make_plan() {
    leave_out='"opening"'
    [ "$opening" != masks ] || leave_out='"opening"\|"groups"'
    sed -e "/$leave_out/d" -e '/^}$/d' -e "s/\"max\": 10}/\"max\": $owner_count}/" "$demo/plan.json"
    printf '  "purpose": "yearly figures on wildlife strikes",\n  "roster": ['
    roster
    printf '\n  ],\n  "opening": %s\n}\n' "$(opening_value)"
}

# The board's certificate is signed by nobody else: the owners know its key from the plan's letter, as a pin.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=board \
        -addext subjectAltName=DNS:board,DNS:localhost -keyout "$folder/board/board.key" -out "$folder/board/board.crt" 2>/dev/null
    openssl x509 -in "$folder/board/board.crt" -pubkey -noout | openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | openssl base64 -A
}

make_settings() {
    printf 'VEILSUM_WORK=%s\nVEILSUM_PERIOD=%s\nVEILSUM_PIN=sha256//%s\n' "$folder" "$period" "$(make_certificate)"
    [ "$(id -u)" -eq 0 ] || printf 'VEILSUM_USER=%s:%s\n' "$(id -u)" "$(id -g)"
}

parties=
make_owners
mkdir -p "$folder/board/state"
case $opening in
key | masks) identity board PLATFORM ;;
shares)
    for number in 1 2 3; do
        identity "server-$number" "SERVER-$number"
    done
    ;;
*)
    echo "prepare: error: '$opening' is none of key, shares and masks" >&2
    exit 2
    ;;
esac
identity opener MINISTRY
[ "$opening" != key ] || run keygen --no-passphrase "$folder/opener/holder" >/dev/null 2>&1
make_plan >"$folder/plan.json"
for each in $parties; do
    run plan sign -i "$folder/$each/me.id" "$folder/plan.json" >/dev/null 2>&1
done
run plan check --signed "$folder/plan.sig" "$folder/plan.json" >/dev/null 2>&1
make_settings >"$folder/settings"
for each in $parties board; do
    cp "$folder/plan.json" "$folder/plan.sig" "$folder/$each/"
    case $opening,$each in
    key,owner-*) cp "$folder/opener/holder.pub" "$folder/$each/" ;;
    esac
done
# The image's user has no other rights than to these folders.
[ "$(id -u)" -ne 0 ] || chown -R 10001:10001 "$folder"
