/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi.h"

#include "core/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static enum at_status parse(const char *requirement, struct at_kpi *ret_kpi, struct at_error *error)
{
    char text[400];
    snprintf(text, sizeof text, "name: k\nconfidence: 0.9\nrequirements:\n  - %s\n", requirement);
    return at_kpi_parse("k.yaml", text, strlen(text), ret_kpi, error);
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *requirement, *text;
        enum at_kpi_statistic statistic;
    } cases[] = {
        {"{metric: rel_rmse, at-most: 0.05}", "rel_rmse <= 0.05", AT_KPI_VALUE},
        {"{metric: nonfinite, equals: 0}", "nonfinite == 0", AT_KPI_VALUE},
        {"{metric: rel_rmse, against: dequantised, statistic: mean, below: 1e-3}", "mean dequantised.rel_rmse < 0.001", AT_KPI_MEAN},
        {"{metric: bias, statistic: mean, at-most: 1, above: -2}", "mean bias > -2, <= 1", AT_KPI_MEAN},
        {"{metric: rmse, statistic: quantile, coverage: 0.99, at-most: 2}", "rmse of 99 % of heads <= 2", AT_KPI_QUANTILE},
        {"{metric: rmse, statistic: quantile, coverage: 0.99, at-most: 2, looks: once}", "rmse of 99 % of heads <= 2", AT_KPI_QUANTILE},
        {"{metric: rmse, statistic: quantile, coverage: 0.99, at-most: 2, looks: any}", "rmse of 99 % of heads <= 2, at any look",
         AT_KPI_QUANTILE},
        {"{metric: cosine_min, statistic: worst-row, at-least: 0.9}", "worst-row cosine_min >= 0.9", AT_KPI_WORST_ROW},
        {"{metric: saturated, statistic: worst-head, at-most: 0}", "worst-head saturated <= 0", AT_KPI_WORST_HEAD},
        {"{metric: saturated, statistic: maximum, at-most: 0}", "maximum saturated <= 0", AT_KPI_MAXIMUM},
        {"{metric: max_abs, at-most: 30, relative-to: fa3-fp16}", "max_abs <= 30 x fa3-fp16", AT_KPI_VALUE},
        {"{metric: rel_rmse, at-most: 4, in-units-of: e4m3}", "rel_rmse <= 0.106", AT_KPI_VALUE},
        {"{metric: readout_kl_mean, at-most: 0.01}", "readout_kl_mean <= 0.01", AT_KPI_VALUE},
        {"{metric: readout_kl_max, against: dequantised, below: 1}", "dequantised.readout_kl_max < 1", AT_KPI_VALUE},
        {"{metric: readout_top_unchanged, statistic: value, at-least: 0.9, confidence: 0.9}", "readout_top_unchanged >= 0.9, 90 % interval",
         AT_KPI_VALUE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_kpi kpi;
        struct at_error error = {""};
        if (parse(cases[i].requirement, &kpi, &error))
            fail_msg("%s", error.message);
        assert_string_equal(kpi.requirements[0].text, cases[i].text);
        assert_int_equal(kpi.requirements[0].statistic, cases[i].statistic);
        assert_true((kpi.requirements[0].figure != NULL) == (strstr(cases[i].text, "readout_") != NULL));
        assert_true(kpi.requirements[0].by_interval == (strstr(cases[i].text, "interval") != NULL));
        assert_true(kpi.requirements[0].confidence == 0.9);
        assert_true(kpi.requirements[0].any_look == (strstr(cases[i].requirement, "any") != NULL));
        at_kpi_done(&kpi);
    }
}

