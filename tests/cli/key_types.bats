#!/usr/bin/env bats
# Keys of every type, the whole way.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >a.csv
    printf 'State,Cost\nN,0.25\nS,1\nS,2\n' >b.csv
    for type in standard short subgroup; do
        for degree in 1 2; do
            veilsum keygen --bits 2048 --type $type --degree $degree --no-passphrase $type$degree 2>$type$degree.note
        done
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

whole_way() { # NAME: keygen has been; plan new, encrypt, combine, decrypt
    veilsum plan new -r "$1.pub" --by State --count --sum Cost --mean Cost --contributors 2-9 a.csv \
        -o "$out/plan.json" 2>/dev/null
    veilsum encrypt -p "$out/plan.json" -r "$1.pub" --as A a.csv -o "$out/a.vs"
    veilsum encrypt -p "$out/plan.json" -r "$1.pub" --as B b.csv -o "$out/b.vs"
    veilsum combine -p "$out/plan.json" "$out/a.vs" "$out/b.vs" -o "$out/total.vs"
    veilsum decrypt -p "$out/plan.json" -k "$1.key" "$out/total.vs"
}

@test "standard keys of degree 1 and 2" {
    [ "$(whole_way standard1)" = "$(expected_csv)" ]
    [ "$(rm "$out"/*.*; whole_way standard2)" = "$(expected_csv)" ]
}

@test "short keys of degree 1 and 2" {
    [ "$(whole_way short1)" = "$(expected_csv)" ]
    [ "$(rm "$out"/*.*; whole_way short2)" = "$(expected_csv)" ]
}

@test "subgroup keys of degree 1 and 2" {
    [ "$(whole_way subgroup1)" = "$(expected_csv)" ]
    [ "$(rm "$out"/*.*; whole_way subgroup2)" = "$(expected_csv)" ]
}

@test "a sealed subgroup key opens, too" {
    printf 'correct horse\n' >"$out/pass"
    chmod 600 "$out/pass"
    veilsum keygen --bits 2048 --type subgroup --passphrase-file "$out/pass" "$out/hub" >/dev/null 2>&1
    write_plan "$(veilsum inspect --json "$out/hub.pub" | sed 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/')" 1 >"$out/plan.json"
    veilsum encrypt -p "$out/plan.json" -r "$out/hub.pub" --as A a.csv -o "$out/a.vs"
    run --separate-stderr veilsum decrypt -p "$out/plan.json" -k "$out/hub.key" --passphrase-file "$out/pass" "$out/a.vs"
    [ "$status" -eq 0 ]
    [ "${lines[2]}" = "S,1,100.00,100" ]
}

@test "inspect says the type, the length of exponents and the assumption" {
    for file in short2.pub short2.key; do
        run --separate-stderr veilsum inspect $file
        [ "$status" -eq 0 ]
        [[ $output == *"key_type      short"*"exponent_bits 448"*"assumption    decisional composite residuosity"* ]]
        [[ $output == *"discrete logarithms with short exponents"* ]]
    done
    run veilsum inspect --json subgroup1.pub
    [[ $output == *'"degree": 1, "key_type": "subgroup", "exponent_bits": 448, "assumption": "'*'small subgroup of secret order'* ]]
    run veilsum inspect --json standard1.pub
    [[ $output == *'"key_type": "standard", "exponent_bits": 1024, "assumption": "'* ]]
    whole_way subgroup1 >/dev/null
    run veilsum inspect --json "$out/total.vs"
    [[ $output == '{"type": "total"'*'"key_type": "subgroup", "exponent_bits": 448'* ]]
}

@test "keygen says what other types than the standard one assume" {
    run cat standard1.note
    [[ $output != *assumes* ]]
    run cat short1.note
    [[ $output == *"a key of type short assumes decisional composite residuosity"* ]]
    run cat subgroup1.note
    [[ $output == *"a key of type subgroup assumes decisional composite residuosity"* ]]
}

@test "a type that is none is refused" {
    fails 2 veilsum keygen --type tiny "$out/x"
    hinted "standard short subgroup"
    [ ! -e "$out/x.key" ]
}

@test "a key whose text names another type is refused" {
    sed 's/ type short//' short1.pub >"$out/bare.pub"
    fails 3 veilsum inspect "$out/bare.pub"
    sed 's/type short/type subgroup/' short1.pub >"$out/other.pub"
    fails 3 veilsum inspect "$out/other.pub"
    sed '2s/$/ type standard/' standard1.pub >"$out/said.pub"
    fails 3 veilsum inspect "$out/said.pub"
}

@test "a total with a ciphertext that was not made with a subgroup key is refused" {
    command -v python3 >/dev/null || skip "no python3"
    whole_way subgroup1 >/dev/null
    python3 - "$here/../vectors" "$out/total.vs" "$out/foreign.vs" <<'END'
import struct, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from make_container import container
total = open(sys.argv[2], "rb").read()
length, = struct.unpack_from("<I", total, 12)
cells, count, minimum, maximum = struct.unpack_from("<QQQQ", total, 88)
key = total[144:144 + 8 + 512]
ciphertexts = [total[length + i * 512:length + (i + 1) * 512] for i in range(count)]
ciphertexts[-1] = bytes([2]) + bytes(511)
open(sys.argv[3], "wb").write(container(key, total[16:48], "", ["A", "B"], cells, ciphertexts, minimum, maximum))
END
    fails 3 veilsum decrypt -p "$out/plan.json" -k subgroup1.key "$out/foreign.vs" -o "$out/r.csv"
    [[ $stderr == *"was not made with this key"* ]]
    hinted "all made and combined again"
    [ ! -e "$out/r.csv" ]
    no_leftovers "$out"
}
