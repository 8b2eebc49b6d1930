#!/usr/bin/env bats
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_material
    printf '{"veilsum": 1, "vector": {"length": 3, "scale": 2, "min": -10, "max": 10},
        "contributors": {"min": 2, "max": 9}, "opening": {"key": "%s"}}' "$(cat fingerprint)" >vector.json
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

@test "the stages say nothing when all is well" {
    run veilsum encrypt -p plan.json -r hub.pub --as C a.csv -o "$out/c.vs"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run veilsum combine -p plan.json a.vs b.vs -o "$out/t.vs"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    no_leftovers "$out"
}

@test "the total is exact" {
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key total.vs
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "$output" = "$(expected_csv)" ]
    veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/r.csv"
    [ "$(cat "$out/r.csv")" = "$(expected_csv)" ]
}

@test "every stage pipes" {
    result=$(cat a.csv | veilsum encrypt -p plan.json -r hub.pub --as A --period x |
        veilsum combine -p plan.json - <(veilsum encrypt -p plan.json -r hub.pub --as B --period x - <b.csv) |
        veilsum decrypt -p plan.json -k hub.key)
    [ "$result" = "$(expected_csv)" ]
}

@test "several contributions in a row come through standard input" {
    result=$(cat a.vs b.vs | veilsum combine -p plan.json - -o - | veilsum decrypt -p plan.json -k hub.key - -o -)
    [ "$result" = "$(expected_csv)" ]
}

@test "one from a pipe and one from a file" {
    veilsum combine -p plan.json - b.vs <a.vs >"$out/t.vs"
    cmp "$out/t.vs" total.vs
}

@test "totals combine to the same bytes as everything at once" {
    veilsum encrypt -p plan.json -r hub.pub --as C --period 2026-11 a.csv -o "$out/c.vs"
    veilsum combine -p plan.json a.vs b.vs "$out/c.vs" -o "$out/all.vs"
    veilsum combine -p plan.json "$out/c.vs" total.vs -o "$out/tree.vs"
    cmp "$out/all.vs" "$out/tree.vs"
}

@test "the number of threads does not change a total" {
    veilsum combine --threads 1 -p plan.json a.vs b.vs -o "$out/one.vs"
    veilsum combine --threads 2 -p plan.json b.vs a.vs -o "$out/two.vs"
    cmp "$out/one.vs" "$out/two.vs"
    cmp "$out/one.vs" total.vs
}

@test "JSON, a table, and CSV for spreadsheets" {
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key --format json total.vs
    [ "$status" -eq 0 ]
    [[ $output == *'"veilsum_result"'*'"2026-11"'*'"13.00"'* ]]
    veilsum decrypt -p plan.json -k hub.key total.vs -o "$out/r.json"
    [ "$(cat "$out/r.json")" = "$output" ]
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key --format table total.vs
    [ "$status" -eq 0 ]
    [[ $output == *"sum(Cost)"*"103.00"* ]]
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key --for-spreadsheet total.vs
    [[ $output == $'\xef\xbb\xbf'* ]]
    fails 2 veilsum decrypt -p plan.json -k hub.key --for-spreadsheet --format json total.vs
    fails 2 veilsum decrypt -p plan.json -k hub.key --format npy total.vs
}

@test "a terminal gets a table, and no binary" {
    command -v script >/dev/null || skip "no script(1)"
    run script -qec "'$VEILSUM' decrypt -p plan.json -k hub.key total.vs" /dev/null </dev/null
    [ "$status" -eq 0 ]
    [[ $output != *"State,count"* ]]
    [[ $output == *"103.00"* ]]
    run script -qec "'$VEILSUM' combine -p plan.json a.vs b.vs" /dev/null </dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"binary data is not written to a terminal"*"hint: "*"-o"* ]]
    run script -qec "'$VEILSUM' combine -p plan.json a.vs b.vs -o /dev/stdout" /dev/null </dev/null
    [ "$status" -eq 2 ]
    run script -qec "'$VEILSUM' encrypt -p plan.json -r hub.pub --as A -o '$out/x.vs'" /dev/null </dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"standard input is a terminal"* ]]
}

