/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_STUDY_H
#define AT_STUDY_STUDY_H

#include "core/status.h"
#include "datasets/dataset.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"
#include "oracles/ladder.h"
#include "store/store.h"

#include <signal.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A study: inputs x variants, read from YAML or made from flags, expanded into cases and executed into a store. */

struct at_study_input {
    char *label;                                /* for tables; owned */
    char *place;                                /* "first.yaml:9: inputs[0]" for messages, or NULL; owned */
    char *capture;                              /* path of a safetensors file, or NULL; owned */
    char *q_name, *k_name, *v_name, *layout;    /* of the capture, or NULL; owned */
    int causal;                                 /* 1, 0, or -1: from the capture's metadata, else 0 */
    double scale;                               /* 0: from the metadata, else 1/sqrt(dim) */
    char *readout, *readout_tensor;             /* of the outputs: path of a safetensors file, or NULL; its tensor, or NULL; owned */
    struct at_distribution_choice distribution; /* when capture is NULL */
    enum at_format format;                      /* of generated inputs */
    struct at_problem problem;                  /* of generated inputs */
    uint64_t *seeds;                            /* one case each; captures have none */
    size_t seed_count;
};

struct at_study {
    char *name;
    struct at_study_input *inputs;
    size_t input_count;
    struct at_variant_choice *variants;
    size_t variant_count;
    int64_t rows; /* query rows looked at in each head; 0: all */
    uint64_t rows_seed;
    const struct at_oracle *oracle; /* NULL: the cheapest that is sharp enough, see oracles/ladder.h */
    bool foreign;                   /* outputs are given, not computed: shapes that the twin has not are let through */
    bool of_file;                   /* its text stands for all study files of its name; else it stands beside others */
};

/*
 * Reads a study file (docs/study.md). Every refusal names file, line and the offending key; unknown names get the nearest one. Relative
 * capture paths are taken from the file's folder. Free with at_study_done.
 */
enum at_status at_study_read(const char *path, struct at_study *ret_study, struct at_error *error);

void at_study_done(struct at_study *study);

/*
 * The canonical text: what is asked, in full and in one spelling; equal studies give equal text. `oracle`: the study's, or the one that was
 * chosen for it. Caller frees.
 */
enum at_status at_study_print(const struct at_study *study, const struct at_oracle *oracle, char **ret_text, struct at_error *error);

/* Progress and messages: the executor itself never prints. */
struct at_study_events {
    void *context;
    /* Called often; done and total count units of work (query rows x keys x references), `what` names case, variant and phase. */
    void (*progress)(void *context, double done, double total, const char *what);
    /* One line worth telling: "3 of 12 runs are stored already". */
    void (*note)(void *context, const char *line);
    volatile sig_atomic_t *stop; /* nonzero: finish the fact at hand and return AT_ERR_INTERRUPTED; may be NULL */
};

struct at_study_outcome {
    int64_t study; /* id in the store */
    int64_t runs_done, runs_found, runs_total;
    int64_t runs_differing; /* a kernel had other bits than the twin: that is stored, and not the run */
    int64_t runs_failed;    /* no GPU computed them: nothing is stored */
    int64_t cases;
    struct at_oracle_choice oracle; /* on which the truths began, and why */
};

struct at_engine; /* study/engine.h: the twin, or GPUs */

/*
 * Executes what the store does not hold yet; one transaction for each run, so that a killed study goes on where it stopped. References
 * of equal operands are computed once for each case. `engine`: NULL is the twin. A run that differs or fails on the GPUs is noted and
 * counted in the outcome, and the others go on. AT_ERR_INTERRUPTED still fills *ret_outcome: so far it went.
 */
enum at_status at_study_run(const struct at_study *study, struct at_store *store, const struct at_engine *engine,
                            const struct at_study_events *events, struct at_study_outcome *ret_outcome, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
