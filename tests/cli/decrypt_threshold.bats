#!/usr/bin/env bats
load helper

# threshold_plan [GROUPS]: the plan of write_plan, opened by threshold.
threshold_plan() {
    write_plan KEY | sed "s/\"opening\": .*/${1:-}\"opening\": {\"threshold\": \"$(sed -n 's/^threshold //p' fingerprints)\",\
 \"holders\": \"$(sed -n 's/^holders //p' fingerprints)\"}/"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    for name in A B C D E X; do
        veilsum identity --no-passphrase "$name" >/dev/null 2>&1
    done
    veilsum keygen --bits 2048 --threshold 3/5 --holder A.id.pub --holder B.id.pub --holder C.id.pub \
        --holder D.id.pub --holder E.id.pub hub >fingerprints 2>/dev/null
    threshold_plan >plan.json
    threshold_plan '"groups": {"min_rows": 4}, ' >groups.json
    printf 'State,Cost\nN,10.50\nN,2.25\nS,100\n' >a.csv
    printf 'State,Cost\nN,0.25\nS,1\nS,2\nS,4\n' >b.csv
    for plan in plan groups; do
        veilsum encrypt -p $plan.json -r hub.pub --as A --period 2026-11 a.csv -o $plan.a.vs
        veilsum encrypt -p $plan.json -r hub.pub --as B --period 2026-11 b.csv -o $plan.b.vs
        veilsum combine -p $plan.json $plan.a.vs $plan.b.vs -o $plan.vs
    done
    for name in A B C D; do
        part $name plan plan.vs -o $name.part 2>$name.said
        part $name groups groups.vs -o $name.first
    done
    for name in A C E; do
        part $name groups --parts groups.vs A.first B.first D.first -o $name.second 2>/dev/null
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    out=$BATS_TEST_TMPDIR
}

# part HOLDER PLAN ARGUMENTS...: the holder's part.
part() {
    local name=$1 plan=$2
    shift 2
    veilsum decrypt -p "$plan.json" --holders hub.holders --share "hub.$name.share" -i "$name.id" --part "$@"
}

# open PLAN ARGUMENTS...
open() {
    local plan=$1
    shift
    veilsum decrypt -p "$plan.json" --holders hub.holders --parts "$@"
}

plain_csv() {
    printf 'State,count(rows),sum(Cost),mean(Cost)\nN,3,13.00,4.33333333333333\nS,4,107.00,26.75\n'
}

@test "any three of five open a total, in any order" {
    grep -q "3 such parts open the total" A.said
    for some in "A B C" "A B D" "D C B" "A B C D"; do
        files=()
        for name in $some; do files+=("$name.part"); done
        run --separate-stderr open plan plan.vs "${files[@]}"
        [ "$status" -eq 0 ]
        [ "$output" = "$(plain_csv)" ]
        [ -z "$stderr" ]
    done
    [ "$(open plan A.part plan.vs B.part C.part --format csv)" = "$(plain_csv)" ]
    [ "$(veilsum decrypt -p plan.json --holders hub.holders plan.vs --parts A.part B.part C.part)" = "$(plain_csv)" ]
    open plan A.part B.part C.part <plan.vs -o "$out/r.csv"
    [ "$(cat "$out/r.csv")" = "$(plain_csv)" ]
    [ "$(open plan plan.vs <(cat A.part) <(cat B.part) <(cat C.part))" = "$(plain_csv)" ]
}

@test "fewer than three do not, and who is missing is named" {
    fails 75 open plan plan.vs A.part C.part -o "$out/r.csv"
    [[ $stderr == *"2 of the 3 parts that it takes are there; none by B, D, E"* ]]
    hinted "veilsum decrypt -p PLAN --holders NAME.holders --share NAME.X.share -i X.id --part TOTAL"
    fails 75 open plan plan.vs
    fails 75 open plan plan.vs A.part A.part C.part
    [[ $stderr == *"warning: A.part: holder A: another part by the same holder counts"* ]]
    [ ! -e "$out/r.csv" ]
}

@test "a bad part is named, and the total opens without it where enough are left" {
    alter B.part 300 >"$out/B.part"
    run --separate-stderr open plan plan.vs A.part "$out/B.part" C.part D.part
    [ "$status" -eq 0 ]
    [ "$output" = "$(plain_csv)" ]
    [[ $stderr == *"warning: $out/B.part: its hash does not match"* ]]
    fails 4 open plan plan.vs A.part "$out/B.part" C.part
    [[ $stderr == *"error: $out/B.part: its hash does not match"* ]]
    run --separate-stderr open plan plan.vs A.part a.csv C.part D.part
    [ "$output" = "$(plain_csv)" ]
    [[ $stderr == *"warning: a.csv: not a part of an opening"* ]]
    fails 3 open plan plan.vs A.part a.csv C.part
    fails 1 open plan plan.vs A.part C.part D.part missing.part
}

@test "a part is good for one total" {
    veilsum encrypt -p plan.json -r hub.pub --as C --period 2026-11 a.csv -o "$out/c.vs"
    veilsum combine -p plan.json plan.vs "$out/c.vs" -o "$out/more.vs"
    fails 4 open plan "$out/more.vs" A.part B.part C.part
    [[ $stderr == *"A.part: a part for another total"*"warning"* || $stderr == *"warning"*"A.part: a part for another total"* ]]
    hinted "have one made of this total"
    fails 4 open plan plan.vs A.first B.first C.first
    [[ $stderr == *"for another plan"* ]]
}

