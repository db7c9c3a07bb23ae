/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The twin against outputs of FlashAttention-3's own kernels and of those that vLLM ships, computed on an H200 and kept in
 * datasets/captures/fa3: not one bit of O or of the log-sum-exp may differ. argv[1]: that folder. The reader here is small on purpose:
 * no other room has a part in the verdict.
 */
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *folder = ".";

struct capture {
    char *bytes; /* the whole file */
    const char *data;
    size_t data_size;
    json_t *header;
};

static struct capture open_capture(const char *name)
{
    char path[4096];
    struct capture c = {0};
    uint64_t header_size = 0;
    snprintf(path, sizeof path, "%s/%s.safetensors", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: cannot be opened", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    c.bytes = malloc(size);
    assert_non_null(c.bytes);
    assert_int_equal(fread(c.bytes, 1, size, file), size);
    fclose(file);
    assert_true(size > 8);
    memcpy(&header_size, c.bytes, 8);
    assert_true(header_size < size - 8);
    c.header = json_loadb(c.bytes + 8, header_size, 0, NULL);
    assert_non_null(c.header);
    c.data = c.bytes + 8 + header_size;
    c.data_size = size - 8 - header_size;
    return c;
}

static void close_capture(struct capture *c)
{
    json_decref(c->header);
    free(c->bytes);
}

/* The data of `key`, which must have `dtype` and the shape w x z x y x x (0: no such axis). */
static const void *data_of(const struct capture *c, const char *key, const char *dtype, const int64_t shape[4])
{
    json_t *entry = json_object_get(c->header, key), *sizes = json_object_get(entry, "shape"),
           *range = json_object_get(entry, "data_offsets");
    if (!entry)
        fail_msg("no tensor %s", key);
    assert_string_equal(json_string_value(json_object_get(entry, "dtype")), dtype);
    size_t axes = json_array_size(sizes);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(i < axes ? json_integer_value(json_array_get(sizes, i)) : 0, shape[i]);
    json_int_t first = json_integer_value(json_array_get(range, 0)), last = json_integer_value(json_array_get(range, 1));
    assert_true(first >= 0 && first < last && (size_t)last <= c->data_size);
    return c->data + first;
}

/* b s h d -> b h s d, b = 1 */
static struct at_tensor tensor_of(const struct capture *c, const char *key, const char *dtype, enum at_format format, int64_t seq,
                                  int64_t heads, int64_t dim)
{
    struct at_tensor t;
    const char *from = data_of(c, key, dtype, (const int64_t[]){1, seq, heads, dim});
    size_t row = (size_t)dim * at_format_size(format);
    assert_int_equal(at_tensor_init(&t, format, 1, heads, seq, dim, NULL), AT_OK);
    for (int64_t h = 0; h < heads; h++)
        for (int64_t s = 0; s < seq; s++)
            memcpy((char *)t.codes + (size_t)(h * seq + s) * row, from + (size_t)(s * heads + h) * row, row);
    return t;
}

/* Descales are [batch][key/value head]; Q's are those of the head it reads. */
static struct at_scales scales_of(const struct capture *c, const char *key, int64_t heads, int64_t heads_kv)
{
    const float *descale = key ? data_of(c, key, "F32", (const int64_t[]){1, heads_kv, 0, 0}) : NULL;
    struct at_scales s = {key ? AT_SCALE_HEAD : AT_SCALE_NONE, 1, heads, 1, malloc((size_t)heads * sizeof(float))};
    assert_non_null(s.value);
    for (int64_t h = 0; h < heads; h++)
        s.value[h] = descale ? descale[h / (heads / heads_kv)] : 1.0f;
    return s;
}

struct names {
    const char *variant, *q, *k, *v, *dtype, *q_scale, *k_scale, *v_scale, *o, *o_dtype, *lse;
};

static const struct names fp16 = {"fa3-fp16", "q16", "k16", "v16", "F16", NULL, NULL, NULL, "o16", "F16", "lse16"};
static const struct names plain_fp16 = {"fa3-fp16", "q", "k", "v", "F16", NULL, NULL, NULL, "o", "F16", "lse"};
static const struct names plain_bf16 = {"fa3-bf16", "q", "k", "v", "BF16", NULL, NULL, NULL, "o", "BF16", "lse"};
static const struct names two_level_fp8 = {"fp8-two-level", "q", "k", "v", "U8", "q_descale", "k_descale", "v_descale", "o", "BF16", "lse"};
static const struct names plain_fp8 = {"fa3-fp8", "q", "k", "v", "U8", "q_descale", "k_descale", "v_descale", "o", "BF16", "lse"};
static const struct names fp8 = {"fa3-fp8", "q8", "k8", "v8", "U8", "q_descale", "k_descale", "v_descale", "o8_bf16", "BF16", "lse8"};

static struct at_operands operands_of(const struct capture *c, const struct names *n, const struct at_problem *p)
{
    int64_t heads = p->heads_q, kv = p->heads_kv;
    struct at_variant_choice choice;
    struct at_operands o = {.problem = *p};
    assert_int_equal(at_variant_choose(n->variant, &choice, NULL), AT_OK);
    assert_int_equal(at_numerics_resolve(&choice.numerics, &o.problem, &o.numerics, NULL), AT_OK);
    o.q.codes = tensor_of(c, n->q, n->dtype, o.numerics.q.format, p->seq_q, heads, p->dim);
    o.k.codes = tensor_of(c, n->k, n->dtype, o.numerics.k.format, p->seq_k, kv, p->dim);
    o.v.codes = tensor_of(c, n->v, n->dtype, o.numerics.v.format, p->seq_k, kv, p->dim);
    o.q.scale = scales_of(c, n->q_scale, heads, kv);
    o.k.scale = scales_of(c, n->k_scale, kv, kv);
    o.v.scale = scales_of(c, n->v_scale, kv, kv);
    return o;
}

static void compare_head(const struct capture *c, const struct names *n, const struct at_operands *o, int64_t h, enum at_simd simd)
{
    const struct at_problem *p = &o->problem;
    int64_t seq = p->seq_q, heads = p->heads_q, dim = p->dim;
    const uint16_t *wanted = data_of(c, n->o, n->o_dtype, (const int64_t[]){1, seq, heads, dim});
    const char *wanted_lse = data_of(c, n->lse, "F32", (const int64_t[]){1, heads, seq, 0});
    size_t rows_size = (size_t)seq * sizeof(float);
    struct at_attention a = {malloc(rows_size * (size_t)dim), malloc(rows_size), malloc(rows_size), malloc(rows_size), NULL, 0, 0};
    struct at_rows rows;
    int64_t differing = 0, differing_lse = 0;
    assert_int_equal(at_rows_choose(&rows, seq, 0, 0, NULL), AT_OK);
    assert_int_equal(at_twin_attend(o, 0, h, &rows, simd, &a, NULL), AT_OK);
    for (int64_t s = 0; s < seq; s++) {
        for (int64_t d = 0; d < dim; d++)
            differing += at_encode(o->numerics.output, a.o[s * dim + d], AT_OVERFLOW_IEEE) != wanted[(s * heads + h) * dim + d];
        differing_lse += memcmp(&a.lse[s], wanted_lse + (size_t)(h * seq + s) * sizeof(float), sizeof(float)) != 0;
    }
    if (differing || differing_lse)
        fail_msg("%s, head %" PRId64 ": %" PRId64 " of %" PRId64 " outputs and %" PRId64 " of %" PRId64 " log-sum-exps differ", n->variant,
                 h, differing, seq * dim, differing_lse, seq);
    at_rows_done(&rows);
    free(a.o);
    free(a.row_max);
    free(a.row_sum);
    free(a.lse);
}

static void compare_capture(const char *name, const struct names *n, const struct at_problem *p)
{
    struct capture c = open_capture(name);
    json_t *metadata = json_object_get(c.header, "__metadata__");
    assert_true(strtof(json_string_value(json_object_get(metadata, "scale")), NULL) == (float)(1.0 / sqrt((double)p->dim)));
    assert_string_equal(json_string_value(json_object_get(metadata, "causal")), p->causal ? "true" : "false");
    struct at_operands o = operands_of(&c, n, p);
    for (int64_t h = 0; h < p->heads_q; h++)
        compare_head(&c, n, &o, h, AT_SIMD_AUTO);
    at_operands_done(&o);
    close_capture(&c);
}

static void fp16_of_64_columns_and_grouped_queries(void **state)
{
    (void)state;
    compare_capture("fa3_randn_d64", &fp16, &(struct at_problem){1, 2, 1, 640, 640, 64, false, 0});
}

static void fp8_of_64_columns_and_grouped_queries(void **state)
{
    (void)state;
    compare_capture("fa3_randn_d64", &fp8, &(struct at_problem){1, 2, 1, 640, 640, 64, false, 0});
}

static void fp16_of_128_columns_and_a_ragged_length(void **state)
{
    (void)state;
    compare_capture("fa3_randn_d128", &fp16, &(struct at_problem){1, 2, 2, 1000, 1000, 128, false, 0});
}

static void fp8_of_128_columns_and_a_ragged_length(void **state)
{
    (void)state;
    compare_capture("fa3_randn_d128", &fp8, &(struct at_problem){1, 2, 2, 1000, 1000, 128, false, 0});
}

/* Cases 21, 55, 12, 17 and 19 of seed 1 (tools/fa3). */
static void fp8_causal_of_128_columns(void **state)
{
    (void)state;
    compare_capture("fa3_fp8_d128_causal", &plain_fp8, &(struct at_problem){1, 1, 1, 384, 384, 128, true, 0});
}

static void fp8_of_256_columns(void **state)
{
    (void)state;
    compare_capture("fa3_fp8_d256_causal", &plain_fp8, &(struct at_problem){1, 2, 2, 28, 117, 256, true, 0});
    compare_capture("fa3_fp8_d256", &plain_fp8, &(struct at_problem){1, 2, 1, 96, 635, 256, false, 0});
}

static void causal_of_64_columns(void **state)
{
    (void)state;
    compare_capture("fa3_fp8_d64_causal", &plain_fp8, &(struct at_problem){1, 1, 1, 44, 122, 64, true, 0});
    compare_capture("fa3_bf16_d64_causal", &plain_bf16, &(struct at_problem){1, 4, 1, 71, 272, 64, true, 0});
}

/* 200 queries of two heads on 777 keys of one: grouped, ragged, and with a mask that begins at key 577. */
static const struct at_problem grouped = {1, 2, 1, 200, 777, 0, false, 0};

static void compare_vllm(const char *name, const struct names *n, int64_t dim, bool causal)
{
    struct at_problem p = grouped;
    p.dim = dim;
    p.causal = causal;
    compare_capture(name, n, &p);
}

static void vllm_fp16_causal_of_256_columns(void **state)
{
    (void)state;
    compare_vllm("vllm_fp16_d256_causal", &plain_fp16, 256, true);
}

static void vllm_bf16_causal_of_128_columns(void **state)
{
    (void)state;
    compare_vllm("vllm_bf16_d128_causal", &plain_bf16, 128, true);
}

static void vllm_fp8_in_two_levels(void **state)
{
    (void)state;
    compare_vllm("vllm_fp8_d64_causal", &two_level_fp8, 64, true);
    compare_vllm("vllm_fp8_d128", &two_level_fp8, 128, false);
    compare_vllm("vllm_fp8_d256_causal", &two_level_fp8, 256, true);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp16_of_64_columns_and_grouped_queries),
        cmocka_unit_test(fp8_of_64_columns_and_grouped_queries),
        cmocka_unit_test(fp16_of_128_columns_and_a_ragged_length),
        cmocka_unit_test(fp8_of_128_columns_and_a_ragged_length),
        cmocka_unit_test(fp8_causal_of_128_columns),
        cmocka_unit_test(fp8_of_256_columns),
        cmocka_unit_test(causal_of_64_columns),
        cmocka_unit_test(vllm_fp16_causal_of_256_columns),
        cmocka_unit_test(vllm_bf16_causal_of_128_columns),
        cmocka_unit_test(vllm_fp8_in_two_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
