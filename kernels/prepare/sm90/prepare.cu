/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/sm90/load.cuh"
#include "kernels/prepare/sm90/rotate.cuh"
#include "kernels/prepare/sm90/scale.cuh"
#include "kernels/prepare/sm90/store.cuh"

/* The same for all tiles of a launch. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ void fill_constants(at_prepare_shared<shape> &shared, const at_prepare_batch &batch)
{
    const at_prepare_arguments &a = batch.of[0];
    for (int c = threadIdx.x; c < shape::dim; c += shape::threads) {
        const uint32_t bits = a.signs[c / 32] >> c % 32;
        if (kind != AT_PREPARE_WHOLE_TUNED)
            shared.signs[at_prepare_column_place<shape>(c)] = bits & 1 ? -1.0f : 1.0f;
        else if (c % 2 == 0)
            shared.signs[at_prepare_sign_place<shape>(c / 2)] = __uint_as_float((bits & 1) << 15 | (bits & 2) << 30);
    }
    if (threadIdx.x == 0)
        at_mbarrier_init(&shared.noted, 1);
    __syncthreads();
}

/* Means (its own, or K's where Q's shift is asked) and channel reciprocals of a head, once the block is through with the head before. */
template <class shape>
__device__ __forceinline__ void fill_columns(at_prepare_shared<shape> &shared, const at_prepare_arguments &a, int head)
{
    const float *mean = a.shift ? reinterpret_cast<const float *>(a.shift_mean) + static_cast<int64_t>(head / a.shift_group) * shape::dim
                                : reinterpret_cast<const float *>(a.mean) + static_cast<int64_t>(head) * shape::dim;
    __syncthreads();
    for (int c = threadIdx.x; c < shape::dim; c += shape::threads) {
        const int place = at_prepare_column_place<shape>(c);
        if (a.mean || a.shift)
            shared.mean[place] = mean[c];
        if (a.source == AT_PREPARE_CHANNEL)
            shared.reciprocal[place] =
                __frcp_rn(reinterpret_cast<const float *>(a.scale)[static_cast<int64_t>(head) * shape::dim + c]); /* E5 */
    }
    __syncthreads();
}

/* Bits of the largest of a piece: what before_scaling has found, where it has. */
template <enum at_prepare_kind kind, int columns> __device__ __forceinline__ uint32_t most_of(const float (&x)[columns], uint32_t rotated)
{
    return at_prepare_whole<kind> ? rotated : at_prepare_piece_most(x);
}

/* E4, E5: the factor of the thread's piece of a tile; one thread of those that share a scale writes it where it belongs. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ at_prepare_factor factor_of(at_prepare_block<shape> &block, const at_prepare_arguments &a,
                                                       const at_prepare_place &p, const float (&x)[shape::columns], uint32_t rotated,
                                                       uint32_t &notes)
{
    constexpr bool waits = at_prepare_norm_waits<shape, kind>;
    float *scales = reinterpret_cast<float *>(a.scale);
    const int row = threadIdx.x / shape::pieces;
    if (a.source == AT_PREPARE_FIXED) {
        write_fixed(a, p);
        return at_prepare_factor_of<waits>(a, a.fixed);
    }
    if (a.source == AT_PREPARE_READY)
        return at_prepare_factor_of<waits>(a, scales[p.head]);
    if (a.source == AT_PREPARE_CHANNEL)
        return {1.0f, 0}; /* apply_factor has its own */
    uint32_t most = most_of<kind>(x, rotated);
    if (a.source == AT_PREPARE_TOKEN) {
#pragma unroll
        for (int lanes = 1; lanes < shape::pieces; lanes *= 2)
            most = max(most, __shfl_xor_sync(~0u, most, lanes));
        const float scale = at_prepare_scale_value(a, most);
        if (threadIdx.x % shape::pieces == 0 && row < at_prepare_rows<shape, kind>(a, p))
            scales[at_prepare_first<shape, kind>(a, p) + row] = scale;
        return at_prepare_factor_of<waits>(a, scale);
    }
    block.gather(most);
    if (a.source == AT_PREPARE_BLOCK64) {
        const int half = row / 64, blocks = (a.rows + 63) / 64;
        const float scale = at_prepare_scale_value(a, block.most(half * (shape::warps / 2), shape::warps / 2));
        if (threadIdx.x % (shape::threads / 2) == 0 && half * 64 < at_prepare_rows<shape, kind>(a, p))
            scales[static_cast<int64_t>(p.head) * blocks + 2 * p.tile + half] = scale;
        return at_prepare_factor_of<waits>(a, scale);
    }
    if (a.source == AT_PREPARE_TILE) {
        const float scale = at_prepare_scale_value(a, block.most(0, shape::warps));
        if (threadIdx.x == 0)
            scales[at_prepare_number(a, p)] = scale;
        return at_prepare_factor_of<waits>(a, scale);
    }
    tell_most(block, a, p);
    if (a.source == AT_PREPARE_LOOK)
        return {1.0f, 0};
    at_prepare_listener ear(a, group_first(a, p), a.group_tiles);
    if (block.listens())
        ear.look(0);
    notes ^= 1;
    return factor_across<shape, waits>(block, a, p, ear, notes ^ 1);
}

