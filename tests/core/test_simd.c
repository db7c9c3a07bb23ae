/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/simd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_path_has_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < AT_SIMD_COUNT; i++) {
        assert_non_null(at_simd_names[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(at_simd_names[i], at_simd_names[j]);
    }
}

/* Whether every word of `flags` is among the first processor's flags in /proc/cpuinfo; -1 where there is no such file. */
static int processor_has(const char *const *flags)
{
    static char line[8192];
    FILE *file = fopen("/proc/cpuinfo", "r");
    int found = -1;
    while (file && fgets(line, sizeof line - 1, file))
        if (strncmp(line, "flags", 5) == 0) {
            found = 1;
            line[strcspn(line, "\n")] = ' ';
            for (; *flags; flags++) {
                char word[32];
                snprintf(word, sizeof word, " %s ", *flags);
                found &= strstr(line, word) != NULL;
            }
            break;
        }
    if (file)
        fclose(file);
    return found;
}

static void availability_is_what_the_processor_says(void **state)
{
    (void)state;
    static const char *const avx2[] = {"avx2", "fma", NULL}, *const avx512[] = {"avx512f", "avx512bw", "avx512dq", "avx512vl", NULL};
    int has_avx2 = processor_has(avx2), has_avx512 = processor_has(avx512);
    assert_true(at_simd_available(AT_SIMD_AUTO) && at_simd_available(AT_SIMD_SCALAR));
    assert_false(at_simd_available(AT_SIMD_COUNT));
    if (has_avx2 < 0)
        skip();
    assert_int_equal(at_simd_available(AT_SIMD_AVX2), has_avx2);
    assert_int_equal(at_simd_available(AT_SIMD_AVX512), has_avx512);
}

static void the_best_is_the_widest_available(void **state)
{
    (void)state;
    enum at_simd best = at_simd_best();
    assert_true(best != AT_SIMD_AUTO && at_simd_available(best));
    for (int wider = (int)best + 1; wider < AT_SIMD_COUNT; wider++)
        assert_false(at_simd_available((enum at_simd)wider));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_has_its_name),
        cmocka_unit_test(availability_is_what_the_processor_says),
        cmocka_unit_test(the_best_is_the_widest_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
