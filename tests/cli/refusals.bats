#!/usr/bin/env bats
# Every stage's output in the wrong place, and everything around the program that can fail.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    veilsum keygen --bits 2048 --no-passphrase other >other.fingerprint 2>/dev/null
    veilsum keygen --bits 2048 --degree 2 --no-passphrase second >/dev/null 2>&1
    write_plan "$(cat other.fingerprint)" >other.json
    sed 's/"max": 1000}/"max": 2000}/' plan.json >changed.json
    veilsum encrypt -p changed.json -r hub.pub --as C --period 2026-11 a.csv -o changed.vs
    veilsum encrypt -p plan.json -r hub.pub --as C --period 2026-12 a.csv -o december.vs
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

teardown() {
    no_leftovers "$BATS_FILE_TMPDIR"
}

@test "a plan is wanted, something else is given" {
    for wrong in hub.pub hub.key a.vs total.vs a.csv; do
        fails 3 veilsum encrypt -p $wrong -r hub.pub --as A a.csv -o "$out/x"
        fails 3 veilsum combine -p $wrong a.vs b.vs -o "$out/x"
        fails 3 veilsum decrypt -p $wrong -k hub.key total.vs -o "$out/x"
        fails 3 veilsum plan show $wrong
    done
    [ ! -e "$out/x" ]
}

@test "a public key is wanted, something else is given" {
    for wrong in plan.json hub.key a.vs total.vs a.csv; do
        fails 3 veilsum encrypt -p plan.json -r $wrong --as A a.csv -o "$out/x"
        fails 3 veilsum plan new -r $wrong --count a.csv -o "$out/x"
        fails 3 veilsum plan show -r $wrong plan.json
    done
    [ ! -e "$out/x" ]
}

@test "a secret key is wanted, something else is given" {
    for wrong in plan.json hub.pub a.vs total.vs a.csv; do
        fails 3 veilsum decrypt -p plan.json -k $wrong total.vs -o "$out/x"
    done
    fails 3 veilsum decrypt -p plan.json -k hub.pub total.vs
    hinted "a public key"
    [ ! -e "$out/x" ]
}

@test "a table is wanted, something else is given" {
    for wrong in plan.json hub.pub hub.key a.vs total.vs; do
        fails 3 veilsum encrypt -p plan.json -r hub.pub --as A $wrong -o "$out/x"
    done
    [ ! -e "$out/x" ]
}

@test "a contribution or total is wanted, something else is given" {
    : >"$out/empty"
    for wrong in plan.json hub.pub hub.key a.csv "$out/empty"; do
        fails 3 veilsum combine -p plan.json a.vs $wrong -o "$out/x"
        fails 3 veilsum decrypt -p plan.json -k hub.key $wrong -o "$out/x"
    done
    [ ! -e "$out/x" ]
}

@test "too few contributors: exit 5, nothing printed" {
    fails 5 veilsum decrypt -p plan.json -k hub.key a.vs
    veilsum combine -p plan.json a.vs -o "$out/one.vs"
    fails 5 veilsum decrypt -p plan.json -k hub.key "$out/one.vs"
}

@test "the same contributor twice: exit 5" {
    fails 5 veilsum combine -p plan.json a.vs a.vs
    veilsum encrypt -p plan.json -r hub.pub --as A --period 2026-11 b.csv -o "$out/again.vs"
    fails 5 veilsum combine -p plan.json a.vs "$out/again.vs"
    fails 5 veilsum combine -p plan.json total.vs b.vs
    fails 5 bash -c 'cat a.vs b.vs a.vs | "$VEILSUM" combine -p plan.json -'
}

@test "more contributors than the plan allows: exit 5" {
    sed 's/"max": 200/"max": 2/' plan.json >"$out/two.json"
    for name in A B C; do
        veilsum encrypt -p "$out/two.json" -r hub.pub --as $name a.csv -o "$out/$name.vs"
    done
    fails 5 veilsum combine -p "$out/two.json" "$out"/?.vs
}

@test "another key, plan or period: exit 4" {
    fails 4 veilsum encrypt -p plan.json -r other.pub --as A a.csv
    hinted "$(head -c 16 other.fingerprint), that of the plan's key with $(head -c 16 fingerprint)"
    fails 4 veilsum encrypt -p plan.json -r second.pub --as A a.csv
    fails 4 veilsum decrypt -p plan.json -k other.key total.vs
    fails 4 veilsum decrypt -p other.json -k other.key total.vs
    fails 4 veilsum decrypt -p changed.json -k hub.key total.vs
    fails 4 veilsum combine -p other.json a.vs b.vs
    fails 4 veilsum combine -p plan.json a.vs changed.vs
    fails 4 veilsum combine -p plan.json a.vs december.vs
    [[ $stderr == *2026-1[12]* ]]
}

