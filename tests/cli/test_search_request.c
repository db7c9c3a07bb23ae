/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/search_request.h"
#include "cli/verb.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

extern const struct at_verb at_verb_search;

/* Reads a line whose words are parted by spaces; `line` stays in use. */
static enum at_status read_line(char *line, struct at_search_command *ret_command, struct at_error *error)
{
    static struct at_arguments arguments;
    char *words[64];
    int count = 0;
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    *ret_command = (struct at_search_command){.output = NULL};
    enum at_status status = at_arguments_parse(at_verb_search.options, count, words, &arguments, error);
    return status ? status : at_search_command_read(&arguments, ret_command, error);
}

static void all_is_read(void **state)
{
    (void)state;
    struct at_search_command c;
    struct at_error error = {""};
    char line[] =
        "--family v-mean:mean=0..5 --variant fp8:scale=head,promote=64 --metric bias --against dequantised --shape 1x4:2x16:64x32"
        " --format bf16 --causal --scale 0.5 --rows 3 --rows-seed 9 --seed 7 --budget 1.5m --evaluations 40 --bound 6.5 --no-local"
        " -o here.safetensors --force";
    if (read_line(line, &c, &error) || at_search_command_plan(&c, INFINITY, &error))
        fail_msg("%s", error.message);
    const struct at_search_request *r = &c.request;
    assert_true(r->budget_s == 90 && r->evaluations == 40 && r->bound == 6.5 && !r->local && r->seed == 7 && c.replace);
    assert_string_equal(c.output, "here.safetensors");
    assert_string_equal(r->scorer.metric->name, "bias");
    assert_string_equal(r->scorer.oracle->name, "certified");
    assert_string_equal(r->variant->name, "fp8:scale=head,promote=64");
    assert_true(r->scorer.dequantised && r->scorer.numerics.promote == 64 && r->scorer.numerics.tile_n > 0);
    const struct at_case *k = r->scorer.c;
    assert_true(k->problem.heads_q == 4 && k->problem.heads_kv == 2 && k->problem.seq_k == 64 && k->problem.causal &&
                k->problem.scale == 0.5);
    assert_true(k->format == AT_BF16 && k->rows.count == 3 && k->rows_seed == 9);
    at_search_command_done(&c);
}

static void what_is_left_out(void **state)
{
    (void)state;
    struct at_search_command c;
    struct at_error error = {""};
    char line[] = "--family normal:any --variant fa3-fp8 --shape 1x1x64x32", counted[] =
                                                                                 "--family normal:any --variant fa3-fp8 --shape 1x1x64x32"
                                                                                 " --evaluations 5";
    assert_int_equal(read_line(line, &c, &error), AT_OK);
    assert_true(c.request.budget_s == 60 && c.request.evaluations == 0 && c.request.local && c.request.bound == 0 && !c.replace);
    assert_string_equal(c.output, "worst.safetensors");
    assert_string_equal(c.request.scorer.metric->name, "rel_rmse");
    at_search_command_done(&c);
    assert_int_equal(read_line(counted, &c, &error), AT_OK);
    assert_true(isinf(c.request.budget_s));
    at_search_command_done(&c);
}

static void mistakes_are_named(void **state)
{
    (void)state;
#define FAMILY "--family normal:any "
#define VARIANT "--variant fa3-fp8 "
#define SHAPE "--shape 1x1x64x32 "
    static const struct {
        const char *line, *says;
    } cases[] = {{"", "search in what family?"},
                 {VARIANT SHAPE "--family normal", "no parameter is free"},
                 {VARIANT SHAPE "--family norml:any", "did you mean normal?"},
                 {VARIANT SHAPE "--family no/such.yaml", "no/such.yaml: No such file or directory; give the path of a family file (YAML)"},
                 {VARIANT SHAPE "--family normal:sigma=5..2", "the ends are reversed"},
                 {VARIANT SHAPE "--family normal:sigma=5..2000", "outside its range, 0 to 1000"},
                 {FAMILY SHAPE, "one --variant NAME"},
                 {FAMILY SHAPE "--variant fa3-fp9", "fa3-fp8"},
                 {FAMILY SHAPE VARIANT "--variant fa3-fp16", "--variant"},
                 {FAMILY VARIANT, "on what shape?"},
                 {FAMILY VARIANT "--shape 1x1x64x33", "dim"},
                 {FAMILY VARIANT SHAPE "--metric rel_rms", "rel_rmse"},
                 {FAMILY VARIANT SHAPE "--metric cosine_min", "larger is better"},
                 {FAMILY VARIANT SHAPE "--against truth", "neither original nor dequantised"},
                 {FAMILY VARIANT SHAPE "--budget 0", "not a time above 0"},
                 {FAMILY VARIANT SHAPE "--budget=-5m", "not a time above 0"},
                 {FAMILY VARIANT SHAPE "--budget 5d", "as 90s, 10m or 1h"},
                 {FAMILY VARIANT SHAPE "--budget 5mm", "as 90s, 10m or 1h"},
                 {FAMILY VARIANT SHAPE "--budget nan", "not a time above 0"},
                 {FAMILY VARIANT SHAPE "--budget 1000h", "up to a week"},
                 {FAMILY VARIANT SHAPE "--evaluations 0", "--evaluations"},
                 {FAMILY VARIANT SHAPE "--rows 0", "--rows"},
                 {FAMILY VARIANT SHAPE "--bound 0", "option '--bound': '0' is not a number above 0"},
                 {FAMILY VARIANT SHAPE "--bound 1e6", "up to 65504"},
                 {FAMILY VARIANT SHAPE "--scale=-1", "option '--scale'"},
                 {FAMILY VARIANT SHAPE "--format e5m2", "none of e4m3, fp16, bf16, fp32"},
                 {FAMILY VARIANT SHAPE "--format fp17", "none of e4m3, fp16, bf16, fp32"},
                 {FAMILY VARIANT SHAPE "word", "word"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_search_command c;
        struct at_error error = {""};
        char line[256];
        snprintf(line, sizeof line, "%s", cases[i].line);
        if (read_line(line, &c, &error) == AT_OK || !strstr(error.message, cases[i].says))
            fail_msg("'%s' says '%s', not '%s'", cases[i].line, error.message, cases[i].says);
        at_search_command_done(&c);
    }
}

static void what_could_not_be_computed_is_refused(void **state)
{
    (void)state;
    struct at_search_command c;
    struct at_error error = {""};
    char line[] = FAMILY VARIANT SHAPE, odd[] = FAMILY SHAPE "--variant fp8:rotate=hadamard64";
    assert_int_equal(read_line(line, &c, &error), AT_OK);
    assert_int_equal(at_search_command_plan(&c, 1000, &error), AT_ERR_MEMORY);
    assert_non_null(strstr(error.message, "look at fewer rows, heads or keys"));
    at_search_command_done(&c);
    assert_int_equal(read_line(odd, &c, &error), AT_OK);
    assert_int_not_equal(at_search_command_plan(&c, INFINITY, &error), AT_OK);
    assert_non_null(strstr(error.message, "hadamard64"));
    at_search_command_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_read),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(what_could_not_be_computed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
