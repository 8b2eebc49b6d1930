#!/usr/bin/env bats
# Plans with a roster through the pipeline: signed contributions, what combine refuses, receipts, verify.
load helper

# roster_plan FILE MORE: six parties; MORE are further lines, or nothing.
roster_plan() {
    local parties="" who
    for who in NORTH SOUTH EAST WEST; do
        parties="$parties{\"identity\": \"$(cat $who.id.pub)\", \"organisation\": \"Air $who\", \"may\": [\"contribute\"]},"
    done
    parties="$parties{\"identity\": \"$(cat HUB.id.pub)\", \"organisation\": \"Hub\", \"may\": [\"aggregate\"]},"
    parties="$parties{\"identity\": \"$(cat OPENER.id.pub)\", \"organisation\": \"Hub\", \"may\": [\"open\"]}"
    write_plan "$(cat fingerprint)" | sed "s|\"contributors\".*|\"roster\": [$parties], $2|" >"$1"
}

sign_plan() {
    local who
    for who in NORTH SOUTH EAST WEST HUB OPENER; do
        veilsum plan sign -i $who.id "$1" 2>/dev/null
    done
}

# contribute NAME PERIOD OUT [PLAN]
contribute() {
    veilsum encrypt -p "${4:-plan.json}" -r hub.pub -i "$1.id" --period "$2" a.csv -o "$3"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    veilsum keygen --bits 2048 --no-passphrase hub >fingerprint 2>/dev/null
    for who in NORTH SOUTH EAST WEST HUB OPENER STRANGER; do
        veilsum identity --no-passphrase $who >/dev/null 2>&1
    done
    mkdir other
    veilsum identity --no-passphrase other/NORTH >/dev/null 2>&1
    roster_plan old.json ''
    roster_plan plan.json "\"replaces\": [\"$(veilsum plan check old.json 2>/dev/null | head -c 64)\"],"
    roster_plan late.json '"valid": {"from": "2001-01-01", "until": "2001-12-31"},'
    sign_plan old.json
    sign_plan plan.json
    sign_plan late.json
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >a.csv
    contribute NORTH 2026-11 north.vs
    contribute SOUTH 2026-11 south.vs
    contribute EAST 2026-11 east.vs
    contribute SOUTH 2026-12 december.vs
    contribute WEST 2026-11 west-old.vs old.json
    veilsum combine -p plan.json -i HUB.id north.vs south.vs east.vs -o total.vs
}

setup() {
    cp -r "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work"
}

@test "encrypt asks for a listed identity with its own name" {
    fails 5 veilsum encrypt -p plan.json -r hub.pub --as NORTH a.csv -o x.vs
    hinted "encrypt -i"
    fails 5 veilsum encrypt -p plan.json -r hub.pub -i STRANGER.id a.csv -o x.vs
    [[ $stderr == *"STRANGER is not listed"* ]]
    fails 5 veilsum encrypt -p plan.json -r hub.pub -i HUB.id a.csv -o x.vs
    fails 5 veilsum encrypt -p plan.json -r hub.pub -i other/NORTH.id a.csv -o x.vs
    [[ $stderr == *"another key"* ]]
    fails 2 veilsum encrypt -p plan.json -r hub.pub -i NORTH.id --as SOUTH a.csv -o x.vs
    fails 2 veilsum encrypt -p plan.json -r hub.pub a.csv -o x.vs
    veilsum encrypt -p plan.json -r hub.pub -i NORTH.id --as NORTH a.csv -o x.vs
    [ ! -e x.vs.receipt ]
    no_leftovers
}

