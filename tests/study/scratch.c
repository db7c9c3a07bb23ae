/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "scratch.h"

#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64];

void scratch_open(void)
{
    strcpy(folder, "/tmp/attest-study-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void scratch_close(void)
{
    assert_int_equal(nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS), 0);
}

int scratch_setup(void **state)
{
    (void)state;
    scratch_open();
    return 0;
}

int scratch_teardown(void **state)
{
    (void)state;
    scratch_close();
    return 0;
}

const char *scratch_path(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *scratch_write(const char *name, const void *bytes, size_t count)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    return path;
}

enum at_status scratch_study(const char *text, struct at_study *ret_study, struct at_error *error)
{
    return at_study_read(scratch_write("s.yaml", text, strlen(text)), ret_study, error);
}

void scratch_refused(const char *text, enum at_status status, const char *rest)
{
    struct at_error error = {""};
    struct at_study study, untouched;
    char wanted[600];
    memset(&study, 0x5a, sizeof study);
    untouched = study;
    enum at_status got = scratch_study(text, &study, &error);
    snprintf(wanted, sizeof wanted, "%s:%s", scratch_path("s.yaml"), rest);
    if (strncmp(error.message, wanted, strlen(wanted)) != 0)
        fail_msg("%s\nis not\n%s", error.message, wanted);
    assert_int_equal(got, status);
    assert_null(strchr(error.message, '\n'));
    assert_memory_equal(&study, &untouched, sizeof study);
}

const char *scratch_capture(const char *name, const struct at_problem *p, const float *q, const float *k, const float *v)
{
    char header[512];
    size_t nq = (size_t)(p->batch * p->heads_q * p->seq_q * p->dim) * 4, nk = (size_t)(p->batch * p->heads_kv * p->seq_k * p->dim) * 4;
    int length =
        snprintf(header, sizeof header,
                 "{\"q\":{\"dtype\":\"F32\",\"shape\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "],\"data_offsets\":[0,%zu]},"
                 "\"k\":{\"dtype\":\"F32\",\"shape\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "],\"data_offsets\":[%zu,%zu]},"
                 "\"v\":{\"dtype\":\"F32\",\"shape\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "],\"data_offsets\":[%zu,%zu]}}",
                 p->batch, p->heads_q, p->seq_q, p->dim, nq, p->batch, p->heads_kv, p->seq_k, p->dim, nq, nq + nk, p->batch, p->heads_kv,
                 p->seq_k, p->dim, nq + nk, nq + 2 * nk);
    uint64_t header_length = (uint64_t)length;
    char *bytes = malloc(8 + (size_t)length + nq + 2 * nk);
    assert_non_null(bytes);
    memcpy(bytes, &header_length, 8);
    memcpy(bytes + 8, header, (size_t)length);
    memcpy(bytes + 8 + length, q, nq);
    memcpy(bytes + 8 + length + nq, k, nk);
    memcpy(bytes + 8 + length + nq + nk, v, nk);
    const char *path = scratch_write(name, bytes, 8 + (size_t)length + nq + 2 * nk);
    free(bytes);
    return path;
}

void scratch_rename_tensors(const char *path)
{
    static const char *const names[] = {"\"q\":", "\"k\":", "\"v\":"};
    static char bytes[1 << 14];
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    size_t count = fread(bytes, 1, sizeof bytes - 1, file);
    bytes[count] = '\0';
    for (int i = 0; i < 3; i++) {
        char *name = strstr(bytes + 8, names[i]);
        assert_non_null(name);
        name[1] = (char)('a' + i);
    }
    rewind(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

double scratch_number(struct at_store *store, const char *sql)
{
    struct at_table table;
    struct at_error error = {""};
    if (at_store_query(store, sql, NULL, 0, &table, &error))
        fail_msg("%s: %s", sql, error.message);
    assert_int_equal(table.rows, 1);
    double value = table.cells[0].kind == AT_CELL_NULL ? NAN : table.cells[0].real;
    at_table_done(&table);
    return value;
}

static void print_table(FILE *file, struct at_store *store, const char *name)
{
    char sql[64];
    struct at_table table;
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY id", name);
    assert_int_equal(at_store_query(store, sql, NULL, 0, &table, NULL), AT_OK);
    fprintf(file, "%s: %zu\n", name, table.rows);
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        const struct at_cell *c = &table.cells[i];
        const char *column = table.names[i % table.columns];
        if (strcmp(column, "time_ns") == 0 || strcmp(column, "created") == 0)
            continue;
        if (c->kind == AT_CELL_TEXT)
            fprintf(file, "%s=%s\n", column, c->text);
        else if (c->kind == AT_CELL_NULL)
            fprintf(file, "%s=NULL\n", column);
        else
            fprintf(file, "%s=%a\n", column, c->real);
    }
    at_table_done(&table);
}

char *scratch_facts(struct at_store *store)
{
    static const char *const tables[] = {"build",   "device", "study", "input",     "variant", "description", "asked",
                                         "planned", "found",  "run",   "reference", "measure", "histogram"};
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    assert_non_null(file);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        print_table(file, store, tables[i]);
    assert_int_equal(fclose(file), 0);
    return text;
}
