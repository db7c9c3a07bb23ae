/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/verify.h"

#include "scratch.h"
#include "tests/store/tamper.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

/* Smoothing, rotation, scales of all kinds, causal, grouped heads. Runs 1 to 4 are on "x", 5 to 8 on "y". */
static const char study_text[] =
    "name: n\nrows: 3\nvariants: [fa3-fp16, fa3-fp8, fp8-smooth-kv, fp8-block-hadamard]\ninputs:\n"
    "  - {distribution: normal, label: x, shape: {heads: 2, keys: 24, dim: 64}}\n"
    "  - {distribution: k-channel, label: y, causal: true, format: bf16, shape: {heads: 2, kv-heads: 1, keys: 40, dim: 32}}\n";
enum { RUNS = 8 };

/* Into the database as it is, or a new one. */
static void run_study_in(const char *text, const char *database)
{
    struct at_study study;
    struct at_store *store;
    struct at_study_outcome outcome;
    struct at_error error = {""};
    if (scratch_study(text, &study, &error) || at_store_open(scratch_path(database), AT_STORE_WRITE, &store, &error) ||
        at_study_run(&study, store, NULL, NULL, &outcome, &error))
        fail_msg("%s", error.message);
    at_store_close(store);
    at_study_done(&study);
}

static void run_study(const char *text, const char *database)
{
    remove(scratch_path(database));
    run_study_in(text, database);
}

/* Free with at_verification_done. */
static struct at_verification verify(const char *database, struct at_verify_question question)
{
    struct at_store *store;
    struct at_verification made;
    struct at_error error = {""};
    question.memory = question.memory != 0 ? question.memory : INFINITY;
    if (at_store_open(scratch_path(database), AT_STORE_READ, &store, &error) || at_verify(store, &question, &made, &error))
        fail_msg("%s", error.message);
    at_store_close(store);
    return made;
}

struct listener {
    volatile sig_atomic_t stop;
    int calls, stop_at;
    double done, total;
};

static void listen(void *context, double done, double total, const char *what)
{
    struct listener *l = context;
    (void)what;
    l->done = done;
    l->total = total;
    l->stop = ++l->calls == l->stop_at || l->stop;
}

static void same_everywhere(void **state)
{
    (void)state;
    int before = omp_get_max_threads();
    run_study(study_text, "a.db");
    for (int simd = AT_SIMD_AUTO; simd < AT_SIMD_COUNT; simd++) {
        if (!at_simd_available((enum at_simd)simd))
            continue;
        struct listener l = {0};
        const struct at_study_events events = {.context = &l, .progress = listen, .stop = &l.stop};
        omp_set_num_threads(1 + simd);
        struct at_verification v = verify("a.db", (struct at_verify_question){.engine = {.simd = (enum at_simd)simd}, .events = &events});
        assert_true(v.count == RUNS && v.of[AT_SAME_BITS] == RUNS && v.matching == RUNS && v.stored == RUNS);
        assert_true(l.calls > RUNS && l.done > 0 && fabs(l.done - l.total) <= 0x1p-40 * l.total); /* sums in two orders */
        for (int i = 0; i < RUNS; i++)
            for (int d = 0; d < 3; d++)
                assert_string_equal(v.rows[i].stored[d], v.rows[i].again[d].hex);
        at_verification_done(&v);
    }
    omp_set_num_threads(before);
}

/* What a change of the database leads to: the runs [from, to] get the verdict, all others keep their bits. */
struct change {
    const char *sql;
    int from, to;
    enum at_verified verdict;
    const char *reason; /* of AT_NOT_VERIFIED */
};

