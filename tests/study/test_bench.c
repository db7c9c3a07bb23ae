/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-ins for the driver and for cuBLASLt, with the kernel of bench_kernel.c. */
#include "study/bench.h"

#include "bench_fixture.h"
#include "study/bench_measure.h"
#include "tests/kernels/support/driver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double short_s = 0.5;

static void kernels_are_found_before_any_gpu(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    bench_fixture_init(&f, "gpus=0");
    assert_status(at_benchmark_plan(&f.request, &b, &error), &error, AT_OK, "");
    assert_int_equal(b.count, BENCH_VARIANTS * BENCH_PROBLEMS);
    assert_int_equal(b.computed, BENCH_COMPUTED);
    assert_int_equal(b.round_count, 3); /* before, and after each problem of which something is computed */
    for (size_t i = 0; i < b.count; i++) {
        const struct at_bench_point *point = &b.points[i];
        assert_true(point->problem == i / BENCH_VARIANTS && point->variant == i % BENCH_VARIANTS);
        bool refused = point->problem == 1 || point->variant == 2;
        assert_true(refused == !point->kernel && refused == (*point->reason.message != '\0'));
        assert_true(isnan(point->alone.median_ns) && isnan(point->whole.median_ns) && isnan(point->rel_rmse));
        assert_true(refused || (point->numerics.tile_m > 0 && point->operand_bytes > 0));
    }
    assert_non_null(strstr(b.points[3].reason.message, "test-kernel: head dimension 32"));
    assert_non_null(strstr(b.points[2].reason.message, "test-kernel: q.smooth"));
    assert_true(b.points[0].operand_bytes == 6 * 40 * 64 * 2 * 3);
    at_benchmark_done(&b);
}

static void plans_that_cannot_be(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    bench_fixture_init(&f, "");
    f.request.problems = &f.problems[1];
    f.request.problem_count = 1;
    assert_status(at_benchmark_plan(&f.request, &b, &error), &error, AT_ERR_UNSUPPORTED,
                  "no kernel computes any of this; fa3-fp16: test-kernel: head dimension 32");
    at_benchmark_done(&b);
    f.problems[1] =
        (struct at_problem){.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = INT64_C(1) << 40, .seq_k = INT64_C(1) << 40, .dim = 256};
    f.request.rows = 0;
    assert_status(at_benchmark_plan(&f.request, &b, &error), &error, AT_ERR_MEMORY, "GiB are free; take a smaller --seq");
    at_benchmark_done(&b);
}

static void work_is_counted(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 3, .heads_q = 8, .heads_kv = 2, .seq_q = 100, .seq_k = 200, .dim = 64};
    assert_true(at_bench_flop(&p) == 4.0 * 3 * 8 * 100 * 200 * 64);
    p.causal = true;
    assert_true(at_bench_flop(&p) == 2.0 * 3 * 8 * 100 * 200 * 64);
    struct at_problem made = at_bench_made(&p);
    assert_true(made.batch == 1 && made.heads_kv == AT_BENCH_PAIRS && made.heads_q == 4 * AT_BENCH_PAIRS && made.causal);
    p.batch = 1;
    made = at_bench_made(&p);
    assert_true(made.heads_kv == 2 && made.heads_q == 8);
}

static void all_is_measured(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    bench_fixture_init(&f, "");
    bench_fixture_run(&f, &b);
    assert_string_equal(b.gpu.name, "Stand-in H200");
    assert_int_equal(b.blas_version, 130100);
    assert_string_equal(b.no_product.message, "");
    for (size_t r = 0; r < b.round_count; r++)
        for (int c = 0; c < AT_CEILING_COUNT; c++)
            assert_true(b.rounds[r].time[c].median_ns > 0 && b.rounds[r].time[c].launches >= 1);
    for (size_t i = 0; i < b.count; i++) {
        const struct at_bench_time *t = &b.points[i].alone;
        assert_true(b.points[i].kernel ? t->min_ns > 0 && t->min_ns <= t->low_ns && t->low_ns <= t->median_ns &&
                                             t->median_ns <= t->high_ns && t->high_ns <= t->max_ns && b.points[i].operand_sets == 64
                                       : isnan(t->median_ns));
        assert_true(isnan(b.points[i].whole.median_ns));
    }
    at_benchmark_done(&b);
}

