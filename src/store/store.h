/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STORE_STORE_H
#define AT_STORE_STORE_H

#include "core/problem.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One SQLite file (WAL). Facts are append-only: they are inserted, never changed or deleted (triggers refuse it). Views are derived and
 * can be rebuilt from the facts. Opening checks integrity of the header, the application id and the schema version, migrates an older
 * schema inside one transaction and refuses a newer one. Every failure names the file and the remedy: missing, not a database, corrupt,
 * not an attest database, read-only, locked by another process (after 10 s), newer version, disk full.
 */
struct at_store;

enum at_store_mode { AT_STORE_READ, AT_STORE_WRITE /* creates the file when missing */ };

enum at_status at_store_open(const char *path, enum at_store_mode mode, struct at_store **ret_store, struct at_error *error);

/* Checkpoints and closes; NULL is fine; returns NULL. */
struct at_store *at_store_close(struct at_store *store);

/* Facts. Text is borrowed during the call. Each put_ is idempotent: an equal fact (by its natural key, marked *) is found, not doubled. */

struct at_build_fact {
    const char *sha256;   /* * of the executable */
    const char *version;  /* "0.1.0" */
    const char *revision; /* git commit, "" when unknown */
    const char *compiler; /* "gcc 12.2.0" */
    const char *options;  /* JSON object: flags and library versions */
};

struct at_device_fact {
    const char *kind;    /* * "cpu" or "cuda" */
    const char *name;    /* * "Intel(R) Xeon(R) Processor" */
    const char *details; /* * JSON object: SIMD path, cores, memory */
};

struct at_study_fact {
    const char *sha256; /* * of the canonical text */
    const char *name;
    const char *text; /* canonical: what was asked, in full */
};

struct at_input_fact {
    const char *source;        /* * "distribution" or "capture" */
    const char *spelling;      /* * "iid-outlier:probability=0.001,sigma=10" or the capture's file name */
    const char *label;         /* * short name for tables: "iid-outlier" or "gpt-layer0" */
    const char *format;        /* * of the inputs: "fp16" */
    uint64_t seed;             /* * 0 for captures */
    struct at_problem problem; /* * */
    const char *input_sha256;  /* * */
    int64_t nan, infinite;     /* elements of the inputs */
};

struct at_variant_fact {
    const char *name;     /* * */
    const char *numerics; /* * canonical spelling of every field */
};

/* What a probe of a GPU's instruction found; each is a fact of its own moment, so repeating a probe adds one. */
struct at_probe_fact {
    int64_t build, device;
    const char *name;        /* "wgmma-e4m3" */
    const char *instruction; /* as PTX spells it */
    uint64_t seed;           /* of the operands */
    const char *verdict;     /* "same bits", "differs" or "failed" */
    int64_t asked;           /* outputs asked for: with name and seed they fix every operand */
    int64_t outputs, differing;
    const char *detail; /* the first difference, or why it failed; "" with the same bits */
    int64_t time_ns;
};

enum at_status at_store_put_build(struct at_store *store, const struct at_build_fact *fact, int64_t *ret_id, struct at_error *error);
enum at_status at_store_put_device(struct at_store *store, const struct at_device_fact *fact, int64_t *ret_id, struct at_error *error);
enum at_status at_store_put_study(struct at_store *store, const struct at_study_fact *fact, int64_t *ret_id, struct at_error *error);
enum at_status at_store_put_input(struct at_store *store, const struct at_input_fact *fact, int64_t *ret_id, struct at_error *error);
enum at_status at_store_put_variant(struct at_store *store, const struct at_variant_fact *fact, int64_t *ret_id, struct at_error *error);
enum at_status at_store_put_probe(struct at_store *store, const struct at_probe_fact *fact, int64_t *ret_id, struct at_error *error);

/* A matrix [tokens, width] that makes logits of outputs. */
struct at_readout_fact {
    const char *sha256;        /* * of format, shape and elements; NULL: there is none */
    const char *file, *tensor; /* *; the file without its folder */
    const char *format;
    int64_t tokens, width;
};

/* One run that a study asks for, before its input is read or made. */
struct at_planned_fact {
    struct at_input_fact input; /* its description: digest and counts are not looked at */
    int64_t copy;               /* inputs of that description before it in the study */
    int64_t variant, rows;
    uint64_t rows_seed;
    const char *oracle;
    struct at_readout_fact readout; /* that its outputs are to be read out with; a run that is not does not answer it */
};

/*
 * Puts a study and all that it asks for in one transaction: there is no time at which a part of it looks like the whole. `of_file`: its
 * text now stands for all study files of its name.
 */
enum at_status at_store_put_plan(struct at_store *store, const struct at_study_fact *study, bool of_file,
                                 const struct at_planned_fact *planned, size_t count, int64_t *ret_study, struct at_error *error);

