#!/usr/bin/env bats
load helper

note() {
    /usr/bin/python3 "$here/make_note.py" "$@"
}

# roster_plan TITLE: a plan of two owners, one who combines and one who opens.
roster_plan() {
    local parties="" who
    for who in A B; do
        parties="$parties{\"identity\": \"$(cat $who.id.pub)\", \"organisation\": \"Air $who\", \"may\": [\"contribute\"]},"
    done
    parties="$parties{\"identity\": \"$(cat hub.id.pub)\", \"organisation\": \"Hub & Co\", \"may\": [\"aggregate\"]},"
    parties="$parties{\"identity\": \"$(cat opener.id.pub)\", \"organisation\": \"Hub & Co\", \"may\": [\"open\"]}"
    printf '{"veilsum": 1, "title": "%s", "vector": {"length": 2, "scale": 0, "min": 0, "max": 9}, "roster": [%s], "contributors": {"min": 2},
        "opening": {"key": "%064d"}}\n' "$1" "$parties" 7
}

# Contributions, receipts and openings of two months, and a ledger of the first.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    local who month
    for who in A B hub opener keeper stranger; do
        veilsum identity --no-passphrase $who >/dev/null 2>&1
    done
    roster_plan 'Bird strikes' >roster.json
    plan_id=$(veilsum plan check roster.json 2>/dev/null | cut -c 1-64)
    echo "$plan_id" >plan_id
    for month in 10 11; do
        note receipt hub.id "$plan_id" 2026-$month $(printf '%064d' $month) a.vs=A b.vs=B >$month.receipt
        note opening opener.id "$plan_id" 2026-$month $(printf '%064d' $month) >$month.opening
    done
    veilsum ledger init ledger -i keeper.id 2>/dev/null
    veilsum ledger add ledger -i keeper.id -p roster.json 10.receipt 10.opening 2>/dev/null
    cp ledger/checkpoint october.checkpoint
}

setup() {
    cp -r "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work"
}

add() {
    veilsum ledger add ledger -i keeper.id -p roster.json "$@" 2>/dev/null
}

check() {
    veilsum ledger check -k keeper.id.pub "$@"
}

@test "a ledger is begun once, by whoever keeps it" {
    fails 2 veilsum ledger init ledger -i keeper.id
    fails 3 veilsum ledger add ledger2 -i keeper.id roster.json
    mkdir empty
    fails 3 veilsum ledger check -k keeper.id.pub empty
    hinted "ledger init"
    fails 4 veilsum ledger check -k stranger.id.pub ledger
    fails 4 veilsum ledger add ledger -i stranger.id 11.receipt
}

@test "the same note again changes nothing" {
    before=$(find ledger -type f -exec sha256sum {} + | sort)
    run --separate-stderr veilsum ledger add ledger -i keeper.id -p roster.json 10.opening 10.receipt
    [ "$status" -eq 0 ]
    [[ $stderr == *"0 of 2 added; the ledger holds 2"* ]]
    [ "$before" = "$(find ledger -type f -exec sha256sum {} + | sort)" ]
}

@test "what the plan's parties have not signed is refused, and nothing is added" {
    id=$(cat plan_id)
    note receipt stranger.id "$id" 2026-11 "$(printf '%064d' 3)" a.vs=A >bad.receipt
    note opening hub.id "$id" 2026-11 "$(printf '%064d' 3)" >bad.opening
    sed 's/^total 0/total 1/' 11.opening >altered.opening
    sed 's/^contribution ./contribution f/' 11.receipt >altered.receipt
    fails 5 veilsum ledger add ledger -i keeper.id -p roster.json 11.receipt bad.receipt
    fails 5 veilsum ledger add ledger -i keeper.id -p roster.json 11.receipt bad.opening
    fails 4 veilsum ledger add ledger -i keeper.id -p roster.json 11.receipt altered.opening
    fails 4 veilsum ledger add ledger -i keeper.id -p roster.json altered.receipt
    fails 3 veilsum ledger add ledger -i keeper.id -p roster.json 11.receipt a.vs
    hinted "contribution or a total"
    fails 3 veilsum ledger add ledger -i keeper.id -p roster.json roster.json
    roster_plan 'Another' >another.json
    fails 4 veilsum ledger add ledger -i keeper.id -p another.json 11.receipt
    hinted "-p PLAN"
    run --separate-stderr check ledger
    [[ $output == "ok: 2 entries"* ]]
}

