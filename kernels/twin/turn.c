/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/turn.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first code of a word is its lowest");

/* Words of eight bytes side by side, so that the compiler turns several squares at once. */
enum { SIDE_BY_SIDE = 8 };

/*
 * A square of 8 / size words of as many codes each, by exchanging halves, then quarters, then eighths across the diagonal:
 * words[i] holds row i of SIDE_BY_SIDE squares, afterwards column i.
 */
static inline __attribute__((always_inline)) void turn_squares(uint64_t words[][SIDE_BY_SIDE], const size_t size)
{
    const size_t count = 8 / size;
    size_t shift = 32;
    for (size_t distance = count / 2; distance; distance /= 2, shift /= 2) {
        const uint64_t mask = UINT64_MAX / ((UINT64_C(1) << shift) + 1);
        for (size_t i = 0; i < count; i++)
            for (size_t s = 0; s < SIDE_BY_SIDE && !(i & distance); s++) {
                uint64_t crossed = (words[i][s] >> shift ^ words[i + distance][s]) & mask;
                words[i + distance][s] ^= crossed;
                words[i][s] ^= crossed << shift;
            }
    }
}

static inline __attribute__((always_inline)) void turn(const size_t size, const uint8_t *codes, size_t rows, size_t columns,
                                                       uint8_t *turned)
{
    const size_t count = 8 / size, width = count * SIDE_BY_SIDE;
    uint64_t words[8][SIDE_BY_SIDE];
    for (size_t r = 0; r < rows; r += count)
        for (size_t c = 0; c < columns; c += width) {
            size_t high = rows - r < count ? rows - r : count, wide = columns - c < width ? columns - c : width;
            if (high < count || wide < width)
                memset(words, 0, sizeof words);
            for (size_t i = 0; i < high; i++)
                memcpy(words[i], codes + ((r + i) * columns + c) * size, wide * size);
            turn_squares(words, size);
            for (size_t i = 0; i < wide; i++)
                memcpy(turned + ((c + i) * rows + r) * size, &words[i % count][i / count], high * size);
        }
}

void at_turn(size_t size, const void *codes, int64_t rows, int64_t columns, void *ret_turned)
{
    if (size == 1)
        turn(1, codes, (size_t)rows, (size_t)columns, ret_turned);
    else
        turn(2, codes, (size_t)rows, (size_t)columns, ret_turned);
}
