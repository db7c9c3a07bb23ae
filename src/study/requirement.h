/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_REQUIREMENT_H
#define AT_STUDY_REQUIREMENT_H

#include "core/status.h"
#include "metrics/metric.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `attest gate --require` asks: "rel_rmse<=0.05,nonfinite==0". */

enum at_relation { AT_LESS_EQUAL, AT_LESS, AT_GREATER_EQUAL, AT_GREATER, AT_EQUAL };

struct at_requirement {
    const struct at_metric *metric;
    const char *against; /* "original" (the default) or "dequantised" ("dequantised.rel_rmse<=0.001"); static */
    enum at_relation relation;
    double bound;  /* finite */
    char text[96]; /* as written */
};

enum at_verdict { AT_MET, AT_NOT_MET, AT_CANNOT_SAY };

/*
 * Parses requirements parted by commas: [original.|dequantised.]metric, one of <= < >= > ==, a number. Unknown metrics are refused with
 * the nearest name. Caller frees *ret_requirements.
 */
enum at_status at_requirements_parse(const char *text, struct at_requirement **ret_requirements, size_t *ret_count, struct at_error *error);

/*
 * Met or not, for a value known to within radius >= 0. AT_CANNOT_SAY when the value is NaN (undefined) or when the radius could turn the
 * verdict.
 */
enum at_verdict at_requirement_judge(const struct at_requirement *requirement, double value, double radius);

/*
 * The same for a value that lies in [low, high]: met when all of it meets the requirement, not met when all of it misses, else, and when an
 * end is NaN, AT_CANNOT_SAY.
 */
enum at_verdict at_requirement_judge_between(const struct at_requirement *requirement, double low, double high);

/* Of several: not met if one is not met; else cannot say if one cannot; else met. */
enum at_verdict at_verdict_both(enum at_verdict a, enum at_verdict b);

const char *at_verdict_name(enum at_verdict verdict);

#ifdef __cplusplus
}
#endif

#endif
