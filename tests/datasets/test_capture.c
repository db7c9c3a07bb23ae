/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "datasets/dataset.h"
#include "written.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_capture_options from_file = {.causal = -1};

/* 1 x 2 x 3 x 32 of q; 1 x 1 x 5 x 32 of k and v; fp8 */
static const struct written_spec plain = {"F8_E4M3", "[1,2,3,32]", "[1,1,5,32]", "[1,1,5,32]", "", 192, 160, 160};

static void assert_refused(const char *path, const struct at_capture_options *options, enum at_status status, const char *part)
{
    struct at_problem problem = {.batch = -7};
    struct at_qkv qkv = {.q.batch = -7};
    struct at_error error = {{0}};
    enum at_status got = at_capture_read(path, options, &problem, &qkv, &error);
    if (got != status || strncmp(error.message, path, strlen(path)) != 0 || !strstr(error.message, part) || strchr(error.message, '\n'))
        fail_msg("status %d, '%s'; wanted %d, '%s ... %s'", got, error.message, status, path, part);
    assert_int_equal(at_capture_read(path, options, &problem, &qkv, NULL), status);
    enum at_format format = AT_FORMAT_COUNT;
    assert_int_equal(at_capture_problem(path, options, &problem, &format, &error), status); /* all of it is told by the header */
    assert_true(problem.batch == -7 && qkv.q.batch == -7 && !qkv.q.codes && format == AT_FORMAT_COUNT);
}

static void reads_the_captures(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sha256;
    } rows[] = {
        /* computed from the files by hashlib, without this reader */
        {"gpt-layer0.safetensors", "6496abc7614c26059c36bf6686c8b746b054ccbaabe24d8b339ac433bfc63a7b"},
        {"gpt-layer7.safetensors", "b036b1763d8e8f491c73408954b9546c809205528bc24a2ee076dfab9cc31e48"},
    };
    for (int i = 0; i < 2; i++) {
        char path[1024];
        struct at_problem p;
        struct at_qkv qkv;
        struct at_error error = {{0}};
        int64_t nan, infinite;
        snprintf(path, sizeof path, "%s/%s", CAPTURES, rows[i].name);
        if (at_capture_read(path, &from_file, &p, &qkv, &error))
            fail_msg("%s", error.message);
        assert_true(p.batch == 1 && p.heads_q == 6 && p.heads_kv == 2 && p.seq_q == 1024 && p.seq_k == 1024 && p.dim == 128);
        assert_true(p.causal);
        assert_true(p.scale == 0); /* the recorded number is 1/sqrt(128) */
        assert_int_equal(qkv.q.format, AT_BF16);
        struct at_problem alone = {0};
        enum at_format format = AT_FORMAT_COUNT;
        assert_int_equal(at_capture_problem(path, &from_file, &alone, &format, &error), AT_OK);
        assert_true(format == qkv.q.format && memcmp(&alone, &p, sizeof p) == 0);
        at_tensor_count_nonfinite(&qkv.k, &nan, &infinite);
        assert_true(nan == 0 && infinite == 0);
        assert_string_equal(at_sha256_of_qkv(&qkv).hex, rows[i].sha256);
        at_qkv_done(&qkv);
    }
}

/* The same elements in both layouts, the b s h d one told by metadata, by option, and told wrongly. */
static void layouts_give_the_same_tensors(void **state)
{
    (void)state;
    enum { B = 2, H = 2, S = 3, D = 32, COUNT = B * H * S * D };
    static uint16_t bhsd[3 * COUNT], bshd[3 * COUNT];
    for (int t = 0, n = 0; t < 3; t++)
        for (int b = 0; b < B; b++)
            for (int h = 0; h < H; h++)
                for (int s = 0; s < S; s++)
                    for (int d = 0; d < D; d++, n++) {
                        bhsd[n] = (uint16_t)n;
                        bshd[t * COUNT + ((b * S + s) * H + h) * D + d] = (uint16_t)n;
                    }
    struct written_spec straight = {"F16", "[2,2,3,32]", "[2,2,3,32]", "[2,2,3,32]", "", 2 * COUNT, 2 * COUNT, 2 * COUNT};
    struct written_spec swapped = straight, labelled;
    swapped.q = swapped.k = swapped.v = "[2,3,2,32]";
    labelled = swapped;
    labelled.metadata = ",\"__metadata__\":{\"layout\":\"b s h d\"}";
    struct at_capture_options told = from_file, told_spaced = from_file;
    told.layout = "bshd";
    told_spaced.layout = "b s h d";
    const struct {
        const struct written_spec *spec;
        const uint16_t *data;
        const struct at_capture_options *options;
    } rows[] = {{&straight, bhsd, &from_file}, {&labelled, bshd, &from_file}, {&swapped, bshd, &told}, {&swapped, bshd, &told_spaced}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct at_problem p;
        struct at_qkv x;
        assert_int_equal(at_capture_read(written_capture(rows[i].spec, rows[i].data), rows[i].options, &p, &x, NULL), AT_OK);
        assert_true(p.batch == B && p.heads_q == H && p.heads_kv == H && p.seq_q == S && p.seq_k == S && p.dim == D);
        assert_memory_equal(x.q.codes, bhsd, 2 * COUNT);
        assert_memory_equal(x.k.codes, bhsd + COUNT, 2 * COUNT);
        assert_memory_equal(x.v.codes, bhsd + 2 * COUNT, 2 * COUNT);
        at_qkv_done(&x);
    }
}

