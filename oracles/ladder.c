/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/ladder.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char at_oracle_auto[] = "auto";

enum at_status at_oracle_read(const char *text, const struct at_oracle **ret_oracle, struct at_error *error)
{
    if (text && strcmp(text, at_oracle_auto) != 0)
        return at_oracle_find(text, ret_oracle, error);
    *ret_oracle = NULL;
    return AT_OK;
}

static bool works(const struct at_oracle *oracle)
{
    return !oracle->available || oracle->available(NULL) == AT_OK;
}

static struct at_oracle_estimate estimate_of(const struct at_oracle *oracle, const struct at_oracle_shape *shape)
{
    struct at_oracle_estimate estimate;
    oracle->estimate(shape, &estimate);
    return estimate;
}

const struct at_oracle *at_oracle_sharper(const struct at_oracle *oracle, const struct at_oracle_shape *shape)
{
    const struct at_oracle *next = NULL;
    double own = estimate_of(oracle, shape).radius_log2, best = -INFINITY;
    for (size_t i = 0; i < at_oracle_count; i++) {
        double radius = estimate_of(at_oracles[i], shape).radius_log2;
        if (radius < own && (!next || radius > best) && works(at_oracles[i])) {
            next = at_oracles[i];
            best = radius;
        }
    }
    return next;
}

/* Seconds of a truth of one head: of `oracle`, and of all rungs above it for the rows that it is expected to leave open. */
static double seconds_of(const struct at_oracle *oracle, const struct at_oracle_shape *shape)
{
    double seconds = 0, share = 1;
    for (const struct at_oracle *rung = oracle; rung; rung = at_oracle_sharper(rung, shape)) {
        struct at_oracle_estimate estimate = estimate_of(rung, shape);
        seconds += share * estimate.seconds;
        share = fmin(1, (double)shape->problem->dim * exp2(estimate.radius_log2 + AT_LADDER_MARGIN - AT_LADDER_FINEST));
    }
    return seconds;
}

/* Of all heads of all shapes; *ret_radius: the largest radius expected of them. */
static double total_of(const struct at_oracle *oracle, const struct at_oracle_shape *shapes, size_t count, double *ret_radius)
{
    double seconds = 0, start_s = 0;
    *ret_radius = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        const struct at_problem *p = shapes[i].problem;
        start_s = fmax(start_s, estimate_of(oracle, &shapes[i]).start_s);
        seconds += (double)p->batch * (double)p->heads_q * seconds_of(oracle, &shapes[i]);
        *ret_radius = fmax(*ret_radius, estimate_of(oracle, &shapes[i]).radius_log2);
    }
    return seconds + start_s;
}

enum at_status at_oracle_settle(const struct at_oracle *asked, const struct at_oracle_shape *shapes, size_t count,
                                struct at_oracle_choice *ret_choice, struct at_error *error)
{
    struct at_oracle_choice choice = {.oracle = asked};
    double least = INFINITY, second = INFINITY, radius = 0, its = 0;
    const struct at_oracle *other = NULL;
    if (asked) {
        enum at_status status = asked->available ? asked->available(error) : AT_OK;
        snprintf(choice.reason, sizeof choice.reason, "%s, as asked", asked->name);
        if (!status)
            *ret_choice = choice;
        return status;
    }
    for (size_t i = 0; i < at_oracle_count; i++) {
        double seconds = works(at_oracles[i]) ? total_of(at_oracles[i], shapes, count, &its) : INFINITY;
        if (seconds < least) {
            second = least;
            other = choice.oracle;
            least = seconds;
            radius = its;
            choice.oracle = at_oracles[i];
        } else if (seconds < second) {
            second = seconds;
            other = at_oracles[i];
        }
    }
    if (!choice.oracle)
        return at_fail(error, AT_ERR_UNSUPPORTED, "no oracle works on this machine; name one (attest list oracles) to learn why");
    int used = snprintf(choice.reason, sizeof choice.reason,
                        "%s, the cheapest: a truth takes it about %.2g s, and its radius of about 2^%.0f of sum p|v| is 2^%.0f "
                        "below the error of outputs of 16 bits",
                        choice.oracle->name, least, radius, AT_LADDER_FINEST - radius);
    if (other)
        snprintf(choice.reason + used, sizeof choice.reason - (size_t)used, "; %s would take %.2g s", other->name, second);
    *ret_choice = choice;
    return AT_OK;
}
