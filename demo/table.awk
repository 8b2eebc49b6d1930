# The opened result in 100 columns: veilsum's CSV with short headings, every digit as it stands.
# awk -f csv.awk -f table.awk result.csv
function line(a, b, c, d, e, f, g, h, i) {
    printf "%-14s %4s %9s %17s %16s %16s %5s %6s %5s\n", a, b, c, d, e, f, g, h, i
}
csv_record($0) {
    n = csv_split(csv_line, v)
    if (!header++) {
        for (i = 1; i <= n; i++) {
            at[v[i]] = i
        }
        line("", "", "sum of", "mean", "mean", "variance", "", "size", "")
        line("state", "rows", "cost $", "cost $", "speed", "of speed", "small", "medium", "large")
        next
    }
    line(v[1], v[at["count(rows)"]], v[at["sum(Cost Total $)"]], v[at["mean(Cost Total $)"]], \
        v[at["mean(Speed IAS in knots)"]], v[at["variance(Speed IAS in knots)"]], \
        v[at["histogram(Wildlife Size)=Small"]], v[at["histogram(Wildlife Size)=Medium"]], \
        v[at["histogram(Wildlife Size)=Large"]])
}
