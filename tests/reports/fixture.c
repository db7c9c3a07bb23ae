/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

const char *fixture_folder(void)
{
    if (!*folder) {
        strcpy(folder, "/tmp/attest-test.XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

const char *fixture_path(const char *name)
{
    static char paths[8][128];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", fixture_folder(), name);
    return path;
}

void fixture_done(void)
{
    char command[128];
    if (*folder) {
        snprintf(command, sizeof command, "rm -rf %s", folder);
        assert_int_equal(system(command), 0);
    }
    *folder = '\0';
}

static double error_of(int h)
{
    return 0x1p-10 * (h + 1);
}

static double truth_of(int h)
{
    return 0.5 + 0.125 * h;
}

double fixture_head(int h)
{
    return error_of(h) / truth_of(h);
}

double fixture_rel_rmse(void)
{
    double error2 = 0, truth2 = 0;
    for (int h = 0; h < FIXTURE_HEADS; h++) {
        error2 += error_of(h) * error_of(h);
        truth2 += truth_of(h) * truth_of(h);
    }
    return sqrt(error2 / truth2);
}

enum manner { GOOD, BROKEN, UNDEFINED };

struct measures {
    struct at_measure_fact facts[256];
    size_t count;
};

static void add(struct measures *m, int reference, int head, const char *metric, double value)
{
    m->facts[m->count++] = (struct at_measure_fact){.reference = reference,
                                                    .scope = head < 0 ? AT_SCOPE_CASE : AT_SCOPE_HEAD,
                                                    .batch = head < 0 ? -1 : 0,
                                                    .head = head,
                                                    .row = -1,
                                                    .metric = metric,
                                                    .value = value,
                                                    .radius = strcmp(metric, "nonfinite") == 0   ? NAN
                                                              : strcmp(metric, "lse_error") == 0 ? 0x1p-6
                                                                                                 : 1e-20};
}

static void fill(struct measures *m, enum manner manner)
{
    double spoilt = manner == BROKEN ? INFINITY : NAN, kernel = 0.25; /* the kernel's part is a quarter of the whole */
    for (int r = 0; r < 2; r++) {
        double share = r ? kernel : 1;
        for (int h = 0; h < FIXTURE_HEADS; h++) {
            add(m, r, h, "rmse", manner == GOOD ? share * error_of(h) : spoilt);
            add(m, r, h, "rel_rmse", manner == GOOD ? share * fixture_head(h) : spoilt);
        }
        add(m, r, -1, "rel_rmse", manner == GOOD ? share * fixture_rel_rmse() : spoilt);
        add(m, r, -1, "max_rel_sum_abs", manner == GOOD ? share * 0.03125 : spoilt);
        add(m, r, -1, "nonfinite", manner == BROKEN ? FIXTURE_BROKEN : manner == GOOD ? 0 : NAN);
        add(m, r, -1, "lse_error", manner == GOOD ? 0.0625 : NAN);
        add(m, r, -1, "cosine_min", NAN);
    }
}

static struct at_input_fact input_of(const char *label, uint64_t seed, int64_t keys)
{
    return (struct at_input_fact){
        .source = "distribution",
        .spelling = strcmp(label, FIXTURE_EVIL) == 0 ? label : "normal:sigma=1",
        .label = label,
        .format = "fp16",
        .seed = seed,
        .problem = {.batch = 1, .heads_q = FIXTURE_HEADS, .heads_kv = FIXTURE_HEADS, .seq_q = FIXTURE_KEYS, .seq_k = keys, .dim = 64},
        .input_sha256 = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"};
}

static void put(struct at_store *store, struct at_run_key key, const struct at_input_fact *input, const char *variant, enum manner manner,
                int64_t undefined_rows)
{
    struct measures *m = calloc(1, sizeof *m);
    const struct at_variant_fact variant_fact = {variant, "q.format=e4m3,k.format=e4m3,output=bf16"};
    const int64_t counts[] = {1, 0, 3, 12};
    const struct at_histogram_fact histogram = {
        .reference = 0, .first = -20, .bins = 4, .counts = counts, .zeros = 2, .nonfinite = 1, .above = 1};
    static const struct at_ladder_fact ladder = {true, NULL, 0, 0, -33.5, NULL, 0, NAN, NAN};
    const struct at_reference_fact references[] = {{"original", "", "mpfr", "1111", 160, -104.5, undefined_rows, 1000000, ladder},
                                                   {"dequantised", "2222", "mpfr", "3333", 192, -101.25, undefined_rows, 2000000, ladder}};
    int64_t id;
    assert_non_null(m);
    assert_int_equal(at_store_put_input(store, input, &key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &variant_fact, &key.variant, NULL), AT_OK);
    fill(m, manner);
    const struct at_run_fact run = {.key = key,
                                    .operands_sha256 = "2222",
                                    .output_sha256 = "4444",
                                    .elements = 100,
                                    .saturated = 1,
                                    .underflowed = 2,
                                    .p_elements = 50,
                                    .time_ns = 1500000};
    assert_int_equal(at_store_put_run(store, &run, references, 2, m->facts, m->count, &histogram, 1, &id, NULL), AT_OK);
    free(m);
}

static struct at_store *open_or_fail(const char *path, enum at_store_mode mode)
{
    struct at_store *store;
    struct at_error error = {""};
    if (at_store_open(path, mode, &store, &error))
        fail_msg("%s", error.message);
    return store;
}

struct at_store *fixture_begin(const char *path, const char *study_text, struct at_run_key *key)
{
    const struct at_build_fact build = {"5555", "0.1.0", "abcdef", "gcc", "{}"};
    const struct at_device_fact device = {"cpu", "Test Processor", "{}"};
    const struct at_study_fact study = {"6666", "first", study_text};
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    assert_int_equal(at_store_put_build(store, &build, &key->build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &device, &key->device, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &study, &key->study, NULL), AT_OK);
    return store;
}

struct at_store *fixture_end(struct at_store *store, const char *path)
{
    at_store_close(store);
    return open_or_fail(path, AT_STORE_READ);
}

struct at_store *fixture_empty(const char *path)
{
    return fixture_end(open_or_fail(path, AT_STORE_WRITE), path);
}

struct at_store *fixture_store(const char *path)
{
    struct at_run_key key = {.rows = FIXTURE_ROWS, .rows_seed = 1};
    struct at_store *store = fixture_begin(path, "name: first\ncases: <all>\n", &key);
    const struct at_input_fact first = input_of("plain", 1, FIXTURE_KEYS), second = input_of("plain", 2, FIXTURE_KEYS);
    const struct at_input_fact evil = input_of(FIXTURE_EVIL, 1, FIXTURE_KEYS), longer = input_of("plain", 1, 2 * FIXTURE_KEYS);
    put(store, key, &first, "good", GOOD, 0);
    put(store, key, &first, "broken", BROKEN, 0);
    put(store, key, &second, "good", UNDEFINED, 0);
    put(store, key, &evil, "good", GOOD, FIXTURE_UNDEFINED);
    put(store, key, &longer, "good", GOOD, 0);
    return fixture_end(store, path);
}

struct at_page fixture_page(struct at_store *store, struct at_buffer *text)
{
    static const struct at_filter everything;
    struct at_page page = {.store = store, .filter = &everything, .text = text};
    assert_int_equal(at_page_load(&page, NULL), AT_OK);
    return page;
}

void fixture_page_done(struct at_page *page)
{
    at_page_done(page);
    at_buffer_done(page->text);
    at_store_close(page->store);
    fixture_done();
}

bool holds(const struct at_buffer *text, const char *what)
{
    return text->text && strstr(text->text, what) != NULL;
}
