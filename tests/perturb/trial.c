/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "pad.h"
#include "study/check_model.h"

#include <math.h>
#include <stdlib.h>

static enum at_status write_plain(struct trial *t, const struct trial_setting *s, const char *path, struct at_error *error)
{
    struct kernel_case k;
    enum at_status status = kernel_case_init(&k, s->distribution, &s->problem, t->seed, s->variant, error);
    if (status)
        return status;
    status = kernel_find("plain-fp32")->compute(&k, error);
    if (!status && !kernel_write(&k, path))
        status = at_fail(error, AT_ERR_IO, "%s: cannot be written", path);
    kernel_case_done(&k);
    return status;
}

static enum at_status expect_rows(struct trial *t, struct at_error *error)
{
    const struct at_check_case *c = &t->c;
    const int64_t rows = c->c.rows.count, dim = c->c.problem.dim;
    enum at_status status = AT_OK;
    for (int64_t h = 0; h < at_check_heads(c) && !status; h++) {
        const struct at_oracle_truth *truth = &c->truths[AT_AGAINST_DEQUANTISED].head[h];
        double *row = t->e.row + h * rows;
        status = at_check_model_rows(c, &c->operands, &c->c.rows, truth, h, row, error);
        for (int64_t i = 0; i < rows; i++)
            row[i] = sqrt(fmax(row[i], at_check_rounding(truth->o + i * dim, dim, c->numerics.output)));
    }
    return status;
}

static enum at_status expect(struct trial *t, struct at_error *error)
{
    const struct at_check_source *source = t->c.by_model ? &at_check_by_model : &at_check_by_twin;
    size_t lines = (size_t)(at_check_heads(&t->c) * t->c.c.rows.count);
    t->o = calloc(lines * (size_t)t->c.c.problem.dim, sizeof *t->o);
    t->lse = calloc(lines, sizeof *t->lse);
    enum at_status status = t->o && t->lse ? AT_OK : at_fail(error, AT_ERR_MEMORY, "trial: out of memory");
    if (!status)
        status = at_check_case_solve(&t->c, error);
    if (!status)
        status = at_check_expectation_init(&t->c, &t->e, error);
    if (!status)
        status = t->question.level > 0 ? source->expect(&t->c, &t->e, error) : expect_rows(t, error);
    return status;
}

enum at_status trial_open(struct trial *t, const struct trial_setting *s, uint64_t seed, const char *path, double level,
                          enum at_check_by by, struct at_error *error)
{
    *t = (struct trial){.seed = seed};
    enum at_status status = write_plain(t, s, path, error);
    if (!status)
        status = at_variant_choose(s->variant, &t->variant, error);
    if (!status)
        status = at_distribution_choose(s->distribution, &t->distribution, error);
    if (status)
        return status;
    t->input = (struct at_study_input){.label = (char *)(uintptr_t)s->distribution,
                                       .format = AT_FP16,
                                       .problem = s->problem,
                                       .seeds = &t->seed,
                                       .seed_count = 1,
                                       .distribution = t->distribution};
    t->study =
        (struct at_study){.name = t->input.label, .inputs = &t->input, .input_count = 1, .variants = &t->variant, .variant_count = 1};
    t->question = (struct at_check_question){.study = &t->study, .output = {.path = path}, .by = by, .level = level, .memory = 0x1p40};
    status = at_check_case_open(&t->question, &t->c, error);
    if (status)
        return status;
    status = expect(t, error);
    if (status)
        trial_done(t);
    return status;
}

void trial_done(struct trial *t)
{
    at_check_expectation_done(&t->e);
    at_check_case_done(&t->c);
    free(t->o);
    free(t->lse);
}

enum at_status trial_attend(struct trial *t, const struct at_numerics *numerics, struct at_error *error)
{
    const struct at_check_case *c = &t->c;
    const int64_t rows = c->c.rows.count, dim = c->c.problem.dim;
    struct at_operands operands = c->operands, padded;
    operands.numerics = *numerics;
    bool wide = !at_problem_has_twin(&operands.problem);
    enum at_status status = wide ? pad_operands(&operands, &padded, error) : AT_OK;
    if (status)
        return status;
    for (int64_t h = 0; h < at_check_heads(c) && !status; h++)
        status = pad_attend(wide ? &padded : &operands, dim, h, &c->c.rows, t->o + h * rows * dim, t->lse + h * rows, NULL, error);
    if (wide)
        pad_done(&padded);
    return status;
}

void trial_measure(const struct trial *t, const float *o, double *row, double *head)
{
    const struct at_check_case *c = &t->c;
    const int64_t rows = c->c.rows.count, dim = c->c.problem.dim;
    for (int64_t h = 0; h < at_check_heads(c); h++) {
        double measured = 0, expected = 0;
        for (int64_t i = 0; i < rows; i++) {
            const int64_t line = h * rows + i;
            const double *truth = c->truths[AT_AGAINST_DEQUANTISED].head[h].o + i * dim;
            const bool defined = at_check_defined(c, h, i);
            const double square = at_check_square(o + line * dim, truth, dim);
            measured += defined ? square : 0;
            expected += defined ? t->e.row[line] * t->e.row[line] : 0;
            if (row)
                row[line] = !defined ? NAN : square > 0 ? sqrt(square) / t->e.row[line] : 0;
        }
        if (head)
            head[h] = sqrt(measured / expected);
    }
}

bool trial_lse(const struct trial *t, const float *lse)
{
    const int64_t rows = t->c.c.rows.count;
    for (int64_t line = 0; line < at_check_heads(&t->c) * rows; line++) {
        const double error = at_check_lse_error(&t->c, line / rows, line % rows, lse[line]);
        if (error < t->e.lse_low[line] || error > t->e.lse_high[line])
            return true;
    }
    return false;
}
