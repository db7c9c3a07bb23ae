/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "searching.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

void searching_open(struct searching *s, const char *family, const char *variant, const char *metric)
{
    char text[512];
    struct at_error error = {""};
    *s = (struct searching){.request = {.seed = 1, .evaluations = 60, .budget_s = INFINITY, .local = true}};
    snprintf(
        text, sizeof text,
        "name: n\nrows: 4\noracle: certified\nvariants: [\"%s\"]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 64, dim: 32}}]\n",
        variant);
    if (scratch_study(text, &s->study, &error) || at_plan_make(&s->study, INFINITY, &s->plan, &error) ||
        at_search_family_read(family, &s->request.family, &error) || at_metric_find(metric, &s->request.scorer.metric, &error) ||
        at_numerics_resolve(&s->study.variants[0].numerics, &s->plan.cases[0].problem, &s->request.scorer.numerics, &error))
        fail_msg("%s", error.message);
    s->request.variant = &s->study.variants[0];
    s->request.scorer.c = &s->plan.cases[0];
    s->request.scorer.oracle = s->plan.oracle.oracle;
}

void searching_close(struct searching *s)
{
    at_plan_done(&s->plan);
    at_study_done(&s->study);
}
