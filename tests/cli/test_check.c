/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* argv: the program under test, the program that writes what right and wrong kernels give, the folder with captures. */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *writer, *captures;

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

#define INPUT "--distribution normal --shape 1x2x64:128x64 --causal --seeds 3 --variant fa3-fp8"

/* What `kernel` gives for INPUT, in a file. */
static const char *written(const char *kernel)
{
    static char path[512];
    char command[8192];
    snprintf(path, sizeof path, "%s", fixture_path("output.safetensors"));
    snprintf(command, sizeof command, "'%s' %s '%s' normal 2:2 64:128 64 causal 3 fa3-fp8", writer, kernel, path);
    assert_int_equal(system(command), 0);
    return path;
}

static void right_kernels_pass(void **state)
{
    (void)state;
    static const char *const kernels[] = {"twin", "forward-64", "forward-160", "p-448", "plain-fp32"};
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        struct outcome o = attest("check " INPUT " --output %s", written(kernels[i]));
        assert_code(o, 0);
        assert_true(says(o.out, i ? "\nformat noise: 64 rows of 2 heads." : "\nsame bits: 64 rows of 2 heads have the twin's bits."));
        assert_true(says(o.out, "Rules of the field that accept this output: flash-attention-3, "));
        assert_string_equal(o.err, "");
    }
}

/* The six of the issue, and more: each is a bug, by name, with its head or row and the rules that let it pass. */
static void wrong_kernels_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *kernel, *says, *accepted;
    } cases[] = {{"v-scale-dropped", "bug in head 0 of batch 0, all 64 rows, ratio up to ", "transformer-engine"},
                 {"v-scale-dropped", "V's scale is dropped", "transformer-engine"},
                 {"k-scale-dropped", "K's scale is dropped", "flashinfer"},
                 {"heads-swapped", "two heads swapped (with head 1 of batch 0", "flashinfer"},
                 {"mask-off-by-one", "the mask is off (each row sees 1 key more than it should", "flashinfer"},
                 {"p-saturates", "P saturates (weights end at 0.4", "flashinfer"},
                 {"one-row-wrong", "bug in head 1 of batch 0, row 32, ratio up to ", "flashinfer"},
                 {"one-row-wrong", "one row wrong (row 32 alone: rows misplaced: row 32 holds row 31", "flashinfer"},
                 {"future-visible", "future keys are visible (each row sees all keys", "flashinfer"},
                 {"one-nan", "bug in head 1 of batch 0, row 63, ratio up to ∞: one row wrong (row 63 alone: NaN or infinity", "none"},
                 {"noisy-head", "unknown (no hypothesis explains it)", "flashinfer"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("check " INPUT " --output %s", written(cases[i].kernel));
        const char *accepted = strstr(o.out, "Rules of the field that accept this output: ");
        assert_code(o, 1);
        if (!says(o.out, cases[i].says) || !accepted || !says(accepted, cases[i].accepted) || !says(o.out, "\nbug: in "))
            fail_msg("%s\n%s", cases[i].kernel, o.out);
    }
}

static void json_holds_every_row(void **state)
{
    (void)state;
    struct outcome o = attest("check " INPUT " --output %s --rows 20 --json", written("future-visible"));
    assert_code(o, 1);
    assert_json(o, "check");
    json_t *document = json_loads(o.out, 0, NULL), *check = json_object_get(document, "check"), *heads = json_object_get(check, "heads");
    assert_string_equal(json_string_value(json_object_get(check, "verdict")), "bug");
    assert_true(json_real_value(json_object_get(json_object_get(check, "bounds"), "row")) > 1);
    assert_int_equal(json_array_size(heads), 2);
    json_t *rows = json_object_get(json_array_get(heads, 1), "rows");
    assert_int_equal(json_array_size(rows), 20);
    assert_true(json_real_value(json_object_get(json_object_get(json_array_get(rows, 0), "dequantised"), "ratio")) > 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(heads, 0), "pattern")), "future keys are visible");
    json_decref(document);
    assert_code(attest("check " INPUT " --output %s --json > /dev/full", written("twin")), 2);
}

#define SHAPE_96 "--distribution normal --shape 1x2x64:128x96 --causal --seeds 3 --variant fa3-fp8"

/* A head dimension that the twin has not is judged by the model; one that it has only when asked to. */
static void the_model_where_there_is_no_twin(void **state)
{
    (void)state;
    char command[8192], path[512];
    snprintf(path, sizeof path, "%s", fixture_path("wide.safetensors"));
    snprintf(command, sizeof command, "'%s' plain-p '%s' normal 2:2 64:128 96 causal 3 fa3-fp8", writer, path);
    assert_int_equal(system(command), 0);
    struct outcome o = attest("check " SHAPE_96 " --output %s", path);
    assert_code(o, 0);
    assert_true(says(o.out, "\nexpected: a-priori model\n") && says(o.out, "settings).\n") && says(o.out, "\nformat noise: "));
    o = attest("check " SHAPE_96 " --output %s --json", path);
    json_t *document = json_loads(o.out, 0, NULL), *check = json_object_get(document, "check");
    assert_string_equal(json_string_value(json_object_get(check, "expected")), "a-priori model");
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(check, "heads"), 0), "differing")));
    json_decref(document);
    assert_complaint(attest("check " SHAPE_96 " --expected twin --output %s", path), "head dimension 96: the twin and the kernels take 32");
    assert_complaint(attest("check " SHAPE_96 "x --output %s", path), "fa3-fp8x");
    o = attest("check " INPUT " --output %s --expected model", written("twin"));
    assert_code(o, 0);
    assert_true(says(o.out, "expected: a-priori model") && says(o.out, "\nformat noise: 64 rows of 2 heads.") && !says(o.out, "same bits"));
    o = attest("check " INPUT " --output %s", written("twin"));
    assert_true(says(o.out, "expected: twin"));
}

