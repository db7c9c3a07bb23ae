/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "builtins.cuh"

#include "kernels/attention/fwd_e4m3_sm90/kernel.cu"
#include "kernels/attention/fwd_f16_sm90/kernel.cu"

#include "kernels/twin/wgmma.h"

#include "run.cuh"

enum { PRODUCT_ROWS = 64, MOST_COLUMNS = 256, MOST_DEPTH = 32 };

/* A descriptor, taken apart (PTX ISA, "Matrix Descriptor"). */
struct matrix {
    uint32_t start, leading, stride;
    int row; /* bytes, which the swizzle spans */
};

static struct matrix matrix_of(uint64_t descriptor)
{
    return {static_cast<uint32_t>(descriptor & 0x3fff) << 4, static_cast<uint32_t>(descriptor >> 16 & 0x3fff) << 4,
            static_cast<uint32_t>(descriptor >> 32 & 0x3fff) << 4, descriptor >> 62 == 1 ? 128 : 64};
}

/* 16 bytes of shared memory from `address`, before its swizzle. */
static void fetch(uint32_t address, int row, void *to)
{
    memcpy(to, own_block()->shared + swizzled(address, row), 16);
}

/* The codes of `rows` rows of a K-major matrix, 32 bytes each. */
static void fetch_rows(uint64_t descriptor, int rows, unsigned char (*to)[32])
{
    const struct matrix m = matrix_of(descriptor);
    for (int r = 0; r < rows; r++)
        for (int byte = 0; byte < 32; byte += 16)
            fetch(m.start + static_cast<uint32_t>(r / 8) * m.stride + static_cast<uint32_t>(r % 8 * m.row + byte), m.row, to[r] + byte);
}

/* Those of `depth` rows of an N-major matrix of 16-bit elements, `columns` each. */
static void fetch_columns(uint64_t descriptor, int depth, int columns, uint16_t *to)
{
    const struct matrix m = matrix_of(descriptor);
    for (int k = 0; k < depth; k++)
        for (int n = 0; n < columns; n += 8)
            fetch(m.start + static_cast<uint32_t>(n / 64) * m.leading + static_cast<uint32_t>(k / 8) * m.stride +
                      static_cast<uint32_t>(k % 8 * 128 + n % 64 * 2),
                  m.row, to + k * columns + n);
}

/* A from registers (PTX ISA, "wgmma.mma_async", fragments): of each of the first eight rows of a warp and the second, two pieces. */
static void gather_rows(const struct fibre *first, unsigned which, unsigned char (*to)[32])
{
    for (unsigned thread = 0; thread < 128; thread++) {
        const uint32_t *a = first[thread].products[which].left_registers;
        for (unsigned i = 0; i < 4; i++)
            memcpy(to[thread / 32 * 16 + thread % 32 / 4 + i % 2 * 8] + thread % 4 * 4 + i / 2 * 16, &a[i], sizeof a[i]);
    }
}

/* Element (row, column) of D: which thread has it, and where. */
static float *accumulator(struct fibre *first, unsigned which, int row, int column)
{
    const int thread = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
    return first[thread].products[which].d + column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
}

static void make_product(struct fibre *first, unsigned which, struct at_panel *panel)
{
    const struct product &p = first->products[which];
    const int depth = at_formats[p.a_format].bits == 8 ? 32 : 16;
    static unsigned char left[PRODUCT_ROWS][32], right[MOST_COLUMNS][32];
    static uint16_t turned[16 * MOST_COLUMNS];
    for (int i = 1; i < 128; i++) {
        const struct product &q = first[i].products[which];
        if (q.columns != p.columns || q.left != p.left || q.right != p.right || q.adds != p.adds || q.transposed != p.transposed)
            fibre_fail("the threads of a warpgroup differ about a product");
    }
    if (p.left_registers)
        gather_rows(first, which, left);
    else
        fetch_rows(p.left, PRODUCT_ROWS, left);
    if (p.transposed) {
        fetch_columns(p.right, depth, p.columns, turned);
        at_panel_load(panel, p.b_format, turned, depth, p.columns);
    } else {
        fetch_rows(p.right, p.columns, right);
        at_panel_load_transposed(panel, p.b_format, right, p.columns, depth);
    }
    for (int row = 0; row < PRODUCT_ROWS; row++) {
        float a[MOST_DEPTH], d[MOST_COLUMNS] = {0};
        int16_t exponent[MOST_DEPTH];
        struct at_panel_row a_row;
        for (int k = 0; k < depth; k++)
            a[k] = at_decode(p.a_format, depth == 32 ? left[row][k] : left[row][2 * k] | static_cast<uint32_t>(left[row][2 * k + 1]) << 8);
        for (int n = 0; n < p.columns && p.adds; n++)
            d[n] = *accumulator(first, which, row, n);
        at_panel_row_set(&a_row, panel->simd, p.a_format, a, depth, exponent);
        at_wgmma_chain(panel->simd, &a_row, panel, 0, depth, d);
        for (int n = 0; n < p.columns; n++)
            *accumulator(first, which, row, n) = d[n];
    }
}

