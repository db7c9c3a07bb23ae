/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

int folder_setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    strcpy(folder->path, P_tmpdir "/attest-store-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    assert_int_equal(chmod(folder->path, 0777), 0);
    snprintf(folder->db, sizeof folder->db, "%s/attest.db", folder->path);
    *state = folder;
    return 0;
}

int folder_teardown(void **state)
{
    struct folder *folder = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder->path);
    int code = system(command);
    free(folder);
    return code;
}

struct at_store *open_or_fail(const char *path, enum at_store_mode mode)
{
    struct at_store *store = NULL;
    struct at_error error = {""};
    if (at_store_open(path, mode, &store, &error) != AT_OK)
        fail_msg("%s", error.message);
    return store;
}

void assert_refused(const char *path, enum at_store_mode mode, enum at_status status, const char *words)
{
    struct at_store *store = NULL;
    struct at_error error = {""};
    enum at_status got = at_store_open(path, mode, &store, &error);
    if (got != status || store || !strstr(error.message, path) || !strstr(error.message, words) || strchr(error.message, '\n'))
        fail_msg("expected '%s' with \"%s\" and \"%s\", got '%s': %s", at_status_name(status), path, words, at_status_name(got),
                 error.message);
}

struct at_run_key put_context(struct at_store *store)
{
    struct at_error error = {""};
    struct at_run_key key = {.rows = 64, .rows_seed = 7};
    enum at_status status = AT_OK;
    status |= at_store_put_build(store, &(struct at_build_fact){"b0", "0.1.0", "", "gcc", "{}"}, &key.build, &error);
    status |= at_store_put_device(store, &(struct at_device_fact){"cpu", "a processor", "{}"}, &key.device, &error);
    status |= at_store_put_study(store, &(struct at_study_fact){"5a", "first", "inputs: all"}, &key.study, &error);
    struct at_input_fact input = {"distribution", "normal", "normal", "fp16", 1, {1, 4, 2, 128, 256, 64, true, 0}, "c0", 0, 0};
    status |= at_store_put_input(store, &input, &key.input, &error);
    status |= at_store_put_variant(store, &(struct at_variant_fact){"fa3-fp8", "q=e4m3"}, &key.variant, &error);
    if (status != AT_OK)
        fail_msg("%s", error.message);
    return key;
}

enum at_status put_sample(struct at_store *store, const struct at_run_key *key, int measures, int64_t *ret_id, struct at_error *error)
{
    const struct at_run_fact run = {*key, "09", "0f", 100, 2, 3, 400, 5, 6, 700, NULL, 0, {.count = 0}};
    const struct at_reference_fact references[2] = {
        {"original", "", "mpfr", "70", 256, -120.5, 0, 11, {.known = false}},
        {"dequantised", "09", "mpfr", "71", 256, -INFINITY, 1, 12, {.known = false}},
    };
    static const int64_t counts[3] = {4, 0, 9};
    const struct at_histogram_fact histograms[2] = {{0, -20, 3, counts, 1, 0, 0, 2}, {1, -30, 3, counts, 0, 0, 0, 0}};
    struct at_measure_fact *all = calloc(2 * (size_t)measures + 1, sizeof *all);
    assert_non_null(all);
    for (int i = 0; i < 2 * measures; i++)
        all[i] = (struct at_measure_fact){i % 2, AT_SCOPE_ROW, 0, 0, i, "rel_rmse", 1.0 / (1 + i), 0x1p-60};
    enum at_status status = at_store_put_run(store, &run, references, 2, all, 2 * (size_t)measures, histograms, 2, ret_id, error);
    free(all);
    return status;
}

enum at_status put_sample_reading(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error)
{
    const struct at_readout_fact readout = {"5e", "head.safetensors", "w", "bf16", 50, 128};
    const struct at_input_fact input = {.source = "capture", .spelling = "x", .label = "x", .format = "fp16", .problem = {.batch = 1}};
    const struct at_planned_fact planned = {input, 0, key->variant, 16, key->rows_seed + 2, "mpfr", readout};
    const struct at_reference_fact reference = {"original", "", "mpfr", "70", 256, -120.5, 0, 11, {.known = false}};
    const struct at_token_fact tokens[2] = {{0, 0, 3, 5, 0.25, 0x1p-40, 1, 2.5, 0x1p-30}, {0, 0, -1, 5, NAN, 0, -1, NAN, 0}};
    struct at_run_fact run = {*key, "09", "0f", 100, 2, 3, 400, 5, 6, 700, NULL, 0, {&readout, tokens, 2}};
    run.key.rows_seed += 2;
    enum at_status status =
        at_store_put_plan(store, &(struct at_study_fact){"5b", "read", "inputs: read"}, false, &planned, 1, ret_id, error);
    return status ? status : at_store_put_run(store, &run, &reference, 1, NULL, 0, NULL, 0, ret_id, error);
}

