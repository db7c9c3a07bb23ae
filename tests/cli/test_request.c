/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/request.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* As in run.c; only names and shapes matter here. */
static const struct at_option options[] = {{.name = "input", .value = "F", .repeats = true},
                                           {.name = "distribution", .value = "S", .repeats = true},
                                           {.name = "variants", .value = "L", .repeats = true},
                                           {.name = "variant", .value = "S", .repeats = true},
                                           {.name = "rows", .value = "N"},
                                           {.name = "rows-seed", .value = "N"},
                                           {.name = "oracle", .value = "N"},
                                           {.name = "causal"},
                                           {.name = "not-causal"},
                                           {.name = "scale", .value = "X"},
                                           {.name = "readout", .value = "F"},
                                           {.name = "layout", .value = "L"},
                                           {.name = "q-name", .value = "T"},
                                           {.name = "k-name", .value = "T"},
                                           {.name = "v-name", .value = "T"},
                                           {.name = "shape", .value = "S"},
                                           {.name = "format", .value = "N"},
                                           {.name = "seeds", .value = "L"},
                                           {.name = "name", .value = "N"},
                                           {0}};

static enum at_status request(const char *line, struct at_study *study, struct at_error *error)
{
    static char copy[512];
    char *argv[32];
    int argc = 0;
    struct at_arguments a;
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    assert_int_equal(at_arguments_parse(options, argc, argv, &a, error), AT_OK);
    return at_request_read(&a, false, study, error);
}

static void shapes(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "1x2x3",
                                      "1x2x3x64x5",
                                      "1x2x3x64 ",
                                      "x2x3x64",
                                      "0x2x3x64",
                                      "1x2x3x63",
                                      "1x3:2x8x64",
                                      "1x2:xx64",
                                      "1:2x2x3x64",
                                      "1x2x3x64:32",
                                      "-1x2x3x64",
                                      "1x2x99999999999999999999x64",
                                      "1 x2x3x64"};
    struct at_problem p = {.causal = true};
    struct at_error error;
    assert_int_equal(at_shape_parse("2x16x512x64", false, &p, NULL), AT_OK);
    assert_true(p.batch == 2 && p.heads_q == 16 && p.heads_kv == 16 && p.seq_q == 512 && p.seq_k == 512 && p.dim == 64 && p.causal);
    assert_int_equal(at_shape_parse("1x32:8x7:4096x128", false, &p, NULL), AT_OK);
    assert_true(p.heads_q == 32 && p.heads_kv == 8 && p.seq_q == 7 && p.seq_k == 4096);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!at_shape_parse(bad[i], false, &p, &error))
            fail_msg("'%s' is taken for a shape", bad[i]);
        assert_true(p.heads_q == 32); /* untouched */
    }
}

static void flags_become_a_study(void **state)
{
    (void)state;
    struct at_study s;
    struct at_error error = {""};
    if (request(
            "--distribution iid-outlier --distribution v-mean:mean=0.5 --shape 1x4x256x64 --seeds 3,1 --causal --scale 0.25 --format bf16 "
            "--variants fa3-fp8,fp8:scale=token,v.scale=channel,promote=tile --variant fa3-fp16 --rows 8 --rows-seed 5",
            &s, &error))
        fail_msg("%s", error.message);
    assert_string_equal(s.name, "iid-outlier+v-mean");
    assert_int_equal(s.input_count, 2);
    assert_int_equal(s.variant_count, 3);
    assert_string_equal(s.variants[2].name, "fa3-fp16");
    assert_true(s.rows == 8 && s.rows_seed == 5);
    assert_null(s.oracle); /* auto */
    for (int i = 0; i < 2; i++) {
        assert_true(s.inputs[i].seed_count == 2 && s.inputs[i].seeds[0] == 3 && s.inputs[i].seeds[1] == 1);
        assert_true(s.inputs[i].problem.causal && s.inputs[i].problem.scale == 0.25 && s.inputs[i].problem.seq_k == 256);
        assert_int_equal(s.inputs[i].format, AT_BF16);
        assert_null(s.inputs[i].capture);
    }
    at_study_done(&s);
    assert_int_equal(request("--input a/b.c/layer.0.safetensors --layout bshd --q-name query --variants fa3-fp8 --name mine "
                             "--oracle certified",
                             &s, &error),
                     AT_OK);
    assert_string_equal(s.name, "mine");
    assert_string_equal(s.oracle->name, "certified");
    assert_string_equal(s.inputs[0].label, "layer.0");
    assert_string_equal(s.inputs[0].layout, "bshd");
    assert_string_equal(s.inputs[0].q_name, "query");
    assert_null(s.inputs[0].k_name);
    assert_null(s.inputs[0].readout);
    assert_true(s.inputs[0].causal == -1 && s.inputs[0].scale == 0 && s.rows == AT_ROWS_DEFAULT);
    at_study_done(&s);
}

