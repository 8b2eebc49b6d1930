#!/bin/sh
# Draw the pictures of a report: draw.sh FOLDER, where veilsum-bench has written bench.csv and report.md. Makes baseline, roofline
# and scaling, each as SVG and PNG; one for which there are no rows is left out, and its line taken off the page. Where there is
# distances.csv, it makes distances of that.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: draw.sh FOLDER}
if ! command -v gnuplot >/dev/null; then
    printf 'draw.sh: error: there is no gnuplot to draw the pictures with; the figures are in %s\n' "$folder" >&2
    printf "draw.sh: hint: install it (gnuplot-nox on Debian), then: sh bench/plots/draw.sh '%s'\n" "$folder" >&2
    exit 1
fi
csv=$folder/bench.csv
json=$folder/bench.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows AWK-CONDITION AWK-PRINT: of the rows of one degree, fields by name: op, bits, degree, backend, threads, and so on.
rows() {
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        function of(name) { return $(at[name]) }
        of("degree") == 1 && ('"$1"') { print '"$2"' }' "$csv"
}

# The machine's figure of this name, or 0.
machine() {
    sed -n "s/.*\"$1\": \\([0-9.e+]*\\).*/\\1/p" "$json" | head -n 1 | grep . || echo 0
}

# draw NAME WIDTH HEIGHT DEFINITION…: both formats of one picture.
draw() {
    name=$1 width=$2 height=$3
    shift 3
    for definition; do
        printf '%s\n' "$definition"
    done >"$work/definitions.gnuplot"
    gnuplot -e "set terminal svg size $width,$height dynamic enhanced font 'DejaVu Sans,12' background '#ffffff'; set output '$folder/$name.svg'" \
        "$work/definitions.gnuplot" "$here/style.gnuplot" "$here/$name.gnuplot"
    gnuplot -e "set terminal pngcairo size $((2 * width)),$((2 * height)) enhanced font 'DejaVu Sans,12' fontscale 2 linewidth 2 pointscale 2 background '#ffffff'; set output '$folder/$name.png'" \
        "$work/definitions.gnuplot" "$here/style.gnuplot" "$here/$name.gnuplot"
}

leave_out() {
    rm -f "$folder/$1.svg" "$folder/$1.png"
    sed "/($1\\.svg)/d" "$folder/report.md" >"$work/report.md"
    cat "$work/report.md" >"$folder/report.md"
}

baseline() {
    series='' titles=''
    for backend in $(rows 1 'of("backend")' | awk '!seen[$0]++'); do
        for bits in $sizes; do
            file=$work/baseline-$backend-$bits
            rows 'of("threads") == 1 && of("ratio_to_textbook") != "" && of("op") != "keygen" && of("bits") == '"$bits"' && of("backend") == "'"$backend"'"' \
                'of("op"), of("ratio_to_textbook")' >"$file"
            [ -s "$file" ] || continue
            series="$series $file" titles="$titles '$backend,\\ $bits\\ bits'"
        done
    done
    [ -n "$series" ] || { leave_out baseline; return; }
    groups=$(cat $series | cut -d, -f1 | sort -u | wc -l)
    draw baseline 1280 500 "groups = $groups" "series = \"${series# }\"" "titles = \"${titles# }\"" 'label(x) = x < 9.95 ? sprintf("%.1f", x) : x < 999.5 ? sprintf("%.0f", x) : sprintf("%.1fk", x / 1000)'
}

roofline() {
    series='' titles=''
    for bits in $sizes; do
        file=$work/roofline-$bits
        rows 'of("threads") == 1 && of("roof_ifmas") != "" && of("bytes") != "" && of("op") != "power" && of("op") != "square" && of("bits") == '"$bits"' && of("backend") == "'"$first_backend"'"' \
            'of("op"), of("roof_ifmas") / of("bytes"), of("roof_ifmas") * of("per_second")' >"$file"
        [ -s "$file" ] || continue
        series="$series $file" titles="$titles $bits"
    done
    peak=$(machine peak_ifmas_per_second) bandwidth=$(machine read_bytes_per_second_one_thread)
    case $peak,$bandwidth in 0,* | *,0) series='' ;; esac
    [ -n "$series" ] || { leave_out roofline; return; }
    # One name for an operation, above the higher of its points.
    cat $series | awk -F, -v OFS=, '{ x[$1] += log($2); n[$1]++; if ($3 > y[$1]) y[$1] = $3 }
        END { for (op in x) print op, exp(x[op] / n[op]), y[op] }' >"$work/names"
    draw roofline 1100 600 "series = \"${series# }\"" "titles = \"${titles# }\"" "peak = $peak" "bandwidth = $bandwidth" \
        "names = '$work/names'"
}

scaling() {
    most=$(rows 1 'of("threads")' | sort -n | tail -n 1)
    bits=$(printf '%s\n' "$sizes" | tail -n 1)
    series='' titles=''
    for op in encrypt encrypt-short encrypt-pool combine decrypt decrypt-sub pipe-encrypt pipe-combine pipe-decrypt; do
        file=$work/scaling-$op
        rows 'of("op") == "'"$op"'" && of("bits") == '"$bits"' && of("backend") == "'"$first_backend"'"' 'of("threads"), of("per_second")' |
            sort -t, -n | awk -F, -v OFS=, 'NR == 1 { if ($1 != 1) exit; one = $2 } { print $1, $2 / one }' >"$file"
        [ "$(wc -l <"$file")" -gt 1 ] || continue
        series="$series $file" titles="$titles $op"
    done
    [ "$most" -gt 1 ] && [ -n "$series" ] || { leave_out scaling; return; }
    draw scaling 760 460 "series = \"${series# }\"" "titles = \"${titles# }\"" "bits = '$bits'" "most = $most"
}

distances() {
    series='' titles=''
    for opening in $(awk -F, 'NR > 1 && !seen[$1]++ { print $1 }' "$folder/distances.csv"); do
        file=$work/distances-$opening
        awk -F, -v OFS=, -v opening="$opening" '$1 == opening { print $2, $3, $4 }' "$folder/distances.csv" | sort -t, -n >"$file"
        series="$series $file" titles="$titles $opening"
    done
    draw distances 900 460 "series = \"${series# }\"" "titles = \"${titles# }\""
}

[ ! -f "$folder/distances.csv" ] || distances
[ -f "$csv" ] || exit 0
first_backend=$(awk -F, 'NR == 2 { print $4 }' "$csv")
sizes=$(rows 1 'of("bits")' | sort -nu)
baseline
roofline
scaling
