/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_family_file.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum at_status load(const char *text, struct at_search_family *ret_family, struct at_error *error)
{
    return at_search_family_load(scratch_write("f.yaml", text, strlen(text)), ret_family, error);
}

/* A file and its spelling are one family. */
static void a_file_is_its_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *file, *spelling;
    } cases[] = {
        {"distribution: structured\nrest: any\nparameters:\n  - {parameter: cancellation, value: 0}\n"
         "  - {parameter: k-mean, from: 0, to: 10}\n",
         "structured:any,cancellation=0,k-mean=0..10"},
        {"# a comment\ndistribution: iid-outlier\nparameters: [{parameter: sigma, from: 1, to: 1000}]\n", "iid-outlier:sigma=1..1000"},
        {"distribution: iid-outlier\nparameters:\n  - parameter: sigma\n    value: 5\n  - parameter: probability\n    value: any\n",
         "iid-outlier:sigma=5,probability=any"},
        {"distribution: normal\nrest: any\n", "normal:any"},
        {"distribution: uniform\nrest: default\nparameters: [{parameter: low, from: -3, to: -1}]\n", "uniform:low=-3..-1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_search_family of_file, of_text;
        struct at_error error = {""};
        char printed[2][AT_SEARCH_FAMILY_TEXT_SIZE];
        if (load(cases[i].file, &of_file, &error) || at_search_family_read(cases[i].spelling, &of_text, &error))
            fail_msg("%s: %s", cases[i].spelling, error.message);
        at_search_family_print(&of_file, printed[0]);
        at_search_family_print(&of_text, printed[1]);
        assert_string_equal(printed[0], printed[1]);
        assert_int_equal(of_file.count, of_text.count);
        for (size_t p = 0; p < of_file.count; p++)
            assert_true(of_file.free[p] == of_text.free[p] && of_file.low[p] == of_text.low[p] && of_file.high[p] == of_text.high[p] &&
                        of_file.fixed.values[of_file.free[p]] == of_text.fixed.values[of_text.free[p]]);
    }
}

static void mistakes_have_their_line(void **state)
{
    (void)state;
#define OUTLIER "distribution: iid-outlier\n"
#define SIGMA OUTLIER "parameters:\n  - parameter: sigma\n"
    static const struct {
        const char *text;
        enum at_status status;
        const char *says;
    } cases[] = {
        {"distribution: normal\n", AT_ERR_ARGUMENT, ":1: distribution: no parameter of normal is free: give one from and to"},
        {SIGMA "    value: 3\n", AT_ERR_ARGUMENT, ":2: parameters: no parameter of iid-outlier is free"},
        {"distribution: normel\nrest: any\n", AT_ERR_NOT_FOUND, ":1: distribution: "},
        {"distribution: iid-outlier:sigma=3\nrest: any\n", AT_ERR_ARGUMENT, ":1: distribution: 'iid-outlier:sigma=3' holds values"},
        {OUTLIER "rest: all\n", AT_ERR_ARGUMENT, ":2: rest: 'all' is neither default nor any"},
        {OUTLIER "rests: any\n", AT_ERR_FORMAT, ":2: unknown key 'rests'; did you mean 'rest'?"},
        {OUTLIER "parameters: []\n", AT_ERR_FORMAT, ":2: parameters: the list is empty"},
        {OUTLIER "parameters:\n  - sigma: 3\n", AT_ERR_FORMAT, ":3: parameters[0]: unknown key 'sigma'"},
        {OUTLIER "parameters:\n  - parameter: sigm\n    value: any\n", AT_ERR_NOT_FOUND,
         ":3: parameters[0].parameter: distribution iid-outlier: no parameter 'sigm'; did you mean sigma?"},
        {SIGMA "    value: any\n  - parameter: sigma\n    value: 3\n", AT_ERR_ARGUMENT,
         ":5: parameters[1].parameter: sigma is given twice"},
        {SIGMA, AT_ERR_FORMAT, ":3: parameters[0]: key 'from' is missing: give from and to, or value"},
        {SIGMA "    from: 3\n", AT_ERR_FORMAT, ":3: parameters[0]: key 'to' is missing"},
        {SIGMA "    from: 3\n    to: 3\n", AT_ERR_ARGUMENT, ":5: parameters[0].to: 3 is not above 'from', 3"},
        {SIGMA "    from: 3\n    to: 2\n", AT_ERR_ARGUMENT, ":5: parameters[0].to: 2 is not above 'from', 3; exchange them"},
        {SIGMA "    from: 3\n    to: 2000\n", AT_ERR_ARGUMENT, ":5: parameters[0].to: distribution iid-outlier: sigma=2000 is outside"},
        {SIGMA "    from: 3\n    to: x\n", AT_ERR_ARGUMENT, ":5: parameters[0].to: 'x' is not a finite decimal number: "},
        {SIGMA "    value: some\n", AT_ERR_ARGUMENT, ":4: parameters[0].value: 'some' is not a finite decimal number, nor any"},
        {SIGMA "    value: 3\n    to: 5\n", AT_ERR_ARGUMENT, ":4: parameters[0].value: 'value' and 'to' are both given"},
        {"rest: any\n", AT_ERR_FORMAT, ":1: key 'distribution' is missing"},
        {"- a\n", AT_ERR_FORMAT, ":1: "},
        {"", AT_ERR_FORMAT, "family"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_search_family family = {.count = 77};
        struct at_error error = {""};
        enum at_status status = load(cases[i].text, &family, &error);
        if (status != cases[i].status || !strstr(error.message, cases[i].says) || strchr(error.message, '\n'))
            fail_msg("'%s': %d, %s", cases[i].text, status, error.message);
        assert_int_equal(family.count, 77);
    }
    struct at_error error = {""};
    struct at_search_family none;
    assert_int_equal(at_search_family_load("no.yaml", &none, &error), AT_ERR_NOT_FOUND);
    assert_string_equal(error.message, "no.yaml: No such file or directory; give the path of a family file (YAML)");
}

static void files_and_spellings_are_told_apart(void **state)
{
    (void)state;
    assert_true(at_search_family_is_file("a.yaml") && at_search_family_is_file("a.yml") && at_search_family_is_file("./a"));
    assert_false(at_search_family_is_file("normal") || at_search_family_is_file("iid-outlier:sigma=0.5..1000,any"));
}

/* Those that come with attest. */
static void ready_made(void **state)
{
    (void)state;
    static const struct {
        const char *path, *family;
    } files[] = {{AT_STUDIES "/../families/structured-without-cancellation.yaml", "structured:any,cancellation=0"},
                 {AT_STUDIES "/../families/outliers.yaml", "iid-outlier:sigma=1..1000,probability=1e-4..0.1"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct at_search_family of_file, of_text;
        struct at_error error = {""};
        char printed[2][AT_SEARCH_FAMILY_TEXT_SIZE];
        if (at_search_family_load(files[i].path, &of_file, &error) || at_search_family_read(files[i].family, &of_text, &error))
            fail_msg("%s", error.message);
        at_search_family_print(&of_file, printed[0]);
        at_search_family_print(&of_text, printed[1]);
        assert_string_equal(printed[0], printed[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_is_its_spelling), cmocka_unit_test(mistakes_have_their_line),
                                       cmocka_unit_test(files_and_spellings_are_told_apart), cmocka_unit_test(ready_made)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
