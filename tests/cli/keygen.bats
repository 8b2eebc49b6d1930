#!/usr/bin/env bats
load helper

setup() {
    cd "$BATS_TEST_TMPDIR"
}

@test "keygen writes both halves and prints the fingerprint" {
    run --separate-stderr veilsum keygen --bits 2048 --no-passphrase hub
    [ "$status" -eq 0 ]
    [[ $output =~ ^[0-9a-f]{64}$ ]]
    [[ $stderr == *"veilsum: warning: the secret key is not sealed"* ]]
    [ "$(stat -c %a hub.key)" = 600 ]
    run veilsum inspect --json hub.pub
    [[ $output == *"\"fingerprint\": \"$(veilsum inspect --json hub.key | sed 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/')\""* ]]
    no_leftovers
}

@test "an existing half is not overwritten, and force replaces" {
    veilsum keygen --bits 2048 --no-passphrase hub >first 2>/dev/null
    cp hub.key kept
    fails 2 veilsum keygen --bits 2048 --no-passphrase hub
    hinted "--force"
    cmp hub.key kept
    rm hub.key
    fails 2 veilsum keygen --bits 2048 --no-passphrase hub # the public half is in the way
    [ ! -e hub.key ]
    veilsum keygen --bits 2048 --no-passphrase --force hub >second 2>/dev/null
    run cmp -s first second
    [ "$status" -eq 1 ]
    no_leftovers
}

@test "no secret half is left where the public one cannot be written" {
    mkdir hub.pub
    fails 1 veilsum keygen --bits 2048 --no-passphrase hub
    fails 1 veilsum keygen --bits 2048 --no-passphrase --force hub
    [ ! -e hub.key ]
    no_leftovers
    fails 1 veilsum keygen --bits 2048 --no-passphrase nowhere/hub
    hinted "no such folder"
}

@test "a sealed key opens with its passphrase only" {
    printf 'correct horse\nsecond line\n' >pass
    chmod 600 pass
    run --separate-stderr veilsum keygen --bits 2048 --passphrase-file pass hub
    [ "$status" -eq 0 ]
    [[ $stderr != *warning* ]]
    fingerprint=$output
    run veilsum inspect hub.key
    [[ $output == *"sealed"*"yes"* ]]
    [[ $output != *"$fingerprint"* ]]
    write_plan "$fingerprint" 1 >plan.json
    printf 'State,Cost\nN,1\n' >a.csv
    veilsum encrypt -p plan.json -r hub.pub --as A a.csv -o a.vs
    printf 'correct horse\r\n' >same
    chmod 600 same
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key --passphrase-file same a.vs
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "N,1,1.00,1" ]
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key --passphrase-file <(echo correct horse) a.vs
    [ "$status" -eq 0 ]
    printf 'wrong\n' >wrong
    fails 4 veilsum decrypt -p plan.json -k hub.key --passphrase-file wrong a.vs
    [[ $stderr == *"warning: wrong can be read by others"* ]] || [[ $(umask) == *77 ]]
    hinted "check the passphrase"
    fails 2 setsid -w "$VEILSUM" decrypt -p plan.json -k hub.key a.vs
    hinted "--passphrase-file"
}

@test "a passphrase can come through standard input" {
    echo secret | veilsum keygen --bits 2048 --passphrase-file - hub >/dev/null
    run veilsum inspect hub.key
    [[ $output == *"sealed"*"yes"* ]]
}

@test "an empty passphrase is refused" {
    : >empty
    printf '\nx\n' >blank
    chmod 600 empty blank
    fails 3 veilsum keygen --bits 2048 --passphrase-file empty hub
    fails 3 veilsum keygen --bits 2048 --passphrase-file blank hub
    fails 1 veilsum keygen --bits 2048 --passphrase-file missing hub
    fails 2 veilsum keygen --bits 2048 --passphrase-file blank --no-passphrase hub
    [ ! -e hub.key ] && [ ! -e hub.pub ]
    no_leftovers
}

@test "without a terminal and without a choice, keygen says what to choose" {
    fails 2 setsid -w "$VEILSUM" keygen --bits 2048 hub
    hinted "--no-passphrase"
    [ ! -e hub.key ]
}

@test "at a terminal the passphrase is asked for twice and not shown" {
    command -v script >/dev/null || skip "no script(1)"
    answers() { sleep 0.7; echo "$1"; sleep 0.7; echo "$2"; }
    run bash -c "(sleep 0.7; echo 'open sesame'; sleep 0.7; echo 'open sesame') | script -qec \"'$VEILSUM' keygen --bits 2048 hub\" /dev/null"
    [ "$status" -eq 0 ]
    [[ $output == *"New passphrase: "*"The same again: "* ]]
    [[ $output != *sesame* ]]
    [ -e hub.key ]
    run bash -c "(sleep 0.7; echo one; sleep 0.7; echo other) | script -qec \"'$VEILSUM' keygen --bits 2048 two\" /dev/null"
    [ "$status" -eq 2 ]
    [[ $output == *"the two passphrases differ"* ]]
    [ ! -e two.key ]
}

@test "every degree and size that is offered can be inspected" {
    veilsum keygen --bits 2048 --degree 3 --no-passphrase hub 2>/dev/null
    run veilsum inspect --json hub.pub
    [[ $output == *'"bits": 2048'*'"degree": 3'* ]]
}

@test "a name that would make hidden files is refused" {
    mkdir keys
    fails 2 veilsum keygen --bits 2048 --no-passphrase ''
    fails 2 veilsum keygen --bits 2048 --no-passphrase keys/
    hinted "keys/hub"
    [ -z "$(find . -name '*.key' -o -name '*.pub')" ]
}
