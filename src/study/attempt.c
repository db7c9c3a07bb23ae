/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attempt.h"

#include "study/attend.h"
#include "study/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGINAL, DEQUANTISED, REFERENCES };

struct attempt {
    struct at_bench *bench;
    size_t index;
    struct at_attend attend;
    const struct at_truths *truths[REFERENCES];
    struct at_truths own; /* dequantised, when not kept by the bench */
    struct at_scores scores[REFERENCES];
    struct at_counts counts; /* of the head at hand */
    double *radius;          /* [dim] */
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

static void attempt_done(struct attempt *a)
{
    for (int i = 0; i < REFERENCES; i++)
        at_scores_done(&a->scores[i]);
    at_truths_done(&a->own);
    at_attend_done(&a->attend);
    free(a->radius);
}

static enum at_status attempt_init(struct attempt *a, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    a->radius = calloc((size_t)c->problem.dim, sizeof(double));
    if (!a->radius)
        return at_fail(error, AT_ERR_MEMORY, "attend: out of memory");
    enum at_status status = AT_OK;
    for (int i = 0; i < REFERENCES && !status; i++)
        status = at_scores_init(&a->scores[i], i, c->problem.batch * c->problem.heads_q, c->rows.count, error);
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
    struct at_sha256 digest = at_operands_sha256(&a->attend.operands);
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
    return at_truths_solve(bench->c, oracle, &bench->inputs, &a->attend.operands, &bench->original, bench->progress,
                           wanted_later(bench, a->index) ? &bench->kept[a->index] : &a->own, error);
}

/*
 * The dequantised K lacks K's mean, the kernel's log-sum-exp holds lse_shift for it: adding the same number to the truth leaves the
 * kernel's own error. The addition rounds once.
 */
static void shift_lse(const struct attempt *a, int64_t head, int64_t s, struct at_row_sample *sample)
{
    const struct at_operands *o = &a->attend.operands;
    if (!o->lse_shift)
        return;
    sample->truth_lse += (double)o->lse_shift[head * o->problem.seq_q + s];
    if (isfinite(sample->truth_lse))
        sample->lse_radius = nextafter(sample->lse_radius + fabs(sample->truth_lse) * 0x1p-53, INFINITY);
}

/* Row `i` of the case's rows, the one numbered `j` of the part. */
static void score_row(struct attempt *a, const struct at_attended *part, int64_t i, int64_t j)
{
    const struct at_case *c = a->bench->c;
    int64_t dim = c->problem.dim, head = part->b * c->problem.heads_q + part->h, s = c->rows.index[i];
    for (int r = 0; r < REFERENCES; r++) {
        const struct at_oracle_truth *truth = &a->truths[r]->head[head];
        at_truth_radius(truth, i, dim, a->radius);
        struct at_row_sample sample = {.dim = dim,
                                       .got = part->out->o + j * dim,
                                       .truth = truth->o + i * dim,
                                       .radius = a->radius,
                                       .sum_abs = truth->sum_abs + i * dim,
                                       .got_lse = part->out->lse[j],
                                       .truth_lse = truth->lse[i],
                                       .lse_radius = truth->lse_radius[i],
                                       .keys = at_problem_keys(&c->problem, s),
                                       .got_p = part->out->p + j * c->problem.seq_k,
                                       .truth_p = truth->p + i * c->problem.seq_k};
        if (r == DEQUANTISED)
            shift_lse(a, head, s, &sample);
        at_scores_row(&a->scores[r], part->b, part->h, s, &sample);
    }
}

/* Scores what the twin gave; a head's counts begin with its first part and are complete with its last. */
static void score_part(void *context, const struct at_attended *part)
{
    struct attempt *a = context;
    const struct at_case *c = a->bench->c;
    if (part->first == 0) {
        struct at_clips clips = at_operands_head_clips(&a->attend.operands, part->b, part->h);
        a->counts = (struct at_counts){.elements = (c->problem.seq_q + 2 * c->problem.seq_k) * c->problem.dim,
                                       .saturated = clips.saturated,
                                       .underflowed = clips.underflowed};
    }
    a->fact.p_saturated += part->out->p_saturated;
    a->fact.p_underflowed += part->out->p_underflowed;
    a->counts.saturated += part->out->p_saturated;
    a->counts.underflowed += part->out->p_underflowed;
    for (int64_t j = 0; j < part->count; j++) {
        int64_t keys = at_problem_keys(&c->problem, c->rows.index[part->first + j]);
        score_row(a, part, part->first + j, j);
        a->fact.p_elements += keys;
        a->counts.elements += keys;
    }
    if (part->first + part->count == c->rows.count)
        for (int r = 0; r < REFERENCES; r++)
            at_scores_head(&a->scores[r], part->b, part->h, &a->counts);
}

static enum at_status prepare(struct attempt *a, struct at_error *error)
{
    const struct at_bench *bench = a->bench;
    const struct at_case *c = bench->c;
    struct at_numerics resolved;
    enum at_status status = at_numerics_resolve(&bench->study->variants[a->index].numerics, &c->problem, &resolved, error);
    if (!status)
        status = at_attend_prepare(&c->problem, &resolved, &bench->inputs, &c->rows, bench->simd, &a->attend, error);
    if (status)
        return status;
    const struct at_operand *operands[] = {&a->attend.operands.q, &a->attend.operands.k, &a->attend.operands.v};
    for (int i = 0; i < 3; i++) {
        a->fact.elements += at_tensor_count(&operands[i]->codes);
        struct at_clips clips = at_operand_clips(operands[i]);
        a->fact.saturated += clips.saturated;
        a->fact.underflowed += clips.underflowed;
    }
    return AT_OK;
}

static enum at_status store_run(struct attempt *a, const struct at_sha256 *output, struct at_error *error)
{
    static const char *const against[REFERENCES] = {[ORIGINAL] = "original", [DEQUANTISED] = "dequantised"};
    struct at_reference_fact references[REFERENCES];
    struct at_histogram_fact histograms[REFERENCES];
    struct at_sha256 operands = at_operands_sha256(&a->attend.operands);
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
    f->output_sha256 = output->hex;
    f->time_ns = a->attend.time_ns;
    int64_t id;
    enum at_status status =
        at_store_put_run(a->bench->store, f, references, REFERENCES, measures, first + second, histograms, REFERENCES, &id, error);
    free(measures);
    return status;
}

enum at_status at_attempt(struct at_bench *bench, size_t index, int64_t variant_id, struct at_error *error)
{
    struct attempt a = {.bench = bench, .index = index, .fact = {.key = at_attempt_key(bench, variant_id)}};
    struct at_sha256 output;
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
    if (!status)
        status = at_attend_heads(&a.attend, true, score_part, &a, bench->progress, &output, error);
    if (!status)
        status = store_run(&a, &output, error);
    attempt_done(&a);
    bench->todo[index] = false;
    release_kept(bench);
    return status;
}