/* Of every input; a colon parts file and tensor unless the whole is a file's name. */
static void readouts(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(request("--input a --input b --variants fa3-fp8 --readout m/x.safetensors:lm_head.weight", &s, NULL), AT_OK);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(s.inputs[i].readout, "m/x.safetensors");
        assert_string_equal(s.inputs[i].readout_tensor, "lm_head.weight");
    }
    at_study_done(&s);
    assert_int_equal(request("--distribution normal --shape 1x4x256x64 --variants fa3-fp8 --readout x.safetensors", &s, NULL), AT_OK);
    assert_string_equal(s.inputs[0].readout, "x.safetensors");
    assert_null(s.inputs[0].readout_tensor);
    at_study_done(&s);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp9", "fa3-fp8"},
        {"--distribution iid-outlier --shape 1x4x256x64", "--variants"},
        {"--distribution iid-outlie --shape 1x4x256x64 --variants fa3-fp8", "iid-outlier"},
        {"--distribution iid-outlier --variants fa3-fp8", "--shape"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8,fa3-fp8", "twice"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --seeds 1,,2", "--seeds"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --seeds -1", "--seeds"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --seeds 1,", "--seeds"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --scale nan", "--scale"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --scale 0", "--scale"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --format fp17", "fp17"},
        {"--distribution iid-outlier --shape 1x4x256x64 --variants fa3-fp8 --oracle mpf", "mpfr"},
        {"--input x --variants fa3-fp8 --layout sbhd", "sbhd"},
        {"--input x --variants fa3-fp8 --causal --not-causal", "contradict"},
        {"--input x --variants fa3-fp8 --rows -3", "--rows"},
        {"--input x --variants fa3-fp8 --readout w:", "write FILE or FILE:TENSOR"},
        {"--input x --variants fa3-fp8 --readout :w", "write FILE or FILE:TENSOR"},
        {"--input x --variants fa3-fp8 --rows 0", "from 1 to 1073741824 nor 'all'"},
        {"--input x --variants fa3-fp8 --rows 1073741825", "from 1 to 1073741824 nor 'all'"},
        {"--distribution normal --shape 1x4x256x64 --variants fa3-fp8 --seeds 1,2,1", "seed 1 is listed twice"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_study s;
        struct at_error error = {""};
        if (!request(cases[i][0], &s, &error))
            fail_msg("accepted: %s", cases[i][0]);
        if (!strstr(error.message, cases[i][1]))
            fail_msg("'%s' does not say '%s'", error.message, cases[i][1]);
    }
}

/* Each belongs to one kind of input and would be ignored with the other. */
static void options_of_the_other_kind_are_refused(void **state)
{
    (void)state;
    static const char *const of_distribution[] = {"--shape 1x4x256x64", "--format bf16", "--seeds 1,2"};
    static const char *const of_input[] = {"--layout bshd", "--q-name a", "--k-name a", "--v-name a", "--not-causal"};
    for (size_t i = 0; i < 8; i++) {
        const char *option = i < 3 ? of_distribution[i] : of_input[i - 3], *kind = i < 3 ? "--distribution" : "--input";
        char line[256], both[256], said[64];
        struct at_study s;
        struct at_error error = {""};
        snprintf(line, sizeof line, "%s %s --variants fa3-fp8", i < 3 ? "--input x" : "--distribution normal --shape 1x4x256x64", option);
        snprintf(both, sizeof both, "--input x --distribution normal %s --variants fa3-fp8%s%s", option, i == 0 ? "" : " --shape ",
                 i == 0 ? "" : "1x4x256x64");
        snprintf(said, sizeof said, "option '%.*s' belongs to %s", (int)strcspn(option, " "), option, kind);
        assert_int_equal(request(line, &s, &error), AT_ERR_ARGUMENT);
        if (!strstr(error.message, said) || !strstr(error.message, "leave it out"))
            fail_msg("'%s' does not say \"%s\"", error.message, said);
        if (request(both, &s, &error))
            fail_msg("%s: %s", both, error.message);
        at_study_done(&s);
    }
}

static void all_rows(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(request("--input x --variants fa3-fp8 --rows all", &s, NULL), AT_OK);
    assert_int_equal(s.rows, 0);
    at_study_done(&s);
    assert_int_equal(request("--input x --variants fa3-fp8 --rows 1073741824", &s, NULL), AT_OK);
    assert_int_equal(s.rows, 1 << 30);
    at_study_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes),
                                       cmocka_unit_test(flags_become_a_study),
                                       cmocka_unit_test(readouts),
                                       cmocka_unit_test(mistakes_are_named),
                                       cmocka_unit_test(options_of_the_other_kind_are_refused),
                                       cmocka_unit_test(all_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
