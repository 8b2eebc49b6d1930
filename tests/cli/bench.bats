#!/usr/bin/env bats
# The benchmark's program. Nothing here asserts a time.
load helper

VEILSUM_BENCH=${VEILSUM_BENCH:-$VEILSUM_BUILD/veilsum-bench}
export OMP_WAIT_POLICY=passive # other tests run at the same time

setup() {
    [ -x "$VEILSUM_BENCH" ] || skip "veilsum-bench is not built"
}

# One small run in every format, for all tests below.
setup_file() {
    export bench=${VEILSUM_BENCH:-$VEILSUM_BUILD/veilsum-bench} out=$BATS_FILE_TMPDIR
    [ -x "$bench" ] || return 0
    "$bench" --seconds 0 --bits 2048 --degree 1 --backend gmp --threads 1 --op product,combine,pack,csv --json >"$out/json"
}

# refused TEXT OPTION...: exit 2, this on standard error with a hint, nothing on standard output.
refused() {
    local text=$1
    shift
    run --separate-stderr "$VEILSUM_BENCH" "$@"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum-bench: error: "*"$text"*"veilsum-bench: hint: "* ]]
}

@test "help goes to standard output, names every operation, and is no wider than 100 columns" {
    run --separate-stderr "$VEILSUM_BENCH" --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for word in --bits --degree --backend --threads --op --seconds --quick --json --csv --report keygen pipe-encrypt; do
        [[ $output == *" $word"* ]]
    done
    [ -z "$(awk 'length > 100' <<<"$output")" ]
}

@test "what needs no key is timed once, whatever the sizes, and beside libsodium" {
    command -v python3 >/dev/null || skip "no python3"
    "$VEILSUM_BENCH" --seconds 0 --bits 2048,3072 --degree 1,2 --threads 1 --op stream,mask,split,join --json >"$BATS_TEST_TMPDIR/json"
    python3 - "$BATS_TEST_TMPDIR/json" <<'END'
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
assert [r["op"] for r in rows] == ["stream", "mask", "split", "join"], rows
assert [r["unit"] for r in rows] == ["byte", "cell", "secret", "secret"]
assert [r["ratio_to_textbook"] is not None for r in rows] == [True, True, False, False]
END
}

@test "JSON has the machine, a row for each operation with all figures, and the targets" {
    command -v python3 >/dev/null || skip "no python3"
    python3 - "$out/json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["veilsum_bench"] == 1
assert d["machine"]["threads"] >= 1 and d["machine"]["read_bytes_per_second_one_thread"] > 0
assert [r["op"] for r in d["rows"]] == ["combine", "product", "csv", "pack"], d["rows"]
for r in d["rows"]:
    assert r["bits"] == 2048 and r["degree"] == 1 and r["threads"] == 1 and r["backend"] == "gmp"
    assert r["count"] > 0 and r["samples"] == 5 and 0 < r["min_s"] <= r["median_s"] <= r["p90_s"]
    assert abs(r["per_second"] * r["median_s"] - 1) < 1e-6
    assert isinstance(r["noisy"], bool)
by = {r["op"]: r for r in d["rows"]}
assert by["combine"]["ratio_to_textbook"] > 0 and by["csv"]["ratio_to_textbook"] is None
assert by["combine"]["roof_ifmas"] == 2000 and by["csv"]["roof_ifmas"] is None
assert by["combine"]["bytes"] == 512 and by["csv"]["other_unit"] == "cell" and by["csv"]["others_per_second"] > 0
for op, secret in (("product", True), ("pack", True), ("combine", False), ("csv", False)):
    assert by[op]["density_samples"] == (18 if secret else 0)
    assert (by[op]["density_r"] is not None) == secret
has_peak = d["machine"]["peak_ifmas_per_second"] is not None
assert (by["product"]["roof_fraction"] is not None) == has_peak
targets = {(t["text"], t["bits"]): t for t in d["targets"]}
assert len(targets) == len(d["targets"]) == 29
for t in d["targets"]:
    measured = t["reached"] is not None
    assert (t["met"] is not None) == measured
    row = by.get(t["op"]) if t["bits"] == 2048 and t["degree"] == 1 else None
    assert t["noisy"] == bool(measured and row["noisy"]), t
    # What was not run is not made up.
    if t["op"] not in by or t["bits"] != 2048 or t["degree"] != 1:
        assert not measured, t
END
}