@test "encrypt and combine ask for the plan's signatures" {
    rm plan.sig
    fails 5 veilsum encrypt -p plan.json -r hub.pub -i NORTH.id a.csv -o x.vs
    [[ $stderr == *"not signed"*"NORTH, SOUTH, EAST"* ]]
    veilsum plan sign -i NORTH.id plan.json 2>/dev/null
    fails 5 veilsum encrypt -p plan.json -r hub.pub -i NORTH.id a.csv -o x.vs
    [[ $stderr == *"1 of the 6 signatures"*"SOUTH"* ]]
    fails 5 veilsum combine -p plan.json north.vs -o x.vs
    fails 5 veilsum verify -p plan.json total.vs --with north.vs south.vs east.vs
    fails 4 veilsum combine -p plan.json --plan-signatures old.sig north.vs -o x.vs
    sign_plan plan.json
    mv plan.sig elsewhere
    veilsum combine -p plan.json --plan-signatures elsewhere north.vs -o x.vs
}

@test "a plan is contributed to while it is valid" {
    fails 5 veilsum encrypt -p late.json -r hub.pub -i NORTH.id a.csv -o x.vs
}

@test "the total and its receipt appear together" {
    [ -e total.vs.receipt ]
    [[ $(head -1 total.vs.receipt) == "veilsum receipt" ]]
    grep -q '^period 2026-11$' total.vs.receipt
    grep -q '^contributions 3 ' total.vs.receipt
    [ "$(grep -c '^contribution ' total.vs.receipt)" -eq 3 ]
    printf x >y.receipt
    fails 2 veilsum combine -p plan.json -i HUB.id --receipt y.receipt north.vs -o y.vs
    [ ! -e y.vs ]
    veilsum combine -p plan.json -i OPENER.id --receipt z.receipt north.vs >z.vs
    fails 2 veilsum combine -p plan.json -i HUB.id north.vs
    fails 2 veilsum combine -p plan.json --receipt y north.vs -o y.vs
    fails 5 veilsum combine -p plan.json -i NORTH.id north.vs -o y.vs
    [[ $stderr == *"NORTH is not listed as one that may combine or open"* ]]
    no_leftovers
}

@test "combine names all that it refuses, and writes nothing" {
    alter east.vs 900 >damaged.vs
    fails 5 veilsum combine -p plan.json -i HUB.id north.vs december.vs damaged.vs west-old.vs total.vs north.vs -o x.vs
    [[ $stderr == *"refused: december.vs has period '2026-12'"* ]]
    [[ $stderr == *"refused: damaged.vs: "* ]]
    [[ $stderr == *"refused: west-old.vs: made for the plan that this one replaces"* ]]
    [[ $stderr == *"refused: total.vs: a total, and none of the receipts is for it"* ]]
    [[ $stderr == *"refused: north.vs: NORTH has contributed already, in north.vs"* ]]
    [[ $stderr == *"5 of 6 contributions are refused"* ]]
    hinted "--leave-out-refused"
    [ ! -e x.vs ]
    [ ! -e x.vs.receipt ]
    fails 4 veilsum combine -p plan.json north.vs damaged.vs december.vs -o x.vs
    no_leftovers
}

@test "what is refused can be left out, and stands in the receipt" {
    alter east.vs 900 >damaged.vs
    run --separate-stderr veilsum combine -p plan.json -i HUB.id --leave-out-refused north.vs december.vs damaged.vs \
        south.vs east.vs west-old.vs -o x.vs
    [ "$status" -eq 0 ]
    [[ $stderr == *"warning: left out: december.vs"*"left out: damaged.vs"*"left out: west-old.vs"* ]]
    cmp x.vs total.vs
    grep -q '^refused [0-9a-f]* SOUTH for another period$' x.vs.receipt
    grep -q '^refused - EAST damaged or altered$' x.vs.receipt
    grep -q '^refused [0-9a-f]* WEST made for the plan that this one replaces$' x.vs.receipt
    fails 2 veilsum combine -p plan.json --leave-out-refused north.vs - <december.vs
    [[ $stderr == *"cannot be read twice"* ]]
    fails 4 veilsum combine -p plan.json --leave-out-refused december.vs damaged.vs --period 2026-11 -o y.vs
}

