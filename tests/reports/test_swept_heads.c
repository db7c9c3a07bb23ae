/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/swept_heads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 16 };

static struct at_swept matrix(const struct at_swept_head *cells, size_t count, bool logarithmic)
{
    struct at_swept_head copy[MOST];
    struct at_swept swept = {.title = NULL};
    for (size_t i = 0; i < count; i++)
        copy[i] = cells[count - 1 - i]; /* in any order */
    assert_int_equal(at_swept_matrix(copy, count, logarithmic, &swept), AT_OK);
    return swept;
}

static void done(struct at_swept *swept)
{
    free(swept->x);
    free(swept->y);
}

static void expect(const struct at_swept *s, size_t points, size_t heads, size_t points_out, size_t heads_out)
{
    assert_int_equal(s->points, points);
    assert_int_equal(s->heads, heads);
    assert_int_equal(s->points_out, points_out);
    assert_int_equal(s->heads_out, heads_out);
}

static void heads_by_points(void **state)
{
    (void)state;
    const struct at_swept_head cells[] = {{1, 1, 0, 0, 5}, {2, 1, 0, 0, 6}, {1, 2, 0, 0, 7}, {2, 2, 0, 0, 8}};
    struct at_swept s = matrix(cells, 4, true);
    const double wanted[] = {5, 6, 7, 8};
    expect(&s, 2, 2, 0, 0);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(s.y[i] / wanted[i] - 1) <= 0x1p-50);
    assert_true(s.x[0] == 1 && s.x[1] == 2 && !s.apart && !s.negative);
    done(&s);
}

/* A head that is not everywhere goes; a point with one that has no logarithm goes; so does x = 0 where it has none. */
static void what_is_left_out(void **state)
{
    (void)state;
    const struct at_swept_head cells[] = {{0, 1, 0, 0, 5}, {1, 1, 0, 0, 6},        {2, 1, 0, 0, 7}, {3, 1, 0, 0, NAN}, {0, 1, 0, 1, 5},
                                          {1, 1, 0, 1, 6}, {2, 1, 0, 1, INFINITY}, {3, 1, 0, 1, 2}, {1, 1, 1, 0, 3}};
    struct at_swept s = matrix(cells, 9, true);
    expect(&s, 1, 2, 3, 1);
    done(&s);
    s = matrix(cells, 9, false);
    expect(&s, 2, 2, 2, 1);
    done(&s);
}

static void below_zero(void **state)
{
    (void)state;
    const struct at_swept_head cells[] = {{1, 1, 0, 0, -5}, {2, 1, 0, 0, -6}, {3, 1, 0, 0, 1}};
    struct at_swept s = matrix(cells, 3, true);
    expect(&s, 2, 1, 1, 0);
    assert_true(s.negative && fabs(s.y[0] / 5 - 1) <= 0x1p-50);
    done(&s);
}

/* No head twice: the geometric mean of those there. */
static void apart(void **state)
{
    (void)state;
    const struct at_swept_head cells[] = {{1, 1, 0, 0, 2}, {1, 1, 0, 1, 8}, {2, 2, 0, 0, 3}, {3, 3, 0, 0, 0}};
    struct at_swept s = matrix(cells, 4, true);
    expect(&s, 2, 1, 1, 0);
    assert_true(s.apart && fabs(s.y[0] / 4 - 1) <= 0x1p-50 && fabs(s.y[1] / 3 - 1) <= 0x1p-50);
    done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_by_points),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(below_zero),
        cmocka_unit_test(apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
