/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/sweeps.h"

#include "core/random.h"
#include "tests/reports/fixture.h"

#include <math.h>
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One run to come. */
struct point {
    const char *spelling, *variant;
    int64_t keys, queries, heads, heads_kv;
    uint64_t seed;
    double value;    /* before the heads' factors */
    double noise;    /* its deviation, by head */
    int zero, blunt; /* heads that are 0, and known to a 100th; -1: none */
};

struct writer {
    struct at_store *store;
    struct at_run_key key;
};

static void put(const struct writer *w, const struct point *p)
{
    struct at_measure_fact m[2 * 2 * 8];
    struct at_run_key key = w->key;
    size_t count = 0;
    int64_t id;
    const struct at_input_fact input = {
        .source = "distribution",
        .spelling = p->spelling,
        .label = p->spelling,
        .format = "fp16",
        .seed = p->seed,
        .problem = {.batch = 1, .heads_q = p->heads, .heads_kv = p->heads_kv, .seq_q = p->queries, .seq_k = p->keys, .dim = 64},
        .input_sha256 = "aaaa"};
    const struct at_variant_fact variant = {p->variant, "output=bf16"};
    const struct at_reference_fact references[] = {{"original", "", "mpfr", "1111", 160, -104.5, 0, 1, {0}},
                                                   {"dequantised", "2222", "mpfr", "3333", 192, -101.25, 0, 1, {0}}};
    assert_int_equal(at_store_put_input(w->store, &input, &key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(w->store, &variant, &key.variant, NULL), AT_OK);
    for (int r = 0; r < 2; r++)
        for (int64_t h = 0; h < p->heads; h++) {
            int64_t group = p->heads / p->heads_kv, kv = h / group;
            double noise = p->noise * at_random_normal((struct at_random){(uint64_t)h, 7}, (uint64_t)(p->value * 1e9));
            double value = (r ? 0.25 : 1) * p->value * (1 + (double)kv / 10) * (group == 1 ? 1 : h % 2 ? 1.01 : 1 / 1.01) * exp(noise);
            value = h == p->zero ? 0 : value;
            const struct at_measure_fact error = {r, AT_SCOPE_HEAD, 0, h, -1, "rel_rmse", value, value * (h == p->blunt ? 0.01 : 0x1p-40)};
            const struct at_measure_fact bias = {r, AT_SCOPE_HEAD, 0, h, -1, "bias", -value / 10, NAN};
            m[count++] = error;
            m[count++] = bias;
        }
    const struct at_run_fact run = {.key = key, .operands_sha256 = "2222", .output_sha256 = "4444", .elements = 1, .p_elements = 1};
    assert_int_equal(at_store_put_run(w->store, &run, references, 2, m, count, NULL, 0, &id, NULL), AT_OK);
}

static void put_outliers(const struct writer *w)
{
    for (int i = 0; i < SWEEPS_POINTS; i++) {
        char spelling[64];
        double sigma = ldexp(1, i), value = SWEEPS_FACTOR * sqrt(sigma);
        snprintf(spelling, sizeof spelling, "iid-outlier:probability=0.001,sigma=%g", sigma);
        struct point p = {spelling, "power", 512, 512, SWEEPS_HEADS, SWEEPS_HEADS, 1, value, 0, -1, -1};
        put(w, &p);
        p.variant = "holes";
        p.zero = sigma == 4 ? 1 : -1;
        p.blunt = sigma == 64 ? 2 : -1;
        put(w, &p);
        struct point kink = {spelling, "kink", 512, 512, SWEEPS_HEADS, SWEEPS_HEADS, 1, value, 0.01, -1, -1};
        kink.value *= sigma > 8 ? sqrt(sigma / 8) : 1;
        put(w, &kink);
    }
}

static void put_lengths(const struct writer *w)
{
    for (int i = 0; i < SWEEPS_POINTS; i++) {
        int64_t keys = 1024 << i;
        for (uint64_t seed = 1; seed <= 2; seed++) {
            const struct point p = {"v-mean:mean=1,sigma=1", "power", keys, keys, 6, 3, seed, 1e-5 * pow((double)keys, 0.75), 0, -1, -1};
            put(w, &p);
        }
        const struct point apart = {"v-mean:mean=1,sigma=1",        "apart", keys, keys, 6, 3, 10 + (uint64_t)i,
                                    1e-5 * pow((double)keys, 0.75), 0.05,    -1,   -1};
        put(w, &apart);
    }
}

struct at_store *sweeps_store(const char *path)
{
    struct writer w = {.key = {.rows = 8, .rows_seed = 1}};
    w.store = fixture_begin(path, "name: first\n", &w.key);
    put_outliers(&w);
    put_lengths(&w);
    for (int i = 0; i < SWEEPS_POINTS; i++) {
        char spelling[64];
        snprintf(spelling, sizeof spelling, "needle:gap=%d,depth=0.5,deviation=0.1", 2 * i);
        const struct point p = {spelling, "power", 512, 512, SWEEPS_HEADS, SWEEPS_HEADS, 1, 0.5 * exp(-0.3 * 2 * i), 0, -1, -1};
        put(&w, &p);
    }
    for (int i = 0; i < 2; i++) {
        const struct point p = {"normal:sigma=1", "power", 512 << i, 512 << i, 2, 2, 1, 0.01, 0, -1, -1};
        put(&w, &p);
    }
    return fixture_end(w.store, path);
}

struct at_store *sweeps;

int sweeps_setup(void **state)
{
    (void)state;
    sweeps = sweeps_store(fixture_path("t.db"));
    return 0;
}

int sweeps_teardown(void **state)
{
    (void)state;
    at_store_close(sweeps);
    fixture_done();
    return 0;
}
