/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/fits.h"

#include "cli/verb.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct at_verb at_verb_sensitivity;

static enum at_status check(const char *text, struct at_error *error)
{
    static char copy[256];
    char *argv[32];
    int argc = 0;
    struct at_arguments arguments;
    strcpy(copy, text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    assert_int_equal(at_arguments_parse(at_verb_sensitivity.options, argc, argv, &arguments, error), AT_OK);
    return at_fits_check(&arguments, error);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"--metric rel_rsme", "rel_rmse"},
                 {"--against orginal", "neither original nor dequantised"},
                 {"--law powr", "power"},
                 {"--from x", "finite decimal number"},
                 {"--from 5 --to 1", "exchange them"},
                 {"--at 5", "--over NAME"},
                 {"--over keys --at inf", "finite decimal number"},
                 {"--over keys=1..5", "belongs to --break"},
                 {"--distribution v-meen", "v-mean"},
                 {"--distribution v-mean:mean=1", "name alone"},
                 {"--variant a --variant b", "given twice"},
                 {"--shape 1x1x1x32", "belongs to --break"},
                 {"--tolerance 1.1", "belongs to --break"}};
    struct at_error error = {""};
    assert_int_equal(check("", &error), AT_OK);
    assert_int_equal(check("--over keys --distribution v-mean --from 1 --to 5 --at 3 --at 1e6 --law exponential --metric bias", &error),
                     AT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (check(cases[i].text, &error) == AT_OK || !strstr(error.message, cases[i].says))
            fail_msg("%s: %s", cases[i].text, error.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
