#!/usr/bin/env bats
# Keys and numbers of python-paillier, against its formulas in Python.
load helper

phe() { # the other program
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/env python3 "$here/../vectors/make_phe_vectors.py" "$@"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    phe key any 2048 bats >theirs.json
    phe key standard 2048 bats >pair.json
    veilsum convert --no-passphrase theirs.json -o theirs.key 2>note
    veilsum convert --public theirs.json -o theirs.pub 2>>note
    veilsum keygen --bits 2048 --no-passphrase ours 2>>note
    veilsum convert ours.key -o ours.json 2>>note
    printf '%s\n' 0 1 -1 9007199254740993 -0.5 1234.0625 1e3 >decimals
    printf '%s\n' 0 1 -1 9007199254740993 -0.5 1234.0625 1000 >exact
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

@test "a key of python-paillier keeps its numbers, and secrets their mode" {
    [ "$(stat -c %a theirs.key)" = 600 ]
    [ "$(stat -c %a ours.json)" = 600 ]
    run --separate-stderr veilsum inspect theirs.pub
    [[ $output == *"key_type      imported"*"exponent_bits 2048"*"that the program which made the key"* ]]
    print=$(veilsum inspect --json theirs.pub | sed 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/')
    [[ $(veilsum inspect --json theirs.key) == *"$print"* ]]
    veilsum convert theirs.key -o "$out/again.json" 2>/dev/null
    /usr/bin/env python3 - theirs.json "$out/again.json" <<'END'
import json, sys
a, b = (json.load(open(path)) for path in sys.argv[1:])
assert [a[key] for key in ("kty", "key_ops", "p", "q")] == [b[key] for key in ("kty", "key_ops", "p", "q")]
assert all(a["pub"][key] == b["pub"][key] for key in ("kty", "alg", "key_ops", "n"))
END
    veilsum convert theirs.pub -o "$out/pub.json"
    veilsum convert "$out/pub.json" -o "$out/pub.pub" 2>/dev/null
    [ "$(veilsum inspect "$out/pub.pub" | grep fingerprint)" = "$(veilsum inspect theirs.pub | grep fingerprint)" ]
    veilsum convert --public theirs.key | cmp - "$out/pub.json"
}

@test "what they encrypt decrypts here, to the last digit" {
    for key in theirs ours; do
        phe encrypt $key.json <decimals >"$out/numbers"
        veilsum convert -k $key.key "$out/numbers" | diff - exact
        phe encrypt $key.json --precision 1e-20 <decimals >"$out/numbers"
        [ "$(veilsum convert -k $key.key "$out/numbers" | head -n 4)" = "$(head -n 4 exact)" ]
    done
}

@test "what is encrypted here decrypts there" {
    for key in theirs ours; do
        [ -e $key.pub ]
        veilsum convert -r $key.pub decimals -o "$out/$key"
        phe decrypt $key.json <"$out/$key" | diff - exact
        printf '0.1\n-3.14\n' | veilsum convert -r $key.pub --precision 0.001 - >"$out/rounded"
        [ "$(phe decrypt $key.json <"$out/rounded")" = "$(printf '0.10009765625\n-3.139892578125')" ]
    done
}

@test "a key proves its form where its holder converts it, and is trusted where it does not" {
    veilsum convert theirs.pub -o "$out/pub.json"
    run --separate-stderr veilsum convert "$out/pub.json" -o "$out/pub.pub"
    [ "$status" -eq 0 ]
    [[ $stderr == *"no proof of its form"* ]]
    veilsum convert -r theirs.pub exact -o "$out/proved"
    fails 5 veilsum convert -r "$out/pub.pub" exact
    veilsum convert -r "$out/pub.pub" --trust-key exact -o "$out/trusted" 2>/dev/null
    phe decrypt theirs.json <"$out/trusted" | diff - exact
}

@test "numbers come in a list, too, and by pipe" {
    { echo '['; phe encrypt theirs.json <exact | sed '$!s/$/,/'; echo ']'; } | veilsum convert -k theirs.key - | diff - exact
    [ -z "$(echo '[]' | veilsum convert -k theirs.key -)" ]
}

@test "the whole pipeline runs under a key of python-paillier" {
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >"$out/a.csv"
    printf 'State,Cost\nN,0.25\nS,1\nS,2\n' >"$out/b.csv"
    veilsum plan new -r theirs.pub --by State --count --sum Cost --mean Cost --contributors 2-9 "$out/a.csv" \
        -o "$out/plan.json" 2>/dev/null
    veilsum pool -r theirs.pub --count 100 -o "$out/t.pool" 2>/dev/null
    veilsum encrypt -p "$out/plan.json" -r theirs.pub --as A "$out/a.csv" -o "$out/a.vs"
    veilsum encrypt -p "$out/plan.json" -r theirs.pub --as B --pool "$out/t.pool" "$out/b.csv" -o "$out/b.vs"
    veilsum combine -p "$out/plan.json" "$out/a.vs" "$out/b.vs" -o "$out/total.vs"
    [ "$(veilsum decrypt -p "$out/plan.json" -k theirs.key "$out/total.vs")" = "$(expected_csv)" ]
}

@test "a key is sealed with a passphrase unless it is not wanted" {
    echo secret >"$out/pass"
    chmod 600 "$out/pass"
    veilsum convert --passphrase-file "$out/pass" theirs.json -o "$out/sealed.key" 2>/dev/null
    [[ $(veilsum inspect "$out/sealed.key") == *"sealed        yes"* ]]
    phe encrypt theirs.json <exact >"$out/numbers"
    veilsum convert -k "$out/sealed.key" --passphrase-file "$out/pass" "$out/numbers" | diff - exact
    run --separate-stderr veilsum convert --passphrase-file "$out/pass" "$out/sealed.key" -o "$out/back.json"
    [ "$status" -eq 0 ]
    [[ $stderr == *"warning"*"not sealed"* ]]
    echo wrong >"$out/wrong"
    fails 4 veilsum convert --passphrase-file "$out/wrong" "$out/sealed.key" -o "$out/none.json"
    [ ! -e "$out/none.json" ]
    no_leftovers "$out"
}

@test "a standard key is made where the primes allow it" {
    run --separate-stderr veilsum convert --no-passphrase --type standard pair.json -o "$out/pair.key"
    [ "$status" -eq 0 ]
    [[ $(veilsum inspect "$out/pair.key") == *"key_type      standard"* ]]
    phe encrypt pair.json <exact >"$out/numbers"
    veilsum convert -k "$out/pair.key" "$out/numbers" | diff - exact
    fails 3 veilsum convert --no-passphrase --type standard theirs.json -o "$out/none.key"
    hinted "leave out '--type standard'"
}

@test "sizes and types that the other program does not share are refused" {
    phe key any 1024 bats >"$out/small.json"
    fails 3 veilsum convert --no-passphrase "$out/small.json" -o "$out/small.key"
    [[ $stderr == *"small.json: pub: the modulus has 1024 bits; only 2048, 3072 and 4096 are used"* ]]
    cp "$here/../fixtures/"k2048-{degree2,subgroup}.key "$out"
    chmod 600 "$out"/*.key
    fails 3 veilsum convert --public "$out/k2048-degree2.key"
    [[ $stderr == *"degree 2"* ]]
    fails 3 veilsum convert "$out/k2048-subgroup.key" -o "$out/none.json"
    fails 3 veilsum convert -k "$out/k2048-subgroup.key" decimals
    no_leftovers "$out"
}

@test "what is not asked for makes no sense together" {
    fails 2 veilsum convert theirs.json
    hinted "-o NAME"
    fails 2 veilsum convert -k theirs.key -r theirs.pub decimals
    fails 2 veilsum convert -k theirs.key --precision 1 decimals
    fails 2 veilsum convert -k theirs.key --public decimals
    fails 2 veilsum convert -r theirs.pub --type standard decimals
    fails 2 veilsum convert --precision 1 theirs.pub
    fails 2 veilsum convert --trust-key theirs.pub
    fails 2 veilsum convert -k theirs.key --trust-key decimals
    fails 2 veilsum convert --type standard theirs.pub
    fails 2 veilsum convert --no-passphrase --passphrase-file decimals theirs.json -o "$out/x.key"
    fails 2 veilsum convert theirs.pub -o theirs.json
    no_leftovers
}

@test "other files are refused with a hint" {
    fails 3 veilsum convert decimals
    hinted "-r NAME.pub"
    phe encrypt theirs.json <exact >"$out/numbers"
    fails 3 veilsum convert <(head -n 1 "$out/numbers")
    hinted "-k NAME.key decrypts"
    write_plan 00 >"$out/plan.json"
    fails 3 veilsum convert "$out/plan.json"
    hinted "pheutil"
    fails 3 veilsum convert -k theirs.json "$out/numbers"
    fails 3 veilsum convert -r theirs.pub "$out/numbers"
    [[ $stderr == *"numbers: line 1: not a number"* ]]
    fails 3 veilsum convert -k theirs.key decimals
    fails 1 veilsum convert no-such-file
}

@test "hostile numbers cost nothing and give nothing" {
    good=$(phe encrypt theirs.json <<<1)
    printf '%s\n{"v": "4", "e": -100000000}\n' "$good" >"$out/huge"
    (ulimit -v 4000000; fails 3 veilsum convert -t 1 -k theirs.key "$out/huge"; [[ $stderr == *"huge: number 2: 'e'"* ]])
    { printf '{"v": "'; head -c 50000000 /dev/zero | tr '\0' 9; } >"$out/long"
    (ulimit -v 4000000; fails 3 veilsum convert -t 1 -k theirs.key "$out/long"; [[ $stderr == *"longer than 16 KiB"* ]])
    printf '%s\n{"v": "9' "$good" >"$out/cut"
    fails 3 veilsum convert -k theirs.key "$out/cut" -o "$out/decimals"
    [ ! -e "$out/decimals" ]
    no_leftovers "$out"
}

@test "a decimal without a form in base 16 says what to do" {
    printf '1\n0.1\n' >"$out/tenth"
    fails 3 veilsum convert -r theirs.pub "$out/tenth"
    [[ $stderr == *"tenth: line 2: a number that has no finite form in base 16"* ]]
    hinted "--precision"
}
