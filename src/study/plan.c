/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/plan.h"

#include "metrics/metric.h"

#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static struct at_capture_options options_of(const struct at_study_input *input)
{
    return (struct at_capture_options){input->q_name, input->k_name, input->v_name, input->layout, input->causal, input->scale};
}

enum at_status at_case_inputs(const struct at_case *c, struct at_qkv *ret_qkv, struct at_error *error)
{
    struct at_problem now;
    struct at_qkv qkv;
    struct at_capture_options options = options_of(c->input);
    const struct at_problem *planned = &c->problem;
    if (c->input->capture) {
        enum at_status status = at_capture_read(c->input->capture, &options, &now, &qkv, error);
        if (status)
            return status;
        if (qkv.q.format == c->format && now.batch == planned->batch && now.heads_q == planned->heads_q &&
            now.heads_kv == planned->heads_kv && now.seq_q == planned->seq_q && now.seq_k == planned->seq_k && now.dim == planned->dim &&
            now.causal == planned->causal && !(now.scale != planned->scale)) {
            *ret_qkv = qkv;
            return AT_OK;
        }
        at_qkv_done(&qkv);
        return at_fail(error, AT_ERR_IO, "%s: changed while the study ran; start it again", c->input->capture);
    }
    return at_distribution_generate(&c->input->distribution, &c->problem, c->format, c->seed, ret_qkv, error);
}

struct at_input_fact at_case_describe(const struct at_case *c, char ret_spelling[AT_DISTRIBUTION_TEXT_SIZE])
{
    const char *path = c->input->capture, *slash = path ? strrchr(path, '/') : NULL;
    if (!path)
        at_distribution_print(&c->input->distribution, ret_spelling);
    return (struct at_input_fact){.source = path ? "capture" : "distribution",
                                  .spelling = slash  ? slash + 1
                                              : path ? path
                                                     : ret_spelling,
                                  .label = c->input->label,
                                  .format = at_formats[c->format].name,
                                  .seed = c->seed,
                                  .problem = c->problem};
}

enum at_status at_case_fail_in(const struct at_case *c, enum at_status status, struct at_error *error)
{
    at_fail_in(error, status, c->input->label);
    return c->input->place ? at_fail_in(error, status, c->input->place) : status;
}

static bool same_description(const struct at_case *a, const struct at_case *b)
{
    char a_spelling[AT_DISTRIBUTION_TEXT_SIZE], b_spelling[AT_DISTRIBUTION_TEXT_SIZE];
    const struct at_input_fact x = at_case_describe(a, a_spelling), y = at_case_describe(b, b_spelling);
    const struct at_problem *p = &x.problem, *q = &y.problem;
    return strcmp(x.source, y.source) == 0 && strcmp(x.spelling, y.spelling) == 0 && strcmp(x.label, y.label) == 0 &&
           strcmp(x.format, y.format) == 0 && x.seed == y.seed && p->batch == q->batch && p->heads_q == q->heads_q &&
           p->heads_kv == q->heads_kv && p->seq_q == q->seq_q && p->seq_k == q->seq_k && p->dim == q->dim && p->causal == q->causal &&
           !(p->scale != q->scale);
}

static bool same_operand(const struct at_operand_numerics *a, const struct at_operand_numerics *b)
{
    return a->format == b->format && a->storage == b->storage && a->scale == b->scale && a->scale_rule == b->scale_rule &&
           !(a->given_scale != b->given_scale) && a->rotate == b->rotate && a->smooth == b->smooth;
}

bool at_plan_same_operands(const struct at_numerics *a, const struct at_numerics *b)
{
    bool turned = a->q.rotate != AT_ROTATE_NONE || a->v.rotate != AT_ROTATE_NONE;
    return same_operand(&a->q, &b->q) && same_operand(&a->k, &b->k) && same_operand(&a->v, &b->v) &&
           (!turned || a->rotation_seed == b->rotation_seed);
}

static double bytes_of_qkv(const struct at_problem *p, double element)
{
    double rows = (double)p->heads_q * (double)p->seq_q + 2.0 * (double)p->heads_kv * (double)p->seq_k;
    return element * (double)p->batch * (double)p->dim * rows;
}

/* Bytes of an element of the operands. */
static double bytes_of_operand(const struct at_numerics *n)
{
    return at_formats[n->q.format].bits / 8.0 + (n->q.smooth != AT_SMOOTH_NONE ? sizeof(float) : 0);
}

double at_plan_attend_memory(const struct at_problem *problem, enum at_format format, const struct at_numerics *numerics)
{
    double inputs = bytes_of_qkv(problem, (double)at_format_size(format)), operands = bytes_of_qkv(problem, bytes_of_operand(numerics));
    return 1.1 * (inputs + operands + bytes_of_qkv(problem, sizeof(float)));
}

