/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_share.h"

#include "stats/stats.h"

#include <inttypes.h>
#include <stdbool.h>

enum { HEADS_MAX = 1000000000 };

/* A limit at `confidence` on one side is that of the two-sided interval whose tails are as large. */
static enum at_status limits(int64_t heads, int64_t missing, double confidence, struct at_interval *ret_limits)
{
    *ret_limits = (struct at_interval){0, 1};
    return heads ? at_stats_proportion(missing, heads, 2 * confidence - 1, ret_limits) : AT_OK;
}

/* Whether `more` heads, all of them missing or none, would decide it. */
static enum at_status decides(int64_t heads, int64_t missing, int64_t more, bool bad, double coverage, double confidence, bool *ret_decides)
{
    struct at_interval l;
    enum at_status status = limits(heads + more, missing + (bad ? more : 0), confidence, &l);
    if (!status)
        *ret_decides = bad ? l.low > 1 - coverage : l.high <= 1 - coverage;
    return status;
}

static enum at_status fewest(int64_t heads, int64_t missing, bool bad, double coverage, double confidence, int64_t *ret_more)
{
    int64_t few = 0, enough = 1;
    bool done = false;
    enum at_status status;
    while (!(status = decides(heads, missing, enough, bad, coverage, confidence, &done)) && !done && enough < HEADS_MAX) {
        few = enough;
        enough *= 2;
    }
    while (!status && done && enough - few > 1) {
        int64_t middle = few + (enough - few) / 2;
        bool by_then;
        if (!(status = decides(heads, missing, middle, bad, coverage, confidence, &by_then))) {
            few = by_then ? few : middle;
            enough = by_then ? middle : enough;
        }
    }
    if (!status)
        *ret_more = done ? enough : -1;
    return status;
}

enum at_status at_kpi_share_decide(int64_t heads, int64_t missing, int64_t unknown, double coverage, double confidence,
                                   struct at_kpi_share *ret_share, struct at_error *error)
{
    struct at_interval best, worst;
    struct at_kpi_share made = {AT_CANNOT_SAY, 0, 1, 0, 0};
    enum at_status status = limits(heads, missing, confidence, &best);
    if (!status)
        status = limits(heads, missing + unknown, confidence, &worst);
    if (status)
        return at_fail(error, status, "%" PRId64 " of %" PRId64 " heads: the limits of the share have no value at confidence %g", missing,
                       heads, confidence);
    made.low = best.low;
    made.high = worst.high;
    if (made.high <= 1 - coverage)
        made.verdict = AT_MET;
    else if (made.low > 1 - coverage)
        made.verdict = AT_NOT_MET;
    else if ((status = fewest(heads, missing + unknown, false, coverage, confidence, &made.clean)) ||
             (status = fewest(heads, missing, true, coverage, confidence, &made.bad)))
        return at_fail(error, status, "%" PRId64 " heads: how many more would decide has no value at confidence %g", heads, confidence);
    *ret_share = made;
    return AT_OK;
}
