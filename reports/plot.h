/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_PLOT_H
#define AT_REPORTS_PLOT_H

#include "core/status.h"
#include "reports/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Figures are drawn by gnuplot, a process of its own, from a script of reports/plots/ and a file of numbers. */

/* AT_ERR_NOT_FOUND, with the remedy, where gnuplot cannot be started. */
enum at_status at_plot_check(struct at_error *error);

/*
 * Runs plots/common.gp, `settings` and plots/<script>.gp with `data` as the file "data" and appends the SVG that gnuplot makes to *svg.
 *   settings: gnuplot statements made of numbers and of texts from at_plot_label only
 */
enum at_status at_plot_draw(const char *script, const struct at_buffer *settings, const struct at_buffer *data, struct at_buffer *svg,
                            struct at_error *error);

/*
 * Appends `text` as a quoted gnuplot string of at most `most` characters that stands for itself: what gnuplot or the shell could take
 * for more than text (quotes, backslashes, backquotes, control characters) is replaced; too long ends in U+2026.
 */
void at_plot_label(struct at_buffer *buffer, const char *text, size_t most);

/* Appends a number as gnuplot reads it; what is not finite becomes "NaN", which it leaves out. */
void at_plot_number(struct at_buffer *buffer, double value);

/*
 * Appends "set <axis>range" and "set <axis>tics" for a logarithmic axis over [low, high], both > 0: ticks at the decades, or at 1, 2 and 5
 * where the decades would be fewer than three.
 */
void at_plot_log_axis(struct at_buffer *settings, const char *axis, double low, double high);

#ifdef __cplusplus
}
#endif

#endif
