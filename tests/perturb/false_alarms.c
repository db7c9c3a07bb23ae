/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A program for figures, not a test: how often attest check calls a correct kernel a bug (docs/check.md). Its kernels are schedules that no
 * bound comes from. Usage: false_alarms SEEDS FILE [LEVEL, 0.001 [twin|model [DIM, 64]]]: inputs of seeds 1 to SEEDS; FILE is a scratch
 * file.
 */
#include "trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct trial_setting settings[] = {
    {"normal", "fa3-fp8", {1, 2, 1, 128, 384, 64, true, 0}},         {"normal", "fa3-fp16", {1, 2, 1, 128, 384, 64, false, 0}},
    {"iid-outlier", "fa3-fp8", {1, 2, 1, 128, 384, 64, false, 0}},   {"iid-outlier", "fa3-bf16", {1, 2, 1, 128, 384, 64, true, 0}},
    {"sink", "fp8-two-level", {1, 2, 1, 128, 384, 64, true, 0}},     {"v-mean", "fa3-fp8", {1, 2, 1, 128, 384, 64, false, 0}},
    {"k-channel", "fp8-hadamard", {1, 2, 1, 128, 384, 64, true, 0}}, {"normal:sigma=3", "fp8-block128", {1, 2, 1, 128, 384, 64, false, 0}},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

struct count {
    int64_t outputs, alarms, row, head, lse, plain; /* plain: those of the kernel that computes in fp32 */
    double largest_row, bound_row, largest_head, bound_head, bound_lse;
};

/* Whether outputs would be called a bug; what of them is counted in `count`, which may be NULL. */
static bool alarms(const struct trial *t, const float *o, const float *lse, struct count *count)
{
    const struct at_check_bounds *b = &t->e.bounds;
    int64_t heads = at_check_heads(&t->c), lines = heads * t->c.c.rows.count;
    double row[2 * 128], head[2], largest_row = 0, largest_head = 0;
    trial_measure(t, o, row, head);
    for (int64_t i = 0; i < lines; i++)
        largest_row = fmax(largest_row, row[i]);
    for (int64_t h = 0; h < heads; h++)
        largest_head = fmax(largest_head, head[h]);
    bool of_row = largest_row > b->row, of_head = largest_head > b->head, of_lse = trial_lse(t, lse), any = of_row || of_head || of_lse;
    if (count) {
        count->outputs++;
        count->row += of_row;
        count->head += of_head;
        count->lse += of_lse;
        count->alarms += any;
        count->largest_row = fmax(count->largest_row, largest_row);
        count->largest_head = fmax(count->largest_head, largest_head);
        count->bound_row += b->row;
        count->bound_head += b->head;
        count->bound_lse += b->lse;
    }
    return any;
}

int main(int argc, char **argv)
{
    struct at_error error;
    if (argc < 3)
        return fprintf(stderr, "usage: false_alarms SEEDS FILE [LEVEL [twin|model [DIM]]]\n"), 1;
    double level = argc > 3 ? strtod(argv[3], NULL) : 0.001;
    enum at_check_by by = argc > 4 && strcmp(argv[4], "model") == 0 ? AT_CHECK_BY_MODEL : AT_CHECK_BY_TWIN;
    printf("| input | variant | outputs | called a bug | by a row | by a head | by a log-sum-exp | largest row, mean bound | largest head, "
           "mean bound | mean bound of log-sum-exps | plain fp32 called a bug |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | "
           "--- | --- |\n");
    for (int i = 0; i < SETTINGS; i++) {
        struct count n = {0};
        struct trial_setting s = settings[i];
        s.problem.dim = argc > 5 ? strtoll(argv[5], NULL, 10) : s.problem.dim;
        if (strcmp(s.variant, "fp8-hadamard") == 0 && !at_problem_has_twin(&s.problem))
            continue; /* rotates a power of two of columns */
        for (uint64_t seed = 1; seed <= strtoull(argv[1], NULL, 10); seed++) {
            struct trial t;
            struct at_numerics numerics[AT_CHECK_CONTROLS];
            enum at_status status = trial_open(&t, &s, seed, argv[2], level, by, &error);
            if (status)
                return fprintf(stderr, "false_alarms: %s\n", error.message), 1;
            int count_of = at_check_schedules(&t.c.numerics, &t.c.c.problem, true, numerics);
            n.plain += alarms(&t, t.c.o, t.c.lse, NULL);
            for (int k = 0; k < count_of && !status; k++) {
                status = trial_attend(&t, &numerics[k], &error);
                alarms(&t, t.o, t.lse, &n);
            }
            trial_done(&t);
            if (status)
                return fprintf(stderr, "false_alarms: %s\n", error.message), 1;
        }
        double outputs = (double)n.outputs;
        printf("| `%s`%s | `%s` | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64
               " | %.2f, %.2f | %.3f, %.3f | %.2g | %" PRId64 " |\n",
               s.distribution, s.problem.causal ? ", causal" : "", s.variant, n.outputs, n.alarms, n.row, n.head, n.lse, n.largest_row,
               n.bound_row / outputs, n.largest_head, n.bound_head / outputs, n.bound_lse / outputs, n.plain);
        fflush(stdout);
    }
    return 0;
}
