/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/plan.h"

#include "study/memory.h"
#include "study/readings.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct at_capture_options options_of(const struct at_study_input *input)
{
    return (struct at_capture_options){.q_name = input->q_name,
                                       .k_name = input->k_name,
                                       .v_name = input->v_name,
                                       .layout = input->layout,
                                       .causal = input->causal,
                                       .scale = input->scale};
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

bool at_case_reads_heads(const struct at_case *c)
{
    return c->readout.width == c->problem.dim && c->problem.heads_q > 1;
}

struct at_input_fact at_case_identify(const struct at_case *c, const struct at_qkv *inputs, char ret_spelling[AT_DISTRIBUTION_TEXT_SIZE],
                                      struct at_sha256 *ret_sha256)
{
    const struct at_tensor *tensors[] = {&inputs->q, &inputs->k, &inputs->v};
    struct at_input_fact fact = at_case_describe(c, ret_spelling);
    *ret_sha256 = at_sha256_of_qkv(inputs);
    fact.input_sha256 = ret_sha256->hex;
    for (int i = 0; i < 3; i++) {
        int64_t nan, infinite;
        at_tensor_count_nonfinite(tensors[i], &nan, &infinite);
        fact.nan += nan;
        fact.infinite += infinite;
    }
    return fact;
}

bool at_case_describe_readout(const struct at_case *c, struct at_readout_fact *ret_fact)
{
    const struct at_readout_info *w = &c->readout;
    const char *path = c->input->readout, *slash = path ? strrchr(path, '/') : NULL;
    if (!w->width)
        return false;
    *ret_fact = (struct at_readout_fact){.sha256 = w->sha256.hex,
                                         .file = slash ? slash + 1 : path,
                                         .tensor = w->tensor,
                                         .format = at_formats[w->format].name,
                                         .tokens = w->tokens,
                                         .width = w->width};
    return true;
}

/* Spellings last: they are written out, and studies of many cases differ in label, seed or shape. */
static bool same_description(const struct at_case *a, const struct at_case *b)
{
    const struct at_problem *p = &a->problem, *q = &b->problem;
    if (strcmp(a->input->label, b->input->label) != 0 || a->format != b->format || a->seed != b->seed || p->batch != q->batch ||
        p->heads_q != q->heads_q || p->heads_kv != q->heads_kv || p->seq_q != q->seq_q || p->seq_k != q->seq_k || p->dim != q->dim ||
        p->causal != q->causal || p->scale != q->scale)
        return false;
    char a_spelling[AT_DISTRIBUTION_TEXT_SIZE], b_spelling[AT_DISTRIBUTION_TEXT_SIZE];
    const struct at_input_fact x = at_case_describe(a, a_spelling), y = at_case_describe(b, b_spelling);
    return strcmp(x.source, y.source) == 0 && strcmp(x.spelling, y.spelling) == 0;
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
        return AT_OK;
    }
    struct at_capture_options options = options_of(c->input);
    return at_capture_problem(c->input->capture, &options, &c->problem, &c->format, error);
}

static enum at_status plan_case(const struct at_study *study, struct at_case *c, struct at_error *error)
{
    enum at_status status = read_problem(c, error);
    if (!status)
        status = study->foreign ? at_problem_check(&c->problem, error) : at_problem_check_twin(&c->problem, error);
    for (size_t i = 0; i < study->variant_count && !status; i++) {
        struct at_numerics resolved;
        status = at_numerics_resolve(&study->variants[i].numerics, &c->problem, &resolved, error);
        if (status)
            at_fail_in(error, status, study->variants[i].name);
    }
    if (!status)
        status = at_rows_choose(&c->rows, c->problem.seq_q, study->rows, study->rows_seed, error);
    if (status)
        return at_case_fail_in(c, status, error);
    c->rows_seed = study->rows_seed;
    for (int64_t i = 0; i < c->rows.count; i++)
        c->work += (double)at_problem_keys(&c->problem, c->rows.index[i]);
    c->work *= (double)(c->problem.batch * c->problem.heads_q);
    return AT_OK;
}

