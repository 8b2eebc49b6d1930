#!/usr/bin/env bats
load helper

verbs=(keygen identity "plan new" "plan show" "plan check" "plan sign" pool encrypt combine verify decrypt inspect convert bench serve join "ledger init" "ledger add" "ledger show" "ledger prove" "ledger check" status doctor)

@test "no arguments: short help on standard error, exit 2" {
    run --separate-stderr veilsum
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == "Usage: veilsum COMMAND"* ]]
}

@test "help and --help are the same and go to standard output" {
    run --separate-stderr veilsum help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ $output == *"Exit status:"* ]]
    [ "$output" = "$(veilsum --help)" ]
    [ "$output" = "$(veilsum help --help)" ]
    [ "$output" = "$(veilsum -h)" ]
}

@test "every verb has help, the same by both ways" {
    for verb in "${verbs[@]}"; do
        run --separate-stderr veilsum help $verb
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
        [[ $output == "Usage: veilsum $verb "* ]]
        [ "$verb" = bench ] || [ "$output" = "$(veilsum $verb --help)" ]
    done
}

@test "no help is wider than 100 columns" {
    { veilsum help; veilsum help plan; veilsum 2>&1 || true; for verb in "${verbs[@]}"; do veilsum help $verb; done; } >"$BATS_TEST_TMPDIR/all"
    [ "$(LC_ALL=C.UTF-8 awk 'length > 100' "$BATS_TEST_TMPDIR/all")" = "" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -gt 150 ]
}

@test "help of a group lists its verbs" {
    run --separate-stderr veilsum plan --help
    [ "$status" -eq 0 ]
    [[ $output == *"veilsum plan new"*"veilsum plan show"*"veilsum plan check"* ]]
    [ "$output" = "$(veilsum help plan)" ]
    fails 2 veilsum plan
    hinted "veilsum help plan"
}

@test "--help wins over everything that is missing" {
    run veilsum encrypt -p nowhere --help
    [ "$status" -eq 0 ]
}

