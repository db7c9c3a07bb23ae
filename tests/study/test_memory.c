/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/memory.h"

#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"
#include "scratch.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* The estimate grows with each thing that is held, and holds at least the arrays of one reference with P. */
static void grows(void **state)
{
    (void)state;
    struct at_study s;
    struct at_plan plan;
    assert_int_equal(scratch_study("name: n\nrows: 16\nvariants: [fa3-fp8, fa3-fp16, fp8-two-level]\n"
                                   "inputs: [{distribution: normal, shape: {heads: 4, keys: 1024, dim: 32}}]\n",
                                   &s, NULL),
                     AT_OK);
    assert_int_equal(at_plan_make(&s, INFINITY, &plan, NULL), AT_OK);
    assert_ptr_equal(plan.oracle.oracle, &at_oracle_certified);
    struct at_case c = plan.cases[0];
    double three = at_memory_of_case(&c, &s, &at_oracle_mpfr, 1), p = 4 * 16 * 1024 * sizeof(double);
    assert_true(three > 2 * p);
    assert_true(at_memory_of_case(&c, &s, &at_oracle_mpfr, 2) > three);
    s.variant_count = 2; /* nothing is shared, so nothing is kept */
    assert_true(at_memory_of_case(&c, &s, &at_oracle_mpfr, 1) <= three - p);
    s.variant_count = 3;
    struct at_case read_out = c;
    read_out.readout = (struct at_readout_info){.format = AT_BF16, .tokens = 100000, .width = 128};
    assert_true(at_memory_of_case(&read_out, &s, &at_oracle_mpfr, 1) > three + 100000.0 * 128 * 2);
    c.problem.seq_k *= 2;
    assert_true(at_memory_of_case(&c, &s, &at_oracle_mpfr, 1) > three + 3 * p);
    /* Without a truth: codes of the inputs, of the operands, and fp32 at once. */
    double elements = 3.0 * 4 * 1024 * 32;
    assert_true(at_memory_of_attend(&plan.cases[0].problem, AT_FP16, &s.variants[0].numerics) >= elements * (2 + 1 + 4));
    assert_true(at_memory_of_attend(&plan.cases[0].problem, AT_FP32, &s.variants[1].numerics) >= elements * (4 + 2 + 4));
    assert_true(at_memory_of_attend(&plan.cases[0].problem, AT_FP16, &s.variants[0].numerics) < three);
    /* An oracle's own, whichever of the ladder needs the most; P of rows that go up comes on top. */
    struct at_oracle_estimate own;
    at_oracle_certified.estimate(&(struct at_oracle_shape){&c.problem, 16, 16.0 * 2048, 32, 4}, &own);
    assert_true(at_memory_of_truth(&c.problem, 16, 32, &at_oracle_certified, 4) >= own.bytes + 2048 * 2 * 32 * sizeof(double));
    assert_true(at_memory_of_truth(&c.problem, 16, 32, &at_oracle_certified, 4) >
                at_memory_of_truth(&c.problem, 16, 32, &at_oracle_mpfr, 4));
    at_plan_done(&plan);
    at_study_done(&s);
}

/* This program again, as a child that runs a study; its peak of memory in bytes. */
static double peak_of(const char *study, const char *database)
{
    struct rusage usage;
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "child", study, database, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    assert_int_equal(status, 0);
    return (double)usage.ru_maxrss * 1024;
}

static int child(const char *study, const char *database)
{
    struct at_study s;
    struct at_store *store;
    struct at_study_outcome outcome;
    struct at_study_events events = {0};
    if (at_study_read(study, &s, NULL) || at_store_open(database, AT_STORE_WRITE, &store, NULL))
        return 1;
    enum at_status status = at_study_run(&s, store, NULL, &events, &outcome, NULL);
    at_store_close(store);
    at_study_done(&s);
    return status != AT_OK;
}

/* The estimate against what a study takes beyond what the smallest one takes: never less, at most twice as much. */
static void holds(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* what is freed stays */
#endif
    static const char *const texts[] = {
        /* Q, K, V in fp32 */
        "name: n\nrows: 1\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 8, keys: 4096, dim: 128}}]\n",
        "name: n\nrows: 1\nvariants: [fp8-smooth-kv]\ninputs: [{distribution: normal, format: fp32, shape: {heads: 8, keys: 2048,"
        " dim: 256}}]\n",
        /* the truth's P, of the inputs and of two sets of operands */
        "name: n\nrows: 32\nvariants: [fa3-fp16, fa3-fp8, fp8-two-level]\n"
        "inputs: [{distribution: normal, shape: {heads: 16, kv-heads: 1, queries: 32, keys: 4096, dim: 32}}]\n",
        /* an oracle's own: K and V in other forms, weights of each thread, and, for fp32 of all sizes, mpfr behind certified */
        "name: n\nrows: 8\noracle: certified\nvariants: [fa3-fp16]\n"
        "inputs: [{distribution: normal, shape: {heads: 1, queries: 32, keys: 65536, dim: 128}}]\n",
        "name: n\nrows: 8\noracle: mpfr\nvariants: [fa3-fp16]\n"
        "inputs: [{distribution: normal, shape: {heads: 1, queries: 32, keys: 32768, dim: 64}}]\n"};
    static const char small[] =
        "name: n\nrows: 1\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n";
    double least = peak_of(scratch_write("least.yaml", small, sizeof small - 1), scratch_path("least.db"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct at_study s;
        struct at_plan plan;
        char name[16];
        snprintf(name, sizeof name, "m%zu.db", i);
        assert_int_equal(scratch_study(texts[i], &s, NULL), AT_OK);
        assert_int_equal(at_plan_make(&s, INFINITY, &plan, NULL), AT_OK);
        double estimate = at_memory_of_case(&plan.cases[0], &s, plan.oracle.oracle, omp_get_max_threads()),
               taken = peak_of(scratch_path("s.yaml"), scratch_path(name)) - least;
        print_message("estimated %.1f MiB, taken %.1f MiB beyond %.1f MiB\n", estimate / 0x1p20, taken / 0x1p20, least / 0x1p20);
        assert_true(estimate >= taken && estimate <= 2 * taken);
        at_plan_done(&plan);
        at_study_done(&s);
    }
}

int main(int count, char **arguments)
{
    if (count == 3)
        return child(arguments[1], arguments[2]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(grows), cmocka_unit_test(holds)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