static void every_dtype_keeps_its_codes(void **state)
{
    (void)state;
    static const struct {
        const char *dtype;
        enum at_format format;
    } rows[] = {{"F16", AT_FP16}, {"BF16", AT_BF16}, {"F32", AT_FP32}, {"F8_E4M3", AT_E4M3}};
    unsigned char bytes[4 * 512];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 73 + i / 256); /* NaN and infinity among them */
    for (int i = 0; i < 4; i++) {
        int size = (int)at_format_size(rows[i].format);
        struct written_spec s = plain;
        struct at_problem p;
        struct at_qkv x;
        s.dtype = rows[i].dtype;
        s.q_bytes *= size, s.k_bytes *= size, s.v_bytes *= size;
        assert_int_equal(at_capture_read(written_capture(&s, bytes), &from_file, &p, &x, NULL), AT_OK);
        assert_int_equal(x.v.format, rows[i].format);
        assert_true(p.heads_q == 2 && p.heads_kv == 1 && p.seq_q == 3 && p.seq_k == 5 && !p.causal && p.scale == 0);
        assert_memory_equal(x.q.codes, bytes, (size_t)s.q_bytes);
        assert_memory_equal(x.k.codes, bytes + s.q_bytes, (size_t)s.k_bytes);
        assert_memory_equal(x.v.codes, bytes + s.q_bytes + s.k_bytes, (size_t)s.v_bytes);
        at_qkv_done(&x);
    }
}

static void nan_and_infinity_are_read(void **state)
{
    (void)state;
    struct written_spec s = plain;
    static float data[512];
    struct at_problem p;
    struct at_qkv x;
    int64_t nan, infinite;
    data[0] = NAN, data[1] = INFINITY, data[191] = -INFINITY, data[511] = NAN;
    s.dtype = "F32";
    s.q_bytes *= 4, s.k_bytes *= 4, s.v_bytes *= 4;
    assert_int_equal(at_capture_read(written_capture(&s, data), &from_file, &p, &x, NULL), AT_OK);
    at_tensor_count_nonfinite(&x.q, &nan, &infinite);
    assert_true(nan == 1 && infinite == 2);
    at_tensor_count_nonfinite(&x.v, &nan, &infinite);
    assert_true(nan == 1 && infinite == 0);
    assert_memory_equal(x.v.codes, data + 352, sizeof(float) * 160);
    at_qkv_done(&x);
}

