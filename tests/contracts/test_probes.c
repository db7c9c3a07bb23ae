/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* What every entry of the registry of probes must be, so that a new file is held to it the day it is added. */
#include "kernels/probes/probe.h"

#include "core/bits.h"
#include "core/numerics.h"
#include "core/random.h"
#include "tests/kernels/support/mufu_spec.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names_are_keys(void **state)
{
    (void)state;
    assert_true(at_probe_count >= 14);
    for (size_t i = 0; i < at_probe_count; i++) {
        const struct at_probe *p = at_probes[i];
        assert_true(p->name && islower((unsigned char)*p->name));
        for (const char *c = p->name; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
        for (const char *c = p->code; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_'); /* part of a C identifier */
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(p->name, at_probes[j]->name);
            assert_string_not_equal(p->code, at_probes[j]->code);
            assert_string_not_equal(p->instruction, at_probes[j]->instruction);
        }
        if (!p->summary || strlen(p->summary) < 10 || strchr(p->summary, '\n'))
            fail_msg("%s: no summary of one line", p->name);
    }
}

/* The instruction of a dot product follows from its operands, and so do the kernels' names. */
static void products_are_spelled_by_their_operands(void **state)
{
    (void)state;
    static const char *const ptx[AT_FORMAT_COUNT] = {"e4m3", "e5m2", "f16", "bf16", "tf32"};
    bool seen[AT_FORMAT_COUNT][AT_FORMAT_COUNT] = {{false}};
    for (size_t i = 0; i < at_probe_count; i++) {
        const struct at_probe *p = at_probes[i];
        char wanted[96];
        if (p->twin)
            continue;
        assert_int_equal(at_formats[p->a].bits, at_formats[p->b].bits);
        snprintf(wanted, sizeof wanted, "wgmma.mma_async.sync.aligned.m64nNk%d.f32.%s.%s", at_wgmma_depth(p->a), ptx[p->a], ptx[p->b]);
        assert_string_equal(p->instruction, wanted);
        snprintf(wanted, sizeof wanted, "%s_%s", ptx[p->a], ptx[p->b]);
        assert_string_equal(p->code, wanted);
        seen[p->a][p->b] = true;
    }
    for (int a = 0; a < AT_FORMAT_COUNT; a++) /* every pair that the instruction has */
        for (int b = 0; b < AT_FORMAT_COUNT; b++)
            assert_int_equal(seen[a][b], a == b || at_formats[a].bits + at_formats[b].bits == 16);
}

static const struct at_probe *of_instruction(const char *instruction)
{
    for (size_t i = 0; i < at_probe_count; i++)
        if (strcmp(at_probes[i]->instruction, instruction) == 0)
            return at_probes[i];
    fail_msg("no probe of %s", instruction);
    return NULL;
}

/* What the kernels use of the special-function unit: near the function that the instruction is named by. */
static void functions_are_the_functions(void **state)
{
    (void)state;
    const struct {
        const char *instruction;
        enum spec_function function;
        double least, most; /* log2 of the inputs' size */
    } cases[] = {
        {"ex2.approx.ftz.f32", SPEC_EX2, -20, 6.9}, {"rcp.approx.ftz.f32", SPEC_RCP, -120, 120}, {"lg2.approx.ftz.f32", SPEC_LG2, 1, 120}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct at_probe *p = of_instruction(cases[i].instruction);
        for (uint64_t n = 0; n < 2000; n++) {
            struct at_random key = {7, i};
            float x = (float)exp2(cases[i].least + (cases[i].most - cases[i].least) * at_random_uniform(key, n));
            if (!(spec_error_ulp(cases[i].function, x, at_float_of_bits(p->twin(x))) <= 4))
                fail_msg("%s of %a is %08" PRIx32, p->name, (double)x, p->twin(x));
        }
        assert_int_equal(p->twin(at_float_of_bits(0x7fc12345)), 0x7fffffff);
    }
}

/* Casts: a pair of equal codes, each the nearest to what was given. */
static void casts_are_of_their_format(void **state)
{
    (void)state;
    static const struct {
        const char *instruction;
        enum at_format format;
        bool saturates;
    } cases[] = {{"cvt.rn.satfinite.e4m3x2.f32", AT_E4M3, true},
                 {"cvt.rn.satfinite.e5m2x2.f32", AT_E5M2, true},
                 {"cvt.rn.f16x2.f32", AT_FP16, false},
                 {"cvt.rn.bf16x2.f32", AT_BF16, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct at_probe *p = of_instruction(cases[i].instruction);
        const struct at_format_info *f = &at_formats[cases[i].format];
        for (uint64_t n = 0; n < 20000; n++) {
            float x = at_float_of_bits((uint32_t)at_random_bits((struct at_random){8, i}, n));
            uint32_t pair = p->twin(x), low = pair & ((1u << f->bits) - 1), high = pair >> f->bits;
            assert_int_equal(low, high);
            double got = (double)at_decode(cases[i].format, low), size = fabs((double)x);
            if (isnan(x))
                assert_true(isnan(got));
            else if (size > f->max * (1 + ldexp(1, -f->mantissa_bits - 1)))
                assert_true(fabs(got) == (cases[i].saturates ? f->max : INFINITY));
            else if (size > f->max)
                assert_true(fabs(got) >= f->max);
            else
                assert_true(fabs(got - (double)x) <= ldexp(fmax(size, ldexp(1, f->min_exponent)), -f->mantissa_bits - 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_keys),
        cmocka_unit_test(products_are_spelled_by_their_operands),
        cmocka_unit_test(functions_are_the_functions),
        cmocka_unit_test(casts_are_of_their_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
