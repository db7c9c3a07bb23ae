/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_LSE_FORMS_H
#define AT_STUDY_CHECK_LSE_FORMS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a log-sum-exp is made of: most + log_sum + shift, in natural units. */
struct at_check_lse_parts {
    double most, log_sum;
    double shift;         /* of K's mean */
    double scale, offset; /* of the softmax; ln of P's factor */
};

/* What a mistaken kernel gives in the place of most + log_sum + shift. Each is monotonic in the first two. */
struct at_check_lse_form {
    double (*of)(const struct at_check_lse_parts *p);
    const char *pattern;
};
extern const struct at_check_lse_form at_check_lse_forms[];
extern const size_t at_check_lse_form_count;

#ifdef __cplusplus
}
#endif

#endif
