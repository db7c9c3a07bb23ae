/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A program for figures, not a test: puts the published acceptance rules on trial and prints the tables of docs/acceptance_rules.md.
 * Usage: trial [SETTING ...]; all without.
 */
#include "trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
        printf(" %s |", trial_defects[d].name);
    printf("\n| --- | --- | --- |");
    for (size_t d = 0; d < trial_defect_count; d++)
        printf(" --- |");
    printf("\n");
}

static enum at_status run(const struct trial_setting *setting, struct at_error *error)
{
    struct trial trial;
    enum at_status status = trial_init(&trial, setting, error);
    if (status)
        return status;
    for (size_t i = 0; i < at_rule_count && !status; i++)
        if (is_asked(setting, at_rules[i]))
            status = print_line(&trial, at_rules[i], error);
    fprintf(stderr, "| %s | %" PRId64 " (%" PRId64 ") x %" PRId64 " x %" PRId64 "%s | `%s`, %s | `%s` | %s | %.2e |\n", setting->name,
            setting->heads, setting->heads_kv, setting->seq_q, setting->seq_k, setting->causal ? " causal" : "", setting->inputs,
            at_formats[setting->format].name, setting->variant, at_formats[trial.format].name, trial.error);
    trial_done(&trial);
    return status;
}

int main(int argc, char **argv)
{
    struct at_error error;
    print_head();
    for (size_t i = 0; i < trial_setting_count; i++) {
        bool asked = argc < 2;
        for (int a = 1; a < argc; a++)
            asked |= !strcmp(argv[a], trial_settings[i].name);
        if (asked && run(&trial_settings[i], &error)) {
            fprintf(stderr, "trial: %s\n", error.message);
            return 1;
        }
    }
    return 0;
}
