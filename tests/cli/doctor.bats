#!/usr/bin/env bats
load helper
load board_helper

# A board on loopback, in the clear and with a certificate of its own making.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    write_plan "$(printf '%064d' 7)" >plan.json
    veilsum plan check plan.json 2>/dev/null | cut -c 1-64 >plan-id
    write_plan "$(printf '%064d' 8)" >other.json
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -days 90 -out own.crt 2>/dev/null
    openssl req -x509 -key own.key -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 3 -out soon.crt 2>/dev/null
    cat own.crt own.key >own.pem
    cat soon.crt own.key >soon.pem
    echo "sha256//$(openssl pkey -in own.key -pubout -outform der | openssl dgst -sha256 -binary | base64)" >pin
    start_board "$BATS_FILE_TMPDIR"
}

teardown_file() {
    stop_board
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    url=http://localhost:$PORT
}

# The line of a check.
line() {
    grep -E "^(ok|warning|FAILED|-) +$1 " <<<"$output"
}

@test "a board that is in order" {
    run --separate-stderr veilsum doctor -p plan.json "$url/good"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${lines[0]}" = "$url/good" ]
    [[ $(line name) == "ok"*"localhost is "* ]]
    [[ $(line connection) == "ok"*"port $PORT of 127.0.0.1 is open"* ]]
    [[ $(line TLS) == "ok"*"none is needed on this machine"* ]]
    [[ $(line board) == "ok"*"version 0.1.0, for period '2026-11'"* ]]
    [[ $(line plan) == "ok"*"the same as here"* ]]
    [[ $(line sizes) == "ok"*"messages of up to 67.11 MB; the plan may need "* ]]
    [[ $(line clock) == "ok"* ]]
    [[ $(line "round trip") == "ok"*" in the middle of 9" ]]
    [[ $(line download) == "ok"*"MB/s over 100 kB"* ]]
    [ -z "$(printf '%s\n' "$output" | LC_ALL=C.UTF-8 awk 'length > 100')" ]
    run --separate-stderr veilsum doctor "$url/good"
    [ "$status" -eq 0 ]
    [[ $(line plan) == "-"*"not compared"* ]]
}

@test "it leaves nothing on the board" {
    veilsum doctor -p plan.json "$url/traces" >/dev/null
    run --separate-stderr python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$url/traces/log"
    [[ $output == *"GET /v1/about"* ]]
    [[ $output != *PUT* && $output != *PATCH* ]]
}

@test "JSON" {
    run --separate-stderr veilsum doctor --json -p plan.json "$url/good"
    [ "$status" -eq 0 ]
    printf '%s' "$output" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["veilsum_doctor"] == 1 and d["ok"] is True and d["round_trip_min_ms"] > 0 and abs(d["clock_ahead_s"]) < 2
assert [c["state"] for c in d["checks"] if c["check"] == "plan"] == ["ok"]'
    run --separate-stderr veilsum doctor --json -p other.json "$url/good"
    [ "$status" -eq 4 ]
    printf '%s' "$output" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["ok"] is False and [c["check"] for c in d["checks"] if c["state"] == "failed"] == ["plan"]'
}

# finds STATUS CHECK TEXT COMMAND...: the check fails with this status, and says this; the error says it again.
finds() {
    local expected=$1 check=$2 text=$3
    shift 3
    run --separate-stderr "$@"
    echo "$output"
    [ "$status" -eq "$expected" ]
    [[ $(line "$check") == FAILED* ]]
    [[ $stderr == *"veilsum: error: "*"$text"* ]]
}

@test "another plan, another program, another version" {
    finds 4 plan "another plan" veilsum doctor -p other.json "$url/good"
    finds 3 board "not a veilsum board" veilsum doctor "$url/notjson"
    finds 3 board "knows nothing of the kind" veilsum doctor "$url/good/else"
    finds 3 board "a version that this program does not know" veilsum doctor "$url/future"
    finds 1 board "not followed" veilsum doctor "$url/redirect"
    finds 3 board "longer than it may be" veilsum doctor "$url/endless"
    run --separate-stderr veilsum doctor -p plan.json "$url/tight"
    [ "$status" -eq 0 ]
    [[ $(line sizes) == warning* ]]
}

@test "clocks" {
    run --separate-stderr veilsum doctor "$url/late"
    [ "$status" -eq 0 ]
    [[ $(line clock) == "warning"*"behind ours"* ]]
    finds 5 clock "ahead of ours" veilsum doctor "$url/hours"
}

@test "nobody there" {
    finds 1 connection "refused" veilsum doctor http://127.0.0.1:1
    finds 1 name "no machine of the name board.invalid" veilsum doctor https://board.invalid
    fails 5 veilsum doctor http://192.0.2.1
    fails 2 veilsum doctor board.example
    fails 1 veilsum doctor -p nowhere.json "$url"
}

@test "certificates and pins" {
    tls=https://localhost:$(port own)/good
    finds 4 TLS "not trusted here" veilsum doctor "$tls"
    finds 1 TLS "TLS does not come about" veilsum doctor "https://localhost:$PORT/good"
    finds 4 TLS "not the one that --pin names" veilsum doctor --pin "sha256//$(printf '%032d' 5 | base64)" "$tls"
    run --separate-stderr veilsum doctor --ca own.crt "$tls"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $(line TLS) == "ok"*"the chain is trusted; certificate of"*localhost* ]]
    [[ $output =~ 20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-9:]+Z ]]
    run --separate-stderr veilsum doctor --pin "$(cat pin)" "$tls"
    [ "$status" -eq 0 ]
    [[ $(line TLS) == "ok"*"the key is the one that --pin names"* ]]
    run --separate-stderr veilsum doctor --ca soon.crt "https://localhost:$(port soon)/good"
    [ "$status" -eq 0 ]
    [[ $(line TLS) == "warning"* ]]
    [[ $output == *"it ends soon"* ]]
    fails 2 veilsum doctor --pin /etc/passwd "$tls"
    hinted "sha256//BASE64"
    fails 2 veilsum doctor --pin "$(cat pin)" "$url"
}
