/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Puts a fact twice, then with `field` changed: the first two are one, the third is new only if the field is of the natural key. */
#define CHECK_FIELD(put, type, base, field, changed, of_key)                                     \
    do {                                                                                         \
        struct type first = base, second = base;                                                 \
        second.field = (changed);                                                                \
        int64_t a = -1, b = -2, c = -3;                                                          \
        assert_int_equal(put(store, &first, &a, NULL), AT_OK);                                   \
        assert_int_equal(put(store, &first, &b, NULL), AT_OK);                                   \
        assert_int_equal(put(store, &second, &c, NULL), AT_OK);                                  \
        assert_int_equal(a, b);                                                                  \
        if ((a != c) != (of_key))                                                                \
            fail_msg("%s: %s is%s of the natural key", #put, #field, (of_key) ? "" : " not");    \
    } while (0)

static void test_natural_keys(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_build_fact build = {"b0", "0.1.0", "abc", "gcc 12", "{\"a\":1}"};
    CHECK_FIELD(at_store_put_build, at_build_fact, build, sha256, "b1", 1);
    CHECK_FIELD(at_store_put_build, at_build_fact, build, version, "0.2.0", 0);
    CHECK_FIELD(at_store_put_build, at_build_fact, build, options, "{}", 0);
    const struct at_device_fact device = {"cpu", "p", "{}"};
    CHECK_FIELD(at_store_put_device, at_device_fact, device, kind, "cuda", 1);
    CHECK_FIELD(at_store_put_device, at_device_fact, device, name, "q", 1);
    CHECK_FIELD(at_store_put_device, at_device_fact, device, details, "{\"cores\":2}", 1);
    const struct at_study_fact study = {"5a", "first", "text"};
    CHECK_FIELD(at_store_put_study, at_study_fact, study, sha256, "5b", 1);
    CHECK_FIELD(at_store_put_study, at_study_fact, study, name, "other", 0);
    const struct at_variant_fact variant = {"fa3", "q=fp16"};
    CHECK_FIELD(at_store_put_variant, at_variant_fact, variant, name, "fa4", 1);
    CHECK_FIELD(at_store_put_variant, at_variant_fact, variant, numerics, "q=bf16", 1);
    const struct at_input_fact input = {"distribution", "normal", "n", "fp16", 1, {1, 4, 2, 128, 256, 64, true, 0}, "c0", 3, 4};
    CHECK_FIELD(at_store_put_input, at_input_fact, input, source, "capture", 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, spelling, "sink", 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, label, "m", 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, format, "bf16", 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, seed, 2, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.batch, 2, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.heads_q, 8, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.heads_kv, 4, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.seq_q, 64, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.seq_k, 64, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.dim, 128, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.causal, false, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, problem.scale, 0.5, 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, input_sha256, "c1", 1);
    CHECK_FIELD(at_store_put_input, at_input_fact, input, nan, 9, 0);
    at_store_close(store);
}

static void assert_row(struct at_store *store, const char *sql, const char *expected)
{
    struct at_table table;
    struct at_error error = {""};
    if (at_store_query(store, sql, NULL, 0, &table, &error) != AT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(table.rows, 1);
    assert_string_equal(table.cells[0].text, expected);
    at_table_done(&table);
}

static void test_every_field_comes_back(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    int64_t id;
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"B", "V", "R", "C", "O"}, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &(struct at_device_fact){"K", "N\xc3\xa4me", "D"}, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &(struct at_study_fact){"S", "N", "a: 'b'\nc: \"d\"\n"}, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){"W", "X"}, &id, NULL), AT_OK);
    struct at_input_fact input = {"U", "P", "L", "F", 12, {1, 22, 11, 3, 4, 5, true, 0x1.8p-3}, "H", 6, 7};
    assert_int_equal(at_store_put_input(store, &input, &id, NULL), AT_OK);
    at_store_close(store);
    store = open_or_fail(folder->db, AT_STORE_READ);
    assert_row(store, "SELECT concat FROM (SELECT sha256||version||revision||compiler||options AS concat FROM build)", "BVRCO");
    assert_row(store, "SELECT kind||name||details FROM device", "KN\xc3\xa4meD");
    assert_row(store, "SELECT sha256||name||text FROM study", "SNa: 'b'\nc: \"d\"\n");
    assert_row(store, "SELECT name||numerics FROM variant", "WX");
    assert_row(store, "SELECT printf('%s %s %s %s %d %d %d %d %d %d %d %d %.17g %s %d %d', source, spelling, label, format, seed, batch, "
               "heads_q, heads_kv, seq_q, seq_k, dim, causal, scale, sha256, nan, infinite) FROM input",
               "U P L F 12 1 22 11 3 4 5 1 0.1875 H 6 7");
    at_store_close(store);
}

static void test_seeds_keep_all_64_bits(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const uint64_t seeds[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        struct at_input_fact input = {"distribution", "normal", "n", "fp16", seeds[i], {1, 4, 2, 128, 256, 64, true, 0}, "c0", 0, 0};
        int64_t id;
        assert_int_equal(at_store_put_input(store, &input, &id, NULL), AT_OK);
        struct at_table table;
        const struct at_bind bind = {":id", {.kind = AT_CELL_INTEGER, .integer = id}};
        assert_int_equal(at_store_query(store, "SELECT seed, printf('%llu', seed) FROM input WHERE id = :id", &bind, 1, &table, NULL),
                         AT_OK);
        char text[32];
        snprintf(text, sizeof text, "%llu", (unsigned long long)seeds[i]);
        assert_true((uint64_t)table.cells[0].integer == seeds[i]);
        assert_string_equal(table.cells[1].text, text);
        at_table_done(&table);
    }
    assert_int_equal(select_integer(store, "SELECT count(*) FROM input"), sizeof seeds / sizeof seeds[0]);
    at_store_close(store);
}

/* Findings are of their moment: the same one twice is two facts, each with all that was found. */
static void test_a_probe_is_a_fact_each_time(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    struct at_probe_fact probe = {key.build, key.device, "N", "I", UINT64_MAX, "differs", 17, INT64_C(1) << 40, 3, "D'\xc3\xa4", 55};
    enum { TIMES = 20 };
    int64_t ids[TIMES];
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(at_store_put_probe(store, &probe, &ids[i], NULL), AT_OK);
        assert_true(i == 0 || ids[i] > ids[i - 1]);
    }
    assert_int_equal(select_integer(store, "SELECT count(*) FROM probe"), TIMES);
    assert_int_equal(select_integer(store, "SELECT count(DISTINCT created) FROM probe"), TIMES);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM probe WHERE created GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T"
                                           "[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'"), TIMES);
    assert_row(store, "SELECT printf('%s %s %llu %s %d %lld %d %s %d', name, instruction, seed, verdict, asked, outputs, "
               "differing, detail, time_ns) FROM probe LIMIT 1", "N I 18446744073709551615 differs 17 1099511627776 3 D'\xc3\xa4 55");
    struct at_error error = {""};
    probe.verdict = "unknown";
    assert_int_equal(at_store_put_probe(store, &probe, &ids[0], &error), AT_ERR_ARGUMENT);
    probe = sample_probe(&key);
    probe.device = 99;
    assert_int_equal(at_store_put_probe(store, &probe, &ids[0], &error), AT_ERR_ARGUMENT); /* a device that is not stored */
    assert_int_equal(select_integer(store, "SELECT count(*) FROM probe"), TIMES);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_natural_keys, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_every_field_comes_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_seeds_keep_all_64_bits, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_probe_is_a_fact_each_time, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
