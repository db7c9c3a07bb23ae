/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 2, 1, 64, 512, 64, true, 0};

static void text_of(const struct at_numerics *numerics, char *text)
{
    at_numerics_print(numerics, text);
}

/* What a schedule may not touch: operands, scores, formats, the row sum. */
static void assert_declared(const struct at_numerics *schedule, const struct at_numerics *declared)
{
    struct at_numerics n = *schedule;
    char is[AT_NUMERICS_TEXT_SIZE], was[AT_NUMERICS_TEXT_SIZE];
    n.tile_n = declared->tile_n;
    n.order = declared->order;
    n.exp2 = declared->exp2;
    n.reciprocal = declared->reciprocal;
    n.p_offset = declared->p_offset;
    assert_true((n.promote == AT_PROMOTE_NONE) == (declared->promote == AT_PROMOTE_NONE)); /* none is declared: no bound allows more */
    n.promote = declared->promote;
    text_of(&n, is);
    text_of(declared, was);
    assert_string_equal(is, was);
}

/* Of every variant: valid, all different, none the declared one, and none of those to try among those for bounds. */
static void schedules_of_every_variant(void **state)
{
    (void)state;
    for (size_t v = 0; v < at_variant_count; v++) {
        struct at_numerics declared, of[2][AT_CHECK_CONTROLS];
        char text[2 * AT_CHECK_CONTROLS + 1][AT_NUMERICS_TEXT_SIZE];
        int count = 0;
        assert_int_equal(at_numerics_resolve(&at_variants[v]->numerics, &problem, &declared, NULL), AT_OK);
        text_of(&declared, text[count++]);
        for (int half = 0; half < 2; half++) {
            int found = at_check_schedules(&declared, &problem, half, of[half]);
            assert_true(found >= 4);
            for (int i = 0; i < found; i++) {
                assert_int_equal(at_numerics_check(&of[half][i], NULL), AT_OK);
                assert_declared(&of[half][i], &declared);
                text_of(&of[half][i], text[count]);
                for (int k = 0; k < count; k++)
                    assert_string_not_equal(text[k], text[count]);
                count++;
            }
        }
    }
}

static bool has_offset(const char *variant, enum at_p_offset offset)
{
    struct at_variant_choice choice;
    struct at_numerics declared, of[AT_CHECK_CONTROLS];
    bool found = false;
    assert_int_equal(at_variant_choose(variant, &choice, NULL), AT_OK);
    assert_int_equal(at_numerics_resolve(&choice.numerics, &problem, &declared, NULL), AT_OK);
    int count = at_check_schedules(&declared, &problem, false, of);
    for (int i = 0; i < count; i++)
        found |= of[i].p_offset == offset;
    return found;
}

/* Another offset only where it has as much room: in 8 bits a P in (0, 1] underflows where 2^8 does not, and no bound may allow that. */
static void offsets_with_the_same_room(void **state)
{
    (void)state;
    assert_true(has_offset("fa3-fp8", AT_P_448) && has_offset("fa3-fp8", AT_P_POW2_8) && !has_offset("fa3-fp8", AT_P_PLAIN));
    assert_true(has_offset("fp8:p.offset=448", AT_P_POW2_8));
    assert_true(has_offset("fp8:p.offset=none", AT_P_PLAIN) && !has_offset("fp8:p.offset=none", AT_P_448));
    assert_true(has_offset("fa3-fp16", AT_P_448) && has_offset("fa3-fp16", AT_P_PLAIN));
    assert_true(!has_offset("standard-fp16", AT_P_448));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(schedules_of_every_variant), cmocka_unit_test(offsets_with_the_same_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
