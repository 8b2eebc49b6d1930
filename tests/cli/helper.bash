# What the scripts share: where the program is, and small material to work on. Each file makes its own, once.
bats_require_minimum_version 1.5.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VEILSUM=${VEILSUM:-$here/../../build/veilsum}
VEILSUM_BUILD=${VEILSUM_BUILD:-$(dirname "$VEILSUM")}
export VEILSUM VEILSUM_BUILD

veilsum() {
    "$VEILSUM" "$@"
}

# write_plan FINGERPRINT [MIN-CONTRIBUTORS]: two states, their rows, the sum and the mean of a cost.
write_plan() {
    cat <<END
{
  "veilsum": 1,
  "title": "Costs by state",
  "columns": {
    "State": {"values": ["N", "S"]},
    "Cost": {"scale": 2, "min": 0, "max": 1000}
  },
  "by": ["State"],
  "measures": [{"count": "rows"}, {"sum": "Cost"}, {"mean": "Cost"}],
  "rows": {"max": 1000},
  "contributors": {"min": ${2:-2}, "max": 200},
  "opening": {"key": "$1"}
}
END
}

# A key, a plan, two tables, their contributions and their total, in the current directory.
make_material() {
    veilsum keygen --bits 2048 --no-passphrase hub >fingerprint 2>/dev/null
    write_plan "$(cat fingerprint)" >plan.json
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >a.csv
    printf 'State,Cost\nN,0.25\nS,1\nS,2\n' >b.csv
    veilsum encrypt -p plan.json -r hub.pub --as A --period 2026-11 a.csv -o a.vs
    veilsum encrypt -p plan.json -r hub.pub --as B --period 2026-11 b.csv -o b.vs
    veilsum combine -p plan.json a.vs b.vs -o total.vs
}

# What the total of make_material opens to.
expected_csv() {
    printf 'State,count(rows),sum(Cost),mean(Cost)\n'
    printf 'N,3,13.00,4.33333333333333\nS,3,103.00,34.3333333333333\n'
}

# fails STATUS COMMAND...: that exit status, an error, and nothing on standard output.
fails() {
    local expected=$1
    shift
    run --separate-stderr "$@"
    if [ "$status" -ne "$expected" ] || [ -n "$output" ] || [[ $stderr != *"veilsum: error: "* ]]; then
        echo "expected exit $expected, an error and no output of: $*"
        echo "exit: $status"
        echo "stdout: $output"
        echo "stderr: $stderr"
        return 1
    fi
}

# The hint of the last command that failed says this.
hinted() {
    if [[ $stderr != *"veilsum: hint: "*"$1"* ]]; then
        echo "no hint with '$1' in: $stderr"
        return 1
    fi
}

# Nothing that a temporary file would leave.
no_leftovers() {
    [ -z "$(find "${1:-.}" -name '.veilsum-*')" ]
}

# The file with one byte changed, to standard output: alter FILE OFFSET.
alter() {
    local other=X
    [ "$(tail -c +$(($2 + 1)) "$1" | head -c 1 | tr -d '\0')" != X ] || other=Y
    head -c "$2" "$1"
    printf %s "$other"
    tail -c +$(($2 + 2)) "$1"
}
