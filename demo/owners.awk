# The `most` most frequent values of a column, one "count<TAB>value" a line, the most frequent first.
# awk -v column='Operator' -v most=5 -f csv.awk -f owners.awk data.csv
csv_record($0) {
    n = csv_split(csv_line, f)
    if (!key) {
        key = csv_find(f, n, column)
    } else if (n > 1 || f[1] != "") {
        rows[f[key]]++
    }
}
END {
    for (i = 0; i < most; i++) {
        best = ""
        for (value in rows) {
            if (best == "" || rows[value] > rows[best] || (rows[value] == rows[best] && value < best)) {
                best = value
            }
        }
        if (best == "") {
            break
        }
        print rows[best] "\t" best
        delete rows[best]
    }
}
