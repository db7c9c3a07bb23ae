/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/mainloop.cuh"
#include "oracles/fp64_sm90/slots.cuh"

/* Which rows, blocks of V and keys a block has. */
struct at_fp64_place {
    int first_row, slice, split, head, first_key, tiles;
};

template <class S> static __device__ __forceinline__ at_fp64_place at_fp64_find_place(const at_fp64_arguments &in)
{
    at_fp64_place place;
    int row_blocks = in.rows / S::rows, slices = in.slices / S::v_blocks, index = at_fp64_block_index();
    place.first_row = (row_blocks - 1 - index % row_blocks) * S::rows; /* under a causal mask the last rows have most to do */
    index /= row_blocks;
    place.slice = index % slices * S::v_blocks;
    index /= slices;
    place.split = index % in.splits;
    place.head = index / in.splits;
    place.first_key = place.split * in.split_keys;
    int most = 0;
    for (int row = static_cast<int>(threadIdx.x) % 32; row < S::rows; row += 32)
        most = max(most, in.visible[place.first_row + row]);
    most = __reduce_max_sync(~0u, most);
    int count = min(most - place.first_key, in.split_keys);
    place.tiles = count > 0 ? (count + S::keys - 1) / S::keys : 0;
    return place;
}

/* The rows `row` and `row` + 8 of a block, for a lane whose first key is `key`. */
static __device__ __forceinline__ at_fp64_rows at_fp64_find_rows(const at_fp64_arguments &in, const at_fp64_place &place, int row, int key)
{
    at_fp64_rows rows;
#pragma unroll
    for (int i = 0; i < 2; i++) {
        int at = place.first_row + row + 8 * i;
        rows.reference[i] = in.reference[static_cast<int64_t>(place.head) * in.rows + at];
        rows.total[i] = 0;
        rows.visible[i] = in.visible[at] - key;
    }
    rows.least_visible = __reduce_min_sync(~0u, min(rows.visible[0], rows.visible[1]));
    return rows;
}

/* What `join` makes of the numbers of the four lanes of a row. */
template <class J> static __device__ __forceinline__ double at_fp64_across(double x, J join)
{
#pragma unroll
    for (int lanes = 1; lanes < 4; lanes *= 2) {
        uint64_t bits = at_fp64_bits(x);
        uint32_t low = __shfl_xor_sync(~0u, static_cast<uint32_t>(bits), lanes);
        uint32_t high = __shfl_xor_sync(~0u, static_cast<uint32_t>(bits >> 32), lanes);
        x = join(x, at_fp64_of_words(high, low));
    }
    return x;
}

/* Writes the sums of a lane, columns 8 c + 2 t and 8 c + 2 t + 1 in rows g and g + 8, to rows of `width` columns. */
template <int columns> static __device__ __forceinline__ void at_fp64_store(double *to, int64_t width, int t, const double (*value)[4])
{
#pragma unroll
    for (int c = 0; c < columns / 8; c++)
#pragma unroll
        for (int i = 0; i < 2; i++)
            *reinterpret_cast<at_fp64_pair *>(to + 8 * i * width + 8 * c + 2 * t) = {value[c][2 * i], value[c][2 * i + 1]};
}

/* The lane's part in its block: row `row` and row + 8 of the block, columns 2 t and 2 t + 1 of eight, as one of `members`. */
struct at_fp64_lane {
    int group, member, g, t, row;
};

template <class S> static __device__ __forceinline__ at_fp64_lane at_fp64_find_lane()
{
    at_fp64_lane lane;
    int thread = at_fp64_thread_index();
    lane.group = thread / 32 / S::members;
    lane.member = thread / 32 % S::members;
    lane.g = thread % 32 / 4;
    lane.t = thread % 4;
    lane.row = 16 * lane.group + lane.g;
    return lane;
}

/* Writes what a lane has summed up; p is shared memory that nobody reads any more. */
template <class S>
static __device__ __forceinline__ void at_fp64_finish(const at_fp64_arguments &in, double *shared, double (&total)[2],
                                                      const double (&value)[S::columns / 8][4])
{
    const at_fp64_place place = at_fp64_find_place<S>(in);
    const at_fp64_lane lane = at_fp64_find_lane<S>();
    const int64_t split_row = (static_cast<int64_t>(place.head) * in.splits + place.split) * in.rows + place.first_row + lane.row;
#pragma unroll
    for (int i = 0; i < 2; i++) {
        total[i] = at_fp64_across(total[i], at_fp64_plus);
        if (lane.member == 1 && lane.t == 0)
            shared[lane.row + 8 * i] = total[i];
    }
    if (S::members > 1)
        __syncthreads();
#pragma unroll
    for (int i = 0; i < 2; i++)
        if (lane.member == 0 && lane.t == 0 && place.slice == 0)
            in.total[split_row + 8 * i] = S::members > 1 ? at_fp64_plus(total[i], shared[lane.row + 8 * i]) : total[i];
    const int64_t width = static_cast<int64_t>(in.slices) * S::v_columns, at = split_row * width + place.slice * S::v_columns;
    if constexpr (S::both) {
        at_fp64_store<S::v_columns>(in.value + at, width, lane.t, value);
        at_fp64_store<S::v_columns>(in.sum_abs + at, width, lane.t, value + S::v_columns / 8);
    } else if constexpr (S::sums) {
        at_fp64_store<S::columns>((lane.member == 1 ? in.sum_abs : in.value) + at, width, lane.t, value);
    } else {
        at_fp64_store<S::columns>(in.value + at + lane.member * S::columns, width, lane.t, value);
    }
}