/* Options come before metadata, metadata before defaults. */
static void metadata_and_options(void **state)
{
    (void)state;
    static const struct {
        const char *metadata;
        int causal;
        double scale;
        bool want_causal;
        double want_scale;
    } rows[] = {
        {"", -1, 0, false, 0},
        {"", 1, 0.5, true, 0.5},
        {",\"__metadata__\":{\"causal\":\"true\",\"scale\":\"0.25\"}", -1, 0, true, 0.25},
        {",\"__metadata__\":{\"causal\":\"True\",\"scale\":\"0.25\"}", 0, 0.125, false, 0.125},
        {",\"__metadata__\":{\"causal\":\"0\"}", -1, 0, false, 0},
        {",\"__metadata__\":{\"causal\":\"false\"}", 1, 0, true, 0},
        {",\"__metadata__\":{\"scale\":\"0.17677669529663689\"}", -1, 0, false, 0},   /* the double nearest to 32^-1/2 */
        {",\"__metadata__\":{\"scale\":\"0.1767766922712326\"}", -1, 0, false, 0},    /* the float nearest to it */
        {",\"__metadata__\":{\"scale\":\"0.176776695\"}", -1, 0, false, 0.176776695}, /* neither */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct written_spec s = plain;
        struct at_capture_options options = {.causal = rows[i].causal, .scale = rows[i].scale};
        struct at_problem p;
        struct at_qkv x;
        s.metadata = rows[i].metadata;
        assert_int_equal(at_capture_read(written_capture(&s, NULL), &options, &p, &x, NULL), AT_OK);
        if (p.causal != rows[i].want_causal || p.scale != rows[i].want_scale)
            fail_msg("row %zu: causal %d, scale %.17g", i, p.causal, p.scale);
        at_qkv_done(&x);
    }
}

static void refuses_bad_metadata_and_options(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *part;
        enum at_status status;
    } rows[] = {
        {",\"__metadata__\":{\"layout\":\"b h d s\"}", "did you mean bhsd?", AT_ERR_ARGUMENT},
        {",\"__metadata__\":{\"layout\":\"bhsdbhsdbhsdbhsdbhsdbhsd\"}",
         "it is bhsd or bshd (batch, heads, sequence, head dimension); overrule the file's with --layout", AT_ERR_ARGUMENT},
        {",\"__metadata__\":{\"causal\":\"yes\"}",
         "metadata causal 'yes' is neither true nor false; overrule it with --causal or --not-causal", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"0\"}", "metadata scale '0' is not a finite number above 0; overrule it with --scale X",
         AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"-1\"}", "metadata scale", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"nan\"}", "metadata scale", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"inf\"}", "metadata scale", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"0.1x\"}", "metadata scale", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":\"\"}", "metadata scale", AT_ERR_FORMAT},
        {",\"__metadata__\":{\"scale\":0.1}", "'scale' is not a text", AT_ERR_FORMAT},
    };
    struct written_spec s = plain;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s.metadata = rows[i].entry;
        assert_refused(written_capture(&s, NULL), &from_file, rows[i].status, rows[i].part);
    }
    const char *path = written_capture(&plain, NULL);
    struct at_capture_options options = from_file;
    options.layout = "sbhd";
    assert_refused(path, &options, AT_ERR_ARGUMENT, "layout 'sbhd'");
    options = from_file;
    options.scale = -1;
    assert_refused(path, &options, AT_ERR_ARGUMENT, "scale -1");
    options.scale = NAN;
    assert_refused(path, &options, AT_ERR_ARGUMENT, "scale");
}

