/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"
#include "tests/store/tamper.h"

#include "core/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

/* Runs 1 to 4: two seeds, two variants. */
static const char *database(const char *name)
{
    const char *db = fixture_path(name);
    assert_code(attest("run --db %s --distribution normal --shape 1x2x64x32 --seeds 1,2 --variants fa3-fp16,fa3-fp8 --rows 4", db), 0);
    return db;
}

static struct at_sha256 file_digest(const char *path)
{
    static char bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, sizeof bytes, file);
    assert_true(count > 0 && count < sizeof bytes);
    fclose(file);
    return at_sha256_of(bytes, count);
}

static void same_bits(void **state)
{
    (void)state;
    const char *db = database("t.db");
    struct at_sha256 before = file_digest(db);
    struct outcome o = attest("verify --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "\n4 of 4 runs: the same bits.\n") && says(o.out, "Looked at: every run in ") &&
                says(o.out, "this executable"));
    assert_string_equal(o.err, ""); /* progress is for terminals */
    o = attest("verify --db %s --simd scalar --threads 1 --json", db);
    assert_code(o, 0);
    assert_json(o, "verify");
    assert_true(says(o.out, "\"verdict\": \"same bits\"") && says(o.out, "\"simd\": \"scalar\""));
    assert_string_equal(file_digest(db).hex, before.hex); /* nothing is written */
}

static void parts_of_a_database(void **state)
{
    (void)state;
    const char *db = database("t.db");
    struct outcome o = attest("verify --db %s --run 4,1", db);
    assert_code(o, 0);
    assert_true(says(o.out, "2 of 2 runs: the same bits") && says(o.out, "Looked at: 2 of the 4 runs in "));
    o = attest("verify --db %s --variant fa3-fp8 --case normal --study normal", db);
    assert_code(o, 0);
    assert_true(says(o.out, "2 of 2 runs") && !says(o.out, "fa3-fp16"));
    o = attest("verify --db %s --sample 3", db);
    assert_code(o, 0);
    unsigned long seed;
    const char *told = strstr(o.out, "Looked at: 3 of 4 runs, drawn with --sample 3 --sample-seed ");
    assert_non_null(told);
    assert_int_equal(sscanf(strstr(told, "-seed"), "-seed %lu", &seed), 1);
    char *drawn = strdup(o.out);
    o = attest("verify --db %s --sample 3 --sample-seed %lu", db, seed); /* what was printed draws the same again */
    assert_code(o, 0);
    assert_string_equal(o.out, drawn);
    free(drawn);
}

static void what_was_changed_is_named(void **state)
{
    (void)state;
    const char *db = database("t.db");
    tamper(db, "UPDATE run SET output_sha256 = replace(output_sha256, substr(output_sha256, 1, 1), '-') WHERE id = 3");
    struct outcome o = attest("verify --db %s", db);
    assert_code(o, 1);
    char line[512];
    snprintf(line, sizeof line, "; again: attest verify --db '%s' --run 3\n", db);
    assert_true(says(o.out, "run 3: output differs: stored ") && says(o.out, line));
    assert_true(says(o.out, "3 of 4 runs: the same bits, 1 differ, 0 cannot be verified."));
    assert_code(attest("verify --db %s --run 3", db), 1);
    assert_code(attest("verify --db %s --run 1,2,4", db), 0);
    tamper(db, "UPDATE variant SET numerics = 'x' WHERE name = 'fa3-fp8'");
    o = attest("verify --db %s --json", db);
    assert_code(o, 1); /* a difference outweighs what cannot be verified */
    assert_true(says(o.out, "\"verdict\": \"differ\"") && says(o.out, "\"not_verified\": 2"));
    assert_code(attest("verify --db %s --run 1,2", db), 2);
    assert_code(attest("verify --db %s > /dev/full", db), 2);
}

static void nothing_looked_at_is_never_good(void **state)
{
    (void)state;
    const char *db = database("t.db");
    struct outcome o = attest("verify --db %s --run 5", db);
    assert_code(o, 2);
    assert_complaint(o, "there is no run 5");
    o = attest("verify --db %s --variant fa3-fp9", db);
    assert_code(o, 2);
    assert_complaint(o, "the nearest is 'fa3-fp8'");
    at_store_close(fixture_empty(fixture_path("empty.db")));
    o = attest("verify --db %s", fixture_path("empty.db"));
    assert_code(o, 2);
    assert_complaint(o, "holds no run yet");
    o = attest("verify --db %s", fixture_path("none.db"));
    assert_code(o, 2);
    assert_complaint(o, "none.db");
    assert_int_not_equal(access(fixture_path("none.db"), F_OK), 0);
    assert_code(attest("verify --db %s > /dev/full", db), 2); /* the same bits, but nobody could read it */
    at_store_close(fixture_store(fixture_path("made-up.db")));
    assert_code(attest("verify --db %s", fixture_path("made-up.db")), 2); /* none of its runs says what attest can compute */
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *says;
    } cases[] = {{"extra", "extra"},
                 {"--run 0", "'0' is not a run's number"},
                 {"--run 1,", "'1,' is not a run's number"},
                 {"--run 1,1", "1 is listed twice"},
                 {"--run 99999999999999999999999999", "is not a run's number"},
                 {"--run 1 --variant fa3-fp8", "option '--variant' does not go with --run"},
                 {"--run 1 --sample 1", "option '--sample' does not go with --run"},
                 {"--sample 0", "--sample"},
                 {"--sample-seed 1", "option '--sample-seed' draws the runs of --sample N"},
                 {"--simd avx", "none of auto"},
                 {"--captures nowhere", "option '--captures': 'nowhere' is not there; name the folder"},
                 {"--captures . --captures /dev/null", "option '--captures': '/dev/null' is no folder"},
                 {"--captures /dev/null/x", "option '--captures': '/dev/null/x' is no folder"},
                 {"--sampel 3", "--sample"}};
    const char *db = database("t.db");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("verify --db %s %s", db, cases[i].arguments);
        assert_code(o, 64);
        assert_complaint(o, cases[i].says);
        assert_string_equal(o.out, "");
    }
}

