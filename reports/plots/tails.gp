# Share of heads above an error, logarithmic, over that error as a multiple of its variant's median. Settings: what (the error), scale
# (said of the axis), count, names[count], rejected[count], ranges and tics of both axes. Data: four blocks a variant: its heads (x share),
# the fitted tail (x share), the bound (x share), the level (x share low high).
set terminal svg size 1100, 420 dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set logscale y
set border 3
set grid ytics linetype 1 linecolor rgb "#e4e7eb" linewidth 1
set xlabel what." of a head over the median of its variant".scale textcolor rgb ink
set ylabel "share of heads above (log scale)" textcolor rgb ink
set key outside right top Left reverse samplen 2 textcolor rgb ink
plot for [i = 1 : count] "data" index 4 * i - 4 using 1:2 with points linecolor rgb series[(i - 1) % 8 + 1] \
     pointtype 5 + (i - 1) % 7 pointsize 0.4 title names[i], \
     for [i = 1 : count] "data" index 4 * i - 3 using 1:2 with lines linecolor rgb series[(i - 1) % 8 + 1] linewidth 1.5 \
     dashtype 1 + rejected[i] notitle, \
     for [i = 1 : count] "data" index 4 * i - 2 using 1:2 with points linecolor rgb series[(i - 1) % 8 + 1] pointtype 2 pointsize 1.2 \
     linewidth 2 notitle, \
     for [i = 1 : count] "data" index 4 * i - 1 using 1:2:3:4 with xerrorbars linecolor rgb series[(i - 1) % 8 + 1] pointtype 7 \
     pointsize 0.1 linewidth 2 notitle