static void refuses_bad_shapes(void **state)
{
    (void)state;
    static const struct {
        struct written_spec spec;
        enum at_status status;
        const char *part;
    } rows[] = {
        {{"F8_E4M3", "[2,3,32]", "[1,1,5,32]", "[1,1,5,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'q' has 3 dimensions"},
        {{"F8_E4M3", "[1,1,2,3,32]", "[1,1,5,32]", "[1,1,5,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'q' has 5 dimensions"},
        {{"F8_E4M3", "[1,2,3,32]", "[160]", "[1,1,5,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'k' has 1 dimensions"},
        {{"F8_E4M3", "[2,1,3,32]", "[1,1,5,32]", "[1,1,5,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'q' and 'k' differ in batch: 2 and 1"},
        {{"F8_E4M3", "[1,1,3,64]", "[1,1,5,32]", "[1,1,5,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'q' and 'k' differ in head dimension"},
        {{"F8_E4M3", "[1,2,3,32]", "[1,1,5,32]", "[1,1,10,16]", "", 192, 160, 160}, AT_ERR_FORMAT, "'q' and 'v' differ in head dimension"},
        {{"F8_E4M3", "[1,2,3,32]", "[1,1,5,32]", "[1,5,1,32]", "", 192, 160, 160}, AT_ERR_FORMAT, "'k' and 'v' differ in heads: 1 and 5"},
        {{"F8_E4M3", "[1,2,3,32]", "[1,1,5,32]", "[1,1,4,32]", "", 192, 160, 128}, AT_ERR_FORMAT, "'k' and 'v' differ in sequence: 5"},
        {{"F8_E4M3", "[1,3,2,32]", "[1,2,2,32]", "[1,2,2,32]", "", 192, 128, 128}, AT_ERR_ARGUMENT, "3 query heads do not divide by 2"},
        {{"F8_E4M3", "[1,2,4,20]", "[1,1,5,20]", "[1,1,5,20]", "", 160, 100, 100}, AT_ERR_UNSUPPORTED, "head dimension 20"},
        {{"F8_E4M3", "[1,2,0,32]", "[1,1,5,32]", "[1,1,5,32]", "", 0, 160, 160}, AT_ERR_ARGUMENT, "at least 1"},
        {{"F8_E4M3", "[1,2,0,0]", "[1,1,5,0]", "[1,1,5,0]", "", 0, 0, 0}, AT_ERR_ARGUMENT, "at least 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused(written_capture(&rows[i].spec, NULL), &from_file, rows[i].status, rows[i].part);
}

static void refuses_names_and_dtypes(void **state)
{
    (void)state;
    struct written_spec s = plain;
    s.dtype = "U8";
    assert_refused(written_capture(&s, NULL), &from_file, AT_ERR_UNSUPPORTED, "dtype U8: attest reads F16, BF16, F32 and F8_E4M3");
    s.dtype = "F8_E5M2";
    assert_refused(written_capture(&s, NULL), &from_file, AT_ERR_UNSUPPORTED, "dtype F8_E5M2");
    s.dtype = "F7_NEW";
    assert_refused(written_capture(&s, NULL), &from_file, AT_ERR_UNSUPPORTED, "dtype F7_NEW");
    struct at_capture_options options = from_file;
    options.k_name = "kk";
    assert_refused(written_capture(&plain, NULL), &options, AT_ERR_NOT_FOUND,
                   "no tensor named 'kk' (did you mean k?); it holds q, k, v; say which is K with --k-name NAME, in a study file with "
                   "tensors: {k: NAME}");
    static const char mixed[] = "{\"q\":{\"dtype\":\"F16\",\"shape\":[1,1,1,32],\"data_offsets\":[0,64]},"
                                "\"k\":{\"dtype\":\"BF16\",\"shape\":[1,1,1,32],\"data_offsets\":[64,128]},"
                                "\"v\\n\\u001b[31m\":{\"dtype\":\"F16\",\"shape\":[1,1,1,32],\"data_offsets\":[128,192]}}";
    static const char zeros[192];
    assert_refused(written_tensors("mixed", mixed, zeros, 192), &from_file, AT_ERR_FORMAT, "'k' is BF16 but 'q' is F16");
    options = from_file;
    options.k_name = "q";
    assert_refused(written_tensors("mixed", mixed, zeros, 192), &options, AT_ERR_NOT_FOUND, "it holds q, k, v??[31m");
}

static void names_are_options(void **state)
{
    (void)state;
    static char data[192];
    static const char json[] = "{\"a\":{\"dtype\":\"F16\",\"shape\":[1,1,1,32],\"data_offsets\":[0,64]},"
                               "\"b\":{\"dtype\":\"F16\",\"shape\":[1,1,1,32],\"data_offsets\":[64,128]},"
                               "\"c\":{\"dtype\":\"F16\",\"shape\":[1,1,1,32],\"data_offsets\":[128,192]}}";
    struct at_capture_options options = {.q_name = "c", .k_name = "a", .v_name = "b", .layout = "", .causal = -1};
    struct at_problem p;
    struct at_qkv x;
    for (int i = 0; i < 192; i++)
        data[i] = (char)i;
    assert_int_equal(at_capture_read(written_tensors("named", json, data, 192), &options, &p, &x, NULL), AT_OK);
    assert_memory_equal(x.q.codes, data + 128, 64);
    assert_memory_equal(x.k.codes, data, 64);
    assert_memory_equal(x.v.codes, data + 64, 64);
    at_qkv_done(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_captures),          cmocka_unit_test(layouts_give_the_same_tensors),
        cmocka_unit_test(every_dtype_keeps_its_codes), cmocka_unit_test(nan_and_infinity_are_read),
        cmocka_unit_test(metadata_and_options),        cmocka_unit_test(refuses_bad_metadata_and_options),
        cmocka_unit_test(refuses_bad_shapes),          cmocka_unit_test(refuses_names_and_dtypes),
        cmocka_unit_test(names_are_options),
    };
    return cmocka_run_group_tests(tests, NULL, written_clean);
}