@test "CSV has a header and as many fields in every row" {
    run --separate-stderr "$VEILSUM_BENCH" --seconds 0 --bits 2048 --degree 2 --backend gmp --threads 1 --op square --csv
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == op,bits,degree,backend,threads,* ]]
    [[ ${lines[1]} == square,2048,2,gmp,1,* ]]
    [ "$(awk -F, '{ print NF }' <<<"$output" | sort -u | wc -l)" -eq 1 ]
}

@test "the table is no wider than 100 columns and ends with what was asked beside what was reached" {
    run --separate-stderr "$VEILSUM_BENCH" --seconds 0 --bits 2048 --degree 1 --backend gmp --threads 1 --op square
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ -z "$(awk 'length > 100' <<<"$output")" ]
    [[ $output == *"ring square, fraction of its roof"*"decrypt, subgroup key "*"not measured"* ]]
    # a figure from a noisy row is marked as the row is
    if [[ $(grep '^ring square' <<<"$output") =~ \ (ok|no)(~|\ ) ]]; then
        [ "${BASH_REMATCH[2]}" = "$(grep -q '^square .*~$' <<<"$output" && echo '~' || echo ' ')" ]
    fi
}

@test "a report has its three files" {
    folder=$BATS_TEST_TMPDIR/report
    "$VEILSUM_BENCH" --seconds 0 --bits 2048 --degree 1 --backend gmp --threads 1 --op square --report "$folder" >/dev/null
    [ -s "$folder/bench.json" ]
    [ "$(wc -l <"$folder/bench.csv")" -eq 2 ]
    grep -q '^| square | 2048 | 1 | gmp | 1 |' "$folder/report.md"
    grep -q '| decrypt, subgroup key | >= 40x | not measured | >= 50x | not measured |' "$folder/report.md"
}

@test "pictures are drawn from a report, as SVG and PNG, and a page without one does not name it" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    folder=$BATS_TEST_TMPDIR/report
    "$VEILSUM_BENCH" --seconds 0 --bits 2048 --degree 1 --backend gmp --threads 1 --op square --report "$folder" >/dev/null
    run sh "$here/../../bench/plots/draw.sh" "$folder"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $(head -c 8 "$folder/baseline.png" | tail -c 7) == PNG* ]]
    grep -q '<svg' "$folder/baseline.svg"
    [ ! -e "$folder/scaling.png" ]
    ! grep -q 'scaling.svg' "$folder/report.md"
}

@test "unknown options and values are refused with exit 2" {
    refused "'--frobnicate' is not understood" --frobnicate
    refused "unexpected argument 'fast'" fast
    refused "--bits needs a value" --bits
    refused "--bits: '1024'" --bits 1024
    refused "--bits: '2049'" --bits 2049
    refused "--bits: '99999999999999999999'" --bits 99999999999999999999
    refused "--bits: ''" --bits 2048,
    refused "--bits: ''" --bits ''
    refused "--degree: '5'" --degree 1,5
    refused "--degree: '-1'" --degree -1
    refused "--threads: '0'" --threads 0
    refused "--threads: '1e3'" --threads 1e3
    refused "--threads: more than 16 values" --threads 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
    refused "--op: 'divide' is not an operation" --op encrypt,divide
    refused "--op: 'encryp' is not an operation" --op encryp
    refused "--backend: 'abacus' is not a backend" --backend gmp,abacus
    refused "--seconds: 'soon'" --seconds soon
    refused "--seconds: '-1'" --seconds -1
    refused "--seconds: 'nan'" --seconds nan
    refused "--json and --csv" --json --csv
    refused "--report has an empty value" --report ''
    VEILSUM_BACKEND=abacus refused "VEILSUM_BACKEND: 'abacus' is not a backend" --op square
}

