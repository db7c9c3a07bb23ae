/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_WGMMA_H
#define AT_KERNELS_TWIN_WGMMA_H

#include "core/format.h"
#include "kernels/twin/attention.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One WGMMA of Hopper is, for each output element, one fused dot product of `depth` products and the accumulator, truncated
 * (measured on an H200; arXiv 2511.10909, arXiv 2512.07004). With exponents e(x) = max(floor(log2|x|), smallest normal exponent) and
 * E the largest e(a) + e(b), or e(c), among the terms that are not zero, each term is truncated toward zero to a multiple of 2^(E - F),
 * the sum of those is exact, and it is truncated to `significant` bits. E is taken as at least -133, which only bf16 and tf32
 * can reach. What is truncated to zero is +0. NaN terms, infinity times zero and infinities of both signs give the NaN 0x7fffffff;
 * otherwise an infinite term gives that infinity.
 */
struct at_wgmma_rounding {
    int depth;       /* products fused: 32 for 8-bit operands, 16 for 16-bit ones, 8 for tf32 */
    int fraction;    /* F: 13 or 25 */
    int significant; /* bits of the result: 14 or 24 */
};

struct at_wgmma_rounding at_wgmma_rounding_of(enum at_format format);

/* e(x) for the terms: max(floor(log2|x|), smallest normal exponent of the format); AT_WGMMA_ZERO for zero. x is finite. */
enum { AT_WGMMA_ZERO = -8192 };
int at_wgmma_exponent(enum at_format format, float x);

/*
 * One output element of one instruction, by the definition above: the referee of the vector paths.
 *   a[depth], b[depth * stride]: elements as fp32 numbers that their formats hold, with AT_FP32 read as tf32: the low 13 bits do not
 *   count; c: the accumulator
 */
float at_wgmma_dot(enum at_format a_format, enum at_format b_format, const float *a, const float *b, int64_t stride, float c);

/* Columns of a panel come in multiples of AT_PANEL_COLUMNS; 8-bit ones are also kept in blocks of AT_PANEL_BLOCK. */
enum { AT_PANEL_COLUMNS = 32, AT_PANEL_BLOCK_LOG2 = 6, AT_PANEL_BLOCK = 1 << AT_PANEL_BLOCK_LOG2 };

/* Exponents of 8-bit zeros and specials as bytes; sums of two exponents below AT_PANEL_SOMETHING are those of a zero product. */
enum { AT_PANEL_NOTHING = -64, AT_PANEL_SOMETHING = -40, AT_PANEL_SPECIAL = 127 };

/* The right operand of a chain of instructions, decoded: element (k, n) for `depth`-padded k and AT_PANEL_COLUMNS-padded n, zeros beyond.
 */
struct at_panel {
    enum at_simd simd; /* how it is filled */
    enum at_format format;
    int64_t k, n;           /* padded sizes */
    int64_t k_room, n_room; /* allocated sizes */
    float *value;           /* [k][n]; of 8-bit formats only if special */
    int16_t *exponent;      /* [k][n], AT_WGMMA_ZERO for zeros; as value */
    float *part;            /* 8-bit formats: [n / block][k][2][block], max(b, 0) and min(b, 0) */
    int8_t *narrow;         /* 8-bit formats: [n / block][k][block] exponents, AT_PANEL_NOTHING for zeros */
    int least, most;        /* exponents of the elements that are neither zero nor special; least > most if none */
    bool special;           /* a NaN or an infinity is among them */
    void *codes;            /* room for the codes, turned */
};

/* `simd` is not AT_SIMD_AUTO. */
enum at_status at_panel_init(struct at_panel *ret_panel, enum at_simd simd, int64_t k_room, int64_t n_room, struct at_error *error);
void at_panel_done(struct at_panel *panel);

/* Elements (k, n) to (k + count - 1, n); zeros of 8-bit formats have no sign. */
void at_panel_column(const struct at_panel *panel, int64_t k, int64_t n, int count, float *ret_value);

/* Loads `rows` rows of `dim` codes as columns (element (k, n) is column k of row n, as K in Q K^T), padded to whole instructions. */
void at_panel_load_transposed(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim);

/* Loads `rows` rows of `dim` codes as rows (element (k, n) is column n of row k, as V in P V). */
void at_panel_load(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim);

/* The left operand of one output row. */
struct at_panel_row {
    enum at_format format;
    const float *value;      /* [k] */
    const int16_t *exponent; /* [k] */
    int least, most;
    bool special;
};

/* Fills exponents and range of value[count]; `simd` is not AT_SIMD_AUTO. */
void at_panel_row_set(struct at_panel_row *row, enum at_simd simd, enum at_format format, const float *value, int64_t count,
                      int16_t *ret_exponent);

/*
 * d[n] <- the chain of instructions over k in [first, last) (multiples of the depth) of a . B, starting from d[n]: one output row.
 * Every path gives the bits of at_wgmma_dot.
 */
void at_wgmma_chain(enum at_simd simd, const struct at_panel_row *a, const struct at_panel *b, int64_t first, int64_t last, float *d);

/* One row of a product: the same for its row of A and its d. */
struct at_chain {
    const struct at_panel_row *a;
    float *d;
};

/* The chains of many rows of one format: B is read once for AT_CHAINS_AT_ONCE of them. */
enum { AT_CHAINS_AT_ONCE = 8 };
void at_wgmma_chains(enum at_simd simd, const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first,
                     int64_t last);

/* The paths, for 1 to AT_CHAINS_AT_ONCE chains; no term is NaN or infinite or beyond the range that keeps them exact (panel.c). */
typedef void at_wgmma_chain_path(const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last);
at_wgmma_chain_path at_wgmma_chain_avx2;
at_wgmma_chain_path at_wgmma_chain_avx512;

#ifdef __cplusplus
}
#endif

#endif