enum at_status put_sample_ladder(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error)
{
    struct at_run_fact run = {*key, "09", "0f", 100, 2, 3, 400, 5, 6, 700, NULL, 0, {.count = 0}};
    const struct at_reference_fact reference = {
        "original", "", "certified", "70", 106, -92.5, 0, 11, {true, "mpfr", 5, 2, -31.5, "mpfr", 7, -93.25, 0.125}};
    run.key.rows_seed++;
    return at_store_put_run(store, &run, &reference, 1, NULL, 0, NULL, 0, ret_id, error);
}

struct at_probe_fact sample_probe(const struct at_run_key *key)
{
    return (struct at_probe_fact){key->build, key->device, "wgmma-e4m3", "wgmma", 7, "differs", 900, 1000, 3, "row 1", 55};
}

struct at_difference_fact sample_difference(const struct at_run_key *key)
{
    return (struct at_difference_fact){*key, "fwd", 3, "09", "0e", "0f", 500, 2, "row 1"};
}

int64_t select_integer(struct at_store *store, const char *sql)
{
    struct at_table table;
    struct at_error error = {""};
    if (at_store_query(store, sql, NULL, 0, &table, &error) != AT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(table.rows, 1);
    assert_int_equal(table.cells[0].kind, AT_CELL_INTEGER);
    int64_t value = table.cells[0].integer;
    at_table_done(&table);
    return value;
}

int raw_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

void overwrite(const char *path, long offset, int byte, size_t count)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fputc(byte, file), byte);
    assert_int_equal(fclose(file), 0);
}

int file_exists(const char *path, const char *suffix)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

struct at_sha256 file_digest(const char *path)
{
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char bytes[4096];
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, file)) > 0;)
        at_hasher_add(&hasher, bytes, count);
    fclose(file);
    return at_hasher_end(&hasher);
}

int wait_for(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int in_child(int (*body)(const struct folder *folder), const struct folder *folder)
{
    enum { NOBODY = 65534 };
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
            _exit(99);
        _exit(body(folder));
    }
    return wait_for(child);
}

enum at_status put_sample_bench(struct at_store *store, const struct at_run_key *key, size_t speeds, int64_t *ret_id,
                                struct at_error *error)
{
    const struct at_bench_fact bench = {key->build, key->device, "normal:sigma=1", "fp16", 7, 30, 4, 16, 1, "mpfr", 130100, ""};
    const struct at_time_fact time = {1, 2, 3, 4, 5, 6}, none = {NAN, NAN, NAN, NAN, NAN, 0};
    const struct at_ceiling_fact ceilings[] = {
        {"bf16 product", 0, 3000, time}, {"copy", 0, 30, time}, {"bf16 product", 1, 3000, time}, {"copy", 1, 30, time}};
    struct at_speed_fact facts[4];
    assert_true(speeds <= 4);
    for (size_t i = 0; i < speeds; i++)
        facts[i] = (struct at_speed_fact){key->variant,
                                          {1, 16, 16, 512 << i, 512 << i, 128, true, 0},
                                          0,
                                          "fwd-f16-sm90",
                                          "resolved",
                                          "bf16 product",
                                          1500,
                                          1024,
                                          2,
                                          time,
                                          i ? time : none,
                                          i ? 0x1p-12 : NAN,
                                          i ? 0x1p-60 : NAN};
    return at_store_put_bench(store, &bench, ceilings, 4, facts, speeds, ret_id, error);
}

enum at_status put_sample_budget(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error)
{
    const struct at_budget_fact budget = {
        .key = *key, .metric = "rel_rmse", .advised = true, .value = 0.25, .none = 0x1p-50, .expected = 0.125};
    const struct at_share_fact shares[] = {{"k", "K's quantisation", 0.2, 0.1, 0.64, 0.84, 0.11},
                                           {"rescaling", "rescaling", 0, 0.25, 0, 0, NAN}};
    const struct at_advice_fact advice = {"k.smooth=mean", "k", false, true, 0.0625};
    return at_store_put_budget(store, &budget, shares, 2, &advice, 1, ret_id, error);
}
