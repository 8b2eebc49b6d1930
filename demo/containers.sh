#!/bin/sh
# Sums across machines: each party in a container of its own, a network between them, and what goes wrong in networks.
# sh demo/containers.sh [--keep] [key|shares|masks …]; ./run demo --containers builds the program first.
#
#   key      five owners, a board that combines, the ministry with its key: `up`, and the table
#   shares   three servers; an owner is killed in mid-round and started again, and another's network is cut for a while
#   masks    six owners; one is killed in mid-round and stays away: the total is that of the other five
#
# VEILSUM_IMAGE names an image that is there already; else one is built, and its base from Debian's packages.
# Each table that a container prints is compared with awk's sums in the clear over the owners who are in it.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/.." && pwd -P)
built=$root/build/containers # what may be used again: the base, the engine's layers
VEILSUM=${VEILSUM:-$root/build/veilsum}
export VEILSUM
patience_s=120
. "$root/containers/engine.sh"

keep=
skip=1
chosen=
for option; do
    case $option in
    --keep) keep=1 ;;
    --or-skip) skip=77 ;; # the exit status where there can be no engine
    key | shares | masks) chosen="$chosen $option" ;;
    *)
        echo "demo: error: no option '$option' (there are --keep, key, shares and masks)" >&2
        exit 2
        ;;
    esac
done
[ -n "$chosen" ] || chosen='key shares masks'
[ -x "$VEILSUM" ] || {
    echo "demo: error: $VEILSUM is not there; ./run build makes it" >&2
    exit 1
}

if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi
begun=$(date +%s)
say() {
    printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"
}
tell() {
    printf '%4d s  %s\n' $(($(date +%s) - begun)) "$*"
}
fail() {
    printf 'demo: error: %s\n' "$1" >&2
    shift
    for hint; do
        printf 'demo: hint: %s\n' "$hint" >&2
    done
    exit 1
}