static void a_folder_that_the_system_refuses(void **state)
{
    (void)state;
    const char *db = database("t.db");
    char loop[512];
    snprintf(loop, sizeof loop, "%s", fixture_path("loop"));
    assert_int_equal(symlink("loop", loop), 0);
    struct outcome o = attest("verify --db %s --captures %s", db, loop);
    assert_code(o, 2);
    assert_complaint(o, strerror(ELOOP));
    assert_true(says(o.err, "option '--captures': ") && says(o.err, "; name a folder that can be read"));
    unlink(loop);
    assert_code(attest("verify --db %s --captures .", db), 0);
}

/* Captures of one database may lie in several places, and a file of that name elsewhere may be another. */
static void captures_named_and_beside_the_database(void **state)
{
    (void)state;
    static const char header[] = "{\"q\":{\"dtype\":\"F16\",\"shape\":[1,1,8,32],\"data_offsets\":[0,512]},"
                                 "\"k\":{\"dtype\":\"F16\",\"shape\":[1,1,8,32],\"data_offsets\":[512,1024]},"
                                 "\"v\":{\"dtype\":\"F16\",\"shape\":[1,1,8,32],\"data_offsets\":[1024,1536]}}";
    static const char *const names[] = {"dir/one.safetensors", "two.safetensors", "dir/two.safetensors", "db/two.safetensors"};
    char db[128], dir[128];
    snprintf(dir, sizeof dir, "%s", fixture_path("dir"));
    snprintf(db, sizeof db, "%s", fixture_path("db"));
    assert_true(mkdir(dir, 0777) == 0 && mkdir(db, 0777) == 0);
    snprintf(db, sizeof db, "%s", fixture_path("db/t.db"));
    for (size_t f = 0; f < sizeof names / sizeof names[0]; f++) {
        FILE *file = fopen(fixture_path(names[f]), "wb");
        uint64_t size = sizeof header - 1;
        assert_non_null(file);
        fwrite(&size, sizeof size, 1, file);
        fwrite(header, 1, sizeof header - 1, file);
        for (unsigned i = 0; i < 3 * 256; i++) {
            uint16_t element = (uint16_t)(0x3800u + (f == 2 ? 1 : 0) + i % 64); /* the third has another content */
            fwrite(&element, sizeof element, 1, file);
        }
        fclose(file);
    }
    assert_code(attest("run --db %s --input %s/one.safetensors --input %s/../two.safetensors --not-causal --variants fa3-fp8 --rows 2", db,
                       dir, dir),
                0);
    assert_code(attest("verify --db %s --captures %s", db, dir), 0);
    assert_code(attest("verify --db %s", db), 2); /* one.safetensors is neither here nor there */
    unlink(fixture_path("db/two.safetensors"));
    struct outcome o = attest("verify --db %s --captures %s", db, dir);
    assert_code(o, 2);
    assert_true(says(o.out, "another content"));
}

/* The signal comes as soon as it is caught, long before the last of the runs. */
static void a_signal_stops_it(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    assert_code(attest("run --db %s --distribution normal --shape 1x2x4096x64 --seeds 1,2,3,4 --variants fa3-fp16,fa3-fp8 --rows 1", db),
                0);
    /* Not before the program itself, no longer the shell's copy, has its handler. */
    struct outcome o =
        attest("verify --db %s --threads 1 & "
               "until grep -q '^Name:.attest$' /proc/$!/status && grep -q 'SigCgt:.*[2367abef]$' /proc/$!/status; do :; done; "
               "kill -INT $!; wait $!",
               db);
    assert_code(o, 130);
    assert_complaint(o, "stopped; of the runs after those shown nothing is said");
    assert_false(says(o.out, "8 of 8"));
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(same_bits, clean),
        cmocka_unit_test_teardown(parts_of_a_database, clean),
        cmocka_unit_test_teardown(what_was_changed_is_named, clean),
        cmocka_unit_test_teardown(nothing_looked_at_is_never_good, clean),
        cmocka_unit_test_teardown(mistakes_are_named, clean),
        cmocka_unit_test_teardown(a_folder_that_the_system_refuses, clean),
        cmocka_unit_test_teardown(captures_named_and_beside_the_database, clean),
        cmocka_unit_test_teardown(a_signal_stops_it, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
