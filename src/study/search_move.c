/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_move.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum kind { NEGATE, SCALE, NEIGHBOUR, COPY, ROW_NEGATE, ROW_SCALE, SWAP_K, SWAP_V, SWAP_KV, COPY_K, COPY_V, KINDS };

enum { DRAWS = 16, FACTOR_LOG2 = 4 }; /* random numbers of one move at most */

struct draw {
    struct at_random key;
    uint64_t counter;
};

static int64_t draw_below(struct draw *d, int64_t count)
{
    return (int64_t)(at_random_bits(d->key, d->counter++) % (uint64_t)count);
}

static char *row_at(const struct at_tensor *t, int64_t head, int64_t s)
{
    return (char *)t->codes + (size_t)((head * t->seq + s) * t->dim) * at_format_size(t->format);
}

/* Keeps the row for the way back. */
static void keep(struct at_search_move *move, char *place)
{
    assert(move->count < AT_SEARCH_MOVE_ROWS && move->bytes <= AT_SEARCH_ROW_BYTES);
    memcpy(move->before[move->count], place, move->bytes);
    move->place[move->count++] = place;
}

static double power_drawn(struct draw *d)
{
    int64_t exponent = draw_below(d, 2 * FACTOR_LOG2) - FACTOR_LOG2;
    return ldexp(1, (int)(exponent < 0 ? exponent : exponent + 1));
}

/* The number next to x in its format, up or down; next to 0 the least of either sign. Codes of one sign have the numbers' order. */
static double neighbour(enum at_format format, double x, bool up)
{
    uint32_t sign = (uint32_t)1 << (at_formats[format].bits - 1), code = at_encode(format, (float)x, AT_OVERFLOW_SATURATE);
    bool away = x == 0 || (x > 0) == up;
    if (x == 0)
        code = up ? 0 : sign;
    return (double)at_decode(format, away ? code + 1 : code - 1);
}

/* x[count] of one format, as `kind` changes them; false: they would leave the bound. */
static bool change(enum kind kind, const struct at_tensor *t, char *codes, size_t count, double factor, bool up, double bound)
{
    float x[AT_SEARCH_ROW_BYTES];
    at_decode_array(t->format, codes, count, x);
    for (size_t i = 0; i < count; i++) {
        double value = kind == NEIGHBOUR                      ? neighbour(t->format, (double)x[i], up)
                       : kind == NEGATE || kind == ROW_NEGATE ? -(double)x[i]
                                                              : factor * (double)x[i];
        if (!(fabs(value) <= bound && fabs(value) <= at_formats[t->format].max))
            return false;
        x[i] = (float)value;
    }
    at_encode_array(t->format, x, count, AT_OVERFLOW_SATURATE, codes);
    return true;
}

/* One element of any tensor, or one row. */
static bool change_values(enum kind kind, struct at_qkv *qkv, const struct at_rows *rows, double bound, struct draw *d,
                          struct at_search_move *move)
{
    struct at_tensor *tensors[] = {&qkv->q, &qkv->k, &qkv->v}, *t = tensors[draw_below(d, 3)];
    size_t size = at_format_size(t->format);
    int64_t heads = t->batch * t->heads;
    char *row = row_at(t, draw_below(d, heads), t == &qkv->q ? rows->index[draw_below(d, rows->count)] : draw_below(d, t->seq));
    char *element = row + (size_t)draw_below(d, t->dim) * size;
    keep(move, row);
    if (kind == COPY) {
        const char *from = row_at(t, draw_below(d, heads), draw_below(d, t->seq)) + (size_t)draw_below(d, t->dim) * size;
        memcpy(element, from, size);
        return change(SCALE, t, element, 1, 1, false, bound); /* what the inputs held beyond the bound does not spread */
    }
    bool whole = kind == ROW_NEGATE || kind == ROW_SCALE, up = draw_below(d, 2);
    return change(kind, t, whole ? row : element, whole ? (size_t)t->dim : 1, power_drawn(d), up, bound);
}

/* Two keys of one head: their rows of K, of V or of both change places, or the second becomes the first. */
static bool change_rows(enum kind kind, struct at_qkv *qkv, struct draw *d, struct at_search_move *move)
{
    struct at_tensor *tensors[] = {&qkv->k, &qkv->v};
    int64_t head = draw_below(d, qkv->k.batch * qkv->k.heads), first = draw_below(d, qkv->k.seq), second = draw_below(d, qkv->k.seq);
    for (int i = 0; i < 2; i++) {
        const struct at_tensor *t = tensors[i];
        if (kind == (i ? SWAP_K : SWAP_V) || kind == (i ? COPY_K : COPY_V))
            continue;
        char *a = row_at(t, head, first), *b = row_at(t, head, second), held[AT_SEARCH_ROW_BYTES];
        bool swap = kind == SWAP_K || kind == SWAP_V || kind == SWAP_KV;
        memcpy(held, a, move->bytes);
        keep(move, b);
        if (swap) {
            keep(move, a);
            memmove(a, b, move->bytes);
        }
        memmove(b, held, move->bytes);
    }
    return true;
}

static bool changed(const struct at_search_move *move)
{
    for (size_t i = 0; i < move->count; i++)
        if (memcmp(move->place[i], move->before[i], move->bytes) != 0)
            return true;
    return false;
}

void at_search_move_make(struct at_qkv *qkv, const struct at_rows *rows, double bound, struct at_random key, uint64_t number,
                         struct at_search_move *ret_move)
{
    struct draw d = {key, number * DRAWS};
    enum kind kind = (enum kind)draw_below(&d, KINDS);
    ret_move->count = 0;
    ret_move->bytes = (size_t)qkv->k.dim * at_format_size(qkv->k.format);
    bool made = kind < SWAP_K ? change_values(kind, qkv, rows, bound, &d, ret_move) : change_rows(kind, qkv, &d, ret_move);
    if (made && changed(ret_move))
        return;
    at_search_move_undo(ret_move);
    ret_move->count = 0;
}

void at_search_move_undo(const struct at_search_move *move)
{
    for (size_t i = 0; i < move->count; i++)
        memcpy(move->place[i], move->before[i], move->bytes);
}
