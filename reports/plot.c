/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/plot.h"

#include "reports/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PATH_SIZE = 4096 };

/* Runs gnuplot in `folder` on `script`, its messages into the file "log" there. Returns its exit status, or -errno. */
static int run_gnuplot(const char *folder, const char *script)
{
    char name[] = "gnuplot", plain[] = "--default-settings";
    char *file = strdup(script);
    char *argv[] = {name, plain, file, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int failed = file ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (failed) {
        free(file);
        return -failed;
    }
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    failed = posix_spawnp(&child, name, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(file);
    if (failed)
        return -failed;
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static enum at_status write_file(const char *folder, const char *name, const struct at_buffer *const *parts, size_t count,
                                 struct at_error *error)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    bool good = file != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = fwrite(parts[i]->text ? parts[i]->text : "", 1, parts[i]->length, file) == parts[i]->length;
    int why = errno;
    if (file && fclose(file) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good)
        return AT_OK;
    return at_fail(error, why == ENOSPC ? AT_ERR_FULL : AT_ERR_IO, "%s: cannot write a plot's data: %s; TMPDIR names another folder",
                   folder, strerror(why));
}

static enum at_status read_file(const char *folder, const char *name, struct at_buffer *text, struct at_error *error)
{
    char path[PATH_SIZE], block[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return at_fail(error, AT_ERR_IO, "%s: cannot read what gnuplot drew: %s", path, strerror(errno));
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        at_buffer_add(text, block, got);
    bool good = !ferror(file);
    fclose(file);
    return good ? AT_OK : at_fail(error, AT_ERR_IO, "%s: cannot read what gnuplot drew", path);
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"script", "data", "log", "figure.svg"};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static enum at_status make_folder(char *ret_folder, struct at_error *error)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(ret_folder, PATH_SIZE / 2, "%s/attest-plot.XXXXXX", parent && *parent ? parent : "/tmp");
    if (length >= PATH_SIZE / 2 || !mkdtemp(ret_folder))
        return at_fail(error, AT_ERR_IO, "%.200s: cannot make a folder for plots: %s; TMPDIR names another place", ret_folder,
                       strerror(errno));
    return AT_OK;
}

/* The first line of gnuplot's complaint that says something. */
static enum at_status fail_gnuplot(const char *folder, int code, struct at_error *error)
{
    struct at_buffer log = {0};
    if (code < 0)
        return at_fail(error, AT_ERR_NOT_FOUND,
                       "gnuplot: cannot be started (%s); the html report draws with it: install gnuplot (Debian: "
                       "gnuplot-nox), or make a csv report",
                       strerror(-code));
    char why[256] = "no message";
    if (read_file(folder, "log", &log, NULL) == AT_OK && log.length) {
        char *line = log.text + strspn(log.text, " \n");
        for (char *l = strtok(line, "\n"); l; l = strtok(NULL, "\n"))
            if (strspn(l, " ^") < strlen(l))
                snprintf(why, sizeof why, "%s", l + strspn(l, " "));
    }
    at_buffer_done(&log);
    if (code == 127)
        return at_fail(error, AT_ERR_NOT_FOUND,
                       "gnuplot: not found; the html report draws with it: install gnuplot (Debian: gnuplot-nox), "
                       "or make a csv report");
    return at_fail(error, AT_ERR_IO, "gnuplot: failed with exit code %d: %s", code, why);
}

static enum at_status draw_in(const char *folder, const struct at_buffer *const *script, size_t parts, const struct at_buffer *data,
                              struct at_buffer *svg, struct at_error *error)
{
    enum at_status status = write_file(folder, "script", script, parts, error);
    if (!status)
        status = write_file(folder, "data", &data, 1, error);
    if (status)
        return status;
    int code = run_gnuplot(folder, "script");
    if (code != 0)
        return fail_gnuplot(folder, code, error);
    return read_file(folder, "figure.svg", svg, error);
}

enum at_status at_plot_draw(const char *script, const struct at_buffer *settings, const struct at_buffer *data, struct at_buffer *svg,
                            struct at_error *error)
{
    char folder[PATH_SIZE / 2], file[64];
    struct at_buffer common = {0}, body = {0};
    snprintf(file, sizeof file, "plots/%s.gp", script);
    at_buffer_text(&common, at_text_of("plots/common.gp"));
    at_buffer_text(&body, at_text_of(file));
    const struct at_buffer *parts[] = {&common, settings, &body};
    enum at_status status = common.failed || body.failed || settings->failed || data->failed
                                ? at_fail(error, AT_ERR_MEMORY, "plot %s: no memory", script)
                                : make_folder(folder, error);
    if (!status) {
        status = draw_in(folder, parts, 3, data, svg, error);
        remove_folder(folder);
    }
    at_buffer_done(&common);
    at_buffer_done(&body);
    return status;
}

enum at_status at_plot_check(struct at_error *error)
{
    char folder[PATH_SIZE / 2];
    const struct at_buffer nothing = {0};
    const struct at_buffer *parts[] = {&nothing};
    enum at_status status = make_folder(folder, error);
    if (status)
        return status;
    status = write_file(folder, "script", parts, 1, error);
    int code = status ? 0 : run_gnuplot(folder, "script");
    if (code != 0)
        status = fail_gnuplot(folder, code, error);
    remove_folder(folder);
    return status;
}

void at_plot_label(struct at_buffer *buffer, const char *text, size_t most)
{
    size_t characters = 0, used = 0;
    at_buffer_text(buffer, "\"");
    for (const char *c = text; *c; c++)
        characters += ((unsigned char)*c & 0xc0) != 0x80;
    for (const char *c = text; *c; c++) {
        used += ((unsigned char)*c & 0xc0) != 0x80;
        if (characters > most && used == most) {
            at_buffer_text(buffer, "\u2026");
            break;
        }
        char safe = *c == '"' || *c == '`' ? '\'' : *c == '\\' ? '/' : (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
        at_buffer_add(buffer, &safe, 1);
    }
    at_buffer_text(buffer, "\"");
}

void at_plot_number(struct at_buffer *buffer, double value)
{
    if (isfinite(value))
        at_buffer_printf(buffer, "%.9g", value);
    else
        at_buffer_text(buffer, "NaN");
}

void at_plot_log_axis(struct at_buffer *settings, const char *axis, double low, double high)
{
    static const int steps[] = {1, 2, 5};
    int first = (int)floor(log10(low)), last = (int)ceil(log10(high));
    bool fine = log10(high / low) < 3;
    int every = (last - first + 9) / 10;
    at_buffer_printf(settings, "set %srange [%.9g:%.9g]\nset %stics (", axis, low, high, axis);
    const char *comma = "";
    for (int e = first; e <= last; e++) {
        for (size_t s = 0; s < 3; s++) {
            double tick = steps[s] * pow(10, e);
            if (tick < low * 0.999 || tick > high * 1.001)
                continue;
            bool minor = (s && !fine) || (!s && (e % every) != 0);
            char text[32] = "";
            if (!minor && e >= -1 && e <= 2)
                snprintf(text, sizeof text, "%g", tick);
            else if (!minor)
                snprintf(text, sizeof text, "%de%d", steps[s], e);
            at_buffer_printf(settings, "%s\"%s\" %.9g %d", comma, text, tick, minor);
            comma = ", ";
        }
    }
    at_buffer_text(settings, ")\n");
}
