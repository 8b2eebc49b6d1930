#!/usr/bin/env bats
# The proof that a public key carries: who writes it, who asks for it.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    without_proof hub.pub >old.pub
    veilsum keygen --bits 2048 --no-passphrase other >/dev/null 2>&1
    with_proof_of other.pub hub.pub >mixed.pub
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

# The bytes of a key's text; and bytes as the text of a 2048-bit key whose second line is $1. A key has 520 bytes.
bytes_of() {
    sed '1,2d; /^end$/d' "$1" | base64 -d
}
text_of() {
    printf 'veilsum public key 1\n%s\n' "$1"
    base64 -w 76
    echo end
}
without_proof() {
    bytes_of "$1" | head -c 520 | text_of 'bits 2048 degree 1'
}
with_proof_of() {
    { bytes_of "$2" | head -c 520; bytes_of "$1" | tail -c +521; } | text_of 'bits 2048 degree 1 proof gcd'
}

@test "keygen writes a proof and inspect shows it" {
    [ "$(sed -n 2p hub.pub)" = "bits 2048 degree 1 proof gcd" ]
    [ "$(bytes_of hub.pub | wc -c)" -eq $((520 + 8 + 8 * 256)) ]
    run veilsum inspect hub.pub
    [[ $output == *"proof         yes"* ]]
    run veilsum inspect --json hub.pub
    [[ $output == *'"proof": true'* ]]
    run veilsum inspect --json a.vs # which carries the key, without its proof
    [[ $output != *proof* ]]
}

@test "a key without a proof is read, and not used unless it is trusted" {
    run veilsum inspect --json old.pub
    [[ $output == *"\"fingerprint\": \"$(cat fingerprint)\""*'"proof": false'* ]]
    fails 5 veilsum encrypt -p plan.json -r old.pub --as C a.csv -o "$out/c.vs"
    [[ $stderr == *"old.pub: no proof"* ]]
    hinted "keygen --public"
    fails 5 veilsum pool -r old.pub --count 4 -o "$out/p.pool"
    hinted "--trust-key"
    [ ! -e "$out/c.vs" ] && [ ! -e "$out/p.pool" ]
    run --separate-stderr veilsum encrypt -p plan.json -r old.pub --trust-key --as C --period 2026-11 a.csv -o "$out/c.vs"
    [ "$status" -eq 0 ]
    [[ $stderr == *"warning: old.pub: no proof"*"--trust-key"* ]]
    veilsum combine -p plan.json a.vs "$out/c.vs" -o "$out/total.vs" # the key in it is the same
    veilsum pool -r old.pub --trust-key --count 4 -o "$out/p.pool"
    veilsum encrypt -p plan.json -r hub.pub --as D --pool "$out/p.pool" a.csv -o "$out/d.vs"
    no_leftovers "$out"
}

@test "a wrong proof is refused, and named as what it is" {
    for verb in "encrypt -p plan.json --as C a.csv -o $out/c.vs" "pool --count 4 -o $out/p.pool" \
        "plan new --count --by State a.csv -o $out/plan.json"; do
        # shellcheck disable=SC2086 # words
        fails 4 veilsum $verb -r mixed.pub
        [[ $stderr == *"mixed.pub: the proof"*"is wrong"* ]]
        hinted "get it again"
    done
    fails 4 veilsum inspect mixed.pub
    [ ! -e "$out/c.vs" ] && [ ! -e "$out/p.pool" ] && [ ! -e "$out/plan.json" ]
    no_leftovers "$out"
    run --separate-stderr veilsum encrypt -p plan.json -r mixed.pub --trust-key --as C a.csv -o "$out/c.vs"
    [ "$status" -eq 0 ]
    [[ $stderr == *"warning: mixed.pub: the proof"* ]]
}

@test "trust says nothing about a good key, and helps no other one than the plan's" {
    run --separate-stderr veilsum encrypt -p plan.json -r hub.pub --trust-key --as C a.csv -o "$out/c.vs"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    fails 4 veilsum encrypt -p plan.json -r other.pub --trust-key --as C a.csv
    [[ $stderr == *"not the key that the plan names"* ]]
}

@test "plan new warns of a key without a proof" {
    run --separate-stderr veilsum plan new -r old.pub --count --by State a.csv -o "$out/plan.json"
    [ "$status" -eq 0 ]
    [[ $stderr == *"warning: old.pub has no proof"*"--trust-key"* ]]
    run --separate-stderr veilsum plan new -r hub.pub --count --by State a.csv -o "$out/plan2.json"
    [[ $stderr != *"warning: hub.pub"* ]]
    cmp "$out/plan.json" "$out/plan2.json"
}

@test "keygen --public writes the public half again" {
    cp hub.key "$out/new.key"
    run --separate-stderr veilsum keygen --public "$out/new"
    [ "$status" -eq 0 ]
    [ "$output" = "$(cat fingerprint)" ]
    cmp "$out/new.pub" hub.pub
    cmp "$out/new.key" hub.key
    [ "$(stat -c %a "$out/new.pub")" = "$(stat -c %a hub.pub)" ]
    cp old.pub "$out/new.pub"
    fails 2 veilsum keygen --public "$out/new"
    hinted "--force"
    cmp "$out/new.pub" old.pub
    veilsum keygen --public --force "$out/new" >/dev/null 2>&1
    cmp "$out/new.pub" hub.pub
    no_leftovers "$out"
}

@test "keygen --public opens sealed keys and refuses what is none" {
    printf 'correct horse\n' >"$out/pass"
    printf 'wrong\n' >"$out/wrong"
    chmod 600 "$out/pass" "$out/wrong"
    veilsum keygen --bits 2048 --passphrase-file "$out/pass" "$out/sealed" >/dev/null
    mv "$out/sealed.pub" "$out/kept"
    fails 4 veilsum keygen --public --passphrase-file "$out/wrong" "$out/sealed"
    fails 1 veilsum keygen --public "$out/nothing"
    cp hub.pub "$out/public.key"
    fails 3 veilsum keygen --public "$out/public"
    for option in "--bits 2048" "--degree 1" "--type short" --no-passphrase "--threshold 2/3" "--holder x.id.pub"; do
        # shellcheck disable=SC2086 # words
        fails 2 veilsum keygen --public $option "$out/sealed"
    done
    [ ! -e "$out/sealed.pub" ] && [ ! -e "$out/nothing.pub" ] && [ ! -e "$out/public.pub" ]
    veilsum keygen --public --passphrase-file "$out/pass" "$out/sealed" >/dev/null 2>&1
    cmp "$out/sealed.pub" "$out/kept"
}

@test "a text that does not say what proof it has is refused" {
    bytes_of hub.pub | text_of 'bits 2048 degree 1' >"$out/unsaid.pub"
    bytes_of old.pub | text_of 'bits 2048 degree 1 proof gcd' >"$out/missing.pub"
    bytes_of hub.pub | head -c 2000 | text_of 'bits 2048 degree 1 proof gcd' >"$out/cut.pub"
    for key in unsaid missing cut; do
        fails 3 veilsum inspect "$out/$key.pub"
        fails 3 veilsum encrypt -p plan.json -r "$out/$key.pub" --trust-key --as C a.csv
    done
}