/* The unit is the root-mean-square relative error of rounding: measured on values that are uniform in their logarithm. */
static void rounding(void **state)
{
    (void)state;
    const enum at_format formats[] = {AT_E4M3, AT_BF16, AT_FP16};
    enum { POINTS = 200000 };
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        double sum = 0, expected = at_kpi_rounding(at_formats[formats[f]].mantissa_bits);
        for (int i = 0; i < POINTS; i++) {
            float x = (float)exp2((i + 0.5) / POINTS);
            double e = (at_decode(formats[f], at_encode(formats[f], x, AT_OVERFLOW_SATURATE)) - (double)x) / (double)x;
            sum += e * e;
        }
        /* The mean square is a midpoint sum whose cells at the 2^t steps are cut: each step adds at most one cell's share. */
        double cells = ldexp(1, at_formats[formats[f]].mantissa_bits) / POINTS;
        assert_true(fabs(sqrt(sum / POINTS) / expected - 1) < 4 * cells + 4 * ldexp(1, -2 * at_formats[formats[f]].mantissa_bits));
    }
    assert_true(at_kpi_rounding(3) == 16 * at_kpi_rounding(7));
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *requirement, *message;
    } cases[] = {
        {"{metric: rel_rsme, at-most: 1}", "k.yaml:4: requirements[0].metric: "},
        {"{metric: rmse, against: orignal, at-most: 1}",
         "k.yaml:4: requirements[0].against: 'orignal' is unknown; the nearest is 'original'"},
        {"{metric: rmse, statistic: median, at-most: 1}", "k.yaml:4: requirements[0].statistic: 'median' is unknown"},
        {"{metric: rmse, statistic: worst-rows, at-most: 1}",
         "k.yaml:4: requirements[0].statistic: 'worst-rows' is unknown; the nearest is 'worst-row'"},
        {"metric: saturated\n    statistic: worst-row\n    at-most: 1",
         "k.yaml:5: requirements[0].statistic: saturated has no values of rows"},
        {"metric: rmse\n    at-least: 2\n    at-most: 1", "k.yaml:6: requirements[0].at-most: nothing is both at least 2 and at most 1"},
        {"{metric: rmse, above: 1, below: 1}", "k.yaml:4: requirements[0].below: nothing is both above 1 and below 1"},
        {"{metric: rmse, at-most: 1, below: 2}", "k.yaml:4: requirements[0].below: at-most and below both"},
        {"{metric: rmse, at-least: 1, above: 2}", "k.yaml:4: requirements[0].above: at-least and above both"},
        {"{metric: rmse, equals: 1, at-most: 2}", "k.yaml:4: requirements[0].equals: equals and a bound"},
        {"{metric: rmse}", "k.yaml:4: requirements[0]: no bound; give at-most"},
        {"{metric: rmse, at-most: nan}", "k.yaml:4: requirements[0].at-most: 'nan' is not a finite number"},
        {"{metric: rmse, at-most: 1, coverage: 0.9}", "k.yaml:4: requirements[0].coverage: coverage is the share of heads"},
        {"{metric: rmse, statistic: quantile, at-most: 1}", "k.yaml:4: requirements[0].statistic: a quantile needs 'coverage'"},
        {"{metric: rmse, statistic: quantile, coverage: 1, at-most: 1}", "k.yaml:4: requirements[0].coverage: 1 is not between 0 and 1"},
        {"{metric: rmse, at-most: 1, confidence: 0.9}",
         "k.yaml:4: requirements[0].confidence: only 'mean', 'quantile' and figures of readouts"},
        {"{metric: rmse, statistic: mean, at-most: 1, confidence: 0.5}",
         "k.yaml:4: requirements[0].confidence: 0.5 is not between 0.75 and 1"},
        {"metric: rmse\n    statistic: quantile\n    coverage: 0.9\n    at-most: 1\n    looks: anny",
         "k.yaml:8: requirements[0].looks: 'anny' is unknown; the nearest is 'any'; there are once, any"},
        {"{metric: rmse, statistic: mean, at-most: 1, looks: any}", "k.yaml:4: requirements[0].looks: only 'quantile' has a form"},
        {"{metric: rmse, at-most: 1, looks: once}", "k.yaml:4: requirements[0].looks: only 'quantile'"},
        {"metric: rmse\n    at-most: 1\n    look: any", "k.yaml:6: requirements[0]: unknown key 'look'; did you mean 'looks'?"},
        {"metric: readout_kl_quantile_98\n    at-most: 1",
         "k.yaml:4: requirements[0].metric: metric 'readout_kl_quantile_98' does not exist; the nearest is 'readout_kl_quantile_99'"},
        {"{metric: readout_kl_mean, statistic: mean, at-most: 1}",
         "k.yaml:4: requirements[0].statistic: readout_kl_mean is a figure of all samples"},
        {"{metric: readout_kl_max, at-most: 1, confidence: 0.95}", "k.yaml:4: requirements[0].confidence: no interval covers a maximum"},
        {"{metric: readout_kl_mean, at-most: 1, relative-to: fa3-fp16}", "k.yaml:4: requirements[0].relative-to: a figure of a readout"},
        {"{metric: readout_kl_mean, at-most: 1, in-units-of: e4m3}", "k.yaml:4: requirements[0].in-units-of: a figure of a readout"},
        {"{metric: readout_kl_mean, at-most: 1, looks: any}", "k.yaml:4: requirements[0].looks: only 'quantile'"},
        {"{metric: readout_kl_mean, at-most: 1, scope: {heads: [1]}}", "k.yaml:4: requirements[0].scope.heads: "},
        {"{metric: rmse, at-most: 1, relative-to: fa3-fp61}", "k.yaml:4: requirements[0].relative-to: "},
        {"{metric: cosine_min, at-least: 1, relative-to: fa3-fp16}",
         "k.yaml:4: requirements[0].relative-to: a multiple of cosine_min says nothing"},
        {"{metric: rmse, at-most: 1, relative-to: fa3-fp16, in-units-of: e4m3}",
         "k.yaml:4: requirements[0].in-units-of: the bound is already"},
        {"{metric: rel_rmse, at-most: 1, in-units-of: e4m4}",
         "k.yaml:4: requirements[0].in-units-of: 'e4m4' is unknown; the nearest is 'e4m3'"},
        {"{metric: rmse, at-most: 1, scope: {heads: [1]}}", "k.yaml:4: requirements[0].scope.heads: 'statistic: value' is of all heads"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_kpi kpi;
        assert_true(parse(cases[i].requirement, &kpi, &error) != AT_OK);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(rounding), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
