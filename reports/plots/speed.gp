# Speed over error on one shape: one point a variant. Settings: count, names[count], highest, xrange and xtics. Data: one block a variant (error speed).
set terminal svg size 1100, 420 dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set logscale x
set border 3
set grid ytics linetype 1 linecolor rgb "#e4e7eb" linewidth 1
set yrange [0 : highest]
set xlabel "relative RMSE (log scale)" textcolor rgb ink
set ylabel "TFLOP/s" textcolor rgb ink
set key outside right top Left reverse samplen 1 textcolor rgb ink
plot for [i = 1 : count] "data" index i - 1 using 1:2 with points linecolor rgb series[(i - 1) % 8 + 1] linewidth 2 \
     pointtype 4 + (i - 1) % 10 pointsize 1.3 title names[i]
