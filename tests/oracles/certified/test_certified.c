/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"
#include "overlap.h"

#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct at_oracle_truth solved(const struct draw *draw, enum at_simd path, int64_t *ret_declined)
{
    struct at_oracle_truth truth;
    struct at_error error;
    assert_int_equal(at_oracle_truth_init(&truth, &draw->problem, draw->head.row_count, 1, &error), AT_OK);
    if (at_certified_solve(&draw->head, path, &truth, ret_declined, &error) != AT_OK)
        fail_msg("%s", error.message);
    return truth;
}

static bool same(const double *a, const double *b, int64_t count)
{
    return memcmp(a, b, (size_t)count * sizeof(double)) == 0;
}

static bool same_truth(const struct draw *draw, const struct at_oracle_truth *a, const struct at_oracle_truth *b)
{
    int64_t rows = draw->head.row_count, outputs = rows * draw->problem.dim;
    return same(a->o, b->o, outputs) && same(a->o_low, b->o_low, outputs) && same(a->radius, b->radius, outputs) &&
           same(a->sum_abs, b->sum_abs, outputs) && same(a->lse, b->lse, rows) && same(a->lse_radius, b->lse_radius, rows) &&
           same(a->p, b->p, rows * draw->problem.seq_k) && a->precision_bits == b->precision_bits && a->radius_log2 == b->radius_log2;
}

/* Enclosures meet those of mpfr, whose radii are far smaller, on every kind of head; every path gives the same bits. */
static void test_against_mpfr(void **state)
{
    (void)state;
    int64_t own = 0;
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 0; seed < (kind == DRAW_WIDE || kind == DRAW_HUGE ? 1 : 8); seed++) {
            struct draw draw;
            struct at_oracle_truth truth;
            int64_t declined = 0;
            draw_init(&draw, (enum draw_kind)kind, seed);
            assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, draw.head.row_count, 1, NULL), AT_OK);
            assert_int_equal(at_mpfr_solve(&draw.head, AT_MPFR_AUTO, &truth, NULL), AT_OK);
            struct at_oracle_truth portable = solved(&draw, AT_SIMD_SCALAR, &declined);
            own += draw.head.row_count - declined;
            assert_true(truths_overlap(&truth, &portable, draw.head.row_count, draw.problem.dim, draw_names[kind]));
            assert_true(portable.radius_log2 <= -80 || kind == DRAW_TINY);
            for (int64_t at = 0; at < draw.head.row_count * draw.problem.dim; at++)
                assert_true(!(fabs(truth.sum_abs[at] - portable.sum_abs[at]) > 2e-15 * truth.sum_abs[at]));
            for (int64_t at = 0; at < draw.head.row_count * draw.problem.seq_k; at++)
                assert_true(!(fabs(truth.p[at] - portable.p[at]) > 2e-15 * truth.p[at] + 0x1p-1073));
            for (int path = AT_SIMD_AUTO; path < AT_SIMD_COUNT; path++)
                if (declined < draw.head.row_count && at_simd_available((enum at_simd)path)) {
                    struct at_oracle_truth other = solved(&draw, (enum at_simd)path, NULL);
                    if (!same_truth(&draw, &portable, &other))
                        fail_msg("%s, seed %d: path %s gives other bits", draw_names[kind], (int)seed, at_simd_names[path]);
                    at_oracle_truth_done(&other);
                }
            at_oracle_truth_done(&truth);
            at_oracle_truth_done(&portable);
            draw_done(&draw);
        }
    assert_true(own >= 60); /* the test is not of mpfr against itself */
}

/* Where K and V in another form do not fit into what memory there is, the first thing said is that; nothing has been computed. */
static void test_memory(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* its shadow needs more address space than any limit that would bind */
#else
    enum { DIM = 64, KEYS = 1 << 16 };
    struct draw draw;
    struct at_oracle_truth truth;
    draw_shape(&draw, DRAW_FP16, 1, DIM, 8, KEYS, false, 8);
    assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, 8, 0, NULL), AT_OK);
    for (int64_t megabytes = 1; megabytes <= 1 << 10; megabytes *= 2) {
        pid_t child = fork();
        if (child == 0) {
            long pages = 0;
            FILE *size = fopen("/proc/self/statm", "r");
            if (!size || fscanf(size, "%ld", &pages) != 1)
                _exit(2);
            rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)megabytes << 20);
            struct rlimit limit = {most, most};
            struct at_error error;
            omp_set_num_threads(1);
            truth.o[0] = 77;
            if (setrlimit(RLIMIT_AS, &limit))
                _exit(2);
            enum at_status status = at_certified_solve(&draw.head, AT_SIMD_AUTO, &truth, NULL, &error);
            bool told = status == AT_ERR_MEMORY && strstr(error.message, "oracle certified: no memory") && truth.o[0] == 77;
            _exit(status == AT_OK ? 0 : told ? 1 : 3);
        }
        int outcome;
        assert_true(child > 0 && waitpid(child, &outcome, 0) == child && WIFEXITED(outcome));
        assert_true(WEXITSTATUS(outcome) <= 1);
        assert_int_equal(WEXITSTATUS(outcome), megabytes < 32 ? 1 : megabytes < 128 ? WEXITSTATUS(outcome) : 0); /* K 16 MiB, V 32 */
    }
    at_oracle_truth_done(&truth);
    draw_done(&draw);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_mpfr),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