@test "minimums take two rounds: counts, then what they allow" {
    run --separate-stderr part E groups groups.vs -o "$out/E.first"
    [ "$status" -eq 0 ]
    [[ $stderr == *"a part of round 1, the counts; with 3 such parts each holder makes one of round 2"* ]]
    fails 75 open groups groups.vs A.first B.first
    [[ $stderr == *"2 of the 3 parts of round 1, the counts, that it takes are there; none by C, D, E"* ]]
    fails 75 open groups groups.vs A.first B.first D.first
    [[ $stderr == *"0 of the 3 parts of round 2"* ]]
    hinted "each of them now makes one from the parts of round 1"
    fails 75 part A groups --parts groups.vs A.first B.first -o "$out/A.second"
    run --separate-stderr part A groups --parts groups.vs A.first B.first C.first -o "$out/A.second"
    [ "$status" -eq 0 ]
    [[ $stderr == *"a part of round 2, the values that the counts allow; 3 of these and 3 of round 1 open the total"* ]]
    run --separate-stderr open groups groups.vs A.first B.first C.first "$out/A.second" C.second E.second
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf 'State,count(rows),sum(Cost),mean(Cost)\nN,*,*,*\nS,4,107.00,26.75\n')" ]
    [ -z "$stderr" ]
}

@test "with all of it withheld the parts of round 1 are enough" {
    threshold_plan '"groups": {"min_rows": 9}, ' >none.json
    veilsum encrypt -p none.json -r hub.pub --as A a.csv -o none.a.vs
    veilsum encrypt -p none.json -r hub.pub --as B b.csv -o none.b.vs
    veilsum combine -p none.json none.a.vs none.b.vs -o none.vs
    for name in A B C; do part $name none none.vs -o "$out/$name.first"; done
    run --separate-stderr open none none.vs "$out"/?.first
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf 'State,count(rows),sum(Cost),mean(Cost)\nN,*,*,*\nS,*,*,*\n')" ]
    run --separate-stderr part A none --parts none.vs "$out"/?.first -o "$out/A.second"
    [[ $stderr == *"the part is empty"* ]]
    open none none.vs "$out"/?.first "$out/A.second" >/dev/null
}

@test "only the holder's identity makes its part" {
    fails 4 veilsum decrypt -p plan.json --holders hub.holders --share hub.A.share -i B.id --part plan.vs -o "$out/x"
    hinted "--share NAME.X.share -i X.id"
    fails 4 veilsum decrypt -p plan.json --holders hub.holders --share hub.A.share -i X.id --part plan.vs -o "$out/x"
    [ ! -e "$out/x" ]
}

@test "the plan says how it opens, and by whom" {
    veilsum keygen --bits 2048 --threshold 2/2 --holder A.id.pub --holder B.id.pub other >/dev/null 2>&1
    fails 4 veilsum decrypt -p plan.json --holders other.holders --parts plan.vs A.part B.part C.part
    [[ $stderr == *"pins another threshold key"* ]]
    (cd "$out" && make_material)
    fails 4 veilsum decrypt -p "$out/plan.json" --holders other.holders --parts "$out/total.vs"
    [[ $stderr == *"opens with a key"* ]]
    fails 4 veilsum decrypt -p plan.json -k "$out/hub.key" plan.vs
    [[ $stderr == *"no key opens its totals alone"* ]]
}

@test "what makes no sense is said before anything is read" {
    fails 2 veilsum decrypt -p plan.json plan.vs
    hinted "--holders"
    fails 2 veilsum decrypt -p plan.json --part plan.vs
    fails 2 veilsum decrypt -p plan.json --holders hub.holders --share hub.A.share --part plan.vs
    fails 2 veilsum decrypt -p plan.json --parts plan.vs A.part
    fails 2 veilsum decrypt -p plan.json -k hub.key --holders hub.holders --parts plan.vs A.part
    fails 2 part A plan plan.vs --format csv -o "$out/x"
    fails 2 part A plan --parts plan.vs A.part B.part C.part -o "$out/x"
    [[ $stderr == *"has no minimums"* ]]
    fails 2 veilsum decrypt -p plan.json -k hub.key plan.vs A.part
    fails 2 open plan plan.vs groups.vs
    fails 3 open plan A.part B.part C.part </dev/null
    [ ! -e "$out/x" ]
}

@test "no part is made of a total of too few, nor opens it" {
    veilsum combine -p plan.json plan.a.vs -o "$out/one.vs"
    fails 5 part A plan "$out/one.vs" -o "$out/x"
    fails 5 open plan "$out/one.vs" A.part B.part C.part
    [ ! -e "$out/x" ]
}

@test "inspect says what a part is for" {
    run --separate-stderr veilsum inspect --json A.second
    [ "$status" -eq 0 ]
    [[ $output == *'"type": "part", "version": 1, "plan": "'*'"period": "2026-11", "round": 2, "holder": 1, '* ]]
    [[ $output == *"\"holders\": \"$(sed -n 's/^holders //p' fingerprints)\""* ]]
    alter A.second 40 >"$out/x"
    fails 4 veilsum inspect "$out/x"
    fails 3 veilsum decrypt -p plan.json --holders hub.holders --share hub.A.share -i A.id --part A.part -o "$out/y"
    hinted "a holder's part of an opening"
}
