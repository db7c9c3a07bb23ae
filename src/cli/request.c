/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/request.h"

#include "study/read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One or two positive numbers parted by ':'; one counts for both. Returns what follows, or NULL. */
static const char *parse_pair(const char *text, int64_t *ret_first, int64_t *ret_second)
{
    char *end;
    errno = 0;
    *ret_first = *ret_second = strtoll(text, &end, 10);
    if (end == text || errno || *ret_first < 1 || *text == '+' || *text == ' ')
        return NULL;
    if (*end != ':')
        return end;
    text = end + 1;
    *ret_second = strtoll(text, &end, 10);
    return end == text || errno || *ret_second < 1 ? NULL : end;
}

enum at_status at_shape_parse(const char *text, bool foreign, struct at_problem *ret_problem, struct at_error *error)
{
    struct at_problem made = *ret_problem;
    int64_t twice[4];
    const char *at = parse_pair(text, &made.batch, &twice[0]);
    at = at && *at == 'x' ? parse_pair(at + 1, &made.heads_q, &made.heads_kv) : NULL;
    at = at && *at == 'x' ? parse_pair(at + 1, &made.seq_q, &made.seq_k) : NULL;
    at = at && *at == 'x' ? parse_pair(at + 1, &made.dim, &twice[1]) : NULL;
    if (!at || *at || made.batch != twice[0] || made.dim != twice[1])
        return at_fail(error, AT_ERR_ARGUMENT,
                       "shape '%s': write BxHxSxD, as 1x16x8192x128; 1x32:8x512:4096x128 has 32 query and 8 "
                       "key/value heads, 512 queries and 4096 keys",
                       text);
    enum at_status status = foreign ? at_problem_check(&made, error) : at_problem_check_twin(&made, error);
    if (status)
        return at_fail_in(error, status, "option '--shape'");
    *ret_problem = made;
    return AT_OK;
}

static enum at_status no_memory(struct at_error *error)
{
    return at_fail(error, AT_ERR_MEMORY, "run: no memory for the study");
}

/* *ret_copy: a copy of `text`, or NULL for NULL. */
static enum at_status copy(const char *text, char **ret_copy, struct at_error *error)
{
    *ret_copy = text ? strdup(text) : NULL;
    return text && !*ret_copy ? no_memory(error) : AT_OK;
}

static enum at_status add_variant(void *context, const char *text, struct at_error *error)
{
    struct at_study *study = context;
    struct at_variant_choice choice;
    enum at_status status = at_variant_choose(text, &choice, error);
    if (status)
        return status;
    for (size_t i = 0; i < study->variant_count; i++)
        if (strcmp(study->variants[i].name, choice.name) == 0)
            return at_fail(error, AT_ERR_ARGUMENT, "variant '%s' is given twice", choice.name);
    struct at_variant_choice *more = realloc(study->variants, (study->variant_count + 1) * sizeof *more);
    if (!more)
        return no_memory(error);
    study->variants = more;
    study->variants[study->variant_count++] = choice;
    return AT_OK;
}

enum at_status at_request_variants(const struct at_arguments *a, struct at_study *study, struct at_error *error)
{
    enum at_status status = AT_OK;
    const char *text;
    for (size_t i = 0; !status && (text = at_argument(a, "variants", i)); i++)
        status = at_variant_split(text, add_variant, study, error);
    for (size_t i = 0; !status && (text = at_argument(a, "variant", i)); i++)
        status = add_variant(study, text, error);
    return status;
}

static enum at_status read_seeds(const struct at_arguments *a, struct at_study_input *input, struct at_error *error)
{
    const char *text = at_argument(a, "seeds", 0);
    text = text ? text : "1";
    for (const char *at = text;; at++) {
        char *end;
        errno = 0;
        uint64_t seed = strtoull(at, &end, 10);
        if (end == at || *at < '0' || *at > '9' || errno || seed > INT64_MAX || (*end && *end != ','))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--seeds': '%s' is not a list of whole numbers as 1,2,3", text);
        uint64_t *more = realloc(input->seeds, (input->seed_count + 1) * sizeof *more);
        if (!more)
            return no_memory(error);
        input->seeds = more;
        for (size_t i = 0; i < input->seed_count; i++)
            if (input->seeds[i] == seed)
                return at_fail(error, AT_ERR_ARGUMENT, "option '--seeds': seed %" PRIu64 " is listed twice; keep one", seed);
        input->seeds[input->seed_count++] = seed;
        at = end;
        if (!*at)
            return AT_OK;
    }
}

