# Does the opened result say the same as the sums in the clear? Every printed value is compared character by character;
# every withheld one must have a reason that the counts in the clear bear out.
# awk -v min_rows=R -v min_owners=C -f csv.awk -f compare.awk clear.txt withheld.txt result.csv
# withheld.txt: "row<TAB>column<TAB>reason", rows counted from 0.

function wrong(what) {
    print "   WRONG: " what
    wrongs++
}

# Is it true that this value had to be withheld?
function borne_out(group, column, reason,    own) {
    if (reason == "min_contributors") {
        return clear[group, "#owners"] + 0 < min_owners
    }
    if (reason != "min_rows") {
        return 0 # no two measures of the demo's plan share a column, so nothing else follows by subtraction
    }
    own = clear[group, "#rows"] + 0
    if (column ~ /Speed/) {
        own = clear[group, "#speeds"] + 0
    } else if (column ~ /^histogram/) {
        own = smallest_bin[group] + 0 # bins add up: a small one takes others with it, which are not told apart
    }
    return own < min_rows || clear[group, "#rows"] + 0 < min_rows
}

function explain(why) {
    if (why == "min_rows") {
        return "fewer than " min_rows " rows stand behind them, or behind a bin of the same histogram"
    }
    return "fewer than " min_owners " owners have a row in the group"
}

FILENAME == ARGV[1] {
    split($0, part, "\t")
    clear[part[1], part[2]] = part[3]
    known[part[1]]
    in_clear[part[1]]
    if (part[2] ~ /^histogram/ && (!(part[1] in smallest_bin) || part[3] + 0 < smallest_bin[part[1]])) {
        smallest_bin[part[1]] = part[3] + 0
    }
    next
}
FILENAME == ARGV[2] {
    split($0, part, "\t")
    reason[part[1], part[2]] = part[3]
    next
}
csv_record($0) {
    n = csv_split(csv_line, f)
    if (!columns) {
        columns = csv_split(csv_line, title)
        next
    }
    group = f[1]
    row = records++
    delete known[group]
    for (i = 2; i <= n; i++) {
        if (f[i] == "*") {
            withheld++
            why = reason[row, title[i]]
            by_reason[why]++
            if (!(why in example) && clear[group, "#rows"] > 0) {
                example[why] = title[i] " of " group
            }
            if (!borne_out(group, title[i], why)) {
                wrong(title[i] " of " group ": withheld without a reason")
            }
            continue
        }
        values++
        if (!(group in in_clear) && (f[i] == "" || f[i] == "0")) {
            equal++ # a group that nobody has a row of: counts and sums are 0, the mean of nothing is left empty
        } else if (!((group, title[i]) in clear)) {
            wrong(title[i] " of " group ": not in the clear")
        } else if (f[i] "" != clear[group, title[i]] "") {
            wrong(title[i] " of " group ": " f[i] " but " clear[group, title[i]] " in the clear")
        } else {
            equal++
        }
    }
}
END {
    for (group in known) {
        wrong("no row for " group)
    }
    printf "   %d of %d printed values equal those in the clear, to the last digit.\n", equal, values
    printf "   %d values are withheld, as the counts in the clear bear out:\n", withheld
    for (why in by_reason) {
        text = by_reason[why] " (" why "): " explain(why)
        if (why in example) {
            text = text "\n        one is " example[why]
        }
        print "     " text
    }
    exit wrongs > 0 || values == 0
}
