/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_case.h"

#include "kernels/prepare/prepare.h"
#include "study/check_tensor.h"
#include "study/memory.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static bool is_coded(const struct at_check_question *question)
{
    return question->scales[0] || question->scales[1] || question->scales[2];
}

/* The one case of the study, with its inputs. */
static enum at_status read_inputs(struct at_check_case *c, struct at_error *error)
{
    struct at_plan plan;
    struct at_study study = *c->question->study;
    study.foreign = true;
    enum at_status status = at_plan_make(&study, c->question->memory, &plan, error);
    if (status)
        return status;
    if (plan.count != 1) {
        status = at_fail(error, AT_ERR_ARGUMENT, "check: an output belongs to one input, %zu are given; name one seed", plan.count);
    } else {
        c->c = plan.cases[0];
        c->oracle = plan.oracle.oracle;
        plan.cases[0].rows = (struct at_rows){0};
    }
    at_plan_done(&plan);
    return status ? status : at_case_inputs(&c->c, &c->inputs, error);
}

static enum at_status settle_oracle(struct at_check_case *c, struct at_error *error)
{
    struct at_oracle_choice choice;
    const struct at_case *k = &c->c;
    const struct at_oracle_shape shape = {&k->problem, k->rows.count, k->work / (double)at_check_heads(c), k->problem.dim,
                                          omp_get_num_procs()};
    enum at_status status = at_oracle_settle(c->question->study->oracle, &shape, 1, &choice, error);
    if (status)
        return status;
    c->oracle = choice.oracle;
    double needed = at_memory_of_case(k, c->question->study, c->oracle, omp_get_max_threads());
    if (!(needed <= c->question->memory))
        return at_fail(error, AT_ERR_MEMORY, "check: needs about %.3g GiB, %.3g GiB are free; look at fewer rows", needed / 0x1p30,
                       c->question->memory / 0x1p30);
    return AT_OK;
}

/* Codes in place of inputs: the numbers that they stand for come later. */
static enum at_status read_codes(struct at_check_case *c, struct at_qkv *ret_codes, struct at_error *error)
{
    const struct at_study *study = c->question->study;
    const struct at_study_input *input = study->inputs;
    if (study->input_count != 1 || !input->capture || study->variant_count != 1)
        return at_fail(error, AT_ERR_ARGUMENT, "check: descales belong to the codes of one capture and one variant");
    struct at_capture_options options = {.q_name = input->q_name,
                                         .k_name = input->k_name,
                                         .v_name = input->v_name,
                                         .layout = input->layout,
                                         .causal = input->causal,
                                         .scale = input->scale,
                                         .bytes_are_e4m3 = true};
    struct at_case *k = &c->c;
    struct at_qkv codes;
    enum at_status status = at_capture_read(input->capture, &options, &k->problem, &codes, error);
    if (status)
        return status;
    k->input = input;
    k->format = AT_FP32;
    k->rows_seed = study->rows_seed;
    status = at_rows_choose(&k->rows, k->problem.seq_q, study->rows, study->rows_seed, error);
    for (int64_t i = 0; i < k->rows.count && !status; i++)
        k->work += (double)at_problem_keys(&k->problem, k->rows.index[i]);
    k->work *= (double)at_check_heads(c);
    if (!status)
        status = settle_oracle(c, error);
    if (status)
        at_qkv_done(&codes);
    else
        *ret_codes = codes;
    return status;
}

/* What descales stand for: one for each head, of elements that are neither turned nor shifted. */
static enum at_status check_declared(const struct at_operand_numerics *n, enum at_format format, char name, struct at_error *error)
{
    if (n->format != format)
        return at_fail(error, AT_ERR_ARGUMENT, "check: the codes are %s, the variant declares %c.format=%s", at_formats[format].name, name,
                       at_formats[n->format].name);
    if ((n->scale != AT_SCALE_HEAD && n->scale != AT_SCALE_TENSOR) || n->rotate != AT_ROTATE_NONE || n->smooth != AT_SMOOTH_NONE)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "check: %c: codes with descales have a scale per head or tensor, and are neither rotated nor "
                       "smoothed; for other numerics give the inputs before quantisation",
                       name);
    return AT_OK;
}

/* Takes over the codes; the scale of each head is that of the key/value head it belongs to. */
static enum at_status make_operand(struct at_check_case *c, int which, struct at_tensor *codes, struct at_operand *operand,
                                   struct at_error *error)
{
    const struct at_problem *p = &c->c.problem;
    const struct at_operand_numerics *numerics[3] = {&c->numerics.q, &c->numerics.k, &c->numerics.v};
    const char *name = c->question->scales[which];
    float *scales = NULL;
    enum at_status status = check_declared(numerics[which], codes->format, "qkv"[which], error);
    if (!status && !name)
        status = at_fail(error, AT_ERR_ARGUMENT, "check: codes need the descales of Q, K and V; name those of %c with --%c-scale",
                         "QKV"[which], "qkv"[which]);
    if (!status)
        status = at_check_read_scales(c->c.input->capture, name, p, &scales, error);
    if (status)
        return status;
    int64_t heads = p->batch * codes->heads, group = codes->heads / p->heads_kv;
    operand->scale = (struct at_scales){AT_SCALE_HEAD, p->batch, codes->heads, 1, calloc((size_t)heads, sizeof(float))};
    operand->clips = calloc((size_t)heads, sizeof *operand->clips);
    operand->codes = *codes;
    codes->codes = NULL;
    for (int64_t i = 0; i < heads && operand->scale.value; i++)
        operand->scale.value[i] = scales[i / group];
    free(scales);
    return operand->scale.value && operand->clips ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory");
}