/* A number of rows, or "all", which a study holds as 0. */
static enum at_status read_rows(const struct at_arguments *a, int64_t *ret_rows, struct at_error *error)
{
    const char *text = at_argument(a, "rows", 0);
    *ret_rows = 0;
    if (text && strcmp(text, "all") == 0)
        return AT_OK;
    if (at_argument_integer(a, "rows", 1, AT_SIZE_MAX, AT_ROWS_DEFAULT, ret_rows, NULL) == AT_OK)
        return AT_OK;
    return at_fail(error, AT_ERR_ARGUMENT, "option '--rows': '%s' is neither a whole number from 1 to %d nor 'all'", text, AT_SIZE_MAX);
}

/* Refuses an option of the kind of input that is not asked for: it would change nothing. */
static enum at_status check_options(const struct at_arguments *a, struct at_error *error)
{
    static const struct {
        const char *option, *kind;
    } rows[] = {{"shape", "distribution"}, {"format", "distribution"}, {"seeds", "distribution"}, {"layout", "input"},
                {"q-name", "input"},       {"k-name", "input"},        {"v-name", "input"},       {"not-causal", "input"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool generated = strcmp(rows[i].kind, "distribution") == 0;
        if (at_argument_given(a, rows[i].option) && !at_argument_given(a, rows[i].kind))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --%s, which is not given; leave it out: %s", rows[i].option,
                           rows[i].kind, generated ? "the file of --input says its shape and format, and is one case"
                                                   : "generated inputs are b h s d, without a mask unless --causal is given");
    }
    return AT_OK;
}

static enum at_status read_scale(const struct at_arguments *a, double *ret_scale, struct at_error *error)
{
    const char *text = at_argument(a, "scale", 0);
    char *end;
    *ret_scale = 0;
    if (!text)
        return AT_OK;
    double scale = strtod(text, &end);
    if (end == text || *end || !(scale > 0) || isinf(scale))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--scale': '%s' is not a finite number above 0; leave it out for 1/sqrt(dim)", text);
    *ret_scale = scale;
    return AT_OK;
}

/* --readout FILE[:TENSOR], of every input. A name that is a file whole holds no tensor's name. */
static enum at_status read_readout(const struct at_arguments *a, struct at_study_input *input, struct at_error *error)
{
    const char *text = at_argument(a, "readout", 0), *colon = text ? strrchr(text, ':') : NULL;
    if (!colon || access(text, F_OK) == 0)
        return copy(text, &input->readout, error);
    if (colon == text || !colon[1])
        return at_fail(error, AT_ERR_ARGUMENT, "option '--readout': '%s': write FILE or FILE:TENSOR", text);
    input->readout = strndup(text, (size_t)(colon - text));
    return input->readout ? copy(colon + 1, &input->readout_tensor, error) : no_memory(error);
}

/* "captures/gpt-layer0.safetensors" is "gpt-layer0" in tables. */
static enum at_status label_of(const char *path, char **ret_label, struct at_error *error)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    enum at_status status = copy(base, ret_label, error);
    char *dot = status ? NULL : strrchr(*ret_label, '.');
    if (dot && dot > *ret_label)
        *dot = '\0';
    return status;
}