@test "a plan without a roster goes on as before" {
    cp HUB.id NORTH.id "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR"
    make_material
    veilsum verify -p plan.json total.vs --with a.vs b.vs
    fails 2 veilsum combine -p plan.json --leave-out-refused a.vs -o x.vs
    fails 5 veilsum combine -p plan.json -i HUB.id a.vs -o x.vs
    veilsum encrypt -p plan.json -r hub.pub -i NORTH.id --period 2026-11 a.csv -o signed.vs
    veilsum combine -p plan.json signed.vs a.vs -o x.vs
    fails 4 veilsum combine -p plan.json --period 2026-12 signed.vs a.vs -o y.vs
    fails 2 veilsum combine -p plan.json --plan-signatures x.sig a.vs -o y.vs
}

@test "verify says yes" {
    run --separate-stderr veilsum verify -p plan.json total.vs --with east.vs north.vs south.vs
    [ "$status" -eq 0 ]
    [[ $output == "yes: total.vs holds exactly these 3 contributions"*NORTH* ]]
    ls north.vs south.vs east.vs >list
    run --separate-stderr veilsum verify -p plan.json --json --files-from list total.vs
    [ "$status" -eq 0 ]
    [[ $output == '{"holds": true, "plan": "'*'"period": "2026-11"'*'"name": "EAST"'* ]]
    cat north.vs south.vs east.vs | veilsum verify -p plan.json total.vs --with -
}

@test "verify says no, and why" {
    fails 4 veilsum verify -p plan.json total.vs --with north.vs south.vs
    [[ $stderr == *"holds a contribution by EAST"* ]]
    veilsum combine -p plan.json north.vs south.vs -o two.vs
    fails 4 veilsum verify -p plan.json two.vs --with north.vs south.vs east.vs
    [[ $stderr == *"holds no contribution by EAST"* ]]
    run --separate-stderr veilsum verify --json -p plan.json two.vs --with north.vs east.vs
    [ "$status" -eq 4 ]
    [[ $output == *'"holds": false'*'"missing": ["SOUTH"], "extra": ["EAST"]'* ]]
    contribute EAST 2026-11 again.vs
    fails 4 veilsum verify -p plan.json total.vs --with north.vs south.vs again.vs
    [[ $stderr == *"not the product of these contributions, from ciphertext 1 on"* ]]
    fails 4 veilsum verify -p plan.json total.vs --with north.vs south.vs december.vs
    cat total.vs north.vs >longer.vs
    fails 4 veilsum verify -p plan.json longer.vs --with north.vs south.vs east.vs
    fails 2 veilsum verify -p plan.json total.vs
    fails 2 veilsum verify -p plan.json north.vs --with north.vs
}

@test "verify signs what it has seen, and checks what others have" {
    veilsum verify -p plan.json -i OPENER.id total.vs --receipt mine --with north.vs south.vs east.vs >/dev/null
    fails 2 veilsum verify -p plan.json -i OPENER.id total.vs --receipt mine --with north.vs south.vs east.vs
    run --separate-stderr veilsum verify -p plan.json total.vs --receipt mine --signer OPENER
    [ "$status" -eq 0 ]
    [[ $output == "yes: OPENER says that total.vs holds exactly these 3 contributions"* ]]
    run --separate-stderr veilsum verify -p plan.json --json total.vs --receipt total.vs.receipt
    [ "$status" -eq 0 ]
    [[ $output == *'"signer": "HUB"'* ]]
    fails 5 veilsum verify -p plan.json total.vs --receipt mine --signer HUB
    veilsum combine -p plan.json north.vs south.vs -o two.vs
    fails 4 veilsum verify -p plan.json two.vs --receipt mine
    [[ $stderr == *"another total than two.vs"*"no contribution by EAST"* ]]
    fails 4 veilsum verify -p old.json total.vs --receipt mine
    sed 's/^attempt 0/attempt 00/' mine >altered
    fails 3 veilsum verify -p plan.json total.vs --receipt altered
    sed 's/^time 2/time 3/' mine >altered
    fails 4 veilsum verify -p plan.json total.vs --receipt altered
    fails 3 veilsum verify -p plan.json total.vs --receipt a.csv
    veilsum verify -p plan.json -i OPENER.id two.vs --with north.vs south.vs >/dev/null
    [ -e two.vs.receipt ]
}

