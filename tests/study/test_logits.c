/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/logits.h"

#include "core/random.h"
#include "naive_logits.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { TOKENS = 61, WIDTH = 33, ROWS = AT_LOGITS_ROWS + 3 };

static float w[TOKENS * WIDTH], got[ROWS][WIDTH];
static double truth[ROWS][WIDTH];

static double draw(uint64_t stream, uint64_t i)
{
    return 2 * at_random_uniform((struct at_random){11, stream}, i) - 1;
}

/* W in `format`, w what it then holds; the kernel's outputs are the truth's rounded, and then some. */
static struct at_readout make(enum at_format format, uint32_t *codes)
{
    double norm = 0;
    for (int i = 0; i < TOKENS * WIDTH; i++)
        w[i] = (float)draw(1, (uint64_t)i);
    at_encode_array(format, w, TOKENS * WIDTH, AT_OVERFLOW_SATURATE, codes);
    at_decode_array(format, codes, TOKENS * WIDTH, w);
    for (int v = 0; v < TOKENS; v++) {
        double sum = 0;
        for (int j = 0; j < WIDTH; j++)
            sum += (double)w[v * WIDTH + j] * (double)w[v * WIDTH + j];
        norm = fmax(norm, sqrt(sum) * (1 + 0x1p-40));
    }
    for (int r = 0; r < ROWS; r++)
        for (int j = 0; j < WIDTH; j++) {
            truth[r][j] = draw(2, (uint64_t)(r * WIDTH + j));
            got[r][j] = (float)(truth[r][j] + ldexp(draw(3, (uint64_t)(r * WIDTH + j)), -r));
        }
    return (struct at_readout){.info = {.format = format, .tokens = TOKENS, .width = WIDTH}, .codes = codes, .norm = norm};
}

static void fill(struct at_output_row *rows, double radius)
{
    for (int r = 0; r < ROWS; r++)
        rows[r] = (struct at_output_row){truth[r], got[r], radius};
}

/* Each format; truths that are exact, and truths moved as far as their radius allows. */
static void agrees_with_long_double(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_FP16, AT_BF16, AT_FP32};
    for (int f = 0; f < 3; f++)
        for (int moved = 0; moved < 3; moved++) {
            static uint32_t codes[TOKENS * WIDTH];
            struct at_readout readout = make(formats[f], codes);
            struct at_output_row rows[ROWS];
            struct at_token_change changes[ROWS];
            const double each = 0x1p-20;
            fill(rows, moved ? each * sqrt(WIDTH) * (1 + 0x1p-50) : 0);
            assert_int_equal(at_logits_compare(&readout, rows, ROWS, changes, NULL), AT_OK);
            for (int r = 0; r < ROWS; r++) {
                double exact[WIDTH], output[WIDTH];
                long double a[TOKENS], b[TOKENS], largest = 0;
                for (int j = 0; j < WIDTH; j++) {
                    exact[j] = truth[r][j] + (moved == 0 ? 0 : moved == 1 ? each : draw(4, (uint64_t)j) * each);
                    output[j] = (double)got[r][j];
                }
                naive_logits(w, exact, TOKENS, WIDTH, a);
                naive_logits(w, output, TOKENS, WIDTH, b);
                struct naive_kl naive = naive_kl_of(a, b, TOKENS);
                for (int v = 0; v < TOKENS; v++)
                    largest = fmaxl(largest, fabsl(b[v] - a[v]));
                if (!(fabsl(changes[r].kl - naive.kl) <= changes[r].kl_radius + naive.error))
                    fail_msg("row %d: %.20g is not %.20Lg within %g", r, changes[r].kl, naive.kl, changes[r].kl_radius);
                assert_true(fabsl(changes[r].max_logit - largest) <= changes[r].logit_radius + naive.error);
                if (!moved)
                    assert_true(changes[r].kl_radius < 0x1p-10 * changes[r].kl && changes[r].logit_radius < 0x1p-10 * changes[r].max_logit);
            }
        }
}

static void rows_that_are_not_finite(void **state)
{
    (void)state;
    static uint32_t codes[TOKENS * WIDTH];
    struct at_readout readout = make(AT_FP32, codes);
    struct at_output_row rows[ROWS];
    struct at_token_change plain[ROWS], changes[ROWS];
    fill(rows, 0);
    assert_int_equal(at_logits_compare(&readout, rows, ROWS, plain, NULL), AT_OK);
    truth[3][5] = NAN;
    got[4][0] = INFINITY;
    got[5][WIDTH - 1] = NAN;
    truth[5][0] = INFINITY; /* without a truth nothing is said of the kernel */
    rows[6].radius = NAN;
    assert_int_equal(at_logits_compare(&readout, rows, ROWS, changes, NULL), AT_OK);
    assert_true(isnan(changes[3].kl) && isnan(changes[5].kl) && changes[4].kl == INFINITY && changes[4].top_unchanged == 0);
    assert_true(changes[6].kl == plain[6].kl && changes[6].kl_radius == INFINITY);
    assert_memory_equal(&changes[7], &plain[7], sizeof changes[7]); /* the others of their group are as without them */
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    static uint32_t codes[TOKENS * WIDTH];
    struct at_readout readout = make(AT_BF16, codes);
    struct at_output_row rows[ROWS];
    struct at_token_change one[ROWS], more[ROWS];
    fill(rows, 0x1p-50);
    memset(one, 0, sizeof one);
    memset(more, 0, sizeof more);
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    assert_int_equal(at_logits_compare(&readout, rows, ROWS, one, NULL), AT_OK);
    omp_set_num_threads(3);
    assert_int_equal(at_logits_compare(&readout, rows, ROWS, more, NULL), AT_OK);
    omp_set_num_threads(threads);
    for (int r = 0; r < ROWS; r++)
        assert_true(one[r].kl == more[r].kl && one[r].kl_radius == more[r].kl_radius && one[r].max_logit == more[r].max_logit);
}

static void bytes_count_the_logits(void **state)
{
    (void)state;
    double small = at_logits_bytes(1000, 64, 1), large = at_logits_bytes(2000, 64, 1);
    assert_true(large - small == 1000.0 * 2 * AT_LOGITS_ROWS * sizeof(double));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_long_double),
        cmocka_unit_test(rows_that_are_not_finite),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(bytes_count_the_logits),
    };
    return cmocka_run_group_tests_name("logits", tests, NULL, NULL);
}