work=$(mktemp -d "${TMPDIR:-/tmp}/veilsum-containers.XXXXXX")
scene=
finish() {
    [ -z "$scene" ] || leave_scene
    engine_stop
    [ -n "$keep" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- containers ----

# in_scene COMMAND…: compose, for the composition that is played.
in_scene() {
    compose --project-name "$project" --env-file "$folder/settings" --file "$root/containers/$file" "$@"
}

# The parties of a composition, and their containers, made but not started.
enter_scene() { # OPENING FILE OWNERS
    scene=$1 file=$2 folder=$work/$1 project=veilsum-demo-$1-$$
    sh "$root/containers/prepare.sh" "$1" "$folder" "$3"
    printf 'VEILSUM_WAIT=%s\nVEILSUM_LINGER=5s\nVEILSUM_IMAGE=%s\n' "$wait" "$image" >>"$folder/settings"
    in_scene config --quiet || fail "$file is not what this compose understands"
    pin=$(sed -n 's/^VEILSUM_PIN=//p' "$folder/settings")
}

create() {
    quietly in_scene up --no-start
}

leave_scene() {
    for feeder in "$folder"/*/feeder; do
        [ ! -f "$feeder" ] || kill "$(cat "$feeder")" 2>/dev/null || true
    done
    quietly in_scene down --volumes --timeout 5 || true
    scene=
}

# What compose has to say is of interest only when it goes wrong.
quietly() {
    "$@" >"$work/quiet.log" 2>&1 || {
        cat "$work/quiet.log" >&2
        return 1
    }
}

id_of() { # SERVICE
    docker ps --all --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}

network() {
    docker network ls --quiet --filter "label=com.docker.compose.project=$project"
}

# each COMMAND SERVICE…: docker COMMAND for each, in turn.
each() {
    command=$1
    shift
    for service; do
        docker "$command" "$(id_of "$service")" >/dev/null
    done
}

# ---- an owner that reads its table slowly: from a pipe that is fed from here ----

as_image_user() {
    [ "$(id -u)" -ne 0 ] || chown 10001:10001 "$@"
}

hold_back() { # SERVICE
    mv "$folder/$1/data.csv" "$folder/$1/whole.csv"
    mkfifo "$folder/$1/data.csv"
    as_image_user "$folder/$1/data.csv"
}

# feed SERVICE ROWS: returns when it has begun to read and has got this much; the rest comes when it is told to.
feed() {
    (
        exec >"$folder/$1/data.csv"
        head -n "$2" "$folder/$1/whole.csv"
        : >"$folder/$1/fed"
        until [ -e "$folder/$1/go" ]; do
            sleep 0.1
        done
        tail -n "+$(($2 + 1))" "$folder/$1/whole.csv"
    ) &
    echo $! >"$folder/$1/feeder"
    until_true "$1 to read its table" [ -e "$folder/$1/fed" ]
}

feed_rest() { # SERVICE
    : >"$folder/$1/go"
    wait "$(cat "$folder/$1/feeder")"
    rm "$folder/$1/feeder"
}

# What it reads from now on is the whole table.
stop_feeding() { # SERVICE
    kill "$(cat "$folder/$1/feeder")"
    wait "$(cat "$folder/$1/feeder")" 2>/dev/null || true
    rm "$folder/$1/feeder" "$folder/$1/data.csv"
    cp -p "$folder/$1/whole.csv" "$folder/$1/data.csv"
}

name_of() { # owner-N
    sed -n "${1#owner-}p" "$folder/names"
}

# ---- what is waited for ----

show_logs() {
    for service in $(in_scene config --services); do
        printf '\n-- %s --\n' "$service"
        docker logs --tail 20 "$(id_of "$service")"
    done >&2 2>&1 || true
}

# until_true WHAT COMMAND…
until_true() {
    what=$1
    shift
    deadline=$(($(date +%s) + patience_s))
    until "$@"; do
        if [ "$(date +%s)" -ge "$deadline" ]; then
            show_logs
            fail "waited $patience_s seconds for: $what"
        fi
        sleep 0.2
    done
}

is_healthy() { # SERVICE
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$(id_of "$1")")" = healthy ]
}

has_ended() { # SERVICE
    [ "$(docker inspect --format '{{.State.Status}}' "$(id_of "$1")")" = exited ]
}

exit_status() {
    docker inspect --format '{{.State.ExitCode}}' "$(id_of "$1")"
}

# The board's status, as anybody sees it: "STEP NAME NAME…", the step and whom it waits for.
look_at_board() {
    docker exec "$(id_of board)" /usr/bin/veilsum status --json --pin "$pin" https://localhost:8443 2>/dev/null | tr -d ' \n' |
        sed -n 's/.*"step":{"name":"\([a-z]*\)".*"waiting_for":\[\([^]]*\)\].*/\1 \2/p' | tr -d '"' | tr ',' ' '
}

# board_waits_for STEP SERVICE…: it is in this step, and for these, and for nobody else.
board_waits_for() {
    step=$1
    shift
    wanted=$step
    for service; do
        wanted="$wanted $(name_of "$service")"
    done
    [ "$(look_at_board)" = "$wanted" ]
}

begin_board() {
    each start board
    until_true 'the board to answer' is_healthy board
    tell 'the board answers'
}

# ---- the result ----

minimum() {
    value=$(sed -n "s/.*\"$1\": *\\([0-9]*\\).*/\\1/p" "$folder/plan.json")
    echo "${value:-0}"
}

# The states that the plan lists, as "|Arizona|California|…|".
states() {
    sed -n '/"Origin State": {/,/\]/p' "$folder/plan.json" | tr -d '\n' | sed 's/.*\[\(.*\)\].*/\1/; s/", *"/|/g; s/^[^"]*"/|/; s/"[^"]*$/|/'
}

# compare_table OWNER…: what the opener has printed with the sums in the clear of these owners' tables.
compare_table() {
    until_true 'the opener to end' has_ended opener
    [ "$(exit_status opener)" -eq 0 ] || {
        show_logs
        fail "the opener ended with status $(exit_status opener)"
    }
    docker logs "$(id_of opener)" 2>/dev/null >"$folder/printed.txt"
    sed 's/[─–]/-/g' "$folder/printed.txt" | awk -f "$here/printed.awk" >"$folder/result.csv"
    awk -f "$here/csv.awk" -f "$here/table.awk" "$folder/result.csv"
    tables=
    for service; do
        table=$folder/$service/data.csv
        [ -f "$table" ] || table=$folder/$service/whole.csv
        tables="$tables $table"
    done
    # shellcheck disable=SC2086 # a list of words
    awk -v states="$(states)" -f "$here/csv.awk" -f "$here/clear.awk" $tables >"$folder/clear.txt"
    awk -v min_owners="$(minimum min_contributors)" -f "$here/csv.awk" -f "$here/withheld.awk" "$folder/clear.txt" \
        "$folder/result.csv" >"$folder/withheld.txt"
    printf '\nThe same in the clear, by awk, over %s tables:\n' $#
    awk -v min_rows="$(minimum min_rows)" -v min_owners="$(minimum min_contributors)" -f "$here/csv.awk" \
        -f "$here/compare.awk" "$folder/clear.txt" "$folder/withheld.txt" "$folder/result.csv" ||
        fail 'the printed table is not what the clear tables say' "--keep leaves everything in $work"
}

# ---- the engine, the base, the image ----

say 'An engine, a base image from Debian, an image of the program'
engine_start "$built" || exit $skip
tell "engine $(docker version --format '{{.Server.Version}}'), layers by $(docker info --format '{{.Driver}}' 2>/dev/null)"
image=${VEILSUM_IMAGE:-}
if [ -z "$image" ]; then
    base=veilsum-base
    image=veilsum
    BASE_FOLDER=$built sh "$root/containers/base.sh" "$base" >"$work/base.log" 2>&1 || {
        cat "$work/base.log" >&2
        exit 1
    }
    tell "$(tail -n 1 "$work/base.log")"
    quietly build_image --network host --build-arg BASE="$base" --file "$root/containers/Dockerfile" --tag "$image" "$root" ||
        fail 'the image could not be built' 'the end of what the builder said is above'
fi
tell "image: $image, $(($(docker image inspect --format '{{.Size}}' "$image") / 1000000)) MB"

# ---- the compositions ----

play_key() {
    say 'A key: five owners, a board that combines, the ministry that opens'
    wait=10m
    enter_scene key compose.yaml 5
    tell 'docker compose up'
    in_scene up --no-color >"$folder/up.log" 2>&1 || {
        tail -n 20 "$folder/up.log" >&2
        fail 'the composition did not come up'
    }
    tell 'all have ended'
    compare_table owner-1 owner-2 owner-3 owner-4 owner-5
}

play_shares() {
    say 'Shares: three servers. One owner is killed in mid-round and comes back, another is cut off for a while, a server restarts'
    wait=10m
    enter_scene shares compose.shares.yaml 5
    hold_back owner-3
    hold_back owner-4
    create
    begin_board
    each start server-1 server-2 server-3 opener owner-1 owner-2 owner-5 owner-3 owner-4
    until_true 'three owners to share' board_waits_for share owner-3 owner-4
    tell 'three owners have given their shares; two still read their tables'

    feed owner-3 40
    each kill owner-3
    stop_feeding owner-3
    tell "$(name_of owner-3) is killed with 40 rows read"
    feed owner-4 40
    docker network disconnect "$(network)" "$(id_of owner-4)"
    tell "the network of $(name_of owner-4) is cut while it reads"
    feed_rest owner-4
    each kill server-2
    tell 'SERVER-2 is killed, which has shares of three owners'

    board_waits_for share owner-3 owner-4 || fail 'the board does not wait for both'
    each start server-2 owner-3
    until_true 'the owner that was killed' board_waits_for share owner-4
    tell "$(name_of owner-3) was started again, and its shares are there"
    docker network connect "$(network)" "$(id_of owner-4)"
    tell "$(name_of owner-4) has its network again"
    compare_table owner-1 owner-2 owner-3 owner-4 owner-5
}

play_masks() {
    say 'Masks: six owners, one of whom is killed when all others count on it'
    wait=20s
    enter_scene masks compose.masks.yaml 6
    create
    begin_board
    each start owner-1 owner-2 owner-3 owner-4 owner-5 opener
    until_true 'five owners to advertise' board_waits_for advertise owner-6
    tell 'five owners have said their keys; the sixth is not there yet'
    each pause owner-2
    each start owner-6
    until_true 'all but one to deal shares' board_waits_for share owner-2
    tell "all but $(name_of owner-2), which is held up, have dealt shares of their secrets"
    each kill owner-3
    tell "$(name_of owner-3) is killed: the others' masks count on its own"
    each unpause owner-2
    until_true 'the masked tables of all others' board_waits_for mask owner-3
    tell "all others have masked theirs; after $wait the board goes on without $(name_of owner-3)"
    compare_table owner-1 owner-2 owner-4 owner-5 owner-6
}

for opening in $chosen; do
    "play_$opening"
    leave_scene
done
say "Done in $(($(date +%s) - begun)) seconds"
[ -z "$keep" ] || printf 'Everything is kept in %s\n' "$work"
