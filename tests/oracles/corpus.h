/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_CORPUS_H
#define AT_TESTS_ORACLES_CORPUS_H

#include "datasets/dataset.h"
#include "oracles/oracle.h"

/* Heads of every distribution, in every input format, bent into every regime in which an oracle could go wrong. */
enum corpus_regime {
    CORPUS_AS_IT_IS,
    CORPUS_SHARP,      /* Q times 3000 */
    CORPUS_ONE_KEY,
    CORPUS_CANCELLING, /* keys in pairs, values v and -v (1 + 2^-12), -v in column 0 */
    CORPUS_TO_65504,   /* |scores| of up to 65504 after the scale */
    CORPUS_SUBNORMAL,  /* K and V subnormal in their format */
    CORPUS_BLOCKS,     /* a scale of its own for each 16 keys and each row */
    CORPUS_DOUBLES,    /* all 53 bits, as of values rotated back */
    CORPUS_REGIMES
};

enum { CORPUS_ROWS = 8, CORPUS_FORMATS = 5 };

extern const enum at_format corpus_formats[CORPUS_FORMATS];

struct corpus_head {
    struct at_problem problem;
    int64_t rows[CORPUS_ROWS];
    double *q, *k, *v;
    struct at_oracle_head head; /* points into this struct */
    char what[160];             /* its name */
};

/*
 * A third of all combinations of a distribution (its index), a format (its index) and a regime: each is due at some of any nine seeds in a
 * row, with every dimension and scale among them.
 */
bool corpus_is_due(size_t distribution, int format, int regime, uint64_t seed);

/* Dimension, length and scale follow from the seed. Free with corpus_done. */
void corpus_init(struct corpus_head *ret_head, const struct at_distribution *distribution, enum at_format format, enum corpus_regime regime,
                 uint64_t seed);
void corpus_done(struct corpus_head *head);

#endif
