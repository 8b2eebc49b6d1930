#!/usr/bin/env bats
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    for name in A B C; do
        veilsum identity --no-passphrase "$name" >/dev/null 2>&1
    done
    veilsum keygen --bits 2048 --threshold 2/3 --holder A.id.pub --holder B.id.pub --holder C.id.pub hub >printed 2>said
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    from=$BATS_FILE_TMPDIR
    all=(--holder "$from/A.id.pub" --holder "$from/B.id.pub" --holder "$from/C.id.pub")
}

@test "a dealt key has a public key, a holders' file, a share for each holder, and no secret key" {
    cd "$from"
    [ "$(echo hub.*)" = "hub.A.share hub.B.share hub.C.share hub.holders hub.pub" ]
    [ "$(stat -c %a hub.A.share)" = 600 ]
    [ "$(stat -c %a hub.holders)" = 644 ]
    no_leftovers
    grep -q "once it has forgotten" said
}

@test "what is printed is what inspect says and plans pin" {
    cd "$from"
    [ "$(wc -l <printed)" -eq 2 ]
    key=$(sed -n 's/^threshold //p' printed)
    holders=$(sed -n 's/^holders //p' printed)
    [[ $key =~ ^[0-9a-f]{64}$ && $holders =~ ^[0-9a-f]{64}$ ]]
    run veilsum inspect --json hub.pub
    [[ $output == *"\"fingerprint\": \"$key\""* ]]
    run veilsum inspect --json hub.holders
    [[ $output == *"\"type\": \"threshold key\""*"\"holders\": \"$holders\""*"\"fingerprint\": \"$key\""* ]]
    [[ $output == *"\"needed\": 2, \"of\": 3, \"names\": [\"A\", \"B\", \"C\"]"* ]]
    [[ $output == *"$(cat A.id.pub)"* ]]
    run veilsum inspect hub.B.share
    [[ $output == *"key share"*"B"* ]]
}

@test "the public key encrypts as any other" {
    write_plan "$(sed -n 's/^threshold //p' "$from/printed")" 1 >plan.json
    printf 'State,Cost\nN,1\n' >a.csv
    veilsum encrypt -p plan.json -r "$from/hub.pub" --as A a.csv -o a.vs
    veilsum inspect a.vs >/dev/null
}

@test "thresholds and holders that make no sense are refused" {
    for bad in 1/3 0/3 4/3 3 2/ /3 2/33 2/3/4 -2/3 2.0/3 " 2/3"; do
        fails 2 veilsum keygen --bits 2048 --threshold "$bad" "${all[@]}" k
        hinted "--threshold 2/3"
    done
    fails 2 veilsum keygen --bits 2048 --threshold 2/2 "${all[@]}" k
    fails 2 veilsum keygen --bits 2048 --threshold 2/4 "${all[@]}" k
    fails 2 veilsum keygen --bits 2048 "${all[@]}" k
    hinted "--threshold 2/3"
    fails 2 veilsum keygen --bits 2048 --threshold 2/4 "${all[@]}" --holder "$from/A.id.pub" k
    hinted "a holder counts once"
    fails 2 veilsum keygen --bits 2048 --threshold 2/3 "${all[@]}" --type subgroup k
    fails 2 veilsum keygen --bits 2048 --threshold 2/3 "${all[@]}" --no-passphrase k
    fails 2 veilsum keygen --threshold 2/3 "${all[@]}" --public k
    veilsum identity --no-passphrase --as A other >/dev/null 2>&1 # the same name, another key
    fails 2 veilsum keygen --bits 2048 --threshold 2/2 --holder "$from/A.id.pub" --holder other.id.pub k
    veilsum identity --no-passphrase --as a/b slash >/dev/null 2>&1
    fails 2 veilsum keygen --bits 2048 --threshold 2/2 --holder "$from/A.id.pub" --holder slash.id.pub k
    fails 1 veilsum keygen --bits 2048 --threshold 2/2 --holder "$from/A.id.pub" --holder nowhere.id.pub k
    run ls k.*
    [ "$status" -ne 0 ]
    no_leftovers
}

@test "a secret identity is no holder, and the hint says so" {
    run --separate-stderr veilsum keygen --bits 2048 --threshold 2/2 --holder "$from/A.id" --holder "$from/B.id.pub" k
    [ "$status" -ne 0 ]
    [[ $stderr == *"a secret identity"* ]]
}

@test "all files appear, or none" {
    touch k.B.share
    fails 2 veilsum keygen --bits 2048 --threshold 2/3 "${all[@]}" k
    hinted "--force"
    [ "$(echo k.*)" = "k.B.share" ]
    [ ! -s k.B.share ]
    no_leftovers
    veilsum keygen --bits 2048 --threshold 2/3 "${all[@]}" --force k >/dev/null 2>&1
    [ "$(echo k.*)" = "k.A.share k.B.share k.C.share k.holders k.pub" ]
    veilsum inspect k.B.share >/dev/null
    fails 1 veilsum keygen --bits 2048 --threshold 2/3 "${all[@]}" nowhere/k
    hinted "no such folder"
}

@test "inspect refuses damaged holders' files and shares" {
    sed 's/^2 of 3/3 of 3/' "$from/hub.holders" >bad
    run --separate-stderr veilsum inspect bad
    [ "$status" -ne 0 ]
    [[ $stderr == *"do not say what the key is"* ]]
    sed '$d' "$from/hub.holders" >bad
    run veilsum inspect bad
    [ "$status" -ne 0 ]
    sed 's/^sealed to A/sealed to B/' "$from/hub.A.share" >bad
    run veilsum inspect bad
    [ "$status" -ne 0 ]
}

@test "plan new names the holders, and says who of them is not listed" {
    cp "$from"/*.id.pub "$from"/hub.pub "$from"/hub.holders .
    run --separate-stderr veilsum plan new -r hub.pub --holders hub.holders --vector 2 --min 0 --max 9 \
        --contributors 1-3 --party 'contribute,open:Air A:A.id.pub' --party 'contribute:Bus B:B.id.pub' \
        --party 'open:Car C:C.id.pub' -o plan.json
    [ "$status" -eq 2 ] || [ "$status" -eq 3 ]
    run --separate-stderr veilsum plan new -r hub.pub --holders hub.holders --vector 2 --min 0 --max 9 \
        --contributors 1-2 --party 'contribute,open:Air A:A.id.pub' --party 'contribute:Bus B:B.id.pub' \
        --party 'open:Car C:C.id.pub' -o plan.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"B holds a share of the key, and no --party lets it open"* ]]
    [[ $stderr != *"A holds a share"* && $stderr != *"C holds a share"* ]]
    grep -q "\"threshold\": \"$(sed -n 's/^threshold //p' "$from/printed")\"" plan.json
    grep -q "\"holders\": \"$(sed -n 's/^holders //p' "$from/printed")\"" plan.json
    veilsum keygen --bits 2048 --no-passphrase other >/dev/null 2>&1
    fails 4 veilsum plan new -r other.pub --holders hub.holders --vector 2 --min 0 --max 9
    fails 3 veilsum plan new -r hub.pub --holders hub.pub --vector 2 --min 0 --max 9
}
