/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A program for figures, not a test: how often attest check calls a correct kernel a bug (docs/check.md). Its kernels are schedules that no
 * bound comes from. Usage: false_alarms SEEDS FILE [LEVEL, 0.001]: inputs of seeds 1 to SEEDS; FILE is a scratch file.
 */
#include "kernel.h"

#include "study/check_expect.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct setting {
    const char *distribution, *variant;
    struct at_problem problem;
} settings[] = {
    {"normal", "fa3-fp8", {1, 2, 1, 128, 384, 64, true, 0}},         {"normal", "fa3-fp16", {1, 2, 1, 128, 384, 64, false, 0}},
    {"iid-outlier", "fa3-fp8", {1, 2, 1, 128, 384, 64, false, 0}},   {"iid-outlier", "fa3-bf16", {1, 2, 1, 128, 384, 64, true, 0}},
    {"sink", "fp8-two-level", {1, 2, 1, 128, 384, 64, true, 0}},     {"v-mean", "fa3-fp8", {1, 2, 1, 128, 384, 64, false, 0}},
    {"k-channel", "fp8-hadamard", {1, 2, 1, 128, 384, 64, true, 0}}, {"normal:sigma=3", "fp8-block128", {1, 2, 1, 128, 384, 64, false, 0}},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* The largest ratios of one schedule. */
struct trial {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
    double row, *head; /* head: sums of mean squares measured, then expected */
    bool lse;          /* one was outside */
};

static void measure(void *context, const struct at_attended *part)
{
    struct trial *t = context;
    const struct at_check_case *c = t->c;
    int64_t dim = c->c.problem.dim, head = part->b * c->c.problem.heads_q + part->h;
    for (int64_t j = 0; j < part->count; j++) {
        int64_t i = part->first + j, line = head * c->c.rows.count + i;
        double square = at_check_square(part->out->o + j * dim, c->truths[AT_AGAINST_DEQUANTISED].head[head].o + i * dim, dim);
        double expected = t->e->row[line], lse = at_check_lse_error(c, head, i, part->out->lse[j]);
        t->row = fmax(t->row, square > 0 ? sqrt(square) / expected : 0);
        t->lse |= lse < t->e->lse_low[line] || lse > t->e->lse_high[line];
        t->head[2 * head] += square;
        t->head[2 * head + 1] += expected * expected;
    }
}

struct count {
    int64_t outputs, alarms, row, head, lse, plain; /* plain: those of the kernel that computes in fp32 */
    double largest_row, bound_row, largest_head, bound_head;
};

/* Whether what the kernel wrote, one that is no schedule at all, would be called a bug. */
static bool alarms(const struct at_check_case *c, const struct at_check_expectation *e)
{
    double head[64] = {0}, largest = 0;
    struct trial t = {.c = c, .e = e, .head = head};
    int64_t rows = c->c.rows.count, dim = c->c.problem.dim, per_batch = c->c.problem.heads_q;
    for (int64_t h = 0; h < at_check_heads(c); h++) {
        struct at_attention out = {.o = c->o + h * rows * dim, .lse = c->lse + h * rows};
        measure(&t, &(struct at_attended){h / per_batch, h % per_batch, 0, rows, &out});
        largest = fmax(largest, sqrt(head[2 * h] / head[2 * h + 1]));
    }
    return t.row > e->bounds.row || largest > e->bounds.head || t.lse;
}

static enum at_status try_schedule(struct at_check_case *c, const struct at_check_expectation *e, const struct at_numerics *numerics,
                                   struct count *count, struct at_error *error)
{
    double head[64] = {0}, largest = 0;
    struct trial t = {.c = c, .e = e, .head = head};
    struct at_attend attend = {.rows = &c->c.rows, .operands = c->operands};
    struct at_sha256 digest;
    attend.operands.numerics = *numerics;
    enum at_status status = at_attend_heads(&attend, false, measure, &t, &c->work, &digest, error);
    for (int64_t h = 0; h < at_check_heads(c); h++)
        largest = fmax(largest, sqrt(head[2 * h] / head[2 * h + 1]));
    bool row = t.row > e->bounds.row, whole = largest > e->bounds.head, lse = t.lse;
    count->outputs++;
    count->row += row;
    count->head += whole;
    count->lse += lse;
    count->alarms += row || whole || lse;
    count->largest_row = fmax(count->largest_row, t.row);
    count->largest_head = fmax(count->largest_head, largest);
    count->bound_row += e->bounds.row;
    count->bound_head += e->bounds.head;
    return status;
}

static enum at_status try_seed(const struct setting *s, uint64_t seed, const char *path, double level, struct count *count,
                               struct at_error *error)
{
    struct kernel_case k;
    struct at_check_case c;
    struct at_check_expectation e = {0};
    enum at_status status = kernel_case_init(&k, s->distribution, &s->problem, seed, s->variant, error);
    if (status)
        return status;
    status = kernel_find("plain-fp32")->compute(&k, error);
    struct at_study_input input = {
        .label = (char *)(uintptr_t)s->distribution, .format = AT_FP16, .problem = s->problem, .seeds = &seed, .seed_count = 1};
    const struct at_study study = {.name = input.label, .inputs = &input, .input_count = 1, .variants = &k.variant, .variant_count = 1};
    const struct at_check_question question = {.study = &study, .output = {.path = path}, .level = level, .memory = 0x1p40};
    status = status ? status : at_distribution_choose(s->distribution, &input.distribution, error);
    if (!status && !kernel_write(&k, path))
        status = at_fail(error, AT_ERR_IO, "%s: cannot be written", path);
    if (!status)
        status = at_check_case_open(&question, &c, error);
    kernel_case_done(&k);
    if (status)
        return status;
    struct at_numerics numerics[AT_CHECK_CONTROLS];
    int count_of = at_check_schedules(&c.numerics, &c.c.problem, true, numerics);
    status = at_check_case_solve(&c, error);
    status = status ? status : at_check_expectation_init(&c, &e, error);
    status = status ? status : at_check_by_twin.expect(&c, &e, error);
    count->plain += !status && alarms(&c, &e);
    for (int i = 0; !status && i < count_of; i++)
        status = try_schedule(&c, &e, &numerics[i], count, error);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    return status;
}

int main(int argc, char **argv)
{
    struct at_error error;
    if (argc < 3)
        return fprintf(stderr, "usage: false_alarms SEEDS FILE [LEVEL]\n"), 1;
    double level = argc > 3 ? strtod(argv[3], NULL) : 0.001;
    printf("| input | variant | outputs | called a bug | by a row | by a head | by a log-sum-exp | largest row, mean bound | largest head, "
           "mean bound | plain fp32 called a bug |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < SETTINGS; i++) {
        struct count n = {0};
        for (uint64_t seed = 1; seed <= strtoull(argv[1], NULL, 10); seed++)
            if (try_seed(&settings[i], seed, argv[2], level, &n, &error))
                return fprintf(stderr, "false_alarms: %s\n", error.message), 1;
        printf("| `%s`%s | `%s` | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64 " | %.2f, %.2f | %.3f, %.3f | %" PRId64
               " |\n",
               settings[i].distribution, settings[i].problem.causal ? ", causal" : "", settings[i].variant, n.outputs, n.alarms, n.row,
               n.head, n.lse, n.largest_row, n.bound_row / (double)n.outputs, n.largest_head, n.bound_head / (double)n.outputs, n.plain);
        fflush(stdout);
    }
    return 0;
}
