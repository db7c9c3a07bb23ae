/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/output.h"
#include "cli/verb.h"

#include "core/build.h"
#include "core/name.h"
#include "stats/stats.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char exit_codes[] =
    "Exit codes\n"
    "  0    done; gate: every requirement is met; verify: every run looked at has the same bits;\n"
    "       check: the same bits or format noise; doctor: no probe differs\n"
    "  1    gate: at least one requirement is not met; verify: at least one run differs; check: a bug;\n"
    "       doctor: at least one probe differs\n"
    "  2    could not be done; gate: cannot say (no data, undefined, or the truth's own radius could turn the verdict);\n"
    "       verify: none differs, but a run cannot be verified or there was none to look at; check: cannot say;\n"
    "       doctor: a probe could not run;\n"
    "       bench: no kernel computes something of a variant that was named\n"
    "  64   the command line was not understood\n"
    "  130  stopped by SIGINT or SIGTERM; run: the same command goes on from there,\n"
    "       search: the worst that was found is kept\n";

static void print_help(void)
{
    puts("attest decides whether low-precision attention is accurate enough for a workload, and proves it.\n\n"
         "It runs kernels' numerics bit by bit on your Q, K and V, measures every output against a true answer whose own error is\n"
         "bounded, keeps the results in one database file and makes a page of them.\n\n"
         "Usage: attest VERB [ARGUMENTS]\n\nVerbs");
    for (size_t i = 0; i < at_verb_count; i++)
        printf("  %-8s %s\n", at_verbs[i]->name, at_verbs[i]->summary);
    puts("\n  attest VERB --help explains one verb, attest --version names this build and its libraries.\n\n"
         "First steps\n"
         "  attest run --distribution iid-outlier --shape 1x4x1024x128 --variants fa3-fp16,fa3-fp8 --rows 16\n"
         "  attest show\n"
         "  attest report -o report.html\n"
         "  attest gate --require 'rel_rmse<=0.05,nonfinite==0'\n"
         "  attest verify\n");
    fputs(exit_codes, stdout);
}

static void print_option(const struct at_option *o)
{
    char name[64];
    char letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(name, sizeof name, "%s--%s%s%s", letter, o->name, o->value ? " " : "", o->value ? o->value : "");
    printf("  %-30s %s%s\n", name, o->help, o->repeats ? " (may be repeated)" : "");
}

static void print_verb_help(const struct at_verb *verb)
{
    printf("attest %s: %s\n\nUsage\n%s\n%s\nOptions\n", verb->name, verb->summary, verb->usage, verb->help);
    for (const struct at_option *o = verb->options; o->name; o++)
        print_option(o);
    for (const struct at_option *o = at_common_options; o->name; o++)
        print_option(o);
    printf("\nExamples\n%s\n%s", verb->examples, exit_codes);
}

static void print_version(void)
{
    printf("attest %s\nrevision   %s\ncompiler   %s\nlibraries  %s\n", at_build_version, at_build_revision,
           at_build_compiler, at_build_libraries);
}

/* `name`: what was given for a verb, or NULL. */
static int no_verb(const char *name)
{
    struct at_error error;
    const char *names[16];
    char list[256] = "";
    size_t count = at_verb_count < 16 ? at_verb_count : 16;
    for (size_t i = 0; i < count; i++) {
        names[i] = at_verbs[i]->name;
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = name ? at_name_nearest(name, names, count) : NULL;
    if (nearest)
        at_fail(&error, AT_ERR_ARGUMENT, "verb '%s' is unknown; the nearest is '%s'; there are %s", name, nearest, list);
    else if (name)
        at_fail(&error, AT_ERR_ARGUMENT, "verb '%s' is unknown; there are %s", name, list);
    else
        at_fail(&error, AT_ERR_ARGUMENT, "no verb given; there are %s", list);
    return at_misused("", &error);
}

static int run_verb(const struct at_verb *verb, int argc, char **argv)
{
    struct at_arguments arguments;
    struct at_error error;
    if (at_arguments_parse(verb->options, argc, argv, &arguments, &error))
        return at_misused(verb->name, &error);
    if (at_argument_given(&arguments, "help")) {
        print_verb_help(verb);
        return AT_EXIT_OK;
    }
    return verb->run(&arguments);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return no_verb(NULL);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return AT_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return AT_EXIT_OK;
    }
    for (size_t i = 0; i < at_verb_count; i++)
        if (strcmp(at_verbs[i]->name, argv[1]) == 0)
            return run_verb(at_verbs[i], argc - 2, argv + 2);
    return no_verb(argv[1]);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit on file sizes then fails, and is told, as one on a full disk is */
    at_stats_init();
    return at_finish(dispatch(argc, argv));
}
