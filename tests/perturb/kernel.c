/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernel.h"

#include "datasets/dataset.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "pad.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum at_status kernel_case_init(struct kernel_case *ret_case, const char *distribution, const struct at_problem *problem, uint64_t seed,
                                const char *variant, struct at_error *error)
{
    struct kernel_case c = {.problem = *problem};
    struct at_distribution_choice choice;
    enum at_status status = at_distribution_choose(distribution, &choice, error);
    if (!status)
        status = at_variant_choose(variant, &c.variant, error);
    if (!status)
        status = at_numerics_resolve(&c.variant.numerics, problem, &c.numerics, error);
    if (!status)
        status = at_distribution_generate(&choice, problem, AT_FP16, seed, &c.inputs, error);
    if (!status)
        status = at_prepare(problem, &c.numerics, &c.inputs, &c.operands, error);
    if (!status)
        status = at_rows_choose(&c.rows, problem->seq_q, 0, 0, error);
    size_t lines = (size_t)(problem->batch * problem->heads_q * problem->seq_q);
    c.o = calloc(lines * (size_t)problem->dim, sizeof *c.o);
    c.lse = calloc(lines, sizeof *c.lse);
    if (!status && (!c.o || !c.lse))
        status = at_fail(error, AT_ERR_MEMORY, "kernel: out of memory");
    if (status)
        kernel_case_done(&c);
    else
        *ret_case = c;
    return status;
}

void kernel_case_done(struct kernel_case *c)
{
    free(c->o);
    free(c->lse);
    at_rows_done(&c->rows);
    at_operands_done(&c->operands);
    at_qkv_done(&c->inputs);
}

static int64_t lines_of(const struct kernel_case *c)
{
    return c->problem.batch * c->problem.heads_q * c->problem.seq_q;
}

static float rounded(const struct kernel_case *c, double x)
{
    return at_decode(c->numerics.output, at_encode(c->numerics.output, (float)x, AT_OVERFLOW_IEEE));
}

/* The twin on `operands`, padded where it has not the head dimension; with `each`, that sees the weights of each row. */
static enum at_status attend(struct kernel_case *c, const struct at_operands *operands,
                             void (*each)(struct kernel_case *c, int64_t line, const double *p), struct at_error *error)
{
    int64_t seq = c->problem.seq_q, keys = operands->problem.seq_k, dim = c->problem.dim;
    struct at_operands padded = {.problem = {0}};
    double *p = each ? calloc((size_t)(seq * keys), sizeof *p) : NULL;
    enum at_status status = !each || p ? AT_OK : at_fail(error, AT_ERR_MEMORY, "kernel: out of memory");
    bool wide = !at_problem_has_twin(&operands->problem);
    if (!status && wide)
        status = pad_operands(operands, &padded, error);
    for (int64_t head = 0; head < c->problem.batch * c->problem.heads_q && !status; head++) {
        status = pad_attend(wide ? &padded : operands, dim, head, &c->rows, c->o + head * seq * dim, c->lse + head * seq, p, error);
        for (int64_t s = 0; s < seq && each && !status; s++)
            each(c, head * seq + s, p + s * keys);
    }
    if (wide)
        pad_done(&padded);
    free(p);
    return status;
}

static enum at_status twin(struct kernel_case *c, struct at_error *error)
{
    return attend(c, &c->operands, NULL, error);
}

static enum at_status other_schedule(struct kernel_case *c, const char *fields, struct at_error *error)
{
    struct at_operands other = c->operands;
    enum at_status status = at_numerics_apply(&other.numerics, fields, error);
    if (!status)
        status = at_numerics_check(&other.numerics, error);
    return status ? status : attend(c, &other, NULL, error);
}

static enum at_status forward_tiles_of_64(struct kernel_case *c, struct at_error *error)
{
    return other_schedule(c, "order=forward,tile=64x64", error);
}

/* A tile that no bound of attest check comes from, and all evaluations exact. */
static enum at_status forward_tiles_of_160(struct kernel_case *c, struct at_error *error)
{
    return other_schedule(c, "order=forward,tile=64x160,exp2=exact,reciprocal=exact", error);
}

