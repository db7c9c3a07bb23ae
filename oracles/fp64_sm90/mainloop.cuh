/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "oracles/fp64_sm90/exp2.h"
#include "oracles/fp64_sm90/instructions.cuh"

/* A block's shape (config.h). */
template <int depth_, int keys_, int groups_, int members_, int columns_, int v_blocks_, bool sums_> struct at_fp64_shape {
    static constexpr int depth = depth_, keys = keys_, groups = groups_, members = members_;
    static constexpr int columns = columns_, v_blocks = v_blocks_;
    static constexpr bool sums = sums_, both = sums && members == 1; /* P V and P |V| by the same warp */
    static constexpr int v_columns = both ? columns / 2 : columns;   /* of one block of V */
    static constexpr int rows = 16 * groups, threads = 32 * groups * members;
    static constexpr int own_keys = keys / members; /* whose scores one warp forms */
    static constexpr int q_bytes = rows * depth * 8, k_bytes = keys * depth * 8, v_bytes = keys * v_columns * 8;
    static constexpr int p_bytes = members > 1 ? rows *keys * 8 : 0;
    static constexpr int shared_bytes = q_bytes + k_bytes + v_blocks * v_bytes + p_bytes + AT_FP64_STATE_BYTES;
    static_assert(own_keys % 8 == 0 && depth % 16 == 0 && columns % 16 == 0 && AT_FP64_KEYS % keys == 0 && AT_FP64_ROWS % rows == 0);
    static_assert(sums || members == v_blocks);
    static_assert(members > 1 || keys <= 32); /* the scores of a tile are indexed by unrolled loops (kernel.cu) */
    static_assert(shared_bytes <= 227 * 1024);
};

static __device__ __forceinline__ at_fp64_pair at_fp64_load(const char *shared)
{
    return *reinterpret_cast<const at_fp64_pair *>(shared);
}

/* Where a lane finds its part of Q or P, lines of `width` columns: those of its rows g and g + 8 in columns 2 t and 2 t + 1 of eight. */
template <int width> struct at_fp64_left {
    char *even, *odd;

    __device__ __forceinline__ at_fp64_left(char *shared, int group, int g, int t)
    {
        char *line = shared + (8 * group + g) * width * 16;
        even = line + AT_FP64_Q_CHUNK(g, 2 * t) * 16;
        odd = line + AT_FP64_Q_CHUNK(g, 2 * t + 1) * 16;
    }

    /* A of at_fp64_mma from columns 8 step to 8 step + 7: its column t is 2 t of them, t + 4 is 2 t + 1 */
    __device__ __forceinline__ void load(int step, double (&a)[4]) const
    {
        at_fp64_pair first = at_fp64_load(even + step * 128), second = at_fp64_load(odd + step * 128);
        a[0] = first.x;
        a[1] = first.y;
        a[2] = second.x;
        a[3] = second.y;
    }

    __device__ __forceinline__ void store(int step, const double (&a)[4]) const
    {
        *reinterpret_cast<at_fp64_pair *>(even + step * 128) = {a[0], a[1]};
        *reinterpret_cast<at_fp64_pair *>(odd + step * 128) = {a[2], a[3]};
    }
};

/* Where a lane finds its part of K: of one key of eight, columns 2 t and 2 t + 1 of even and of odd groups of eight. */
template <int depth> struct at_fp64_keys {
    const char *even, *odd;

    __device__ __forceinline__ at_fp64_keys(const char *shared, int key, int t)
    {
        even = shared + key * depth * 8 + AT_FP64_K_CHUNK(key, t) * 16;
        odd = shared + key * depth * 8 + AT_FP64_K_CHUNK(key, t + 4) * 16;
    }

    __device__ __forceinline__ at_fp64_pair load(int step, int below) const
    {
        return at_fp64_load((step % 2 ? odd : even) + step / 2 * 128 + below * depth * 8);
    }
};

/* score <- Q K^T for 16 rows and own_keys keys: score[n] holds keys 8 n to 8 n + 7 as D of at_fp64_mma. */
template <class S>
static __device__ __forceinline__ void at_fp64_scores(const at_fp64_left<S::depth> &q, const at_fp64_keys<S::depth> &k,
                                                      double (&score)[S::own_keys / 8][4])
{
#pragma unroll
    for (int n = 0; n < S::own_keys / 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            score[n][i] = 0;
#pragma unroll
    for (int step = 0; step < S::depth / 8; step++) {
        double a[4];
        q.load(step, a);
#pragma unroll
        for (int n = 0; n < S::own_keys / 8; n++) {
            at_fp64_pair b = k.load(step, 8 * n);
            at_fp64_mma(score[n], a, b.x, b.y);
        }
    }
}

/* What a lane knows of its two rows, g and g + 8 of the warp's. */
struct at_fp64_rows {
    double reference[2], total[2];
    int visible[2], least_visible; /* of all the warp's rows */
};

/*
 * p <- the weights of keys `key` and `key` + 1 for both rows, as A of at_fp64_mma; 0 where a row does not see the key. Keys, visible ones
 * too, are counted from the lane's first.
 */
static __device__ __forceinline__ void at_fp64_weights(const double (&score)[4], double scale, int key, at_fp64_rows &rows, double (&p)[4])
{
    const bool all_visible = key + 1 < rows.least_visible;
#pragma unroll
    for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 2; j++) {
            double t = at_fp64_fused(score[2 * i + j], scale, -rows.reference[i]);
            if (!all_visible && key + j >= rows.visible[i])
                t = 2.0 * AT_FP64_DROPPED;
            p[2 * j + i] = at_fp64_exp2(t);
            rows.total[i] = at_fp64_plus(rows.total[i], p[2 * j + i]);
        }
}

/* x, or |x| where `mask` has no sign */
static __device__ __forceinline__ double at_fp64_masked(double x, uint32_t mask)
{
    uint64_t bits = at_fp64_bits(x);
    return at_fp64_of_words(static_cast<uint32_t>(bits >> 32) & mask, static_cast<uint32_t>(bits));
}

/* value += P V for 8 keys: p as A of at_fp64_mma; `v` is where the lane finds its pair of keys. */
template <class S>
static __device__ __forceinline__ void at_fp64_values(const double (&p)[4], const char *v, uint32_t mask,
                                                      double (&value)[S::columns / 8][4])
{
#pragma unroll
    for (int c = 0; c < S::v_columns / 8; c++) {
        at_fp64_pair b = at_fp64_load(v + c * 128);
        if constexpr (S::sums && !S::both)
            b = {at_fp64_masked(b.x, mask), at_fp64_masked(b.y, mask)};
        at_fp64_mma(value[c], p, b.x, b.y);
        if constexpr (S::both)
            at_fp64_mma(value[S::v_columns / 8 + c], p, at_fp64_masked(b.x, mask), at_fp64_masked(b.y, mask));
    }
}