@test "a total with its receipt combines as its contributions do" {
    veilsum combine -p plan.json -i HUB.id north.vs south.vs -o two.vs
    veilsum combine -p plan.json -i HUB.id --receipt-for two.vs.receipt two.vs east.vs -o all.vs
    cmp all.vs total.vs
    grep '^contribution' all.vs.receipt >a
    grep '^contribution' total.vs.receipt | cmp - a
    veilsum verify -p plan.json --receipt-for two.vs.receipt total.vs --with two.vs east.vs
    fails 5 veilsum combine -p plan.json --receipt-for total.vs.receipt two.vs east.vs -o x.vs
}

@test "verify counts the ciphertexts up to the first difference" {
    cd "$BATS_TEST_TMPDIR"
    cp work/hub.pub .
    printf '{"veilsum": 1, "vector": {"length": 300, "scale": 6, "min": -1, "max": 1}, "opening": {"key": "%s"}}' \
        "$(cat work/fingerprint)" >v.json
    seq 0.001 0.001 0.3 >v.csv
    for who in A B; do
        veilsum encrypt -p v.json -r hub.pub --as $who v.csv -o $who.vs
    done
    veilsum combine -p v.json A.vs B.vs -o total.vs
    header=$(od -An -tu4 -j12 -N4 total.vs)
    alter total.vs $((header + 2 * 512 + 300)) >other.vs
    fails 4 veilsum verify -p v.json other.vs --with A.vs B.vs
    [[ $stderr == *"from ciphertext 3 on"* ]]
    alter total.vs $(($(stat -c %s total.vs) - 40)) >other.vs
    fails 4 veilsum verify -p v.json other.vs --with A.vs B.vs
    [[ $stderr == *"damaged at byte"* ]]
    veilsum verify -p v.json total.vs --with B.vs A.vs
}

@test "decrypt does what it is asked for without a roster, too" {
    cd "$BATS_TEST_TMPDIR"
    cp work/hub.* work/OPENER.id work/fingerprint .
    write_plan "$(cat fingerprint)" >p.json
    for who in A B; do
        veilsum encrypt -p p.json -r hub.pub --as $who work/a.csv -o $who.vs
    done
    veilsum combine -p p.json A.vs B.vs -o t.vs
    veilsum decrypt -p p.json -k hub.key t.vs --with A.vs B.vs >/dev/null
    fails 4 veilsum decrypt -p p.json -k hub.key t.vs --with A.vs
    [[ $stderr == *"not the product of these contributions"* ]]
    fails 1 veilsum decrypt -p p.json -k hub.key t.vs --with nowhere.vs
    fails 4 veilsum decrypt -p p.json -k hub.key t.vs --receipt work/total.vs.receipt --trust HUB
    fails 2 veilsum decrypt -p p.json -k hub.key t.vs --record opened
    hinted "-i NAME.id"
    fails 2 veilsum decrypt -p p.json -k hub.key t.vs --openings book
    veilsum decrypt -p p.json -k hub.key -i OPENER.id t.vs --record opened >/dev/null
    grep -q '^veilsum opening' opened
}

@test "what is refused alone says what to do" {
    fails 5 veilsum combine -p plan.json total.vs -o x.vs
    hinted "--receipt-for"
    fails 3 veilsum combine -p plan.json total.vs.receipt -o x.vs
    hinted "veilsum encrypt"
    fails 1 veilsum verify -p plan.json nowhere.vs --with north.vs
    hinted "is the name right"
}
