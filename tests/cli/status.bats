#!/usr/bin/env bats
load helper
load board_helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    start_board "$BATS_FILE_TMPDIR"
}

teardown_file() {
    stop_board
}

setup() {
    url=http://127.0.0.1:$PORT/good
}

not_wider_than_100() {
    [ -z "$(printf '%s\n' "$output" | LC_ALL=C.UTF-8 awk 'length > 100')" ]
}

@test "it says what is waited for, and who has done what" {
    shows 5
    run --separate-stderr veilsum status "$url"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ $output == "plan       5f3a5f3a5f3a5f3a, opened by masks: Costs by state"* ]]
    [[ $output == *"session    period 2026-11, attempt 0, the board runs since 2 h 0 min"* ]]
    [[ $output == *"step       3 of 5: mask, for 2 min 5 s, 55 s left"* ]]
    [[ $output == *"waits for  NORTH, WEST"* ]]
    [[ $output =~ "NORTH "\ +"19:50:00  19:51:00 -        -        -        waiting" ]]
    [[ $output =~ "EAST "\ +"19:50:01  19:51:01 19:52:01 -        -        here" ]]
    [[ $output == *"refused    19:59:00 WEST: WEST: the signature of 'masked' is not right"* ]]
    [[ $output == *"totals     19:59:30 of 5 contributors: abab"* ]]
    [[ $output == *"ledger     ledger of HUB: 3 entries"* ]]
    [[ $output == *"traffic    12 messages; 123.5 kB in, 100.0 MB out; 7 connections"* ]]
    not_wider_than_100
}

@test "a thousand parties are counted, and those that matter named" {
    shows 1000
    run --separate-stderr veilsum status "$url"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -lt 40 ]
    [[ $output == *"and 376 more"* ]]
    [[ $output =~ "of 1000 parties"\ +"1000      1000     400      0        0" ]]
    [[ $output == *"parties    400 here, 400 waiting, 200 lost"* ]]
    [[ $output == *"lost       OWNER-00004"* ]]
    not_wider_than_100
}

@test "the end is said" {
    shows 5 done
    run veilsum status "$url"
    [[ $output == *"done       complete"* ]]
    shows 5 failed
    run veilsum status "$url"
    [[ $output == *"failed     too few owners are left"* ]]
}

@test "JSON is what the board says, written anew" {
    shows 5
    run --separate-stderr veilsum status --json "$url"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    printf '%s' "$output" | python3 -c 'import json, sys; assert json.load(sys.stdin) == json.load(open(sys.argv[1]))' "$BOARD_FOLDER/status.json"
}

@test "what a hostile board says does not steer the terminal" {
    shows 5 hostile
    for option in "" --json; do
        run --separate-stderr veilsum status $option "$url"
        [ "$status" -eq 0 ]
        [ -n "$output" ]
        [ -z "$(printf '%s' "$output" | LC_ALL=C tr -d '\n -~')" ] || [ -z "$option" ]
        ! printf '%s' "$output" | LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')"
        ! printf '%s' "$output" | grep -q "$(printf '\342\200\256')"
    done
    run --separate-stderr veilsum status "$url"
    not_wider_than_100
}

@test "a status that is not one is refused" {
    for wrong in veilsum_status=2; do
        shows 5 $wrong
        fails 3 veilsum status "$url"
        hinted "update veilsum"
    done
    for wrong in veilsum_status=true step= step=3 step.waiting_for=[1] 'now="yesterday"' parties=[[]] parties.0.steps=[] \
        'parties.0.steps.0={"at":1}' parties.0.name=null refused.0.reason=5 'plan.opening=[]' traffic.messages=-1 traffic.messages=1.5 \
        done=0 ledger=7 'steps=["a"]' failed=false totals.0=null plan.words=[null]; do
        shows 5 "$wrong"
        fails 3 veilsum status "$url"
        fails 3 veilsum status --json "$url"
    done
    fails 3 veilsum status "http://127.0.0.1:$PORT/notjson"
    [[ $stderr != *$'\e'* ]]
}

@test "boards that misbehave" {
    shows 5
    fails 3 veilsum status "http://127.0.0.1:$PORT/endless"
    fails 1 veilsum status "http://127.0.0.1:$PORT/redirect"
    [[ $stderr == *"not followed"* ]]
    fails 5 veilsum status "http://127.0.0.1:$PORT/refuse"
    [[ $stderr != *$'\e'* ]]
    fails 1 veilsum status http://127.0.0.1:1
    hinted "does the board run"
    fails 5 veilsum status http://192.0.2.1
    hinted "--insecure-transport"
    fails 2 veilsum status board.example
    fails 2 veilsum status
}

@test "--watch writes a line for each change, and ends with the session" {
    shows 5
    veilsum status --watch "$url" >"$BATS_TEST_TMPDIR/lines" 3>&- 9>&- &
    watcher=$!
    sleep 1.5
    shows 5 step.waiting_for='["EAST"]'
    sleep 1.5
    shows 5 done
    wait $watcher
    cat "$BATS_TEST_TMPDIR/lines"
    [ "$(cut -d ' ' -f 2- "$BATS_TEST_TMPDIR/lines")" = "step 3 of 5 mask, waits for NORTH and 1 more; 2 refused
step 3 of 5 mask, waits for EAST; 2 refused
done" ]
}

@test "--watch on a terminal draws over what it drew" {
    command -v script >/dev/null || skip "no script(1)"
    shows 5
    { sleep 2.5; shows 5 done; } 3>&- 9>&- &
    script -qec "stty rows 50 cols 120; '$VEILSUM' status --watch $url" /dev/null </dev/null >"$BATS_TEST_TMPDIR/drawn"
    wait
    grep -q "$(printf '\033\\[[0-9]*A')" "$BATS_TEST_TMPDIR/drawn"
    grep -q "done       complete" "$BATS_TEST_TMPDIR/drawn"
    ! grep -q "$(printf '\033\\[?1049')" "$BATS_TEST_TMPDIR/drawn"
}
