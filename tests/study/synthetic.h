/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_SYNTHETIC_H
#define AT_TESTS_STUDY_SYNTHETIC_H

#include "oracles/oracle.h"

#include <stdbool.h>

/*
 * A registry of mpfr, certified and one more, "synthetic", whose answers are certified's made worse as a test asks for: with its object in
 * the program the real registry stays in its library.
 */
enum synthetic_kind {
    SYNTHETIC_HONEST,   /* off by a part of its radius */
    SYNTHETIC_WRONG,    /* off by three times its radius, in the last column of each row */
    SYNTHETIC_NAN,      /* NaN in the first column, and all else as it is */
    SYNTHETIC_UNDEFINED /* says that no row has a finite truth */
};

struct synthetic {
    enum synthetic_kind kind;
    double radius_log2; /* of radius / sum p|v| that it gives */
    double guess_log2;  /* that it expects */
    double ns;          /* that it expects for a row, key and column */
    bool missing;       /* this machine has not what it needs */
};

extern struct synthetic synthetic;
extern const struct at_oracle at_oracle_synthetic;

#endif
