/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_table.h"

#include "tests/reports/fixture.h"
#include "tests/reports/speeds.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is printed of the made-up speeds that `filter` chooses. */
static void printed(const struct at_filter *filter, char *text, size_t size)
{
    struct at_store *store;
    struct at_bench_tables tables;
    const char *path = fixture_path("s.db");
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(file && kept >= 0);
    speeds_add(path);
    assert_int_equal(at_store_open(path, AT_STORE_READ, &store, NULL), AT_OK);
    assert_int_equal(at_bench_tables_load(store, filter, &tables, NULL), AT_OK);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    at_bench_tables_print(&tables);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
    at_bench_tables_done(&tables);
    at_store_close(store);
    fixture_done();
}

static void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void one_bench(void **state)
{
    (void)state;
    char text[8192];
    printed(&(struct at_filter){.bench = 1}, text, sizeof text);
    assert_says(text, "TFLOP/s  share  prepared \u00b5s  TFLOP/s  share  relative RMSE  bench\n1024  2 x 16  good  ");
    assert_says(text,
                "0.5        1.0  0.8 to 1.2        2  0.500          2.0        1  0.250        9.77e-4      1\n2048  2 x 16  good  ");
    assert_says(text, "1.0        2.0  1.5 to 2.5        4      1            \u2013        \u2013      \u2013        1.95e-3      1\n");
    assert_says(text, "0.5        1.0  0.8 to 1.2        8      1            \u2013        \u2013      \u2013        3.12e-2      1\n");
    assert_says(text,
                "Some GPU, d 128, causal, inputs normal:sigma=1 in fp16\n"
                "keys  heads   variant         least \u00b5s  median \u00b5s  quartiles   TFLOP/s  share  bench\n"); /* no empty columns */
    assert_says(text, "bench 1, copy: 1 TB/s (1 to 1, measured 1 times)\n");
    assert_true(!strstr(text, "bench 2"));
}

static void the_newest_of_each(void **state)
{
    (void)state;
    char text[8192];
    printed(&(struct at_filter){.variant = "good"}, text, sizeof text);
    assert_says(text, "0.500");
    assert_says(text, "      2\n"); /* the bench of the last row */
    assert_says(text, "bench 2, copy: 1 TB/s");
    assert_true(!strstr(text, "fast"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bench),
        cmocka_unit_test(the_newest_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
