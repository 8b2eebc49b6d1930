# How many times as fast with several threads as with one. Colours come again from the seventh on, with dotted lines.
set title sprintf("Scaling with threads, %s bits", bits)
set xlabel "threads" textcolor rgb '#222222'
set ylabel "times one thread" textcolor rgb '#222222'
set key outside right center
set xrange [0.9:most + 0.1]
set yrange [0:most * 1.05]
set xtics 1, (most > 16 ? int(most / 8) : 1)
set ytics 0, (most > 16 ? int(most / 8) : 1)
series_colour(i) = word(blue.' '.orange.' '.green.' '.purple.' '.yellow.' '.sky, (i - 1) % 6 + 1)
series_shape(i) = int(word('7 5 9 13 11 15', (i - 1) % 6 + 1))
dash(i) = i > 6 ? 3 : 1
plot x with lines lc rgb grey lw 1.5 dt 2 title 'linear', \
     for [i = 1:words(series)] word(series, i) using 1:2 with linespoints lw 2 dt dash(i) lc rgb series_colour(i) \
         pt series_shape(i) ps 1.3 title word(titles, i)