@test "a cut or altered file: exit 4, no output file" {
    size=$(stat -c %s a.vs)
    for cut in 20 $((size / 2)) $((size - 1)); do
        head -c $cut a.vs >"$out/cut.vs"
        fails 4 veilsum combine -p plan.json b.vs "$out/cut.vs" -o "$out/x"
        fails 4 bash -c 'cat b.vs "$1" | "$VEILSUM" combine -p plan.json - -o "$2"' - "$out/cut.vs" "$out/x"
        head -c $cut total.vs >"$out/cut.vs"
        fails 4 veilsum decrypt -p plan.json -k hub.key "$out/cut.vs" -o "$out/x"
    done
    alter total.vs $((size / 2)) >"$out/altered.vs"
    fails 4 veilsum decrypt -p plan.json -k hub.key "$out/altered.vs" -o "$out/x"
    [ ! -e "$out/x" ]
    no_leftovers "$out"
}

@test "what follows a total is refused" {
    cat total.vs total.vs >"$out/two.vs"
    { cat total.vs; echo; } >"$out/tail.vs"
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key "$out/two.vs"
    [ "$status" -ge 3 ] && [ -z "$output" ]
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key "$out/tail.vs"
    [ "$status" -ge 3 ] && [ -z "$output" ]
}

@test "a value outside the plan names its row and column, and not itself" {
    printf 'State,Cost\nN,1\nN,8765.43\n' >"$out/bad.csv"
    fails 3 veilsum encrypt -p plan.json -r hub.pub --as A "$out/bad.csv" -o "$out/x"
    [[ $stderr == *"row 3"*"Cost"* ]]
    [[ $stderr != *8765* ]]
    printf 'State,Cost\nQQQ,1\n' >"$out/bad.csv"
    fails 3 veilsum encrypt -p plan.json -r hub.pub --as A "$out/bad.csv" -o "$out/x"
    [[ $stderr == *"row 2"*"State"* ]]
    [[ $stderr != *QQQ* ]]
    [ ! -e "$out/x" ]
}

@test "names that cannot be used: exit 2" {
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as ' A' a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as $'A\nB' a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as "$(printf 'x%.0s' $(seq 65))" a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as $'\xff' a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --period '2026 ' a.csv
}

@test "missing files and directories: exit 1" {
    fails 1 veilsum encrypt -p missing -r hub.pub --as A a.csv
    fails 1 veilsum encrypt -p plan.json -r missing --as A a.csv
    fails 1 veilsum encrypt -p plan.json -r hub.pub --as A missing
    fails 1 veilsum encrypt -p plan.json -r hub.pub --as A .
    fails 1 veilsum combine -p plan.json a.vs missing
    fails 1 veilsum combine -p plan.json a.vs .
    fails 1 veilsum decrypt -p plan.json -k missing total.vs
    fails 1 veilsum decrypt -p plan.json -k hub.key missing
    fails 1 veilsum combine -p plan.json a.vs b.vs -o nowhere/t.vs
    fails 1 veilsum combine -p plan.json a.vs b.vs -o .
}

@test "an unreadable file: exit 1" {
    [ "$(id -u)" -ne 0 ] || skip "root reads everything"
    cp a.csv "$out/closed.csv"
    chmod 0 "$out/closed.csv"
    fails 1 veilsum encrypt -p plan.json -r hub.pub --as A "$out/closed.csv"
}

@test "an output that exists stays, unless --force" {
    echo precious >"$out/x"
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A a.csv -o "$out/x"
    hinted "--force"
    fails 2 veilsum combine -p plan.json a.vs b.vs -o "$out/x"
    fails 2 veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/x"
    fails 2 veilsum plan new -r hub.pub --count a.csv -o "$out/x"
    [ "$(cat "$out/x")" = precious ]
    fails 5 veilsum decrypt -p plan.json -k hub.key a.vs -o "$out/x" --force
    [ "$(cat "$out/x")" = precious ]
    veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/x" --force
    [ "$(cat "$out/x")" = "$(expected_csv)" ]
    ln -s nowhere "$out/dangling"
    fails 2 veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/dangling"
    ln -s x "$out/link"
    veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/link" --force --format json
    [ -L "$out/link" ]
    [[ $(cat "$out/x") == *veilsum_result* ]]
}

@test "an input may be replaced by the output that it goes into" {
    cp a.vs "$out/a.vs"
    veilsum combine -p plan.json "$out/a.vs" b.vs -o "$out/a.vs" --force
    cmp "$out/a.vs" total.vs
}

@test "new files obey the umask" {
    (umask 027; veilsum combine -p plan.json a.vs b.vs -o "$out/t.vs")
    [ "$(stat -c %a "$out/t.vs")" = 640 ]
}

@test "a full disk: exit 1 and a clear line" {
    [ -e /dev/full ] || skip "no /dev/full"
    for to in '>/dev/full' '-o /dev/full'; do
        fails 1 bash -c "\"\$VEILSUM\" encrypt -p plan.json -r hub.pub --as A a.csv $to"
        [[ $stderr == *"No space left on device"* ]]
        fails 1 bash -c "\"\$VEILSUM\" combine -p plan.json a.vs b.vs $to"
        fails 1 bash -c "\"\$VEILSUM\" decrypt -p plan.json -k hub.key total.vs $to"
        fails 1 bash -c "\"\$VEILSUM\" plan new -r hub.pub --count a.csv $to"
    done
    fails 1 bash -c '"$VEILSUM" inspect a.vs >/dev/full'
    fails 1 bash -c '"$VEILSUM" plan show plan.json >/dev/full'
    fails 1 bash -c '"$VEILSUM" plan check plan.json >/dev/full'
    [ -c /dev/full ]
}

