# Sessions of real processes, for join.bats and serve.bats: a roster, a plan for each opening, a board, parties.
#
# All plans say the same but for their opening: four owners NORTH, SOUTH, EAST and WEST, the aggregator HUB, and ANNA,
# BERT and CLEO who may open: with a key ANNA does, by threshold any two of them, of shares all are servers.

OWNERS="NORTH SOUTH EAST WEST"
PERIOD=2026-11

# session_plan OPENING [GROUPS]
session_plan() {
    local name lines=""
    for name in $OWNERS; do
        lines="$lines    {\"identity\": \"$(cat $name.id.pub)\", \"organisation\": \"Air $name\", \"may\": [\"contribute\"]},
"
    done
    for name in ANNA BERT CLEO; do
        lines="$lines    {\"identity\": \"$(cat $name.id.pub)\", \"organisation\": \"Office $name\", \"may\": [\"open\"]},
"
    done
    cat <<END
{
  "veilsum": 1,
  "columns": {"State": {"values": ["N", "S"]}, "Cost": {"scale": 2, "min": 0, "max": 1000}},
  "by": ["State"],
  "measures": [{"count": "rows"}, {"sum": "Cost"}, {"mean": "Cost"}],
  "rows": {"max": 1000},
  "contributors": {"min": 3},
  ${2:-}
  "roster": [
$lines    {"identity": "$(cat HUB.id.pub)", "organisation": "Hub", "may": ["aggregate"]}
  ],
  "signatures": 1,
  "opening": $1
}
END
}

# write_session_plan NAME OPENING [GROUPS]: the plan and its signature.
write_session_plan() {
    session_plan "$2" "${3:-}" >"$1.json"
    veilsum plan sign -i HUB.id "$1.json" >/dev/null 2>&1
}

# Everything that the tests of a file share, in the current directory.
make_sessions() {
    local name groups='"groups": {"min_rows": 4},'
    for name in $OWNERS HUB ANNA BERT CLEO OUTSIDER; do
        veilsum identity --no-passphrase "$name" >/dev/null 2>&1
    done
    cp "$here/../fixtures/k2048.key" hub.key
    chmod 600 hub.key
    veilsum keygen --public hub >/dev/null 2>&1
    local key holders

    key=$(veilsum inspect --json hub.pub | tr ',' '\n' | sed -n 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/p')
    write_session_plan key "{\"key\": \"$key\"}"
    write_session_plan key.groups "{\"key\": \"$key\"}" "$groups"
    write_session_plan shares2 '{"shares": ["ANNA", "BERT"]}'
    write_session_plan shares2.groups '{"shares": ["ANNA", "BERT"]}' "$groups"
    write_session_plan shares3 '{"shares": ["ANNA", "BERT", "CLEO"]}'
    write_session_plan shares3.groups '{"shares": ["ANNA", "BERT", "CLEO"]}' "$groups"
    write_session_plan masks '{"masks": {"corrupt": 0, "absent": 25}}'
    if [ "${1:-}" = threshold ]; then
        veilsum keygen --bits 2048 --threshold 2/3 --holder ANNA.id.pub --holder BERT.id.pub --holder CLEO.id.pub \
            many >fingerprints 2>/dev/null
        holders="{\"threshold\": \"$(sed -n 's/^threshold //p' fingerprints)\",\
 \"holders\": \"$(sed -n 's/^holders //p' fingerprints)\"}"
        write_session_plan threshold "$holders"
        write_session_plan threshold.groups "$holders" "$groups"
    fi
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >NORTH.csv
    printf 'State,Cost\nN,0.25\nS,1\n' >SOUTH.csv
    printf 'State,Cost\nN,1000\nS,2.02\n' >EAST.csv
    printf 'State,Cost\nN,7\n' >WEST.csv
}

sum_csv() {
    printf 'State,count(rows),sum(Cost),mean(Cost)\nN,5,1020.00,204\nS,3,103.02,34.34\n'
}

# The same with fewer than four rows left out.
groups_csv() {
    printf 'State,count(rows),sum(Cost),mean(Cost)\nN,5,1020.00,204\nS,*,*,*\n'
}

# in_background NAME COMMAND...: NAME.out, NAME.err, and its process in NAME.pid; ends with its test.
in_background() {
    local name=$1
    shift
    "$@" >"$out/$name.out" 2>"$out/$name.err" 3>&- &
    echo $! >"$out/$name.pid"
}

pid_of() {
    cat "$out/$1.pid"
}

# ended NAME [STATUS]: the process has come to its end with this exit status.
ended() {
    local name=$1 expected=${2:-0} got=0
    wait "$(pid_of "$name")" || got=$?
    rm "$out/$name.pid"
    if [ "$got" -ne "$expected" ]; then
        echo "$name: exit $got, not $expected"
        cat "$out/$name.out" "$out/$name.err"
        return 1
    fi
}

end_all() {
    local file
    for file in "$out"/*.pid; do
        [ ! -e "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null || true
    done
}

# until_said NAME TEXT: on standard error, within a minute.
until_said() {
    local i
    for i in $(seq 600); do
        ! grep -qF -- "$2" "$out/$1.err" || return 0
        sleep 0.1
    done
    echo "$1 has not said: $2"
    cat "$out/$1.err"
    return 1
}

# start_serve PLAN OPTION...: a board of the plan; its address is in $url.
start_serve() {
    local plan=$1 identity="-i HUB.id"
    shift
    case $plan in shares*) identity="" ;; esac
    in_background serve "$VEILSUM" serve $identity --period $PERIOD --listen "${LISTEN:-127.0.0.1:0}" --state "$out/board" "$@" "$plan.json"
    until_said serve "the board is at "
    url=$(sed -n 's/.*the board is at //p' "$out/serve.err" | head -1)
}

# start_owner NAME PLAN WHERE OPTION...
start_owner() {
    local name=$1 plan=$2 where=$3
    shift 3
    case $plan in key*) set -- -r hub.pub "$@" ;; threshold*) set -- -r many.pub "$@" ;; esac
    in_background "$name" "$VEILSUM" join -p "$plan.json" -i "$name.id" --journal "$out/$name.sessions" "$@" "$where" "$name.csv"
}

# start_opener NAME PLAN WHERE OPTION...
start_opener() {
    local name=$1 plan=$2 where=$3
    shift 3
    case $plan in
    key*) set -- -k hub.key --openings "$out/$name.openings" "$@" ;;
    threshold*) set -- --holders many.holders --share "many.$name.share" --openings "$out/$name.openings" "$@" ;;
    esac
    in_background "$name" "$VEILSUM" join -p "$plan.json" -i "$name.id" --journal "$out/$name.sessions" "$@" "$where"
}

# openers PLAN: who opens it here.
openers() {
    case $1 in
    key*) echo ANNA ;;
    threshold*) echo BERT CLEO ;;
    shares2*) echo ANNA BERT CLEO ;;
    shares3*) echo ANNA BERT CLEO ;;
    masks*) echo CLEO ;;
    esac
}