@test "show prints entries on a hundred columns, and JSON" {
    run --separate-stderr veilsum ledger show -k keeper.id.pub -p roster.json ledger
    [ "$status" -eq 0 ]
    [ "$(printf '%s\n' "$output" | wc -L)" -le 100 ]
    [[ ${lines[1]} == "0       2026-11-24T17:00:00Z  receipt  "*"2026-10     hub             2       00000000" ]]
    [[ ${lines[2]} == "1       "*"opening  "*"opener"* ]]
    [ -z "$stderr" ]
    run --separate-stderr veilsum ledger show -k keeper.id.pub ledger
    [[ $stderr == *"2 of them was not checked"* ]]
    run --separate-stderr veilsum ledger show --json -k keeper.id.pub -p roster.json ledger
    echo "$output" | /usr/bin/python3 -c '
import json, sys
ledger = json.load(sys.stdin)
assert ledger["ledger"] == "keeper" and ledger["size"] == 2 and len(ledger["entries"]) == 2
assert ledger["entries"][1]["kind"] == "opening" and ledger["entries"][1]["checked"]'
}

@test "show counts by organisation and by party" {
    add 11.receipt 11.opening
    run --separate-stderr veilsum ledger show -k keeper.id.pub -p roster.json --by organisation ledger
    [ "$status" -eq 0 ]
    [ "$(printf '%s\n' "$output" | wc -L)" -le 100 ]
    [ "${#lines[@]}" -eq 7 ]
    size=$(stat -c %s a.vs)
    [[ $(echo ${lines[1]}) == "Air A 2026-10 1 $size 0 0" ]]
    [[ $(echo ${lines[6]}) == "Hub & Co 2026-11 0 0 1 1" ]]
    run --separate-stderr veilsum ledger show --json -k keeper.id.pub -p roster.json --by party ledger
    [[ $output == *'"party": "opener"'*'"openings": 1'* ]]
    fails 2 veilsum ledger show -k keeper.id.pub --by organisation ledger
}

