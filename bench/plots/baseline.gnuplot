# How many times faster than the textbook on GMP, an operation a group, one bar each key size and backend.
set title "One thread against textbook Paillier on GMP (one thread)"
set ylabel "times as fast" textcolor rgb '#222222'
set logscale y
set yrange [0.5:*]
set xrange [-0.6:groups - 0.4]
set style fill solid 1.0 border lc rgb 'white'
set boxwidth 0.9 relative
set style histogram clustered gap 1.2
set style data histograms
set key outside bottom center horizontal
set xlabel ' ' # a little room above the key
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#bbbbbb' lw 1.2 dt 2 back
set xtics scale 0 font ',11'
set format y "%g"
files = words(series)
colour(i) = word(blue.' '.sky.' '.orange.' '.yellow.' '.green.' '.purple, (i - 1) % 6 + 1)
plot for [i = 1:files] word(series, i) using 2:xtic(1) title word(titles, i) lc rgb colour(i), \
     for [i = 1:files] word(series, i) using ($0 + (i - (files + 1) / 2.0) / (files + 1.2)):2:(label($2)) \
         with labels notitle font ',8' offset 0,0.6 textcolor rgb '#333333'
