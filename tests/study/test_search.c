/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "scratch.h"
#include "searching.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct at_search_found search(struct searching *s)
{
    struct at_search_found found;
    struct at_error error = {""};
    if (at_search_run(&s->request, &found, &error))
        fail_msg("%s", error.message);
    return found;
}

static double largest(const struct at_tensor *t)
{
    double most = 0;
    for (int64_t i = 0; i < at_tensor_count(t); i++) {
        float x;
        at_decode_array(t->format, (const char *)t->codes + (size_t)i * at_format_size(t->format), 1, &x);
        most = fmax(most, fabs((double)x));
    }
    return most;
}

/* The champion scores what is claimed, each step is above the one before, and every evaluation is counted. */
static void what_is_claimed_is_so(void **state)
{
    (void)state;
    struct searching s;
    struct at_search_score again;
    searching_open(&s, "structured:any", "fa3-fp8", "rel_rmse");
    struct at_search_found f = search(&s);
    assert_int_equal(at_search_score(&s.request.scorer, &f.champion, &again, NULL), AT_OK);
    assert_true(again.value == f.score.value && again.bound == f.score.bound && f.score.bound <= f.score.value && f.score.radius > 0);
    assert_true(f.start.value == f.normal.value); /* all off is N(0, 1) */
    assert_true(f.member.bound > 3 * f.start.bound && f.score.bound >= f.member.bound);
    assert_true(f.evaluations == 60 && f.members == 30 && f.changes == 30 && f.kept > 0);
    assert_string_equal(f.ended, "evaluations");
    assert_true(f.step_count > 2 && f.steps[0].evaluation == 1 && f.steps[0].value == f.start.value);
    for (size_t i = 1; i < f.step_count; i++) {
        assert_true(f.steps[i].value - f.steps[i].radius > f.steps[i - 1].value - f.steps[i - 1].radius);
        assert_true(f.steps[i].evaluation > f.steps[i - 1].evaluation && f.steps[i].local == (f.steps[i].evaluation > 30));
    }
    assert_true(f.steps[f.step_count - 1].value == f.score.value);
    at_search_found_done(&f);
    searching_close(&s);
}

