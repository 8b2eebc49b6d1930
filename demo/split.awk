# One table into a table for each owner: the records whose `column` says so, under the header, as they stand.
# awk -v column='Operator' -v folder=DIR -f csv.awk -f split.awk owners.txt data.csv
# A line k of owners.txt is "count<TAB>value"; its records go to DIR/k.csv.
FNR == NR {
    file[substr($0, index($0, "\t") + 1)] = folder "/" FNR ".csv"
    next
}
csv_record($0) {
    n = csv_split(csv_line, f)
    if (!key) {
        key = csv_find(f, n, column)
        for (owner in file) {
            print csv_line > file[owner]
        }
    } else if (f[key] in file) {
        print csv_line > file[f[key]]
    }
}
