/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_SENTENCE_H
#define AT_STATS_SENTENCE_H

#include "stats/bend.h"
#include "stats/exceedance.h"
#include "stats/order.h"
#include "stats/paired.h"
#include "stats/power_law.h"
#include "stats/sequential.h"
#include "stats/tail.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Each result as the one sentence that it shows, and no more (docs/statistics.md). Bounds are rounded to three digits away from the claim.
 * No sentence ends with a full stop. AT_ERR_ARGUMENT when the names are too long for ret_text: a cut sentence could claim something else.
 */
enum { AT_SENTENCE_SIZE = 640 };

/* Whose and what: "max error", "normal:sd=1". The source is that from which the heads were drawn at random; nothing is said of others. */
struct at_subject {
    const char *what, *source;
};

/* "with 95 % confidence at least 99 % of heads from G have max error at most X (n = 299, r = 1)"; an infinite bound: "cannot say: ...". */
enum at_status at_sentence_order(const struct at_order_bound *bound, struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* "cannot say: 45 heads, needs 299" */
enum at_status at_sentence_too_few(int64_t heads, int64_t needed, char ret_text[AT_SENTENCE_SIZE]);

/* "with 95 % confidence at most 1 % of heads from G have max error above T (0 of 299)"; "more than"; "cannot say whether ...". */
enum at_status at_sentence_exceedance(const struct at_exceedance *exceedance, double threshold, struct at_subject subject,
                                      char ret_text[AT_SENTENCE_SIZE]);

/* at_sentence_exceedance of other edges: "... have bias below -0.1 or above 0.1 (0 of 299)". */
enum at_status at_sentence_beyond(const struct at_exceedance *exceedance, const struct at_beyond *beyond, struct at_subject subject,
                                  char ret_text[AT_SENTENCE_SIZE]);

/* The mean over heads: "... is A to B (approximate 95 % interval, studentised bootstrap of 48 heads)". */
enum at_status at_sentence_interval(struct at_interval interval, double level, size_t heads, struct at_subject subject,
                                    char ret_text[AT_SENTENCE_SIZE]);

/* Of at_order_quantile: "with 95 % confidence the median over heads from G of max error is between A and B (n = 45)". */
enum at_status at_sentence_quantile(struct at_interval interval, double p, double level, int64_t heads, struct at_subject subject,
                                    char ret_text[AT_SENTENCE_SIZE]);

/*
 * Heads that are no sample of others: "the 4 heads of G looked at have max error between A and B; they are no sample, and this says
 * nothing of other heads". unbounded: how many of them have no finite value, `range` not being of them.
 */
enum at_status at_sentence_fact(struct at_interval range, int64_t heads, int64_t unbounded, struct at_subject subject,
                                char ret_text[AT_SENTENCE_SIZE]);

/* "cannot say: " and why, which is the message of whoever refused. */
enum at_status at_sentence_refused(const char *why, char ret_text[AT_SENTENCE_SIZE]);

/*
 * A number over all samples of units that hold several each, "sequences": "the mean KL over samples from G is A to B (approximate 95 %
 * interval, bootstrap of 48 sequences)"; by_order: "(95 % interval, order statistics of 400 sequences)".
 */
enum at_status at_sentence_samples(struct at_interval interval, double level, bool by_order, size_t units, const char *unit,
                                   struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* A confidence sequence: "at this and every other look, ...". */
enum at_status at_sentence_anytime(struct at_interval interval, double level, int64_t exceeding, int64_t heads, double threshold,
                                   struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/*
 * The same of other edges, for a decision by at_anytime_decide; clean_heads: what at_anytime_clean_heads says, told unless 0:
 * "...; 12 further heads would decide it if none of them exceeds".
 */
enum at_status at_sentence_anytime_beyond(struct at_interval interval, double level, int64_t exceeding, int64_t heads, int64_t clean_heads,
                                          const struct at_beyond *beyond, struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* The test's answer with the bound on the chance that it is wrong. */
enum at_status at_sentence_sprt(const struct at_sprt *sprt, double threshold, struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* Two variants a and b on the same heads. */
struct at_versus {
    const char *a, *b;
};

/* geometric: of at_paired_geometric, else of at_paired_means. */
enum at_status at_sentence_ratio(const struct at_ratio *ratio, bool geometric, double level, size_t heads, struct at_versus versus,
                                 struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

enum at_test { AT_TEST_SIGN, AT_TEST_SIGNED_RANK, AT_TEST_PERMUTATION };

/* adjusted: the two-sided p value after at_holm over `family` comparisons (family 1: the p value itself); alpha: the level. */
enum at_status at_sentence_test(const struct at_paired_test *test, enum at_test kind, double adjusted, size_t family, double alpha,
                                struct at_versus versus, struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* p_value: of at_tail_fit for the same values; at or below alpha the model is rejected and the sentence says that instead. */
enum at_status at_sentence_tail(const struct at_return_level *level, double p_value, double alpha, struct at_subject subject,
                                char ret_text[AT_SENTENCE_SIZE]);

/* variable: the name of x; fitted from `from` to `to`. */
enum at_status at_sentence_power_law(const struct at_power_law *law, double level, const char *variable, double from, double to,
                                     struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

/* Of at_power_law_reach at variable = at: both intervals with what each assumes. */
enum at_status at_sentence_reach(const struct at_reach *reach, double level, const char *variable, double at, double from, double to,
                                 struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