@test "a folder that cannot be made is noticed before anything is timed" {
    run --separate-stderr "$VEILSUM_BENCH" --report /proc/nothing/here
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum-bench: error: cannot write into '/proc/nothing/here'"*"veilsum-bench: hint: "* ]]
    [ "${#stderr_lines[@]}" -eq 2 ]
}

@test "help to a full disk is an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    run --separate-stderr bash -c '"$1" --help >/dev/full' - "$VEILSUM_BENCH"
    [ "$status" -eq 1 ]
    [[ $stderr == "veilsum-bench: error: cannot write standard output"* ]]
}

@test "an older report stays until a new one is complete" {
    folder=$BATS_TEST_TMPDIR/report
    mkdir "$folder"
    for name in bench.json bench.csv report.md; do echo old >"$folder/$name"; done
    run timeout -s INT 0.5 "$VEILSUM_BENCH" --seconds 30 --bits 2048 --degree 1 --backend gmp --threads 1 --op square --report "$folder"
    [ "$(cat "$folder/bench.json" "$folder/bench.csv" "$folder/report.md" | sort -u)" = old ]
    "$VEILSUM_BENCH" --seconds 0 --bits 2048 --degree 1 --backend gmp --threads 1 --op square --report "$folder" >/dev/null
    [ "$(ls -A "$folder" | wc -l)" -eq 3 ]
    ! grep -qx old "$folder"/*
}

@test "without gnuplot the figures stay, and it says how to draw them later" {
    run --separate-stderr env PATH="$BATS_TEST_TMPDIR" /bin/sh "$here/../../bench/plots/draw.sh" "$BATS_TEST_TMPDIR"
    [ "$status" -eq 1 ]
    [[ $stderr == *"error: there is no gnuplot"*"hint: install it"* ]]
}

# ./run in a copy of the tree's outermost folder, with stubs for what it calls: where do paths go?
@test "./run bench called from another folder means paths there" {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/build" "$tree/bin" "$tree/bench/plots" "$BATS_TEST_TMPDIR/elsewhere"
    cp "$here/../../run" "$tree"
    touch "$tree/build/build.ninja"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$(cd "$tree" && pwd -P)" >"$tree/build/CMakeCache.txt"
    printf '#!/bin/sh\nprintf installed\n' >"$tree/bin/dpkg-query"
    printf '#!/bin/sh\n' >"$tree/bin/cmake"
    printf '#!/bin/sh\necho "in $(pwd): $*"\n' | tee "$tree/build/veilsum-bench" >"$tree/bench/plots/draw.sh"
    chmod +x "$tree"/bin/* "$tree/build/veilsum-bench"
    cd "$BATS_TEST_TMPDIR/elsewhere"
    run env PATH="$tree/bin:$PATH" "$tree/run" bench --quick --report mine
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "in $PWD: --report mine --quick --report mine" ]
    [ "${lines[1]}" = "in $PWD: mine" ]
    run env PATH="$tree/bin:$PATH" "$tree/run" bench
    [ "${lines[0]}" = "in $PWD: --report $tree/build/bench" ]
    run env PATH="$tree/bin:$PATH" "$tree/run" bench --csv --report mine
    [ "$output" = "in $PWD: --csv --report mine" ]
    run env PATH="$tree/bin:$PATH" "$tree/run" bench --report
    [ "$output" = "in $PWD: --report" ]
}

@test "veilsum bench passes everything on, exit status included" {
    run --separate-stderr veilsum bench --bits 7
    [ "$status" -eq 2 ]
    [[ $stderr == "veilsum-bench: error: --bits: '7'"* ]]
    run --separate-stderr veilsum bench --help
    [ "$output" = "$("$VEILSUM_BENCH" --help)" ]
}

@test "veilsum bench without veilsum-bench says where it looked" {
    cp "$VEILSUM" "$BATS_TEST_TMPDIR/veilsum"
    run --separate-stderr env PATH=/nowhere "$BATS_TEST_TMPDIR/veilsum" bench
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum: error: cannot run veilsum-bench: "*"veilsum: hint: "*"PATH"* ]]
}
