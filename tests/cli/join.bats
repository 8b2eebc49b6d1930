#!/usr/bin/env bats
load helper
load session_helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_sessions threshold
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

teardown() {
    end_all
}

# plays PLAN WHERE [OPTION...]: all take part; those who learn the result have it as $expected says.
plays() {
    local plan=$1 where=$2 name
    shift 2
    for name in $(openers "$plan"); do
        case $plan/$name in
        threshold*/BERT) start_opener "$name" "$plan" "$where" --publish "$@" ;; # else the board would wait for ANNA
        *) start_opener "$name" "$plan" "$where" "$@" ;;
        esac
    done
    for name in $OWNERS; do
        start_owner "$name" "$plan" "$where" "$@"
    done
    for name in $OWNERS $(openers "$plan"); do
        ended "$name"
    done
    for name in $(openers "$plan"); do
        diff "$out/$name.out" "$expected"
    done
    for name in $OWNERS; do
        case $plan in
        masks*) diff "$out/$name.out" "$expected" ;;
        *) [ ! -s "$out/$name.out" ] ;;
        esac
    done
}

expect_for() {
    expected=$out/expected
    case $1 in *.groups) groups_csv ;; *) sum_csv ;; esac >"$expected"
}

over_http() {
    expect_for "$1"
    start_serve "$1" --linger 3s
    plays "$1" "$url"
    ended serve
}

over_folder() {
    expect_for "$1"
    case $1 in
    shares*) ;;
    *) in_background HUB "$VEILSUM" join -p "$1.json" -i HUB.id --period $PERIOD --journal "$out/HUB.sessions" "$out/folder" ;;
    esac
    plays "$1" "$out/folder" --period $PERIOD
    case $1 in shares*) ;; *) ended HUB ;; esac
}

@test "key, over HTTP and over a folder" {
    over_http key
    rm -r "$out"/*
    over_folder key.groups
}

@test "threshold, over HTTP and over a folder" {
    over_http threshold.groups
    rm -r "$out"/*
    over_folder threshold
}

@test "shares of two servers, over HTTP and over a folder" {
    over_http shares2
    rm -r "$out"/*
    over_folder shares2.groups
}

@test "shares of three servers, over HTTP and over a folder" {
    over_http shares3.groups
    rm -r "$out"/*
    over_folder shares3
}

@test "masks, over HTTP and over a folder" {
    over_http masks
    rm -r "$out"/*
    over_folder masks
}
