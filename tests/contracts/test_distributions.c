/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "datasets/dataset.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Walks at_distributions: what dataset.h promises of every descriptor. */

static size_t parameter_count(const struct at_distribution *d)
{
    size_t count = 0;
    while (count < AT_PARAMETERS_MAX && d->parameters[count].name)
        count++;
    return count;
}

/* One line of printable text. */
static void assert_text(const struct at_distribution *d, const char *text)
{
    if (!text || !*text || strpbrk(text, "\n\t"))
        fail_msg("%s: a text is missing or not one line", d->name);
}

static void every_one_describes_itself(void **state)
{
    (void)state;
    assert_true(at_distribution_count >= 7);
    for (size_t i = 0; i < at_distribution_count; i++) {
        const struct at_distribution *d = at_distributions[i];
        assert_text(d, d->name);
        assert_text(d, d->summary);
        assert_text(d, d->source);
        assert_null(strpbrk(d->name, ":,= _"));
        assert_null(d->parameters[AT_PARAMETERS_MAX].name);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(d->name, at_distributions[j]->name);
        for (size_t j = 0; j < parameter_count(d); j++) {
            const struct at_parameter *p = &d->parameters[j];
            assert_text(d, p->meaning);
            assert_non_null(strchr(p->meaning, '(')); /* the unit */
            assert_null(strpbrk(p->name, ":,= _"));
            assert_true(isfinite(p->min) && isfinite(p->max) && p->min < p->max);
            assert_true(p->initial >= p->min && p->initial <= p->max);
            assert_true(!p->whole || (p->initial == floor(p->initial) && p->min == floor(p->min) && p->max == floor(p->max)));
            for (size_t k = 0; k < j; k++)
                assert_string_not_equal(p->name, d->parameters[k].name);
        }
    }
}

static void assert_reads_back(const struct at_distribution_choice *choice)
{
    struct at_distribution_choice again;
    struct at_error error = {{0}};
    char text[AT_DISTRIBUTION_TEXT_SIZE];
    at_distribution_print(choice, text);
    if (at_distribution_choose(text, &again, &error))
        fail_msg("%s: %s", text, error.message);
    assert_ptr_equal(again.distribution, choice->distribution);
    for (size_t i = 0; i < AT_PARAMETERS_MAX; i++)
        assert_true(again.values[i] == choice->values[i]);
}

static void every_one_prints_and_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_distribution_count; i++) {
        struct at_distribution_choice choice, longest;
        assert_int_equal(at_distribution_choose(at_distributions[i]->name, &choice, NULL), AT_OK);
        assert_ptr_equal(choice.distribution, at_distributions[i]);
        longest = choice;
        for (size_t j = 0; j < parameter_count(at_distributions[i]); j++) {
            const struct at_parameter *p = &at_distributions[i]->parameters[j];
            assert_true(choice.values[j] == p->initial);
            /* as many digits as a double in the range has */
            if (!p->whole)
                longest.values[j] = p->min < 0 ? -1.2345678901234567e-300 : fmax(p->min, nextafter(p->max, p->min) / 3);
        }
        assert_reads_back(&choice);
        assert_reads_back(&longest);
    }
}

static void assert_generates(const struct at_distribution_choice *choice, int64_t dim, enum at_format format)
{
    struct at_problem problem = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 5, .seq_k = 9, .dim = dim, .causal = true};
    struct at_qkv a, b, other;
    int64_t nan, infinite;
    assert_int_equal(at_distribution_generate(choice, &problem, format, 1, &a, NULL), AT_OK);
    assert_int_equal(at_distribution_generate(choice, &problem, format, 1, &b, NULL), AT_OK);
    assert_int_equal(at_distribution_generate(choice, &problem, format, 2, &other, NULL), AT_OK);
    const struct at_tensor *tensors[] = {&a.q, &a.k, &a.v};
    for (int t = 0; t < 3; t++) {
        at_tensor_count_nonfinite(tensors[t], &nan, &infinite);
        if (nan || infinite)
            fail_msg("%s, dim %d, %s: NaN or infinity in tensor %d", choice->distribution->name, (int)dim, at_formats[format].name, t);
        assert_int_equal(tensors[t]->format, format);
        assert_int_equal(tensors[t]->dim, dim);
    }
    assert_string_equal(at_sha256_of_qkv(&a).hex, at_sha256_of_qkv(&b).hex);
    assert_string_not_equal(at_sha256_of_qkv(&a).hex, at_sha256_of_qkv(&other).hex);
    at_qkv_done(&a);
    at_qkv_done(&b);
    at_qkv_done(&other);
}

static void every_one_generates_finite_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_distribution_count; i++) {
        struct at_distribution_choice choice, ends;
        assert_int_equal(at_distribution_choose(at_distributions[i]->name, &choice, NULL), AT_OK);
        ends = choice;
        for (size_t j = 0; j < parameter_count(at_distributions[i]); j++)
            ends.values[j] = at_distributions[i]->parameters[j].max;
        for (int64_t dim = 32; dim <= 256; dim *= 2) {
            for (int format = 0; format < AT_FORMAT_COUNT; format++)
                assert_generates(&choice, dim, (enum at_format)format);
            if (strcmp(choice.distribution->name, "uniform") != 0) /* both its ends at the maximum leave nothing to the seed */
                assert_generates(&ends, dim, AT_FP16);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_describes_itself),
        cmocka_unit_test(every_one_prints_and_reads_back),
        cmocka_unit_test(every_one_generates_finite_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