static enum at_status p_to_448(struct kernel_case *c, struct at_error *error)
{
    return other_schedule(c, "p=448,order=forward,tile=64x96", error);
}

/* P = e / most as the declared format holds it, with the declared offset; normalised by the caller's sum. */
static float cast_p(const struct at_numerics *n, float e, float sum)
{
    const float factor = n->p_offset == AT_P_POW2_8 ? 256.0f : n->p_offset == AT_P_448 ? 448.0f : 1.0f;
    const float by = n->p_offset == AT_P_NORMALISED ? 1 / sum : factor;
    return at_decode(n->p_format, at_encode(n->p_format, e * by, AT_OVERFLOW_SATURATE)) / by;
}

/* Scores of a row of fp32 sums, softmax in fp32, P in fp32, or rounded to its format; O a sum in fp32. */
static void plain_row(struct kernel_case *c, const double *q, const double *k, const double *v, int64_t line, float *p, bool rounds_p)
{
    int64_t dim = c->problem.dim, keys = at_problem_keys(&c->problem, line % c->problem.seq_q);
    float scale = at_problem_scale_fp32(&c->problem), most = -INFINITY, sum = 0;
    for (int64_t j = 0; j < keys; j++) {
        p[j] = 0;
        for (int64_t i = 0; i < dim; i++)
            p[j] += (float)q[i] * (float)k[j * dim + i];
        p[j] *= scale;
        most = fmaxf(most, p[j]);
    }
    for (int64_t j = 0; j < keys; j++)
        sum += p[j] = expf(p[j] - most);
    for (int64_t j = 0; j < keys && rounds_p; j++)
        p[j] = cast_p(&c->numerics, p[j], sum);
    for (int64_t i = 0; i < dim; i++) {
        float o = 0;
        for (int64_t j = 0; j < keys; j++)
            o += p[j] * (float)v[j * dim + i];
        c->o[line * dim + i] = keys ? rounded(c, (double)(o / sum)) : 0;
    }
    c->lse[line] = keys ? most + logf(sum) : -INFINITY;
}

static enum at_status plain(struct kernel_case *c, bool rounds_p, struct at_error *error)
{
    int64_t seq = c->problem.seq_q, keys = c->problem.seq_k, dim = c->problem.dim;
    double *q = calloc((size_t)((seq + 2 * keys) * dim), sizeof *q), *k = q + seq * dim, *v = k + keys * dim;
    float *p = calloc((size_t)keys, sizeof *p);
    enum at_status status = q && p ? AT_OK : at_fail(error, AT_ERR_MEMORY, "kernel: out of memory");
    for (int64_t head = 0; head < c->problem.batch * c->problem.heads_q && !status; head++) {
        at_operands_dequantise(&c->operands, head / c->problem.heads_q, head % c->problem.heads_q, c->rows.index, seq, q, k, v);
        for (int64_t s = 0; s < seq; s++)
            plain_row(c, q + s * dim, k, v, head * seq + s, p, rounds_p);
    }
    free(q);
    free(p);
    return status;
}

static enum at_status plain_fp32(struct kernel_case *c, struct at_error *error)
{
    return plain(c, false, error);
}

static enum at_status plain_p(struct kernel_case *c, struct at_error *error)
{
    return plain(c, true, error);
}

static enum at_status drop_scales(struct kernel_case *c, struct at_operand *operand, struct at_scales scale, struct at_error *error)
{
    int64_t count = scale.batch * scale.heads * scale.groups;
    float *ones = malloc((size_t)count * sizeof *ones), *was = operand->scale.value;
    if (!ones)
        return at_fail(error, AT_ERR_MEMORY, "kernel: out of memory");
    for (int64_t i = 0; i < count; i++)
        ones[i] = 1;
    operand->scale.value = ones;
    enum at_status status = twin(c, error);
    operand->scale.value = was;
    free(ones);
    return status;
}

static enum at_status v_scale_dropped(struct kernel_case *c, struct at_error *error)
{
    return drop_scales(c, &c->operands.v, c->operands.v.scale, error);
}

static enum at_status k_scale_dropped(struct kernel_case *c, struct at_error *error)
{
    return drop_scales(c, &c->operands.k, c->operands.k.scale, error);
}

