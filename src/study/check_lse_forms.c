/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse_forms.h"

#include <math.h>

static const double log2_e = 0x1.71547652b82fep+0;

static double base_two(const struct at_check_lse_parts *p)
{
    return log2_e * (p->most + p->log_sum + p->shift);
}
static double without_maximum(const struct at_check_lse_parts *p)
{
    return p->log_sum + p->shift;
}
static double without_sum(const struct at_check_lse_parts *p)
{
    return p->most + p->shift;
}
static double sum_itself(const struct at_check_lse_parts *p)
{
    return p->most + exp(p->log_sum) + p->shift;
}
static double no_logarithm(const struct at_check_lse_parts *p)
{
    return exp(p->most + p->log_sum + p->shift);
}
static double sum_in_base_two(const struct at_check_lse_parts *p)
{
    return p->most + log2_e * p->log_sum + p->shift;
}
static double maximum_in_base_two(const struct at_check_lse_parts *p)
{
    return log2_e * p->most + p->log_sum + p->shift;
}
static double maximum_unscaled(const struct at_check_lse_parts *p)
{
    return p->most / p->scale + p->log_sum + p->shift;
}
static double maximum_scaled_twice(const struct at_check_lse_parts *p)
{
    return p->most * p->scale + p->log_sum + p->shift;
}
static double offset_left(const struct at_check_lse_parts *p)
{
    return p->most + p->log_sum + p->offset + p->shift;
}
static double shift_missing(const struct at_check_lse_parts *p)
{
    return p->most + p->log_sum;
}
static double negated(const struct at_check_lse_parts *p)
{
    return -(p->most + p->log_sum + p->shift);
}

const struct at_check_lse_form at_check_lse_forms[] = {
    {base_two, "it is to base 2"},
    {without_maximum, "the maximum is missing"},
    {without_sum, "the logarithm of the sum is missing"},
    {sum_itself, "the sum stands for its logarithm"},
    {no_logarithm, "it is the sum, not its logarithm"},
    {sum_in_base_two, "the logarithm of the sum is to base 2"},
    {maximum_in_base_two, "the maximum is to base 2"},
    {maximum_unscaled, "the maximum lacks the softmax scale"},
    {maximum_scaled_twice, "the maximum has the softmax scale twice"},
    {offset_left, "P's offset is left in the sum"},
    {shift_missing, "what K's mean took is not put back"},
    {negated, "its sign is turned"},
};

const size_t at_check_lse_form_count = sizeof at_check_lse_forms / sizeof at_check_lse_forms[0];
