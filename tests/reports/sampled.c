/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/sampled.h"

#include "tests/reports/fixture.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { GROUP = 2 };

int sampled_unit(uint64_t seed, int key_head)
{
    return (37 * ((int)(seed - 1) * SAMPLED_KEY_HEADS + key_head)) % SAMPLED_UNITS;
}

struct measures {
    struct at_measure_fact facts[512];
    size_t count;
};

static void add(struct measures *m, int reference, int head, int row, const char *metric, double value, double radius)
{
    assert_true(m->count < sizeof m->facts / sizeof m->facts[0]);
    m->facts[m->count++] = (struct at_measure_fact){.reference = reference,
                                                    .scope = head < 0  ? AT_SCOPE_CASE
                                                             : row < 0 ? AT_SCOPE_HEAD
                                                                       : AT_SCOPE_ROW,
                                                    .batch = head < 0 ? -1 : 0,
                                                    .head = head,
                                                    .row = row,
                                                    .metric = metric,
                                                    .value = value,
                                                    .radius = radius};
}

static double error_of(const char *variant, int u)
{
    if (strcmp(variant, "tail") == 0)
        return 0x1p-8 * (5 - log(-log((u + 0.5) / SAMPLED_UNITS)));
    if (strcmp(variant, "broken") == 0 && u < 2)
        return u ? INFINITY : NAN;
    return (u + 1) / 128.0;
}

static void fill(struct measures *m, const char *variant, uint64_t seed)
{
    double radius = strcmp(variant, "tail") == 0 ? 0 : SAMPLED_RADIUS;
    for (int r = 0; r < 2; r++) {
        for (int h = 0; h < GROUP * SAMPLED_KEY_HEADS; h++) {
            int u = sampled_unit(seed, h / GROUP);
            bool worse = (h + u) % GROUP == 0, blind = strcmp(variant, "blind") == 0 && u == 0;
            double error = (r ? 0.25 : 1) * error_of(variant, u) * (worse ? 1 : 0.5);
            add(m, r, h, -1, "rel_rmse", error, radius);
            add(m, r, h, -1, "bias", worse ? -error : error, radius);
            add(m, r, h, -1, "cosine_min", 1 - error / 4, 0);
            add(m, r, h, 0, "rel_rmse", blind ? NAN : error, radius);
        }
        add(m, r, -1, -1, "rel_rmse", 0.5, radius);
    }
}

static void put(struct at_store *store, struct at_run_key key, const char *label, const char *source, const char *variant, uint64_t seed)
{
    struct measures *m = calloc(1, sizeof *m);
    static const struct at_ladder_fact ladder = {true, NULL, 0, 0, -33.5, NULL, 0, NAN, NAN};
    bool drawn = strcmp(source, "distribution") == 0;
    int64_t id, undefined = strcmp(variant, "blind") == 0 ? 2 : 0;
    const struct at_variant_fact variant_fact = {variant, "output=bf16"};
    const struct at_input_fact input = {
        .source = source,
        .spelling = drawn ? "normal:sigma=1" : "layer.safetensors",
        .label = label,
        .format = "fp16",
        .seed = drawn ? seed : 0,
        .problem = {.batch = 1, .heads_q = GROUP * SAMPLED_KEY_HEADS, .heads_kv = SAMPLED_KEY_HEADS, .seq_q = 64, .seq_k = 64, .dim = 32},
        .input_sha256 = "aaaa"};
    const struct at_reference_fact references[] = {{"original", "", "mpfr", "1111", 160, -104.5, undefined, 1000000, ladder},
                                                   {"dequantised", "2222", "mpfr", "3333", 192, -101.25, undefined, 2000000, ladder}};
    assert_non_null(m);
    assert_int_equal(at_store_put_input(store, &input, &key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &variant_fact, &key.variant, NULL), AT_OK);
    fill(m, variant, seed);
    const struct at_run_fact run = {.key = key, .operands_sha256 = "2222", .output_sha256 = "4444", .elements = 100, .p_elements = 50};
    assert_int_equal(at_store_put_run(store, &run, references, 2, m->facts, m->count, NULL, 0, &id, NULL), AT_OK);
    free(m);
}

struct at_store *sampled_store(const char *path)
{
    static const char *const variants[] = {"good", "tail", "broken", "blind"};
    struct at_run_key key = {.rows = 16, .rows_seed = 1};
    struct at_store *store = fixture_begin(path, "name: first\n", &key);
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++)
        for (uint64_t seed = 1; seed <= SAMPLED_SEEDS; seed++)
            put(store, key, "many", "distribution", variants[v], seed);
    put(store, key, "few", "distribution", "good", 1);
    put(store, key, "captured", "capture", "good", 1);
    return fixture_end(store, path);
}
