/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/rows.h"

#include "core/random.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ROWS_STREAM = 0x726f7773 }; /* "rows": keeps these draws apart from those of the inputs */

enum at_status at_rows_choose(struct at_rows *ret_rows, int64_t seq_q, int64_t count, uint64_t seed, struct at_error *error)
{
    if (seq_q < 1)
        return at_fail(error, AT_ERR_ARGUMENT, "rows: a sequence of %" PRId64 " rows has none to choose from", seq_q);
    if (count <= 0 || count > seq_q)
        count = seq_q;
    int64_t *index = malloc((size_t)count * sizeof *index);
    if (!index)
        return at_fail(error, AT_ERR_MEMORY, "rows: no memory for %" PRId64 " positions", count);
    struct at_random key = {seed, ROWS_STREAM};
    for (int64_t i = 0; i < count; i++) {
        int64_t longer = seq_q % count; /* the first `longer` strata hold one row more */
        int64_t from = seq_q / count * i + (i < longer ? i : longer), rows = seq_q / count + (i < longer);
        index[i] = from + (int64_t)(at_random_uniform(key, (uint64_t)i) * (double)rows);
    }
    index[count - 1] = seq_q - 1;
    *ret_rows = (struct at_rows){count, index};
    return AT_OK;
}

void at_rows_done(struct at_rows *rows)
{
    free(rows->index);
    *rows = (struct at_rows){0};
}
