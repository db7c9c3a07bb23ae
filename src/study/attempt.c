/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attempt.h"

#include "kernels/prepare/prepare.h"
#include "study/machine.h"
#include "study/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGINAL, DEQUANTISED, REFERENCES };

struct attempt {
    struct at_bench *bench;
    size_t index;
    struct at_operands operands;
    const struct at_truths *truths[REFERENCES];
    struct at_truths own; /* dequantised, when not kept by the bench */
    struct at_scores scores[REFERENCES];
    struct at_attention out; /* all rows of one head */
    double *radius;          /* [dim] */
    struct at_hasher hasher;
    struct at_run_fact fact;
};

struct at_run_key at_attempt_key(const struct at_bench *bench, int64_t variant_id)
{
    return (struct at_run_key){.study = bench->study_id,
                               .input = bench->input_id,
                               .variant = variant_id,
                               .build = bench->build_id,
                               .device = bench->device_id,
                               .rows = bench->c->rows.count,
                               .rows_seed = bench->study->rows_seed,
                               .oracle = bench->study->oracle->name};
}

/* Rows that the twin is given at once: its P stays within 32 MiB and a stop is heard within seconds. */
static int64_t rows_at_once(const struct at_case *c)
{
    int64_t rows = ((int64_t)1 << 22) / c->problem.seq_k;
    return rows < 1 ? 1 : rows < c->rows.count ? rows : c->rows.count;
}

static void attempt_done(struct attempt *a)
{
    for (int i = 0; i < REFERENCES; i++)
        at_scores_done(&a->scores[i]);
    at_truths_done(&a->own);
    at_operands_done(&a->operands);
    free(a->out.o);
    free(a->out.row_max);
    free(a->out.row_sum);
    free(a->out.lse);
    free(a->out.p);
    free(a->radius);
}

static enum at_status attempt_init(struct attempt *a, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    size_t rows = (size_t)c->rows.count, dim = (size_t)c->problem.dim;
    a->out = (struct at_attention){.o = calloc(rows * dim, sizeof(float)),
                                   .row_max = calloc(rows, sizeof(float)),
                                   .row_sum = calloc(rows, sizeof(float)),
                                   .lse = calloc(rows, sizeof(float)),
                                   .p = calloc((size_t)rows_at_once(c) * (size_t)c->problem.seq_k, sizeof(double))};
    a->radius = calloc(dim, sizeof(double));
    if (!a->out.o || !a->out.row_max || !a->out.row_sum || !a->out.lse || !a->out.p || !a->radius)
        return at_fail(error, AT_ERR_MEMORY, "attend: out of memory for %zu rows; look at fewer", rows);
    enum at_status status = AT_OK;
    for (int i = 0; i < REFERENCES && !status; i++)
        status = at_scores_init(&a->scores[i], i, c->problem.batch * c->problem.heads_q, c->rows.count, error);
    at_hasher_start(&a->hasher);
    return status;
}

/* Whether a variant that is still to run quantises to the same operands. */
static bool wanted_later(const struct at_bench *bench, size_t index)
{
    const struct at_study *study = bench->study;
    for (size_t i = index + 1; i < study->variant_count; i++)
        if (bench->todo[i] && at_plan_same_operands(&study->variants[index].numerics, &study->variants[i].numerics))
            return true;
    return false;
}

/* Frees the kept truths that no later variant shares. */
static void release_kept(struct at_bench *bench)
{
    for (size_t i = 0; i < bench->study->variant_count; i++)
        if (bench->kept[i].heads && !wanted_later(bench, i))
            at_truths_done(&bench->kept[i]);
}

static enum at_status find_truths(struct attempt *a, struct at_error *error)
{
    struct at_bench *bench = a->bench;
    const struct at_oracle *oracle = bench->study->oracle;
    const char *name = bench->study->variants[a->index].name, *label = bench->c->input->label;
    struct at_sha256 digest = at_operands_sha256(&a->operands);
    enum at_status status = AT_OK;
    if (!bench->original.heads) {
        at_work_phase(bench->progress, "%s: reference of the inputs", label);
        status = at_truths_solve(bench->c, oracle, &bench->inputs, NULL, NULL, bench->progress, &bench->original, error);
    }
    a->truths[ORIGINAL] = &bench->original;
    for (size_t i = 0; i < a->index && !a->truths[DEQUANTISED]; i++)
        if (bench->kept[i].heads && strcmp(bench->kept[i].operands.hex, digest.hex) == 0) {
            a->truths[DEQUANTISED] = &bench->kept[i];
            if (!at_plan_same_operands(&bench->study->variants[i].numerics, &bench->study->variants[a->index].numerics))
                at_work_drop(bench->progress, bench->c->work); /* equal although nothing foretold it */
        }
    if (status || a->truths[DEQUANTISED])
        return status;
    at_work_phase(bench->progress, "%s: %s: reference of the dequantised operands", label, name);
    a->truths[DEQUANTISED] = wanted_later(bench, a->index) ? &bench->kept[a->index] : &a->own;
    return at_truths_solve(bench->c, oracle, &bench->inputs, &a->operands, &bench->original, bench->progress,
                           wanted_later(bench, a->index) ? &bench->kept[a->index] : &a->own, error);
}