/* The oracle for all cases together, so that facts of one study are comparable; the machine's, whatever --threads says. */
static enum at_status settle(struct at_plan *plan, struct at_error *error)
{
    struct at_oracle_shape *shapes = calloc(plan->count, sizeof *shapes);
    if (!shapes)
        return at_fail(error, AT_ERR_MEMORY, "study '%s': out of memory for %zu cases", plan->study->name, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct at_case *c = &plan->cases[i];
        double heads = (double)c->problem.batch * (double)c->problem.heads_q;
        shapes[i] = (struct at_oracle_shape){&c->problem, c->rows.count, c->work / heads, c->problem.dim, omp_get_num_procs()};
    }
    enum at_status status = at_oracle_settle(plan->study->oracle, shapes, plan->count, &plan->oracle, error);
    free(shapes);
    return status;
}

static enum at_status check_memory(const struct at_plan *plan, double memory, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t i = 0; i < plan->count && !status; i++) {
        const struct at_case *c = &plan->cases[i];
        double needed = at_memory_of_case(c, plan->study, plan->oracle.oracle, omp_get_max_threads());
        double reading = at_readings_bytes(c, omp_get_max_threads());
        char part[96] = "";
        if (reading > 0)
            snprintf(part, sizeof part, "; %.3g GiB of it are for the readout's %" PRId64 " tokens", reading / 0x1p30, c->readout.tokens);
        if (!(needed <= memory))
            at_fail(error, status = AT_ERR_MEMORY,
                    "%" PRId64 " query rows in each of %" PRId64 " heads with %" PRId64
                    " keys need about %.3g GiB with the oracle %s, %.3g "
                    "GiB are free; look at fewer rows, heads or keys%s",
                    c->rows.count, c->problem.batch * c->problem.heads_q, c->problem.seq_k, needed / 0x1p30, plan->oracle.oracle->name,
                    memory / 0x1p30, part);
        if (status)
            at_case_fail_in(c, status, error);
    }
    return status;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Looks at the readout of case `i`, unless a case before it has the same; its rows must be the outputs of a head or of all heads. */
static enum at_status plan_readout(struct at_plan *plan, size_t i, struct at_error *error)
{
    struct at_case *c = &plan->cases[i];
    const struct at_study_input *input = c->input;
    enum at_status status = AT_OK;
    if (!input->readout)
        return AT_OK;
    for (size_t j = i; j-- > 0 && !c->readout.width;)
        if (same_text(plan->cases[j].input->readout, input->readout) &&
            same_text(plan->cases[j].input->readout_tensor, input->readout_tensor))
            c->readout = plan->cases[j].readout;
    if (!c->readout.width)
        status = at_readout_inspect(input->readout, input->readout_tensor, &c->readout, error);
    int64_t dim = c->problem.dim, all = dim * c->problem.heads_q, width = c->readout.width;
    if (!status && width != dim && width != all)
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "%.300s: tensor '%.100s' is [%" PRId64 ", %" PRId64 "]: its rows must hold %" PRId64 " numbers (%" PRId64
                         " heads of %" PRId64 ", read together) or %" PRId64
                         " (each head alone); give the matrix of this layer, [tokens, width]",
                         input->readout, c->readout.tensor, c->readout.tokens, width, all, c->problem.heads_q, dim, dim);
    return status ? at_case_fail_in(c, status, error) : AT_OK;
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
            status = plan_case(study, c, error);
            if (!status)
                status = plan_readout(&plan, plan.count - 1, error);
            for (size_t j = 0; j + 1 < plan.count && !status; j++)
                c->copy += same_description(&plan.cases[j], c);
            plan.work += c->work * (double)count_references(study);
        }
    }
    if (!status)
        status = settle(&plan, error);
    if (!status)
        status = check_memory(&plan, memory, error);
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