/* Puts an input as the content that the study's name now has under this description and copy; *ret_id is the input's. */
enum at_status at_store_put_found(struct at_store *store, int64_t study, int64_t copy, const struct at_input_fact *fact, int64_t *ret_id,
                                  struct at_error *error);

/* What identifies a run. */
struct at_run_key {
    int64_t study; /* that has it computed: no part of what identifies it */
    int64_t input, variant, build, device;
    int64_t rows;       /* query rows looked at in each head */
    uint64_t rows_seed; /* of at_rows_choose */
    const char *oracle; /* of its references; NULL: "" */
};

/* AT_ERR_NOT_FOUND (without a message) when no such run is stored, whichever study had it computed. */
enum at_status at_store_find_run(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error);

/* What a readout makes of one sample of outputs (a query row of one head, or of all heads) beside one truth. */
struct at_token_fact {
    int reference;            /* index into the references of the same run */
    int64_t batch, head, row; /* head -1: all together */
    double kl, kl_radius;     /* nat; NaN: undefined, stored as NULL */
    int top_unchanged;        /* 1, 0, or -1: left open, stored as NULL */
    double max_logit, logit_radius;
};

/* The outputs of a run, read out. */
struct at_reading_fact {
    const struct at_readout_fact *readout; /* NULL: they are not */
    const struct at_token_fact *tokens;
    size_t count;
};

/* AT_ERR_NOT_FOUND (without a message) when the run was not read out with it. */
enum at_status at_store_find_reading(struct at_store *store, int64_t run, const struct at_readout_fact *readout, int64_t *ret_id,
                                     struct at_error *error);

struct at_run_fact {
    struct at_run_key key;
    const char *operands_sha256;
    const char *output_sha256;                /* of O (fp32 values), row max, row sum and LSE of the rows looked at, head by head */
    int64_t elements, saturated, underflowed; /* of Q, K, V */
    int64_t p_elements, p_saturated, p_underflowed;
    int64_t time_ns;    /* of prepare and attend */
    const char *kernel; /* that computed the outputs on a GPU; NULL: the twin */
    int64_t gpu;        /* its number on that machine; not looked at without a kernel */
    struct at_reading_fact reading;
};

/* A kernel on a GPU gave other bits than the twin: a fact of its own moment, in place of a run. */
struct at_difference_fact {
    struct at_run_key run; /* that it was to be; its device is the GPU */
    const char *kernel;
    int64_t gpu; /* its number on that machine */
    const char *operands_sha256;
    const char *output_sha256, *twin_sha256; /* of the kernel's and the twin's outputs of the rows looked at */
    int64_t outputs, differing;              /* compared, and with any bit different */
    const char *detail;                      /* the first difference */
};

/* *ret_id is that of the difference. */
enum at_status at_store_put_difference(struct at_store *store, const struct at_difference_fact *fact, int64_t *ret_id,
                                       struct at_error *error);

/* Where the error of a variant on a case comes from, by one metric (docs/budget.md). */
struct at_budget_fact {
    struct at_run_key key; /* *; without a study */
    const char *metric;    /* * "rel_rmse" */
    bool advised;          /* * changes were measured too */
    double value, none;    /* of the metric with all roundings, and with none; finite */
    double expected;       /* rel_rmse by noise of the formats; NaN: undefined, stored as NULL, as all below */
};

struct at_share_fact {
    const char *rounding;              /* * "pv-accumulator" */
    const char *label;                 /* as people read it */
    double alone, without;             /* the metric with this rounding only; with all but it */
    double share_alone, share_removed; /* of the whole error, as fractions */
    double expected;                   /* rel_rmse by noise of this rounding alone; NaN: the model leaves it out */
};

/* A change of the numerics, measured. */
struct at_advice_fact {
    const char *change;   /* "k.smooth=mean" */
    const char *rounding; /* that it is for */
    bool widens, second;  /* an operand goes to 16 bits; it comes on top of the best change */
    double value;         /* of the metric then */
};

/* Puts a budget with its shares and advices, the smallest error first, in one transaction. An equal one is found. */
enum at_status at_store_put_budget(struct at_store *store, const struct at_budget_fact *budget, const struct at_share_fact *shares,
                                   size_t share_count, const struct at_advice_fact *advices, size_t advice_count, int64_t *ret_id,
                                   struct at_error *error);

/* How sharp a truth was for what was measured with it, and how it compared with a sharper one. */
struct at_ladder_fact {
    bool known;             /* false: none of it is stored */
    const char *raised_by;  /* the sharpest oracle that solved rows again which `oracle` left open; NULL: none */
    int64_t raised_rows;    /* those */
    int64_t open_rows;      /* that are left open all the same */
    double smallest_log2;   /* of the smallest error / sum p|v| measured; NaN: none, stored as NULL */
    const char *checked_by; /* the oracle that the truth was compared with; NULL: none */
    int64_t checked_rows;
    double disagreement_log2;  /* of the largest difference between the two / sum p|v|; NaN: none, stored as NULL */
    double disagreement_share; /* of their two radii together; stored as NULL where nothing was compared */
};

