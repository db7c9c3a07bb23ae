/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/search_request.h"

#include "cli/request.h"
#include "core/name.h"
#include "study/read.h"
#include "study/search_family_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEARCH_ROWS = 16, EVALUATIONS_MOST = 1000000000 };
static const double budget_default_s = 60, budget_most_s = 7 * 86400;

/* "90", "90s", "10m", "1.5h": seconds. */
static enum at_status read_budget(const struct at_arguments *a, double *ret_budget, struct at_error *error)
{
    const char *text = at_argument(a, "budget", 0);
    char *end;
    *ret_budget = at_argument_given(a, "evaluations") ? INFINITY : budget_default_s;
    if (!text)
        return AT_OK;
    double value = strtod(text, &end), unit = strcmp(end, "m") == 0 ? 60 : strcmp(end, "h") == 0 ? 3600 : 1;
    bool known = !*end || strcmp(end, "s") == 0 || unit > 1;
    if (end == text || !known || !(value > 0) || !(value * unit <= budget_most_s))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--budget': '%s' is not a time above 0, up to a week, as 90s, 10m or 1h", text);
    *ret_budget = value * unit;
    return AT_OK;
}

/* A number above 0 and at most `most`, or `otherwise`. */
static enum at_status read_positive(const struct at_arguments *a, const char *name, double most, double otherwise, const char *unless,
                                    double *ret_value, struct at_error *error)
{
    const char *text = at_argument(a, name, 0);
    char *end;
    *ret_value = otherwise;
    if (!text)
        return AT_OK;
    double value = strtod(text, &end);
    if (end == text || *end || !(value > 0) || !(value <= most) || isinf(value))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': '%s' is not a number above 0, up to %g; leave it out for %s", name, text,
                       most, unless);
    *ret_value = value;
    return AT_OK;
}

static enum at_status read_metric(const struct at_arguments *a, struct at_search_scorer *scorer, struct at_error *error)
{
    static const char *const against[] = {"original", "dequantised"};
    const char *name = at_argument(a, "metric", 0), *truth = at_argument(a, "against", 0);
    char hint[AT_NAME_HINT_SIZE];
    enum at_status status = at_metric_find(name ? name : "rel_rmse", &scorer->metric, error);
    if (!status)
        status = at_search_metric_check(scorer->metric, error);
    if (status)
        return at_fail_in(error, status, "option '--metric'");
    if (truth && strcmp(truth, against[0]) != 0 && strcmp(truth, against[1]) != 0)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--against': '%s' is neither original nor dequantised%s", truth,
                       at_name_hint(truth, against, 2, hint));
    scorer->dequantised = truth && strcmp(truth, against[1]) == 0;
    return AT_OK;
}

/* The study that stands for all that is evaluated: one variant, one member of the family. */
static enum at_status read_study(const struct at_arguments *a, struct at_search_command *c, struct at_error *error)
{
    const char *shape = at_argument(a, "shape", 0), *format = at_argument(a, "format", 0);
    struct at_study *study = &c->study;
    struct at_study_input *input = calloc(1, sizeof *input);
    study->inputs = input;
    study->input_count = input != NULL;
    study->name = strdup("search");
    if (input) {
        input->label = strdup(c->request.family.fixed.distribution->name);
        input->seeds = calloc(1, sizeof *input->seeds);
    }
    if (!study->name || !input || !input->label || !input->seeds)
        return at_fail(error, AT_ERR_MEMORY, "search: out of memory");
    input->seed_count = 1;
    input->seeds[0] = c->request.seed;
    input->distribution = c->request.family.fixed;
    input->format = at_format_find(format ? format : "fp16");
    if (input->format == AT_FORMAT_COUNT || input->format == AT_E5M2) /* which no capture has */
        return at_fail(error, AT_ERR_ARGUMENT, "option '--format': '%s' is none of e4m3, fp16, bf16, fp32", format);
    if (!shape)
        return at_fail(error, AT_ERR_ARGUMENT, "search on what shape? --shape 1x1x1024x128");
    enum at_status status = at_shape_parse(shape, false, &input->problem, error);
    if (!status)
        status = read_positive(a, "scale", 0x1p100, 0, "1/sqrt(dim)", &input->problem.scale, error);
    input->scale = input->problem.scale;
    input->causal = input->problem.causal = at_argument_given(a, "causal");
    if (!status)
        status = at_request_variants(a, study, error);
    if (!status && study->variant_count != 1)
        status = at_fail(error, AT_ERR_ARGUMENT, "search on what variant? one --variant NAME (attest list variants)");
    return status;
}

