/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct at_kpi_run generated = {.id = 3,
                                            .chosen = true,
                                            .variant = "v",
                                            .label = "l",
                                            .spelling = "normal:sigma=1",
                                            .format = "bf16",
                                            .oracle = "mpfr",
                                            .seed = 9,
                                            .rows_seed = 1,
                                            .rows = 4,
                                            .problem = {2, 8, 4, 16, 32, 64, true, 0.5}};

static void check(const struct at_kpi_wanted *wanted, const char *expected)
{
    char text[AT_KPI_COMMAND_SIZE];
    at_kpi_command(wanted, text);
    assert_string_equal(text, expected);
}

static void distributions(void **state)
{
    (void)state;
    struct at_kpi_run runs[5];
    for (int i = 0; i < 5; i++) {
        runs[i] = generated;
        runs[i].seed = (uint64_t)i + 9;
    }
    runs[1].pool = 2;        /* another input */
    runs[2].id = 0;          /* not run */
    runs[3].oracle = "fp64"; /* another truth */
    const struct at_kpi_runs all = {.rows = runs, .count = 5};
    struct at_kpi_wanted wanted = {.run = &runs[0], .variant = "fa3-fp16"};
    check(&wanted, "attest run --distribution 'normal:sigma=1' --shape 2x8:4x16:32x64 --causal --scale 0.5 --format bf16 --seeds 9 "
                   "--rows 4 --rows-seed 1 --oracle mpfr --variants 'fa3-fp16'");
    assert_int_equal(at_kpi_command_runs(&wanted), 1);
    wanted = (struct at_kpi_wanted){.runs = &all, .run = &runs[0], .spelling = "sink", .variant = "v", .readout = "w s:t", .db = "d'.db"};
    check(&wanted, "attest run --distribution 'sink' --shape 2x8:4x16:32x64 --causal --scale 0.5 --format bf16 --seeds 9,13 --rows 4 "
                   "--rows-seed 1 --oracle mpfr --variants 'v' --readout 'w s:t' --db 'd'\\''.db'");
    assert_int_equal(at_kpi_command_runs(&wanted), 2);
}

static void captures(void **state)
{
    (void)state;
    struct at_kpi_run run = generated;
    run.capture = true;
    run.spelling = "a'b,c.safetensors";
    struct at_kpi_wanted wanted = {.run = &run, .variant = "b"};
    check(&wanted, "attest run --input 'a'\\''b,c.safetensors' --causal --scale 0.5 --rows 4 --rows-seed 1 --oracle mpfr --variants 'b'");
    run.described = "{\"capture\":\"a\",\"q\":\"x.q\",\"k\":null,\"v\":\"x v\",\"layout\":\"bshd\"}";
    run.problem.causal = false;
    run.problem.scale = 0;
    check(&wanted, "attest run --input 'a'\\''b,c.safetensors' --q-name 'x.q' --v-name 'x v' --layout 'bshd' --not-causal --rows 4 "
                   "--rows-seed 1 --oracle mpfr --variants 'b'");
    wanted.spelling = "sink";
    check(&wanted, "attest run --distribution 'sink' --shape 2x8:4x16:32x64 --format fp16 --seeds 9 --rows 4 --rows-seed 1 --oracle mpfr "
                   "--variants 'b'");
}

/* A command that is cut is of no use, and could be of harm. */
static void too_long(void **state)
{
    (void)state;
    char db[AT_KPI_COMMAND_SIZE], word[8] = "";
    memset(db, 'x', sizeof db - 1);
    db[sizeof db - 1] = '\0';
    check(&(struct at_kpi_wanted){.run = &generated, .variant = "v", .db = db},
          "attest run, on normal:sigma=1 (the command is too long to be shown)");
    assert_true(at_kpi_append_word(word, sizeof word, "abcde"));
    assert_string_equal(word, "'abcde'");
    word[0] = '\0';
    assert_false(at_kpi_append_word(word, sizeof word, "abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(distributions), cmocka_unit_test(captures), cmocka_unit_test(too_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