/* Every verb that needs the twin or a kernel says so in one line before it computes. */
static void verbs_refuse_what_the_twin_has_not(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        int code;
    } cases[] = {
        {"run --distribution normal --shape 1x1x64x96 --variants fa3-fp8 --db %s", 64},
        {"run --distribution normal --shape 1x1x64x192 --variants fa3-fp16 --db %s", 64},
        {"explain --distribution normal --shape 1x1x64x96 --variants fa3-fp8 --db %s", 64},
        {"search --family structured:any --variant fa3-fp8 --shape 1x1x64x96 --evaluations 2 --db %s", 64},
        {"sensitivity --break 'rel_rmse<=0.1' --distribution v-mean --over keys=64..128 --shape 1x1x64x96 --variants fa3-fp8 --db %s", 64},
        {"bench --dim 96 --width 192 --db %s", 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[512];
        snprintf(line, sizeof line, cases[i].arguments, fixture_path("none"));
        struct outcome o = attest("%s", line);
        assert_code(o, cases[i].code);
        assert_complaint(o,
                         i == 1 ? "head dimension 192: the twin" : "head dimension 96: the twin and the kernels take 32, 64, 128 and 256");
        assert_string_equal(o.out, "");
    }
    static const char *const none[] = {"run --distribution normal --variants fa3-fp8", "explain --distribution normal --variants fa3-fp8",
                                       "search --family structured:any --variant fa3-fp8"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct outcome o = attest("%s --shape 1x1x64x100", none[i]);
        assert_code(o, 64);
        assert_complaint(o, "head dimension 100: the twin and the kernels take 32, 64, 128 and 256; try");
    }
}

/* Outputs of FlashAttention-3 and of vLLM's kernels, taken on an H200. */
static void outputs_of_real_kernels(void **state)
{
    (void)state;
    struct outcome o = attest("check --input %s/fa3_bf16_d64_causal.safetensors --variant fa3-bf16", captures);
    assert_code(o, 0);
    assert_true(says(o.out, "same bits: 71 rows of 4 heads"));
    const char *scales = "--q-scale q_descale --k-scale k_descale --v-scale v_descale";
    o = attest("check --input %s/vllm_fp8_d64_causal.safetensors --variant fp8-two-level %s", captures, scales);
    assert_code(o, 0);
    assert_true(says(o.out, "same bits: 200 rows of 2 heads"));
    o = attest("check --input %s/fa3_fp8_d128_causal.safetensors --variant fp8-two-level %s --rows 64", captures, scales);
    assert_true(o.code == 0 || o.code == 1); /* not what it is: judged, and not the same bits */
    assert_false(says(o.out, "same bits"));
}

static void what_cannot_be_said(void **state)
{
    (void)state;
    char command[8192], path[512];
    snprintf(path, sizeof path, "%s", fixture_path("one.safetensors"));
    snprintf(command, sizeof command, "'%s' v-scale-dropped '%s' normal 1:1 1:1 32 full 1 fa3-fp8", writer, path);
    assert_int_equal(system(command), 0);
    struct outcome o = attest("check --distribution normal --shape 1x1x1x32 --variant fa3-fp8 --output %s", path);
    assert_code(o, 2);
    assert_true(says(o.out, "cannot say: no bound for format noise: 1 rows of 1 heads"));
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *says;
        int code;
    } cases[] = {
        {"", "check on which inputs?", 64},
        {"extra", "extra", 64},
        {"--distribution normal --shape 1x2x64x64 --variant fa3-fp8", "--output FILE", 64},
        {INPUT " --output x --level 2", "'2' is no probability", 64},
        {INPUT " --output x --expected noise", "'noise' is none of auto, twin, model", 64},
        {INPUT " --output x --output-layout shbd", "neither bhsd nor bshd", 64},
        {INPUT " --output x --q-scale s", "belongs to --input", 64},
        {INPUT " --output x --simd avx", "none of auto", 64},
        {"--distribution normal --shape 1x2x64x64 --seeds 1,2 --variant fa3-fp8 --output x", "one seed", 64},
        {"--distribution normal --shape 1x2x64x64 --variant fa3-fp9 --output x", "did you mean fa3-fp8?", 64},
        {"--distribution normal --shape 1x2x64x64 --output x", "no variant given", 64},
        {INPUT " --output nowhere.safetensors", "nowhere.safetensors", 2},
        {"--input nowhere.safetensors --variant fa3-fp8", "nowhere.safetensors", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("check %s", cases[i].arguments);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].says);
        assert_string_equal(o.out, "");
    }
    struct outcome o = attest("check --distribution normal --shape 1x2x63x64 --variant fa3-fp8 --output %s", written("twin"));
    assert_code(o, 2);
    assert_complaint(o, "tensor 'o' is 1 x 2 x 64 x 64, the inputs ask for 1 x 2 x 63 x 64");
    o = attest("check " INPUT " --o-name out --output %s", written("twin"));
    assert_code(o, 2);
    assert_complaint(o, "out");
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    writer = argc > 2 ? argv[2] : "write_kernel";
    captures = argc > 3 ? argv[3] : ".";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(right_kernels_pass, clean),
        cmocka_unit_test_teardown(wrong_kernels_are_named, clean),
        cmocka_unit_test_teardown(json_holds_every_row, clean),
        cmocka_unit_test_teardown(outputs_of_real_kernels, clean),
        cmocka_unit_test_teardown(the_model_where_there_is_no_twin, clean),
        cmocka_unit_test_teardown(verbs_refuse_what_the_twin_has_not, clean),
        cmocka_unit_test_teardown(what_cannot_be_said, clean),
        cmocka_unit_test_teardown(mistakes_are_named, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
