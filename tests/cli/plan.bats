#!/usr/bin/env bats
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    veilsum keygen --bits 2048 --no-passphrase other >/dev/null 2>&1
    printf 'State,Cost,Age\nN,10.50,30\nS,2.25,40\nS,100,\n' >sample.csv
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "plan check prints the id, which layout does not change" {
    run --separate-stderr veilsum plan check plan.json
    [ "$status" -eq 0 ]
    [[ $output =~ ^[0-9a-f]{64}\ \ ok$ ]]
    id=${output%% *}
    { printf '\xef\xbb\xbf'; sed 's/$/\r/' plan.json; } >crlf.json
    run --separate-stderr veilsum plan check - <crlf.json
    [ "${output%% *}" = "$id" ]
    run --separate-stderr veilsum plan check --json plan.json
    [[ $output == *"\"plan\": \"$id\""*'"ok": true'*'"warnings": ['* ]]
}

@test "plan check warns of few contributors, and is still content" {
    write_plan "$(cat fingerprint)" 1 >one.json
    run --separate-stderr veilsum plan check one.json
    [ "$status" -eq 0 ]
    [[ $output == *"  ok" ]]
    [[ $stderr == "veilsum: warning: "* ]]
    run --separate-stderr veilsum plan check --json one.json
    [[ $output != *'"warnings": []'* ]]
}

@test "plan check refuses what is no plan, and says where" {
    printf '{"veilsum": 1}' >bad.json
    fails 3 veilsum plan check bad.json
    [[ $stderr == *"bad.json: "* ]]
    printf '{' >bad.json
    fails 3 veilsum plan check bad.json
    : >bad.json
    fails 3 veilsum plan check bad.json
    sed 's/"veilsum": 1/"veilsum": 2/' plan.json >bad.json
    fails 3 veilsum plan check bad.json
    fails 1 veilsum plan check missing.json
    fails 1 veilsum plan check .
    for wrong in hub.pub hub.key a.vs total.vs a.csv; do
        fails 3 veilsum plan check $wrong
    done
    fails 3 veilsum plan check hub.pub
    hinted "a public key"
}

@test "plan show says in words what it is about" {
    run --separate-stderr veilsum plan show plan.json
    [ "$status" -eq 0 ]
    [[ $output == *"Costs by state"* ]]
    [[ $output == *Cost* ]]
    run --separate-stderr veilsum plan show -r hub.pub plan.json
    [ "$status" -eq 0 ]
    [[ $output == *2048* ]]
    fails 4 veilsum plan show -r other.pub plan.json
    hinted "fingerprint"
}

@test "plan new writes a plan that passes its own check" {
    run --separate-stderr veilsum plan new -r hub.pub --by State --count --sum Cost --mean Cost --variance Age \
        --histogram State --covariance Age,Cost --regression 'Cost~Age' --mean 'Cost;weight=Age' --title Sample \
        --min-rows 5 --min-contributors 2 --contributors 2-9 --rows-max 5000 -o new.json sample.csv
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum: note: "* ]]
    veilsum plan check new.json
    run veilsum inspect --json new.json
    [[ $output == *"\"fingerprint\": \"$(cat fingerprint)\""*'"min": 2, "max": 9'* ]]
    veilsum encrypt -p new.json -r hub.pub --as A sample.csv >/dev/null
}

@test "the measures have the order of the command line" {
    veilsum plan new -r hub.pub --mean Cost --count --sum Cost sample.csv >order.json 2>/dev/null
    run bash -c "tr -d ' \n' <order.json"
    [[ $output == *'"measures":[{"mean":"Cost"},{"count":"rows"},{"sum":"Cost"}]'* ]]
}

@test "plan new reads a sample from a pipe, and writes to one" {
    veilsum plan new -r hub.pub --count --by State - <sample.csv 2>/dev/null | veilsum plan check -
}

@test "plan new writes vector plans" {
    veilsum plan new -r hub.pub --vector 10 --scale 3 --min -1 --max 1 -o vector.json
    veilsum plan check vector.json
    fails 2 veilsum plan new -r hub.pub --vector 10 --min 0
    fails 2 veilsum plan new -r hub.pub --vector 10 --min 0 --max 1 --sum Cost
    fails 2 veilsum plan new -r hub.pub --vector 10 --min 0 --max 1 sample.csv
    fails 2 veilsum plan new -r hub.pub --scale 3 --sum Cost sample.csv
}

@test "plan new writes plans that open without a key" {
    for name in A B C S T H; do
        veilsum identity $name --no-passphrase >/dev/null
    done
    owners=(--party contribute:a:A.id.pub --party contribute:b:B.id.pub --party contribute:c:C.id.pub)
    veilsum plan new --masks --corrupt 2 --absent 10 --count "${owners[@]}" --party aggregate:h:H.id.pub sample.csv -o masks.json
    grep -q '"opening": {"masks": {"corrupt": 2, "absent": 10}}' masks.json
    veilsum plan show masks.json | grep -q 'without a key'
    veilsum plan new --server S --server T --count "${owners[@]}" --party audit:s:S.id.pub --party audit:t:T.id.pub \
        --party open:h:H.id.pub sample.csv -o shares.json
    grep -q '"opening": {"shares": \["S", "T"\]}' shares.json
    veilsum plan show shares.json | grep -q 'the servers S, T together'
    fails 3 veilsum plan new --server S --server X --count "${owners[@]}" --party audit:s:S.id.pub --party open:h:H.id.pub sample.csv
    [[ $stderr == *"nobody on the roster"* ]]
    fails 3 veilsum plan new --masks --count --min-rows 5 "${owners[@]}" --party aggregate:h:H.id.pub sample.csv
    hinted "open by shares"
}

@test "plan new says what is missing" {
    fails 2 veilsum plan new --count sample.csv
    [[ $stderr == *"it is not said how totals open"* ]]
    fails 2 veilsum plan new -r hub.pub --masks --count sample.csv
    fails 2 veilsum plan new -r hub.pub --absent 3 --count sample.csv
    fails 2 veilsum plan new --masks --holders hub.holders --count sample.csv
    fails 2 veilsum plan new -r hub.pub sample.csv
    hinted "--count"
    fails 2 veilsum plan new -r hub.pub --count
    fails 2 veilsum plan new -r hub.pub --count --contributors 9-2 sample.csv
    fails 2 veilsum plan new -r hub.pub --count --contributors 5 sample.csv
    fails 1 veilsum plan new -r hub.pub --count missing.csv
    run --separate-stderr veilsum plan new -r hub.pub --sum Cots sample.csv
    [ "$status" -eq 2 ] || [ "$status" -eq 3 ]
    [ -z "$output" ]
}