static void check_change(const struct change *c)
{
    run_study(study_text, "t.db");
    tamper(scratch_path("t.db"), c->sql);
    struct at_verification v = verify("t.db", (struct at_verify_question){.memory = 0x1p30});
    assert_int_equal(v.count, RUNS);
    for (int i = 0; i < RUNS; i++) {
        bool changed = v.rows[i].run >= c->from && v.rows[i].run <= c->to;
        enum at_verified wanted = changed ? c->verdict : AT_SAME_BITS;
        if (v.rows[i].verified != wanted)
            fail_msg("%s: run %d is '%s', not '%s': %s", c->sql, (int)v.rows[i].run, at_verified_name(v.rows[i].verified),
                     at_verified_name(wanted), v.rows[i].reason.message);
        if (!strstr(v.rows[i].reason.message, wanted == AT_NOT_VERIFIED ? c->reason : ""))
            fail_msg("%s: '%s' lacks '%s'", c->sql, v.rows[i].reason.message, c->reason);
        assert_int_equal(*v.rows[i].reason.message != '\0', wanted == AT_NOT_VERIFIED);
    }
    at_verification_done(&v);
}

#define DIGEST "'0000000000000000000000000000000000000000000000000000000000000000'"

static void every_change_is_caught(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"UPDATE run SET output_sha256 = " DIGEST " WHERE id = 3", 3, 3, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE run SET operands_sha256 = " DIGEST " WHERE id = 8", 8, 8, AT_OPERANDS_DIFFER, ""},
        {"UPDATE run SET output_sha256 = '' WHERE id = 1", 1, 1, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE run SET rows_seed = 2 WHERE id = 5", 5, 5, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE run SET rows = 2 WHERE id = 5", 5, 5, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE input SET sha256 = " DIGEST " WHERE id = 1", 1, 4, AT_INPUT_DIFFERS, ""},
        {"UPDATE input SET seed = 2 WHERE id = 2", 5, 8, AT_INPUT_DIFFERS, ""},
        {"UPDATE input SET spelling = 'normal:sigma=2' WHERE id = 1", 1, 4, AT_INPUT_DIFFERS, ""},
        {"UPDATE input SET causal = 1 WHERE id = 1", 1, 4, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE input SET scale = 0.25 WHERE id = 1", 1, 4, AT_OUTPUT_DIFFERS, ""},
        {"UPDATE run SET rows = 25 WHERE id = 2", 2, 2, AT_NOT_VERIFIED, "25 of 24 query rows"},
        {"UPDATE run SET rows = 'all' WHERE id = 2", 2, 2, AT_NOT_VERIFIED, "0 of 24 query rows"},
        {"UPDATE input SET format = 'fp9' WHERE id = 2", 5, 8, AT_NOT_VERIFIED, "'fp9'"},
        {"UPDATE input SET heads_kv = 0 WHERE id = 2", 5, 8, AT_NOT_VERIFIED, "heads"},
        {"UPDATE input SET seq_k = 1 << 40 WHERE id = 1", 1, 4, AT_NOT_VERIFIED, "GiB are free"},
        {"UPDATE input SET scale = 'x' WHERE id = 1", 1, 4, AT_NOT_VERIFIED, "scale"},
        {"UPDATE input SET spelling = 'abnormal:sigma=1' WHERE id = 1", 1, 4, AT_NOT_VERIFIED, "normal"},
        {"UPDATE input SET source = 'dream' WHERE id = 1", 1, 4, AT_NOT_VERIFIED, "'dream'"},
        {"UPDATE input SET source = 'capture' WHERE id = 1", 1, 4, AT_NOT_VERIFIED, "not in the folders"},
        {"UPDATE run SET input = 99 WHERE id = 3", 3, 3, AT_NOT_VERIFIED, "its input is not in the database"},
        {"UPDATE run SET variant = 99 WHERE id = 3", 3, 3, AT_NOT_VERIFIED, "numerics is not in the database"},
        {"UPDATE run SET study = 99, build = 99, device = 99 WHERE id = 3", 0, 0, AT_SAME_BITS, ""},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        check_change(&changes[i]);
}

/* The verdicts of the runs of variant `name` and of all others. */
static void check_variant(const char *sql, const char *name, enum at_verified wanted)
{
    run_study(study_text, "v.db");
    tamper(scratch_path("v.db"), sql);
    struct at_verification v = verify("v.db", (struct at_verify_question){0});
    for (size_t i = 0; i < v.count; i++) {
        bool changed = strcmp(v.rows[i].variant, name) == 0;
        assert_int_equal(v.rows[i].verified, changed ? wanted : AT_SAME_BITS);
        assert_int_equal(v.rows[i].renamed, changed && wanted != AT_NOT_VERIFIED);
    }
    assert_int_equal(v.of[wanted], wanted == AT_SAME_BITS ? RUNS : 2);
    at_verification_done(&v);
}

/* The numerics stored count, not what the name stands for. */
static void numerics_count(void **state)
{
    (void)state;
    check_variant("UPDATE variant SET numerics = replace(numerics, 'exp2=mufu', 'exp2=exact') WHERE name = 'fa3-fp16'", "fa3-fp16",
                  AT_OUTPUT_DIFFERS);
    check_variant("UPDATE variant SET numerics = replace(numerics, 'q.scale=head', 'q.scale=token') WHERE name = 'fa3-fp8'", "fa3-fp8",
                  AT_OPERANDS_DIFFER);
    check_variant("UPDATE variant SET numerics = 'promote=tile' WHERE name = 'fa3-fp8'", "fa3-fp8", AT_NOT_VERIFIED);
    check_variant("UPDATE variant SET numerics = x'00ff' WHERE name = 'fa3-fp8'", "fa3-fp8", AT_NOT_VERIFIED);
    check_variant("UPDATE variant SET name = 'standard-fp16' WHERE name = 'fa3-fp8'", "standard-fp16", AT_SAME_BITS);
}

/* A kernel has the twin's bits: its runs are verified like any. */
static void the_device_does_not_matter(void **state)
{
    (void)state;
    run_study(study_text, "d.db");
    tamper(scratch_path("d.db"), "UPDATE device SET kind = 'cuda', name = 'NVIDIA H200', details = '{}'");
    struct at_verification v = verify("d.db", (struct at_verify_question){0});
    assert_int_equal(v.of[AT_SAME_BITS], RUNS);
    assert_string_equal(v.rows[0].device_kind, "cuda");
    at_verification_done(&v);
    tamper(scratch_path("d.db"), "UPDATE run SET output_sha256 = " DIGEST " WHERE id = 2");
    v = verify("d.db", (struct at_verify_question){0});
    assert_true(v.of[AT_SAME_BITS] == RUNS - 1 && v.of[AT_OUTPUT_DIFFERS] == 1);
    at_verification_done(&v);
}

/* Of a capture that lies elsewhere, is gone or was changed. */
static void captures(void **state)
{
    (void)state;
    static const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 3, .seq_k = 4, .dim = 32};
    float elements[3 * 2 * 32 + 8];
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        elements[i] = sinf((float)i);
    scratch_capture("k.safetensors", &problem, elements, elements + 4, elements + 8);
    run_study("name: c\nrows: 2\nvariants: [fa3-fp8, fa3-fp16]\n"
              "inputs: [{capture: k.safetensors}, {distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
              "c.db");
    char folder[128], moved[128], kept[128];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    snprintf(moved, sizeof moved, "%s", scratch_path("moved"));
    snprintf(kept, sizeof kept, "%s", scratch_path("k.safetensors"));
    const char *const here = folder, *const there = moved;
    struct at_verification v = verify("c.db", (struct at_verify_question){.captures = {&here, 1}});
    assert_int_equal(v.of[AT_SAME_BITS], 4);
    at_verification_done(&v);

    assert_int_equal(mkdir(moved, 0777), 0);
    assert_int_equal(rename(kept, scratch_path("moved/k.safetensors")), 0);
    v = verify("c.db", (struct at_verify_question){.captures = {&here, 1}});
    assert_true(v.of[AT_SAME_BITS] == 2 && v.of[AT_NOT_VERIFIED] == 2);
    assert_non_null(strstr(v.rows[0].reason.message, "k.safetensors: not in the folders looked in"));
    assert_string_equal(v.rows[0].again[2].hex, "");
    at_verification_done(&v);
    v = verify("c.db", (struct at_verify_question){.captures = {&there, 1}});
    assert_int_equal(v.of[AT_SAME_BITS], 4);
    at_verification_done(&v);

    elements[17] = nextafterf(elements[17], 2); /* one element by one unit in the last place */
    scratch_capture("moved/k.safetensors", &problem, elements, elements + 4, elements + 8);
    v = verify("c.db", (struct at_verify_question){.captures = {&there, 1}});
    assert_true(v.of[AT_SAME_BITS] == 2 && v.of[AT_NOT_VERIFIED] == 2);
    assert_non_null(strstr(v.rows[1].reason.message, "another content"));
    at_verification_done(&v);
}

/* One input, read by two studies under other names of its tensors: what one of them cannot read any more, the other still can. */
static void captures_of_two_studies(void **state)
{
    (void)state;
    static const struct at_problem problem = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 2, .seq_k = 2, .dim = 32};
    float e[2 * 32];
    char folder[128];
    const char *const here = folder;
    struct at_store *store;
    for (int i = 0; i < 2 * 32; i++)
        e[i] = cosf((float)i);
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    const char *path = scratch_capture("r.safetensors", &problem, e, e, e);
    run_study("name: a\nvariants: [fa3-fp8]\ninputs: [{capture: r.safetensors}]\n", "r.db");
    scratch_rename_tensors(path);
    run_study_in("name: b\nvariants: [fa3-fp16]\ninputs: [{capture: r.safetensors, tensors: {q: a, k: b, v: c}}]\n", "r.db");
    assert_int_equal(at_store_open(scratch_path("r.db"), AT_STORE_READ, &store, NULL), AT_OK);
    assert_int_equal((int)scratch_number(store, "SELECT count(*) FROM input"), 1);
    at_store_close(store);
    struct at_verification v = verify("r.db", (struct at_verify_question){.captures = {&here, 1}});
    assert_int_equal(v.count, 2);
    assert_int_equal(v.rows[0].verified, AT_NOT_VERIFIED);
    assert_non_null(strstr(v.rows[0].reason.message, "r.safetensors"));
    assert_int_equal(v.rows[1].verified, AT_SAME_BITS);
    at_verification_done(&v);
}

