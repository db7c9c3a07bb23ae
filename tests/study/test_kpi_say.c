/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_say.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct at_kpi_run generated = {.id = 3,
                                            .variant = "v",
                                            .label = "l",
                                            .spelling = "normal:sigma=1",
                                            .format = "bf16",
                                            .oracle = "mpfr",
                                            .seed = 9,
                                            .rows_seed = 1,
                                            .rows = 4,
                                            .problem = {2, 8, 4, 16, 32, 64, true, 0.5}};

static void say(struct at_kpi_judgement *j, enum at_kpi_statistic statistic, const struct at_kpi_gathering *g, const char *wanted)
{
    struct at_kpi_requirement r = {.statistic = statistic,
                                   .coverage = 0.9,
                                   .confidence = 0.95,
                                   .against = "original",
                                   .terms = {{.relation = AT_LESS_EQUAL, .bound = 0.5}},
                                   .term_count = 1};
    assert_int_equal(at_metric_find("rmse", &r.metric, NULL), AT_OK);
    j->reason[0] = '\0';
    at_kpi_say_requirement(&r, g, j);
    if (strcmp(j->reason, wanted) != 0)
        fail_msg("%s\nis not\n%s", j->reason, wanted);
}

static void sentences(void **state)
{
    (void)state;
    const struct at_kpi_gathering all = {.runs = 2, .count = 5};
    struct at_kpi_judgement j = {.variant = "v", .run = &generated, .verdict = AT_MET};
    j.finding = (struct at_kpi_finding){.verdict = AT_MET, .units = 29, .interval = {NAN, NAN}};
    say(&j, AT_KPI_QUANTILE, &all, "with 95 % confidence at most 10 % of heads from normal:sigma=1 have rmse above 0.5 (0 of 29)");
    j.verdict = AT_CANNOT_SAY; /* rows without truth: nothing is claimed */
    say(&j, AT_KPI_QUANTILE, &all, "0 of 29 heads miss it");
    j.finding = (struct at_kpi_finding){.verdict = AT_CANNOT_SAY, .units = 20, .missing = 1, .unknown = 2, .further_not_met = 5};
    say(&j, AT_KPI_QUANTILE, &all,
        "cannot say with 95 % confidence whether at most 10 % of heads from normal:sigma=1 have rmse above 0.5 (3 of 20); 56 further heads "
        "would decide it if none of them exceeds; 5 more that all miss it would decide not met; 2 heads cannot be judged: undefined, or "
        "the truth's own radius could turn them");
    j.finding = (struct at_kpi_finding){.verdict = AT_CANNOT_SAY, .units = 40, .interval = {0.1, 0.3}, .value = 0.2, .further_met = 12};
    say(&j, AT_KPI_MEAN, &all,
        "the mean over heads from normal:sigma=1 of rmse is 0.1 to 0.3 (approximate 95 % interval, studentised bootstrap of 40 heads); "
        "about 12 more heads would decide, if they are like these");
    j.finding = (struct at_kpi_finding){
        .verdict = AT_CANNOT_SAY, .units = 30, .interval = {NAN, NAN}, .value = 0.2, .further_met = 2, .why = "30 heads: ..."};
    say(&j, AT_KPI_MEAN, &all, "cannot say: 30 heads, needs 32; about 2 more heads would give an interval, if they are like these");
    const struct at_kpi_gathering stopped = {.runs = 5, .missing_runs = 2};
    say(&j, AT_KPI_MEAN, &stopped, "2 of 5 runs are not there yet: attest run goes on where it stopped");
    struct at_kpi_run holes = generated;
    holes.nan = 2;
    j = (struct at_kpi_judgement){.variant = "v", .run = &holes, .verdict = AT_NOT_MET, .worst = {&holes, 1, 5, 7}};
    say(&j, AT_KPI_WORST_ROW, &all, "seed 9, batch 1, head 5, row 7; the input holds 2 NaN and 0 infinite elements");
}

static void say_figure(const char *metric, bool by_interval, const struct at_kpi_gathering *g, const struct at_kpi_read_outcome *read,
                       struct at_kpi_judgement *j, const char *wanted)
{
    struct at_kpi_requirement r = {.statistic = AT_KPI_VALUE, .confidence = 0.95, .against = "original", .by_interval = by_interval};
    assert_int_equal(at_kpi_figure_find(metric, &r.metric, &r.figure, NULL), AT_OK);
    j->reason[0] = '\0';
    j->verdict = j->finding.verdict;
    at_kpi_say_figure(&r, g, read, j);
    if (strcmp(j->reason, wanted) != 0)
        fail_msg("%s\nis not\n%s", j->reason, wanted);
}

