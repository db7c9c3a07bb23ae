/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STORE_TAMPER_H
#define AT_TESTS_STORE_TAMPER_H

#ifdef __cplusplus
extern "C" {
#endif

/* Changes facts of a database as anybody with SQLite could: drops what guards them, then runs `sql`, which must change some. */
void tamper(const char *path, const char *sql);

#ifdef __cplusplus
}
#endif

#endif