static enum at_status read_numbers(const struct at_arguments *a, struct at_search_command *c, struct at_error *error)
{
    struct at_search_request *r = &c->request;
    int64_t rows, rows_seed, seed;
    enum at_status status = at_argument_integer(a, "seed", 0, INT64_MAX, 1, &seed, error);
    if (!status)
        status = at_argument_integer(a, "rows", 1, AT_SIZE_MAX, SEARCH_ROWS, &rows, error);
    if (!status)
        status = at_argument_integer(a, "rows-seed", 0, INT64_MAX, 1, &rows_seed, error);
    if (!status)
        status = at_argument_integer(a, "evaluations", 1, EVALUATIONS_MOST, 0, &r->evaluations, error);
    if (!status)
        status = read_budget(a, &r->budget_s, error);
    if (status)
        return status;
    r->seed = (uint64_t)seed;
    c->study.rows = rows;
    c->study.rows_seed = (uint64_t)rows_seed;
    r->local = !at_argument_given(a, "no-local");
    return AT_OK;
}

enum at_status at_search_command_read(const struct at_arguments *a, struct at_search_command *ret_command, struct at_error *error)
{
    struct at_search_command *c = ret_command;
    const char *family = at_argument(a, "family", 0), *output = at_argument(a, "output", 0);
    *c = (struct at_search_command){.output = output ? output : "worst.safetensors", .replace = at_argument_given(a, "force")};
    enum at_status status = at_words_at_most(a, 0, error);
    if (!status && !family)
        status = at_fail(error, AT_ERR_ARGUMENT, "search in what family? --family 'structured:any' (docs/search.md)");
    if (!status && at_search_family_is_file(family))
        status = at_search_family_load(family, &c->request.family, error);
    else if (!status)
        status = at_search_family_read(family, &c->request.family, error);
    if (!status)
        status = read_metric(a, &c->request.scorer, error);
    if (!status)
        status = read_numbers(a, c, error);
    if (!status)
        status = read_study(a, c, error);
    if (!status)
        status = read_positive(a, "bound", at_formats[c->study.inputs[0].format].max, 0, "the largest number of the format",
                               &c->request.bound, error);
    if (!status)
        status = at_oracle_find("certified", &c->study.oracle, error);
    return status ? status : at_compute_read(a, &c->compute, error);
}

enum at_status at_search_command_plan(struct at_search_command *c, double memory, struct at_error *error)
{
    struct at_search_scorer *s = &c->request.scorer;
    const struct at_problem *p = &c->study.inputs[0].problem;
    double rows = (double)p->heads_q * (double)p->seq_q + 2 * (double)p->heads_kv * (double)p->seq_k;
    double champion = (double)at_format_size(c->study.inputs[0].format) * (double)p->batch * (double)p->dim * rows;
    enum at_status status = at_plan_make(&c->study, memory - champion, &c->plan, error);
    if (status)
        return status;
    s->c = &c->plan.cases[0];
    s->oracle = c->plan.oracle.oracle;
    s->simd = c->compute.simd;
    c->request.variant = &c->study.variants[0];
    return at_numerics_resolve(&c->study.variants[0].numerics, &s->c->problem, &s->numerics, error);
}

void at_search_command_done(struct at_search_command *c)
{
    at_plan_done(&c->plan);
    at_study_done(&c->study);
}
