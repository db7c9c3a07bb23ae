/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gpu_task.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void assert_equal(const void *a, const void *b, size_t bytes)
{
    assert_true(!a == !b);
    assert_true(!a || a != b);
    assert_true(!a || memcmp(a, b, bytes) == 0);
}

static void assert_operand(const struct at_operand *a, const struct at_operand *b, int64_t means)
{
    size_t heads = (size_t)(a->codes.batch * a->codes.heads);
    assert_true(a->codes.batch == b->codes.batch && a->codes.heads == b->codes.heads && a->codes.seq == b->codes.seq &&
                a->codes.dim == b->codes.dim && a->codes.format == b->codes.format);
    assert_true(a->scale.granularity == b->scale.granularity && a->scale.groups == b->scale.groups);
    assert_equal(a->codes.codes, b->codes.codes, (size_t)at_tensor_count(&a->codes) * at_format_size(a->codes.format));
    assert_equal(a->scale.value, b->scale.value, heads * (size_t)a->scale.groups * sizeof(float));
    assert_equal(a->mean, b->mean, heads * (size_t)(means * a->codes.dim) * sizeof(float));
    assert_true(!b->values && !b->clips);
}

/* In the process that was given the memory, at another place. */
static int answer(int memory, size_t bytes)
{
    struct at_gpu_task task;
    if (at_gpu_task_open(memory, bytes, &task, NULL) != AT_OK)
        return 1;
    for (int64_t i = 0; i < task.work.out.heads * task.work.out.rows; i++)
        task.work.out.lse[i] = (float)(task.work.rows.index[i % task.work.out.rows] + i);
    *task.work.time_ns = 5;
    at_gpu_task_done(&task);
    return 0;
}

/* Everything that a kernel reads arrives, what it gives comes back, and the operands' memory can go before the rest. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp16", "fp8-smooth-kv", "fp8-block-hadamard", "fp8-token", "fp8:smooth=q"};
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
        char text[512], name[16];
        struct scratch_bench b;
        struct at_gpu_task task, other;
        struct stat file;
        snprintf(name, sizeof name, "t%zu.db", v);
        snprintf(text, sizeof text,
                 "name: n\nrows: 7\nvariants: ['%s']\ninputs: [{distribution: normal, shape: {batch: 2, heads: 4, kv-heads: 2, queries: "
                 "200, keys: 150, dim: 32}}]\n",
                 variants[v]);
        scratch_bench_open(&b, text, name);
        struct at_attend attend = scratch_bench_prepare(&b, 0);
        const struct at_operands *o = &attend.operands;
        assert_int_equal(at_gpu_task_init(&task, at_kernels[0], o, attend.rows, NULL), AT_OK);
        assert_int_equal(at_gpu_task_open(task.memory, task.bytes, &other, NULL), AT_OK);
        const struct at_gpu_work *both[] = {&task.work, &other.work};
        for (int i = 0; i < 2; i++) {
            const struct at_gpu_work *w = both[i];
            assert_ptr_equal(w->kernel, at_kernels[0]);
            assert_true(w->operands.problem.seq_k == 150 && w->operands.numerics.output == o->numerics.output);
            assert_operand(&o->q, &w->operands.q, 2); /* 200 rows, a mean for each 128 */
            assert_operand(&o->k, &w->operands.k, 1);
            assert_operand(&o->v, &w->operands.v, 1);
            assert_equal(o->lse_shift, w->operands.lse_shift, 2 * 4 * 200 * sizeof(float));
            assert_true(w->rows.count == 7 && memcmp(w->rows.index, attend.rows->index, 7 * sizeof(int64_t)) == 0);
            assert_true(w->out.heads == 8 && w->out.rows == 7 && w->out.dim == 32);
        }
        at_gpu_task_done(&other);
        pid_t child = fork();
        int end;
        if (child == 0)
            _exit(answer(task.memory, task.bytes));
        assert_true(waitpid(child, &end, 0) == child && end == 0);
        at_gpu_task_drop_operands(&task);
        assert_true(fstat(task.memory, &file) == 0 && (size_t)file.st_size == task.kept && task.bytes == task.kept);
        at_gpu_task_drop_operands(&task);
        for (int64_t i = 0; i < 8 * 7; i++)
            assert_true(task.work.out.lse[i] == (float)(attend.rows->index[i % 7] + i));
        assert_true(*task.work.time_ns == 5);
        at_gpu_task_done(&task);
        at_gpu_task_done(&task);
        at_attend_done(&attend);
        scratch_bench_close(&b);
    }
}

/* Each part of what is looked at is in the digest. */
static void digest(void **state)
{
    (void)state;
    float o[8] = {1}, row_max[4] = {2}, row_sum[4] = {3}, lse[4] = {4};
    float *const all[] = {o, row_max, row_sum, lse};
    const struct at_gpu_rows rows = {.heads = 2, .rows = 2, .dim = 2, .o = o, .row_max = row_max, .row_sum = row_sum, .lse = lse};
    const struct at_sha256 before = at_gpu_rows_sha256(&rows);
    for (int i = 0; i < 4; i++) {
        all[i][3] = -1;
        const struct at_sha256 after = at_gpu_rows_sha256(&rows);
        assert_string_not_equal(before.hex, after.hex);
        all[i][3] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back), cmocka_unit_test(digest)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
