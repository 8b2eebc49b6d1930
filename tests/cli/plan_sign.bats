#!/usr/bin/env bats
load helper

# roster_plan MORE: a plan with five parties; MORE is a further line of it, or nothing.
roster_plan() {
    local parties="" who
    for who in a b c d; do
        parties="$parties{\"identity\": \"$(cat $who.id.pub)\", \"organisation\": \"Air $who\", \"may\": [\"contribute\"]},"
    done
    parties="$parties{\"identity\": \"$(cat hub.id.pub)\", \"organisation\": \"Hub\", \"may\": [\"open\", \"aggregate\"]}"
    printf '{"veilsum": 1, "vector": {"length": 2, "scale": 0, "min": 0, "max": 9}, "roster": [%s], %s
        "opening": {"key": "%064d"}}\n' "$parties" "$1" 7
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    for who in a b c d hub stranger; do
        veilsum identity --no-passphrase $who >/dev/null 2>&1
    done
    roster_plan '' >all.json
    roster_plan '"signatures": 2,' >two.json
}

setup() {
    cp -r "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work"
}

sign() {
    veilsum plan sign -i "$@" 2>/dev/null
}

@test "one after another signs, until all have" {
    for who in a b c d; do
        sign $who.id all.json
        fails 5 veilsum plan check --signed all.sig all.json
    done
    [[ $stderr == *"4 of the 5 signatures"*"not signed by hub"* ]]
    run --separate-stderr veilsum plan sign -i hub.id all.json
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == *"5 of the 5"* ]]
    run --separate-stderr veilsum plan check --signed all.sig all.json
    [ "$status" -eq 0 ]
    [[ $output == *"  ok"*"5 signatures, 5 needed"*"signed      a, Air a"* ]]
    no_leftovers
}

@test "as many as the plan needs are enough" {
    sign a.id two.json
    fails 5 veilsum plan check --signed two.sig two.json
    sign c.id two.json
    run --separate-stderr veilsum plan check --json --signed two.sig two.json
    [ "$status" -eq 0 ]
    [[ $output == *'"signed": ["a", "c"]'*'"not_signed": ["b", "d", "hub"]'*'"needed": 2'* ]]
}

@test "who has signed does not sign again" {
    sign a.id all.json
    cp all.sig before
    run --separate-stderr veilsum plan sign -i a.id all.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"a has signed already"* ]]
    cmp before all.sig
}

@test "copies that were signed apart are put together" {
    sign a.id -o a.sig all.json
    sign b.id -o - all.json >b.sig
    sed 's/$/\r/' b.sig >crlf.sig
    run --separate-stderr veilsum plan sign --add a.sig --add crlf.sig -i c.id all.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"a.sig: 1 signature that was not there yet"*"3 of the 5"* ]]
    run --separate-stderr veilsum plan sign --add a.sig all.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"a.sig: 0 signatures"* ]]
    sign d.id - -o piped.sig <all.json
    veilsum plan sign --add - all.json <piped.sig 2>/dev/null
    sign hub.id all.json
    veilsum plan check --signed all.sig all.json
}

@test "layout may change after signing, and nothing else" {
    for who in a b; do
        sign $who.id two.json
    done
    sed 's/, /,\n   /g' two.json >again.json
    veilsum plan check --signed two.sig again.json
    for change in 's/Air a/Air e/' 's/"max": 9/"max": 8/' 's/"signatures": 2/"signatures": 1/' 's/"aggregate"/"audit"/'; do
        sed "$change" two.json >other.json
        ! cmp -s two.json other.json
        fails 4 veilsum plan check --signed two.sig other.json
        fails 4 veilsum plan sign -i c.id -o two.sig other.json
    done
}

@test "a signature file that is altered anywhere is refused" {
    for who in a b c d hub; do
        sign $who.id all.json
    done
    size=$(stat -c %s all.sig)
    for ((at = 0; at < size; at += 13)); do
        alter all.sig $at >altered.sig
        run veilsum plan check --signed altered.sig all.json
        [ "$status" -ge 3 ]
    done
    head -c -1 all.sig >cut.sig
    fails 3 veilsum plan check --signed cut.sig all.json
}

@test "strangers cannot sign, nor can another key of the same name" {
    fails 5 veilsum plan sign -i stranger.id all.json
    [[ $stderr == *"stranger is not on the plan's roster"* ]]
    veilsum identity --no-passphrase --as a other >/dev/null 2>&1
    fails 5 veilsum plan sign -i other.id all.json
    [[ $stderr == *"with this key"* ]]
    [ ! -e all.sig ]
}

@test "a plan without a roster has nobody who could sign" {
    write_plan "$(printf %064d 1)" >plain.json
    fails 5 veilsum plan sign -i a.id plain.json
    sign a.id two.json
    fails 5 veilsum plan check --signed two.sig plain.json
}

@test "wrong arguments" {
    fails 2 veilsum plan sign all.json
    hinted "--add"
    fails 2 veilsum plan sign -i a.id - <all.json
    fails 1 veilsum plan sign -i missing.id all.json
    fails 3 veilsum plan sign -i a.id.pub all.json
    hinted "a public identity"
    fails 3 veilsum plan sign -i a.id -o two.json all.json
    fails 1 veilsum plan check --signed missing.sig all.json
    fails 3 veilsum plan check --signed all.json all.json
    fails 3 veilsum plan check a.id.pub
}

@test "a passphrase opens the identity that signs" {
    printf 'open sesame\n' >pass
    printf 'wrong\n' >wrong
    veilsum identity --force --passphrase-file pass a >/dev/null 2>&1
    roster_plan '' >all.json
    fails 4 veilsum plan sign -i a.id --passphrase-file wrong all.json
    sign a.id --passphrase-file pass all.json
    [ -f all.sig ]
}

@test "a plan that is not valid today is warned of" {
    roster_plan '"valid": {"from": "2020-01-01", "until": "2020-12-31"},' >past.json
    run --separate-stderr veilsum plan check past.json
    [ "$status" -eq 0 ]
    [[ $stderr == *"not valid any more: its last day was 2020-12-31"* ]]
    roster_plan '"valid": {"from": "9000-01-01"},' >future.json
    run --separate-stderr veilsum plan check future.json
    [[ $stderr == *"not valid yet: it begins on 9000-01-01"* ]]
    run --separate-stderr veilsum plan check all.json
    [[ $stderr != *valid* ]]
}