@test "the reading options are the owner's own" {
    printf 'Land;Kosten;more\nN;10,50;x\nN;2,25;NA\nS;100;\nS;NA;y\n' >"$out/c.csv"
    veilsum encrypt -p plan.json -r hub.pub --as A --period 2026-11 --delimiter ';' --decimal , --column State=Land \
        --column Cost=Kosten --missing NA "$out/c.csv" -o "$out/c.vs"
    result=$(veilsum combine -p plan.json "$out/c.vs" b.vs | veilsum decrypt -p plan.json -k hub.key)
    [ "$result" = "$(expected_csv | sed 's/^S,3,/S,4,/')" ]
    for tab in tab '\t'; do
        tr ';' '\t' <"$out/c.csv" | veilsum encrypt -p plan.json -r hub.pub --as A --delimiter "$tab" --decimal , \
            --column State=Land --column Cost=Kosten --missing NA >/dev/null
    done
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --delimiter ab a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --decimal ';' a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --column Stat=Land a.csv
    hinted "State"
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --column State a.csv
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --column State= a.csv
    [[ $stderr == *"not PLAN=TABLE"* ]]
    fails 2 veilsum encrypt -p plan.json -r hub.pub --as A --column State=a --column State=b a.csv
}

@test "rows that the plan leaves out are counted in a note" {
    sed 's/\["N", "S"\]/["N", "S"], "other": "drop"/' plan.json >"$out/drop.json"
    printf 'State,Cost\nN,1\nX,2\nY,3\n' >"$out/d.csv"
    run --separate-stderr veilsum encrypt -p "$out/drop.json" -r hub.pub --as A "$out/d.csv" -o "$out/d.vs"
    [ "$status" -eq 0 ]
    [[ $stderr == "veilsum: note: 2 of 3 rows left out"* ]]
}

@test "a header without rows contributes zeros" {
    printf 'State,Cost\n' | veilsum encrypt -p plan.json -r hub.pub --as Z --period 2026-11 -o "$out/z.vs"
    result=$(veilsum combine -p plan.json total.vs "$out/z.vs" | veilsum decrypt -p plan.json -k hub.key)
    [ "$result" = "$(expected_csv)" ]
}

@test "vectors, as text and as arrays" {
    printf '1.5\n-2\n0.25\n' | veilsum encrypt -p vector.json -r hub.pub --as A -o "$out/va.vs"
    {   # float64, three elements: 1, 1, 1
        header="{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"
        printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"
        for i in 1 2 3; do printf '\x00\x00\x00\x00\x00\x00\xf0\x3f'; done
    } >"$out/b.npy"
    veilsum encrypt -p vector.json -r hub.pub --as B "$out/b.npy" -o "$out/vb.vs"
    cat "$out/b.npy" | veilsum encrypt -p vector.json -r hub.pub --as C -o "$out/vc.vs"
    veilsum combine -p vector.json "$out"/v?.vs -o "$out/v.vs"
    run --separate-stderr veilsum decrypt -p vector.json -k hub.key "$out/v.vs"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "0,3.50" ]
    [ "${lines[2]}" = "1,0.00" ]
    [ "${lines[3]}" = "2,2.25" ]
    veilsum decrypt -p vector.json -k hub.key "$out/v.vs" -o "$out/r.npy"
    [ "$(head -c 6 "$out/r.npy" | tail -c 5)" = NUMPY ]
    [ "$(tail -c 8 "$out/r.npy" | od -An -tf8 | tr -d ' ')" = 2.25 ]
    fails 3 veilsum encrypt -p plan.json -r hub.pub --as B "$out/b.npy"
    hinted "vector"
    fails 3 veilsum encrypt -p vector.json -r hub.pub --as B --format npy a.csv
}

@test "a list of files, from a file and from standard input" {
    printf 'a.vs\n\nb.vs\n' >"$out/list"
    veilsum combine -p plan.json --files-from "$out/list" -o "$out/t1.vs"
    veilsum combine -p plan.json --files-from - -o "$out/t2.vs" <"$out/list"
    printf 'b.vs' | veilsum combine -p plan.json a.vs --files-from - -o "$out/t3.vs"
    for t in 1 2 3; do cmp "$out/t$t.vs" total.vs; done
    fails 1 veilsum combine -p plan.json --files-from missing
    : >"$out/empty"
    fails 2 veilsum combine -p plan.json --files-from "$out/empty"
    fails 2 bash -c '"$VEILSUM" combine -p plan.json - --files-from - <a.vs'
    [[ $stderr == *"standard input"* ]]
}

@test "more inputs than open files" {
    mkdir "$out/many"
    for i in $(seq 60); do
        veilsum encrypt -p plan.json -r hub.pub --as "owner $i" a.csv -o "$out/many/$i.vs"
    done
    (ulimit -n 32; veilsum combine -p plan.json "$out"/many/*.vs -o "$out/t.vs")
    run --separate-stderr veilsum decrypt -p plan.json -k hub.key "$out/t.vs"
    [ "${lines[1]}" = "N,120,765.00,6.375" ]
    [ "${lines[2]}" = "S,60,6000.00,100" ]
}
