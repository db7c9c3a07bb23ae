# Colours: Okabe and Ito's palette, told apart by the colour-blind too; also shapes differ.
blue = "#0072b2"; orange = "#d55e00"; sky = "#56b4e9"; green = "#009e73"; yellow = "#e69f00"
purple = "#cc79a7"; ink = "#1f2328"; faint = "#8c959f"
array series[8] = [blue, orange, green, purple, yellow, sky, ink, faint]
set encoding utf8
set border 1 linecolor rgb faint linewidth 1
set tics nomirror out scale 0.6 textcolor rgb ink
set grid xtics linetype 1 linecolor rgb "#e4e7eb" linewidth 1
set style fill solid 1 noborder
set datafile missing "NaN"
