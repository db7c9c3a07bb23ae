/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"
#include "tests/store/tamper.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <cmocka.h>

static const char *const verbs[] = {"run", "show", "report", "gate", "verify", "explain", "check", "search", "doctor", "list"};

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static void help_teaches(void **state)
{
    (void)state;
    struct outcome o = attest("--help");
    assert_code(o, 0);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        assert_true(says(o.out, verbs[i]));
    assert_true(says(o.out, "130") && says(o.out, "First steps"));
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        o = attest("%s --help", verbs[i]);
        assert_code(o, 0);
        assert_true(says(o.out, "Usage") && says(o.out, "Options") && says(o.out, "Examples") && says(o.out, "Exit codes"));
        assert_true(says(o.out, "--json") && says(o.out, verbs[i]));
        assert_string_equal(o.err, "");
    }
}

static void the_version_names_the_libraries(void **state)
{
    (void)state;
    struct outcome o = attest("--version");
    assert_code(o, 0);
    assert_true(strncmp(o.out, "attest ", 7) == 0);
    assert_true(says(o.out, "\nrevision ") && says(o.out, "\ncompiler ") && says(o.out, "mpfr ") && says(o.out, "sqlite3 "));
}

static void mistakes_get_the_nearest_verb(void **state)
{
    (void)state;
    struct outcome o = attest("repotr");
    assert_code(o, 64);
    assert_complaint(o, "the nearest is 'report'; there are run, show, report, gate, sensitivity, verify, explain, check, "
                        "search, doctor, bench, list; "
                        "try attest --help");
    o = attest("xyzzy");
    assert_code(o, 64);
    assert_complaint(o, "verb 'xyzzy' is unknown; there are run, show, report, gate, sensitivity, verify, explain, check, "
                        "search, doctor, bench, list");
    assert_code(attest("%s", ""), 64);
    assert_code(attest("--help > /dev/full"), 2);
    assert_code(attest("--help >&-"), 2);
}

/* Q, K and V of one head with 4 rows of 32 zeros. */
static void write_capture(const char *path)
{
    static const char header[] = "{\"q\":{\"dtype\":\"F16\",\"shape\":[1,1,4,32],\"data_offsets\":[0,256]},"
                                 "\"k\":{\"dtype\":\"F16\",\"shape\":[1,1,4,32],\"data_offsets\":[256,512]},"
                                 "\"v\":{\"dtype\":\"F16\",\"shape\":[1,1,4,32],\"data_offsets\":[512,768]}}";
    static const char zeros[768];
    const uint64_t length = sizeof header - 1;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(&length, sizeof length, 1, file) + fwrite(header, length, 1, file) + fwrite(zeros, sizeof zeros, 1, file), 3);
    fclose(file);
}

/* File names with commands for a terminal in them (ESC, CSI, DEL): none of it reaches the terminal. */
static void names_from_outside_are_harmless(void **state)
{
    (void)state;
    static const char raw[] = "\x1b\x9b\x7f";
    const char *db = fixture_path("t\x1b[31m.db"), *capture = fixture_path("a\x1b[31m\xc2\x9b"
                                                                           "b\x7f.safetensors");
    const char *csv = fixture_path("r\x1b[31m.csv");
    write_capture(capture);
    struct outcome o = attest("run --input '%s' --variants fa3-fp16 --rows 1 --db '%s'", capture, db);
    assert_code(o, 0);
    assert_true(says(o.out, "1 of 4 query rows") && says(o.out, "t [31m.db") && !strpbrk(o.out, raw));
    o = attest("report --db '%s' -o '%s'", db, csv);
    assert_code(o, 0);
    assert_true(says(o.out, "r [31m.csv: 1 case") && !strpbrk(o.out, raw));
    o = attest("show cases --db '%s'", db);
    assert_code(o, 0);
    assert_true(says(o.out, "a [31m") && !strpbrk(o.out, raw));
    o = attest("show cases --json --db '%s'", db);
    assert_code(o, 0);
    assert_true(says(o.out, "a\\u001B[31m") && !strpbrk(o.out, "\x1b\x9b"));
    o = attest("show --db '%s.none'", db);
    assert_code(o, 2);
    assert_complaint(o, "[31m.db.none");
    assert_null(strpbrk(o.err, raw));
}

