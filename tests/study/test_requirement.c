/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/requirement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void parsing(void **state)
{
    (void)state;
    struct at_requirement *r = NULL;
    size_t count = 0;
    struct at_error error = {""};
    static const char text[] = "rel_rmse<=0.05, nonfinite==0,dequantised.rmse < 1e-3,original.cosine_min>=0.99,snr_db>20";
    static const struct {
        const char *metric, *against, *text;
        enum at_relation relation;
        double bound;
    } wanted[] = {{"rel_rmse", "original", "rel_rmse<=0.05", AT_LESS_EQUAL, 0.05},
                  {"nonfinite", "original", "nonfinite==0", AT_EQUAL, 0},
                  {"rmse", "dequantised", "dequantised.rmse < 1e-3", AT_LESS, 1e-3},
                  {"cosine_min", "original", "original.cosine_min>=0.99", AT_GREATER_EQUAL, 0.99},
                  {"snr_db", "original", "snr_db>20", AT_GREATER, 20}};
    assert_int_equal(at_requirements_parse(text, &r, &count, &error), AT_OK);
    assert_int_equal(count, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(r[i].metric->name, wanted[i].metric);
        assert_string_equal(r[i].against, wanted[i].against);
        assert_string_equal(r[i].text, wanted[i].text);
        assert_int_equal(r[i].relation, wanted[i].relation);
        assert_true(r[i].bound == wanted[i].bound);
    }
    free(r);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        enum at_status status;
    } cases[] = {{"", "empty requirement", AT_ERR_ARGUMENT},
                 {"rmse<=1,", "empty requirement", AT_ERR_ARGUMENT},
                 {"rmse", "'rmse': write metric, one of", AT_ERR_ARGUMENT},
                 {"rmse=1", "'rmse=1': write metric, one of", AT_ERR_ARGUMENT},
                 {"rmse<=", "'' is not a finite number", AT_ERR_ARGUMENT},
                 {"rmse<=abc", "'abc' is not a finite number", AT_ERR_ARGUMENT},
                 {"rmse<=1x", "'1x' is not a finite number", AT_ERR_ARGUMENT},
                 {"rmse<=nan", "'nan' is not a finite number", AT_ERR_ARGUMENT},
                 {"rmse<=inf", "'inf' is not a finite number", AT_ERR_ARGUMENT},
                 {"rel_rsme<=1", "rel_rmse", AT_ERR_NOT_FOUND},
                 {"orignal.rmse<=1", "did you mean 'original'?", AT_ERR_NOT_FOUND},
                 {"x.rmse<=1", "they are original and dequantised", AT_ERR_NOT_FOUND},
                 {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.rmse<=1", "no reference named", AT_ERR_NOT_FOUND}};
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct at_requirement *r = NULL;
    size_t count = 7;
    struct at_error error = {""};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(at_requirements_parse(cases[i].text, &r, &count, &error), cases[i].status);
        if (!strstr(error.message, cases[i].part))
            fail_msg("'%s': %s", cases[i].text, error.message);
    }
    assert_int_equal(at_requirements_parse(longest, &r, &count, &error), AT_ERR_ARGUMENT);
    assert_null(r);
    assert_int_equal(count, 7);
}

static void judging(void **state)
{
    (void)state;
    static const struct {
        enum at_relation relation;
        double bound, value, radius;
        enum at_verdict verdict;
    } cases[] = {
        {AT_LESS_EQUAL, 1, 0.5, 0, AT_MET},
        {AT_LESS_EQUAL, 1, 1, 0, AT_MET},
        {AT_LESS, 1, 1, 0, AT_NOT_MET},
        {AT_LESS_EQUAL, 1, 1.5, 0, AT_NOT_MET},
        {AT_GREATER_EQUAL, 1, 1, 0, AT_MET},
        {AT_GREATER, 1, 1, 0, AT_NOT_MET},
        {AT_GREATER, 1, 2, 0.5, AT_MET},
        {AT_EQUAL, 0, 0, 0, AT_MET},
        {AT_EQUAL, 0, 1, 0, AT_NOT_MET},
        {AT_LESS_EQUAL, 1, NAN, 0, AT_CANNOT_SAY},
        {AT_GREATER_EQUAL, 1, NAN, 0, AT_CANNOT_SAY},
        {AT_EQUAL, 0, NAN, 0, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, 0.5, NAN, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, 0.5, -1, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, 0.9, 0.2, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, 1.1, 0.2, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, 0.9, 0.05, AT_MET},
        {AT_LESS_EQUAL, 1, 1.1, 0.05, AT_NOT_MET},
        {AT_LESS_EQUAL, 1, 0.5, INFINITY, AT_CANNOT_SAY},
        {AT_LESS_EQUAL, 1, INFINITY, 0, AT_NOT_MET},
        {AT_GREATER_EQUAL, 1, -INFINITY, 0, AT_NOT_MET},
        {AT_LESS_EQUAL, 1, INFINITY, INFINITY, AT_CANNOT_SAY},
        {AT_EQUAL, 0, 1e-9, 1e-8, AT_CANNOT_SAY},
        {AT_EQUAL, 0, 0, 1e-300, AT_CANNOT_SAY},
        {AT_EQUAL, 0, 1, 0.5, AT_NOT_MET},
        {AT_LESS_EQUAL, 1, 0.75, 0.25, AT_CANNOT_SAY}, /* value + radius rounds: the sum may lie above */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_requirement r = {.relation = cases[i].relation, .bound = cases[i].bound};
        if (at_requirement_judge(&r, cases[i].value, cases[i].radius) != cases[i].verdict)
            fail_msg("case %zu", i);
    }
}

static void together(void **state)
{
    (void)state;
    static const enum at_verdict both[3][3] = {[AT_MET] = {[AT_MET] = AT_MET, [AT_NOT_MET] = AT_NOT_MET, [AT_CANNOT_SAY] = AT_CANNOT_SAY},
                                               [AT_NOT_MET] = {AT_NOT_MET, AT_NOT_MET, AT_NOT_MET},
                                               [AT_CANNOT_SAY] = {AT_CANNOT_SAY, AT_NOT_MET, AT_CANNOT_SAY}};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            assert_int_equal(at_verdict_both((enum at_verdict)a, (enum at_verdict)b), both[a][b]);
    assert_string_equal(at_verdict_name(AT_MET), "met");
    assert_string_equal(at_verdict_name(AT_NOT_MET), "not met");
    assert_string_equal(at_verdict_name(AT_CANNOT_SAY), "cannot say");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parsing), cmocka_unit_test(refusals), cmocka_unit_test(judging),
                                       cmocka_unit_test(together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
