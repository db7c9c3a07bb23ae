/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_kernels.h"

#include "../../core/format_spec.h"
#include "dot_spec.h"
#include "kernels/twin/mufu.h"
#include "kernels/twin/wgmma.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 64, ROW_BYTES = 32, MOST_DEPTH = 32, LEAST_COLUMNS = 8, MOST_COLUMNS = 256 };

static uint32_t ex2(float x)
{
    return at_bits_of_float(at_ex2_approx(x));
}

static uint32_t rcp(float x)
{
    return at_bits_of_float(at_rcp_approx(x));
}

static uint32_t lg2(float x)
{
    return at_bits_of_float(at_lg2_approx(x));
}

/* The pair that the conversion of (x, x) gives; the tables of a format are made once and stay. */
static uint32_t pair(enum at_format format, float x, enum at_overflow overflow)
{
    static struct at_format_spec specs[AT_FORMAT_COUNT];
#pragma omp critical
    if (!specs[format].value)
        specs[format] = at_format_spec_make(format);
    uint32_t code = at_format_spec_encode(&specs[format], at_bits_of_float(x), overflow);
    return code | code << specs[format].bits;
}

static uint32_t cvt_e4m3(float x)
{
    return pair(AT_E4M3, x, AT_OVERFLOW_SATURATE);
}

static uint32_t cvt_e5m2(float x)
{
    return pair(AT_E5M2, x, AT_OVERFLOW_SATURATE);
}

static uint32_t cvt_f16(float x)
{
    return pair(AT_FP16, x, AT_OVERFLOW_IEEE);
}

static uint32_t cvt_bf16(float x)
{
    return pair(AT_BF16, x, AT_OVERFLOW_IEEE);
}

static const struct {
    const char *code;
    uint32_t (*of)(float);
} functions[] = {{"ex2", ex2},           {"rcp", rcp},         {"lg2", lg2},          {"cvt_e4m3", cvt_e4m3},
                 {"cvt_e5m2", cvt_e5m2}, {"cvt_f16", cvt_f16}, {"cvt_bf16", cvt_bf16}};

static const struct {
    const char *code;
    enum at_format a, b;
} products[] = {{"e4m3_e4m3", AT_E4M3, AT_E4M3}, {"e4m3_e5m2", AT_E4M3, AT_E5M2}, {"e5m2_e4m3", AT_E5M2, AT_E4M3},
                {"e5m2_e5m2", AT_E5M2, AT_E5M2}, {"f16_f16", AT_FP16, AT_FP16},   {"bf16_bf16", AT_BF16, AT_BF16},
                {"tf32_tf32", AT_FP32, AT_FP32}};

bool fake_kernel_find(const char *name, struct fake_kernel *ret_kernel)
{
    struct fake_kernel kernel = {.attention = strcmp(name, "stand_in_attention") == 0};
    snprintf(kernel.name, sizeof kernel.name, "%s", name);
    if (kernel.attention || strcmp(name, "spin") == 0 || strcmp(name, "stray") == 0) {
        *ret_kernel = kernel;
        return true;
    }
    char wanted[64];
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        snprintf(wanted, sizeof wanted, "probe_%s", functions[i].code);
        if (strcmp(name, wanted) == 0) {
            kernel.of = functions[i].of;
            *ret_kernel = kernel;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
        for (int n = LEAST_COLUMNS; n <= MOST_COLUMNS; n += LEAST_COLUMNS)
            for (int place = 0; place < 2; place++) {
                snprintf(wanted, sizeof wanted, "probe_%s_n%d_%s", products[i].code, n, place ? "registers" : "shared");
                if (strcmp(name, wanted) != 0)
                    continue;
                kernel.columns = n;
                kernel.a = products[i].a;
                kernel.b = products[i].b;
                *ret_kernel = kernel;
                return true;
            }
    return false;
}

/* One row of 32 bytes as codes and as numbers; whether all are finite. */
struct row {
    uint32_t code[MOST_DEPTH];
    float value[MOST_DEPTH];
    bool finite;
};

static void read_row(enum at_format format, const void *bytes, struct row *row)
{
    size_t size = at_format_size(format);
    row->finite = true;
    for (size_t k = 0; k < ROW_BYTES / size; k++) {
        row->code[k] = 0;
        memcpy(&row->code[k], (const char *)bytes + k * size, size);
        row->value[k] = at_decode(format, row->code[k]);
        row->finite = row->finite && !spec_special(format, row->code[k]);
    }
}

static void one_case(const struct fake_kernel *kernel, const char *a, const char *b, const float *c, int accumulate, float *ret_d)
{
    struct row row, columns[MOST_COLUMNS];
    int n = kernel->columns;
    for (int j = 0; j < n; j++)
        read_row(kernel->b, b + (size_t)j * ROW_BYTES, &columns[j]);
    for (int r = 0; r < ROWS; r++) {
        read_row(kernel->a, a + (size_t)r * ROW_BYTES, &row);
        for (int j = 0; j < n; j++) {
            float addend = accumulate ? c[r * n + j] : 0.0f;
            bool stated = (r + j) % FAKE_SPEC_EVERY == 0 && row.finite && columns[j].finite;
            ret_d[r * n + j] = stated && !spec_special(AT_FP32, at_bits_of_float(addend))
                                   ? spec_dot(kernel->a, kernel->b, row.code, columns[j].code, 1, addend)
                                   : at_wgmma_dot(kernel->a, kernel->b, row.value, columns[j].value, 1, addend);
        }
    }
}

void fake_dots(const struct fake_kernel *kernel, const void *a, const void *b, const float *c, int cases, int accumulate, float *ret_d)
{
    size_t n = (size_t)kernel->columns;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < cases; i++)
        one_case(kernel, (const char *)a + (size_t)i * ROWS * ROW_BYTES, (const char *)b + (size_t)i * n * ROW_BYTES,
                 c + (size_t)i * ROWS * n, accumulate, ret_d + (size_t)i * ROWS * n);
}

void fake_floats(const struct fake_kernel *kernel, uint32_t first, int count, uint32_t *ret_out)
{
    for (int i = 0; i < count; i++)
        ret_out[i] = kernel->of(at_float_of_bits(first + (uint32_t)i));
}
