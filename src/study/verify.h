/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_VERIFY_H
#define AT_STUDY_VERIFY_H

#include "study/engine.h"
#include "study/recall.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Stored runs computed again, with the twin or by kernels on GPUs, from what the store says of them, and compared by their digests: of the
 * inputs, of the operands, of the output. No truth is computed and nothing is stored. What computed a run first does not matter: a kernel
 * has the twin's bits.
 */

enum at_verified {
    AT_SAME_BITS,
    AT_INPUT_DIFFERS, /* generated inputs came out other than stored; what follows from them was not looked at */
    AT_OPERANDS_DIFFER,
    AT_OUTPUT_DIFFERS,
    AT_NOT_VERIFIED, /* could not be computed: the reason says why */
    AT_VERIFIED_COUNT
};

/* "same bits", "operands differ", ...; static storage. */
const char *at_verified_name(enum at_verified verified);

/* Which runs, and how. */
struct at_verify_question {
    const char *study, *label, *variant; /* NULL: any; a study's runs are those it asks for, whichever study had them computed */
    const int64_t *runs;                 /* [run_count] by their numbers, each of which must be there; NULL: any */
    size_t run_count;
    int64_t sample;       /* so many of them, drawn; 0: all */
    uint64_t sample_seed; /* a run is drawn by this and its number, whatever else the store holds */
    struct at_folders captures;
    struct at_engine engine;
    double memory;                        /* bytes that may be taken */
    const struct at_study_events *events; /* may be NULL */
};

/* One run that was looked at. Text belongs to the verification. */
struct at_verify_row {
    int64_t run;
    const char *study, *label, *variant, *created;
    const char *name; /* of the case, told apart from others of its label among the runs to be looked at */
    bool renamed; /* the numerics stored are not those that this attest knows by the variant's name */
    const char *device_kind, *device, *device_details;
    const char *build_sha256, *version, *revision; /* of the program that computed it first */
    const char *kernel;                            /* that computed it first; "": the twin */
    const char *kernel_again;                      /* that computed it here; NULL: the twin, or nothing did */
    bool capture;                                  /* has no seed */
    uint64_t seed;
    int64_t seq_q, seq_k, rows;
    uint64_t rows_seed;
    const char *stored[3];     /* digests: inputs, operands, output */
    struct at_sha256 again[3]; /* "" where it was not come to */
    enum at_verified verified;
    struct at_error reason; /* of AT_NOT_VERIFIED; else "" */
};

struct at_verification {
    struct at_verify_row *rows; /* by input, then by number */
    size_t count;               /* looked at */
    size_t matching, stored;    /* runs that the question is about before drawing; of the whole store */
    size_t of[AT_VERIFIED_COUNT];
    struct at_table table; /* holds the text */
    char **names;          /* [name_count], of the runs to be looked at */
    size_t name_count;
};

/*
 * AT_ERR_NOT_FOUND when a run asked for by its number is not there. A run that cannot be computed is a row, not a failure. When stopped,
 * AT_ERR_INTERRUPTED still fills *ret_verification with the runs that were come to. Free with at_verification_done.
 */
enum at_status at_verify(struct at_store *store, const struct at_verify_question *question, struct at_verification *ret_verification,
                         struct at_error *error);

void at_verification_done(struct at_verification *verification);

#ifdef __cplusplus
}
#endif

#endif
