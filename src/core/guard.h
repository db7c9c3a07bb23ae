/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_GUARD_H
#define AT_CORE_GUARD_H

#include "core/status.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Work that may hang or crash (a driver, a kernel on a GPU) runs in a child process under a time limit: whatever it does, the caller goes
 * on with a status. The child must not use what the parent's threads hold: guard before the first parallel region, or let the child run
 * none (omp_set_num_threads(1)).
 */
struct at_pulse; /* the child's end of the line */

/* Tells the parent how far the work is, which proves that it does not hang. */
void at_pulse_beat(struct at_pulse *pulse, double done, double total);

/* `answer` has answer_size bytes, all zero, and goes back as they are (no pointers). */
typedef enum at_status at_guarded(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error);

struct at_guard {
    const char *what;                                           /* for messages: "the probe wgmma-e4m3" */
    const char *remedy;                                         /* what to do when it hangs or dies */
    double limit_s;                                             /* seconds without a beat after which the child counts as hung */
    void (*progress)(void *context, double done, double total); /* may be NULL */
    void *context;
    const volatile sig_atomic_t *stop; /* nonzero: end the child; may be NULL */
};

/*
 * Runs `work` in a child and copies its answer. Returns what the work returned, with its message, or AT_ERR_TIMEOUT (the child was
 * killed), AT_ERR_DEVICE (it died by a signal or left without an answer), AT_ERR_INTERRUPTED, AT_ERR_IO (no child could be made).
 */
enum at_status at_guard_run(const struct at_guard *guard, at_guarded *work, const void *argument, void *ret_answer, size_t answer_size,
                            struct at_error *error);

/* A child under way: several may be, side by side. Guard and argument are borrowed until it is finished or ended. */
struct at_ward;

/* Begins as at_guard_run does and returns at once; AT_ERR_IO, AT_ERR_MEMORY: no child could be made. */
enum at_status at_guard_start(const struct at_guard *guard, at_guarded *work, const void *argument, size_t answer_size,
                              struct at_ward **ret_ward, struct at_error *error);

/* Whether at_guard_finish would not wait, because the child has answered, is gone or counts as hung; hears its beats meanwhile. */
bool at_guard_ready(struct at_ward *ward);

/* Waits for the answer, as at_guard_run does, and frees the ward. */
enum at_status at_guard_finish(struct at_ward *ward, void *ret_answer, struct at_error *error);

/* Kills the child and frees the ward; NULL is fine. */
void at_guard_end(struct at_ward *ward);

#ifdef __cplusplus
}
#endif

#endif
