/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attempt.h"

#include "study/agree.h"
#include "study/attend.h"
#include "study/climb.h"
#include "study/readings.h"
#include "study/reference.h"
#include "study/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct at_attempt {
    struct at_bench *bench;
    size_t index;
    struct at_attend attend;
    const struct at_kernel *kernel; /* NULL: the twin alone */
    struct at_gpu_job *job;         /* of the kernel */
    struct at_gpu_result result;    /* of the job */
    struct at_agreement agreement;
    const struct at_truths *truths[AT_REFERENCES];
    struct at_truths own; /* dequantised, when not kept by the bench */
    struct at_scores scores[AT_REFERENCES];
    struct at_readings readings;
    struct at_climb climbs[AT_REFERENCES];
    enum at_status status; /* of scoring */
    struct at_error error;
    struct at_counts counts; /* of the head at hand */
    struct at_run_fact fact;
};

struct at_run_key at_attempt_key(const struct at_bench *bench, int64_t variant_id, int64_t device_id)
{
    return (struct at_run_key){.study = bench->study_id,
                               .input = bench->input_id,
                               .variant = variant_id,
                               .build = bench->build_id,
                               .device = device_id,
                               .rows = bench->c->rows.count,
                               .rows_seed = bench->study->rows_seed,
                               .oracle = bench->oracle->name};
}

void at_attempt_abandon(struct at_attempt *a)
{
    if (!a)
        return;
    at_gpus_end(a->bench->engine.gpus, a->job);
    for (int i = 0; i < AT_REFERENCES; i++)
        at_scores_done(&a->scores[i]);
    at_readings_done(&a->readings);
    at_truths_done(&a->own);
    at_attend_done(&a->attend);
    free(a);
}

static enum at_status attempt_init(struct at_attempt *a, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    enum at_status status = AT_OK;
    for (int i = 0; i < AT_REFERENCES; i++)
        at_climb_start(&a->climbs[i]);
    for (int i = 0; i < AT_REFERENCES && !status; i++)
        status = at_scores_init(&a->scores[i], i, c->problem.batch * c->problem.heads_q, c->rows.count, error);
    if (!status)
        status = at_readings_init(c, &a->readings, error);
    if (!status && c->readout.width && !a->bench->readout.codes)
        status = at_readout_read(c->input->readout, &c->readout, &a->bench->readout, error);
    return status;
}

/* Each row of a part beside its truth, which may be a raised one. */
static enum at_status score_rows(struct at_attempt *a, const struct at_attended *part, int r, const struct at_beside *beside,
                                 const struct at_raised *raised, struct at_error *error)
{
    const struct at_case *c = a->bench->c;
    enum at_status status = AT_OK;
    struct at_row_sample *samples = calloc((size_t)part->count, sizeof *samples);
    double *radius = calloc((size_t)(part->count * c->problem.dim), sizeof *radius);
    if (!samples || !radius)
        status = at_fail(error, AT_ERR_MEMORY, "attend: out of memory");
    for (int64_t j = 0; j < part->count && !status; j++) {
        int64_t i = part->first + j, at;
        const struct at_oracle_truth *truth = at_raised_find(raised, beside, i, &at);
        samples[j] = at_sample_row(beside, i, truth, at, radius + j * c->problem.dim);
        at_readings_add(&a->readings, r, part->h, i, &samples[j]);
    }
    if (!status)
        status = at_scores_rows(&a->scores[r], part->b, part->h, c->rows.index + part->first, samples, part->count, error);
    free(samples);
    free(radius);
    return status;
}

/* The rows of a part beside one truth; those that it leaves open beside a sharper one. */
static enum at_status score_beside(struct at_attempt *a, const struct at_attended *part, int r, struct at_error *error)
{
    const struct at_bench *bench = a->bench;
    const struct at_case *c = bench->c;
    const struct at_operands *o = &a->attend.operands;
    int64_t head = part->b * c->problem.heads_q + part->h;
    bool shifted = r == AT_AGAINST_DEQUANTISED && o->lse_shift;
    const struct at_beside beside = {c, part, &a->truths[r]->head[head], shifted ? o->lse_shift + head * o->problem.seq_q : NULL};
    const struct at_climb_source source = {bench->oracle, &bench->inputs, r == AT_AGAINST_DEQUANTISED ? o : NULL};
    struct at_raised raised;
    enum at_status status = at_climb_part(&a->climbs[r], &beside, &source, &raised, error);
    if (status)
        return status;
    status = score_rows(a, part, r, &beside, &raised, error);
    at_raised_done(&raised);
    return status;
}