/* The truth's leading double alone is compared, so its trailing double belongs to the radius; rounded up. */
static void widen_radius(const struct at_oracle_truth *truth, int64_t i, int64_t dim, double *ret_radius)
{
    for (int64_t d = 0; d < dim; d++) {
        double low = fabs(truth->o_low[i * dim + d]), radius = truth->radius[i * dim + d];
        ret_radius[d] = low > 0 ? nextafter(radius + low, INFINITY) : radius;
    }
}

/*
 * The dequantised K lacks K's mean, the kernel's log-sum-exp holds lse_shift for it: adding the same number to the truth leaves the
 * kernel's own error. The addition rounds once.
 */
static void shift_lse(const struct attempt *a, int64_t head, int64_t s, struct at_row_sample *sample)
{
    const struct at_operands *o = &a->operands;
    if (!o->lse_shift)
        return;
    sample->truth_lse += (double)o->lse_shift[head * o->problem.seq_q + s];
    if (isfinite(sample->truth_lse))
        sample->lse_radius = nextafter(sample->lse_radius + fabs(sample->truth_lse) * 0x1p-53, INFINITY);
}

/* `p`: the kernel's weights of row `i` of the case's rows. */
static void score_row(struct attempt *a, int64_t b, int64_t h, int64_t i, const double *p)
{
    const struct at_case *c = a->bench->c;
    int64_t dim = c->problem.dim, head = b * c->problem.heads_q + h, s = c->rows.index[i];
    for (int r = 0; r < REFERENCES; r++) {
        const struct at_oracle_truth *truth = &a->truths[r]->head[head];
        widen_radius(truth, i, dim, a->radius);
        struct at_row_sample sample = {.dim = dim,
                                       .got = a->out.o + i * dim,
                                       .truth = truth->o + i * dim,
                                       .radius = a->radius,
                                       .sum_abs = truth->sum_abs + i * dim,
                                       .got_lse = a->out.lse[i],
                                       .truth_lse = truth->lse[i],
                                       .lse_radius = truth->lse_radius[i],
                                       .keys = at_problem_keys(&c->problem, s),
                                       .got_p = p,
                                       .truth_p = truth->p + i * c->problem.seq_k};
        if (r == DEQUANTISED)
            shift_lse(a, head, s, &sample);
        at_scores_row(&a->scores[r], b, h, s, &sample);
    }
}

static enum at_status attend_head(struct attempt *a, int64_t b, int64_t h, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    int64_t dim = c->problem.dim, step = rows_at_once(c), count = c->rows.count;
    struct at_counts counts = {.elements = (c->problem.seq_q + 2 * c->problem.seq_k) * dim};
    struct at_clips clips = at_operands_head_clips(&a->operands, b, h);
    counts.saturated = clips.saturated;
    counts.underflowed = clips.underflowed;
    for (int64_t i = 0; i < count; i += step) {
        struct at_rows rows = {.count = count - i < step ? count - i : step, .index = c->rows.index + i};
        struct at_attention part = {
            .o = a->out.o + i * dim, .row_max = a->out.row_max + i, .row_sum = a->out.row_sum + i, .lse = a->out.lse + i, .p = a->out.p};
        enum at_status status = at_work_check(a->bench->progress, error);
        int64_t start = at_machine_time_ns();
        if (!status)
            status = at_twin_attend(&a->operands, b, h, &rows, a->bench->simd, &part, error);
        a->fact.time_ns += at_machine_time_ns() - start;
        if (status)
            return status;
        a->fact.p_saturated += part.p_saturated;
        a->fact.p_underflowed += part.p_underflowed;
        counts.saturated += part.p_saturated;
        counts.underflowed += part.p_underflowed;
        for (int64_t j = 0; j < rows.count; j++) {
            score_row(a, b, h, i + j, part.p + j * c->problem.seq_k);
            a->fact.p_elements += at_problem_keys(&c->problem, rows.index[j]);
            counts.elements += at_problem_keys(&c->problem, rows.index[j]);
        }
    }
    at_hasher_add(&a->hasher, a->out.o, (size_t)(count * dim) * sizeof(float));
    at_hasher_add(&a->hasher, a->out.row_max, (size_t)count * sizeof(float));
    at_hasher_add(&a->hasher, a->out.row_sum, (size_t)count * sizeof(float));
    at_hasher_add(&a->hasher, a->out.lse, (size_t)count * sizeof(float));
    for (int r = 0; r < REFERENCES; r++)
        at_scores_head(&a->scores[r], b, h, &counts);
    return AT_OK;
}

