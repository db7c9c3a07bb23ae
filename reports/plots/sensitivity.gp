# An error along a sweep, both axes logarithmic. Settings: what (the parameter), count, names[count], bends[count], ranges and tics of both
# axes. Data: two blocks a variant, its points (x y) and the ends of the fitted line.
set terminal svg size 1100, 420 dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set logscale xy
set border 3
set grid ytics linetype 1 linecolor rgb "#e4e7eb" linewidth 1
set xlabel what." (log scale)" textcolor rgb ink
set ylabel "relative RMSE (log scale)" textcolor rgb ink
set key outside right top Left reverse samplen 2 textcolor rgb ink
plot for [i = 1 : count] "data" index 2 * i - 2 using 1:2 with points linecolor rgb series[(i - 1) % 8 + 1] \
     pointtype 5 + (i - 1) % 7 pointsize 0.9 title names[i], \
     for [i = 1 : count] "data" index 2 * i - 1 using 1:2 with lines linecolor rgb series[(i - 1) % 8 + 1] linewidth 2 \
     dashtype 1 + bends[i] notitle
