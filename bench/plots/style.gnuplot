# What the three pictures share. Colours: Okabe and Ito's, which people with any colour vision tell apart; shapes differ as well.
set datafile separator ','
set border 3 lc rgb '#555555'
set tics nomirror textcolor rgb '#333333'
set grid y lc rgb '#dddddd' lw 1 lt 1
set key textcolor rgb '#222222' spacing 1.25
set title textcolor rgb '#111111' offset 0,0.4
blue = '#0072B2'
orange = '#D55E00'
green = '#009E73'
purple = '#CC79A7'
yellow = '#E69F00'
sky = '#56B4E9'
grey = '#777777'
