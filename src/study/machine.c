/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/machine.h"

#include "core/build.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum at_status at_machine_executable(struct at_sha256 *ret_sha256, struct at_error *error)
{
    static const char path[] = "/proc/self/exe";
    unsigned char block[65536];
    size_t count;
    struct at_hasher hasher;
    FILE *file = fopen(path, "rb");
    if (!file)
        return at_fail(error, AT_ERR_IO, "%s: %s; results are stored with the digest of the program, so /proc must be mounted", path,
                       strerror(errno));
    at_hasher_start(&hasher);
    while ((count = fread(block, 1, sizeof block, file)) > 0)
        at_hasher_add(&hasher, block, count);
    bool failed = ferror(file);
    fclose(file);
    if (failed)
        return at_fail(error, AT_ERR_IO, "%s: cannot be read", path);
    *ret_sha256 = at_hasher_end(&hasher);
    return AT_OK;
}

enum at_status at_machine_put_build(struct at_store *store, int64_t *ret_id, struct at_error *error)
{
    struct at_sha256 sha256;
    enum at_status status = at_machine_executable(&sha256, error);
    if (status)
        return status;
    struct at_build_fact fact = {.sha256 = sha256.hex,
                                 .version = at_build_version,
                                 .revision = at_build_revision,
                                 .compiler = at_build_compiler,
                                 .options = at_build_options};
    return at_store_put_build(store, &fact, ret_id, error);
}

/* The value of the first line "key : value" of a text file, or false. */
static bool find_line(const char *path, const char *key, char *ret_value, size_t room)
{
    FILE *file = fopen(path, "r");
    char line[512];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon || strncmp(line, key, strlen(key)) != 0)
            continue;
        char *value = colon + 1 + strspn(colon + 1, " \t");
        value[strcspn(value, "\n")] = '\0';
        snprintf(ret_value, room, "%s", value);
        found = *value != '\0';
    }
    if (file)
        fclose(file);
    return found;
}

struct at_processor_facts at_machine_processor(void)
{
    struct at_processor_facts facts = {.cores = sysconf(_SC_NPROCESSORS_ONLN),
                                       .memory_bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE)};
    struct utsname system;
    if (!find_line("/proc/cpuinfo", "model name", facts.name, sizeof facts.name))
        snprintf(facts.name, sizeof facts.name, "%s", uname(&system) == 0 ? system.machine : "unknown processor");
    return facts;
}

static int64_t whole_gib(int64_t bytes)
{
    return llround((double)bytes / 0x1p30);
}

/* `details` (taken over, NULL without memory) in their canonical spelling. */
static enum at_status put_device(struct at_store *store, const char *kind, const char *name, json_t *details, int64_t *ret_id,
                                 struct at_error *error)
{
    char *text = details ? json_dumps(details, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(details);
    if (!text)
        return at_fail(error, AT_ERR_MEMORY, "device: out of memory");
    struct at_device_fact fact = {.kind = kind, .name = name, .details = text};
    enum at_status status = at_store_put_device(store, &fact, ret_id, error);
    free(text);
    return status;
}

enum at_status at_machine_put_device(struct at_store *store, enum at_simd simd, int64_t *ret_id, struct at_error *error)
{
    struct at_processor_facts processor = at_machine_processor();
    enum at_simd path = simd == AT_SIMD_AUTO ? at_simd_best() : simd;
    return put_device(store, "cpu", processor.name,
                      json_pack("{s:I, s:I, s:s}", "cores", (json_int_t)processor.cores, "memory_gib",
                                (json_int_t)whole_gib(processor.memory_bytes), "simd", at_simd_names[path]),
                      ret_id, error);
}

enum at_status at_machine_put_gpu(struct at_store *store, const struct at_gpu_facts *gpu, int64_t *ret_id, struct at_error *error)
{
    return put_device(store, "cuda", gpu->name,
                      json_pack("{s:i, s:i, s:s, s:i, s:i, s:I, s:b}", "capability", 10 * gpu->major + gpu->minor, "driver_cuda",
                                gpu->driver_cuda, "driver", gpu->driver, "multiprocessors", gpu->multiprocessors, "clock_khz",
                                gpu->clock_khz, "memory_gib", (json_int_t)whole_gib(gpu->memory_bytes), "ecc", gpu->ecc),
                      ret_id, error);
}

/* The number behind `key` in file `name` of a folder; with key "" the first of the file. Infinity when there is none ("max"). */
static double read_number(const char *folder, const char *name, const char *key)
{
    char path[512], line[256];
    double value = INFINITY;
    bool found = false;
    size_t length = strlen(key);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, key, length) == 0 && (!length || line[length] == ' ') && sscanf(line + length, "%lf", &value) == 1;
    if (file)
        fclose(file);
    return found ? value : INFINITY;
}

double at_machine_group_memory(const char *folder)
{
    double limit = read_number(folder, "memory.max", ""), held = read_number(folder, "memory.current", "");
    double idle = read_number(folder, "memory.stat", "inactive_file");
    if (!isfinite(limit) || !isfinite(held))
        return INFINITY;
    return limit - (isfinite(idle) && idle < held ? held - idle : held);
}

double at_machine_free_memory(void)
{
    char text[64];
    double available = find_line("/proc/meminfo", "MemAvailable", text, sizeof text) ? strtod(text, NULL) * 1024 : INFINITY;
    double group = at_machine_group_memory("/sys/fs/cgroup");
    return group < available ? group : available;
}

int64_t at_machine_time_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
