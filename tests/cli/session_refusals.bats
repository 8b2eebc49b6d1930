#!/usr/bin/env bats
# What join and serve refuse, and what they survive.
load helper
load session_helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_sessions
    sed 's/"max": 1000}/"max": 2000}/' key.json >other.json
    veilsum plan sign -i HUB.id other.json >/dev/null 2>&1
    session_plan '{"masks": {"corrupt": 0, "absent": 25}}' >unsigned.json
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=board -addext subjectAltName=IP:127.0.0.1 \
        -keyout tls.key -out tls.pem 2>/dev/null
    pin=sha256//$(openssl x509 -in tls.pem -pubkey -noout | openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | base64)
    echo "$pin" >pin
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

teardown() {
    end_all
}

# north OPTION...: as NORTH.
north() {
    veilsum join -i NORTH.id -r hub.pub --journal "$out/NORTH.sessions" "$@"
}

says() {
    if [[ $stderr != *"$1"* ]]; then
        echo "'$1' is not in: $stderr"
        return 1
    fi
}

# stopped NAME [STATUS]: ends within ten seconds of SIGTERM.
stopped() {
    local i
    kill -TERM "$(pid_of "$1")"
    for i in $(seq 100); do
        kill -0 "$(pid_of "$1")" 2>/dev/null || break
        sleep 0.1
    done
    ! kill -0 "$(pid_of "$1")" 2>/dev/null
    ended "$@"
}

messages_here() {
    curl -s "$url/v1/status" | jq -e .traffic.messages
}

# until_messages NUMBER: so many are on the board, within half a minute.
until_messages() {
    local i
    for i in $(seq 300); do
        ! [ "$(messages_here)" -ge "$1" ] || return 0
        sleep 0.1
    done
    return 1
}

# all_but_north WHERE OPTION...: all others start.
all_but_north() {
    local name where=$1
    shift
    start_opener ANNA key "$where" "$@"
    for name in SOUTH EAST WEST; do
        start_owner "$name" key "$where" "$@"
    done
}

all_ended() {
    local name
    for name in $OWNERS ANNA; do
        ended "$name"
    done
    sum_csv | diff "$out/ANNA.out" -
}

a_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test "who does not belong to this session is told so, and sends nothing" {
    start_serve key
    before=$(messages_here)
    fails 4 north -p other.json "$url" NORTH.csv
    says "a board for another plan"
    fails 4 north -p key.json --period 2026-12 "$url" NORTH.csv
    says "another period"
    fails 4 north -p key.json --attempt 7 "$url" NORTH.csv
    says "another attempt"
    fails 5 veilsum join -p key.json -i OUTSIDER.id -r hub.pub --journal "$out/o" "$url" NORTH.csv
    says "not on the plan's roster"
    fails 2 north -p key.json "$url"
    says "has nothing to do here"
    hinted "name its DATA"
    fails 2 veilsum join -p key.json -i ANNA.id --journal "$out/a" "$url"
    hinted "--key"
    fails 5 veilsum join -p unsigned.json -i NORTH.id --journal "$out/n" "$url" NORTH.csv
    says "signature"
    echo mine >"$out/there.csv"
    fails 2 north -p key.json -o "$out/there.csv" "$url" NORTH.csv
    [ "$(cat "$out/there.csv")" = mine ]
    [ "$(messages_here)" = "$before" ]
    stopped serve
}

@test "an unsigned plan has no board" {
    fails 5 veilsum serve --listen 127.0.0.1:0 --state "$out/board" unsigned.json
    says "signature"
    [ ! -e "$out/board" ]
}

@test "one process for an identity in a session" {
    in_background first "$VEILSUM" join -p key.json -i NORTH.id -r hub.pub --journal "$out/NORTH.sessions" "$out/folder" NORTH.csv
    for i in $(seq 100); do
        [ -z "$(find "$out/folder" -type f 2>/dev/null)" ] || break
        sleep 0.1
    done
    fails 2 north -p key.json "$out/folder" NORTH.csv
    says "another process has it open"
}

@test "another table after a restart is refused by its name" {
    cp NORTH.csv "$out/data.csv"
    in_background first "$VEILSUM" join -p key.json -i NORTH.id -r hub.pub --journal "$out/NORTH.sessions" "$out/folder" "$out/data.csv"
    for i in $(seq 100); do
        [ -z "$(find "$out/folder" -type f 2>/dev/null)" ] || break
        sleep 0.1
    done
    kill -9 "$(pid_of first)"
    ended first 137
    echo N,1 >>"$out/data.csv"
    fails 4 north -p key.json "$out/folder" "$out/data.csv"
    says "$out/data.csv: gives other sums"
}

# ends_with_too_few PLAN: one owner where three are wanted.
ends_with_too_few() {
    start_serve "$1" --wait 2
    start_owner NORTH "$1" "$url"
    until_said serve "the session has failed"
    curl -s "$url/v1/status" | jq -e .failed
    stopped serve 5
    grep -q "veilsum: error: " "$out/serve.err"
    kill -9 "$(pid_of NORTH)" 2>/dev/null || true
}

@test "too few contributors: key" {
    ends_with_too_few key
}

@test "too few contributors: masks" {
    ends_with_too_few masks
}

@test "who comes before the board waits for it" {
    port=$(a_port)
    start_owner NORTH key "http://127.0.0.1:$port"
    sleep 1
    kill -0 "$(pid_of NORTH)"
    LISTEN=127.0.0.1:$port start_serve key --linger 1s
    all_but_north "$url"
    all_ended
    ended serve
}

@test "a board killed and started again, in the midst of the session" {
    port=$(a_port)
    LISTEN=127.0.0.1:$port start_serve key --linger 1s
    all_but_north "$url"
    until_messages 3
    kill -9 "$(pid_of serve)"
    ended serve 137
    LISTEN=127.0.0.1:$port start_serve key --linger 1s
    start_owner NORTH key "$url"
    all_ended
    ended serve
}

@test "an owner killed and started again" {
    start_serve key --linger 1s
    start_owner NORTH key "$url"
    until_messages 1
    kill -9 "$(pid_of NORTH)"
    ended NORTH 137
    start_owner NORTH key "$url"
    all_but_north "$url"
    all_ended
    ended serve
}

@test "without TLS only this machine, unless it is asked for" {
    fails 5 veilsum serve --listen 0.0.0.0:0 --state "$out/refused" key.json
    says "no certificate"
    hinted "--insecure-transport"
    fails 5 north -p key.json http://192.0.2.1:8750 NORTH.csv
    says "without TLS"
    LISTEN=0.0.0.0:0 start_serve key --insecure-transport
    stopped serve
}

@test "TLS: a key that is pinned, a CA that is named, and nobody else" {
    pin=$(cat pin)
    start_serve key --certificate tls.pem --certificate-key tls.key --linger 1s
    [[ $url == https://* ]]
    fails 4 north -p key.json "$url" NORTH.csv
    says "certificate"
    fails 4 north -p key.json --pin "sha256//$(printf '%032d' 0 | base64)" "$url" NORTH.csv
    says "not the one that --pin names"
    start_owner NORTH key "$url" --pin "$pin"
    all_but_north "$url" --ca tls.pem
    all_ended
    ended serve
}

@test "what a board shows of itself, and a good end" {
    start_serve masks
    run -0 veilsum status --json "$url"
    jq -e .plan <<<"$output"
    curl -sf "$url/v1/status" | jq -e .plan
    curl -sf "$url/" | grep -qi "<html"
    [ "$(curl -sf "$url/metrics" | grep -c '^veilsum_')" -gt 3 ]
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/nothing-here")" = 404 ]
    stopped serve
}