/* Nothing of what fails is kept, and one line says why. */
static void what_goes_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
        bool at_once; /* the check finds it */
    } cases[] = {
        {"gpus=0", AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none", true},
        {"gpu=ada", AT_ERR_UNSUPPORTED, "GPU 0, Stand-in L40S, is not Hopper but Ada", true},
        {"cuda=11080", AT_ERR_UNSUPPORTED, "it supports CUDA 11.8, and this attest was built with 12.0", true},
        {"hang=cuInit", AT_ERR_TIMEOUT, "bench: no sign of life for 0.5 s, so its process was killed: look at nvidia-smi", true},
        {"crash=cuInit", AT_ERR_DEVICE, "bench: its process died by signal 11", true},
        {"fail=cuModuleLoadData:209", AT_ERR_DEVICE, "the kernels are not built for this GPU", true},
        {"fail=cuMemAlloc_v2:2 nth=12", AT_ERR_MEMORY,
         "fa3-fp16 on 2 x 3 heads of 40 rows, d 64: 5.7 MiB of the GPU's memory are needed (GPU 0: no 0.0 MiB of its own memory left: end "
         "what else uses it), or take a smaller --seq, --tokens or --width",
         false},
        {"fail=cuEventElapsedTime:700", AT_ERR_DEVICE, "CUDA_ERROR_ILLEGAL_ADDRESS", false},
        {"fail=cublasLtMatmul:14", AT_ERR_DEVICE, "a matrix product: cuBLASLt: CUBLAS_STATUS_INTERNAL_ERROR", false},
        {"hang=cublasLtMatmul", AT_ERR_TIMEOUT, "bench: no sign of life", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_fixture f;
        struct at_benchmark b;
        struct at_error error = {""};
        bench_fixture_init(&f, cases[i].asked);
        f.request.limit_s = strncmp(cases[i].asked, "hang", 4) == 0 ? short_s : f.request.limit_s;
        assert_status(at_benchmark_plan(&f.request, &b, &error), &error, AT_OK, "");
        assert_status(at_benchmark_check(&b, &error), &error, cases[i].at_once ? cases[i].status : AT_OK, cases[i].words);
        assert_status(at_benchmark_run(&b, &error), &error, cases[i].status, cases[i].words);
        assert_true(isnan(b.points[0].alone.median_ns) && b.gpu.name[0] == '\0' && b.rounds[0].time[0].launches == 0);
        at_benchmark_done(&b);
    }
}

struct heard {
    int calls;
    double last;
    char first[AT_BENCH_STEP_SIZE], second[AT_BENCH_STEP_SIZE];
    volatile sig_atomic_t stop;
};

static void hear(void *context, double done, double total, const char *what)
{
    struct heard *heard = context;
    assert_true(total == BENCH_COMPUTED + 3 && done >= heard->last);
    if (heard->calls++ == 0)
        strcpy(heard->first, what);
    else if (heard->calls == 2)
        strcpy(heard->second, what);
    heard->last = done;
}

static void hear_and_stop(void *context, double done, double total, const char *what)
{
    struct heard *heard = context;
    hear(context, done, total, what);
    heard->stop = heard->calls > 1;
}

static void progress_and_stop(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    struct heard heard = {.calls = 0};
    struct at_study_events events = {.context = &heard, .progress = hear, .stop = &heard.stop};
    bench_fixture_init(&f, "");
    f.request.events = &events;
    bench_fixture_run(&f, &b);
    assert_int_equal(heard.calls, BENCH_COMPUTED + 3 + 1);
    assert_true(heard.last == BENCH_COMPUTED + 3);
    assert_string_equal(heard.first, "ceilings");
    assert_string_equal(heard.second, "fa3-fp16, d 64, 40 keys");
    at_benchmark_done(&b);
    heard = (struct heard){.calls = 0};
    events.progress = hear_and_stop;
    assert_status(at_benchmark_plan(&f.request, &b, &error), &error, AT_OK, "");
    assert_status(at_benchmark_run(&b, &error), &error, AT_ERR_INTERRUPTED, "bench: interrupted");
    at_benchmark_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_found_before_any_gpu),
        cmocka_unit_test(plans_that_cannot_be),
        cmocka_unit_test(work_is_counted),
        cmocka_unit_test(all_is_measured),
        cmocka_unit_test(what_goes_wrong_is_told),
        cmocka_unit_test(progress_and_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
