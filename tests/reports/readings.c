/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/readings.h"

#include "core/random.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

double readings_kl(uint64_t seed, int batch, int row)
{
    double of_sequence = at_random_uniform((struct at_random){seed, 50 + (uint64_t)batch}, 0);
    return 0x1p-10 * (0.5 + of_sequence + at_random_uniform((struct at_random){seed, (uint64_t)batch}, (uint64_t)row));
}

int readings_top(uint64_t seed, int batch, int row)
{
    return at_random_uniform((struct at_random){seed, 90 + (uint64_t)batch}, (uint64_t)row) < 0.8;
}

static struct at_token_fact fact_of(int reference, uint64_t seed, int batch, int head, int row)
{
    double kl = readings_kl(seed, batch, row) * (reference ? 0.25 : 1) * (head < 0 ? 1 : head + 1);
    return (struct at_token_fact){.reference = reference,
                                  .batch = batch,
                                  .head = head,
                                  .row = row,
                                  .kl = kl,
                                  .kl_radius = 0x1p-40 * kl,
                                  .top_unchanged = readings_top(seed, batch, row),
                                  .max_logit = 10 * kl,
                                  .logit_radius = 0x1p-40};
}

static size_t fill(struct at_token_fact *facts, uint64_t seed, int batches, int heads, bool broken)
{
    size_t count = 0;
    for (int r = 0; r < 2; r++)
        for (int b = 0; b < batches; b++)
            for (int h = heads ? 0 : -1; h < heads; h++)
                for (int row = 0; row < READINGS_ROWS; row++) {
                    struct at_token_fact fact = fact_of(r, seed, b, h, row);
                    if (broken && seed == 3 && b == 1 && row == 2)
                        fact.kl = fact.max_logit = INFINITY, fact.top_unchanged = 0;
                    if (broken && seed == 4 && b == 0 && row == 1)
                        fact.kl = fact.max_logit = NAN, fact.top_unchanged = -1;
                    if (broken && seed == 4 && b == 0 && row == 3)
                        fact.top_unchanged = -1;
                    facts[count++] = fact;
                }
    return count;
}

static void put(struct at_store *store, struct at_run_key key, const struct at_input_fact *input, const char *variant, int heads)
{
    static struct at_token_fact facts[2 * 4 * READINGS_ROWS];
    const struct at_readout_fact readout = {"7e57", "model.safetensors", heads ? "o_proj" : "lm_head", "bf16", 1000, heads ? 64 : 256};
    const struct at_variant_fact variant_fact = {variant, "output=bf16"};
    const struct at_reference_fact references[] = {{"original", "", "mpfr", "1111", 160, -104.5, 0, 1000000, {.known = false}},
                                                   {"dequantised", "2222", "mpfr", "3333", 192, -101.25, 0, 2000000, {.known = false}}};
    const struct at_measure_fact measure = {0, AT_SCOPE_CASE, -1, -1, -1, "rel_rmse", 0.5, 0};
    struct at_error error = {""};
    int64_t id;
    assert_int_equal(at_store_put_variant(store, &variant_fact, &key.variant, NULL), AT_OK);
    const struct at_planned_fact planned = {*input, 0, key.variant, key.rows, key.rows_seed, "mpfr", readout};
    assert_int_equal(at_store_put_plan(store, &(struct at_study_fact){"6666", "read", "{}"}, false, &planned, 1, &key.study, NULL), AT_OK);
    assert_int_equal(at_store_put_found(store, key.study, 0, input, &key.input, NULL), AT_OK);
    size_t count = fill(facts, input->seed, (int)input->problem.batch, heads, variant[0] == 'b');
    const struct at_run_fact run = {.key = key,
                                    .operands_sha256 = "2222",
                                    .output_sha256 = "4444",
                                    .elements = 1,
                                    .p_elements = 1,
                                    .reading = {&readout, facts, count}};
    if (at_store_put_run(store, &run, references, 2, &measure, 1, NULL, 0, &id, &error))
        fail_msg("%s", error.message);
}

struct at_store *readings_store(const char *path)
{
    struct at_store *store;
    struct at_error error = {""};
    struct at_run_key key = {.rows = READINGS_ROWS, .rows_seed = 1, .oracle = "mpfr"};
    const struct at_build_fact build = {"5555", "0.1.0", "abcdef", "gcc", "{}"};
    const struct at_device_fact device = {"cpu", "Processor", "{}"};
    struct at_input_fact input = {.source = "distribution",
                                  .spelling = "normal:sigma=1",
                                  .label = "drawn",
                                  .format = "fp16",
                                  .problem = {READINGS_BATCH, 4, 2, READINGS_ROWS, READINGS_ROWS, 64, false, 0},
                                  .input_sha256 = "aaaa"};
    if (at_store_open(path, AT_STORE_WRITE, &store, &error))
        fail_msg("%s", error.message);
    assert_int_equal(at_store_put_build(store, &build, &key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &device, &key.device, NULL), AT_OK);
    for (input.seed = 1; input.seed <= READINGS_SEEDS; input.seed++) {
        put(store, key, &input, "good", 0);
        put(store, key, &input, "broken", 0);
    }
    input.seed = 1;
    input.label = "heads";
    input.problem.batch = 1;
    put(store, key, &input, "good", 4);
    at_store_close(store);
    if (at_store_open(path, AT_STORE_READ, &store, &error))
        fail_msg("%s", error.message);
    return store;
}
