# Relative RMSE against the number of keys. Settings: count, names[count], ranges and tics of both
# axes. Data: one block a variant (keys rmse).
set terminal svg size 1100, 420 dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set logscale xy
set border 3
set grid ytics linetype 1 linecolor rgb "#e4e7eb" linewidth 1
set xlabel "keys (log scale)" textcolor rgb ink
set ylabel "relative RMSE (log scale)" textcolor rgb ink
set key outside right top Left reverse samplen 2 textcolor rgb ink
plot for [i = 1 : count] "data" index i - 1 using 1:2 with linespoints linecolor rgb series[(i - 1) % 8 + 1] linewidth 2 \
     dashtype 1 + (i - 1) / 8 pointtype 5 + (i - 1) % 7 pointsize 0.7 title names[i]
