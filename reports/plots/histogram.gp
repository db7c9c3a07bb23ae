# Share of the outputs over log2(|error| / sum p|v|): one ridge a variant. Settings: rows, lowest, highest.
# Blocks of data: 0 names (y "name"), then one outline a variant, then the
# largest error of each (x y).
set terminal svg size 1100, 90 + 42 * rows dynamic noenhanced font "sans-serif,15" background rgb "white"
set output "figure.svg"
set xrange [lowest : highest]
set xtics 2
set yrange [-0.15 : rows + 0.1]
set ytics out scale 0
set xlabel "log2 ( |error| / Σ p·|v| )" textcolor rgb ink offset 0, 0.3
set tmargin 0.5
set rmargin 3
unset key
plot "data" index 0 using (lowest - 1):1:ytic(2) with points pointtype 7 pointsize 0 linecolor rgb "white", \
     for [i = 1 : rows] "data" index i using 1:2 with filledcurves closed fillcolor rgb "#9cc3dc", \
     for [i = 1 : rows] "data" index i using 1:2 with lines linecolor rgb blue linewidth 1, \
     "data" index rows + 1 using 1:($2 + 0.06) with points pointtype 13 pointsize 0.8 linecolor rgb orange
