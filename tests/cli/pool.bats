#!/usr/bin/env bats
# Pools of random factors: made, used, filled up, refused; nothing is used twice, whoever is killed when.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    veilsum keygen --bits 2048 --no-passphrase other >/dev/null 2>&1
    veilsum keygen --bits 2048 --degree 2 --no-passphrase second >/dev/null 2>&1
    printf '{"veilsum": 1, "vector": {"length": 1000, "scale": 0, "min": 0, "max": 1000},
        "contributors": {"min": 1, "max": 1000}, "opening": {"key": "%s"}}' "$(cat fingerprint)" >vector.json
    seq 1000 >vector.csv
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

# left FILE: how many factors are left.
left() {
    veilsum inspect "$1" | awk '$1 == "left" {print $2}'
}

# encrypt_from POOL NAME [WORDS...]: the small table.
encrypt_from() {
    local pool=$1 name=$2
    shift 2
    veilsum encrypt -p plan.json -r hub.pub --as "$name" --period 2026-11 --pool "$pool" a.csv "$@"
}

# Beginnings of the ciphertexts in contributions: their lowest digits are their factors'.
lowest_digits() {
    python3 - "$@" <<'END'
import struct, sys
for name in sys.argv[1:]:
    data = open(name, "rb").read()
    if len(data) < 16:
        continue
    at, = struct.unpack_from("<I", data, 12)
    count, = struct.unpack_from("<Q", data, 96)
    for i in range(min(count, (len(data) - at) // 512)):
        print(data[at + 512 * i:at + 512 * i + 32].hex())
END
}

@test "a pool is made, used, and says how much is left" {
    run --separate-stderr veilsum pool -r hub.pub --count 10 -o "$out/hub.pool"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum: note: $out/hub.pool holds 10 factors"*"never use a copy"* ]]
    [ "$(stat -c %a "$out/hub.pool")" = 600 ]
    no_leftovers "$out"
    run --separate-stderr veilsum inspect --json "$out/hub.pool"
    [[ $output == '{"type": "pool", "version": 1, "fingerprint": "'"$(cat fingerprint)"'", "bits": 2048, "degree": 1, "made": 10, "left": 10, "verified": true}' ]]
    run --separate-stderr encrypt_from "$out/hub.pool" A -o "$out/a.vs"
    [ "$status" -eq 0 ]
    [ -z "$output$stderr" ]
    used=$((10 - $(left "$out/hub.pool")))
    [ "$used" -eq "$(veilsum inspect a.vs | awk '$1 == "ciphertexts" {print $2}')" ]
    [ "$(veilsum combine -p plan.json "$out/a.vs" b.vs | veilsum decrypt -p plan.json -k hub.key)" = "$(expected_csv)" ]
}

@test "with another degree, too" {
    sed "s/$(cat fingerprint)/$(veilsum inspect second.pub | awk '$1 == "fingerprint" {print $2}')/" plan.json >"$out/p.json"
    veilsum pool -r second.pub -n 10 -o "$out/s.pool"
    for name in A B; do
        veilsum encrypt -p "$out/p.json" -r second.pub --as $name --pool "$out/s.pool" ${name,}.csv -o "$out/$name.vs"
    done
    [ "$(veilsum combine -p "$out/p.json" "$out"/?.vs | veilsum decrypt -p "$out/p.json" -k second.key)" = "$(expected_csv)" ]
}

@test "an independent reader finds the factors that encryption uses, and no used ones" {
    command -v python3 >/dev/null || skip "no python3"
    veilsum pool -r hub.pub -n 40 -o "$out/hub.pool"
    encrypt_from "$out/hub.pool" A -o "$out/a.vs"
    veilsum pool -r hub.pub -n 30 --add "$out/hub.pool"
    python3 "$here/../vectors/read_pool.py" "$out/hub.pool" >"$out/factors"
    [ "$(wc -l <"$out/factors")" -eq "$(left "$out/hub.pool")" ]
    encrypt_from "$out/hub.pool" B -o "$out/b.vs"
    lowest_digits "$out/b.vs" >"$out/digits"
    [ "$(cut -d' ' -f2 "$out/factors" | cut -c1-64 | head -n "$(wc -l <"$out/digits")")" = "$(cat "$out/digits")" ]
}

@test "more can be added" {
    veilsum pool -r hub.pub -n 1 -o "$out/hub.pool"
    encrypt_from "$out/hub.pool" A -o "$out/a.vs"
    [ "$(left "$out/hub.pool")" -eq 0 ]
    run --separate-stderr veilsum pool -r hub.pub -n 2000 --add "$out/hub.pool"
    [ "$status" -eq 0 ]
    [[ $stderr == *"holds 2000 factors"* ]]
    [ "$(left "$out/hub.pool")" -eq 2000 ]
    encrypt_from "$out/hub.pool" B >"$out/b.vs"
    [ "$(left "$out/hub.pool")" -eq 1999 ]
}

@test "too few: exit 75, and none is used up" {
    veilsum pool -r hub.pub -n 3 -o "$out/hub.pool"
    fails 75 veilsum encrypt -p vector.json -r hub.pub --as A --pool "$out/hub.pool" vector.csv -o "$out/x"
    hinted "--add"
    [ ! -e "$out/x" ]
    [ "$(left "$out/hub.pool")" -eq 3 ]
}

@test "another key's: exit 4; no pool: exit 3; none: exit 1" {
    veilsum pool -r other.pub -n 3 -o "$out/other.pool"
    veilsum pool -r second.pub -n 3 -o "$out/second.pool"
    for pool in other second; do
        fails 4 encrypt_from "$out/$pool.pool" A
        hinted "fingerprint begins with $(veilsum inspect "$out/$pool.pool" | awk '$1 == "fingerprint" {print substr($2, 1, 16)}')"
        fails 4 veilsum pool -r hub.pub -n 1 --add "$out/$pool.pool"
    done
    for wrong in plan.json hub.pub a.vs a.csv /dev/null .; do
        run --separate-stderr encrypt_from "$wrong" A
        [ "$status" -eq 3 ] || [ "$wrong" = . ]
        [ -z "$output" ]
    done
    fails 1 encrypt_from "$out/missing.pool" A
    fails 3 veilsum combine -p plan.json "$out/other.pool" b.vs
    fails 3 veilsum decrypt -p plan.json -k hub.key "$out/other.pool"
    hinted "a pool"
}

@test "a command line that makes no sense: exit 2" {
    fails 2 veilsum pool -r hub.pub -n 3
    fails 2 veilsum pool -r hub.pub -n 3 -o "$out/x" --add "$out/y"
    fails 2 veilsum pool -r hub.pub -n 3 --force --add "$out/y"
    fails 2 veilsum pool -r hub.pub -n 0 -o "$out/x"
    fails 2 veilsum pool -r hub.pub -n 3 -o -
    fails 2 veilsum pool -r hub.pub -n 3 -o /dev/null
    fails 2 veilsum pool -r hub.pub -o "$out/x"
    fails 3 veilsum pool -r plan.json -n 3 -o "$out/x"
    fails 1 veilsum pool -r hub.pub -n 3 --add "$out/missing"
    [ ! -e "$out/x" ]
    echo precious >"$out/x"
    fails 2 veilsum pool -r hub.pub -n 3 -o "$out/x"
    [ "$(cat "$out/x")" = precious ]
    veilsum pool -r hub.pub -n 3 -o "$out/x" --force
    [ "$(left "$out/x")" -eq 3 ]
    no_leftovers "$out"
}

@test "a copy: exit 5; a pool that was moved works" {
    veilsum pool -r hub.pub -n 3 -o "$out/hub.pool"
    cp -p "$out/hub.pool" "$out/copy.pool"
    fails 5 encrypt_from "$out/copy.pool" A
    fails 5 veilsum pool -r hub.pub -n 1 --add "$out/copy.pool"
    fails 5 veilsum inspect "$out/copy.pool"
    mv "$out/hub.pool" "$out/moved.pool"
    encrypt_from "$out/moved.pool" A >"$out/a.vs"
}

@test "an altered or cut pool: exit 4, nothing used up" {
    veilsum pool -r hub.pub -n 3 -o "$out/hub.pool"
    size=$(stat -c %s "$out/hub.pool")
    alter "$out/hub.pool" $((12288 + 300)) >"$out/altered"
    cp "$out/hub.pool" "$out/good"
    cat "$out/altered" >"$out/hub.pool" # the same file
    fails 4 encrypt_from "$out/hub.pool" A
    fails 4 veilsum inspect "$out/hub.pool"
    head -c $((size - 1)) "$out/good" >"$out/hub.pool"
    fails 4 encrypt_from "$out/hub.pool" A
    alter "$out/good" 100 >"$out/hub.pool"
    fails 4 encrypt_from "$out/hub.pool" A
    cat "$out/good" >"$out/hub.pool"
    [ "$(left "$out/hub.pool")" -eq 3 ]
}

@test "a pool is looked at through standard input only where that is the file" {
    veilsum pool -r hub.pub -n 3 -o "$out/hub.pool"
    run --separate-stderr bash -c '"$VEILSUM" inspect - <"$1"' - "$out/hub.pool"
    [ "$status" -eq 0 ]
    fails 3 bash -c 'cat "$1" | "$VEILSUM" inspect -' - "$out/hub.pool"
}

@test "two at a time never use the same factor" {
    command -v python3 >/dev/null || skip "no python3"
    veilsum pool -r hub.pub -n 600 -o "$out/hub.pool" 2>/dev/null
    before=$(left "$out/hub.pool")
    for i in 1 2 3 4 5 6 7 8; do
        veilsum encrypt -p vector.json -r hub.pub --as "N$i" --pool "$out/hub.pool" vector.csv -o "$out/$i.vs" 2>/dev/null &
    done
    veilsum pool -r hub.pub -n 50 --add "$out/hub.pool" 2>/dev/null
    wait
    lowest_digits "$out"/?.vs >"$out/digits"
    [ "$(wc -l <"$out/digits")" -eq $((before + 50 - $(left "$out/hub.pool"))) ]
    [ -z "$(sort "$out/digits" | uniq -d)" ]
    veilsum combine -p vector.json "$out"/?.vs -o "$out/total.vs"
    [ "$(veilsum decrypt -p vector.json -k hub.key "$out/total.vs" | sed -n '$p')" = 999,8000 ]
}

@test "a second one waits, and says so" {
    command -v flock >/dev/null || skip "no flock(1)"
    veilsum pool -r hub.pub -n 10 -o "$out/hub.pool" 2>/dev/null
    flock "$out/hub.pool" sleep 1 &
    sleep 0.3
    run --separate-stderr encrypt_from "$out/hub.pool" A -o "$out/a.vs"
    wait
    [ "$status" -eq 0 ]
    [[ $stderr == *"waiting for $out/hub.pool"* ]]
}

@test "killed at any moment: the pool stays usable, and no factor is used twice" {
    command -v python3 >/dev/null || skip "no python3"
    veilsum pool -r hub.pub -n 1500 -o "$out/hub.pool" 2>/dev/null
    for i in $(seq 20); do
        veilsum encrypt -p vector.json -r hub.pub --as "N$i" --pool "$out/hub.pool" vector.csv -o "$out/$i.vs" 2>/dev/null &
        pid=$!
        sleep "0.0$((RANDOM % 10))"
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    count=$(left "$out/hub.pool")
    [ "$count" -gt 0 ]
    veilsum encrypt -p vector.json -r hub.pub --as last --pool "$out/hub.pool" vector.csv -o "$out/last.vs"
    # What a killed one leaves under a temporary name counts as having left, too.
    lowest_digits $(find "$out" -name '*.vs' -o -name '.veilsum-*') >"$out/digits"
    [ -s "$out/digits" ]
    [ -z "$(sort "$out/digits" | uniq -d)" ]
    [ "$(veilsum combine -p vector.json "$out/last.vs" | veilsum decrypt -p vector.json -k hub.key | sed -n '$p')" = 999,1000 ]
}

@test "interrupted: what --add has finished stays, and a new pool disappears" {
    veilsum pool -r hub.pub -n 5 -o "$out/hub.pool" 2>/dev/null
    env --default-signal=INT "$VEILSUM" pool -r hub.pub -n 1000000 --add "$out/hub.pool" &
    pid=$!
    for i in $(seq 100); do
        [ "$(stat -c %s "$out/hub.pool")" -gt 500000 ] && break
        sleep 0.1
    done
    kill -INT $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 130 ]
    [ "$(left "$out/hub.pool")" -gt 5 ]
    env --default-signal=INT "$VEILSUM" pool -r hub.pub -n 1000000 -o "$out/new.pool" &
    pid=$!
    for i in $(seq 100); do
        [ -n "$(find "$out" -name '.veilsum-*')" ] && break
        sleep 0.1
    done
    kill -INT $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 130 ]
    [ ! -e "$out/new.pool" ]
    no_leftovers "$out"
}

