/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_BENCH_TABLE_H
#define AT_CLI_BENCH_TABLE_H

#include "reports/query.h"

/* What attest bench and attest show bench print. */
struct at_bench_tables {
    struct at_table speeds, ceilings; /* queries/bench.sql and queries/ceilings.sql */
};

/* What `filter` chooses; free with at_bench_tables_done, whatever it returns. */
enum at_status at_bench_tables_load(struct at_store *store, const struct at_filter *filter, struct at_bench_tables *ret_tables,
                                    struct at_error *error);
void at_bench_tables_done(struct at_bench_tables *tables);

/* A table for each GPU, input, head dimension and mask, then the ceilings. */
void at_bench_tables_print(const struct at_bench_tables *tables);

#endif