/* The inputs that stand for codes: code times descale in fp32. */
static void decode_operand(const struct at_operand *operand, struct at_tensor *ret_tensor)
{
    float *values = ret_tensor->codes;
    at_tensor_decode_rows(&operand->codes, 0, 0, 0, at_tensor_count(ret_tensor) / ret_tensor->dim, values);
    for (int64_t i = 0, head = ret_tensor->seq * ret_tensor->dim; i < at_tensor_count(ret_tensor); i++)
        values[i] *= operand->scale.value[i / head];
}

static enum at_status open_codes(struct at_check_case *c, struct at_error *error)
{
    struct at_qkv codes = {0};
    enum at_status status = read_codes(c, &codes, error);
    if (!status)
        status = at_numerics_resolve(&c->question->study->variants[0].numerics, &c->c.problem, &c->numerics, error);
    struct at_tensor *from[3] = {&codes.q, &codes.k, &codes.v};
    struct at_operand *to[3] = {&c->operands.q, &c->operands.k, &c->operands.v};
    for (int i = 0; i < 3 && !status; i++)
        status = make_operand(c, i, from[i], to[i], error);
    if (!status)
        status = at_qkv_init(&c->inputs, AT_FP32, &c->c.problem, error);
    if (!status) {
        struct at_tensor *values[3] = {&c->inputs.q, &c->inputs.k, &c->inputs.v};
        for (int i = 0; i < 3; i++)
            decode_operand(to[i], values[i]);
        c->operands.problem = c->c.problem;
    }
    at_qkv_done(&codes);
    return status;
}

/* Who says what to expect. */
static enum at_status choose_source(struct at_check_case *c, struct at_error *error)
{
    const enum at_check_by by = c->question->by;
    c->by_model = by == AT_CHECK_BY_MODEL || (by == AT_CHECK_BY_ANY && !at_problem_has_twin(&c->c.problem));
    return c->by_model ? AT_OK : at_problem_check_twin(&c->c.problem, error);
}

enum at_status at_check_case_open(const struct at_check_question *question, struct at_check_case *ret_case, struct at_error *error)
{
    struct at_check_case c = {.question = question, .work = {.events = question->events}};
    enum at_status status;
    if (is_coded(question)) {
        status = open_codes(&c, error);
    } else {
        status = read_inputs(&c, error);
        if (!status)
            status = at_numerics_resolve(&question->study->variants[0].numerics, &c.c.problem, &c.numerics, error);
    }
    if (!status)
        status = choose_source(&c, error);
    if (!status)
        status = at_check_read_output(&question->output, &c.c.problem, &c.c.rows, &c.format, &c.o, &c.lse, error);
    if (!status && c.format != AT_FP32)
        c.numerics.output = c.format;
    if (!status && !is_coded(question))
        status = at_prepare(&c.c.problem, &c.numerics, &c.inputs, &c.operands, error);
    c.operands.numerics = c.numerics;
    if (status) {
        at_check_case_done(&c);
        return status;
    }
    *ret_case = c;
    return AT_OK;
}

enum at_status at_check_case_solve(struct at_check_case *c, struct at_error *error)
{
    const char *label = c->c.input->label;
    at_work_phase(&c->work, "%s: reference of the inputs", label);
    enum at_status status = at_truths_solve(&c->c, c->oracle, &c->inputs, NULL, NULL, &c->work, &c->truths[AT_AGAINST_ORIGINAL], error);
    at_work_phase(&c->work, "%s: reference of the dequantised operands", label);
    if (!status)
        status = at_truths_solve(&c->c, c->oracle, &c->inputs, &c->operands, &c->truths[AT_AGAINST_ORIGINAL], &c->work,
                                 &c->truths[AT_AGAINST_DEQUANTISED], error);
    return status;
}

double at_check_true_lse(const struct at_check_case *c, int64_t head, int64_t row)
{
    double lse = c->truths[AT_AGAINST_DEQUANTISED].head[head].lse[row];
    const float *shift = c->operands.lse_shift;
    return shift ? lse + (double)shift[head * c->c.problem.seq_q + c->c.rows.index[row]] : lse;
}

double at_check_lse_error(const struct at_check_case *c, int64_t head, int64_t row, float got)
{
    double truth = at_check_true_lse(c, head, row);
    return got == (float)truth ? 0 : (double)got - truth;
}

void at_check_case_done(struct at_check_case *c)
{
    at_truths_done(&c->truths[AT_AGAINST_DEQUANTISED]);
    at_truths_done(&c->truths[AT_AGAINST_ORIGINAL]);
    at_operands_done(&c->operands);
    at_qkv_done(&c->inputs);
    at_rows_done(&c->c.rows);
    free(c->o);
    free(c->lse);
    *c = (struct at_check_case){0};
}
