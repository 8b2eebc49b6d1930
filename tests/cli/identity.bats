#!/usr/bin/env bats
load helper

setup() {
    cd "$BATS_TEST_TMPDIR"
}

@test "identity makes two files, and prints the public one" {
    run --separate-stderr veilsum identity --no-passphrase orange
    [ "$status" -eq 0 ]
    [[ $output =~ ^orange\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$ ]]
    [ "$output" = "$(cat orange.id.pub)" ]
    [ "$(stat -c %a orange.id)" = 600 ]
    [[ $stderr == *"warning: the secret key is not sealed"* ]]
    no_leftovers
}

@test "the name is the last part of the path, or what --as says" {
    mkdir keys
    run --separate-stderr veilsum identity --no-passphrase keys/orange
    [[ $output == orange+* ]]
    run --separate-stderr veilsum identity --no-passphrase --as ORANGE.air keys/air
    [[ $output == ORANGE.air+* ]]
    [ -f keys/air.id.pub ]
    fails 2 veilsum identity --no-passphrase --as 'two words' keys/x
    fails 2 veilsum identity --no-passphrase 'two words'
    fails 2 veilsum identity --no-passphrase a+b
    hinted "--as"
    fails 2 veilsum identity --no-passphrase --as '' x
    fails 2 veilsum identity --no-passphrase keys/
    fails 2 veilsum identity --no-passphrase ''
    [ ! -e keys/x.id ] && [ ! -e a+b.id ] && [ ! -e x.id.pub ]
    no_leftovers
}

@test "nothing is overwritten without --force, and then both are" {
    veilsum identity --no-passphrase a >first 2>/dev/null
    fails 2 veilsum identity --no-passphrase a
    rm a.id.pub
    fails 2 veilsum identity --no-passphrase a
    [ ! -e a.id.pub ]
    mv a.id b.id.pub
    fails 2 veilsum identity --no-passphrase b
    [ ! -e b.id ]
    cp first a.id.pub
    veilsum identity --no-passphrase --force a >second 2>/dev/null
    ! cmp -s first second
    cmp second a.id.pub
    no_leftovers
}

@test "a sealed identity tells nothing without its passphrase" {
    printf 'open sesame\n' >pass
    veilsum identity --passphrase-file pass a >/dev/null 2>&1
    grep -q sealed a.id
    run --separate-stderr veilsum inspect a.id
    [ "$status" -eq 0 ]
    [[ $output == *"sealed        yes"* ]]
    fails 2 veilsum identity --passphrase-file pass --no-passphrase b
    : >empty
    fails 3 veilsum identity --passphrase-file empty b
    [ ! -e b.id ]
}

@test "inspect knows identities" {
    veilsum identity --no-passphrase a >line 2>/dev/null
    run --separate-stderr veilsum inspect --json a.id.pub
    [[ $output == *'"type": "public identity"'*'"name": "a"'*"\"identity\": \"$(cat line)\""* ]]
    run --separate-stderr veilsum inspect --json a.id
    [[ $output == *'"type": "secret identity"'*'"sealed": false'*"\"identity\": \"$(cat line)\""* ]]
    sed 's/^a/b/' a.id.pub >renamed.id.pub
    fails 4 veilsum inspect renamed.id.pub
    printf 'more\n' >>a.id.pub
    fails 3 veilsum inspect a.id.pub
    head -n -1 a.id >cut.id
    fails 3 veilsum inspect cut.id
}

@test "an identity is no key, and the other way around" {
    veilsum identity --no-passphrase a >/dev/null 2>&1
    veilsum keygen --bits 2048 --no-passphrase hub >fingerprint 2>/dev/null
    write_plan "$(cat fingerprint)" >plan.json
    printf 'State,Cost\nN,1\n' >a.csv
    fails 3 veilsum encrypt -p plan.json -r a.id.pub --as A a.csv
    hinted "a public identity"
    fails 3 veilsum encrypt -p plan.json -r a.id --as A a.csv
    hinted "a secret identity"
    fails 3 veilsum plan check a.id.pub
    hinted "a public identity"
}
