/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_READINGS_H
#define AT_STUDY_READINGS_H

#include "metrics/metric.h"
#include "study/logits.h"
#include "study/plan.h"
#include "study/reference.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The outputs of one run read out beside its two truths, as facts for the store. With a readout of [tokens, heads * dim] all heads of a
 * query row make one sample, with [tokens, dim] each of them.
 */
struct at_readings {
    const struct at_case *c;
    int64_t width;                 /* of the readout; 0: the case has none, and nothing is done */
    float *got;                    /* [rows][width] */
    double *truth[AT_REFERENCES];  /* [rows][width] each */
    double *radius[AT_REFERENCES]; /* [rows] each: sum of squares so far */
    struct at_token_fact *facts;
    size_t count;
};

/* Room for all samples of the case. Free with at_readings_done. */
enum at_status at_readings_init(const struct at_case *c, struct at_readings *ret_readings, struct at_error *error);
void at_readings_done(struct at_readings *readings);

/* Keeps row `i` of the case's rows, of query head h, beside truth `reference`. */
void at_readings_add(struct at_readings *readings, int reference, int64_t h, int64_t i, const struct at_row_sample *sample);

/* After the last row of head (b, h) beside both truths: makes its samples, or those of all heads after the last head. */
enum at_status at_readings_head(struct at_readings *readings, const struct at_readout *readout, int64_t b, int64_t h,
                                struct at_error *error);

/* Bytes that a case's readings take at their widest, the readout among them; 0 without one. */
double at_readings_bytes(const struct at_case *c, int threads);

/*
 * As at_store_find_run, of a case with a readout the run must have been read out with it: one that was not is computed again, and then gets
 * its readings.
 */
enum at_status at_readings_find(struct at_store *store, const struct at_case *c, const struct at_run_key *key, int64_t *ret_run,
                                struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