/* A limit on file sizes (ulimit -f) is told as a full disk is; its signal kills nothing. */
static void a_limit_on_file_sizes_is_told(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db"), *source = fixture_path("u.db"), *csv = fixture_path("page.csv");
    struct rlimit before, limit;
    at_store_close(fixture_store(source));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct outcome run = attest("run --db '%s' --distribution normal --shape 1x3x64x32 --variants fa3-fp16 --rows 4", db);
    const int run_code = run.code;
    const bool run_told = says(run.err, "t.db: no space left") && strchr(run.err, '\n')[1] == '\0';
    limit.rlim_cur = 512;
    setrlimit(RLIMIT_FSIZE, &limit);
    struct outcome report = attest("report --db '%s' -o '%s'", source, csv);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(run_code, 2);
    assert_true(run_told);
    assert_code(report, 2);
    assert_complaint(report, "page.csv: no space left to write the report");
}

/* From a capture to the proof that its numbers repeat, and what an auditor sees when database or capture were changed since. */
static void a_database_is_verified(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db"), *capture = fixture_path("layer.safetensors");
    write_capture(capture);
    assert_code(attest("run --input '%s' --variants fa3-fp16,fa3-fp8 --rows 2 --db '%s'", capture, db), 0);
    assert_code(attest("run --distribution normal --shape 1x2x64x32 --variants fa3-fp8 --rows 2 --db '%s'", db), 0);
    struct outcome o = attest("verify --db '%s'", db); /* the capture lies beside the database */
    assert_code(o, 0);
    assert_true(says(o.out, "3 of 3 runs: the same bits."));

    o = attest("verify --db '%s' --captures /", db); /* there too */
    assert_code(o, 0);
    char moved[256];
    snprintf(moved, sizeof moved, "%s", fixture_path("moved.safetensors"));
    assert_int_equal(rename(capture, moved), 0);
    o = attest("verify --db '%s' --captures /", db);
    assert_code(o, 2);
    assert_true(says(o.out, "2 runs from run 1 on: layer.safetensors: not in the folders looked in (/, "));
    assert_true(says(o.out, "); say with --captures DIR where it lies now"));
    assert_int_equal(rename(moved, capture), 0);
    tamper(db, "UPDATE run SET output_sha256 = operands_sha256 WHERE id = 3");
    o = attest("verify --db '%s' --captures '%s'", db, fixture_folder());
    assert_code(o, 1);
    assert_true(says(o.out, "run 3: output differs") && says(o.out, "2 of 3 runs: the same bits, 1 differ, 0 cannot be verified."));

    FILE *file = fopen(capture, "r+");
    assert_non_null(file);
    assert_true(fseek(file, -1, SEEK_END) == 0 && fputc(1, file) == 1 && fclose(file) == 0);
    o = attest("verify --db '%s' --run 1,2", db);
    assert_code(o, 2);
    assert_true(says(o.out, "layer.safetensors: another content") && says(o.out, "0 of 2 runs: the same bits"));
}