static enum at_status prepare(struct attempt *a, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    struct at_numerics resolved;
    enum at_status status = at_numerics_resolve(&a->bench->study->variants[a->index].numerics, &c->problem, &resolved, error);
    int64_t start = at_machine_time_ns();
    if (!status)
        status = at_prepare(&c->problem, &resolved, &a->bench->inputs, &a->operands, error);
    a->fact.time_ns += at_machine_time_ns() - start;
    if (status)
        return status;
    const struct at_operand *operands[] = {&a->operands.q, &a->operands.k, &a->operands.v};
    for (int i = 0; i < 3; i++) {
        a->fact.elements += at_tensor_count(&operands[i]->codes);
        struct at_clips clips = at_operand_clips(operands[i]);
        a->fact.saturated += clips.saturated;
        a->fact.underflowed += clips.underflowed;
    }
    return AT_OK;
}

static enum at_status store_run(struct attempt *a, struct at_error *error)
{
    static const char *const against[REFERENCES] = {[ORIGINAL] = "original", [DEQUANTISED] = "dequantised"};
    struct at_reference_fact references[REFERENCES];
    struct at_histogram_fact histograms[REFERENCES];
    struct at_sha256 operands = at_operands_sha256(&a->operands), output = at_hasher_end(&a->hasher);
    struct at_run_fact *f = &a->fact;
    struct at_counts counts = {.elements = f->elements + f->p_elements,
                               .saturated = f->saturated + f->p_saturated,
                               .underflowed = f->underflowed + f->p_underflowed};
    for (int r = 0; r < REFERENCES; r++) {
        const struct at_truths *t = a->truths[r];
        at_scores_case(&a->scores[r], &counts);
        histograms[r] = at_scores_histogram(&a->scores[r]);
        references[r] = (struct at_reference_fact){.against = against[r],
                                                   .operands_sha256 = t->operands.hex,
                                                   .oracle = a->bench->study->oracle->name,
                                                   .truth_sha256 = t->sha256.hex,
                                                   .precision_bits = t->precision_bits,
                                                   .radius_log2 = t->radius_log2,
                                                   .undefined_rows = t->undefined_rows,
                                                   .time_ns = t->time_ns};
    }
    size_t first = a->scores[0].count, second = a->scores[1].count;
    struct at_measure_fact *measures = malloc((first + second) * sizeof *measures);
    if (!measures)
        return at_fail(error, AT_ERR_MEMORY, "measures: out of memory for %zu of them; look at fewer rows", first + second);
    memcpy(measures, a->scores[0].facts, first * sizeof *measures);
    memcpy(measures + first, a->scores[1].facts, second * sizeof *measures);
    f->operands_sha256 = operands.hex;
    f->output_sha256 = output.hex;
    int64_t id;
    enum at_status status =
        at_store_put_run(a->bench->store, f, references, REFERENCES, measures, first + second, histograms, REFERENCES, &id, error);
    free(measures);
    return status;
}

enum at_status at_attempt(struct at_bench *bench, size_t index, int64_t variant_id, struct at_error *error)
{
    struct attempt a = {.bench = bench, .index = index, .fact = {.key = at_attempt_key(bench, variant_id)}};
    const struct at_problem *p = &bench->c->problem;
    const char *name = bench->study->variants[index].name, *label = bench->c->input->label;
    at_work_phase(bench->progress, "%s: %s: prepare", label, name);
    enum at_status status = at_work_check(bench->progress, error);
    if (!status)
        status = attempt_init(&a, error);
    if (!status)
        status = prepare(&a, error);
    if (!status)
        status = find_truths(&a, error);
    if (!status)
        at_work_phase(bench->progress, "%s: %s: attend", label, name);
    for (int64_t b = 0; b < p->batch && !status; b++)
        for (int64_t h = 0; h < p->heads_q && !status; h++)
            status = attend_head(&a, b, h, error);
    if (!status)
        status = store_run(&a, error);
    attempt_done(&a);
    bench->todo[index] = false;
    release_kept(bench);
    return status;
}
