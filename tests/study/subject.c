/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void scratch_subject_open(struct scratch_subject *s, const char *text, const char *database)
{
    struct at_error error;
    scratch_bench_open(&s->bench, text, database);
    struct at_bench *b = &s->bench.bench;
    if (at_truths_solve(b->c, b->oracle, &b->inputs, NULL, NULL, &s->bench.progress, &s->truths, &error))
        fail_msg("%s", error.message);
    s->subject = (struct at_budget_subject){b->c, &b->inputs, &s->truths, AT_SIMD_AUTO, &s->bench.progress};
}

void scratch_subject_close(struct scratch_subject *s)
{
    at_truths_done(&s->truths);
    scratch_bench_close(&s->bench);
}

struct at_budget scratch_budget(struct scratch_subject *s, size_t i, enum at_deviation_metric metric)
{
    struct at_budget budget;
    struct at_error error;
    if (at_budget_make(&s->subject, &s->bench.study.variants[i], metric, &budget, &error))
        fail_msg("%s", error.message);
    return budget;
}

const struct at_budget_entry *scratch_entry(const struct at_budget *budget, enum at_rounding rounding)
{
    for (size_t i = 0; i < budget->count; i++)
        if (budget->entries[i].rounding == rounding)
            return &budget->entries[i];
    fail_msg("no entry for %s", at_roundings[rounding].name);
    return NULL;
}
