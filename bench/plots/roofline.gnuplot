# Where operations stand below what memory and multipliers allow: work for each byte moved against work done in a second.
set title "Roofline: one core, IFMA work against memory traffic"
set xlabel "512-bit IFMA instructions for each byte read or written (the least that the operation needs)\n " textcolor rgb '#222222'
set ylabel "512-bit IFMA instructions a second" textcolor rgb '#222222'
set logscale xy
set xrange [0.01:5000]
set yrange [peak / 100:peak * 2.5]
set format y "10^{%L}"
set grid x y lc rgb '#e4e4e4' lw 1 lt 1
set key outside bottom center horizontal
set samples 2000
roof(x, b) = (x * b < peak) ? x * b : peak
set label 1 sprintf("peak of one core: %.2f·10^9 a second", peak / 1e9) at graph 0.985, first peak * 1.85 right textcolor rgb '#333333'
set label 2 sprintf("memory: %.0f GB/s", bandwidth / 1e9) at 0.016, 0.016 * bandwidth * 0.72 left rotate by 48 textcolor rgb '#333333'
series_colour(i) = word(blue.' '.orange.' '.green, (i - 1) % 3 + 1)
series_shape(i) = int(word('7 5 9', (i - 1) % 3 + 1))
plot roof(x, bandwidth) with lines lc rgb '#333333' lw 2.5 notitle, \
     for [i = 1:words(series)] word(series, i) using 2:3 with points pt series_shape(i) ps 1.3 lc rgb series_colour(i) \
         title word(titles, i).' bits', \
     names using 2:3:1 with labels notitle font ',10' center offset 0,1 textcolor rgb '#222222'
