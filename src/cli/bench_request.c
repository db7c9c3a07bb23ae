/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_request.h"

#include "cli/request.h"
#include "study/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 64, REPEATS_LEAST = 20, REPEATS_DEFAULT = 30, REPEATS_MOST = 10000, ROWS_DEFAULT = 16, LIMIT_DEFAULT_S = 60 };
enum { TOKENS_DEFAULT = 16384, WIDTH_DEFAULT = 2048, PRODUCT_DEFAULT = 8192, PRODUCT_MOST = 65536, COPY_DEFAULT = 512, COPY_MOST = 65536 };
enum { WARM_DEFAULT_MS = 50, BURST_DEFAULT_MS = 4, PACE_MOST_MS = 10000 };

struct list {
    int64_t value[LIST_MOST];
    size_t count;
};

/* Whole numbers from 1 to AT_SIZE_MAX, parted by commas, none twice. */
static enum at_status read_list(const struct at_arguments *a, const char *name, const char *otherwise, struct list *ret_list,
                                struct at_error *error)
{
    const char *given = at_argument(a, name, 0), *text = given ? given : otherwise;
    struct list made = {.count = 0};
    for (const char *at = text;; at++) {
        char *end;
        errno = 0;
        intmax_t value = strtoimax(at, &end, 10);
        if (end == at || *at < '0' || *at > '9' || errno || value < 1 || value > AT_SIZE_MAX || (*end && *end != ','))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': '%s' is not a list of whole numbers from 1 to %d, as %s", name, text,
                           AT_SIZE_MAX, otherwise);
        if (made.count == LIST_MOST)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': more than %d numbers", name, LIST_MOST);
        for (size_t i = 0; i < made.count; i++)
            if (made.value[i] == value)
                return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': %" PRIdMAX " is listed twice; keep one", name, value);
        made.value[made.count++] = value;
        at = end;
        if (!*at)
            break;
    }
    *ret_list = made;
    return AT_OK;
}

static enum at_status read_masks(const struct at_arguments *a, struct list *ret_masks, struct at_error *error)
{
    const char *text = at_argument(a, "causal", 0);
    if (!text || strcmp(text, "both") == 0)
        *ret_masks = (struct list){{0, 1}, 2};
    else if (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0)
        *ret_masks = (struct list){{text[0] == 'y'}, 1};
    else
        return at_fail(error, AT_ERR_ARGUMENT, "option '--causal': '%s' is none of both, yes, no", text);
    return AT_OK;
}

static enum at_status make_problem(int64_t dim, int64_t seq, bool causal, int64_t tokens, int64_t width, struct at_problem *ret_problem,
                                   struct at_error *error)
{
    struct at_problem made = {.batch = tokens / seq < 1 ? 1 : tokens / seq, .seq_q = seq, .seq_k = seq, .dim = dim, .causal = causal};
    if (width % dim != 0)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "option '--width': %" PRId64 " columns are no whole number of heads of dimension %" PRId64
                       "; give a multiple of it, or another --dim",
                       width, dim);
    made.heads_q = made.heads_kv = width / dim;
    enum at_status status = at_problem_check_twin(&made, error);
    if (status)
        return at_fail_in(error, status, "option '--dim'");
    *ret_problem = made;
    return AT_OK;
}

/* The shapes in the order of the tables: by head dimension, mask and length. */
static enum at_status read_problems(const struct at_arguments *a, struct at_bench_command *c, struct at_error *error)
{
    struct list dims = {.count = 0}, seqs = dims, masks = dims;
    int64_t tokens, width;
    enum at_status status = read_list(a, "dim", "64,128,256", &dims, error);
    if (!status)
        status = read_list(a, "seq", "512,1024,2048,4096,8192,16384", &seqs, error);
    if (!status)
        status = read_masks(a, &masks, error);
    if (!status)
        status = at_argument_integer(a, "tokens", 1, AT_SIZE_MAX, TOKENS_DEFAULT, &tokens, error);
    if (!status)
        status = at_argument_integer(a, "width", 1, AT_SIZE_MAX, WIDTH_DEFAULT, &width, error);
    if (status)
        return status;
    c->problems = calloc(dims.count * seqs.count * masks.count, sizeof *c->problems);
    if (!c->problems)
        return at_fail(error, AT_ERR_MEMORY, "bench: no memory for the shapes");
    for (size_t d = 0; d < dims.count; d++)
        for (size_t m = 0; m < masks.count; m++)
            for (size_t s = 0; s < seqs.count && !status; s++)
                status = make_problem(dims.value[d], seqs.value[s], masks.value[m], tokens, width, &c->problems[c->request.problem_count++],
                                      error);
    return status;
}

