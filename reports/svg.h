/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_SVG_H
#define AT_REPORTS_SVG_H

#include "reports/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Appends gnuplot's SVG document `svg` to a page: without the XML prologue and gnuplot's own titles, with a title and a description
 * for those who do not see it, and with every id and every reference to one prefixed by "f<number>-", so that several figures share a
 * page.
 */
void at_svg_embed(struct at_buffer *page, const char *svg, int number, const char *title, const char *description);

#ifdef __cplusplus
}
#endif

#endif
