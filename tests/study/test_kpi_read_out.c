/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_read_out.h"

#include "scratch.h"
#include "tests/reports/readings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SAMPLES = READINGS_SEEDS * READINGS_BATCH * READINGS_ROWS, MOST_RUNS = 64 };

/* Everything that one decision comes back with; text stays until `done`. */
struct outcome {
    struct at_kpi_runs runs;
    struct at_kpi_readings readings;
    struct at_kpi_read_outcome read;
    struct at_kpi_finding finding;
};

static struct at_store *store;

static struct at_kpi_requirement requirement(const char *name, enum at_relation relation, double bound)
{
    struct at_kpi_requirement r = {
        .against = "original", .terms = {{.relation = relation, .bound = bound}}, .term_count = 1, .confidence = 0.95};
    assert_int_equal(at_kpi_figure_find(name, &r.metric, &r.figure, NULL), AT_OK);
    return r;
}

static struct outcome read_out(const struct at_kpi_requirement *r, const char *label, const char *variant, bool whole)
{
    const struct at_gate_filter filter = {.label = label, .variant = variant};
    const struct at_kpi_run *runs[MOST_RUNS];
    struct outcome o = {.read = {0}};
    struct at_error error = {""};
    size_t count = 0;
    if (at_kpi_runs_load(store, &filter, &o.runs, &error) || at_kpi_readings_load(store, &o.runs, &filter, r->against, &o.readings, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < o.runs.count; i++)
        if (o.runs.rows[i].chosen)
            runs[count++] = &o.runs.rows[i];
    if (at_kpi_read_out(&o.readings, runs, count, r, whole, &o.read, &o.finding, &error))
        fail_msg("%s", error.message);
    return o;
}

static void done(struct outcome *o)
{
    at_kpi_readings_done(&o->readings);
    at_kpi_runs_done(&o->runs);
}

static void expect(struct at_kpi_requirement r, const char *variant, enum at_verdict verdict, double value)
{
    struct outcome o = read_out(&r, "drawn", variant, false);
    if (o.finding.verdict != verdict || !(o.finding.value == value))
        fail_msg("%s %s: %s, %.17g is not %.17g", r.metric->name, variant, at_verdict_name(o.finding.verdict), o.finding.value, value);
    done(&o);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All samples of "good", ascending, and the share with the same top token. */
static double *all_samples(double *ret_same)
{
    static double kl[SAMPLES];
    size_t n = 0, same = 0;
    for (uint64_t seed = 1; seed <= READINGS_SEEDS; seed++)
        for (int b = 0; b < READINGS_BATCH; b++)
            for (int row = 0; row < READINGS_ROWS; row++) {
                kl[n++] = readings_kl(seed, b, row);
                same += (size_t)readings_top(seed, b, row);
            }
    qsort(kl, n, sizeof *kl, ascending);
    *ret_same = (double)same / SAMPLES;
    return kl;
}

/* A fact is value -+ radius: a bound nearer than the radius cannot be judged. */
static void facts(void **state)
{
    (void)state;
    double same, *kl = all_samples(&same), max = kl[SAMPLES - 1];
    expect(requirement("readout_kl_max", AT_LESS_EQUAL, 2 * max), "good", AT_MET, max);
    expect(requirement("readout_kl_max", AT_LESS_EQUAL, max), "good", AT_CANNOT_SAY, max);
    expect(requirement("readout_kl_max", AT_LESS_EQUAL, max * (1 - 0x1p-38)), "good", AT_NOT_MET, max);
    expect(requirement("readout_kl_max", AT_LESS_EQUAL, max * (1 + 0x1p-38)), "good", AT_MET, max);
    expect(requirement("readout_top_unchanged", AT_GREATER_EQUAL, same), "good", AT_MET, same);
    expect(requirement("readout_top_unchanged", AT_GREATER, same), "good", AT_NOT_MET, same);
    static const struct {
        const char *name;
        double p;
    } quantiles[] = {{"readout_kl_median", 0.5}, {"readout_kl_quantile_99", 0.99}, {"readout_kl_quantile_99_9", 0.999}};
    for (size_t i = 0; i < 3; i++) {
        double position = quantiles[i].p * (SAMPLES - 1), part = position - floor(position);
        double value = (1 - part) * kl[(size_t)position] + part * kl[(size_t)position + 1];
        struct at_kpi_requirement r = requirement(quantiles[i].name, AT_LESS_EQUAL, value * (1 + 0x1p-36));
        struct outcome o = read_out(&r, "drawn", "good", false);
        assert_true(o.finding.verdict == AT_MET && fabs(o.finding.value - value) <= 0x1p-50 * value && isnan(o.finding.interval.low));
        assert_true(o.read.units == READINGS_SEEDS * READINGS_BATCH && o.read.samples == SAMPLES && !o.read.place.run);
        assert_string_equal(o.read.readout, "model.safetensors:lm_head");
        done(&o);
        r.terms[0].bound = o.finding.value; /* within the radius */
        o = read_out(&r, "drawn", "good", false);
        assert_int_equal(o.finding.verdict, AT_CANNOT_SAY);
        done(&o);
    }
}

/* With a confidence the interval decides, widened by the radius; of a capture the value stays a fact. */
static void intervals(void **state)
{
    (void)state;
    static const char *const names[] = {"readout_kl_mean", "readout_kl_median", "readout_top_unchanged"};
    for (size_t i = 0; i < 3; i++) {
        struct at_kpi_requirement r = requirement(names[i], AT_LESS_EQUAL, 10);
        r.by_interval = true;
        struct outcome o = read_out(&r, "drawn", "good", false);
        const struct at_kpi_finding f = o.finding;
        assert_true(f.verdict == AT_MET && f.interval.low < f.value && f.value < f.interval.high && f.units == 40 && !*o.read.why);
        done(&o);
        const struct {
            double bound;
            enum at_verdict verdict;
        } cases[] = {{f.interval.high, AT_MET},
                     {nextafter(f.interval.high, 0), AT_CANNOT_SAY},
                     {f.interval.low, AT_CANNOT_SAY},
                     {nextafter(f.interval.low, 0), AT_NOT_MET}};
        for (size_t c = 0; c < 4; c++) {
            r.terms[0].bound = cases[c].bound;
            o = read_out(&r, "drawn", "good", false);
            assert_int_equal(o.finding.verdict, cases[c].verdict);
            done(&o);
        }
        o = read_out(&r, "drawn", "good", true);
        assert_true(o.finding.verdict == AT_NOT_MET && isnan(o.finding.interval.low));
        done(&o);
    }
    struct at_kpi_requirement few = requirement("readout_kl_quantile_99", AT_LESS_EQUAL, 1);
    few.by_interval = true;
    struct outcome o = read_out(&few, "drawn", "good", false);
    assert_true(o.finding.verdict == AT_CANNOT_SAY && isnan(o.finding.interval.low));
    assert_string_equal(o.read.why, "40 sequences: an interval takes 368");
    done(&o);
    few.confidence = 0.5; /* fewer of them do for less */
    o = read_out(&few, "drawn", "good", false);
    assert_string_equal(o.read.why, "40 sequences: an interval takes 138");
    done(&o);
}

/* An infinite sample and one without truth: nothing is met, and the largest one and the mean are not. */
static void broken_samples(void **state)
{
    (void)state;
    expect(requirement("readout_kl_max", AT_LESS_EQUAL, 1e300), "broken", AT_NOT_MET, INFINITY);
    struct at_kpi_requirement mean = requirement("readout_kl_mean", AT_LESS_EQUAL, 1e300),
                              median = requirement("readout_kl_median", AT_LESS, 1);
    expect(mean, "broken", AT_NOT_MET, INFINITY);
    mean.by_interval = true;
    expect(mean, "broken", AT_NOT_MET, INFINITY);
    struct outcome o = read_out(&median, "drawn", "broken", false);
    assert_true(o.finding.verdict == AT_CANNOT_SAY && o.read.undefined == 1 && o.read.open == 1 && o.read.samples == SAMPLES - 1);
    done(&o);
    /* A top token that is left open may be either. */
    struct at_kpi_requirement top = requirement("readout_top_unchanged", AT_GREATER_EQUAL, 0);
    o = read_out(&top, "drawn", "broken", false);
    double same = round(o.finding.value * (SAMPLES - 2));
    done(&o);
    top.terms[0].bound = same / (SAMPLES - 1);
    expect(top, "broken", AT_CANNOT_SAY, same / (SAMPLES - 2)); /* met, but for the sample without truth */
    top.terms[0].bound = nextafter(top.terms[0].bound, 1);
    expect(top, "broken", AT_CANNOT_SAY, same / (SAMPLES - 2));
    top.terms[0].bound = (same + 1.5) / (SAMPLES - 1);
    expect(top, "broken", AT_NOT_MET, same / (SAMPLES - 2));
}

static void heads_alone(void **state)
{
    (void)state;
    struct at_kpi_requirement r = requirement("readout_kl_max", AT_LESS_EQUAL, 1);
    struct outcome o = read_out(&r, "heads", "good", false);
    assert_true(o.read.units == 2 && o.read.heads && o.read.place.head == 3 && o.read.place.batch == 0 && o.read.place.run);
    assert_true(o.finding.value == 4 * readings_kl(1, 0, (int)o.read.place.row));
    assert_string_equal(at_kpi_read_unit(&o.read, true), "key/value heads");
    done(&o);
}

/* Runs that are not read out: by any readout, or by the one that others are. */
static void unread(void **state)
{
    (void)state;
    struct at_kpi_requirement r = requirement("readout_kl_max", AT_LESS_EQUAL, 1);
    const struct at_kpi_run stranger = {.id = 1000000};
    const struct at_kpi_run *runs[2] = {&stranger, NULL};
    struct outcome o = read_out(&r, "heads", "good", false), made = o;
    for (size_t i = 0; i < o.runs.count; i++)
        if (o.runs.rows[i].chosen)
            runs[1] = &o.runs.rows[i];
    assert_int_equal(at_kpi_read_out(&o.readings, runs, 1, &r, false, &made.read, &made.finding, NULL), AT_OK);
    assert_true(made.finding.verdict == AT_CANNOT_SAY && made.read.unread == 1 && !made.read.readout);
    assert_ptr_equal(made.read.first_unread, &stranger);
    assert_int_equal(at_kpi_read_out(&o.readings, runs, 2, &r, false, &made.read, &made.finding, NULL), AT_OK);
    assert_true(made.finding.verdict == AT_CANNOT_SAY && made.read.unread == 1);
    assert_string_equal(made.read.readout, "model.safetensors:o_proj");
    r.terms[0].bound = 0; /* a largest one that misses stays so */
    assert_int_equal(at_kpi_read_out(&o.readings, runs, 2, &r, false, &made.read, &made.finding, NULL), AT_OK);
    assert_int_equal(made.finding.verdict, AT_NOT_MET);
    r = requirement("readout_kl_mean", AT_LESS_EQUAL, 0);
    assert_int_equal(at_kpi_read_out(&o.readings, runs, 2, &r, false, &made.read, &made.finding, NULL), AT_OK);
    assert_int_equal(made.finding.verdict, AT_CANNOT_SAY);
    assert_int_equal(at_kpi_read_out(&o.readings, runs, 0, &r, false, &made.read, &made.finding, NULL), AT_OK);
    assert_int_equal(made.finding.verdict, AT_CANNOT_SAY);
    done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(facts), cmocka_unit_test(intervals), cmocka_unit_test(broken_samples),
                                       cmocka_unit_test(heads_alone), cmocka_unit_test(unread)};
    at_stats_init();
    scratch_open();
    store = readings_store(scratch_path("r.db"));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    at_store_close(store);
    scratch_close();
    return failed;
}
