/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/truth.h"

#include "bench.h"
#include "kernels/prepare/prepare.h"
#include "scratch.h"

#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const char two_heads[] =
    "name: n\nrows: 5\nvariants: [fa3-fp16, fa3-fp8]\n"
    "inputs: [{distribution: normal, causal: true, shape: {batch: 2, heads: 4, kv-heads: 2, keys: 24, dim: 32}}]\n";

/* Each head again, straight from the oracle: the right rows, the right key/value head, the same digest. */
static void heads(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_truths t;
    struct at_error error = {""};
    scratch_bench_open(&b, two_heads, "h.db");
    const struct at_case *c = b.bench.c;
    assert_int_equal(at_truths_solve(c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &t, &error), AT_OK);
    assert_int_equal(t.heads, 8);
    assert_true(b.progress.done == c->work);
    assert_string_equal(t.operands.hex, "");
    enum { DIM = 32, KEYS = 24, ROWS = 5 };
    static double q[ROWS * DIM], k[KEYS * DIM], v[KEYS * DIM];
    static float values[KEYS * DIM];
    for (int64_t i = 0; i < 8; i++) {
        int64_t batch = i / 4, h = i % 4;
        for (int r = 0; r < ROWS; r++) {
            at_tensor_decode_rows(&b.bench.inputs.q, batch, h, c->rows.index[r], 1, values);
            for (int d = 0; d < DIM; d++)
                q[r * DIM + d] = (double)values[d];
        }
        at_tensor_decode_rows(&b.bench.inputs.k, batch, h / 2, 0, KEYS, values);
        for (int j = 0; j < KEYS * DIM; j++)
            k[j] = (double)values[j];
        at_tensor_decode_rows(&b.bench.inputs.v, batch, h / 2, 0, KEYS, values);
        for (int j = 0; j < KEYS * DIM; j++)
            v[j] = (double)values[j];
        struct at_oracle_truth direct;
        struct at_oracle_head head = {&c->problem, c->rows.index, ROWS, q, k, v, 0};
        assert_int_equal(at_oracle_truth_init(&direct, &c->problem, ROWS, 1, &error), AT_OK);
        assert_int_equal(b.bench.oracle->solve(&head, &direct, &error), AT_OK);
        assert_memory_equal(t.head[i].o, direct.o, sizeof(double) * ROWS * DIM);
        assert_memory_equal(t.head[i].radius, direct.radius, sizeof(double) * ROWS * DIM);
        assert_memory_equal(t.head[i].lse, direct.lse, sizeof(double) * ROWS);
        assert_memory_equal(t.head[i].p, direct.p, sizeof(double) * ROWS * KEYS);
        assert_true(t.radius_log2 >= direct.radius_log2);
        assert_true(t.precision_bits >= direct.precision_bits);
        at_oracle_truth_done(&direct);
    }
    at_truths_done(&t);
    scratch_bench_close(&b);
}

/* FP16 operands without scales are the inputs: nothing is solved twice. FP8 ones are not. The number of threads changes nothing. */
static void borrowing(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_truths original, other[2][2];
    struct at_operands operands[2];
    struct at_error error = {""};
    scratch_bench_open(&b, two_heads, "b.db");
    assert_int_equal(at_truths_solve(b.bench.c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &original, &error), AT_OK);
    double done = b.progress.done, total = b.progress.total;
    int threads = omp_get_max_threads();
    for (int i = 0; i < 2; i++) {
        struct at_numerics resolved;
        assert_int_equal(at_numerics_resolve(&b.study.variants[i].numerics, &b.bench.c->problem, &resolved, &error), AT_OK);
        assert_int_equal(at_prepare(&b.bench.c->problem, &resolved, &b.bench.inputs, &operands[i], &error), AT_OK);
        for (int t = 0; t < 2; t++) {
            omp_set_num_threads(t ? 1 : 3);
            assert_int_equal(
                at_truths_solve(b.bench.c, b.bench.oracle, &b.bench.inputs, &operands[i], &original, &b.progress, &other[i][t], &error),
                AT_OK);
        }
        assert_string_equal(other[i][0].sha256.hex, other[i][1].sha256.hex);
        assert_string_equal(other[i][0].operands.hex, at_operands_sha256(&operands[i]).hex);
        for (int64_t h = 0; h < original.heads; h++)
            assert_int_equal(other[i][0].borrowed[h], i == 0);
    }
    omp_set_num_threads(threads);
    assert_true(b.progress.done == done + 2 * b.bench.c->work && b.progress.total == total - 2 * b.bench.c->work);
    assert_string_equal(other[0][0].sha256.hex, original.sha256.hex);
    assert_string_not_equal(other[1][0].sha256.hex, original.sha256.hex);
    for (int i = 0; i < 2; i++) {
        at_truths_done(&other[i][0]);
        at_truths_done(&other[i][1]);
        at_operands_done(&operands[i]);
    }
    at_truths_done(&original);
    scratch_bench_close(&b);
}

static void stopped(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_truths t = {.heads = 77};
    struct at_error error = {""};
    volatile sig_atomic_t stop = 1;
    struct at_study_events events = {.stop = &stop};
    scratch_bench_open(&b, two_heads, "s.db");
    b.progress.events = &events;
    assert_int_equal(at_truths_solve(b.bench.c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &t, &error), AT_ERR_INTERRUPTED);
    assert_int_equal(t.heads, 77);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads), cmocka_unit_test(borrowing), cmocka_unit_test(stopped)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
