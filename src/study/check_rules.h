/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_RULES_H
#define AT_STUDY_CHECK_RULES_H

#include "study/check_case.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the acceptance rules of the field say of the output's rows that are looked at (docs/acceptance_rules.md): each against its own
 * reference, in the output's format. A rule whose operands, log-sum-exp or reference are not to be had is not asked, and *why_not says so.
 *   ret_rules[at_rule_count]
 */
enum at_status at_check_ask_rules(struct at_check_case *c, struct at_check_rule *ret_rules, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