template <class S> static __device__ __forceinline__ void at_fp64_attend(const at_fp64_arguments &in)
{
    const at_fp64_lane lane = at_fp64_find_lane<S>();
    const at_fp64_place place = at_fp64_find_place<S>(in);
    const at_fp64_slots<S> slots(at_fp64_shared());
    if (threadIdx.x == 0) {
        const int64_t kv_head = in.kv_head[place.head];
        slots.begin(in.q + (static_cast<int64_t>(place.head) * in.rows + place.first_row) * S::depth,
                    in.k + (kv_head * in.keys + place.first_key) * S::depth,
                    in.v + ((kv_head * in.slices + place.slice) * in.keys + place.first_key) * S::v_columns, place.tiles, in.keys);
    }
    const at_fp64_left<S::depth> q_at(slots.q, lane.group, lane.g, lane.t);
    const at_fp64_left<S::keys> p_at(slots.p, lane.group, lane.g, lane.t);
    const at_fp64_keys<S::depth> k_at(slots.k, lane.member * S::own_keys + lane.g, lane.t);
    const char *const v_at =
        slots.v + (S::sums ? 0 : lane.member * S::v_bytes) + lane.t * S::v_columns * 16 + AT_FP64_V_CHUNK(lane.t, lane.g) * 16;
    const uint32_t mask = S::both || (S::sums && lane.member == 1) ? 0x7fffffff : 0xffffffff;
    at_fp64_rows rows = at_fp64_find_rows(in, place, lane.row, place.first_key + lane.member * S::own_keys + 2 * lane.t);
    double value[S::columns / 8][4];
#pragma unroll
    for (int c = 0; c < S::columns / 8; c++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            value[c][i] = 0;

    __syncthreads(); /* the barriers are there */
    at_mbarrier_wait(&slots.state->q_there, 0);
    for (int tile = 0; tile < place.tiles; tile++) {
        double score[S::own_keys / 8][4], p[4];
        at_mbarrier_wait(&slots.state->k_there, tile & 1);
        at_fp64_scores<S>(q_at, k_at, score);
        if (at_fp64_leave<S>(&slots.state->k_left) && tile + 1 < place.tiles)
            slots.bring_k(tile + 1);
        if constexpr (S::members > 1) {
            at_barrier_sync(1 + lane.group, 32 * S::members); /* nobody reads P of the last tile */
#pragma unroll
            for (int n = 0; n < S::own_keys / 8; n++) {
                at_fp64_weights(score[n], in.scale, tile * S::keys + 8 * n, rows, p);
                p_at.store(lane.member * (S::own_keys / 8) + n, p);
            }
            at_barrier_sync(1 + lane.group, 32 * S::members); /* P of this one is there */
        }
        at_mbarrier_wait(&slots.state->v_there, tile & 1);
#pragma unroll 4
        for (int n = 0; n < S::keys / 8; n++) {
            if constexpr (S::members > 1)
                p_at.load(n, p);
            else
                at_fp64_weights(score[n], in.scale, tile * S::keys + 8 * n, rows, p);
            at_fp64_values<S>(p, v_at + 4 * n * S::v_columns * 16, mask, value);
        }
        if (at_fp64_leave<S>(&slots.state->v_left) && tile + 1 < place.tiles)
            slots.bring_v(tile + 1, in.keys);
    }
    __syncthreads(); /* nobody reads Q */
    at_fp64_finish<S>(in, reinterpret_cast<double *>(slots.q), rows.total, value);
}

/* `use`s the scores of each tile: use(tile, score). */
template <class S, class U>
static __device__ __forceinline__ void at_fp64_each_tile(const at_fp64_arguments &in, const at_fp64_place &place, int row, int t, U use)
{
    const at_fp64_slots<S> slots(at_fp64_shared());
    if (threadIdx.x == 0)
        slots.begin(in.q + (static_cast<int64_t>(place.head) * in.rows + place.first_row) * S::depth,
                    in.k + static_cast<int64_t>(in.kv_head[place.head]) * in.keys * S::depth, nullptr, place.tiles, in.keys);
    const at_fp64_left<S::depth> q_at(slots.q, row / 16, row % 8, t);
    const at_fp64_keys<S::depth> k_at(slots.k, row % 8, t);
    __syncthreads(); /* the barriers are there */
    at_mbarrier_wait(&slots.state->q_there, 0);
    for (int tile = 0; tile < place.tiles; tile++) {
        double score[S::own_keys / 8][4];
        at_mbarrier_wait(&slots.state->k_there, tile & 1);
        at_fp64_scores<S>(q_at, k_at, score);
        if (at_fp64_leave<S>(&slots.state->k_left) && tile + 1 < place.tiles)
            slots.bring_k(tile + 1);
        use(tile, score);
    }
}

/* The largest score of each row whose reference is not 0, as a whole number. */
template <class S> static __device__ __forceinline__ void at_fp64_refer(const at_fp64_arguments &in)
{
    const int thread = static_cast<int>(threadIdx.x), t = thread % 4, row = thread / 32 * 16 + thread % 32 / 4;
    const at_fp64_place place = at_fp64_find_place<S>(in);
    const int visible[2] = {in.visible[place.first_row + row] - 2 * t, in.visible[place.first_row + row + 8] - 2 * t};
    double most[2] = {-INFINITY, -INFINITY};
    at_fp64_each_tile<S>(in, place, row, t, [&](int tile, const double(&score)[S::own_keys / 8][4]) {
#pragma unroll
        for (int n = 0; n < S::own_keys / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                if (tile * S::keys + 8 * n + i % 2 < visible[i / 2] && score[n][i] > most[i / 2])
                    most[i / 2] = score[n][i];
    });
#pragma unroll
    for (int i = 0; i < 2; i++) {
        most[i] = at_fp64_across(most[i], [](double a, double b) { return a > b ? a : b; });
        double *reference = in.reference + static_cast<int64_t>(place.head) * in.rows + place.first_row + row + 8 * i;
        if (t == 0 && most[i] > -INFINITY && *reference != 0)
            *reference = at_fp64_whole(at_fp64_times(most[i], in.scale));
    }
}

/* The weights of each row: those that at_fp64_attend sums, bit for bit. */
template <class S> static __device__ __forceinline__ void at_fp64_weigh(const at_fp64_arguments &in)
{
    const int thread = static_cast<int>(threadIdx.x), t = thread % 4, row = thread / 32 * 16 + thread % 32 / 4;
    const at_fp64_place place = at_fp64_find_place<S>(in);
    const int64_t at = static_cast<int64_t>(place.head) * in.rows + place.first_row + row;
    at_fp64_rows rows = at_fp64_find_rows(in, place, row, 2 * t);
    at_fp64_each_tile<S>(in, place, row, t, [&](int tile, const double(&score)[S::own_keys / 8][4]) {
#pragma unroll
        for (int n = 0; n < S::own_keys / 8; n++) {
            double p[4];
            at_fp64_weights(score[n], in.scale, tile * S::keys + 8 * n, rows, p);
            for (int i = 0; i < 2; i++)
                *reinterpret_cast<at_fp64_pair *>(in.weight + (at + 8 * i) * in.keys + tile * S::keys + 8 * n + 2 * t) = {p[i], p[2 + i]};
        }
    });
}

#define AT_FP64_KERNEL(name, depth, keys, groups, members, columns, v_blocks, sums) \
    extern "C" __global__ void __launch_bounds__(32 * groups * members, 1) name(const __grid_constant__ at_fp64_arguments in) \
    { \
        at_fp64_attend<at_fp64_shape<depth, keys, groups, members, columns, v_blocks, sums != 0>>(in); \
    }
AT_FP64_KERNELS(AT_FP64_KERNEL)

#define AT_FP64_OF_SCORES(function, name, depth, keys, groups) \
    extern "C" __global__ void __launch_bounds__(32 * groups, 1) name##depth(const __grid_constant__ at_fp64_arguments in) \
    { \
        function<at_fp64_shape<depth, keys, groups, 1, 0, 1, false>>(in); \
    }
#define AT_FP64_REFERENCE(depth, keys, groups) AT_FP64_OF_SCORES(at_fp64_refer, fp64_reference_d, depth, keys, groups)
#define AT_FP64_WEIGHTS(depth, keys, groups) AT_FP64_OF_SCORES(at_fp64_weigh, fp64_weights_d, depth, keys, groups)
AT_FP64_DEPTHS(AT_FP64_REFERENCE)
AT_FP64_DEPTHS(AT_FP64_WEIGHTS)