@test "an owner gets a proof of its contribution, and checks it with public files alone" {
    veilsum ledger prove -k keeper.id.pub ledger a.vs -o a.proof
    mv ledger gone
    run --separate-stderr check -p roster.json --contribution a.vs a.proof
    [ "$status" -eq 0 ]
    [[ $output == "ok: contribution of A, one of 2 in total 0000"*"entry 0 of 2 in the ledger of keeper, signed by hub" ]]
    fails 4 veilsum ledger check -k keeper.id.pub --contribution b.vs a.proof
    fails 4 veilsum ledger check -k stranger.id.pub --contribution a.vs a.proof
    fails 2 veilsum ledger check -k keeper.id.pub a.proof
    hinted "--contribution"
    veilsum encrypt -p plan.json -r hub.pub --as A --period 2026-11 a.csv -o again.vs
    fails 4 veilsum ledger prove -k keeper.id.pub gone again.vs
    for at in 0 30 120 200 400 700 1000; do
        alter a.proof $at >altered.proof
        run --separate-stderr check --contribution a.vs altered.proof
        [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
        [ -z "$output" ]
    done
}

@test "entries are proved by their files or numbers" {
    add 11.receipt 11.opening
    veilsum ledger prove -k keeper.id.pub ledger 11.opening -o one.proof
    veilsum ledger prove -k keeper.id.pub ledger 3 | cmp - one.proof
    [ "$(head -n 1 one.proof)" = c2sp.org/tlog-proof@v1 ]
    [ "$(stat -c %s one.proof)" -lt 1024 ]
    run --separate-stderr check -p roster.json --entry 11.opening one.proof
    [ "$status" -eq 0 ]
    [ "$output" = "ok: entry 3 of 4 in the ledger of keeper, signed by opener" ]
    fails 4 veilsum ledger check -k keeper.id.pub --entry 10.opening one.proof
    fails 3 veilsum ledger prove -k keeper.id.pub ledger 4
    fails 2 veilsum ledger prove -k keeper.id.pub ledger
    fails 2 veilsum ledger prove -k keeper.id.pub ledger 1 -o one.proof
}

@test "a ledger that grew is shown to have grown, one that was rolled back or rewritten is found" {
    cp -r ledger old
    add 11.receipt 11.opening
    cp ledger/checkpoint november.checkpoint
    veilsum ledger prove -k keeper.id.pub --since october.checkpoint ledger -o growth.proof
    run --separate-stderr check growth.proof
    [ "$output" = "ok: the ledger of keeper grew from 2 entries to 4" ]
    run --separate-stderr check --from october.checkpoint growth.proof
    [ "$status" -eq 0 ]
    fails 4 veilsum ledger check -k keeper.id.pub --from november.checkpoint growth.proof
    run --separate-stderr check --from october.checkpoint -p roster.json ledger
    [ "$status" -eq 0 ]
    [[ $output == "ok: 4 entries in the ledger of keeper: receipts 2, openings 2" ]]
    fails 4 veilsum ledger check -k keeper.id.pub --from november.checkpoint old
    hinted "rolled back"
    veilsum ledger init new -i keeper.id 2>/dev/null
    veilsum ledger add new -i keeper.id 11.receipt 11.opening 10.receipt 2>/dev/null
    fails 4 veilsum ledger check -k keeper.id.pub --from october.checkpoint new
    hinted "rewritten"
    fails 4 veilsum ledger prove -k keeper.id.pub --since october.checkpoint new
}

@test "a change of any file of a ledger is found" {
    add 11.receipt 11.opening
    [ "$(find ledger -type f -not -path '*/index/*' -not -name .lock | wc -l)" -eq 5 ]
    find ledger -type f -not -path '*/index/*' -not -name .lock | while read -r file; do
        cp "$file" kept
        for at in 0 $(($(stat -c %s kept) / 2)) $(($(stat -c %s kept) - 1)); do
            alter kept $at >"$file"
            run --separate-stderr check ledger
            [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
            [ -z "$output" ]
        done
        : >"$file"
        run --separate-stderr check ledger
        [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
        rm "$file"
        run --separate-stderr check ledger
        [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
        ln -s ../kept "$file"
        run --separate-stderr check ledger
        [ "$status" -ne 0 ]
        rm "$file"
        cp kept "$file"
    done
    run --separate-stderr check ledger
    [ "$status" -eq 0 ]
}

@test "a copy that may only be read is checked, and the index is not needed" {
    rm -r ledger/index ledger/.lock
    chmod -R a-w ledger
    run --separate-stderr check -p roster.json ledger
    [ "$status" -eq 0 ]
    run --separate-stderr veilsum ledger prove -k keeper.id.pub ledger 10.receipt
    [ "$status" -eq 0 ]
    [ ! -e ledger/.lock ]
    chmod -R u+w ledger
}

@test "several who add at once lose nothing" {
    id=$(cat plan_id)
    for i in $(seq 12); do
        note opening opener.id "$id" "2025-$i" "$(printf '%064d' "$i")" >$i.note
    done
    for i in $(seq 12); do
        veilsum ledger add ledger -i keeper.id $i.note 2>/dev/null 3>&- &
    done
    wait
    run --separate-stderr check -p roster.json ledger
    [ "$status" -eq 0 ]
    [[ $output == "ok: 14 entries in the ledger of keeper: receipts 1, openings 13" ]]
}

@test "killed at any moment, the ledger is the old one or the new one" {
    id=$(cat plan_id)
    added=2
    for i in $(seq 20); do
        note opening opener.id "$id" "2025-$i" "$(printf '%064d' "$i")" >one.note
        veilsum ledger add ledger -i keeper.id one.note 2>/dev/null 3>&- &
        sleep 0.00$((i % 10))
        kill -9 $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        run --separate-stderr check -p roster.json ledger
        [ "$status" -eq 0 ]
        size=$(sed -n 2p ledger/checkpoint)
        [ "$size" -eq "$added" ] || [ "$size" -eq $((added + 1)) ]
        added=$size
    done
}

@test "another program reads ledger and proof by the specifications" {
    add 11.receipt 11.opening
    for index in 0 1 2 3; do
        veilsum ledger prove -k keeper.id.pub ledger $index -o $index.proof
        [ "$(/usr/bin/python3 "$here/check_ledger.py" ledger keeper.id $index.proof)" -eq 4 ]
    done
}

@test "a ledger is not begun over one whose checkpoint is lost" {
    rm ledger/checkpoint
    fails 4 veilsum ledger init ledger -i keeper.id
    hinted "from a backup"
    [ ! -e ledger/checkpoint ]
}
