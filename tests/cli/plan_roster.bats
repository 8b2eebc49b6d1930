#!/usr/bin/env bats
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    veilsum keygen --bits 2048 --no-passphrase hub >fingerprint 2>/dev/null
    for who in a b c d hub; do
        veilsum identity --no-passphrase $who >/dev/null 2>&1
    done
    printf 'State,Cost\nN,10.50\nS,2.25\nS,100\n' >sample.csv
}

setup() {
    cp -r "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work"
}

new() {
    veilsum plan new -r hub.pub --count --sum Cost --by State "$@" sample.csv
}

three_and_hub() {
    new --party 'contribute:Orange Air:a.id.pub' --party 'contribute:Blue: Wings:b.id.pub' \
        --party 'contribute,audit:Red Jet:c.id.pub' --party 'open,aggregate:The "Hub":hub.id.pub' "$@" 2>/dev/null
}

@test "plan new lists parties and terms" {
    three_and_hub --purpose 'To know' --from-day 2026-11-01 --until 2999-12-31 --uses 12 --signatures 3 -o plan.json
    run --separate-stderr veilsum plan show plan.json
    [ "$status" -eq 0 ]
    [[ $output == *"purpose        To know"* ]]
    [[ $output == *"from 2026-11-01 to 2999-12-31"* ]]
    [[ $output == *"at most 12 different totals"* ]]
    [[ $output == *"of Orange Air: may contribute"* ]]
    [[ $output == *"of Blue: Wings: may contribute"* ]]
    [[ $output == *"of Red Jet: may contribute, audit"* ]]
    [[ $output == *'of The "Hub": may open totals, combine contributions and sign receipts'* ]]
    [[ $output == *"once 3 of these 4 have signed it"* ]]
    [[ $output == *"at most 3 in a total"* ]]
}

@test "a vector plan has parties, too" {
    veilsum plan new -r hub.pub --vector 3 --min 0 --max 9 --add-contributor a.id.pub --add-contributor b.id.pub \
        --organisation 'Blue Wings' --add-contributor c.id.pub --contributors 2-3 -o plan.json
    run --separate-stderr veilsum plan show plan.json
    [[ $output == *"of a: may contribute"*"of Blue Wings: may contribute"*"of c: may contribute"* ]]
}

@test "parties that make no sense are refused" {
    for party in : contribute contribute:x contribute::a.id.pub fly:x:a.id.pub ,:x:a.id.pub \
        contribute,:x:a.id.pub contribute,contribute:x:a.id.pub; do
        fails 2 new --party "$party"
        hinted "contribute,open:Orange Air:orange.id.pub"
    done
    fails 1 new --party contribute:x:missing.id.pub
    fails 3 new --party contribute:x:a.id
    hinted "a secret identity"
    fails 2 new --organisation x
    fails 2 new --add-contributor a.id.pub --organisation x --organisation y
    fails 3 new --party contribute:x:a.id.pub --party contribute:y:b.id.pub
    [[ $stderr == *"min (3) is above max (2)"* ]]
    fails 3 new --party contribute:x:a.id.pub --party contribute:y:a.id.pub
    [[ $stderr == *"its name is that of another party above"* ]]
    fails 3 new --signatures 2
    run three_and_hub --signatures 5
    [ "$status" -eq 3 ]
    fails 3 new --until 2026-02-30
    fails 3 new --from-day 2026-12-01 --until 2026-11-01
    fails 2 new --uses 0
}

@test "who comes late is added by a plan that names the one before" {
    three_and_hub -o old.json
    run --separate-stderr veilsum plan new --from old.json --add-contributor d.id.pub --organisation 'Green Sky' \
        -o new.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"everybody signs it anew"* ]]
    id=$(veilsum plan check old.json 2>/dev/null | cut -d' ' -f1)
    run bash -c '"$VEILSUM" plan show new.json | tr -s " \n" " "'
    [[ $output == *"the plan $id; what was closed under that one stands"* ]]
    [[ $output == *"at most 4"*"of Green Sky: may contribute"* ]]
    [ "$(grep -c organisation new.json)" -eq 5 ]
    [ "$(awk 'length > 160' new.json | grep -vc organisation)" -eq 0 ]
    veilsum plan sign -i d.id new.json 2>/dev/null
    fails 5 veilsum plan sign -i d.id old.json
    # And once more, from a pipe to a pipe.
    veilsum identity --no-passphrase e >/dev/null 2>&1
    veilsum plan new --from - --add-contributor e.id.pub <new.json 2>/dev/null | veilsum plan show - |
        grep -q 'at most 5'
}

@test "numbers that were written grow" {
    three_and_hub --contributors 2-3 --signatures 4 -o old.json
    veilsum plan new --from old.json --party 'contribute,open:Green Sky:d.id.pub' -o new.json 2>/dev/null
    run veilsum plan show new.json
    [[ $output == *"at most 4"* ]]
    [[ $output == *"once all of them have signed"* ]]
    three_and_hub --signatures 2 -o two.json
    veilsum plan new --from two.json --add-contributor d.id.pub -o two-new.json 2>/dev/null
    run veilsum plan show two-new.json
    [[ $output == *"once 2 of these 5 have signed"* ]]
}

@test "a succession that makes no sense is refused" {
    three_and_hub -o old.json
    new -o plain.json 2>/dev/null
    fails 2 veilsum plan new --from old.json
    hinted "--add-contributor"
    fails 2 veilsum plan new --from old.json --add-contributor d.id.pub --count
    fails 2 veilsum plan new --from old.json --add-contributor d.id.pub sample.csv
    fails 5 veilsum plan new --from plain.json --add-contributor d.id.pub
    fails 3 veilsum plan new --from old.json --add-contributor a.id.pub
    fails 1 veilsum plan new --from missing.json --add-contributor d.id.pub
    fails 3 veilsum plan new --from sample.csv --add-contributor d.id.pub
    fails 2 veilsum plan new --from old.json --add-contributor d.id.pub -o plain.json
    no_leftovers
}
