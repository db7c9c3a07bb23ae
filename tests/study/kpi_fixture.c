/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kpi_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct at_store *kpi_store(const char *path)
{
    struct at_store *store;
    struct at_error error = {""};
    if (at_store_open(path, AT_STORE_WRITE, &store, &error))
        fail_msg("%s", error.message);
    return store;
}

static struct at_run_key context(struct at_store *store, const char *study, const char *variant)
{
    const struct at_build_fact build = {"b", "0", "", "c", "{}"};
    const struct at_device_fact device = {"cpu", "d", "{}"};
    const struct at_study_fact s = {study, study, study};
    const struct at_variant_fact v = {variant, variant};
    struct at_run_key key = {.rows = KPI_ROWS, .rows_seed = 1, .oracle = "mpfr"};
    assert_int_equal(at_store_put_build(store, &build, &key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &device, &key.device, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &s, &key.study, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &v, &key.variant, NULL), AT_OK);
    return key;
}

static const char * or (const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

static size_t measure(const struct kpi_run *r, struct at_measure_fact *facts)
{
    const char *metric = or (r->metric, "rel_rmse");
    size_t count = 0;
    double most = -INFINITY;
    for (int64_t h = 0; h < r->heads; h++) {
        for (int64_t row = 0; row < KPI_ROWS; row++)
            facts[count++] = (struct at_measure_fact){0, AT_SCOPE_ROW, 0, h, 10 * row, metric, r->values[h] / (double)(row + 1), r->radius};
        facts[count++] = (struct at_measure_fact){0, AT_SCOPE_HEAD, 0, h, -1, metric, r->values[h], r->radius};
        most = r->values[h] > most || isnan(r->values[h]) ? r->values[h] : most;
    }
    facts[count++] = (struct at_measure_fact){0, AT_SCOPE_CASE, -1, -1, -1, metric, most, r->radius};
    return count;
}

void kpi_put(struct at_store *store, struct kpi_run r)
{
    char digest[128];
    struct at_measure_fact facts[(KPI_ROWS + 1) * KPI_HEADS_MOST + 1];
    struct at_error error = {""};
    int64_t id;
    r.heads = r.heads ? r.heads : 1;
    r.group = r.group ? r.group : 1;
    snprintf(digest, sizeof digest, "%s/%llu", or (r.spelling, "normal"), (unsigned long long)r.seed);
    const struct at_input_fact input = {.source = r.capture ? "capture" : "distribution",
                                        .spelling = or (r.spelling, "normal:sigma=1"),
                                        .label = or (r.label, "normal"),
                                        .format = "fp16",
                                        .seed = r.seed,
                                        .problem = {1, r.heads, r.heads / r.group, 32, r.keys ? r.keys : 64, 32, false, 0},
                                        .input_sha256 = digest};
    const struct at_reference_fact reference = {.against = "original",
                                                .operands_sha256 = "",
                                                .oracle = "mpfr",
                                                .truth_sha256 = "t",
                                                .precision_bits = 99,
                                                .radius_log2 = -100,
                                                .undefined_rows = r.undefined_rows};
    struct at_run_fact run = {.key = context(store, or (r.study, "s"), r.variant), .operands_sha256 = "o", .output_sha256 = "p"};
    assert_int_equal(at_store_put_found(store, run.key.study, 0, &input, &run.key.input, NULL), AT_OK);
    size_t count = r.no_measures ? 0 : measure(&r, facts);
    if (at_store_put_run(store, &run, &reference, 1, facts, count, NULL, 0, &id, &error))
        fail_msg("%s", error.message);
}

void kpi_put_seeds(struct at_store *store, struct kpi_run run, int count, int missing, uint64_t first_seed, double good, double bad)
{
    for (int i = 0; i < count; i++) {
        run.seed = first_seed + (uint64_t)i;
        run.values[0] = i < missing ? bad : good;
        kpi_put(store, run);
    }
}

void kpi_plan(struct at_store *store, const char *variant, int seeds)
{
    enum { MOST = 64 };
    struct at_planned_fact planned[MOST];
    const struct at_study_fact study = {"planned", "planned", "planned"};
    struct at_run_key key = context(store, "s", variant);
    struct at_error error = {""};
    int64_t id;
    assert_in_range(seeds, 1, MOST);
    for (int i = 0; i < seeds; i++)
        planned[i] = (struct at_planned_fact){.input = {.source = "distribution",
                                                        .spelling = "normal:sigma=1",
                                                        .label = "normal",
                                                        .format = "fp16",
                                                        .seed = (uint64_t)i + 1,
                                                        .problem = {1, 1, 1, 32, 64, 32, false, 0},
                                                        .input_sha256 = ""},
                                              .variant = key.variant,
                                              .rows = KPI_ROWS,
                                              .rows_seed = 1,
                                              .oracle = "mpfr"};
    if (at_store_put_plan(store, &study, true, planned, (size_t)seeds, &id, &error))
        fail_msg("%s", error.message);
}

static struct at_speed_fact speed_of(int64_t variant, double median_ns, int64_t keys, bool causal)
{
    return (struct at_speed_fact){.variant = variant,
                                  .problem = {1, 4, 4, keys, keys, 64, causal, 0},
                                  .kernel = "k",
                                  .numerics = "n",
                                  .ceiling = "copy",
                                  .flop = 1,
                                  .operand_bytes = 1,
                                  .operand_sets = 1,
                                  .alone = {0.8 * median_ns, 0.9 * median_ns, median_ns, 1.1 * median_ns, 1.2 * median_ns, 1},
                                  .whole = {NAN, NAN, NAN, NAN, NAN, 0},
                                  .rel_rmse = NAN,
                                  .rel_rmse_radius = NAN};
}

void kpi_put_speeds(struct at_store *store, const char *a, double a_ns, const char *b, double b_ns, int64_t keys, bool causal)
{
    const struct at_run_key of_a = context(store, "s", a), of_b = context(store, "s", b);
    const struct at_bench_fact bench = {of_a.build, of_a.device, "s", "fp16", 1, 20, 4, 0, 0, "", 0, "none"};
    const struct at_ceiling_fact ceiling = {"copy", 0, 1, {1, 2, 3, 4, 5, 6}};
    const struct at_speed_fact speeds[] = {speed_of(of_a.variant, a_ns, keys, causal), speed_of(of_b.variant, b_ns, keys, causal)};
    struct at_error error = {""};
    int64_t id;
    if (at_store_put_bench(store, &bench, &ceiling, 1, speeds, 2, &id, &error))
        fail_msg("%s", error.message);
}
