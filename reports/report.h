/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_REPORT_H
#define AT_REPORTS_REPORT_H

#include "reports/buffer.h"
#include "reports/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a database holds, as a document. One file of this folder for each kind; meson.build lists them. */
struct at_report {
    const char *name;    /* "html", also the file's extension */
    const char *summary; /* one line */
    /* Appends the whole document to `text`. Numbers come from the queries and from nothing else. */
    enum at_status (*compose)(struct at_store *store, const struct at_filter *filter, struct at_buffer *text, struct at_error *error);
};

extern const struct at_report *const at_reports[];
extern const size_t at_report_count;

/* The report named so; an unknown one is refused with the nearest name. */
enum at_status at_report_find(const char *name, const struct at_report **ret_report, struct at_error *error);

/*
 * Composes `report` and writes it to `path`: first all of it to a new file beside, which then takes the name. On failure `path` is as it
 * was before and nothing is left beside it.
 */
enum at_status at_report_save(const struct at_report *report, struct at_store *store, const struct at_filter *filter, const char *path,
                              struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
