/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/speeds.h"

#include "store/store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_time_fact time_of(double median_ns)
{
    return (struct at_time_fact){0.5 * median_ns, 0.75 * median_ns, median_ns, 1.25 * median_ns, 2 * median_ns, 3};
}

static struct at_speed_fact speed_of(int64_t variant, int64_t keys, bool causal, const char *ceiling, double flop, double median_ns)
{
    return (struct at_speed_fact){.variant = variant,
                                  .problem = {2, 16, 16, keys, keys, 128, causal, 0},
                                  .kernel = "some-kernel",
                                  .numerics = "resolved",
                                  .ceiling = ceiling,
                                  .flop = flop,
                                  .operand_bytes = 1000,
                                  .operand_sets = 1,
                                  .alone = time_of(median_ns),
                                  .whole = {NAN, NAN, NAN, NAN, NAN, 0},
                                  .rel_rmse = NAN,
                                  .rel_rmse_radius = NAN};
}

static int64_t variant_of(struct at_store *store, const char *name)
{
    int64_t id;
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){name, "numerics"}, &id, NULL), AT_OK);
    return id;
}

void speeds_add(const char *path)
{
    struct at_store *store;
    struct at_error error;
    if (at_store_open(path, AT_STORE_WRITE, &store, &error))
        fail_msg("%s", error.message);
    struct at_bench_fact bench = {.spelling = "normal:sigma=1",
                                  .format = "fp16",
                                  .seed = 1,
                                  .repeats = 30,
                                  .pairs = 4,
                                  .rows = 16,
                                  .rows_seed = 1,
                                  .oracle = "mpfr",
                                  .blas = 130100,
                                  .no_product = ""};
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"b9", "0.1.0", "abc", "gcc", "{}"}, &bench.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &(struct at_device_fact){"cuda", "Some GPU", "{}"}, &bench.device, NULL), AT_OK);
    struct at_ceiling_fact ceilings[7];
    for (int i = 0; i < 3; i++) {
        ceilings[i] = (struct at_ceiling_fact){"bf16 product", i, 8e6, time_of(i == 1 ? 1000 : i ? 4000 : 2000)};
        ceilings[3 + i] = (struct at_ceiling_fact){"e4m3 product", i, 16e6, time_of(i == 1 ? 1000 : i ? 4000 : 2000)};
    }
    ceilings[6] = (struct at_ceiling_fact){"copy", 0, 1e6, time_of(1000)};
    int64_t good = variant_of(store, "good"), fast = variant_of(store, "fast"), evil = variant_of(store, SPEEDS_EVIL), id;
    struct at_speed_fact speeds[] = {
        speed_of(good, 1024, false, "bf16 product", 2e6, 1000), speed_of(good, 2048, false, "bf16 product", 8e6, 2000),
        speed_of(fast, 2048, false, "e4m3 product", 8e6, 1000), speed_of(evil, 1024, true, "e4m3 product", 1e6, 500)};
    speeds[0].whole = time_of(2000);
    speeds[0].rel_rmse = 0x1p-10;
    speeds[1].rel_rmse = 0x1p-9;
    speeds[2].rel_rmse = 0x1p-5;
    assert_int_equal(at_store_put_bench(store, &bench, ceilings, 7, speeds, 4, &id, NULL), AT_OK);
    bench.blas = 0;
    bench.no_product = "no cuBLASLt";
    speeds[1] = speed_of(good, 2048, false, "bf16 product", 8e6, 8000);
    assert_int_equal(at_store_put_bench(store, &bench, ceilings + 6, 1, &speeds[1], 1, &id, NULL), AT_OK);
    at_store_close(store);
}
