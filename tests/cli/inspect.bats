#!/usr/bin/env bats
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "a contribution" {
    run --separate-stderr veilsum inspect a.vs
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ $output == "type          contribution"* ]]
    [[ $output == *"plan          $(veilsum plan check plan.json 2>/dev/null | cut -d' ' -f1)"* ]]
    [[ $output == *"period        2026-11"* ]]
    [[ $output == *"fingerprint   $(cat fingerprint)"* ]]
    [[ $output == *"contributors  1 of 2 to 200"* ]]
    [[ $output == *"names         A"* ]]
    [[ $output == *"bytes         $(stat -c %s a.vs)"* ]]
    [[ $output == *"verified      yes"* ]]
}

@test "a total as JSON" {
    run --separate-stderr veilsum inspect --json total.vs
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == '{"type": "total", "version": 1, '* ]]
    [[ $output == *'"contributors": 2, "min": 2, "max": 200, '* ]]
    [[ $output == *"\"bytes\": $(stat -c %s total.vs)"* ]]
    python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert sorted(d["names"]) == ["A", "B"] and d["bits"] == 2048 and d["verified"] is True' "$output" || ! command -v python3
}

@test "keys and plans" {
    run veilsum inspect --json hub.pub
    [[ $output == '{"type": "public key", "version": 1, "fingerprint": "'"$(cat fingerprint)"'", "bits": 2048, "degree": 1'* ]]
    run --separate-stderr veilsum inspect hub.key
    [ "$status" -eq 0 ]
    [[ $output == *"secret key"*"sealed"*"no"* ]]
    run veilsum inspect plan.json
    [[ $output == *"title         Costs by state"* ]]
    [[ $output == *"contributors  2 to 200"* ]]
}

@test "several in a row, and standard input" {
    run --separate-stderr bash -c 'cat a.vs b.vs total.vs | "$VEILSUM" inspect --json -'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[2]} == *'"type": "total"'* ]]
}

@test "nothing is printed of a file that is damaged" {
    head -c $(($(stat -c %s total.vs) - 1)) total.vs >cut.vs
    fails 4 veilsum inspect cut.vs
    alter total.vs 700 >altered.vs
    fails 4 veilsum inspect altered.vs
    cat a.vs cut.vs >row.vs
    fails 4 veilsum inspect row.vs
    fails 3 veilsum inspect a.csv
    [[ $stderr == *"a.csv: nothing that veilsum makes"* ]]
    hinted "plans, keys, identities, pools"
    head -c 6 a.vs >start.vs
    fails 3 veilsum inspect start.vs
    hinted "cut off"
    : >empty
    fails 3 veilsum inspect empty
    fails 1 veilsum inspect missing
    fails 2 bash -c '"$VEILSUM" inspect --json'
}