double at_plan_memory(const struct at_case *c, const struct at_study *study, int threads)
{
    const struct at_problem *p = &c->problem;
    double heads = (double)p->batch * (double)p->heads_q, rows = (double)c->rows.count, keys = (double)p->seq_k, dim = (double)p->dim;
    double inputs = bytes_of_qkv(p, (double)at_format_size(c->format));
    double wide = dim;               /* columns of a score: twice as many with a smoothed Q */
    double operands = 0, truths = 1; /* of the inputs, and of each set of operands that a later variant has again */
    for (size_t i = 0; i < study->variant_count; i++) {
        const struct at_numerics *n = &study->variants[i].numerics;
        double element = bytes_of_operand(n);
        operands = element > operands ? element : operands;
        wide = n->q.smooth != AT_SMOOTH_NONE ? 2 * dim : wide;
        bool first = true, again = false;
        for (size_t j = 0; j < study->variant_count; j++)
            if (j != i && at_plan_same_operands(n, &study->variants[j].numerics)) {
                first = first && j > i;
                again = true;
            }
        truths += first && again;
    }
    double truth = heads * rows * (4 * dim + 2 + keys) * sizeof(double);
    double head = (rows * (wide + dim + keys) + keys * (wide + dim)) * sizeof(double);                   /* dequantised, P of the kernel */
    double measures = 4 * heads * (rows + 1) * (double)at_metric_count * sizeof(struct at_measure_fact); /* two references, copied once */
    double prepare = bytes_of_qkv(p, sizeof(float));                                                     /* Q, K and V in fp32 at once */
    double oracle = keys * (8 * wide + 24 * dim + 128 * (double)threads); /* K and V as wide integers; a row's weights for each thread */
    double solve = truth + head + oracle;                                 /* after fp32 is gone */
    double held = inputs + bytes_of_qkv(p, operands) + truths * truth + measures + (prepare > solve ? prepare : solve);
    return 1.1 * held; /* and a tenth for what allocators and threads keep */
}

static enum at_status check_study(const struct at_study *study, struct at_error *error)
{
    if (!study->input_count)
        return at_fail(error, AT_ERR_ARGUMENT, "study '%s': no inputs; give a capture or a distribution", study->name);
    if (!study->variant_count)
        return at_fail(error, AT_ERR_ARGUMENT, "study '%s': no variants; see attest list variants", study->name);
    for (size_t i = 0; i < study->input_count; i++)
        if (!study->inputs[i].capture && !study->inputs[i].seed_count)
            return at_fail(error, AT_ERR_ARGUMENT, "study '%s': input '%s' has no seeds", study->name, study->inputs[i].label);
    return AT_OK;
}

/* The shape of a capture is known only from its file. */
static enum at_status read_problem(struct at_case *c, struct at_error *error)
{
    if (!c->input->capture) {
        c->problem = c->input->problem;
        c->format = c->input->format;
        return at_problem_check(&c->problem, error);
    }
    struct at_capture_options options = options_of(c->input);
    return at_capture_problem(c->input->capture, &options, &c->problem, &c->format, error);
}

static enum at_status check_memory(const struct at_case *c, const struct at_study *study, double memory, struct at_error *error)
{
    double needed = at_plan_memory(c, study, omp_get_max_threads());
    if (!(needed <= memory))
        return at_fail(error, AT_ERR_MEMORY,
                       "%" PRId64 " query rows in each of %" PRId64 " heads with %" PRId64 " keys need about %.3g GiB, %.3g GiB "
                       "are free; look at fewer rows, heads or keys",
                       c->rows.count, c->problem.batch * c->problem.heads_q, c->problem.seq_k, needed / 0x1p30, memory / 0x1p30);
    return AT_OK;
}

static enum at_status plan_case(const struct at_study *study, double memory, struct at_case *c, struct at_error *error)
{
    enum at_status status = read_problem(c, error);
    for (size_t i = 0; i < study->variant_count && !status; i++) {
        struct at_numerics resolved;
        status = at_numerics_resolve(&study->variants[i].numerics, &c->problem, &resolved, error);
        if (status)
            at_fail_in(error, status, study->variants[i].name);
    }
    if (!status)
        status = at_rows_choose(&c->rows, c->problem.seq_q, study->rows, study->rows_seed, error);
    if (!status)
        status = check_memory(c, study, memory, error);
    if (status)
        return at_case_fail_in(c, status, error);
    for (int64_t i = 0; i < c->rows.count; i++)
        c->work += (double)at_problem_keys(&c->problem, c->rows.index[i]);
    c->work *= (double)(c->problem.batch * c->problem.heads_q);
    return AT_OK;
}

/* References of one case: the inputs' and those of all different operands. */
static size_t count_references(const struct at_study *study)
{
    size_t count = 1;
    for (size_t i = 0; i < study->variant_count; i++) {
        size_t before = 0;
        while (before < i && !at_plan_same_operands(&study->variants[i].numerics, &study->variants[before].numerics))
            before++;
        count += before == i;
    }
    return count;
}

enum at_status at_plan_make(const struct at_study *study, double memory, struct at_plan *ret_plan, struct at_error *error)
{
    struct at_plan plan = {.study = study};
    enum at_status status = check_study(study, error);
    if (status)
        return status;
    size_t count = 0;
    for (size_t i = 0; i < study->input_count; i++)
        count += study->inputs[i].capture ? 1 : study->inputs[i].seed_count;
    if (!(plan.cases = calloc(count, sizeof *plan.cases)))
        return at_fail(error, AT_ERR_MEMORY, "study '%s': out of memory for %zu cases", study->name, count);
    for (size_t i = 0; i < study->input_count && !status; i++) {
        const struct at_study_input *input = &study->inputs[i];
        for (size_t s = 0; s < (input->capture ? 1 : input->seed_count) && !status; s++) {
            struct at_case *c = &plan.cases[plan.count++];
            *c = (struct at_case){.input = input, .seed = input->capture ? 0 : input->seeds[s]};
            status = plan_case(study, memory, c, error);
            for (size_t j = 0; j + 1 < plan.count && !status; j++)
                c->copy += same_description(&plan.cases[j], c);
            plan.work += c->work * (double)count_references(study);
        }
    }
    if (status)
        at_plan_done(&plan);
    else
        *ret_plan = plan;
    return status;
}

void at_plan_done(struct at_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        at_rows_done(&plan->cases[i].rows);
    free(plan->cases);
    *plan = (struct at_plan){0};
}
