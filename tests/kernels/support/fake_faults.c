/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_faults.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The words, or those of the file that they name. */
static void read_words(char *ret_words, size_t room)
{
    const char *text = getenv("AT_FAKE_DRIVER");
    snprintf(ret_words, room, "%s", text ? text : "");
    FILE *file = strncmp(ret_words, "from=", 5) == 0 ? fopen(ret_words + 5, "r") : NULL;
    if (file) {
        ret_words[fread(ret_words, 1, room - 1, file)] = '\0';
        fclose(file);
    }
}

bool fake_asked(const char *key, char *ret_value, size_t room)
{
    char words[1024], *save = NULL;
    size_t length = strlen(key);
    read_words(words, sizeof words);
    for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
        if (strncmp(word, key, length) == 0 && word[length] == '=') {
            snprintf(ret_value, room, "%s", word + length + 1);
            return true;
        }
    return false;
}

long fake_asked_number(const char *key, long otherwise)
{
    char value[64];
    return fake_asked(key, value, sizeof value) ? strtol(value, NULL, 10) : otherwise;
}

static bool asked_of(const char *key, const char *entry)
{
    char value[64];
    size_t length = strlen(entry);
    return fake_asked(key, value, sizeof value) && strncmp(value, entry, length) == 0 && (!value[length] || value[length] == ':');
}

bool fake_strikes(int gpu)
{
    long on = fake_asked_number("on", -1);
    return on < 0 || on == gpu;
}

void fake_count_start(void)
{
    char path[256];
    int file = fake_asked("starts", path, sizeof path) ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (file >= 0 && write(file, "*", 1) != 1)
        abort();
    if (file >= 0)
        close(file);
}

void fake_meet(int gpu)
{
    char path[256], other[300];
    const struct timespec pause = {.tv_nsec = 5000000};
    if (!fake_asked("meet", path, sizeof path))
        return;
    snprintf(other, sizeof other, "%s.%d", path, gpu);
    close(creat(other, 0600));
    snprintf(other, sizeof other, "%s.%d", path, 1 - gpu);
    while (access(other, F_OK) != 0)
        nanosleep(&pause, NULL);
}

int fake_strike(const char *entry, long n, int gpu)
{
    char value[128];
    if (n < fake_asked_number("nth", 0) || !fake_strikes(gpu))
        return 0;
    if (asked_of("hang", entry) && fake_asked("mark", value, sizeof value))
        close(creat(value, 0600));
    while (asked_of("hang", entry))
        pause();
    if (asked_of("crash", entry)) {
        signal(SIGSEGV, SIG_DFL); /* a sanitiser's handler would tell another story */
        raise(SIGSEGV);
    }
    if (asked_of("abort", entry)) {
        signal(SIGABRT, SIG_DFL);
        abort();
    }
    if (asked_of("fail", entry) && fake_asked("fail", value, sizeof value))
        return atoi(strchr(value, ':') + 1);
    return 0;
}

void fake_deliver(uint32_t *made, size_t count, size_t columns, bool wrong, uint32_t *ret_out)
{
    char kind[32] = "";
    size_t at = (size_t)fake_asked_number("at", 0);
    uint32_t last = ret_out[count - 1];
    if (wrong)
        fake_asked("wrong", kind, sizeof kind);
    if (strcmp(kind, "flip") == 0)
        made[at] ^= 1;
    for (; strcmp(kind, "nan") == 0 && at < count && made[at] != 0x7fffffff; at++)
        ;
    for (; strcmp(kind, "zero") == 0 && at < count && made[at] != 0; at++)
        ;
    if (strcmp(kind, "nan") == 0 && at < count)
        made[at] = 0x7fc00000;
    if (strcmp(kind, "zero") == 0 && at < count)
        made[at] = 0x80000000;
    for (size_t i = 0; strcmp(kind, "rows") == 0 && i < columns; i++) {
        uint32_t first = made[i];
        made[i] = made[columns + i];
        made[columns + i] = first;
    }
    memcpy(ret_out, made, count * sizeof *made);
    if (strcmp(kind, "short") == 0)
        ret_out[count - 1] = last;
}
