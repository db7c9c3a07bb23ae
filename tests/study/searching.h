/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_SEARCHING_H
#define AT_TESTS_STUDY_SEARCHING_H

#include "study/search.h"

/* A search on one head of 64 keys of 32 columns, of which four rows are looked at. */
struct searching {
    struct at_study study;
    struct at_plan plan;
    struct at_search_request request;
};

/* 60 evaluations without a time limit, seed 1, elements too. */
void searching_open(struct searching *s, const char *family, const char *variant, const char *metric);
void searching_close(struct searching *s);

#endif