/* E5: x / scale, as the product with the rounded reciprocal. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ void apply_factor(const at_prepare_shared<shape> &shared, const at_prepare_arguments &a,
                                             const at_prepare_factor &factor, float (&x)[shape::columns])
{
    if (kind == AT_PREPARE_ANY && a.source == AT_PREPARE_CHANNEL) {
#pragma unroll
        for (int k = 0; k < shape::columns / 4; k++) {
            const float4 r = at_prepare_column_four<shape>(shared.reciprocal, k);
            x[4 * k] = __fmul_rn(x[4 * k], r.x);         /* E5 */
            x[4 * k + 1] = __fmul_rn(x[4 * k + 1], r.y); /* E5 */
            x[4 * k + 2] = __fmul_rn(x[4 * k + 2], r.z); /* E5 */
            x[4 * k + 3] = __fmul_rn(x[4 * k + 3], r.w); /* E5 */
        }
        return;
    }
    if (at_prepare_norm_waits<shape, kind> && factor.apart)
        at_prepare_multiply(at_prepare_late_signs<shape>(a.norm), x);
    at_prepare_multiply(at_prepare_products_of<shape, kind>(factor), x);
}

/* E1 to E3 on a piece; rows that do not exist are +0. Of whole rotated rows, the bits of its largest magnitude. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ uint32_t before_scaling(const at_prepare_shared<shape> &shared, const at_prepare_arguments &a,
                                                   const at_prepare_place &p, float (&x)[shape::columns])
{
    uint32_t most = 0;
    if constexpr (kind == AT_PREPARE_WHOLE) {
        at_prepare_signs<shape>(shared.signs, x);
        most = at_prepare_rotate_whole<shape, 2>(a, x);
    }
    if constexpr (kind == AT_PREPARE_WHOLE_TUNED)
        most = at_prepare_rotate_whole<shape, 1>(a, x);
    if constexpr (kind == AT_PREPARE_ANY) {
        if (a.width)
            at_prepare_rotate<shape>(shared.signs, a, x);
        if (a.shift)
            at_prepare_shift<shape>(shared.mean, a, p, x);
        if (a.mean)
            at_prepare_smooth<shape>(shared.mean, x);
    }
    const int rows = at_prepare_rows<shape, kind>(a, p);
    if (kind != AT_PREPARE_PLAIN && !at_prepare_tuned<kind> && rows < shape::rows) {
        const bool there = static_cast<int>(threadIdx.x) / shape::pieces < rows;
#pragma unroll
        for (int c = 0; c < shape::columns; c++)
            x[c] = there ? x[c] : 0.0f;
    }
    return most;
}

/* The thread's piece of what has arrived; if tuned, with the signs D. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ void read(const at_prepare_shared<shape> &shared, const char *pieces, int place, const at_prepare_arguments &a,
                                     float (&x)[shape::columns])
{
    if constexpr (kind == AT_PREPARE_WHOLE_TUNED)
        at_prepare_read_signed<shape>(pieces, place, a.input_format, shared.signs, x);
    else
        at_prepare_read<at_prepare_tuned<kind>>(pieces, place, a.input_format, x);
}

/* Whether a tile's head has other means or channel scales than the tile before. */
__device__ __forceinline__ bool new_columns(const at_prepare_arguments &a, const at_prepare_place &p, const at_prepare_place &before)
{
    return (a.mean || a.shift || a.source == AT_PREPARE_CHANNEL) && (p.head != before.head || p.tensor != before.tensor);
}

