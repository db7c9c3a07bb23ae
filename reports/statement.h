/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_STATEMENT_H
#define AT_REPORTS_STATEMENT_H

#include "reports/units.h"
#include "stats/sentence.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the heads of a pool say of the other heads of their source (docs/statistics.md): numbers, and the sentences that say them. Heads are
 * known between two ends: what is said from above is said of the upper ones, what is said from below of the lower ones.
 */

struct at_statement_question {
    double confidence; /* of every statement, and level of its intervals; 0.5 to AT_STATEMENT_SUREST */
    double share;      /* of heads that the bound is of; 0: the largest of at_statement_shares for which the heads suffice */
    double period;     /* the tail's: a level above which is one head in `period`; 0: AT_TAIL_REACH times the heads */
};
#define AT_STATEMENT_SUREST 0.999

/* Longest names of a subject together: the longest sentence is of no more than 300 characters beside them. */
enum { AT_STATEMENT_NAMES = 320 };

/* Ascending. Which of them is taken depends on the number of heads alone, so that the confidence stays what it says. */
extern const double at_statement_shares[];
extern const size_t at_statement_share_count;

/* A tail model whose test has a p value at or below this is rejected. */
extern const double at_statement_rejection;

enum at_said { AT_SAID_BOUND, AT_SAID_MEDIAN, AT_SAID_MEAN, AT_SAID_TAIL, AT_SAIDS };

struct at_statement {
    bool sample;              /* false: a capture's heads, of which a fact is said and nothing of others */
    size_t heads, unknown;    /* key/value heads; those of which nothing is known */
    size_t unbounded;         /* heads whose worse end is not finite, the unknown among them */
    struct at_interval range; /* of all heads; NaN with an unknown one */
    double share;             /* of the bound */
    int64_t needed;           /* heads that a bound of that share takes; 0: more than 10^9 */
    bool has_bound;           /* so `bound` is set; it may be infinite */
    struct at_order_bound bound;
    struct at_interval median, mean; /* NaN where there is none */
    double median_attained;
    bool has_tail;                         /* so `tail` and `level` are set, the model rejected or not */
    struct at_tail tail;                   /* fitted to the upper ends */
    struct at_return_level level;          /* its interval is NaN where the model is rejected */
    char said[AT_SAIDS][AT_SENTENCE_SIZE]; /* or why there is none */
    char fact[AT_SENTENCE_SIZE];           /* "" of a sample */
};

/*
 *   better: smaller or nearer zero: the bound is from above; larger: from below, and there is no tail: it is of what is larger when worse
 * AT_ERR_ARGUMENT for a question out of range or a subject above AT_STATEMENT_NAMES, AT_ERR_MEMORY.
 */
enum at_status at_statement_of(const struct at_units *units, enum at_better better, bool sample,
                               const struct at_statement_question *question, struct at_subject subject, struct at_statement *ret_statement,
                               struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
