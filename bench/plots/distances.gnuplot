# How long a session takes at a distance: measured, and rounds × round trip + the time at no distance.
set title "Sessions at a distance"
set xlabel "one way, ms" textcolor rgb '#222222'
set ylabel "seconds" textcolor rgb '#222222'
set key outside center bottom horizontal
set yrange [0:*]
series_colour(i) = word(blue.' '.orange.' '.green, (i - 1) % 3 + 1)
series_shape(i) = int(word('7 5 9', (i - 1) % 3 + 1))
plot for [i = 1:words(series)] word(series, i) using 1:2 with linespoints lw 2 lc rgb series_colour(i) pt series_shape(i) ps 1.3 \
         title word(titles, i), \
     for [i = 1:words(series)] word(series, i) using 1:3 with lines lw 1.5 dt 2 lc rgb series_colour(i) \
         notitle, \
     NaN with lines lw 1.5 dt 2 lc rgb grey title 'rounds × round trip + compute'
