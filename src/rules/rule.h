/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_RULES_RULE_H
#define AT_RULES_RULE_H

#include "core/format.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The acceptance rules that kernels are published with, each in the arithmetic of its source, weaknesses included: they are here to be put
 * on trial (docs/acceptance_rules.md), not to be used. One file of this folder each; meson.build lists them.
 */

/* Outputs under test and what the rule holds them against. Borrowed arrays; numbers of `format`, decoded. */
struct at_rule_sample {
    int64_t heads, rows, dim;
    const float *got, *reference;         /* [heads][rows][dim] */
    const float *baseline;                /* [heads][rows][dim] plain attention of low precision; NULL where the rule needs none */
    const float *got_lse, *reference_lse; /* [heads][rows] natural log-sum-exp; read where the rule uses_lse */
    enum at_format format;                /* of the outputs; where the source computes in the outputs' type, so does the rule */
    enum at_format operands;              /* of Q, K and V as the kernel reads them: some sources have other constants for 8 bits */
};

/* What the source compares with. */
enum at_rule_reference {
    AT_REFERENCE_OPERANDS,  /* fp32 attention of the numbers that the kernel reads, rounded to the outputs' format */
    AT_REFERENCE_INPUTS,    /* fp32 attention of the inputs before quantisation, rounded to the outputs' format */
    AT_REFERENCE_BF16,      /* unfused attention in bf16 of the inputs before quantisation */
    AT_REFERENCE_KERNEL_16, /* the kernel's own 16-bit form on the inputs before quantisation */
    AT_REFERENCE_COUNT
};

struct at_rule {
    const char *name;      /* "flash-attention-3" */
    const char *criterion; /* one line: what is accepted */
    const char *source;    /* repository, file and commit */
    const char *choices;   /* what the source leaves open and what was chosen here; NULL: nothing */
    enum at_rule_reference reference;
    bool uses_baseline, uses_lse;
    bool takes_8_bit, takes_16_bit; /* for which operands the source has the rule */
    bool (*accepts)(const struct at_rule_sample *sample);
};

extern const struct at_rule *const at_rules[];
extern const size_t at_rule_count;

/* The rule named `name`; an unknown one is refused with the nearest name. */
enum at_status at_rule_find(const char *name, const struct at_rule **ret_rule, struct at_error *error);

/* Whether the operands have 8 bits. */
static inline bool at_rule_is_8_bit(const struct at_rule_sample *sample)
{
    return at_formats[sample->operands].bits == 8;
}

/* Outputs of the sample. */
static inline int64_t at_rule_outputs(const struct at_rule_sample *sample)
{
    return sample->heads * sample->rows * sample->dim;
}

#ifdef __cplusplus
}
#endif

#endif
