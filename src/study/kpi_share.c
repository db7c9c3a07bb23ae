/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_share.h"

#include "stats/exceedance.h"
#include "stats/sequential.h"

static enum at_verdict verdict_of(enum at_decision of_most, enum at_decision of_least)
{
    return of_most == AT_DECISION_MET ? AT_MET : of_least == AT_DECISION_NOT_MET ? AT_NOT_MET : AT_CANNOT_SAY;
}

static enum at_status decide_once(const struct at_kpi_requirement *r, struct at_kpi_finding *f, struct at_error *error)
{
    struct at_exceedance most, least;
    int64_t n = (int64_t)f->units, k = (int64_t)f->missing, unknown = (int64_t)f->unknown;
    enum at_status status = at_exceedance_decide(k + unknown, n, 1 - r->coverage, r->confidence, &most, error);
    if (!status)
        status = at_exceedance_decide(k, n, 1 - r->coverage, r->confidence, &least, error);
    if (status)
        return status;
    f->verdict = verdict_of(most.decision, least.decision);
    f->interval = (struct at_interval){least.lower, most.upper};
    if (f->verdict == AT_CANNOT_SAY) {
        f->further_met = most.clean_heads;
        f->further_not_met = least.bad_heads;
    }
    return AT_OK;
}

static enum at_status decide_any(const struct at_kpi_requirement *r, struct at_kpi_finding *f, struct at_error *error)
{
    struct at_interval most, least;
    enum at_decision of_most, of_least;
    double allowed = 1 - r->coverage;
    int64_t n = (int64_t)f->units, k = (int64_t)f->missing, counted = k + (int64_t)f->unknown;
    enum at_status status = at_anytime_proportion(counted, n, r->confidence, allowed, &most);
    if (!status)
        status = at_anytime_proportion(k, n, r->confidence, allowed, &least);
    if (!status)
        status = at_anytime_decide(counted, n, allowed, r->confidence, &of_most);
    if (!status)
        status = at_anytime_decide(k, n, allowed, r->confidence, &of_least);
    if (status)
        return at_fail(error, status, "quantile: %zu of %zu heads cannot be judged at any look", f->missing, f->units);
    f->verdict = verdict_of(of_most, of_least);
    f->interval = (struct at_interval){least.low, most.high};
    return f->verdict == AT_CANNOT_SAY ? at_anytime_clean_heads(counted, n, allowed, r->confidence, &f->further_met) : AT_OK;
}

enum at_status at_kpi_decide_share(const struct at_kpi_requirement *r, bool whole, struct at_kpi_finding *f, struct at_error *error)
{
    double units = (double)f->units, missing = (double)f->missing, unknown = (double)f->unknown;
    if (!whole)
        return r->any_look ? decide_any(r, f, error) : decide_once(r, f, error);
    f->verdict = (units - missing - unknown) / units >= r->coverage ? AT_MET
                 : (units - missing) / units >= r->coverage         ? AT_CANNOT_SAY
                                                                    : AT_NOT_MET;
    return AT_OK;
}
