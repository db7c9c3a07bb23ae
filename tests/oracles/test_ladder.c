/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/ladder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A registry of its own: with it in this program the real one stays in its library. What each rung takes is set by the tests. */
enum { RUNGS = 3 };
static struct at_oracle_estimate takes[RUNGS];
static bool there[RUNGS];
static int rests;

static void rest(void)
{
    rests++;
}

#define RUNG(n) \
    static void estimate_##n(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret) \
    { \
        *ret = takes[n]; \
        ret->seconds *= shape->pairs; \
    } \
    static enum at_status available_##n(struct at_error *error) \
    { \
        return there[n] ? AT_OK : at_fail(error, AT_ERR_UNSUPPORTED, "rung " #n ": not on this machine"); \
    } \
    static const struct at_oracle rung_##n = { \
        .name = "rung" #n, .estimate = estimate_##n, .available = available_##n, .rest = n ? rest : NULL}
RUNG(0);
RUNG(1);
RUNG(2);
const struct at_oracle *const at_oracles[] = {&rung_0, &rung_1, &rung_2};
const size_t at_oracle_count = RUNGS;

/* As the last word, the certified one and one on a GPU. */
static int set_up(void **state)
{
    (void)state;
    takes[0] = (struct at_oracle_estimate){80, 1, -102, 0};
    takes[1] = (struct at_oracle_estimate){1, 1, -90, 0};
    takes[2] = (struct at_oracle_estimate){0.01, 1, -37, 0};
    there[0] = there[1] = there[2] = true;
    return 0;
}

static const struct at_problem problem = {1, 2, 2, 64, 64, 32, false, 0};
static const struct at_oracle_shape shape = {&problem, 10, 640, 32, 1};

static struct at_oracle_choice settled(const struct at_oracle *asked)
{
    struct at_oracle_choice choice = {.oracle = NULL};
    struct at_error error;
    if (at_oracle_settle(asked, &shape, 1, &choice, &error))
        fail_msg("%s", error.message);
    return choice;
}

/* Those that keep something, but for the one that is named. */
static void rest_but_one(void **state)
{
    (void)state;
    rests = 0;
    at_oracles_rest(NULL);
    assert_int_equal(rests, 2);
    at_oracles_rest(&rung_2);
    assert_int_equal(rests, 3);
    at_oracles_rest(&rung_0);
    assert_int_equal(rests, 5);
}

static void read_by_name(void **state)
{
    (void)state;
    const struct at_oracle *oracle = &rung_0;
    struct at_error error;
    assert_int_equal(at_oracle_read(NULL, &oracle, &error), AT_OK);
    assert_null(oracle);
    assert_int_equal(at_oracle_read("rung2", &oracle, &error), AT_OK);
    assert_ptr_equal(oracle, &rung_2);
    assert_int_equal(at_oracle_read("auto", &oracle, &error), AT_OK);
    assert_null(oracle);
    oracle = &rung_1;
    assert_int_equal(at_oracle_read("rung9", &oracle, &error), AT_ERR_NOT_FOUND);
    assert_ptr_equal(oracle, &rung_1);
}

static void each_rung_is_sharper(void **state)
{
    (void)state;
    assert_ptr_equal(at_oracle_sharper(&rung_2, &shape), &rung_1);
    assert_ptr_equal(at_oracle_sharper(&rung_1, &shape), &rung_0);
    assert_null(at_oracle_sharper(&rung_0, &shape));
    there[1] = false;
    assert_ptr_equal(at_oracle_sharper(&rung_2, &shape), &rung_0);
    there[1] = true;
    takes[1].radius_log2 = takes[2].radius_log2; /* as sharp is not sharper */
    assert_ptr_equal(at_oracle_sharper(&rung_2, &shape), &rung_0);
}

/* The cheapest, its open rows counted: 2^(-37 + 10 + 16) 32 = 2^-6 of them, so that 0.01 + 2^-6 is below 1; at 2^-29 all of them. */
static void the_cheapest(void **state)
{
    (void)state;
    struct at_oracle_choice choice = settled(NULL);
    assert_ptr_equal(choice.oracle, &rung_2);
    assert_non_null(strstr(choice.reason, "rung2, the cheapest"));
    assert_non_null(strstr(choice.reason, "2^-37"));
    assert_non_null(strstr(choice.reason, "rung1 would take"));
    assert_null(strchr(choice.reason, '\n'));
    takes[2].radius_log2 = -29;
    assert_ptr_equal(settled(NULL).oracle, &rung_1);
    takes[2].radius_log2 = -37;
    takes[2].seconds = 1 - 0x1p-6 - 0x1p-12; /* just cheaper, and then not */
    assert_ptr_equal(settled(NULL).oracle, &rung_2);
    takes[2].seconds = 1 - 0x1p-6 + 0x1p-12;
    assert_ptr_equal(settled(NULL).oracle, &rung_1);
    takes[2].seconds = 0.01;
    takes[2].start_s = 2 * 640 * (1 - 0x1p-6 - 0.01) - 1; /* once for both heads of 640 pairs */
    assert_ptr_equal(settled(NULL).oracle, &rung_2);
    takes[2].start_s += 2;
    assert_ptr_equal(settled(NULL).oracle, &rung_1);
    there[2] = false;
    assert_ptr_equal(settled(NULL).oracle, &rung_1);
    there[1] = false;
    assert_ptr_equal(settled(NULL).oracle, &rung_0);
    assert_null(strstr(settled(NULL).reason, "would take"));
}

static void what_is_not_there(void **state)
{
    (void)state;
    struct at_oracle_choice choice = {.oracle = NULL};
    struct at_error error;
    assert_string_equal(settled(&rung_2).reason, "rung2, as asked");
    there[2] = false;
    assert_int_equal(at_oracle_settle(&rung_2, &shape, 1, &choice, &error), AT_ERR_UNSUPPORTED);
    assert_string_equal(error.message, "rung 2: not on this machine");
    there[0] = there[1] = false;
    assert_int_equal(at_oracle_settle(NULL, &shape, 1, &choice, &error), AT_ERR_UNSUPPORTED);
    assert_null(choice.oracle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(read_by_name, set_up), cmocka_unit_test_setup(each_rung_is_sharper, set_up),
                                       cmocka_unit_test_setup(the_cheapest, set_up), cmocka_unit_test(rest_but_one),
                                       cmocka_unit_test_setup(what_is_not_there, set_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
