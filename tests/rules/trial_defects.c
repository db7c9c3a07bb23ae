/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include <math.h>
#include <string.h>

static void copy(const struct trial *t, struct trial_outputs *outputs)
{
    memcpy(outputs->o, t->correct.o, (size_t)t->outputs * sizeof *outputs->o);
    memcpy(outputs->lse, t->correct.lse, (size_t)t->lines * sizeof *outputs->lse);
}

static enum at_status zeros(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)strength, (void)error;
    copy(t, outputs);
    memset(outputs->o, 0, (size_t)t->outputs * sizeof *outputs->o);
    return AT_OK;
}

/* K or V without its first `dropped` keys and with `appended` keys of zeros behind them. */
static enum at_status other_keys(const struct at_tensor *from, int64_t dropped, int64_t appended, struct at_tensor *ret_tensor,
                                 struct at_error *error)
{
    int64_t kept = from->seq - dropped;
    enum at_status status = at_tensor_init(ret_tensor, from->format, from->batch, from->heads, kept + appended, from->dim, error);
    size_t row = (size_t)from->dim * at_format_size(from->format);
    for (int64_t h = 0; !status && h < from->heads; h++)
        memcpy((char *)ret_tensor->codes + (size_t)(h * (kept + appended)) * row, at_tensor_row(from, 0, h, dropped), (size_t)kept * row);
    return status;
}

static enum at_status attend_other_keys(const struct trial *t, int64_t dropped, int64_t appended, struct trial_outputs *outputs,
                                        struct at_error *error)
{
    struct at_operands other = t->operands;
    other.problem.seq_k += appended - dropped;
    enum at_status status = other_keys(&t->operands.k.codes, dropped, appended, &other.k.codes, error);
    if (status)
        return status;
    status = other_keys(&t->operands.v.codes, dropped, appended, &other.v.codes, error);
    if (!status) {
        status = trial_attend(t, &other, outputs, NULL, error);
        at_tensor_done(&other.v.codes);
    }
    at_tensor_done(&other.k.codes);
    return status;
}

static int64_t all_keys_but_one(const struct trial *t)
{
    return t->problem.seq_k - 1;
}

static enum at_status drop_keys(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    return attend_other_keys(t, (int64_t)strength, 0, outputs, error);
}

static enum at_status late_mask(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    return attend_other_keys(t, 0, (int64_t)strength, outputs, error);
}

static enum at_status scale_v(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)error;
    copy(t, outputs);
    for (int64_t i = 0; i < t->outputs; i++)
        outputs->o[i] = trial_round(t, (float)((double)outputs->o[i] * (1 + strength)));
    return AT_OK;
}

static enum at_status scale_softmax(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    struct at_operands other = t->operands;
    other.problem.scale = (1 + strength) / sqrt((double)TRIAL_DIM);
    return trial_attend(t, &other, outputs, NULL, error);
}

static int64_t all_rows(const struct trial *t)
{
    return t->lines;
}

static enum at_status zero_rows(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)error;
    copy(t, outputs);
    for (int64_t i = 0; i < (int64_t)strength; i++)
        memset(outputs->o + t->order[i] * TRIAL_DIM, 0, TRIAL_DIM * sizeof *outputs->o);
    return AT_OK;
}

static enum at_status scale_row(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)error;
    copy(t, outputs);
    for (int64_t c = 0; c < TRIAL_DIM; c++) {
        float *o = outputs->o + t->order[0] * TRIAL_DIM + c;
        *o = trial_round(t, (float)((double)*o * (1 + strength)));
    }
    return AT_OK;
}

/* The first and the last query head: of a group of their own each. */
static enum at_status swap_heads(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)strength, (void)error;
    copy(t, outputs);
    int64_t rows = t->rows.count, last = (t->problem.heads_q - 1) * rows;
    size_t o = (size_t)(rows * TRIAL_DIM) * sizeof *outputs->o, lse = (size_t)rows * sizeof *outputs->lse;
    memcpy(outputs->o, t->correct.o + last * TRIAL_DIM, o);
    memcpy(outputs->o + last * TRIAL_DIM, t->correct.o, o);
    memcpy(outputs->lse, t->correct.lse + last, lse);
    memcpy(outputs->lse + last, t->correct.lse, lse);
    return AT_OK;
}

/* What clipping the weights of one row at `cap` of the largest takes from its outputs; the row sum stays as it is. */
static void clip_row(const struct trial *t, int64_t line, double cap, struct trial_outputs *outputs)
{
    int64_t keys = t->problem.seq_k, kv = line / t->rows.count / at_problem_group(&t->problem);
    const float *p = t->p + line * keys, *v = t->v + kv * keys * TRIAL_DIM;
    double lost[TRIAL_DIM] = {0}, most = 0;
    for (int64_t j = 0; j < keys; j++)
        most = fmax(most, (double)p[j]);
    most *= cap;
    for (int64_t j = 0; j < keys; j++)
        for (int64_t c = 0; (double)p[j] > most && c < TRIAL_DIM; c++)
            lost[c] += ((double)p[j] - most) * (double)v[j * TRIAL_DIM + c];
    for (int64_t c = 0; c < TRIAL_DIM; c++) {
        float *o = outputs->o + line * TRIAL_DIM + c;
        *o = trial_round(t, (float)((double)*o - lost[c]));
    }
}

static enum at_status saturate_p(const struct trial *t, double strength, struct trial_outputs *outputs, struct at_error *error)
{
    (void)error;
    copy(t, outputs);
#pragma omp parallel for schedule(dynamic, 16)
    for (int64_t line = 0; line < t->lines; line++)
        clip_row(t, line, exp2(-strength), outputs);
    return AT_OK;
}

const struct trial_defect trial_defects[] = {
    {"zeros", DEFECT_PLAIN, 0, 0, false, NULL, zeros},
    {"keys dropped", DEFECT_WHOLE, 1, 0, true, all_keys_but_one, drop_keys},
    {"V's scale 1 + x", DEFECT_REAL, 0x1p-14, 0x1p10, false, NULL, scale_v},
    {"softmax scale 1 + x", DEFECT_REAL, 0x1p-12, 0x1p5, true, NULL, scale_softmax},
    {"rows of zeros", DEFECT_WHOLE, 1, 0, false, all_rows, zero_rows},
    {"one row times 1 + x", DEFECT_REAL, 0x1p-14, 0x1p20, false, NULL, scale_row},
    {"heads swapped", DEFECT_PLAIN, 0, 0, false, NULL, swap_heads},
    {"mask late by", DEFECT_WHOLE, 1, 0, true, all_keys_but_one, late_mask},
    {"P clipped 2^-t", DEFECT_REAL, 0x1p-7, 0x1p4, true, NULL, saturate_p},
};
const size_t trial_defect_count = sizeof trial_defects / sizeof trial_defects[0];
