# Why each starred value of a result must have been withheld, going by the counts in the clear, for compare.awk to judge:
# "row<TAB>column<TAB>reason".
# awk -v min_owners=C -f csv.awk -f withheld.awk clear.txt result.csv
FNR == NR {
    split($0, part, "\t")
    clear[part[1], part[2]] = part[3]
    next
}
csv_record($0) {
    n = csv_split(csv_line, f)
    if (!columns) {
        columns = csv_split(csv_line, title)
        next
    }
    for (i = 2; i <= n; i++) {
        if (f[i] == "*") {
            print rows + 0 "\t" title[i] "\t" (clear[f[1], "#owners"] + 0 < min_owners ? "min_contributors" : "min_rows")
        }
    }
    rows++
}
