# A printed table back into CSV, by its ruled line: each run of dashes is a column. What stands before the table and behind it
# is left out. Fields with commas or quotes are not expected in it.
# sed 's/[─–]/-/g' printed.txt | awk -f printed.awk
function fields(text,    i, field, joined) {
    joined = ""
    for (i = 1; i <= columns; i++) {
        field = i < columns ? substr(text, begins[i], widths[i]) : substr(text, begins[i])
        sub(/^ +/, "", field)
        sub(/ +$/, "", field)
        joined = joined (i > 1 ? "," : "") (field == "-" ? "" : field)
    }
    return joined
}
!columns && /^-+(  +-+)+$/ {
    rest = $0
    at = 1
    while (match(rest, /-+/)) {
        begins[++columns] = at + RSTART - 1
        widths[columns] = RLENGTH
        at += RSTART + RLENGTH - 1
        rest = substr(rest, RSTART + RLENGTH)
    }
    print fields(before)
    next
}
columns && $0 == "" {
    exit
}
columns {
    print fields($0)
}
{
    before = $0
}
