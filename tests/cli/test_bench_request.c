/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_request.h"

#include "cli/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

extern const struct at_verb at_verb_bench;

/* Reads words parted by blanks as the command line would be. */
static enum at_status read_words(const char *words, struct at_bench_command *ret_command, struct at_error *error)
{
    static char text[512], *argv[64];
    static struct at_arguments arguments;
    int argc = 0;
    strncpy(text, words, sizeof text - 1);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    *ret_command = (struct at_bench_command){.named = false};
    enum at_status status = at_arguments_parse(at_verb_bench.options, argc, argv, &arguments, error);
    return status ? status : at_bench_command_read(&arguments, ret_command, error);
}

static void the_table_of_the_papers_is_the_default(void **state)
{
    (void)state;
    struct at_bench_command c;
    struct at_error error;
    if (read_words("", &c, &error))
        fail_msg("%s", error.message);
    const struct at_bench_request *r = &c.request;
    assert_int_equal(r->problem_count, 3 * 2 * 6);
    for (size_t i = 0; i < r->problem_count; i++) {
        const struct at_problem *p = &r->problems[i];
        assert_true(p->batch * p->seq_q == 16384 && p->heads_q * p->dim == 2048 && p->heads_kv == p->heads_q && p->seq_k == p->seq_q);
        assert_true(p->dim == (i < 12 ? 64 : i < 24 ? 128 : 256) && p->causal == (i / 6 % 2 == 1) && p->seq_q == 512 << i % 6);
    }
    assert_true(!c.named && r->variant_count == at_variant_count && r->pace.repeats == 30 && r->pace.warm_ns == 50e6 &&
                r->pace.burst_ns == 4e6 && r->rows == 0);
    assert_true(r->product == 8192 && r->copy_bytes == (size_t)512 << 20 && r->format == AT_FP16 && r->seed == 1 && r->limit_s == 60);
    assert_string_equal(r->distribution.distribution->name, "normal");
    assert_null(r->preparer);
    assert_null(r->oracle); /* auto */
    at_bench_command_done(&c);
}

static void what_is_asked_for_is_read(void **state)
{
    (void)state;
    struct at_bench_command c;
    struct at_error error;
    if (read_words("--variants fa3-fp8,fp8:scale=block128,promote=tile --variant fa3-fp16 --dim 128 --seq 32768,1000 --causal yes --tokens "
                   "4096 --width 256 --distribution v-mean:mean=0.1 --format bf16 --seed 9 --repeats 20 --warm-up 1 --accuracy --rows 5 "
                   "--oracle certified "
                   "--prepare --gpu 1 --time-limit 7 --product 64 --copy 3 --threads 2",
                   &c, &error))
        fail_msg("%s", error.message);
    const struct at_bench_request *r = &c.request;
    assert_true(c.named && r->variant_count == 3 && r->problem_count == 2 && c.compute.threads == 2);
    assert_string_equal(r->variants[1].name, "fp8:scale=block128,promote=tile");
    assert_true(r->problems[0].batch == 1 && r->problems[0].seq_q == 32768); /* longer than all tokens: one batch */
    assert_true(r->problems[1].batch == 4 && r->problems[1].heads_q == 2 && r->problems[1].causal);
    assert_true(r->format == AT_BF16 && r->seed == 9 && r->pace.repeats == 20 && r->pace.warm_ns == 1e6 && r->rows == 5);
    assert_ptr_equal(r->preparer, &at_bench_preparer);
    assert_true(r->gpu == 1 && r->limit_s == 7 && r->product == 64 && r->copy_bytes == 3 << 20);
    assert_string_equal(r->oracle->name, "certified");
    at_bench_command_done(&c);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--variants fa3-fp9", "fa3-fp8"},
        {"--variants fa3-fp8,fa3-fp8", "variant 'fa3-fp8' is given twice"},
        {"--variant fp8:scale=blok128", "block128"},
        {"--dim 100", "option '--width': 2048 columns are no whole number of heads of dimension 100"},
        {"--dim 512", "option '--dim': shape: head dimension 512"},
        {"--dim 64,64", "option '--dim': 64 is listed twice; keep one"},
        {"--seq 0", "option '--seq': '0' is not a list of whole numbers from 1 to 1073741824, as 512,1024"},
        {"--seq 1024,", "option '--seq': '1024,' is not a list"},
        {"--seq -5", "option '--seq': '-5' is not a list"},
        {"--seq 1e3", "option '--seq': '1e3' is not a list"},
        {"--seq 99999999999999999999", "is not a list"},
        {"--seq "
         "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,"
         "47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65",
         "option '--seq': more than 64 numbers"},
        {"--causal maybe", "option '--causal': 'maybe' is none of both, yes, no"},
        {"--tokens none", "option '--tokens': 'none' is not a whole number"},
        {"--width 0", "option '--width': '0'"},
        {"--distribution norml", "normal"},
        {"--format fp12", "option '--format': 'fp12' is none of e4m3, e5m2, fp16, bf16, fp32"},
        {"--seed -1", "--seed"},
        {"--repeats 19", "option '--repeats': '19' is not a whole number from 20 to 10000"},
        {"--warm-up -1", "--warm-up"},
        {"--burst no", "--burst"},
        {"--rows 5", "option '--rows' belongs to --accuracy, which is not given"},
        {"--oracle mpfr", "option '--oracle' belongs to --accuracy, which is not given"},
        {"--accuracy --oracle mpf", "mpfr"},
        {"--accuracy --rows 0", "--rows"},
        {"--product 100", "option '--product': 100 is no multiple of 16"},
        {"--product 15", "--product"},
        {"--copy 0", "--copy"},
        {"--gpu -1", "--gpu"},
        {"--time-limit 0", "--time-limit"},
        {"--threads 0", "--threads"},
        {"now", "'now' is one word too many"},
        {"--sec 5", "the nearest is '--seq'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_bench_command c;
        struct at_error error = {""};
        enum at_status status = read_words(cases[i][0], &c, &error);
        if (!status || !strstr(error.message, cases[i][1]) || strchr(error.message, '\n'))
            fail_msg("%s: %s: %s", cases[i][0], at_status_name(status), error.message);
        at_bench_command_done(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_the_papers_is_the_default),
        cmocka_unit_test(what_is_asked_for_is_read),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
