/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/verification.h"

#include "cli/verb.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 3 };

static struct at_verify_row rows[MOST];
static struct at_verification verification;
static const char *const folders[] = {"cap tures"};
static const struct at_verify_question question = {.engine = {.simd = AT_SIMD_SCALAR}};

/* A verification with these verdicts, of a store with one run more. */
static struct at_shown_verification shown_of(size_t count, const enum at_verified *verdicts)
{
    verification = (struct at_verification){.rows = rows, .count = count, .matching = count, .stored = count + 1};
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct at_verify_row){.run = (int64_t)i + 11,
                                         .study = "s",
                                         .label = "x",
                                         .name = "x",
                                         .variant = "fa3-fp8",
                                         .created = "then",
                                         .kernel = "",
                                         .device_kind = "cuda",
                                         .device = "GPU\x1b[31m",
                                         .device_details = "{}",
                                         .build_sha256 = "b",
                                         .version = "0.0.9",
                                         .revision = "0123456789abcdef-dirty",
                                         .renamed = i == 1,
                                         .capture = i == 0,
                                         .seed = 5,
                                         .seq_q = 64,
                                         .seq_k = 128,
                                         .rows = 4,
                                         .stored = {"aaaa", "bbbb", "cccc"},
                                         .again = {{"aaaa"}, {""}, {"dddd"}},
                                         .verified = verdicts[i]};
        if (verdicts[i] == AT_NOT_VERIFIED)
            snprintf(rows[i].reason.message, sizeof rows[i].reason.message, "k.safetensors: gone");
        verification.of[verdicts[i]]++;
    }
    return (struct at_shown_verification){.verification = &verification,
                                          .question = &question,
                                          .captures = {folders, 1},
                                          .db = "a'b.db",
                                          .executable = {"b"},
                                          .machine = "this machine"};
}

static void the_worst_decides(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        enum at_verified verdicts[MOST];
        int code;
    } cases[] = {{0, {AT_SAME_BITS}, AT_EXIT_CANNOT},
                 {1, {AT_SAME_BITS}, AT_EXIT_OK},
                 {3, {AT_SAME_BITS, AT_SAME_BITS, AT_SAME_BITS}, AT_EXIT_OK},
                 {3, {AT_SAME_BITS, AT_NOT_VERIFIED, AT_SAME_BITS}, AT_EXIT_CANNOT},
                 {1, {AT_NOT_VERIFIED}, AT_EXIT_CANNOT},
                 {3, {AT_SAME_BITS, AT_SAME_BITS, AT_INPUT_DIFFERS}, AT_EXIT_NOT_MET},
                 {3, {AT_OPERANDS_DIFFER, AT_NOT_VERIFIED, AT_SAME_BITS}, AT_EXIT_NOT_MET},
                 {2, {AT_NOT_VERIFIED, AT_OUTPUT_DIFFERS}, AT_EXIT_NOT_MET}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_shown_verification shown = shown_of(cases[i].count, cases[i].verdicts);
        assert_int_equal(at_verification_exit(&shown), cases[i].code);
        shown.stopped = true;
        assert_int_equal(at_verification_exit(&shown), AT_EXIT_INTERRUPTED);
    }
}

