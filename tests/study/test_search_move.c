/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "datasets/dataset.h"
#include "study/search_move.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOVES = 4000, BACK = 600 };

static const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 6, .seq_k = 8, .dim = 32};
static int64_t chosen[] = {1, 4};
static const struct at_rows rows = {2, chosen};
static const struct at_random key = {3, 4};

static struct at_qkv make(enum at_format format)
{
    struct at_distribution_choice choice;
    struct at_qkv qkv = {0};
    assert_int_equal(at_distribution_choose("normal", &choice, NULL), AT_OK);
    assert_int_equal(at_distribution_generate(&choice, &problem, format, 9, &qkv, NULL), AT_OK);
    return qkv;
}

static void assert_within(const struct at_tensor *t, double bound)
{
    for (int64_t i = 0; i < at_tensor_count(t); i++) {
        float x;
        at_decode_array(t->format, (const char *)t->codes + (size_t)i * at_format_size(t->format), 1, &x);
        assert_true(fabs((double)x) <= bound); /* NaN is not */
    }
}

static void every_move_goes_back(void **state)
{
    (void)state;
    for (int format = 0; format < AT_FORMAT_COUNT; format++) {
        struct at_qkv qkv = make((enum at_format)format);
        struct at_sha256 before = at_sha256_of_qkv(&qkv);
        int made = 0;
        for (uint64_t n = 0; n < BACK; n++) {
            struct at_search_move move;
            at_search_move_make(&qkv, &rows, 5, key, n, &move);
            struct at_sha256 after = at_sha256_of_qkv(&qkv);
            assert_true((move.count > 0) == (strcmp(after.hex, before.hex) != 0));
            made += move.count > 0;
            at_search_move_undo(&move);
            assert_string_equal(at_sha256_of_qkv(&qkv).hex, before.hex);
        }
        assert_true(made > BACK / 2);
        at_qkv_done(&qkv);
    }
}

/* Thousands of moves on top of each other: never above the bound, never NaN, of Q only the rows that are looked at. */
static void moves_stay_within_the_bound(void **state)
{
    (void)state;
    const double bounds[] = {5, 448};
    for (int format = 0; format < AT_FORMAT_COUNT; format++)
        for (int b = 0; b < 2; b++) {
            struct at_qkv qkv = make((enum at_format)format), same = make((enum at_format)format), again = make((enum at_format)format);
            struct at_search_move move;
            for (uint64_t n = 0; n < MOVES; n++) {
                at_search_move_make(&qkv, &rows, bounds[b], key, n, &move);
                at_search_move_make(&again, &rows, bounds[b], key, n, &move);
            }
            assert_within(&qkv.q, bounds[b]);
            assert_within(&qkv.k, bounds[b]);
            assert_within(&qkv.v, bounds[b]);
            assert_string_equal(at_sha256_of_qkv(&qkv).hex, at_sha256_of_qkv(&again).hex);
            size_t bytes = (size_t)problem.dim * at_format_size((enum at_format)format);
            for (int64_t h = 0; h < 2; h++)
                for (int64_t s = 0; s < problem.seq_q; s++)
                    assert_true((memcmp(at_tensor_row(&qkv.q, 0, h, s), at_tensor_row(&same.q, 0, h, s), bytes) != 0) ==
                                (s == 1 || s == 4));
            at_qkv_done(&qkv);
            at_qkv_done(&same);
            at_qkv_done(&again);
        }
}

/* Each kind shows: rows that change places, rows that become others, single elements, elements next to what they were. */
static void all_kinds_are_made(void **state)
{
    (void)state;
    struct at_qkv qkv = make(AT_FP16);
    int swaps = 0, copies = 0, elements = 0, neighbours = 0, negated = 0, pairs = 0;
    for (uint64_t n = 0; n < MOVES; n++) {
        struct at_search_move move;
        at_search_move_make(&qkv, &rows, 1000, key, n, &move);
        size_t different = 0;
        for (size_t i = 0; i < move.count && i < 1; i++)
            for (size_t c = 0; c < 32; c++) {
                uint16_t now, then;
                memcpy(&now, move.place[i] + 2 * c, 2);
                memcpy(&then, move.before[i] + 2 * c, 2);
                different += now != then;
                neighbours += (uint16_t)(now - then) == 1 || (uint16_t)(then - now) == 1;
                negated += (now ^ then) == 0x8000;
            }
        elements += different == 1;
        bool exchanged = move.count >= 2 && memcmp(move.place[0], move.before[1], move.bytes) == 0;
        pairs += move.count == 4;
        swaps += exchanged;
        copies += move.count == 1 && different == 32 && (move.place[0] >= (char *)qkv.k.codes);
        at_search_move_undo(&move);
    }
    assert_true(swaps > 100 && copies > 100 && elements > 100 && neighbours > 100 && negated > 100 && pairs > 100);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_goes_back),
        cmocka_unit_test(moves_stay_within_the_bound),
        cmocka_unit_test(all_kinds_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
