/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include <math.h>
#include <stdlib.h>

bool trial_accepts(const struct trial *t, const struct at_rule *rule, const struct trial_outputs *outputs)
{
    const struct trial_outputs *reference = &t->reference[rule->reference];
    struct at_rule_sample sample = {.heads = t->problem.heads_q,
                                    .rows = t->rows.count,
                                    .dim = TRIAL_DIM,
                                    .got = outputs->o,
                                    .reference = reference->o,
                                    .baseline = t->baseline.o,
                                    .got_lse = outputs->lse,
                                    .reference_lse = reference->lse,
                                    .format = t->format,
                                    .operands = t->operands.numerics.q.format};
    return rule->accepts(&sample);
}

/* The outputs of a defect: remembered, or made anew in `scratch`. */
static enum at_status outputs_of(struct trial *t, size_t defect, double strength, struct trial_outputs *scratch,
                                 const struct trial_outputs **ret_outputs, struct at_error *error)
{
    const struct trial_defect *d = &trial_defects[defect];
    for (struct trial_memo *memo = t->memo; memo; memo = memo->next)
        if (memo->defect == defect && memo->strength == strength) {
            *ret_outputs = &memo->outputs;
            return AT_OK;
        }
    *ret_outputs = scratch;
    if (!d->dear)
        return d->make(t, strength, scratch, error);
    struct trial_memo *memo = calloc(1, sizeof *memo);
    enum at_status status = memo ? trial_outputs_init(&memo->outputs, t, error) : at_fail(error, AT_ERR_MEMORY, "trial: no memory");
    status = status ? status : d->make(t, strength, &memo->outputs, error);
    if (status) {
        if (memo)
            trial_outputs_done(&memo->outputs);
        free(memo);
        return status;
    }
    *memo = (struct trial_memo){t->memo, defect, strength, memo->outputs};
    t->memo = memo;
    *ret_outputs = &memo->outputs;
    return AT_OK;
}

struct search {
    struct trial *trial;
    const struct at_rule *rule;
    size_t defect;
    struct trial_outputs scratch;
};

static enum at_status ask(struct search *s, double strength, bool *ret_accepted, struct at_error *error)
{
    const struct trial_outputs *outputs;
    enum at_status status = outputs_of(s->trial, s->defect, strength, &s->scratch, &outputs, error);
    if (!status)
        *ret_accepted = trial_accepts(s->trial, s->rule, outputs);
    return status;
}

/* Between an accepted and a rejected strength: to neighbouring counts, or to 1 %. */
static enum at_status bisect(struct search *s, struct trial_verdict *v, struct at_error *error)
{
    bool whole = trial_defects[s->defect].kind == DEFECT_WHOLE, accepted;
    while (whole ? v->rejected - v->accepted > 1 : v->rejected > 1.01 * v->accepted) {
        double middle = whole ? floor((v->accepted + v->rejected) / 2) : sqrt(v->accepted * v->rejected);
        enum at_status status = ask(s, middle, &accepted, error);
        if (status)
            return status;
        *(accepted ? &v->accepted : &v->rejected) = middle;
    }
    return AT_OK;
}

static enum at_status climb(struct search *s, struct trial_verdict *v, struct at_error *error)
{
    const struct trial_defect *d = &trial_defects[s->defect];
    double least = d->kind == DEFECT_WHOLE ? 1 : d->least;
    double most = d->kind == DEFECT_WHOLE ? (double)d->most_count(s->trial) : d->kind == DEFECT_PLAIN ? least : d->most;
    *v = (struct trial_verdict){.all = true};
    for (double step = least, last = NAN; last != most; step *= 2) {
        double strength = step < most ? step : most;
        bool accepted;
        enum at_status status = ask(s, strength, &accepted, error);
        if (status)
            return status;
        if (!accepted && v->all) {
            v->all = false;
            v->none = isnan(last);
            v->rejected = strength;
        } else if (accepted) {
            *(v->all ? &v->accepted : &v->again) = strength;
        }
        last = strength;
    }
    return AT_OK;
}

enum at_status trial_search(struct trial *trial, const struct at_rule *rule, size_t defect, struct trial_verdict *ret_verdict,
                            struct at_error *error)
{
    struct search search = {.trial = trial, .rule = rule, .defect = defect};
    struct trial_verdict verdict = {0};
    enum at_status status = trial_outputs_init(&search.scratch, trial, error);
    status = status ? status : climb(&search, &verdict, error);
    if (!status && !verdict.all && !verdict.none)
        status = bisect(&search, &verdict, error);
    trial_outputs_done(&search.scratch);
    if (!status)
        *ret_verdict = verdict;
    return status;
}