/* The oracle that is left to attest is named with the reason; what it did is found again under its name and under "auto". */
static void the_oracle_is_chosen(void **state)
{
    (void)state;
    static const char asked[] = "run --distribution normal --shape 1x2x64x32 --variants fa3-fp8 --rows 4 --db '%s' --oracle %s";
    const char *db = fixture_path("t.db");
    struct outcome o = attest(asked, db, "auto");
    assert_code(o, 0);
    assert_true(says(o.out, "\nTruth by certified, the cheapest: ") && says(o.out, "; mpfr would take "));
    assert_true(says(o.out, "1 runs computed, 0 found"));
    o = attest(asked, db, "certified");
    assert_true(o.code == 0 && says(o.out, "Truth by certified, as asked.") && says(o.out, "0 runs computed, 1 found"));
    o = attest(asked, db, "auto --json");
    assert_true(o.code == 0 && says(o.out, "\"oracle\": \"certified\"") && says(o.out, "\"oracle_reason\": \"certified, the cheapest"));
    o = attest("show references --json --db '%s'", db);
    assert_true(o.code == 0 && says(o.out, "\"checked_by\": \"mpfr\"") && says(o.out, "\"checked_rows\": 2"));
    assert_true(!says(o.out, "auto"));
    o = attest("show studies --json --db '%s'", db);
    assert_true(o.code == 0 && !says(o.out, "oracle\\\":\\\"auto") && says(o.out, "oracle\\\":\\\"certified"));
    o = attest(asked, db, "mpfr");
    assert_true(o.code == 0 && says(o.out, "1 runs computed, 0 found"));
    assert_code(attest(asked, db, "mpf"), 64);
}

/*
 * 64 heads measured, 59 needed: with 95 % confidence 95 % of heads are at most the largest measured. The command says it, with its radius,
 * and the page says the same sentence. With 16 of the heads no more than 75 %, and nothing of 99 % by any number of these.
 */
static void what_was_measured_speaks_of_other_heads(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    assert_code(attest("run --distribution normal --shape 4x16x64x32 --variants fa3-fp8 --rows 2 --db '%s'", db), 0);
    json_t *heads = json_loads(attest("show heads --metric rel_rmse --against original --json --db '%s'", db).out, 0, NULL);
    double largest = 0, radius = 0;
    size_t i, count = json_array_size(json_object_get(heads, "heads"));
    json_t *head;
    json_array_foreach(json_object_get(heads, "heads"), i, head)
    {
        double value = json_number_value(json_object_get(head, "value"));
        radius = value > largest ? json_number_value(json_object_get(head, "radius")) : radius;
        largest = value > largest ? value : largest;
    }
    json_decref(heads);
    assert_int_equal(count, 64);
    json_t *all = json_loads(attest("show statements --json --db '%s'", db).out, 0, NULL);
    const json_t *row = json_array_get(json_object_get(all, "statements"), 0);
    double bound = json_number_value(json_object_get(row, "bound"));
    assert_true(largest > 0 && bound >= largest + radius && bound <= (largest + radius) * (1 + 1e-15));
    assert_true(json_number_value(json_object_get(row, "bound_share")) == 0.95);
    assert_int_equal(json_integer_value(json_object_get(row, "bound_rank")), 1);
    const char *sentence = json_string_value(json_object_get(row, "bound_text"));
    assert_true(
        says(sentence, "with 95 % confidence at least 95 % of heads from normal:sigma=1 (64 keys, d 32, fp16, 2 of 64 query rows)"));
    struct outcome o = attest("report --db '%s' -o -", db);
    assert_true(o.code == 0 && says(o.out, "What these heads say of others") && says(o.out, sentence));
    json_decref(all);
    o = attest("show statements --share 0.99 --db '%s'", db);
    assert_true(o.code == 0 && says(o.out, "cannot say: 64 heads, needs 299"));
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(help_teaches, clean),
        cmocka_unit_test_teardown(the_version_names_the_libraries, clean),
        cmocka_unit_test_teardown(names_from_outside_are_harmless, clean),
        cmocka_unit_test_teardown(a_limit_on_file_sizes_is_told, clean),
        cmocka_unit_test_teardown(a_database_is_verified, clean),
        cmocka_unit_test_teardown(the_oracle_is_chosen, clean),
        cmocka_unit_test_teardown(what_was_measured_speaks_of_other_heads, clean),
        cmocka_unit_test_teardown(mistakes_get_the_nearest_verb, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
