/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench_fixture.h"

#include "tests/kernels/support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void bench_fixture_init(struct bench_fixture *f, const char *asked)
{
    static const char *const names[BENCH_VARIANTS] = {"fa3-fp16", "fa3-fp8", "fp8:smooth=q"};
    *f = (struct bench_fixture){
        .problems = {{.batch = 2, .heads_q = 3, .heads_kv = 3, .seq_q = 40, .seq_k = 40, .dim = 64},
                     {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 16, .seq_k = 16, .dim = 32},
                     {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 24, .seq_k = 48, .dim = 64, .causal = true}}};
    for (int i = 0; i < BENCH_VARIANTS; i++) {
        struct at_error error;
        if (at_variant_choose(names[i], &f->variants[i], &error))
            fail_msg("%s", error.message);
    }
    f->request = (struct at_bench_request){.limit_s = 60,
                                           .variants = f->variants,
                                           .variant_count = BENCH_VARIANTS,
                                           .problems = f->problems,
                                           .problem_count = BENCH_PROBLEMS,
                                           .format = AT_FP16,
                                           .seed = 3,
                                           .pace = {.repeats = 3, .warm_ns = 1e6, .burst_ns = 1e5},
                                           .product = 32,
                                           .copy_bytes = 1 << 16,
                                           .rows = 8,
                                           .rows_seed = 1,
                                           .oracle = at_oracles[0]};
    assert_int_equal(at_distribution_choose("normal", &f->request.distribution, NULL), AT_OK);
    ask(asked);
}

void bench_fixture_run(const struct bench_fixture *fixture, struct at_benchmark *ret_benchmark)
{
    struct at_error error;
    if (at_benchmark_plan(&fixture->request, ret_benchmark, &error) || at_benchmark_run(ret_benchmark, &error))
        fail_msg("%s", error.message);
}
