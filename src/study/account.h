/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ACCOUNT_H
#define AT_STUDY_ACCOUNT_H

#include "study/advice.h"
#include "study/expect.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The budgets of a study: of every case and variant, with advice. What keeps them is study/account_keep.h. */

struct at_account_request {
    const struct at_study *study;
    const char *label; /* only cases of that label; NULL: all */
    enum at_deviation_metric metric;
    bool advice; /* measure changes too */
    enum at_simd simd;
    const struct at_study_events *events; /* may be NULL */
    /* Called once, when all is known to be computable and nothing is computed yet; a failure of it ends all. May be NULL. */
    enum at_status (*ready)(void *context, struct at_error *error);
};

/* One of them, lent to the caller of at_accounts_make until it returns. */
struct at_account {
    const struct at_case *c;
    const struct at_qkv *inputs;
    const struct at_variant_choice *variant;
    const struct at_oracle_choice *oracle; /* of the truth */
    const struct at_budget *budget;
    const struct at_expectation *expectation;
    const struct at_advices *advices; /* NULL where none were asked for */
};

typedef enum at_status at_account_each(void *context, const struct at_account *account, struct at_error *error);

/*
 * Hands the accounts to `each`, in the order of cases and variants; stops at the first failure, whose message names case and variant.
 * `context` is that of `each` and of request->ready. AT_ERR_NOT_FOUND where no case has the label, with the nearest one.
 */
enum at_status at_accounts_make(const struct at_account_request *request, at_account_each *each, void *context, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