/*
 * The pass over tensors. Blocks take tiles in turn; a warp's next tiles are on their way to shared memory while this one is in registers.
 */
template <class shape, enum at_prepare_kind kind> __device__ __forceinline__ void make_codes(const at_prepare_batch &batch)
{
    at_prepare_shared<shape> &shared = at_prepare_shared<shape>::here();
    at_prepare_block<shape> block(shared);
    at_prepare_walk walk(batch), ahead = walk;
    using slots = typename at_prepare_held<shape>::slots;
    const int bytes = at_prepare_tuned<kind> ? 2 : batch.of[0].input_bytes;
    const at_prepare_in<shape, kind, 4> in(bytes);
    char *codes = shared.template slots<2>(), *own = codes + at_kept(slots::of(threadIdx.x));
    at_prepare_out<shape, kind, 1, slots> out;
    out.from = at_kept(out.from);
    out.to = at_kept(out.to);
    const int stages = at_prepare_stages(bytes), step = 32 * shape::columns * bytes;
    at_prepare_place p = {0, -1, 0};
    uint32_t notes = 0;
    int stage = 0;
    fill_constants<shape, kind>(shared, batch);
    for (int i = 0; i < stages; i++, ahead.next())
        in.fetch(shared.memory + i * step, ahead);
    for (; walk.more(); walk.next(), ahead.next()) {
        const at_prepare_place before = p;
        const at_prepare_arguments &a = walk.of();
        float x[shape::columns];
        p = walk;
        if (kind == AT_PREPARE_ANY && new_columns(a, p, before))
            fill_columns(shared, a, p.head);
        at_prepare_arrive(stages);
        read<shape, kind>(shared, shared.memory + stage, in.read, a, x);
        in.fetch(shared.memory + stage, ahead);
        stage = stage + step == 128 * shape::columns ? 0 : stage + step;
        const uint32_t rotated = before_scaling<shape, kind>(shared, a, p, x);
        const at_prepare_factor factor = factor_of<shape, kind>(block, a, p, x, rotated, notes);
        if (a.source == AT_PREPARE_LOOK)
            continue;
        apply_factor<shape, kind>(shared, a, factor, x);
        if (a.turned)
            __syncthreads(); /* the tile before has been read */
        at_prepare_cast_any<shape, kind>(a, at_prepare_held<shape>{x, own});
        at_prepare_store_any<shape, kind, slots>(a, p, codes, out);
    }
}

/* The codes of a tile that waited in shared memory; `ear`: the listener's, that has looked. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ void end_wait(at_prepare_block<shape> &block, const at_prepare_arguments &a, const at_prepare_place &p,
                                         at_prepare_listener &ear, at_prepare_waiting<shape, kind> &waiting,
                                         const at_prepare_out<shape, kind, 1, typename at_prepare_waiting<shape, kind>::slots> &out)
{
    constexpr bool waits = at_prepare_norm_waits<shape, kind>;
    const at_prepare_factor factor = factor_across<shape, waits>(block, a, p, ear, block.turn); /* noted in each turn but the first */
    if (waits && factor.apart)
        waiting.norm(at_prepare_late_signs<shape>(a.norm));
    at_prepare_cast_any<shape, kind>(a,
                                     at_prepare_multiplied<shape, kind>{waiting, at_prepare_products_of<shape, kind>(factor), waiting.own});
    at_prepare_store_any<shape, kind, typename at_prepare_waiting<shape, kind>::slots>(a, p, block.shared.template slots<4>(), out);
    if (a.turned)
        __syncthreads();
    else
        __syncwarp();
}

/*
 * The same where tiles of several blocks have one scale (AT_PREPARE_GROUP): a tile waits for it in shared memory, as fp32, while the
 * block makes the next one. Every tile of a scale is in a block that runs, for the host sees to it that group_tiles <= gridDim.x <= blocks
 * that run at once; a block tells of its tiles in order, and waits for a tile's scale after telling of the next: so a tile is told of once
 * the scale of the tile two turns before is there, which is another scale before this one or no later than its first tile.
 */