static void swap(float *a, float *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        float was = a[i];
        a[i] = b[i];
        b[i] = was;
    }
}

/* The first head and the last, with their log-sum-exps. */
static enum at_status heads_swapped(struct kernel_case *c, struct at_error *error)
{
    enum at_status status = twin(c, error);
    int64_t seq = c->problem.seq_q, last = (c->problem.batch * c->problem.heads_q - 1) * seq;
    if (!status) {
        swap(c->o, c->o + last * c->problem.dim, seq * c->problem.dim);
        swap(c->lse, c->lse + last, seq);
    }
    return status;
}

/* One key more behind the last: of zeros, as the copy engine fills them. With a causal mask each row sees one key more. */
static enum at_status mask_off_by_one(struct kernel_case *c, struct at_error *error)
{
    struct at_operands other = c->operands;
    struct at_tensor *tensors[2] = {&other.k.codes, &other.v.codes};
    enum at_status status = AT_OK;
    other.problem.seq_k++;
    for (int i = 0; i < 2; i++) {
        const struct at_tensor from = *tensors[i];
        size_t head = (size_t)(from.seq * from.dim) * at_format_size(from.format), row = (size_t)from.dim * at_format_size(from.format);
        tensors[i]->codes = NULL;
        if (!status)
            status = at_tensor_init(tensors[i], from.format, from.batch, from.heads, from.seq + 1, from.dim, error);
        for (int64_t h = 0; h < from.batch * from.heads && !status; h++)
            memcpy((char *)tensors[i]->codes + (size_t)h * (head + row), (const char *)from.codes + (size_t)h * head, head);
    }
    if (!status)
        status = attend(c, &other, NULL, error);
    free(other.k.codes.codes);
    free(other.v.codes.codes);
    return status;
}

/* Octaves below the running maximum from which P saturates: an offset of 2^10 where e4m3 ends at 448, as a late rescale leaves it. */
static const double saturated_at = 448.0 / 1024;

/* Weights above that fraction of the running maximum end there, tile by tile; the row sum is that of the weights before. */
static void saturate(struct kernel_case *c, int64_t line, const double *p)
{
    const struct at_problem *pr = &c->problem;
    int64_t keys = at_problem_keys(pr, line % pr->seq_q), tile = c->numerics.tile_n, tiles = (keys + tile - 1) / tile, dim = pr->dim;
    int64_t head = line / pr->seq_q, b = head / pr->heads_q, kv = head % pr->heads_q / at_problem_group(pr);
    double running = 0, o[256] = {0};
    float row[256];
    for (int64_t t = 0; t < tiles; t++) {
        int64_t first = (c->numerics.order == AT_ORDER_REVERSE ? tiles - 1 - t : t) * tile;
        int64_t end = first + tile < keys ? first + tile : keys;
        for (int64_t j = first; j < end; j++)
            running = fmax(running, p[j]);
        for (int64_t j = first; j < end; j++) {
            double weight = fmin(p[j], saturated_at * running);
            at_tensor_decode_rows(&c->operands.v.codes, b, kv, j, 1, row);
            for (int64_t i = 0; i < dim; i++)
                o[i] += weight * (double)row[i] * (double)at_scale_of(&c->operands.v.scale, b, kv, j, i);
        }
    }
    for (int64_t i = 0; i < dim; i++)
        c->o[line * dim + i] = rounded(c, o[i]);
}

static enum at_status p_saturates(struct kernel_case *c, struct at_error *error)
{
    return attend(c, &c->operands, saturate, error);
}

/* The middle row of the second head (of the first, where there is one) holds what the row before left in the buffer. */
static enum at_status one_row_wrong(struct kernel_case *c, struct at_error *error)
{
    enum at_status status = twin(c, error);
    int64_t seq = c->problem.seq_q, head = c->problem.heads_q > 1, line = head * seq + seq / 2, dim = c->problem.dim;
    if (!status && seq > 1)
        memcpy(c->o + line * dim, c->o + (line - 1) * dim, (size_t)dim * sizeof *c->o);
    return status;
}

static enum at_status future_visible(struct kernel_case *c, struct at_error *error)
{
    struct at_operands other = c->operands;
    other.problem.causal = false;
    return attend(c, &other, NULL, error);
}