@test "the version" {
    run --separate-stderr veilsum --version
    [ "$status" -eq 0 ]
    [[ $output =~ ^veilsum\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown command gets the nearest as a hint" {
    fails 2 veilsum encrpt
    hinted "did you mean 'encrypt'"
    fails 2 veilsum plan chekc
    hinted "did you mean 'plan check'"
    fails 2 veilsum help decript
    hinted "did you mean 'decrypt'"
    fails 2 veilsum xyzzy
    hinted "lists the commands"
}

@test "an unknown option gets the nearest as a hint" {
    fails 2 veilsum encrypt --perid 2026
    hinted "did you mean '--period'"
    fails 2 veilsum combine -Z
    hinted "veilsum help combine"
    fails 2 veilsum --frobnicate
}

@test "an option without its value, with one too many, or twice" {
    fails 2 veilsum encrypt -p
    [[ $stderr == *"--plan needs a value"* ]]
    fails 2 veilsum encrypt --force=1
    [[ $stderr == *"--force takes no value"* ]]
    fails 2 veilsum encrypt -p a --plan b
    [[ $stderr == *"--plan is given twice"* ]]
    fails 2 veilsum encrypt -p ''
    [[ $stderr == *"--plan has an empty value"* ]]
}

@test "what is missing is named with the usage" {
    fails 2 veilsum encrypt -p plan.json
    [[ $stderr == *"encrypt needs -r NAME.pub"* ]]
    hinted "usage: veilsum encrypt"
    fails 2 veilsum encrypt -p plan.json -r hub.pub
    [[ $stderr == *"it is not said who contributes"* ]]
    fails 2 veilsum keygen
    fails 2 veilsum keygen a b
    [[ $stderr == *"unexpected argument 'b'"* ]]
    fails 2 veilsum combine -p plan.json
    [[ $stderr == *"nothing to combine"* ]]
}

@test "a choice of words and numbers in their range" {
    fails 2 veilsum keygen --bits 1024 x
    hinted "2048 3072 4096"
    fails 2 veilsum keygen --degree 5 x
    fails 2 veilsum decrypt -p p -k k --format xml
    hinted "table csv json npy"
    fails 2 veilsum decrypt -p p -k k --threads 0
    fails 2 veilsum decrypt -p p -k k --threads 1e3
    fails 2 veilsum decrypt -p p -k k --threads 99999999999999999999
}

@test "help to a full disk is an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    run --separate-stderr bash -c '"$VEILSUM" help >/dev/full'
    [ "$status" -eq 1 ]
    [[ $stderr == "veilsum: error: cannot write standard output: "* ]]
}

@test "help into a closed pipe ends silently with status 1" {
    run --separate-stderr bash -c '{ sleep 0.3; "$VEILSUM" help; echo $? >&3; } 3>"$1" | true' - "$BATS_TEST_TMPDIR/status"
    [ -z "$stderr" ]
    [ "$(cat "$BATS_TEST_TMPDIR/status")" -eq 1 ]
}

@test "control characters in arguments do not reach the terminal" {
    run --separate-stderr veilsum $'x\e[31m\ny'
    [ "$status" -eq 2 ]
    [[ $stderr != *$'\e'* ]]
    [ "${#stderr_lines[@]}" -eq 2 ]
}

@test "bash completes verbs, options, words and files" {
    script=$VEILSUM_BUILD/completions/bash/veilsum
    [ -e "$script" ] || skip "not generated"
    complete_words() { # WORD...: what bash offers for the last one
        bash -c 'source "$1"; shift; COMP_WORDS=(veilsum "$@"); COMP_CWORD=$#; _veilsum; printf "%s\n" "${COMPREPLY[@]}"' - "$script" "$@"
    }
    [ "$(complete_words key)" = keygen ]
    [ "$(complete_words plan ch)" = check ]
    [ "$(complete_words encrypt --per)" = --period ]
    [ "$(complete_words plan new --hist)" = --histogram ]
    [ "$(complete_words keygen --bits 3)" = 3072 ]
    [ "$(complete_words keygen --type su)" = subgroup ]
    [ "$(complete_words decrypt --format j)" = json ]
    cd "$BATS_TEST_TMPDIR" && touch 'my plan.json'
    [ "$(complete_words encrypt -p my)" = 'my plan.json' ]
}

@test "zsh and fish can read their completions" {
    [ -e "$VEILSUM_BUILD/completions/zsh/_veilsum" ] || skip "not generated"
    if command -v zsh >/dev/null; then zsh -n "$VEILSUM_BUILD/completions/zsh/_veilsum"; fi
    if command -v fish >/dev/null; then fish -n "$VEILSUM_BUILD/completions/fish/veilsum.fish"; fi
    for verb in keygen encrypt combine decrypt inspect; do
        grep -q "'$verb')" "$VEILSUM_BUILD/completions/zsh/_veilsum"
        grep -q "__fish_seen_subcommand_from $verb'" "$VEILSUM_BUILD/completions/fish/veilsum.fish"
    done
}

@test "every verb has a man page that names each of its options" {
    [ -e "$VEILSUM_BUILD/man/veilsum.1" ] || skip "scdoc is not there"
    for verb in "${verbs[@]}"; do
        page=$VEILSUM_BUILD/man/veilsum-${verb// /-}.1
        [ -s "$page" ]
        for option in $(veilsum help $verb | sed -n '/^Options:/,/^$/s/^ .*--\([a-z-]*\).*/\1/p'); do
            tr -d '\\' <"$page" | grep -q -- "--$option" || { echo "$page lacks $option"; false; }
        done
    done
}

@test "examples of man pages fit into 100 columns, and the default of VEILSUM_BACKEND is what it is" {
    [ -e "$VEILSUM_BUILD/man/veilsum.1" ] || skip "scdoc is not there"
    # man indents them by 11
    [ -z "$(sed -n '/^\.nf$/,/^\.fi$/p' "$VEILSUM_BUILD"/man/*.1 | tr -d '\\&' | awk 'length > 89')" ]
    sed -n '/VEILSUM_BACKEND/,$p' "$VEILSUM_BUILD/man/veilsum.1" | grep -q 'Default: the first of these two'
}

@test "out of memory says what takes it" {
    printf 'correct horse\n' >"$BATS_TEST_TMPDIR/pass"
    chmod 600 "$BATS_TEST_TMPDIR/pass"
    fails 1 bash -c 'ulimit -v 200000; "$VEILSUM" keygen --bits 2048 --passphrase-file "$1/pass" "$1/hub"' - "$BATS_TEST_TMPDIR"
    hinted "a passphrase alone takes 256 MiB"
    [ ! -e "$BATS_TEST_TMPDIR/hub.key" ]
}

@test "a backend that the machine does not have is refused before anything else" {
    VEILSUM_BACKEND=abacus run --separate-stderr "$VEILSUM" inspect nothing
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == "veilsum: error: VEILSUM_BACKEND names 'abacus'"*"veilsum: hint: "* ]]
    VEILSUM_BACKEND=gmp run "$VEILSUM" --version
    [ "$status" -eq 0 ]
}