static const char *printed(const struct at_shown_verification *shown)
{
    static char text[1 << 14];
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(file && kept >= 0);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    at_verification_print(shown);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(fileno(file), text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
    return text;
}

static void all_is_told(void **state)
{
    (void)state;
    static const enum at_verified verdicts[] = {AT_OUTPUT_DIFFERS, AT_NOT_VERIFIED, AT_NOT_VERIFIED};
    struct at_shown_verification shown = shown_of(3, verdicts);
    const char *text = printed(&shown);
    static const char *const wanted[] = {"run 11: output differs: stored cccc, here dddd; again: "
                                         "attest verify --db 'a'\\''b.db' --run 11 --captures 'cap tures' --simd scalar\n",
                                         "cannot be verified, 2 runs from run 12 on: k.safetensors: gone\n",
                                         "note: fa3-fp8 of this database (run 12) is not what this attest calls fa3-fp8: ",
                                         "first  3 runs on GPU [31m (cuda) by attest 0.0.9, revision 0123456789ab-dirty, this executable\n",
                                         "here   twin path scalar on this machine by attest ",
                                         "\n0 of 3 runs: the same bits, 1 differ, 2 cannot be verified.\n",
                                         "Looked at: 3 of the 4 runs in a'b.db.\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!strstr(text, wanted[i]))
            fail_msg("'%s' is not in\n%s", wanted[i], text);
}

/* A stop tells how far it came; nothing is said of the bits of no run. */
static void a_stop_is_told(void **state)
{
    (void)state;
    static const enum at_verified verdicts[] = {AT_SAME_BITS, AT_SAME_BITS};
    struct at_verify_question sampled = question;
    struct at_shown_verification shown = shown_of(0, verdicts);
    shown.stopped = true;
    verification.matching = 7;
    verification.stored = 9;
    const char *text = printed(&shown);
    assert_non_null(strstr(text, "\nstopped after 0 of 7 runs.\nLooked at: 0 of the 9 runs in "));
    assert_null(strstr(text, "the same bits"));
    assert_null(strstr(text, "verdict"));
    shown = shown_of(2, verdicts);
    shown.stopped = true;
    shown.question = &sampled;
    sampled.sample = 5;
    verification.matching = 7;
    assert_non_null(strstr(printed(&shown), "\nstopped after 2 of 5 runs.\n2 of 2 runs: the same bits.\n"));
    sampled.sample = 8;
    assert_non_null(strstr(printed(&shown), "\nstopped after 2 of 7 runs.\n"));
}

/* A command that works, whatever the length of its parts, or none. */
static void a_command_that_is_too_long_is_left_out(void **state)
{
    (void)state;
    static const enum at_verified verdicts[] = {AT_OUTPUT_DIFFERS};
    static char folder[2200];
    const char *const paths[] = {folder};
    struct at_shown_verification shown = shown_of(1, verdicts);
    size_t last_shown = 0, first_left_out = 0;
    shown.captures = (struct at_folders){paths, 1};
    for (size_t length = 1900; length < 2100; length++) {
        memset(folder, 'x', length);
        folder[length] = '\0';
        folder[7] = length % 2 ? '\'' : 'x'; /* takes four characters */
        const char *text = printed(&shown);
        bool whole = strstr(text, "x' --simd scalar\n") != NULL;
        assert_int_equal(strstr(text, "attest verify --db") != NULL, whole);
        assert_int_equal(
            strstr(text, "; again: --run 11 with the same --db, --captures, --device and --simd (the command is too long") == NULL, whole);
        if (whole)
            last_shown = length;
        else if (!first_left_out)
            first_left_out = length;
    }
    assert_true(first_left_out > 1900 && last_shown < 2099 && first_left_out <= last_shown + 1 && last_shown < first_left_out + 4);
}

static void json_says_it_too(void **state)
{
    (void)state;
    static const enum at_verified verdicts[] = {AT_SAME_BITS, AT_INPUT_DIFFERS};
    struct at_shown_verification shown = shown_of(2, verdicts);
    json_t *json = at_verification_json(&shown), *runs = json_object_get(json, "runs");
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), "differ");
    assert_int_equal(json_integer_value(json_object_get(json, "looked_at")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "same_bits")), 1);
    assert_true(json_is_null(json_object_get(json, "sample")));
    const json_t *capture = json_array_get(runs, 0), *generated = json_array_get(runs, 1);
    assert_true(json_is_null(json_object_get(capture, "seed")));
    assert_int_equal(json_integer_value(json_object_get(generated, "seed")), 5);
    assert_string_equal(json_string_value(json_object_get(generated, "verdict")), "input differs");
    assert_true(json_is_true(json_object_get(generated, "renamed")));
    assert_true(json_is_false(json_object_get(capture, "renamed")));
    assert_true(json_is_null(json_object_get(json_object_get(capture, "here"), "operands_sha256")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(capture, "stored"), "operands_sha256")), "bbbb");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_worst_decides), cmocka_unit_test(all_is_told), cmocka_unit_test(a_stop_is_told),
                                       cmocka_unit_test(a_command_that_is_too_long_is_left_out), cmocka_unit_test(json_says_it_too)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