static void too_little_memory(void **state)
{
    (void)state;
    run_study(study_text, "m.db");
    for (int i = 0; i < 2; i++) {
        struct at_verification v = verify("m.db", (struct at_verify_question){.memory = i ? (double)NAN : 1});
        assert_int_equal(v.of[AT_NOT_VERIFIED], RUNS);
        assert_non_null(strstr(v.rows[0].reason.message, "GiB"));
        at_verification_done(&v);
    }
}

/* Stopped at any call, it tells of the runs before and of no other. */
static void stopped(void **state)
{
    (void)state;
    struct at_store *store;
    run_study(study_text, "s.db");
    assert_int_equal(at_store_open(scratch_path("s.db"), AT_STORE_READ, &store, NULL), AT_OK);
    size_t last = 0;
    for (int at = 1; last < RUNS; at++) {
        struct listener l = {.stop_at = at};
        const struct at_study_events events = {.context = &l, .progress = listen, .stop = &l.stop};
        const struct at_verify_question question = {.memory = INFINITY, .events = &events};
        struct at_verification v;
        enum at_status status = at_verify(store, &question, &v, NULL);
        assert_true(status == AT_ERR_INTERRUPTED || (status == AT_OK && v.count == RUNS));
        assert_true(v.count >= last && v.of[AT_SAME_BITS] == v.count && v.stored == RUNS);
        last = v.count;
        at_verification_done(&v);
    }
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_everywhere), cmocka_unit_test(every_change_is_caught),     cmocka_unit_test(numerics_count),
        cmocka_unit_test(captures),        cmocka_unit_test(the_device_does_not_matter), cmocka_unit_test(too_little_memory),
        cmocka_unit_test(stopped),         cmocka_unit_test(captures_of_two_studies),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
