/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/search.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIMS = 4 };

struct seen {
    size_t calls;
    bool outside;
    double first[DIMS], least;
    int shape; /* of the objective */
};

enum { BOWL, HOLES, NOWHERE, BOTTOMLESS, VALLEYS };

/* Least at 0.7 in each coordinate; HOLES: undefined in half of the cube, the start among it; VALLEYS: 10 local minima a coordinate. */
static double objective(void *context, const double *x)
{
    struct seen *seen = context;
    double value = 0;
    if (seen->calls++ == 0)
        memcpy(seen->first, x, sizeof seen->first);
    for (size_t i = 0; i < DIMS; i++) {
        seen->outside |= !(x[i] >= 0 && x[i] <= 1);
        value += (x[i] - 0.7) * (x[i] - 0.7) + (seen->shape == VALLEYS ? 0.05 * (1 - cos(20 * M_PI * (x[i] - 0.7))) : 0);
    }
    value = seen->shape == NOWHERE || (seen->shape == HOLES && x[0] < 0.5) ? NAN
            : seen->shape == BOTTOMLESS && x[0] > 0.5                      ? -INFINITY
                                                                           : value;
    seen->least = fmin(seen->least, value);
    return value;
}

static const struct at_annealing annealing = {.seed = 5, .hot = 0.5, .cold = 1e-4, .step = 0.1};

static void annealing_finds_the_valley_of_valleys(void **state)
{
    (void)state;
    double x[DIMS] = {0.1, 0.1, 0.1, 0.1}, value;
    struct seen seen = {.shape = VALLEYS, .least = INFINITY};
    assert_int_equal(at_stats_anneal(objective, &seen, DIMS, x, 4000, &annealing, &value), AT_OK);
    assert_true(seen.calls == 4000 && !seen.outside && value == seen.least);
    for (size_t i = 0; i < DIMS; i++) {
        assert_true(seen.first[i] == 0.1);
        assert_true(fabs(x[i] - 0.7) < 0.05); /* the next valley is 0.1 away */
    }
}

static void the_simplex_ends_in_the_bowl(void **state)
{
    (void)state;
    double x[DIMS] = {0.95, 0.1, 0.5, 1}, value;
    struct seen seen = {.least = INFINITY};
    assert_int_equal(at_stats_simplex(objective, &seen, DIMS, x, 1000, 0.2, &value), AT_OK);
    assert_true(seen.calls < 1000 && !seen.outside && value == seen.least);
    for (size_t i = 0; i < DIMS; i++)
        assert_true(fabs(x[i] - 0.7) < 1e-4);
}

static void equal_seeds_give_equal_searches(void **state)
{
    (void)state;
    double x[3][DIMS] = {{0}}, value;
    struct at_annealing other = annealing;
    other.seed = 6;
    for (int i = 0; i < 3; i++) {
        struct seen seen = {.shape = VALLEYS, .least = INFINITY};
        assert_int_equal(at_stats_anneal(objective, &seen, DIMS, x[i], 200, i < 2 ? &annealing : &other, &value), AT_OK);
    }
    assert_memory_equal(x[0], x[1], sizeof x[0]);
    assert_memory_not_equal(x[0], x[2], sizeof x[0]);
}

static void what_is_undefined_is_left(void **state)
{
    (void)state;
    double x[DIMS] = {0.2, 0.2, 0.2, 0.2}, value = 7;
    struct seen seen = {.shape = HOLES, .least = INFINITY};
    assert_int_equal(at_stats_anneal(objective, &seen, DIMS, x, 2000, &annealing, &value), AT_OK);
    assert_true(x[0] >= 0.5 && value < 0.05);
    seen = (struct seen){.shape = NOWHERE};
    value = 7;
    assert_int_equal(at_stats_anneal(objective, &seen, DIMS, x, 50, &annealing, &value), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_simplex(objective, &seen, DIMS, x, 50, 0.1, &value), AT_ERR_UNDEFINED);
    assert_true(value == 7 && x[0] >= 0.5); /* untouched */
    seen = (struct seen){.shape = BOTTOMLESS, .least = INFINITY};
    double y[DIMS] = {0.4, 0.4, 0.4, 0.4};
    assert_int_equal(at_stats_simplex(objective, &seen, DIMS, y, 100, 0.2, &value), AT_OK);
    assert_true(value == -INFINITY && y[0] > 0.5);
    assert_int_equal(at_stats_anneal(objective, &seen, DIMS, y, 1, &annealing, &value), AT_OK);
    assert_true(value == -INFINITY);
}

/* The library may print its trace: not here. */
static void nothing_is_printed(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    int kept = dup(1);
    assert_true(kept >= 0 && dup2(fileno(file), 1) == 1);
    double x[DIMS] = {0.2, 0.2, 0.2, 0.2}, value;
    struct seen seen = {.least = INFINITY};
    enum at_status status = at_stats_anneal(objective, &seen, DIMS, x, 100, &annealing, &value);
    fflush(stdout);
    assert_int_equal(dup2(kept, 1), 1);
    close(kept);
    assert_int_equal(status, AT_OK);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
    fclose(file);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annealing_finds_the_valley_of_valleys),
        cmocka_unit_test(the_simplex_ends_in_the_bowl),
        cmocka_unit_test(equal_seeds_give_equal_searches),
        cmocka_unit_test(what_is_undefined_is_left),
        cmocka_unit_test(nothing_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