static enum at_status read_capture(const struct at_arguments *a, const char *path, struct at_study_input *input, struct at_error *error)
{
    enum at_status status = label_of(path, &input->label, error);
    if (!status)
        status = copy(path, &input->capture, error);
    if (!status)
        status = copy(at_argument(a, "q-name", 0), &input->q_name, error);
    if (!status)
        status = copy(at_argument(a, "k-name", 0), &input->k_name, error);
    if (!status)
        status = copy(at_argument(a, "v-name", 0), &input->v_name, error);
    if (!status)
        status = copy(at_argument(a, "layout", 0), &input->layout, error);
    if (!status && input->layout && strcmp(input->layout, "bhsd") != 0 && strcmp(input->layout, "bshd") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--layout': '%s' is neither bhsd nor bshd", input->layout);
    input->causal = at_argument_given(a, "causal") ? 1 : at_argument_given(a, "not-causal") ? 0 : -1;
    return status ? status : read_scale(a, &input->scale, error);
}

static enum at_status read_distribution(const struct at_arguments *a, bool foreign, const char *text, struct at_study_input *input,
                                        struct at_error *error)
{
    const char *shape = at_argument(a, "shape", 0), *format = at_argument(a, "format", 0);
    input->format = at_format_find(format ? format : "fp16");
    if (input->format == AT_FORMAT_COUNT)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--format': '%s' is none of e4m3, e5m2, fp16, bf16, fp32", format);
    if (!shape)
        return at_fail(error, AT_ERR_ARGUMENT, "--distribution needs a shape: --shape 1x16x8192x128");
    enum at_status status = at_distribution_choose(text, &input->distribution, error);
    if (!status)
        status = at_shape_parse(shape, foreign, &input->problem, error);
    if (!status)
        status = copy(input->distribution.distribution->name, &input->label, error);
    input->causal = input->problem.causal = at_argument_given(a, "causal");
    if (!status)
        status = read_scale(a, &input->problem.scale, error);
    input->scale = input->problem.scale;
    return status ? status : read_seeds(a, input, error);
}

static enum at_status read_inputs(const struct at_arguments *a, bool foreign, struct at_study *study, struct at_error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count +=
            a->given[i].option && (strcmp(a->given[i].option->name, "input") == 0 || strcmp(a->given[i].option->name, "distribution") == 0);
    study->inputs = calloc(count + 1, sizeof *study->inputs);
    if (!study->inputs)
        return no_memory(error);
    enum at_status status = AT_OK;
    const char *text;
    for (size_t i = 0; !status && (text = at_argument(a, "input", i)); i++)
        status = read_capture(a, text, &study->inputs[study->input_count++], error);
    for (size_t i = 0; !status && (text = at_argument(a, "distribution", i)); i++)
        status = read_distribution(a, foreign, text, &study->inputs[study->input_count++], error);
    for (size_t i = 0; !status && i < study->input_count; i++)
        status = read_readout(a, &study->inputs[i], error);
    return status;
}

/* The study's name: --name, else the labels of its inputs, "gpt-layer0+iid-outlier". */
static enum at_status name_study(const struct at_arguments *a, struct at_study *study, struct at_error *error)
{
    const char *given = at_argument(a, "name", 0);
    if (given)
        return copy(given, &study->name, error);
    size_t size = 1;
    for (size_t i = 0; i < study->input_count; i++)
        size += strlen(study->inputs[i].label) + 1;
    study->name = calloc(size, 1);
    if (!study->name)
        return no_memory(error);
    for (size_t i = 0, used = 0; i < study->input_count; i++)
        used += (size_t)snprintf(study->name + used, size - used, "%s%s", i ? "+" : "", study->inputs[i].label);
    return AT_OK;
}

enum at_status at_request_read(const struct at_arguments *arguments, bool foreign, struct at_study *ret_study, struct at_error *error)
{
    struct at_study made = {0};
    const char *oracle = at_argument(arguments, "oracle", 0);
    int64_t rows_seed = 0;
    enum at_status status = check_options(arguments, error);
    if (!status)
        status = read_rows(arguments, &made.rows, error);
    if (!status)
        status = at_argument_integer(arguments, "rows-seed", 0, INT64_MAX, 1, &rows_seed, error);
    made.rows_seed = (uint64_t)rows_seed;
    if (!status && at_argument_given(arguments, "causal") && at_argument_given(arguments, "not-causal"))
        status = at_fail(error, AT_ERR_ARGUMENT, "--causal and --not-causal contradict each other");
    if (!status)
        status = at_oracle_read(oracle, &made.oracle, error);
    if (!status)
        status = read_inputs(arguments, foreign, &made, error);
    if (!status)
        status = at_request_variants(arguments, &made, error);
    if (!status && made.variant_count == 0)
        status = at_fail(error, AT_ERR_ARGUMENT, "no variant given: add --variants fa3-fp16,fa3-fp8 (attest list variants)");
    if (!status)
        status = name_study(arguments, &made, error);
    if (status)
        at_study_done(&made);
    else
        *ret_study = made;
    return status;
}
