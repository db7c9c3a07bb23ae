# Relative RMSE of each variant on one case. Settings: rows, lowest, highest, xrange and xtics.
# Blocks of data: 0 heads (x y); 1 the whole error (x low high y); 2 the kernel's part (x low high y); 3 names (y "name"); 4 remarks (y "remark").
set terminal svg size 1100, 112 + 36 * rows dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set logscale x
set yrange [-0.7 : rows - 0.3]
set ytics out scale 0
set xlabel "relative RMSE (log scale)" textcolor rgb ink offset 0, 0.3
set key at graph 1, screen 1 top right maxrows 1 reverse Left samplen 1 width 1 textcolor rgb ink
set tmargin 2
set rmargin 3
set for [i = 0 : rows - 1] arrow from graph 0, first i to graph 1, first i nohead back linecolor rgb "#eef0f2" linewidth 1
set bars 0
plot "data" index 3 using (lowest):1:ytic(2) with points pointtype 7 pointsize 0 linecolor rgb "white" notitle, \
     "data" index 0 using 1:($2 + 0.17) with points pointtype 7 pointsize 0.42 linecolor rgb "#a9b1bb" title "single heads", \
     "data" index 2 using 1:($4 - 0.17):2:3 with xerrorbars pointtype 0 linewidth 2 linecolor rgb orange notitle, \
     "data" index 2 using 1:($4 - 0.17) with points pointtype 13 pointsize 1.0 linecolor rgb orange title "the kernel's part", \
     "data" index 1 using 1:($4 + 0.17):2:3 with xerrorbars pointtype 0 linewidth 2 linecolor rgb blue notitle, \
     "data" index 1 using 1:($4 + 0.17) with points pointtype 7 pointsize 0.8 linecolor rgb blue title "the whole error", \
     "data" index 4 using (highest):1:2 with labels right textcolor rgb orange notitle