@test "a file that may not grow: exit 1, no temporary file" {
    fails 1 bash -c 'ulimit -f 1; "$VEILSUM" encrypt -p plan.json -r hub.pub --as A a.csv -o "$1"' - "$out/x"
    [[ $stderr == *"File too large"* ]]
    [ ! -e "$out/x" ]
    no_leftovers "$out"
}

@test "a closed pipe ends silently with status 1" {
    run --separate-stderr bash -c '{ sleep 0.3; "$VEILSUM" combine -p plan.json a.vs b.vs; echo $? >&3; } 3>"$1" | true' - "$out/status"
    [ -z "$stderr" ]
    [ "$(cat "$out/status")" -eq 1 ]
    run --separate-stderr bash -c '{ sleep 0.3; "$VEILSUM" decrypt -p plan.json -k hub.key total.vs; echo $? >&3; } 3>"$1" | true' - "$out/status"
    [ -z "$stderr" ]
    [ "$(cat "$out/status")" -eq 1 ]
}

@test "a failure half-way leaves nothing in a pipe" {
    size=$(stat -c %s b.vs)
    head -c $((size - 1)) b.vs >"$out/cut.vs"
    run --separate-stderr bash -c '"$VEILSUM" combine -p plan.json a.vs "$1" | wc -c' - "$out/cut.vs"
    [ "$output" -eq 0 ]
}

@test "interrupted: exit 130 and no temporary file" {
    mkfifo "$out/fifo"
    for signal in INT TERM HUP; do
        sleep 30 >"$out/fifo" &
        holder=$!
        env --default-signal=INT,HUP,TERM "$VEILSUM" encrypt -p plan.json -r hub.pub --as A "$out/fifo" -o "$out/x" &
        pid=$!
        for i in $(seq 50); do
            [ -n "$(find "$out" -name '.veilsum-*')" ] && break
            sleep 0.1
        done
        [ -n "$(find "$out" -name '.veilsum-*')" ]
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        kill $holder
        wait $holder || true
        [ "$status" -eq 130 ]
        no_leftovers "$out"
        [ ! -e "$out/x" ]
    done
}

@test "nothing secret is left to core dumps" {
    mkfifo "$out/fifo"
    sleep 30 >"$out/fifo" &
    holder=$!
    "$VEILSUM" decrypt -p plan.json -k hub.key "$out/fifo" &
    pid=$!
    limit=
    for i in $(seq 50); do
        limit=$(awk '/Max core file size/ {print $5, $6}' /proc/$pid/limits)
        [ "$limit" = "0 0" ] && break
        sleep 0.1
    done
    kill $pid $holder
    wait $pid || true
    [ "$limit" = "0 0" ]
}

@test "closed standard streams: nothing that is said ends up in an output" {
    (umask 077; cp hub.key "$out/open.key"; chmod 644 "$out/open.key")
    for closed in '2>&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        bash -c "\"\$VEILSUM\" decrypt -p plan.json -k \"\$1\" total.vs -o \"\$2\" --force $closed" - "$out/open.key" "$out/r.csv"
        [ "$(cat "$out/r.csv")" = "$(expected_csv)" ]
        bash -c "\"\$VEILSUM\" keygen --bits 2048 --no-passphrase --force \"\$1\" $closed >/dev/null" - "$out/k" || true
        [ "$(head -n 1 "$out/k.key")" = "veilsum secret key 1" ]
        [ "$(head -n 1 "$out/k.pub")" = "veilsum public key 1" ]
    done
    fails 1 bash -c '"$VEILSUM" combine -p plan.json a.vs b.vs >&-'
    fails 1 bash -c '"$VEILSUM" combine -p plan.json a.vs - <&-'
}

@test "no threads to be had: the work is done with fewer" {
    (ulimit -s 200000000000) 2>/dev/null || skip "the limit of the stack cannot be raised"
    (
        ulimit -s 200000000000 # more than there are addresses for a second stack
        veilsum keygen --threads 4 --bits 2048 --no-passphrase "$out/k" >/dev/null
        veilsum encrypt --threads 4 -p plan.json -r hub.pub --as A --period 2026-11 a.csv -o "$out/a.vs"
        veilsum combine --threads 4 -p plan.json "$out/a.vs" b.vs -o "$out/t.vs"
    )
    [ "$(veilsum decrypt -p plan.json -k hub.key "$out/t.vs")" = "$(expected_csv)" ]
}

@test "a library that exits leaves no temporary file" {
    # OpenMP's own threads cannot get such a stack, and it ends the process.
    run env OMP_STACKSIZE=200000000000K "$VEILSUM" keygen --threads 4 --bits 2048 --no-passphrase "$out/k"
    [ "$status" -ne 0 ] || skip "this OpenMP carries on"
    no_leftovers "$out"
    [ ! -e "$out/k.key" ]
}