void make_products()
{
    static struct at_panel panel;
    if (!panel.k_room && at_panel_init(&panel, at_simd_best(), MOST_DEPTH, MOST_COLUMNS, nullptr))
        abort();
    struct fibre *first = first_of_warpgroup();
    struct warpgroup *w = own_warpgroup();
    const unsigned from = w->made ? first->group_end[(w->made - 1) % MOST_GROUPS] : 0, to = first->group_end[w->made % MOST_GROUPS];
    for (int i = 0; i < 128; i++)
        if (first[i].group_end[w->made % MOST_GROUPS] != to)
            fibre_fail("the threads of a warpgroup differ about the number of products");
    if (to - from > MOST_PRODUCTS / 4)
        fibre_fail("more products in a group than the emulation holds");
    for (unsigned i = from; i < to; i++)
        make_product(first, i % MOST_PRODUCTS, &panel);
    w->made++;
}

/* One of the boxes under way, of a block drawn at random. */
static bool something_arrives(struct block *blocks, unsigned count)
{
    for (unsigned i = 0, first = fibre_random(); i < count; i++) {
        struct block *b = &blocks[(first + i) % count];
        if (b->box_count) {
            const int which = static_cast<int>(fibre_random()) % b->box_count;
            const struct box arrived = b->boxes[which];
            b->boxes[which] = b->boxes[--b->box_count];
            bring(arrived);
            return true;
        }
    }
    return false;
}

#define EMULATED(Q, K, V, DIM, ROWS, KEYS, STAGES, PROMOTION, MASK, SCHEDULE, PACE) \
    {"fwd_" #Q "_" #K "_" #V "_d" #DIM "_" #ROWS "x" #KEYS "_" #PROMOTION "_" #MASK, [](void **a) { \
         fwd_##Q##_##K##_##V##_d##DIM##_##ROWS##x##KEYS##_##PROMOTION##_##MASK( \
             *static_cast<const at_tensor_map *>(a[0]), *static_cast<const at_tensor_map *>(a[1]), \
             *static_cast<const at_tensor_map *>(a[2]), *static_cast<const at_tensor_map *>(a[3]), \
             *static_cast<const at_forward_arguments *>(a[4])); \
     }},
#define EMULATED_F16(...) EMULATED(f16, f16, f16, __VA_ARGS__)
#define EMULATED_BF16(...) EMULATED(bf16, bf16, bf16, __VA_ARGS__)
#define EMULATED_E4M3(...) EMULATED(e4m3, e4m3, e4m3, __VA_ARGS__)
#define EMULATED_E5M2(...) EMULATED(e5m2, e5m2, e5m2, __VA_ARGS__)
#define EMULATED_CACHE(...) EMULATED(e4m3, e5m2, e5m2, __VA_ARGS__)
static const struct emulated_kernel kernels[] = {AT_FWD_F16_TILES(EMULATED_F16) AT_FWD_F16_TILES(EMULATED_BF16)
                                                     AT_FWD_E4M3_RELEASED(EMULATED_E4M3) AT_FWD_E4M3_RELEASED(EMULATED_E5M2)
                                                         AT_FWD_E4M3_RELEASED(EMULATED_CACHE) AT_FWD_E4M3_OWN(EMULATED_E4M3)};

extern "C" bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why)
{
    return launch_one_of(kernels, sizeof kernels / sizeof kernels[0], launch, ret_why);
}