/* Scores what the twin gave, which a kernel's outputs must equal; a head's counts begin with its first part and end with its last. */
static void score_part(void *context, const struct at_attended *part)
{
    struct at_attempt *a = context;
    const struct at_case *c = a->bench->c;
    if (a->kernel)
        at_agreement_add(&a->agreement, part, &c->problem, &c->rows, a->result.rows);
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
    for (int r = 0; r < AT_REFERENCES && !a->status; r++)
        a->status = score_beside(a, part, r, &a->error);
    for (int64_t j = 0; j < part->count; j++) {
        int64_t keys = at_problem_keys(&c->problem, c->rows.index[part->first + j]);
        a->fact.p_elements += keys;
        a->counts.elements += keys;
    }
    if (part->first + part->count < c->rows.count)
        return;
    for (int r = 0; r < AT_REFERENCES; r++)
        at_scores_head(&a->scores[r], part->b, part->h, &a->counts);
    if (!a->status)
        a->status = at_readings_head(&a->readings, &a->bench->readout, part->b, part->h, &a->error);
}

static enum at_status prepare(struct at_attempt *a, struct at_error *error)
{
    const struct at_bench *bench = a->bench;
    const struct at_case *c = bench->c;
    struct at_numerics resolved;
    enum at_status status = at_numerics_resolve(&bench->study->variants[a->index].numerics, &c->problem, &resolved, error);
    if (!status)
        status = at_engine_choose(&bench->engine, &resolved, &c->problem, &a->kernel, error);
    if (!status)
        status = at_attend_prepare(&c->problem, &resolved, &bench->inputs, &c->rows, bench->engine.simd, &a->attend, error);
    if (!status && a->kernel)
        status = at_gpus_start(bench->engine.gpus, a->kernel, &a->attend.operands, &c->rows, &a->job, error);
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

static enum at_status store_run(struct at_attempt *a, const struct at_sha256 *output, struct at_error *error)
{
    struct at_sha256 digests[AT_REFERENCES];
    struct at_reference_fact references[AT_REFERENCES];
    struct at_histogram_fact histograms[AT_REFERENCES];
    struct at_sha256 operands = at_operands_sha256(&a->attend.operands);
    struct at_readout_fact readout;
    struct at_run_fact *f = &a->fact;
    struct at_counts counts = {.elements = f->elements + f->p_elements,
                               .saturated = f->saturated + f->p_saturated,
                               .underflowed = f->underflowed + f->p_underflowed};
    for (int r = 0; r < AT_REFERENCES; r++) {
        at_scores_case(&a->scores[r], &counts);
        histograms[r] = at_scores_histogram(&a->scores[r]);
        references[r] = at_reference_describe(a->bench->oracle, r, a->truths[r], &a->climbs[r], &digests[r]);
    }
    size_t first = a->scores[0].count, second = a->scores[1].count;
    struct at_measure_fact *measures = malloc((first + second) * sizeof *measures);
    if (!measures)
        return at_fail(error, AT_ERR_MEMORY, "measures: out of memory for %zu of them; look at fewer rows", first + second);
    memcpy(measures, a->scores[0].facts, first * sizeof *measures);
    memcpy(measures + first, a->scores[1].facts, second * sizeof *measures);
    f->operands_sha256 = operands.hex;
    f->output_sha256 = output->hex;
    if (at_case_describe_readout(a->bench->c, &readout))
        f->reading = (struct at_reading_fact){&readout, a->readings.facts, a->readings.count};
    int64_t id;
    enum at_status status =
        at_store_put_run(a->bench->store, f, references, AT_REFERENCES, measures, first + second, histograms, AT_REFERENCES, &id, error);
    free(measures);
    return status;
}

/* A kernel with other bits than the twin has not computed this variant: what is stored is that it differs. */
static enum at_status store_difference(const struct at_attempt *a, const struct at_sha256 *twin, struct at_error *error)
{
    struct at_sha256 operands = at_operands_sha256(&a->attend.operands), output = at_gpu_rows_sha256(a->result.rows);
    const struct at_difference_fact fact = {.run = a->fact.key,
                                            .kernel = a->fact.kernel,
                                            .gpu = a->fact.gpu,
                                            .operands_sha256 = operands.hex,
                                            .output_sha256 = output.hex,
                                            .twin_sha256 = twin->hex,
                                            .outputs = a->agreement.outputs,
                                            .differing = a->agreement.differing,
                                            .detail = a->agreement.first};
    int64_t id;
    return at_store_put_difference(a->bench->store, &fact, &id, error);
}

enum at_status at_attempt_begin(struct at_bench *bench, size_t index, int64_t variant_id, struct at_attempt **ret_attempt,
                                struct at_error *error)
{
    struct at_attempt *a = calloc(1, sizeof *a);
    if (!a)
        return at_fail(error, AT_ERR_MEMORY, "attend: out of memory");
    *a = (struct at_attempt){.bench = bench, .index = index, .fact = {.key = at_attempt_key(bench, variant_id, bench->device_id)}};
    at_work_phase(bench->progress, "%s: %s: prepare", bench->c->input->label, bench->study->variants[index].name);
    enum at_status status = at_work_check(bench->progress, error);
    if (!status)
        status = attempt_init(a, error);
    if (!status)
        status = prepare(a, error);
    if (status)
        at_attempt_abandon(a);
    else
        *ret_attempt = a;
    return status;
}

/* What the kernel gave, and who computed. Before the truths, which take long: a kernel that fails is known at once. */
static enum at_status collect(struct at_attempt *a, struct at_error *error)
{
    struct at_bench *bench = a->bench;
    struct at_run_fact *f = &a->fact;
    f->time_ns = a->attend.time_ns;
    if (!a->kernel)
        return AT_OK;
    at_work_phase(bench->progress, "%s: %s: GPU", bench->c->input->label, bench->study->variants[a->index].name);
    enum at_status status = at_gpus_finish(bench->engine.gpus, a->job, &a->result, error);
    if (status)
        return status;
    f->key.device = bench->gpu_devices[a->result.gpu];
    f->kernel = a->kernel->name;
    f->gpu = at_gpus_facts(bench->engine.gpus, a->result.gpu)->index;
    f->time_ns += a->result.time_ns;
    return AT_OK;
}

/* No oracle is sharp enough: the measures stand, with their radius. */
static void tell_open(const struct at_attempt *a)
{
    const struct at_bench *bench = a->bench;
    const struct at_climb *climb = &a->climbs[a->climbs[0].open ? 0 : 1];
    at_work_note(bench->progress,
                 "%s: %s: in %lld rows an error is less than 2^%d times the radius of the truth, and no oracle is sharper than %s",
                 bench->c->input->label, bench->study->variants[a->index].name, (long long)climb->open, AT_LADDER_MARGIN,
                 climb->by ? climb->by->name : bench->oracle->name);
}

enum at_status at_attempt_finish(struct at_attempt *a, struct at_agreement *ret_agreement, struct at_error *error)
{
    struct at_bench *bench = a->bench;
    struct at_sha256 output;
    size_t index = a->index;
    enum at_status status = collect(a, error);
    if (!status)
        status = at_reference_find(bench, index, &a->attend.operands, &a->own, a->truths, error);
    if (!status)
        at_work_phase(bench->progress, "%s: %s: attend", bench->c->input->label, bench->study->variants[index].name);
    if (!status)
        status = at_attend_heads(&a->attend, true, score_part, a, bench->progress, &output, error);
    if (!status && a->status)
        status = at_fail(error, a->status, "%s", a->error.message);
    if (!a->kernel)
        a->fact.time_ns = a->attend.time_ns;
    if (!status)
        status = a->agreement.differing ? store_difference(a, &output, error) : store_run(a, &output, error);
    if (!status && a->climbs[0].open + a->climbs[1].open)
        tell_open(a);
    if (!status)
        *ret_agreement = a->agreement;
    at_attempt_abandon(a);
    at_reference_release(bench, index);
    return status;
}
