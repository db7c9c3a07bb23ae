/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SCORE_H
#define AT_STUDY_SCORE_H

#include "metrics/metric.h"
#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bins of the error histogram: log2(|error| / sum p|v|) in [-64, 16); errors of double precision and of nonsense both fall inside. */
enum { AT_HISTOGRAM_FIRST = -64, AT_HISTOGRAM_BINS = 80 };

/* All metrics of one run against one reference, row by row, merged into heads and into the case, as facts for the store. */
struct at_scores {
    int reference;
    struct at_metric_state *row, *head, *whole; /* [at_metric_count] */
    struct at_measure_fact *facts;
    size_t count, room;
    int64_t bins[AT_HISTOGRAM_BINS], zeros, nonfinite, below, above;
};

/* Room for `rows` rows in each of `heads` heads. Free with at_scores_done. */
enum at_status at_scores_init(struct at_scores *ret_scores, int reference, int64_t heads, int64_t rows, struct at_error *error);
void at_scores_done(struct at_scores *scores);

/* Adds one row: facts of scope row, the head's states, the histogram (elements whose truth is not finite are left out of it). */
void at_scores_row(struct at_scores *scores, int64_t b, int64_t h, int64_t s, const struct at_row_sample *sample);

/* The same for rows s[count] in their order; threads share them and change no bit. */
enum at_status at_scores_rows(struct at_scores *scores, int64_t b, int64_t h, const int64_t *s, const struct at_row_sample *samples,
                              int64_t count, struct at_error *error);

/*
 * Ends the head: facts of scope head. `counts`: of its Q and P and of the K and V it reads. They do not add up to the case's, because the
 * heads of a group read the same K and V.
 */
void at_scores_head(struct at_scores *scores, int64_t b, int64_t h, const struct at_counts *counts);

/* Ends the case: facts of scope case. `counts` are those of the whole case. */
void at_scores_case(struct at_scores *scores, const struct at_counts *counts);

struct at_histogram_fact at_scores_histogram(const struct at_scores *scores);

#ifdef __cplusplus
}
#endif

#endif
