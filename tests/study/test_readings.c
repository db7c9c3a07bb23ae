/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/readings.h"

#include "bench.h"
#include "core/random.h"
#include "naive_logits.h"
#include "scratch.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BATCH = 2, HEADS = 4, KEYS = 24, DIM = 32, TOKENS = 19, WIDEST = HEADS * DIM };

static float w[TOKENS * WIDEST];

/* W [TOKENS, width] as a file; `seed` draws its elements. */
static void write_readout(const char *name, int width, uint64_t seed)
{
    static char bytes[8 + 256 + sizeof w];
    char header[256];
    size_t size = sizeof(float) * TOKENS * (size_t)width;
    int length =
        snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%zu]}}", TOKENS, width, size);
    uint64_t header_length = (uint64_t)length;
    for (int i = 0; i < TOKENS * width; i++)
        w[i] = (float)(2 * at_random_uniform((struct at_random){seed, 1}, (uint64_t)i) - 1);
    memcpy(bytes, &header_length, 8);
    memcpy(bytes + 8, header, (size_t)length);
    memcpy(bytes + 8 + length, w, size);
    scratch_write(name, bytes, 8 + (size_t)length + size);
}

#define SHAPE "shape: {batch: 2, heads: 4, kv-heads: 2, keys: 24, dim: 32}"
#define HEAD "name: n\nrows: 5\noracle: mpfr\nvariants: [fa3-fp8]\ninputs:\n"
#define PLAIN HEAD "  - {distribution: normal, " SHAPE "}\n"
#define READ HEAD "  - {distribution: normal, readout: {file: w.safetensors}, " SHAPE "}\n"

/* O of the twin, [batch][head][row of the case][dim]. */
static void keep_outputs(void *context, const struct at_attended *part)
{
    float *o = context;
    memcpy(o + ((part->b * HEADS + part->h) * 5 + part->first) * DIM, part->out->o, (size_t)(part->count * DIM) * sizeof *o);
}

static void check_sample(struct scratch_bench *b, const float *o, const char *against, int width, int batch, int head, int row)
{
    const struct at_oracle_truth *truths = b->bench.original.head;
    long double exact[TOKENS], got[TOKENS];
    double x[WIDEST], y[WIDEST];
    char sql[300], where[200];
    int first = width == DIM ? head : 0, heads = width == DIM ? 1 : HEADS;
    for (int h = 0; h < heads; h++)
        for (int d = 0; d < DIM; d++) {
            int64_t place = batch * HEADS + first + h;
            x[h * DIM + d] = truths[place].o[row * DIM + d];
            y[h * DIM + d] = (double)o[(place * 5 + row) * DIM + d];
        }
    naive_logits(w, x, TOKENS, width, exact);
    naive_logits(w, y, TOKENS, width, got);
    struct naive_kl naive = naive_kl_of(exact, got, TOKENS);
    snprintf(where, sizeof where, "FROM token_change WHERE against = '%s' AND batch = %d AND ifnull(head, -1) = %d AND row = %" PRId64,
             against, batch, width == DIM ? head : -1, b->bench.c->rows.index[row]);
    snprintf(sql, sizeof sql, "SELECT kl %s", where);
    double kl = scratch_number(b->store, sql);
    snprintf(sql, sizeof sql, "SELECT kl_radius %s", where);
    double radius = scratch_number(b->store, sql);
    if (!(fabsl(kl - naive.kl) <= radius + naive.error) || !(radius < 0x1p-20 * kl))
        fail_msg("width %d, %d/%d, row %d: %.17g +- %g, by its definition %.17Lg", width, batch, head, row, kl, radius, naive.kl);
}

/* All heads together and each alone: what is stored against KL by its definition, from the twin's outputs and the truth's. */
static void what_is_stored_is_right(void **state)
{
    (void)state;
    for (int width = DIM; width <= WIDEST; width += WIDEST - DIM) {
        struct scratch_bench b;
        struct at_error error = {""};
        struct at_sha256 digest;
        static float o[BATCH * HEADS * 5 * DIM];
        char sql[100];
        write_readout("w.safetensors", width, 3);
        scratch_bench_open(&b, READ, width == DIM ? "heads.db" : "all.db");
        if (scratch_bench_attempt(&b, 0, &error))
            fail_msg("%s", error.message);
        struct at_attend attend = scratch_bench_prepare(&b, 0);
        assert_int_equal(at_attend_heads(&attend, false, keep_outputs, o, &b.progress, &digest, &error), AT_OK);
        int heads = width == DIM ? HEADS : 1;
        for (int batch = 0; batch < BATCH; batch++)
            for (int h = 0; h < heads; h++)
                for (int row = 0; row < 5; row++)
                    check_sample(&b, o, "original", width, batch, h, row);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM token_change");
        assert_true(scratch_number(b.store, sql) == 2.0 * BATCH * heads * 5);
        assert_true(scratch_number(b.store, "SELECT sum(kl) FROM token_change WHERE against = 'original'") >
                    scratch_number(b.store, "SELECT sum(kl) FROM token_change WHERE against = 'dequantised'"));
        at_attend_done(&attend);
        at_readout_done(&b.bench.readout);
        scratch_bench_close(&b);
    }
}

static struct at_study_outcome run(const char *text, struct at_store *store)
{
    struct at_study study;
    struct at_study_outcome outcome;
    struct at_error error = {""};
    if (scratch_study(text, &study, &error) || at_study_run(&study, store, NULL, NULL, &outcome, &error))
        fail_msg("%s", error.message);
    at_study_done(&study);
    return outcome;
}

/* A run that is stored without the readout does not answer; read out again it is the same run. Another content asks anew. */
static void readings_come_to_stored_runs(void **state)
{
    (void)state;
    struct at_store *store;
    write_readout("w.safetensors", WIDEST, 3);
    assert_int_equal(at_store_open(scratch_path("again.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(run(PLAIN, store).runs_done, 1);
    double measures = scratch_number(store, "SELECT count(*) FROM measure");
    assert_int_equal(run(READ, store).runs_done, 1);
    assert_int_equal(run(READ, store).runs_found, 1);
    assert_int_equal(run(PLAIN, store).runs_found, 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM run") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM measure") == measures);
    assert_true(scratch_number(store, "SELECT count(*) FROM reading") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM plan WHERE run IS NULL") == 0);
    write_readout("w.safetensors", WIDEST, 4);
    assert_int_equal(run(READ, store).runs_done, 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM reading") == 2);
    write_readout("w.safetensors", WIDEST, 3); /* back: found, and it is the last that counts */
    assert_int_equal(run(READ, store).runs_found, 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM planned_readout") == 3);
    assert_true(scratch_number(store, "SELECT readout FROM plan WHERE readout IS NOT NULL") == 1);
    at_store_close(store);
}

static void a_case_without_a_readout_takes_nothing(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_readings readings;
    scratch_bench_open(&b, PLAIN, "plain.db");
    assert_true(at_readings_bytes(b.bench.c, 1) == 0);
    assert_int_equal(at_readings_init(b.bench.c, &readings, NULL), AT_OK);
    at_readings_add(&readings, 0, 0, 0, NULL);
    assert_int_equal(at_readings_head(&readings, NULL, 0, 0, NULL), AT_OK);
    assert_true(readings.count == 0 && !readings.facts);
    at_readings_done(&readings);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_right),
        cmocka_unit_test(readings_come_to_stored_runs),
        cmocka_unit_test(a_case_without_a_readout_takes_nothing),
    };
    return cmocka_run_group_tests_name("readings", tests, scratch_setup, scratch_teardown);
}