/* Against which truth: of the original inputs (the whole error), or of the dequantised operands (the kernel's own part). */
struct at_reference_fact {
    const char *against;         /* "original" or "dequantised" */
    const char *operands_sha256; /* "" for "original" */
    const char *oracle;          /* "mpfr" */
    const char *truth_sha256;    /* of value and radius */
    int64_t precision_bits;
    double radius_log2;     /* of radius / sum p|v|; -infinity is stored as NULL */
    int64_t undefined_rows; /* rows without a finite truth, over all heads */
    int64_t time_ns;
    struct at_ladder_fact ladder;
};

enum at_scope { AT_SCOPE_ROW, AT_SCOPE_HEAD, AT_SCOPE_CASE };

struct at_measure_fact {
    int reference; /* index into the references of the same run */
    enum at_scope scope;
    int64_t batch, head, row; /* -1 where the scope is wider */
    const char *metric;
    double value;  /* NaN: the metric is undefined, stored as NULL */
    double radius; /* how far the truth's radius could move it; NaN: stored as NULL */
};

/* Counts over log2-spaced bins of |error| / (sum p|v|): bin i counts errors in [2^(first + i), 2^(first + i + 1)). */
struct at_histogram_fact {
    int reference;
    int first; /* log2 of the lower edge of bin 0 */
    int bins;
    const int64_t *counts;
    int64_t zeros, nonfinite, below, above;
};

/*
 * Stores a run with everything that belongs to it in one transaction: after a crash all of it is there, or none. A run that its study has
 * not planned is thereby asked for by it. Of a run that is stored already only the reading is put, and only if its output is the same.
 */
enum at_status at_store_put_run(struct at_store *store, const struct at_run_fact *run, const struct at_reference_fact *references,
                                size_t reference_count, const struct at_measure_fact *measures, size_t measure_count,
                                const struct at_histogram_fact *histograms, size_t histogram_count, int64_t *ret_id,
                                struct at_error *error);

/* How fast kernels are. Nanoseconds of one launch over the repeats; NaN: not measured, stored as NULL where that may be. */
struct at_time_fact {
    double min_ns, low_ns, median_ns, high_ns, max_ns; /* low, high: the quartiles */
    int64_t launches;                                  /* in each repeat, back to back */
};

struct at_ceiling_fact {
    const char *name;
    int64_t nth;
    double work; /* of one launch: floating-point operations, or bytes */
    struct at_time_fact time;
};

struct at_speed_fact {
    int64_t variant;
    struct at_problem problem;
    int64_t nth; /* of the ceilings measured just before */
    const char *kernel;
    const char *numerics; /* resolved */
    const char *ceiling;
    double flop;
    int64_t operand_bytes, operand_sets;
    struct at_time_fact alone, whole; /* without and with prepare */
    double rel_rmse, rel_rmse_radius; /* NaN: stored as NULL */
};

struct at_bench_fact {
    int64_t build, device;
    const char *spelling, *format; /* of the inputs */
    uint64_t seed;
    int64_t repeats, pairs, rows;
    uint64_t rows_seed;
    const char *oracle;
    int64_t blas;           /* 0: none, stored as NULL */
    const char *no_product; /* why, or "" */
};

/* Stores one measurement of speed with all that belongs to it in one transaction; each is a fact of its own moment. */
enum at_status at_store_put_bench(struct at_store *store, const struct at_bench_fact *bench, const struct at_ceiling_fact *ceilings,
                                  size_t ceiling_count, const struct at_speed_fact *speeds, size_t speed_count, int64_t *ret_id,
                                  struct at_error *error);

/* Reading: one SELECT gives one table. */

enum at_cell_kind { AT_CELL_NULL, AT_CELL_INTEGER, AT_CELL_REAL, AT_CELL_TEXT };

struct at_cell {
    enum at_cell_kind kind;
    int64_t integer;
    double real;      /* also set for integers */
    const char *text; /* owned by the table */
};

struct at_table {
    size_t columns, rows;
    char **names;          /* [columns] */
    struct at_cell *cells; /* [rows][columns] */
};

struct at_bind {
    const char *name; /* ":input" */
    struct at_cell value;
};

/* Runs one read-only statement; refuses one that writes. Free with at_table_done. */
enum at_status at_store_query(struct at_store *store, const char *sql, const struct at_bind *binds, size_t bind_count,
                              struct at_table *ret_table, struct at_error *error);

void at_table_done(struct at_table *table);

/* Column index by name, or -1. */
int at_table_column(const struct at_table *table, const char *name);

/* The version of the schema this build writes. */
extern const int at_store_schema_version;

#ifdef __cplusplus
}
#endif

#endif
