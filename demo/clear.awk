# The same statistics in the clear, knowing nothing of veilsum: from the owners' tables together, one line a group and
# column, "group<TAB>column<TAB>value", plus "group<TAB>#rows" and "group<TAB>#owners", for what is withheld.
# awk [-v states='|Arizona|California|…|'] -f csv.awk -f clear.awk 1.csv 2.csv …
# With `states`, rows of any other state go to the group "(other)".
#
# awk calculates in doubles, which are exact for integers below 2^53; every intermediate value here stays below that, or
# the script stops. Quotients are made digit by digit, so no rounding of doubles enters.

function exact(x) {
    if (x >= 9007199254740992 || x <= -9007199254740992) {
        print "a number is too large to be exact here" > "/dev/stderr"
        failed = 1
        exit 1
    }
    return x
}

# top / bottom to 15 significant digits, half-even, without trailing zeros; bottom > 0.
function quotient(top, bottom,    sign, whole, rest, digits, point, d, up, i, text) {
    if (top == 0) {
        return "0"
    }
    sign = top < 0 ? "-" : ""
    top = top < 0 ? -top : top
    rest = top % bottom
    whole = sprintf("%.0f", (top - rest) / bottom)
    digits = whole == "0" ? "" : whole
    point = length(digits) # digits before the point; negative: zeros after it
    while (length(digits) < 15) {
        rest *= 10
        d = (rest - rest % bottom) / bottom
        rest = exact(rest) % bottom
        if (digits == "" && d == 0) {
            point--
        } else {
            digits = digits d
        }
    }
    d = substr(digits, 15, 1) + 0
    up = 2 * rest > bottom || (2 * rest == bottom && d % 2 == 1)
    if (length(digits) > 15) {
        print "a quotient is too large for 15 digits here" > "/dev/stderr"
        failed = 1
        exit 1
    }
    for (i = 15; up && i >= 1; i--) {
        d = substr(digits, i, 1) + 1
        up = d == 10
        digits = substr(digits, 1, i - 1) (d % 10) substr(digits, i + 1)
    }
    if (up) {
        digits = "1" digits
        point++
    }
    if (point <= 0) {
        text = "0."
        for (i = point; i < 0; i++) {
            text = text "0"
        }
        text = text digits
    } else {
        text = substr(digits, 1, point) "." substr(digits, point + 1)
    }
    sub(/0+$/, "", text)
    sub(/\.$/, "", text)
    return sign text
}

FNR == 1 {
    header = 1
    file_number++
}
csv_record($0) {
    n = csv_split(csv_line, f)
    if (header) {
        state = csv_find(f, n, "Origin State")
        cost = csv_find(f, n, "Cost Total $")
        speed = csv_find(f, n, "Speed IAS in knots")
        size = csv_find(f, n, "Wildlife Size")
        header = 0
        next
    }
    g = f[state]
    if (states != "" && !index(states, "|" g "|")) {
        g = "(other)"
    }
    groups[g]
    rows[g]++
    if (!((g, file_number) in seen)) {
        seen[g, file_number]
        owners[g]++
    }
    if (f[cost] != "") {
        cost_count[g]++
        cost_sum[g] = exact(cost_sum[g] + f[cost])
    }
    if (f[speed] != "") {
        speed_count[g]++
        speed_sum[g] = exact(speed_sum[g] + f[speed])
        speed_squares[g] = exact(speed_squares[g] + f[speed] * f[speed])
    }
    if (f[size] != "") {
        bins[f[size]]
        bin[g, f[size]]++
    }
}
END {
    if (failed) {
        exit 1
    }
    for (g in groups) {
        k = speed_count[g] + 0
        sum = speed_sum[g] + 0
        print g "\t#rows\t" rows[g]
        print g "\t#owners\t" owners[g]
        print g "\t#speeds\t" k
        print g "\tcount(rows)\t" rows[g]
        print g "\tsum(Cost Total $)\t" sprintf("%.0f", cost_sum[g])
        print g "\tmean(Cost Total $)\t" (cost_count[g] ? quotient(cost_sum[g], cost_count[g]) : "")
        print g "\tmean(Speed IAS in knots)\t" (k ? quotient(sum, k) : "")
        top = exact(k * speed_squares[g]) - exact(sum * sum)
        print g "\tvariance(Speed IAS in knots)\t" (k > 1 ? quotient(top, k * (k - 1)) : "")
        for (b in bins) {
            print g "\thistogram(Wildlife Size)=" b "\t" (bin[g, b] + 0)
        }
    }
}
