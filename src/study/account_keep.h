/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ACCOUNT_KEEP_H
#define AT_STUDY_ACCOUNT_KEEP_H

#include "study/account.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where accounts are kept, and by whom they were made. */
struct at_account_keeper {
    struct at_store *store;
    int64_t build, device;
};

/* Puts this program and the processor, on which the twin runs with `simd`, into `store`, which is borrowed. */
enum at_status at_account_keeper_init(struct at_account_keeper *ret_keeper, struct at_store *store, enum at_simd simd,
                                      struct at_error *error);

/* Puts an account: its input, its variant and its budget with shares and advice. One that is there is found. */
enum at_status at_account_keep(const struct at_account_keeper *keeper, const struct at_account *account, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