template <class shape, enum at_prepare_kind kind> __device__ __forceinline__ void make_codes_of_groups(const at_prepare_batch &batch)
{
    at_prepare_shared<shape> &shared = at_prepare_shared<shape>::here();
    at_prepare_block<shape> block(shared);
    at_prepare_walk walk(batch);
    using slots = typename at_prepare_waiting<shape, kind>::slots;
    constexpr bool early = shape::blocks == 2; /* measured: docs/prepare_sm90.md */
    const at_prepare_in<shape, kind, 2> in(batch.of[0].input_bytes);
    at_prepare_waiting<shape, kind> waiting;
    waiting.own = shared.template slots<4>() + at_kept(slots::of(threadIdx.x));
    at_prepare_out<shape, kind, 1, slots> out;
    out.from = at_kept(out.from);
    out.to = at_kept(out.to);
    const at_prepare_place none = {0, -1, 0};
    at_prepare_place before = none;
    in.fetch(shared.memory, walk);
    fill_constants<shape, kind>(shared, batch);
    for (bool more = walk.more(); more || before.head >= 0;) {
        const at_prepare_arguments &a = batch.of[more ? walk.tensor : 0], &old = batch.of[before.tensor];
        at_prepare_place p = none;
        at_prepare_listener ear(old, group_first(old, before), old.group_tiles);
        uint32_t most = 0;
        float x[shape::columns];
        if (early && before.head >= 0 && block.listens())
            ear.look(0);
        if (more) {
            p = walk;
            if (kind == AT_PREPARE_ANY && new_columns(a, p, before))
                fill_columns(shared, a, p.head);
            at_prepare_arrive(1);
            read<shape, kind>(shared, shared.memory, in.read, a, x);
            walk.next();
            in.fetch(shared.memory, walk);
            more = walk.more();
            most = before_scaling<shape, kind>(shared, a, p, x);
            most = most_of<kind>(x, most);
        }
        if (!early && before.head >= 0 && block.listens())
            ear.look(0);
        block.gather(most);
        if (p.head >= 0)
            tell_most(block, a, p);
        if (before.head >= 0)
            end_wait<shape, kind>(block, old, before, ear, waiting, out);
        if (p.head >= 0)
            waiting.put(x);
        before = p;
    }
}

/*
 * E2, and the largest of a channel (E4): one number for each column of each tile, its rows in order. The rotated tile goes to shared
 * memory, where each thread has a column. No bandwidth is claimed for it: only smoothing and channel scales need it.
 */
template <class shape> __device__ __forceinline__ void make_columns(const at_prepare_batch &batch)
{
    const at_prepare_arguments &a = batch.of[0];
    at_prepare_shared<shape> &shared = at_prepare_shared<shape>::here();
    const at_prepare_in<shape, AT_PREPARE_ANY, 4> in(a.input_bytes);
    constexpr int fours = shape::columns / 4;
    at_prepare_walk walk(batch);
    int head = -1;
    fill_constants<shape, AT_PREPARE_ANY>(shared, batch);
    for (; walk.more(); walk.next()) {
        const at_prepare_place p = walk;
        float x[shape::columns];
        if (a.mean && p.head != head)
            fill_columns(shared, a, p.head);
        head = p.head;
        in.fetch(shared.memory, walk);
        at_prepare_arrive(1);
        at_prepare_read<false>(shared.memory, in.read, a.input_format, x);
        before_scaling<shape, AT_PREPARE_ANY>(shared, a, p, x);
#pragma unroll
        for (int k = 0; k < fours; k++)
            *reinterpret_cast<float4 *>(shared.memory + 16 * at_prepare_swizzle<fours>(threadIdx.x * fours + k)) =
                make_float4(x[4 * k], x[4 * k + 1], x[4 * k + 2], x[4 * k + 3]);
        __syncthreads();
        if (const int c = threadIdx.x; c < shape::dim) {
            const int rows = at_prepare_rows<shape, AT_PREPARE_ANY>(a, p);
            float number = 0;
#pragma unroll 8
            for (int row = 0; row < rows; row++) {
                const int four = at_prepare_swizzle<fours>(row * (shape::dim / 4) + c / 4);
                const float value = reinterpret_cast<const float *>(shared.memory + 16 * four)[c % 4];
                number = a.column == AT_PREPARE_SUM ? __fadd_rn(number, value) /* E2 */ : fmaxf(number, fabsf(value)); /* E4 */
            }
            reinterpret_cast<float *>(a.columns)[static_cast<int64_t>(at_prepare_number(a, p)) * shape::dim + c] = number;
        }
        __syncthreads();
    }
}

