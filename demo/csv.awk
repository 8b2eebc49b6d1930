# RFC 4180 for awk, to be loaded before another script: csv_split takes a record apart, csv_join puts fields together.
# A field in quotes may hold commas, doubled quotes and line ends; csv_record says when a record is complete.

# Takes line after line; returns 1 once `csv_line` holds a whole record (its quotes are balanced).
function csv_record(line,    copy) {
    csv_line = csv_pending ? csv_line "\n" line : line
    copy = csv_line
    csv_pending = gsub(/"/, "", copy) % 2
    if (!csv_pending) {
        sub(/\r$/, "", csv_line)
    }
    return !csv_pending
}

# Splits `text` into `fields`, unquoted; returns their number.
function csv_split(text, fields,    count, at, value) {
    split("", fields)
    count = 0
    for (;;) {
        if (substr(text, 1, 1) == "\"") {
            value = ""
            text = substr(text, 2)
            while (at = index(text, "\"")) {
                value = value substr(text, 1, at - 1)
                text = substr(text, at + 1)
                if (substr(text, 1, 1) != "\"") {
                    break
                }
                value = value "\""
                text = substr(text, 2)
            }
            fields[++count] = value
            at = index(text, ",")
        } else {
            at = index(text, ",")
            fields[++count] = at ? substr(text, 1, at - 1) : text
        }
        if (!at) {
            return count
        }
        text = substr(text, at + 1)
    }
}

# The number of the field that is called `name`, or the end of the script.
function csv_find(fields, count, name,    i) {
    for (i = 1; i <= count; i++) {
        if (fields[i] == name) {
            return i
        }
    }
    print "no column '" name "'" > "/dev/stderr"
    exit 1
}
