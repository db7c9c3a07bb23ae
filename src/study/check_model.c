/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_model.h"

#include "study/check_lse.h"
#include "study/check_spread.h"
#include "study/expect_row.h"

#include <math.h>
#include <stdlib.h>

/* What a kernel does to operands as they are. */
static const enum at_rounding kernels_part[] = {AT_ROUNDING_SCORES_SUM, AT_ROUNDING_SCORES, AT_ROUNDING_P, AT_ROUNDING_OUTPUT_SUM,
                                                AT_ROUNDING_OUTPUT};

/* Expected squares of the head's rows, of all roundings or of the kernel's, over the columns. */
static enum at_status expect_rows(const struct at_check_case *c, const struct at_expect_head *head, bool all, double *ret_square,
                                  struct at_error *error)
{
    const int64_t rows = head->rows->count, dim = head->operands->problem.dim;
    struct at_expectation *e = calloc((size_t)rows, sizeof *e);
    if (!e)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory for %lld rows; look at fewer", (long long)rows);
    struct at_work quiet = {.events = c->work.events};
    enum at_status status = at_expect_head_rows(head, &quiet, e, error);
    for (int64_t i = 0; i < rows && !status; i++) {
        double sum = 0;
        for (int r = 0; r < AT_ROUNDING_COUNT && all; r++)
            sum += e[i].square[r];
        for (size_t k = 0; k < sizeof kernels_part / sizeof kernels_part[0] && !all; k++)
            sum += e[i].square[kernels_part[k]];
        ret_square[i] = sum / (double)dim;
    }
    free(e);
    return status;
}

enum at_status at_check_model_rows(const struct at_check_case *c, const struct at_operands *operands, const struct at_rows *rows,
                                   const struct at_oracle_truth *truth, int64_t head, double *ret_square, struct at_error *error)
{
    struct at_expect_head e;
    at_expect_head_init(&e, operands, &c->inputs, rows, truth, head, at_switches_all());
    return expect_rows(c, &e, false, ret_square, error);
}

static enum at_status declared(struct at_check_case *c, struct at_check_expectation *e, struct at_error *error)
{
    (void)e;
    return at_work_check(&c->work, error);
}

/* One head: what is expected of each row, of all of them, and of all against the truth of the inputs. */
static enum at_status expect_head(struct at_check_case *c, struct at_check_expectation *e, int64_t h, double *square,
                                  struct at_error *error)
{
    const int64_t rows = c->c.rows.count, dim = c->c.problem.dim;
    const struct at_oracle_truth *own = &c->truths[AT_AGAINST_DEQUANTISED].head[h], *inputs = &c->truths[AT_AGAINST_ORIGINAL].head[h];
    double sum = 0, original = 0, defined = 0;
    struct at_expect_head head;
    enum at_status status = at_check_model_rows(c, &c->operands, &c->c.rows, own, h, square, error);
    for (int64_t i = 0; i < rows && !status; i++) {
        bool known = at_check_defined(c, h, i);
        double expected = fmax(square[i], at_check_rounding(own->o + i * dim, dim, c->numerics.output));
        e->row[h * rows + i] = known ? sqrt(expected) : NAN;
        sum += known ? expected : 0;
        defined += known;
    }
    at_expect_head_init(&head, &c->operands, &c->inputs, &c->c.rows, inputs, h, (struct at_switches){0});
    status = status ? status : expect_rows(c, &head, true, square, error);
    for (int64_t i = 0; i < rows && !status; i++)
        original += at_check_defined(c, h, i) ? square[i] : 0;
    e->head[h] = sqrt(sum / defined);
    e->original[h] = sqrt(original / defined);
    if (!status && c->lse)
        status = at_check_lse_scores(&c->operands, &c->c.rows, own, h, e->lse_low + h * rows, e->lse_high + h * rows, error);
    return status;
}

static enum at_status expect(struct at_check_case *c, struct at_check_expectation *e, struct at_error *error)
{
    const int64_t heads = at_check_heads(c), rows = c->c.rows.count;
    double *square = calloc((size_t)rows, sizeof *square), lines = 0;
    enum at_status status = square ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory for %lld rows", (long long)rows);
    at_work_phase(&c->work, "%s: %s", c->c.input->label, at_check_by_model.name);
    for (int64_t h = 0; h < heads && !status; h++) {
        status = expect_head(c, e, h, square, error);
        at_work_step(&c->work, c->c.work / (double)heads);
        for (int64_t i = 0; i < rows; i++)
            lines += !isnan(e->row[h * rows + i]);
    }
    if (!status) {
        const double level = at_check_share(c);
        e->bounds.row = at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &c->numerics, rows, lines, level);
        e->bounds.head = at_check_spread_bound(AT_CHECK_SPREAD_HEADS, &c->numerics, rows, (double)heads, level);
        status = c->lse ? at_check_lse_widen(c, e, error) : AT_OK;
    }
    free(square);
    return status;
}

const struct at_check_source at_check_by_model = {.name = "a-priori model", .declared = declared, .expect = expect};