#define KERNEL(NAME, DIM, ROWS, ...) \
    extern "C" __global__ void __launch_bounds__(AT_PREPARE_THREADS(DIM, ROWS), AT_PREPARE_BLOCKS(DIM, ROWS)) \
        prepare_##NAME##_d##DIM##_r##ROWS(const __grid_constant__ at_prepare_batch batch) \
    { \
        __VA_ARGS__(batch); \
    }
#define KERNELS_OF(NAME, PASS, DIM, ROWS) \
    KERNEL(NAME##_plain, DIM, ROWS, PASS<at_prepare_shape<DIM, ROWS>, AT_PREPARE_PLAIN>) \
    KERNEL(NAME##_plain_tuned, DIM, ROWS, PASS<at_prepare_shape<DIM, ROWS>, AT_PREPARE_PLAIN_TUNED>) \
    KERNEL(NAME##_whole, DIM, ROWS, PASS<at_prepare_shape<DIM, ROWS>, AT_PREPARE_WHOLE>) \
    KERNEL(NAME##_whole_tuned, DIM, ROWS, PASS<at_prepare_shape<DIM, ROWS>, AT_PREPARE_WHOLE_TUNED>) \
    KERNEL(NAME##_any, DIM, ROWS, PASS<at_prepare_shape<DIM, ROWS>, AT_PREPARE_ANY>)
/* Tiles that wait have GROUP_ROWS rows, those of four bytes an element in registers. */
#define KERNELS(DIM, GROUP_ROWS) \
    KERNELS_OF(codes, make_codes, DIM, 128) \
    KERNELS_OF(groups, make_codes_of_groups, DIM, GROUP_ROWS) \
    KERNEL(columns, DIM, 128, make_columns<at_prepare_shape<DIM, 128>>)

KERNELS(64, 128)
KERNELS(128, 64)
KERNELS(256, 64)
KERNELS_OF(codes, make_codes, 128, 64)
KERNELS_OF(codes, make_codes, 256, 64)

/* A thread for each column of each head: tiles in order. */
extern "C" __global__ void __launch_bounds__(AT_PREPARE_SMALL_THREADS)
    prepare_heads(const __grid_constant__ at_prepare_arguments a, int dim)
{
    const int64_t count = static_cast<int64_t>(a.heads) * dim, step = static_cast<int64_t>(gridDim.x) * blockDim.x;
    for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
        const float *column = reinterpret_cast<const float *>(a.columns) + i / dim * a.head_tiles * dim + i % dim;
        float number = 0;
#pragma unroll 8
        for (int tile = 0; tile < a.head_tiles; tile++) {
            const float value = column[static_cast<int64_t>(tile) * dim];
            number = a.column == AT_PREPARE_SUM ? __fadd_rn(number, value) /* E2 */ : fmaxf(number, value); /* E4 */
        }
        if (a.column == AT_PREPARE_SUM)
            reinterpret_cast<float *>(a.mean)[i] = __fdiv_rn(number, __int2float_rn(a.rows)); /* E2 */
        else
            reinterpret_cast<float *>(a.scale)[i] = at_prepare_scale_value(a, __float_as_uint(number));
    }
}

/* A block for each scale: the largest of its tiles, for all of its heads. */
extern "C" __global__ void __launch_bounds__(AT_PREPARE_SMALL_THREADS) prepare_groups(const __grid_constant__ at_prepare_arguments a)
{
    uint32_t *warps = reinterpret_cast<uint32_t *>(at_dynamic_shared());
    for (int group = blockIdx.x; group < a.heads / a.share; group += gridDim.x) {
        at_prepare_ear<AT_PREPARE_SMALL_THREADS> ear(a, group * a.group_tiles, a.group_tiles);
        ear.look(0);
        uint32_t most = ear.hear();
        if (threadIdx.x % 32 == 0)
            warps[threadIdx.x / 32] = most;
        __syncthreads();
        for (int i = 0; i < AT_PREPARE_SMALL_THREADS / 32; i++)
            most = max(most, warps[i]);
        for (int i = threadIdx.x; i < a.share; i += blockDim.x)
            reinterpret_cast<float *>(a.scale)[static_cast<int64_t>(group) * a.share + i] = at_prepare_scale_value(a, most);
        __syncthreads();
    }
}