static void figures(void **state)
{
    (void)state;
    const struct at_kpi_gathering all = {.runs = 2, .count = 2}, none = {.runs = 0}, stopped = {.runs = 2, .missing_runs = 1, .count = 1};
    struct at_kpi_read_outcome read = {.readout = "w.safetensors:w", .units = 4, .samples = 256};
    struct at_kpi_run capture = generated;
    struct at_kpi_judgement j = {.variant = "v", .run = &generated, .worst = {NULL, -1, -1, -1}};
    j.finding = (struct at_kpi_finding){.verdict = AT_MET, .units = 4, .interval = {NAN, NAN}};
    say_figure("readout_kl_mean", false, &all, &read, &j, "256 samples of 4 sequences, w.safetensors:w");
    j.worst = (struct at_kpi_place){&generated, 1, -1, 7};
    say_figure("readout_kl_max", false, &all, &read, &j, "seed 9, batch 1, row 7, 256 samples of 4 sequences, w.safetensors:w");
    j.worst.run = NULL;
    capture.capture = true;
    j.run = &capture;
    say_figure("readout_kl_mean", true, &all, &read, &j, "256 samples of these 4 sequences, w.safetensors:w; of others nothing is said");
    j.run = &generated;
    j.finding.interval = (struct at_interval){0.1, 0.2};
    say_figure("readout_kl_mean", true, &all, &read, &j,
               "the mean KL of tokens over samples from normal:sigma=1 is 0.1 to 0.2 (approximate 95 % interval, bootstrap of 4 "
               "sequences), w.safetensors:w");
    j.finding = (struct at_kpi_finding){.verdict = AT_CANNOT_SAY, .interval = {NAN, NAN}};
    say_figure("readout_kl_mean", false, &all, &read, &j,
               "256 samples of 4 sequences, w.safetensors:w; the truth's own radius could turn it");
    read.undefined = read.open = 3;
    say_figure("readout_top_unchanged", false, &all, &read, &j,
               "256 samples of 4 sequences, w.safetensors:w; 3 samples have no finite truth; the truth's radius leaves the top token of 3 "
               "open");
    strcpy(read.why, "4 sequences: an interval takes 32");
    read.undefined = read.open = 0;
    say_figure("readout_kl_mean", true, &all, &read, &j, "no interval: 4 sequences: an interval takes 32");
    say_figure("readout_kl_mean", false, &none, &read, &j, "no run of v is in its scope");
    say_figure("readout_kl_mean", false, &stopped, &read, &j, "1 of 2 runs are not there yet: attest run goes on where it stopped");
    read.unread = 1;
    read.first_unread = &generated;
    say_figure("readout_kl_mean", false, &all, &read, &j,
               "1 of 2 runs were not read out: attest run --distribution 'normal:sigma=1' --shape 2x8:4x16:32x64 --causal --scale 0.5 "
               "--format bf16 --seeds 9 --rows 4 --rows-seed 1 --oracle mpfr --variants 'v' --readout 'w.safetensors:w'");
    read.readout = NULL;
    say_figure("readout_kl_mean", false, &all, &read, &j,
               "1 of 2 runs were not read out: attest run --distribution 'normal:sigma=1' --shape 2x8:4x16:32x64 --causal --scale 0.5 "
               "--format bf16 --seeds 9 --rows 4 --rows-seed 1 --oracle mpfr --variants 'v' --readout 'FILE'");
}

/* A name as long as any that the store can hold is left out of a claim or cut, not written past the end. */
static void long_names(void **state)
{
    (void)state;
    char name[8000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct at_kpi_run run = generated;
    run.spelling = run.label = run.variant = name;
    struct at_kpi_judgement j = {.variant = name, .run = &run, .verdict = AT_MET, .finding = {.verdict = AT_MET, .units = 29}};
    say(&j, AT_KPI_QUANTILE, &(struct at_kpi_gathering){.runs = 1},
        "with 95 % confidence at most 10 % of heads from this distribution have rmse above 0.5 (0 of 29)");
    j.worst.run = &run;
    j.run = NULL;
    at_kpi_say_requirement(&(struct at_kpi_requirement){.statistic = AT_KPI_MAXIMUM}, &(struct at_kpi_gathering){.runs = 1}, &j);
    assert_int_equal(strlen(j.reason), AT_KPI_REASON_SIZE - 1);
    j.reason[0] = '\0';
    at_kpi_say_cost(&(struct at_kpi_cost){.relative_to = name}, name, &j);
    assert_true(strlen(j.reason) < AT_KPI_REASON_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences), cmocka_unit_test(figures),
                                       cmocka_unit_test(long_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
