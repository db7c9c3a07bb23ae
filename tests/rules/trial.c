/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A program for figures, not a test: puts the published acceptance rules on trial and prints the tables of docs/acceptance_rules.md.
 * Usage: trial [--seed N, 1] [--plain] [SETTING ...]; every setting without. --plain: only the defects that have no strength.
 *        trial --rules: the rules themselves.
 */
#include "trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;
static bool plain;

static bool is_left_out(size_t defect)
{
    return plain && trial_defects[defect].kind != DEFECT_PLAIN;
}

static bool is_asked(const struct trial_setting *setting, const struct at_rule *rule)
{
    bool eight = strncmp(setting->variant, "fp8", 3) == 0 || strstr(setting->variant, "-fp8");
    if (!(eight ? rule->takes_8_bit : rule->takes_16_bit))
        return false;
    for (size_t i = 0; setting->rules[i]; i++)
        if (!strcmp(setting->rules[i], rule->name))
            return true;
    return !setting->rules[0];
}

static void print_cell(const struct trial *trial, size_t defect, const struct trial_verdict *v)
{
    const struct trial_defect *d = &trial_defects[defect];
    double most = d->kind == DEFECT_WHOLE ? (double)d->most_count(trial) : d->most;
    if (d->kind == DEFECT_PLAIN)
        printf(" %s |", v->all ? "**yes**" : "no");
    else if (v->all)
        printf(d->kind == DEFECT_WHOLE ? " **all %.0f** |" : " **all to %.3g** |", most);
    else if (v->none)
        printf(d->kind == DEFECT_WHOLE ? " none" : " < %.2g", d->least);
    else
        printf(d->kind == DEFECT_WHOLE ? " %.0f" : " %.3g", v->accepted);
    if (d->kind != DEFECT_PLAIN && !v->all) {
        if (v->again > 0)
            printf(" (and %.3g)", v->again);
        printf(" |");
    }
}

static enum at_status print_line(struct trial *trial, const struct at_rule *rule, struct at_error *error)
{
    bool right = trial_accepts(trial, rule, &trial->correct);
    printf("| `%s` | %s | %s |", rule->name, trial->setting->name, right ? "yes" : "**no**");
    for (size_t d = 0; d < trial_defect_count; d++) {
        struct trial_verdict verdict;
        if (is_left_out(d))
            continue;
        if (right && trial->setting->plain && trial_defects[d].kind != DEFECT_PLAIN) {
            printf(" not run |");
            continue;
        }
        enum at_status status = right ? trial_search(trial, rule, d, &verdict, error) : AT_OK;
        if (status)
            return status;
        if (right)
            print_cell(trial, d, &verdict);
        else
            printf(" – |");
        fflush(stdout);
    }
    printf("\n");
    return AT_OK;
}

static void print_head(void)
{
    printf("| rule | setting | correct kernel |");
    for (size_t d = 0; d < trial_defect_count; d++)
        if (!is_left_out(d))
            printf(" %s |", trial_defects[d].name);
    printf("\n| --- | --- | --- |");
    for (size_t d = 0; d < trial_defect_count; d++)
        if (!is_left_out(d))
            printf(" --- |");
    printf("\n");
}

static enum at_status run(const struct trial_setting *setting, double *ret_error, struct at_error *error)
{
    struct trial trial;
    enum at_status status = trial_init(&trial, setting, seed, error);
    if (status)
        return status;
    for (size_t i = 0; i < at_rule_count && !status; i++)
        if (is_asked(setting, at_rules[i]))
            status = print_line(&trial, at_rules[i], error);
    *ret_error = trial.error;
    trial_done(&trial);
    return status;
}

static void print_setting(const struct trial_setting *s, double error)
{
    printf("| %s | %" PRId64 " (%" PRId64 ") x %" PRId64 " x %" PRId64 "%s | `%s`, %s%s | `%s`%s | %.2e |\n", s->name, s->heads,
           s->heads_kv, s->seq_q, s->seq_k, s->causal ? ", causal" : "", s->inputs, at_formats[s->format].name,
           s->descales ? ", descales from (0, 2)" : "", s->variant, s->outputs_e4m3 ? ", outputs in e4m3" : "", error);
}

static void print_rules(void)
{
    static const char *const references[AT_REFERENCE_COUNT] = {
        [AT_REFERENCE_OPERANDS] = "fp32 attention of the operands",
        [AT_REFERENCE_INPUTS] = "fp32 attention of the inputs",
        [AT_REFERENCE_BF16] = "unfused bf16 attention of the inputs",
        [AT_REFERENCE_KERNEL_16] = "the 16-bit kernel on the inputs",
    };
    printf("| rule | accepts | compares with | operands | source | chosen here |\n| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < at_rule_count; i++) {
        const struct at_rule *r = at_rules[i];
        printf("| `%s` | ", r->name);
        for (const char *c = r->criterion; *c; c++)
            printf(*c == '|' ? "\\|" : "%c", *c);
        printf(" | %s%s | %s%s%s bit | %s | %s |\n", references[r->reference],
               r->uses_baseline ? "; baseline: unfused attention of the operands in low precision" : "", r->takes_8_bit ? "8" : "",
               r->takes_8_bit && r->takes_16_bit ? " and " : "", r->takes_16_bit ? "16" : "", r->source, r->choices ? r->choices : "");
    }
}

static bool is_named(const struct trial_setting *setting, int count, char *const *names)
{
    bool named = count == 0;
    for (int i = 0; i < count; i++)
        named |= !strcmp(names[i], setting->name);
    return named;
}

static bool is_setting(const char *name)
{
    for (size_t i = 0; i < trial_setting_count; i++)
        if (!strcmp(trial_settings[i].name, name))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct at_error error;
    double *errors = calloc(trial_setting_count, sizeof *errors);
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++)
        if (!strcmp(argv[first], "--plain"))
            plain = true;
        else if (!strcmp(argv[first], "--rules"))
            return print_rules(), 0;
        else if (!strcmp(argv[first], "--seed") && first + 1 < argc)
            seed = strtoull(argv[++first], NULL, 10);
        else
            return fprintf(stderr, "usage: trial --rules, or trial [--seed N] [--plain] [SETTING ...]\n"), 1;
    if (!errors)
        return fprintf(stderr, "trial: no memory\n"), 1;
    for (int i = first; i < argc; i++)
        if (!is_setting(argv[i]))
            return fprintf(stderr, "trial: setting '%s' does not exist; they stand in tests/rules/trial_settings.c\n", argv[i]), 1;
    print_head();
    for (size_t i = 0; i < trial_setting_count; i++)
        if (is_named(&trial_settings[i], argc - first, argv + first) && run(&trial_settings[i], &errors[i], &error))
            return fprintf(stderr, "trial: %s\n", error.message), 1;
    printf(
        "\n| setting | heads (of K) x queries x keys | inputs | correct kernel | its relative RMSE |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < trial_setting_count; i++)
        if (errors[i] > 0)
            print_setting(&trial_settings[i], errors[i]);
    free(errors);
    return 0;
}
