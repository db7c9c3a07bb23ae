/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/seeds.h"

#include "core/random.h"
#include "tests/reports/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

double seeds_row(uint64_t seed, int head, int row)
{
    return 0x1p-6 * (1 + at_random_uniform((struct at_random){seed, (uint64_t)head}, (uint64_t)row));
}

double seeds_error(uint64_t seed, int head)
{
    return 0x1p-8 * (1 + at_random_uniform((struct at_random){seed, 100 + (uint64_t)head}, 0));
}

double seeds_truth(uint64_t seed, int head)
{
    return 0.25 + at_random_uniform((struct at_random){seed, 100 + (uint64_t)head}, 1);
}

double seeds_bias(uint64_t seed, int head, int row)
{
    return (row % 2 ? -1 : 1) * seeds_row(seed, head, row);
}

enum manner { GOOD, BROKEN, UNEVEN };

struct measures {
    struct at_measure_fact facts[512];
    size_t count;
};

static void add(struct measures *m, int reference, int head, int row, const char *metric, double value)
{
    const struct at_measure_fact fact = {.reference = reference,
                                         .scope = row >= 0    ? AT_SCOPE_ROW
                                                  : head >= 0 ? AT_SCOPE_HEAD
                                                              : AT_SCOPE_CASE,
                                         .batch = head < 0 ? -1 : 0,
                                         .head = head,
                                         .row = row,
                                         .metric = metric,
                                         .value = value,
                                         .radius = NAN};
    assert_true(m->count < sizeof m->facts / sizeof m->facts[0]);
    m->facts[m->count++] = fact;
}

static void fill(struct measures *m, enum manner manner, uint64_t seed, int heads)
{
    for (int r = 0; r < 2; r++) {
        double share = r ? 0.25 : 1, error2 = 0, truth2 = 0, off = manner == UNEVEN && seed == 2 ? 1.01 : 1;
        bool infinite = manner == BROKEN && seed == 3;
        for (int h = 0; h < heads; h++) {
            double error = share * seeds_error(seed, h), truth = seeds_truth(seed, h);
            add(m, r, h, -1, "rmse", infinite && h == 2 ? INFINITY : error);
            add(m, r, h, -1, "rel_rmse", infinite && h == 2 ? INFINITY : error / truth);
            error2 += error * error;
            truth2 += truth * truth;
            for (int row = 0; row < SEEDS_ROWS; row++) {
                bool undefined = manner == GOOD && seed == 2 && h == 1 && row == 0;
                double value = infinite && h == 2 && row == 1 ? INFINITY : share * seeds_row(seed, h, row);
                add(m, r, h, row, "rel_rmse", undefined ? NAN : value);
                add(m, r, h, row, "bias", share * seeds_bias(seed, h, row));
                add(m, r, h, row, "snr_db", -value);
            }
        }
        add(m, r, -1, -1, "rmse", infinite ? INFINITY : off * sqrt(error2 / heads));
        add(m, r, -1, -1, "rel_rmse", infinite ? INFINITY : off * sqrt(error2 / truth2));
        add(m, r, -1, -1, "saturated", 0);
    }
}

static void put(struct at_store *store, struct at_run_key key, const struct at_input_fact *input, const char *variant, enum manner manner)
{
    struct measures *m = calloc(1, sizeof *m);
    const struct at_variant_fact variant_fact = {variant, "output=bf16"};
    static const struct at_ladder_fact ladder = {true, NULL, 0, 0, -33.5, NULL, 0, NAN, NAN};
    const struct at_reference_fact references[] = {{"original", "", "mpfr", "1111", 160, -104.5, 0, 1000000, ladder},
                                                   {"dequantised", "2222", "mpfr", "3333", 192, -101.25, 0, 2000000, ladder}};
    int64_t id;
    assert_non_null(m);
    assert_int_equal(at_store_put_input(store, input, &key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &variant_fact, &key.variant, NULL), AT_OK);
    fill(m, manner, input->seed, (int)input->problem.heads_q);
    const struct at_run_fact run = {.key = key, .operands_sha256 = "2222", .output_sha256 = "4444", .elements = 100, .p_elements = 50};
    assert_int_equal(at_store_put_run(store, &run, references, 2, m->facts, m->count, NULL, 0, &id, NULL), AT_OK);
    free(m);
}

static struct at_input_fact input_of(const char *label, uint64_t seed, int64_t heads, int64_t keys)
{
    return (struct at_input_fact){
        .source = "distribution",
        .spelling = "normal:sigma=1",
        .label = label,
        .format = "fp16",
        .seed = seed,
        .problem = {.batch = 1, .heads_q = heads, .heads_kv = heads, .seq_q = SEEDS_KEYS, .seq_k = keys, .dim = 64},
        .input_sha256 = "aaaa"};
}

struct at_store *seeds_store(const char *path)
{
    struct at_run_key key = {.rows = SEEDS_ROWS, .rows_seed = 1};
    struct at_store *store = fixture_begin(path, "name: first\n", &key);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct at_input_fact drawn = input_of("drawn", seed, SEEDS_HEADS, SEEDS_KEYS);
        put(store, key, &drawn, "good", GOOD);
        put(store, key, &drawn, "broken", BROKEN);
        if (seed < SEEDS)
            put(store, key, &drawn, "uneven", UNEVEN);
    }
    const struct at_input_fact longer = input_of("drawn", 1, SEEDS_HEADS, 2 * SEEDS_KEYS), pair = input_of("pair", 1, 2, SEEDS_KEYS);
    struct at_input_fact captured = input_of("captured", 0, SEEDS_HEADS, SEEDS_KEYS);
    captured.source = "capture";
    put(store, key, &longer, "good", GOOD);
    put(store, key, &pair, "good", GOOD);
    put(store, key, &captured, "good", GOOD);
    captured.input_sha256 = "bbbb";
    put(store, key, &captured, "good", GOOD);
    return fixture_end(store, path);
}
