/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_DATABASE_H
#define AT_CLI_DATABASE_H

#include "cli/options.h"
#include "reports/query.h"
#include "store/store.h"

/* The options that open a database and choose a part of it, shared by the verbs. */
#define AT_OPTION_DB \
    { \
        .name = "db", .value = "FILE", .help = "the database (default attest.db)" \
    }
#define AT_OPTION_STUDY \
    { \
        .name = "study", .value = "NAME", .help = "only studies of that name" \
    }
#define AT_OPTION_CASE \
    { \
        .name = "case", .value = "LABEL", .help = "only cases of that label (attest show cases)" \
    }
#define AT_OPTION_VARIANT \
    { \
        .name = "variant", .value = "NAME", .help = "only that variant (attest show variants)" \
    }

/* The file that --db names, or "attest.db". */
const char *at_database_path(const struct at_arguments *arguments);

/* What --study, --case and --variant choose; borrowed from the arguments. */
struct at_filter at_database_filter(const struct at_arguments *arguments);

/*
 * AT_ERR_NOT_FOUND, with the nearest name, when a study, label or variant of `filter` is nowhere in the database; AT_ERR_UNDEFINED when
 * each is but no run has them all, and when the database holds no run.
 */
enum at_status at_database_explain(struct at_store *store, const char *path, const struct at_filter *filter, struct at_error *error);

#endif
