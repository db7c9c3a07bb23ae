/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_BUILD_H
#define AT_CORE_BUILD_H

#ifdef __cplusplus
extern "C" {
#endif

/* What this program was built from and with. */
extern const char *const at_build_version;   /* "0.1.0" */
extern const char *const at_build_revision;  /* git commit, "-dirty" behind it with changes; "unknown" without git */
extern const char *const at_build_compiler;  /* "gcc 12.2.0" */
extern const char *const at_build_libraries; /* "mpfr 4.2.0, gsl 2.7.1, ..." */
extern const char *const at_build_options;   /* JSON object: optimisation, sanitisers */

#ifdef __cplusplus
}
#endif

#endif
