/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_FIXTURE_H
#define AT_TESTS_REPORTS_FIXTURE_H

#include "reports/html.h"
#include "store/store.h"

#include <stdbool.h>

/*
 * A small database of made-up facts, for layout and queries. Four cases: "plain" with seeds 1 and 2, FIXTURE_EVIL, and "plain" of twice the
 * length; variants "good" and "broken". Of plain/seed 1 "good" is FIXTURE_HEADS heads with errors that differ, "broken" gave 7 outputs that
 * are not finite; plain/seed 2 is undefined in every metric; FIXTURE_EVIL has rows without a finite truth.
 */
#define FIXTURE_EVIL "<script>alert(\"x\")</script>&'`$(touch pwned)\\"
enum { FIXTURE_HEADS = 12, FIXTURE_ROWS = 16, FIXTURE_KEYS = 1024, FIXTURE_BROKEN = 7, FIXTURE_UNDEFINED = 3 };

/* A folder of its own under /tmp, removed with all in it by fixture_done; and a path in it (static). */
const char *fixture_folder(void);
const char *fixture_path(const char *name);
void fixture_done(void);

/* Fills the database at `path`, opened for reading; asserts that all of it works. */
struct at_store *fixture_store(const char *path);

/* An empty database, opened for writing, with a build, a device and a study of this text, for runs of `key`; then opened for reading. */
struct at_store *fixture_begin(const char *path, const char *study_text, struct at_run_key *key);
struct at_store *fixture_end(struct at_store *store, const char *path);

/* The same as fixture_store without any run. */
struct at_store *fixture_empty(const char *path);

/* Relative RMSE of head h of "good", and of the case. */
double fixture_head(int h);
double fixture_rel_rmse(void);

/* A page over the whole fixture with its results loaded; the sections are called by the tests. */
struct at_page fixture_page(struct at_store *store, struct at_buffer *text);
void fixture_page_done(struct at_page *page);

bool holds(const struct at_buffer *text, const char *what);

#endif
