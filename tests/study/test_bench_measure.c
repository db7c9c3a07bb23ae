/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_measure.h"

#include "bench_fixture.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "tests/kernels/support/driver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_answer_is_cut_without_gaps(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error;
    bench_fixture_init(&f, "");
    assert_int_equal(at_benchmark_plan(&f.request, &b, &error), AT_OK);
    size_t size = at_bench_answer_of(&b, NULL).size;
    char *bytes = calloc(1, size);
    const struct at_bench_answer a = at_bench_answer_of(&b, bytes);
    assert_ptr_equal(a.head, bytes);
    assert_ptr_equal(a.rounds, a.head + 1);
    assert_ptr_equal(a.measured, a.rounds + b.round_count);
    assert_ptr_equal(a.outputs, a.measured + b.count);
    assert_ptr_equal(bytes + size, a.outputs + at_bench_outputs(&b, b.count));
    size_t many = 4 * 8 * 65, few = 2 * 8 * 65; /* heads, rows, columns and the log-sum-exp */
    assert_int_equal(at_bench_outputs(&b, 1), many);
    assert_int_equal(at_bench_outputs(&b, 3), 2 * many);
    assert_int_equal(at_bench_outputs(&b, b.count), 2 * many + 2 * few);
    free(bytes);
    at_benchmark_done(&b);
}

static void steps_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"ceilings",
                                        "fa3-fp16, d 64, 40 keys",
                                        "fa3-fp8, d 64, 40 keys",
                                        "ceilings",
                                        "fa3-fp16, d 64, 48 keys, causal",
                                        "fa3-fp8, d 64, 48 keys, causal",
                                        "ceilings",
                                        "ceilings"};
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error;
    bench_fixture_init(&f, "");
    assert_int_equal(at_benchmark_plan(&f.request, &b, &error), AT_OK);
    assert_true(at_bench_steps(&b) == 7);
    for (int i = 0; i < 8; i++) {
        char name[AT_BENCH_STEP_SIZE];
        at_bench_step_name(&b, i, name);
        assert_string_equal(name, names[i]);
    }
    at_benchmark_done(&b);
}

/* What the twin gives of the same inputs, for one query head of the made ones: O and the log-sum-exp of the rows looked at. */
static void expect(const struct at_benchmark *b, const struct at_bench_point *point, int64_t head, float *ret_o, float *ret_lse)
{
    const struct at_bench_request *r = b->request;
    const struct at_problem made = at_bench_made(&r->problems[point->problem]);
    struct at_qkv inputs;
    struct at_operands operands;
    float rest[2][64];
    struct at_attention out = {.o = ret_o, .row_max = rest[0], .row_sum = rest[1], .lse = ret_lse};
    struct at_error error;
    if (at_distribution_generate(&r->distribution, &made, r->format, r->seed, &inputs, &error) ||
        at_prepare(&made, &point->numerics, &inputs, &operands, &error) ||
        at_twin_attend(&operands, 0, head, &b->rows[point->problem], AT_SIMD_AUTO, &out, &error))
        fail_msg("%s", error.message);
    at_qkv_done(&inputs);
    at_operands_done(&operands);
}

static void outputs_are_those_of_the_rows_looked_at(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    bench_fixture_init(&f, "");
    bench_fixture_run(&f, &b);
    for (size_t i = 0; i < b.count; i++) {
        const struct at_bench_point *point = &b.points[i];
        if (!point->kernel)
            continue;
        const struct at_problem made = at_bench_made(&f.problems[point->problem]);
        const float *o = b.outputs + at_bench_outputs(&b, i), *lse = o + made.heads_q * 8 * 64;
        assert_int_equal(b.rows[point->problem].count, 8);
        for (int64_t head = 0; head < made.heads_q; head++) {
            float wanted[8 * 64], wanted_lse[8];
            expect(&b, point, head, wanted, wanted_lse);
            assert_memory_equal(o + head * 8 * 64, wanted, sizeof wanted);
            assert_memory_equal(lse + head * 8, wanted_lse, sizeof wanted_lse);
        }
    }
    at_benchmark_done(&b);
}

/* A preparer on the stand-in, whose addresses are the host's: what it is given must be whole, and what it makes the kernel takes. */
static const struct at_gpu_image prepare_image = {"image", 5, 12000};

