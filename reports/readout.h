/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_READOUT_H
#define AT_REPORTS_READOUT_H

#include "reports/pool.h"
#include "stats/read_number.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How far the distributions over tokens moved (queries/readouts.sql), over the samples of all seeds of a pool (docs/readout.md). The unit
 * of intervals is the sequence, a batch element of one input; of heads that are read alone the key/value head of a sequence.
 */

/* Of KL in nat its mean, median, 99 % and 99.9 % quantiles; of the samples whose top token is decided the share with the same one. */
enum at_read_which { AT_READ_MEAN, AT_READ_MEDIAN, AT_READ_Q99, AT_READ_Q999, AT_READ_TOP, AT_READ_NUMBERS };

/* One variant of a pool, one readout, one truth. */
struct at_read_statistics {
    size_t pool;                            /* row of the pools */
    int64_t pool_id;                        /* equal for the variants of one pool */
    const char *readout, *against, *sha256; /* "model.safetensors:lm_head.weight"; owned by the table */
    int64_t tokens, width;
    bool heads;             /* each head is read alone */
    int64_t units, samples; /* samples with a KL */
    int64_t undefined;      /* without: their truth is not finite */
    int64_t open;           /* samples whose top token the radii leave open */
    struct at_read_number numbers[AT_READ_NUMBERS];
    double max, max_radius;                        /* largest KL; a maximum has no interval */
    int64_t max_run, max_batch, max_head, max_row; /* max_head -1: all together */
    double max_logit;
    double radius; /* no mean and no quantile of KL can be farther off: the largest radius */
};

struct at_readouts {
    struct at_pools pools;
    struct at_table table;
    struct at_read_statistics *rows; /* by pool, readout and truth, then by variant */
    size_t count;
};

/* filter->against NULL: both truths. Free with at_readouts_done. No row is no failure. */
enum at_status at_readouts_load(struct at_store *store, const struct at_filter *filter, struct at_readouts *ret_readouts,
                                struct at_error *error);

void at_readouts_done(struct at_readouts *readouts);

/* The first row of another pool or readout or truth than row `i` has; the loop over tables. */
size_t at_readouts_next(const struct at_readouts *readouts, size_t i);

/*
 * The n-th different reason why numbers of rows [from, to) have no interval, "mean, median: 1 sequence: an interval takes 32"; false behind
 * the last.
 */
enum { AT_READ_REASON_SIZE = 256 };
bool at_readouts_reason(const struct at_readouts *readouts, size_t from, size_t to, size_t n, char ret_text[AT_READ_REASON_SIZE]);

/* "sequences", "key/value heads": what intervals draw. */
const char *at_read_unit(const struct at_read_statistics *statistics, bool plural);

#ifdef __cplusplus
}
#endif

#endif
