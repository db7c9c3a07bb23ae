/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/rounding.h"

#include "kernels/variants/variant.h"

#include "../support/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void sets_of_switches(void **state)
{
    (void)state;
    for (int r = 0; r < AT_ROUNDING_COUNT; r++)
        for (int other = 0; other < AT_ROUNDING_COUNT; other++) {
            assert_true(at_switched_on(at_switches_all(), (enum at_rounding)r));
            assert_int_equal(at_switched_on(at_switches_only((enum at_rounding)r), (enum at_rounding)other), r == other);
            assert_int_equal(at_switched_on(at_switches_but((enum at_rounding)r), (enum at_rounding)other), r != other);
        }
}

/* Marks the events that "E1, E3" or "E19-E21" names. */
static void mark(const char *events, int seen[25])
{
    for (const char *at = events; (at = strchr(at, 'E')) != NULL; at++) {
        int from = atoi(at + 1), to = from;
        const char *dash = strchr(at, '-'), *comma = strchr(at, ',');
        if (dash && (!comma || dash < comma) && sscanf(dash, "-E%d", &to) == 1)
            at = dash + 1;
        for (int e = from; e <= to; e++)
            seen[e]++;
    }
}

/* E2 and E4 choose numbers that are undone exactly; every other event is switched. */
static void every_event_is_in_a_group(void **state)
{
    (void)state;
    int seen[25] = {0};
    for (int r = 0; r < AT_ROUNDING_COUNT; r++) {
        mark(at_roundings[r].events, seen);
        for (int other = 0; other < r; other++)
            assert_string_not_equal(at_roundings[r].name, at_roundings[other].name);
    }
    for (int e = 1; e <= 24; e++)
        assert_int_equal(seen[e] > 0, e != 2 && e != 4);
}

/* Every field that is named exists. */
static void fields_are_those_of_the_numerics(void **state)
{
    (void)state;
    for (int r = 0; r < AT_ROUNDING_COUNT; r++) {
        char list[160], *save = NULL;
        snprintf(list, sizeof list, "%s", at_roundings[r].fields);
        for (char *field = strtok_r(list, ",", &save); field; field = strtok_r(NULL, ",", &save)) {
            const char *name = "", *values, *help;
            for (size_t i = 0; strcmp(name, field) != 0; i++)
                if (!at_numerics_key(i, &name, &values, &help))
                    fail_msg("%s: no field %s", at_roundings[r].name, field);
        }
    }
}

static struct at_numerics resolved(const char *variant)
{
    const struct at_problem problem = {1, 1, 1, 100, 300, 64, false, 0};
    struct at_numerics n = numerics_of(variant), made;
    assert_int_equal(at_numerics_resolve(&n, &problem, &made, NULL), AT_OK);
    return made;
}

static void what_happens_follows_the_numerics(void **state)
{
    (void)state;
    static const struct {
        enum at_rounding rounding;
        const char *with, *without;
    } cases[] = {
        {AT_ROUNDING_TRANSFORM, "fp8-hadamard", "fa3-fp8"},      {AT_ROUNDING_TRANSFORM, "fp8:v.smooth=mean", "fp8"},
        {AT_ROUNDING_SCORES, "fp8:k.scale=token", "fp8"},        {AT_ROUNDING_SCORES, "fp8:q.smooth=mean", "fp8-block128"},
        {AT_ROUNDING_SCORES, "standard-fp16", "fa3-fp16"},       {AT_ROUNDING_SCORES, "fp8:k.scale=block64", "fp8:k.scale=block128"},
        {AT_ROUNDING_RESCALE, "fp8", "fp8:p.offset=normalised"}, {AT_ROUNDING_PROMOTION, "fp8-two-level", "fa3-fp8"},
        {AT_ROUNDING_RESTORE, "fp8-smooth-kv", "fp8-smooth-k"},  {AT_ROUNDING_OUTPUT, "fp8", "fp8:output=fp32"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics with = resolved(cases[i].with), without = resolved(cases[i].without);
        assert_true(at_rounding_happens(cases[i].rounding, &with));
        assert_false(at_rounding_happens(cases[i].rounding, &without));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_of_switches),
        cmocka_unit_test(every_event_is_in_a_group),
        cmocka_unit_test(fields_are_those_of_the_numerics),
        cmocka_unit_test(what_happens_follows_the_numerics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