static enum at_status check(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error)
{
    (void)problem;
    return numerics->q.format == AT_FP16 ? AT_OK : at_fail(error, AT_ERR_UNSUPPORTED, "not prepared");
}

static enum at_status check_repeats(const struct at_bench_inputs *in, uint64_t address, int64_t heads, int64_t of, int64_t seq,
                                    struct at_error *error)
{
    const char *codes = (const char *)(uintptr_t)address;
    size_t bytes = (size_t)(seq * in->problem.dim) * at_format_size(in->format);
    for (int64_t h = of; h < heads; h++)
        if (memcmp(codes + (size_t)h * bytes, codes + (size_t)(h % of) * bytes, bytes) != 0)
            return at_fail(error, AT_ERR_FORMAT, "head %d is not that of the inputs", (int)h);
    return AT_OK;
}

static enum at_status open_state(const struct at_bench_inputs *in, const struct at_numerics *numerics, void **ret_state,
                                 struct at_error *error)
{
    const struct at_problem *p = &in->problem, made = at_bench_made(p);
    enum at_status status = check_repeats(in, in->q, p->batch * p->heads_q, made.heads_q, p->seq_q, error);
    if (!status)
        status = check_repeats(in, in->k, p->batch * p->heads_kv, made.heads_kv, p->seq_k, error);
    if (!status)
        status = check_repeats(in, in->v, p->batch * p->heads_kv, made.heads_kv, p->seq_k, error);
    if (status || numerics->q.format != AT_FP16 || !(*ret_state = malloc(sizeof *in)))
        return at_fail(error, AT_ERR_DEVICE, "the preparer was given something else: %s", error->message);
    memcpy(*ret_state, in, sizeof *in);
    return AT_OK;
}

static enum at_status start(void *state, const struct at_device_operands *to, struct at_error *error)
{
    const struct at_bench_inputs *in = state;
    const struct at_problem *p = &in->problem;
    size_t q = (size_t)(p->batch * p->heads_q * p->seq_q * p->dim) * 2, kv = (size_t)(p->batch * p->heads_kv * p->seq_k * p->dim) * 2;
    enum at_status status = at_gpu_copy(to->gpu, to->q.codes, in->q, q, error);
    if (!status)
        status = at_gpu_copy(to->gpu, to->k.codes, in->k, kv, error);
    return status ? status : at_gpu_copy(to->gpu, to->v.codes, in->v, kv, error);
}

static void with_prepare(void **state)
{
    (void)state;
    const struct at_bench_preparer preparer = {&prepare_image, check, open_state, start, free};
    struct bench_fixture f;
    struct at_benchmark b;
    bench_fixture_init(&f, "");
    f.request.preparer = &preparer;
    bench_fixture_run(&f, &b);
    for (size_t i = 0; i < b.count; i++)
        if (b.points[i].kernel && b.points[i].variant == 0)
            assert_true(b.points[i].whole.median_ns > 0 && b.points[i].whole.launches >= 1);
        else
            assert_true(isnan(b.points[i].whole.median_ns)); /* what it does not prepare */
    at_benchmark_done(&b);
}

/* Inputs larger than the cache are taken once, smaller ones in turn from as many places as are four times its size, 64 at most. */
static void the_cache_does_not_help(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    bench_fixture_init(&f, "");
    f.problems[0] = (struct at_problem){.batch = 1, .heads_q = 64, .heads_kv = 64, .seq_q = 1, .seq_k = 1024, .dim = 64};
    f.request.problem_count = 1;
    f.request.rows = 0;
    bench_fixture_run(&f, &b);
    int64_t bytes = b.points[0].operand_bytes, cache = INT64_C(60) << 20; /* the stand-in's */
    assert_int_equal(b.points[0].operand_sets, (4 * cache + bytes - 1) / bytes);
    assert_in_range(b.points[0].operand_sets, 10, 20);
    assert_int_equal(at_bench_outputs(&b, b.count), 0);
    at_benchmark_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_cut_without_gaps),
        cmocka_unit_test(steps_have_names),
        cmocka_unit_test(outputs_are_those_of_the_rows_looked_at),
        cmocka_unit_test(with_prepare),
        cmocka_unit_test(the_cache_does_not_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
