/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/sequential.h"

#include <math.h>

enum at_status at_sprt_start(double good, double bad, double alpha, double beta, struct at_sprt *ret_sprt)
{
    if (!(0 < good && good < bad && bad < 1) || !(alpha > 0 && beta > 0 && alpha + beta < 1))
        return AT_ERR_ARGUMENT;
    *ret_sprt = (struct at_sprt){good, bad, alpha, beta, 0, 0, 0, AT_DECISION_OPEN};
    return AT_OK;
}

/* From the counts, so that no rounding adds up. */
static double log_ratio(const struct at_sprt *s, int64_t heads)
{
    return (double)s->exceeding * log(s->bad / s->good) + (double)(heads - s->exceeding) * (log1p(-s->bad) - log1p(-s->good));
}

static double met_at(const struct at_sprt *s)
{
    return log(s->beta / (1 - s->alpha));
}

enum at_decision at_sprt_add(struct at_sprt *sprt, bool exceeds)
{
    if (sprt->decision != AT_DECISION_OPEN)
        return sprt->decision;
    sprt->heads++;
    sprt->exceeding += exceeds;
    sprt->log_ratio = log_ratio(sprt, sprt->heads);
    if (sprt->log_ratio <= met_at(sprt))
        sprt->decision = AT_DECISION_MET;
    else if (sprt->log_ratio >= log((1 - sprt->beta) / sprt->alpha))
        sprt->decision = AT_DECISION_NOT_MET;
    return sprt->decision;
}

int64_t at_sprt_clean_heads(const struct at_sprt *sprt)
{
    if (sprt->decision != AT_DECISION_OPEN)
        return 0;
    double step = log1p(-sprt->good) - log1p(-sprt->bad);
    int64_t heads = (int64_t)floor((sprt->log_ratio - met_at(sprt)) / step);
    while (log_ratio(sprt, sprt->heads + heads) > met_at(sprt))
        heads++;
    return heads;
}
