/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STORE_FIXTURE_H
#define AT_TESTS_STORE_FIXTURE_H

/* A folder of its own for each test, and facts to put into a database there. */

#include "core/hash.h"
#include "store/internal.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cmocka setup and teardown: *state is a struct folder. */
struct folder {
    char path[64]; /* the folder, readable by all */
    char db[96];   /* "attest.db" in it */
};
int folder_setup(void **state);
int folder_teardown(void **state);

/* Opens, failing the test with the message when refused. */
struct at_store *open_or_fail(const char *path, enum at_store_mode mode);

/* Fails the test unless opening gives `status` with a message that names the path and contains `words`. */
void assert_refused(const char *path, enum at_store_mode mode, enum at_status status, const char *words);

/* Puts build, device, study, input and variant; the key of a run over them. */
struct at_run_key put_context(struct at_store *store);

/* Puts a run of 2 references with `measures` measures and one histogram each; `key` tells runs apart by rows_seed. */
/* A study that has another run read out, and that run with a sample of a head and one of all heads. */
enum at_status put_sample_reading(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error);

/* Another run, with other rows, whose one truth says how sharp it was. */
enum at_status put_sample_ladder(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error);

enum at_status put_sample(struct at_store *store, const struct at_run_key *key, int measures, int64_t *ret_id, struct at_error *error);

/* A finding of a probe, of the key's build and device. */
struct at_probe_fact sample_probe(const struct at_run_key *key);

/* A kernel that differed from the twin in what was to be the key's run. */
struct at_difference_fact sample_difference(const struct at_run_key *key);

/* Puts a measurement of speed of the key's build, device and variant: two rounds of two ceilings, `speeds` lengths. */
enum at_status put_sample_bench(struct at_store *store, const struct at_run_key *key, size_t speeds, int64_t *ret_id,
                                struct at_error *error);

/* Puts a budget of the key's variant and input: two roundings, of one nothing is expected, and one change. */
enum at_status put_sample_budget(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error);

/* SELECT of one integer through the store. */
int64_t select_integer(struct at_store *store, const char *sql);

/* Runs SQL on the file with a plain SQLite connection; returns SQLite's code. */
int raw_sql(const char *path, const char *sql);

void write_file(const char *path, const void *bytes, size_t count);
void overwrite(const char *path, long offset, int byte, size_t count);
int file_exists(const char *path, const char *suffix);
struct at_sha256 file_digest(const char *path);

/* Runs `body` in a child process without the superuser's rights; its exit status. */
int in_child(int (*body)(const struct folder *folder), const struct folder *folder);

/* Exit status of a child that must not have died by a signal. */
int wait_for(pid_t child);

#ifdef __cplusplus
}
#endif

#endif