/* The worst member is the distribution's own: made again from its spelling it has the bits, as long as no element is changed. */
static void members_are_the_familys(void **state)
{
    (void)state;
    struct searching s;
    struct at_qkv made;
    char text[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_distribution_choice choice;
    searching_open(&s, "iid-outlier:sigma=1..1000,probability=1e-4..0.1", "fa3-fp8", "max_rel_sum_abs");
    s.request.local = false;
    s.request.seed = 5;
    struct at_search_found f = search(&s);
    assert_true(f.members == 60 && f.changes == 0 && f.score.value == f.member.value);
    at_distribution_print(&f.choice, text);
    assert_int_equal(at_distribution_choose(text, &choice, NULL), AT_OK);
    assert_true(choice.values[0] >= 1e-4 && choice.values[0] <= 0.1 && choice.values[1] >= 1 && choice.values[1] <= 1000);
    assert_int_equal(at_distribution_generate(&choice, &s.plan.cases[0].problem, AT_FP16, 5, &made, NULL), AT_OK);
    assert_string_equal(at_sha256_of_qkv(&made).hex, at_sha256_of_qkv(&f.champion).hex);
    at_qkv_done(&made);
    at_search_found_done(&f);
    searching_close(&s);
}

static void equal_seeds_give_equal_searches(void **state)
{
    (void)state;
    struct at_sha256 digests[3];
    int64_t steps[3];
    int threads = omp_get_max_threads();
    for (int i = 0; i < 3; i++) {
        struct searching s;
        searching_open(&s, "structured:any", "fa3-fp8", "rel_rmse");
        s.request.seed = i < 2 ? 1 : 2;
        omp_set_num_threads(1 + i % 2);
        struct at_search_found f = search(&s);
        digests[i] = at_sha256_of_qkv(&f.champion);
        steps[i] = (int64_t)f.step_count;
        at_search_found_done(&f);
        searching_close(&s);
    }
    omp_set_num_threads(threads);
    assert_string_equal(digests[0].hex, digests[1].hex);
    assert_int_equal(steps[0], steps[1]);
    assert_string_not_equal(digests[0].hex, digests[2].hex);
}

static void no_element_exceeds_the_bound(void **state)
{
    (void)state;
    struct searching s;
    searching_open(&s, "structured:sigma=100..1000,probability=0.01..0.1,v-mean=20", "fa3-fp8", "rel_rmse");
    s.request.bound = 7.7;
    struct at_search_found f = search(&s);
    double most = fmax(largest(&f.champion.q), fmax(largest(&f.champion.k), largest(&f.champion.v)));
    assert_true(most <= 7.7 && most > 7.69 && f.largest == most); /* the fp16 number below */
    at_search_found_done(&f);
    searching_close(&s);
}

/* Scores beyond fp16: NaN outputs are as bad as can be, and the search ends. */
static void nothing_is_worse_than_infinite(void **state)
{
    (void)state;
    struct searching s;
    searching_open(&s, "structured:logits=50..100,k-mean=900..1000,probability=1,sigma=1000", "standard-fp16", "rel_rmse");
    struct at_search_found f = search(&s);
    assert_true(f.score.bound == INFINITY && f.evaluations < 60);
    assert_string_equal(f.ended, "infinite");
    at_search_found_done(&f);
    searching_close(&s);
}

static void what_has_no_value_is_refused(void **state)
{
    (void)state;
    struct searching s;
    struct at_search_found f;
    struct at_error error = {""};
    searching_open(&s, "normal:sigma=0..1e-30", "fa3-fp8", "rel_rmse"); /* V is 0 in fp16, and so is the truth */
    assert_int_equal(at_search_run(&s.request, &f, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "rel_rmse has no value on any of 30 members"));
    searching_close(&s);
}

struct watch {
    double last;
    int calls;
    volatile sig_atomic_t stop;
};

static void watch(void *context, double done, double total, const char *what)
{
    struct watch *w = context;
    assert_true(done >= w->last && done <= total && strstr(what, "tried"));
    w->last = done;
    w->stop = ++w->calls >= 20;
}

static void a_stop_keeps_the_champion(void **state)
{
    (void)state;
    struct searching s;
    struct watch w = {0};
    const struct at_study_events events = {.context = &w, .progress = watch, .stop = &w.stop};
    searching_open(&s, "structured:any", "fa3-fp8", "rel_rmse");
    s.request.events = &events;
    struct at_search_found f = search(&s);
    assert_string_equal(f.ended, "stopped");
    assert_true(f.evaluations == 20 && f.score.bound >= f.start.bound && f.champion.q.codes);
    at_search_found_done(&f);
    struct at_error error = {""};
    w = (struct watch){.stop = 1};
    assert_int_equal(at_search_run(&s.request, &f, &error), AT_ERR_INTERRUPTED);
    searching_close(&s);
}

static void time_ends_it(void **state)
{
    (void)state;
    struct searching s;
    searching_open(&s, "structured:any", "fa3-fp8", "rel_rmse");
    s.request.evaluations = 0;
    s.request.budget_s = 0.2;
    struct at_search_found f = search(&s);
    assert_string_equal(f.ended, "time");
    assert_true(f.seconds >= 0.2 && f.members > 0 && f.changes > 0);
    at_search_found_done(&f);
    searching_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_claimed_is_so),           cmocka_unit_test(members_are_the_familys),
        cmocka_unit_test(equal_seeds_give_equal_searches), cmocka_unit_test(no_element_exceeds_the_bound),
        cmocka_unit_test(nothing_is_worse_than_infinite),  cmocka_unit_test(what_has_no_value_is_refused),
        cmocka_unit_test(a_stop_keeps_the_champion),       cmocka_unit_test(time_ends_it),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
