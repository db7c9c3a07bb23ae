/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_BUDGETS_H
#define AT_TESTS_REPORTS_BUDGETS_H

/*
 * Adds made-up error budgets to the database at `path`, which is made if it is not there. Of case "plain" and variant "good" by rel_rmse:
 * an old one, value 8, with one rounding "old" and the change BUDGETS_EVIL to 5; the newest, value 4 and without changes, with shares
 * K 0.75, then V -0.5, of which nothing is expected. Of variant "other" by bias one with share 1 and the change "output=fp32" to 0.
 */
#define BUDGETS_EVIL "k.scale=<b>&"
void budgets_add(const char *path);

#endif