/* One output of the last head is NaN. */
static enum at_status one_nan(struct kernel_case *c, struct at_error *error)
{
    enum at_status status = twin(c, error);
    c->o[lines_of(c) * c->problem.dim - 1] = NAN;
    return status;
}

/* The outputs of one row in the first head lose their lower half: as if summed into 8 bits. What it is, no hypothesis says. */
static enum at_status noisy_head(struct kernel_case *c, struct at_error *error)
{
    enum at_status status = twin(c, error);
    for (int64_t i = 0; i < c->problem.seq_q * c->problem.dim; i++)
        c->o[i] = at_decode(AT_E5M2, at_encode(AT_E5M2, c->o[i], AT_OVERFLOW_SATURATE));
    return status;
}

const struct kernel kernels[] = {
    {"twin", "the declared numerics", true, twin},
    {"forward-64", "first keys first, tiles of 64 keys", true, forward_tiles_of_64},
    {"forward-160", "first keys first, tiles of 160 keys, exact exp2 and reciprocal", true, forward_tiles_of_160},
    {"p-448", "P up to 448, tiles of 96 keys", true, p_to_448},
    {"plain-fp32", "softmax and P in fp32 on the same operands", true, plain_fp32},
    {"plain-p", "sums and softmax in fp32, P rounded as declared", true, plain_p},
    {"v-scale-dropped", "V's scale dropped", false, v_scale_dropped},
    {"k-scale-dropped", "K's scale dropped", false, k_scale_dropped},
    {"heads-swapped", "two heads swapped", false, heads_swapped},
    {"mask-off-by-one", "last tile's mask off by one", false, mask_off_by_one},
    {"p-saturates", "P saturating: 2^10 above a format that ends at 448", false, p_saturates},
    {"one-row-wrong", "one row wrong: the row before it", false, one_row_wrong},
    {"future-visible", "future keys visible", false, future_visible},
    {"one-nan", "one output is NaN", false, one_nan},
    {"noisy-head", "the first head's outputs cut to two bits", false, noisy_head},
};
const size_t kernel_count = sizeof kernels / sizeof kernels[0];

const struct kernel *kernel_find(const char *name)
{
    for (size_t i = 0; i < kernel_count; i++)
        if (strcmp(kernels[i].name, name) == 0)
            return &kernels[i];
    return NULL;
}

bool kernel_write(const struct kernel_case *c, const char *path)
{
    static const char *const dtypes[AT_FORMAT_COUNT] = {[AT_FP16] = "F16", [AT_BF16] = "BF16", [AT_FP32] = "F32"};
    const struct at_problem *p = &c->problem;
    enum at_format format = c->numerics.output;
    int64_t outputs = lines_of(c) * p->dim, bytes = outputs * (int64_t)at_format_size(format), end = bytes + lines_of(c) * 4;
    char json[512];
    int used = snprintf(json, sizeof json,
                        "{\"o\":{\"dtype\":\"%s\",\"shape\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "],\"data_offsets\":[0,%" PRId64
                        "]},\"lse\":{\"dtype\":\"F32\",\"shape\":[%" PRId64 ",%" PRId64 ",%" PRId64 "],\"data_offsets\":[%" PRId64
                        ",%" PRId64 "]}}",
                        dtypes[format], p->batch, p->heads_q, p->seq_q, p->dim, bytes, p->batch, p->heads_q, p->seq_q, bytes, end);
    uint64_t length = (uint64_t)used;
    void *codes = malloc((size_t)bytes);
    FILE *file = fopen(path, "wb");
    bool written = codes && file;
    if (written) {
        at_encode_array(format, c->o, (size_t)outputs, AT_OVERFLOW_IEEE, codes);
        written = fwrite(&length, sizeof length, 1, file) == 1 && fwrite(json, 1, length, file) == length &&
                  fwrite(codes, 1, (size_t)bytes, file) == (size_t)bytes &&
                  fwrite(c->lse, sizeof *c->lse, (size_t)lines_of(c), file) == (size_t)lines_of(c);
    }
    written = (!file || fclose(file) == 0) && written;
    free(codes);
    return written;
}
