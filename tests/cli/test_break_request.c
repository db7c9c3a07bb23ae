/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/break_request.h"

#include "cli/verb.h"
#include "study/sweep.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct at_verb at_verb_sensitivity;

/* The command line `text`, parted by spaces, and what is made of it. */
static enum at_status request_of(const char *text, struct at_break_request *request, struct at_error *error)
{
    static char copy[512];
    char *argv[32];
    int argc = 0;
    struct at_arguments arguments;
    assert_true(strlen(text) < sizeof copy);
    strcpy(copy, text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    assert_int_equal(at_arguments_parse(at_verb_sensitivity.options, argc, argv, &arguments, error), AT_OK);
    return at_break_request_read(&arguments, request, error);
}

#define REST " --shape 1x2x8:64x32 --variants fa3-fp8,fp8-two-level"
#define ALL "--break rel_rmse<=0.05,nonfinite==0 --distribution v-mean" REST

static void what_is_asked(void **state)
{
    (void)state;
    struct at_break_request r;
    struct at_error error = {""};
    assert_int_equal(request_of(ALL " --over keys=1024..131072", &r, &error), AT_OK);
    assert_true(r.question.parameter == AT_SWEEP_KEYS && r.question.axis.from == 1024 && r.question.axis.to == 131072);
    assert_true(r.question.axis.log && r.question.axis.points == 5 && r.question.tolerance == 1.05 && !r.question.queries_follow);
    assert_true(r.question.requirement_count == 2 && r.study.variant_count == 2 && r.question.study == &r.study);
    assert_string_equal(r.study.name, "v-mean over keys");
    at_break_request_done(&r);
    assert_int_equal(request_of(ALL " --over mean=0..2 --points 3 --tolerance 1.5 --name x", &r, &error), AT_OK);
    assert_true(r.question.parameter == 0 && !r.question.axis.log && r.question.axis.points == 3 && r.question.tolerance == 1.5);
    assert_string_equal(r.study.name, "x");
    at_break_request_done(&r);
    assert_int_equal(
        request_of("--break rel_rmse<=1 --distribution normal --over keys=32..64 --spacing linear --shape 1x1x8x32 --variants fa3-fp8", &r,
                   &error),
        AT_OK);
    assert_true(r.question.queries_follow && !r.question.axis.log);
    at_break_request_done(&r);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{ALL, "--over NAME=FROM..TO"},
                 {ALL " --over keys", "NAME=FROM..TO"},
                 {ALL " --over keys=5", "NAME=FROM..TO"},
                 {ALL " --over meen=0..1", "mean"},
                 {ALL " --over dim=32..64", "attest gate"},
                 {ALL " --over keys=2048..1024", "exchange them"},
                 {ALL " --over keys=64..64", "exchange them"},
                 {ALL " --over keys=1..x", "not a finite decimal number"},
                 {ALL " --over keys=0..64", "outside its range"},
                 {ALL " --over keys=1.5..64", "whole number"},
                 {ALL " --over mean=0..1e9", "outside its range"},
                 {ALL " --over mean=0..1 --spacing log", "no logarithm"},
                 {ALL " --over mean=0..1 --spacing lin", "neither linear nor log"},
                 {ALL " --over mean=0..1 --tolerance 1", "above 1"},
                 {ALL " --over mean=0..1 --tolerance 3", "above 1"},
                 {ALL " --over mean=0..1 --points 1", "whole number from 2"},
                 {ALL " --over mean=0..1 --at 3", "belongs to fits"},
                 {ALL " --over mean=0..1 --metric bias", "belongs to fits"},
                 {"--break rel_rmse<=1 --over keys=1..2 --variants fa3-fp8", "needs --distribution"},
                 {"--break rel_rsme<=1 --distribution v-mean --over keys=32..64" REST, "rel_rmse"},
                 {"--break rel_rmse<=1 --distribution v-mean:mean=1 --over mean=0..1" REST, "keep one"},
                 {"--break rel_rmse<=1 --distribution v-mean --over keys=32..64 --shape 1x1x8x32", "no variant"},
                 {"--break rel_rmse<=1 --distribution v-mean --over keys=32..64 --variants fa3-fp8", "needs a shape"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_break_request r;
        struct at_error error = {""};
        if (request_of(cases[i].text, &r, &error) == AT_OK || !strstr(error.message, cases[i].says))
            fail_msg("%s: %s", cases[i].text, error.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
