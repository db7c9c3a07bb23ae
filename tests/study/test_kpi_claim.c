/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_claim.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct at_kpi_requirement requirement(const char *against)
{
    struct at_kpi_requirement r = {.against = against,
                                   .statistic = AT_KPI_QUANTILE,
                                   .coverage = 0.9,
                                   .confidence = 0.95,
                                   .terms = {{.relation = AT_GREATER_EQUAL, .bound = -0.1}, {.relation = AT_LESS, .bound = 0.1}},
                                   .term_count = 2};
    assert_int_equal(at_metric_find("bias", &r.metric, NULL), AT_OK);
    return r;
}

static void expect(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, const char *source, const char *wanted)
{
    char text[AT_SENTENCE_SIZE];
    if (r->statistic == AT_KPI_QUANTILE)
        at_kpi_claim_share(r, f, source, text);
    else
        at_kpi_claim_mean(r, f, source, text);
    if (strcmp(text, wanted) != 0)
        fail_msg("%s\nis not\n%s", text, wanted);
}

/* What cannot be judged counts against met, and not for not met. */
static void shares(void **state)
{
    (void)state;
    struct at_kpi_requirement r = requirement("dequantised");
    struct at_kpi_finding f = {.verdict = AT_MET, .units = 46, .unknown = 1};
    expect(&r, &f, "normal:sigma=1",
           "with 95 % confidence at most 10 % of heads from normal:sigma=1 have dequantised.bias below -0.1 or at or above 0.1 (1 of 46)");
    f = (struct at_kpi_finding){.verdict = AT_NOT_MET, .units = 10, .missing = 9, .unknown = 1};
    expect(
        &r, &f, "normal:sigma=1",
        "with 95 % confidence more than 10 % of heads from normal:sigma=1 have dequantised.bias below -0.1 or at or above 0.1 (9 of 10)");
    r = requirement("original");
    r.term_count = 1;
    r.terms[0].relation = AT_GREATER;
    f = (struct at_kpi_finding){.verdict = AT_CANNOT_SAY, .units = 28};
    expect(
        &r, &f, "s",
        "cannot say with 95 % confidence whether at most 10 % of heads from s have bias at or below -0.1 (0 of 28); 1 further heads would "
        "decide it if none of them is beyond");
}

static void looks(void **state)
{
    (void)state;
    struct at_kpi_requirement r = requirement("original");
    struct at_kpi_finding f = {
        .verdict = AT_CANNOT_SAY, .units = 30, .missing = 1, .unknown = 1, .interval = {0.01, 0.3}, .further_met = 61};
    r.any_look = true;
    r.term_count = 1;
    r.terms[0].relation = AT_EQUAL;
    expect(
        &r, &f, "s",
        "with 95 % confidence, at this and every other look, 1 % to 30 % of heads from s have bias other than -0.1 (2 of 30); 61 further "
        "heads would decide it if none of them is beyond");
    f.verdict = AT_MET;
    f.further_met = 0;
    expect(&r, &f, "s",
           "with 95 % confidence, at this and every other look, 1 % to 30 % of heads from s have bias other than -0.1 (2 of 30)");
}

static void means(void **state)
{
    (void)state;
    struct at_kpi_requirement r = requirement("original");
    struct at_kpi_finding f = {.verdict = AT_MET, .units = 40, .interval = {0.12345, 0.23451}};
    r.statistic = AT_KPI_MEAN;
    r.relative_to = "fa3-fp16";
    expect(&r, &f, "s",
           "the mean over heads from s of bias over that of fa3-fp16 is 0.123 to 0.235 (approximate 95 % interval, studentised bootstrap "
           "of 40 heads)");
}

static void figures(void **state)
{
    (void)state;
    struct at_kpi_requirement r = {.against = "dequantised", .confidence = 0.9, .by_interval = true};
    const struct at_kpi_finding f = {.units = 40, .interval = {0.00012345, 0.00023451}};
    char text[AT_SENTENCE_SIZE], name[AT_SENTENCE_SIZE];
    assert_int_equal(at_kpi_figure_find("readout_kl_mean", &r.metric, &r.figure, NULL), AT_OK);
    at_kpi_claim_figure(&r, &f, false, "sequences", "normal:sigma=1", text);
    assert_string_equal(text, "the mean KL of tokens of the kernel's part over samples from normal:sigma=1 is 0.000123 to 0.000235 "
                              "(approximate 90 % interval, bootstrap of 40 sequences)");
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    r.against = "original";
    at_kpi_claim_figure(&r, &f, true, "sequences", name, text);
    assert_string_equal(text, "the mean KL of tokens over samples from this distribution is 0.000123 to 0.000235 (90 % interval, order "
                              "statistics of 40 sequences)");
}

/* No sentence is cut: what is too long is left out. */
static void long_names(void **state)
{
    (void)state;
    char name[2 * AT_SENTENCE_SIZE];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct at_kpi_requirement r = requirement("original");
    struct at_kpi_finding f = {.verdict = AT_MET, .units = 29};
    r.relative_to = name;
    expect(&r, &f, name,
           "with 95 % confidence at most 10 % of heads from this distribution have bias below -0.1 or at or above 0.1 (0 of 29)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares), cmocka_unit_test(looks), cmocka_unit_test(means),
                                       cmocka_unit_test(figures), cmocka_unit_test(long_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
