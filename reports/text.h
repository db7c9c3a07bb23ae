/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_TEXT_H
#define AT_REPORTS_TEXT_H

#include <stddef.h>

/* Files of this folder that travel inside the library: queries, plot scripts, the page's skeleton and style. meson.build lists them. */
struct at_text {
    const char *name; /* "queries/main.sql" */
    const char *text;
};

extern const struct at_text at_texts[];
extern const size_t at_text_count;

/* The text named so; a name that meson.build does not list is a mistake in this library. */
const char *at_text_of(const char *name);

#endif