/* Those named, else all that are registered: what no kernel computes is left out then. */
static enum at_status read_variants(const struct at_arguments *a, struct at_bench_command *c, struct at_error *error)
{
    struct at_study *study = &c->study;
    enum at_status status = at_request_variants(a, study, error);
    c->named = study->variant_count > 0;
    if (status || c->named)
        return status;
    study->variants = calloc(at_variant_count, sizeof *study->variants);
    if (!study->variants)
        return at_fail(error, AT_ERR_MEMORY, "bench: no memory for the variants");
    for (size_t i = 0; i < at_variant_count && !status; i++)
        status = at_variant_choose(at_variants[i]->name, &study->variants[study->variant_count++], error);
    return status;
}

static enum at_status read_inputs(const struct at_arguments *a, struct at_bench_request *r, struct at_error *error)
{
    const char *spelled = at_argument(a, "distribution", 0), *format = at_argument(a, "format", 0);
    int64_t seed;
    r->format = at_format_find(format ? format : "fp16");
    if (r->format == AT_FORMAT_COUNT)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--format': '%s' is none of e4m3, e5m2, fp16, bf16, fp32", format);
    enum at_status status = at_distribution_choose(spelled ? spelled : "normal", &r->distribution, error);
    if (!status)
        status = at_argument_integer(a, "seed", 0, INT64_MAX, 1, &seed, error);
    if (!status)
        r->seed = (uint64_t)seed;
    return status;
}

static enum at_status read_numbers(const struct at_arguments *a, struct at_bench_request *r, struct at_error *error)
{
    int64_t gpu, limit, repeats, warm, burst, rows, product, copy;
    static const char *const of_accuracy[] = {"rows", "oracle"};
    for (size_t i = 0; i < sizeof of_accuracy / sizeof of_accuracy[0]; i++)
        if (at_argument_given(a, of_accuracy[i]) && !at_argument_given(a, "accuracy"))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --accuracy, which is not given", of_accuracy[i]);
    enum at_status status = at_oracle_read(at_argument(a, "oracle", 0), &r->oracle, error);
    if (!status)
        status = at_argument_integer(a, "gpu", 0, 1023, 0, &gpu, error);
    if (!status)
        status = at_argument_integer(a, "time-limit", 1, 86400, LIMIT_DEFAULT_S, &limit, error);
    if (!status)
        status = at_argument_integer(a, "repeats", REPEATS_LEAST, REPEATS_MOST, REPEATS_DEFAULT, &repeats, error);
    if (!status)
        status = at_argument_integer(a, "warm-up", 0, PACE_MOST_MS, WARM_DEFAULT_MS, &warm, error);
    if (!status)
        status = at_argument_integer(a, "burst", 0, PACE_MOST_MS, BURST_DEFAULT_MS, &burst, error);
    if (!status)
        status = at_argument_integer(a, "rows", 1, AT_SIZE_MAX, ROWS_DEFAULT, &rows, error);
    if (!status)
        status = at_argument_integer(a, "product", 16, PRODUCT_MOST, PRODUCT_DEFAULT, &product, error);
    if (!status && product % 16)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--product': %" PRId64 " is no multiple of 16", product);
    if (!status)
        status = at_argument_integer(a, "copy", 1, COPY_MOST, COPY_DEFAULT, &copy, error);
    if (status)
        return status;
    r->gpu = (int)gpu;
    r->limit_s = (double)limit;
    r->pace = (struct at_bench_pace){(int)repeats, (double)warm * 1e6, (double)burst * 1e6};
    r->rows = at_argument_given(a, "accuracy") ? rows : 0;
    r->rows_seed = 1;
    r->preparer = at_argument_given(a, "prepare") ? &at_bench_preparer : NULL;
    r->product = product;
    r->copy_bytes = (size_t)copy << 20;
    return AT_OK;
}

enum at_status at_bench_command_read(const struct at_arguments *a, struct at_bench_command *ret_command, struct at_error *error)
{
    struct at_bench_command *c = ret_command;
    *c = (struct at_bench_command){.named = false};
    enum at_status status = at_words_at_most(a, 0, error);
    if (!status)
        status = read_variants(a, c, error);
    if (!status)
        status = read_problems(a, c, error);
    if (!status)
        status = read_inputs(a, &c->request, error);
    if (!status)
        status = read_numbers(a, &c->request, error);
    if (!status)
        status = at_argument_integer(a, "threads", 1, 4096, 0, &c->compute.threads, error);
    c->request.variants = c->study.variants;
    c->request.variant_count = c->study.variant_count;
    c->request.problems = c->problems;
    return status;
}

void at_bench_command_done(struct at_bench_command *c)
{
    at_study_done(&c->study);
    free(c->problems);
    *c = (struct at_bench_command){.named = false};
}
