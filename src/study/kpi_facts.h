/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_FACTS_H
#define AT_STUDY_KPI_FACTS_H

#include "store/store.h"
#include "study/gate.h"
#include "study/kpi_decide.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the store holds for a KPI: the runs that studies ask for (study/gate.h), and their values. Text is owned by the table. */

struct at_kpi_run {
    int64_t id;   /* 0: asked for, not run yet */
    int64_t pool; /* equal for runs of inputs that differ in their seed alone; of a capture, for the variants of one input */
    bool chosen;  /* by the filter; the others serve as baselines */
    bool capture;
    const char *study, *label, *variant, *spelling, *format, *oracle;
    const char *name; /* of the chosen runs: of the case with all its seeds, told apart from others of its label; else NULL */
    const char *digest;    /* of Q, K and V; NULL: not made yet */
    const char *described; /* of a capture: its input as the study's text has it (study/print.c), JSON; else NULL, as where it has none */
    uint64_t seed, rows_seed;
    struct at_problem problem;
    int64_t rows;
    double nan, infinite; /* elements of the input */
};

struct at_kpi_runs {
    struct at_kpi_run *rows; /* by pool, then variant, then as planned */
    size_t count;
    struct at_table table;
    char **names; /* [name_count] */
    size_t name_count;
};

/* Free with at_kpi_runs_done. A run that several studies ask for stands once. */
enum at_status at_kpi_runs_load(struct at_store *store, const struct at_gate_filter *filter, struct at_kpi_runs *ret_runs,
                                struct at_error *error);

void at_kpi_runs_done(struct at_kpi_runs *runs);

/* The end of the runs from `from` on that share pool and variant. */
size_t at_kpi_runs_next(const struct at_kpi_runs *runs, size_t from);

/* The run of `variant` on the same Q, K and V, problem, rows and oracle as `run`, or NULL. */
const struct at_kpi_run *at_kpi_runs_baseline(const struct at_kpi_runs *runs, const struct at_kpi_run *run, const char *variant);

/* Ids of the runs that are stored, "[1,5,7]", for SQL's json_each; caller frees. NULL: out of memory. */
char *at_kpi_runs_list(const struct at_kpi_runs *runs);

/* What `sql` says of them, which it finds in :runs; binds[count]: its other parameters, at most AT_KPI_QUERY_BINDS. */
enum { AT_KPI_QUERY_BINDS = 4 };
enum at_status at_kpi_runs_query(const struct at_kpi_runs *runs, struct at_store *store, const char *sql, const struct at_bind *binds,
                                 size_t count, struct at_table *ret_table, struct at_error *error);

/* Values of one metric, at the scope that a requirement looks at, of all runs. */
struct at_kpi_values {
    struct at_table table; /* by run, batch, head, row */
};

/* Runs never change once they are stored: what a second statement reads of them belongs to the first. */
enum at_status at_kpi_values_load(struct at_store *store, const struct at_kpi_runs *runs, const struct at_kpi_requirement *requirement,
                                  struct at_kpi_values *ret_values, struct at_error *error);

void at_kpi_values_done(struct at_kpi_values *values);

/* Where an item was measured; -1 where the scope is wider. */
struct at_kpi_place {
    const struct at_kpi_run *run;
    int64_t batch, head, row;
};

/* Items being gathered for one decision. */
struct at_kpi_gathering {
    struct at_kpi_item *items;   /* room for as many as the values have rows */
    struct at_kpi_place *places; /* of the items, with the same room */
    size_t count, units;
    size_t runs, missing_runs;         /* looked at; of them not run yet */
    size_t missing_baselines;          /* runs without the baseline's */
    size_t unmeasured;                 /* runs that hold no such value */
    const struct at_kpi_run *unpaired; /* the first without its baseline */
    const struct at_kpi_runs *all;     /* of which they are; NULL: not known */
    const char *db;                    /* as struct at_gate_filter has it */
    int64_t heads;                     /* key/value heads of the runs that were looked at */
    int64_t undefined_rows;
};

/* Adds the items of `run` that are in the requirement's scope of heads. */
void at_kpi_gather(const struct at_kpi_values *values, const struct at_kpi_runs *runs, const struct at_kpi_run *run,
                   const struct at_kpi_requirement *requirement, struct at_kpi_gathering *gathering);

/* Whether the scope takes this input; heads are chosen by at_kpi_gather. */
bool at_kpi_in_scope(const struct at_kpi_scope *scope, const struct at_kpi_run *run);

#ifdef __cplusplus
}
#endif

#endif
