/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_SCORE_H
#define AT_STUDY_SEARCH_SCORE_H

#include "metrics/metric.h"
#include "study/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How bad one variant is on given inputs by one metric: prepare, twin and oracle, as a run of attest run has them. */
struct at_search_scorer {
    const struct at_case *c;        /* problem, format and rows; its input does not matter */
    struct at_numerics numerics;    /* resolved */
    const struct at_metric *metric; /* at_search_metric_check passes it */
    bool dequantised;               /* against the truth of the dequantised operands: the kernel's own part */
    const struct at_oracle *oracle;
    enum at_simd simd;
};

struct at_search_score {
    double value, radius; /* of the whole case, as stored by a run; NaN: undefined */
    double bound;         /* what the metric is at least (in magnitude, where nearer 0 is better): value - radius; NaN: undefined */
};

/* Refuses a metric of which more is better, whose worst case is no maximum; names one that measures the same from the other side. */
enum at_status at_search_metric_check(const struct at_metric *metric, struct at_error *error);

/* The value and radius of a metric as a score. A radius of NaN, of a metric that does not depend on the truth, is 0. */
struct at_search_score at_search_score_of(const struct at_metric *metric, double value, double radius);

/* Scores `inputs`, which have the case's shape and format. Rows that the oracle leaves open are not looked at by a sharper one. */
enum at_status at_search_score(const struct at_search_scorer *scorer, const struct at_qkv *inputs, struct at_search_score *ret_score,
                               struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