@test "keys that are none, or damaged, come with what to do" {
    fails 3 veilsum pool -r a.csv -n 1 -o "$out/x"
    [[ $stderr == *"a.csv: not a public key"* ]]
    hinted "veilsum keygen"
    fails 3 veilsum pool -r hub.key -n 1 -o "$out/x"
    hinted "looks like a secret key"
    head -n 5 hub.pub >"$out/cut.pub"
    fails 3 veilsum pool -r "$out/cut.pub" -n 1 -o "$out/x"
    hinted "get it again"
    sed 's/key 1/key 2/' hub.pub >"$out/newer.pub"
    fails 3 veilsum pool -r "$out/newer.pub" -n 1 -o "$out/x"
    hinted "update veilsum"
    fails 3 veilsum decrypt -p plan.json -k hub.pub total.vs
    hinted "looks like a public key"
    head -n 5 hub.key >"$out/cut.key"
    chmod 600 "$out/cut.key"
    fails 3 veilsum decrypt -p plan.json -k "$out/cut.key" total.vs
    hinted "backup"
    [ ! -e "$out/x" ]
}

@test "a pool or a key is not taken for a table" {
    veilsum pool -r hub.pub -n 1 -o "$out/hub.pool"
    for wrong in "$out/hub.pool" hub.pub hub.key a.vs; do
        fails 3 veilsum encrypt -p plan.json -r hub.pub --as A "$wrong"
        [[ $stderr == *"$wrong is not a table"* ]]
        hinted "this looks like"
    done
}

@test "a folder that cannot be written, or is not there: exit 1 with a hint" {
    fails 1 veilsum pool -r hub.pub -n 1 -o "$out/nowhere/x"
    hinted "no such folder"
    fails 1 veilsum pool -r hub.pub -n 1 -o /proc/x
    hinted "folder"
}

@test "a full disk: exit 1, no pool" {
    fails 1 bash -c 'ulimit -f 16; "$VEILSUM" pool -r hub.pub -n 100 -o "$1"' - "$out/x"
    [ ! -e "$out/x" ]
    no_leftovers "$out"
}
