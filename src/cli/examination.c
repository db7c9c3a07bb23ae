/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/examination.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "core/build.h"
#include "oracles/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_hopper(const struct at_examination *e)
{
    return e->has_gpu && at_gpu_check_hopper(&e->gpu, NULL) == AT_OK;
}

void at_examination_done(struct at_examination *e)
{
    free(e->diagnoses);
    e->diagnoses = NULL;
    e->count = 0;
}

size_t at_examination_count(const struct at_examination *e, enum at_finding finding)
{
    size_t found = 0;
    for (size_t i = 0; i < e->count; i++)
        found += e->diagnoses[i].finding == finding;
    return found;
}

static void say_paths(void)
{
    char paths[64];
    int used = 0;
    for (int simd = AT_SIMD_SCALAR; simd < AT_SIMD_COUNT; simd++)
        if (at_simd_available((enum at_simd)simd))
            used += snprintf(paths + used, sizeof paths - (size_t)used, "%s%s", used ? ", " : "", at_simd_names[simd]);
    at_say(stdout, "  SIMD        %s, the best of %s", at_simd_names[at_simd_best()], paths);
}

static void say_cuda(const char *name, int version)
{
    if (version)
        at_say(stdout, "  %-11s built with CUDA %d.%d", name, version / 1000, version % 1000 / 10);
    else
        at_say(stdout, "  %-11s none: attest was built without nvcc", name);
}

static void say_gpu(const struct at_examination *e)
{
    const struct at_gpu_facts *g = &e->gpu;
    if (!e->has_gpu) {
        at_say(stdout, "  GPU         none: %s", e->gpu_reason.message);
        return;
    }
    at_say(stdout, "  GPU %d of %d  %s, %s (compute capability %d.%d)", g->index, g->count, g->name, at_gpu_generation(g), g->major,
           g->minor);
    at_say(stdout, "              %d multiprocessors at up to %d MHz, %.0f KiB of shared memory a block, %.0f MiB of L2",
           g->multiprocessors, g->clock_khz / 1000, (double)g->shared_bytes / 0x1p10, (double)g->l2_bytes / 0x1p20);
    at_say(stdout, "              %.1f GiB of memory, %d bit at %d MHz, %s", (double)g->memory_bytes / 0x1p30, g->memory_bus_bits,
           g->memory_clock_khz / 1000, g->ecc ? "ECC on" : "ECC off");
    at_say(stdout, "  driver      %s, for CUDA up to %d.%d", g->driver[0] ? g->driver : "unknown version", g->driver_cuda / 1000,
           g->driver_cuda % 1000 / 10);
    at_say(stdout, "  FP8 wgmma   %s", is_hopper(e) ? "yes" : "no: Hopper's alone (compute capability 9.0)");
    at_say(stdout, "  TMA         %s", g->major >= 9 ? "yes" : "no: from Hopper on (compute capability 9.0)");
}

/* Those that work here. Without a GPU one that has to look for what it needs is not asked: a driver that hangs has just been waited for. */
static void say_oracles(const struct at_examination *e)
{
    char names[256] = "";
    for (size_t i = 0, used = 0; i < at_oracle_count && used < sizeof names; i++)
        if (!at_oracles[i]->available || (e->has_gpu && !at_oracles[i]->available(NULL)))
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", at_oracles[i]->name);
    at_say(stdout, "  run, verify every variant, bit for bit, by the twin on the CPU; truths by %s", names);
}

void at_examination_print(const struct at_examination *e)
{
    at_say(stdout, "This machine");
    at_say(stdout, "  processor   %s, %" PRId64 " cores, %.1f GiB of memory", e->processor.name, e->processor.cores,
           (double)e->processor.memory_bytes / 0x1p30);
    say_paths();
    say_gpu(e);
    at_say(stdout, "%s", "");
    at_say(stdout, "This attest");
    at_say(stdout, "  version     %s, revision %s, %s", at_build_version, at_build_revision, at_build_compiler);
    at_say(stdout, "  libraries   %s", at_build_libraries);
    say_cuda("GPU code", at_probe_image.cuda_version);
    at_say(stdout, "%s", "");
    at_say(stdout, "What it can do here");
    say_oracles(e);
    at_say(stdout, "  probe       %s",
           e->can_probe ? "yes: attest doctor --probe compares this GPU with the twin" : e->probe_reason.message);
    at_say(stdout, "  kernels     %s",
           e->can_probe ? "yes: attest run --device auto, attest bench" : "no: the twin computes what they would, to the bit");
}

static void add_whole(struct at_grid *grid, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    at_grid_add(grid, text);
}

void at_diagnoses_print(const struct at_examination *e, const char *database)
{
    static const char *const headings[] = {"probe", "instruction", ">outputs", ">differing", ">time", "verdict"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < e->count; i++) {
        const struct at_diagnosis *d = &e->diagnoses[i];
        char time[AT_NUMBER_SIZE];
        at_duration_print((double)d->time_ns * 1e-9, time);
        at_grid_add(&grid, d->probe->name);
        at_grid_add(&grid, d->probe->instruction);
        add_whole(&grid, d->outcome.outputs);
        add_whole(&grid, d->outcome.differing);
        at_grid_add(&grid, time);
        at_grid_add(&grid, at_finding_names[d->finding]);
    }
    at_say(stdout, "%s", "");
    at_say(stdout, "Probes of GPU %d, %s", e->gpu.index, e->gpu.name);
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t i = 0; i < e->count; i++) {
        const struct at_diagnosis *d = &e->diagnoses[i];
        if (d->finding == AT_PROBE_DIFFERS)
            at_say(stdout, "%s: first difference: %s; again: attest doctor --probe %s --gpu %d --seed %" PRIu64 " --outputs %" PRId64,
                   d->probe->name, d->detail.message, d->probe->name, e->gpu.index, e->seed, e->outputs);
        else if (d->finding == AT_PROBE_FAILED)
            at_say(stdout, "%s: %s", d->probe->name, d->detail.message);
    }
    size_t same = at_examination_count(e, AT_PROBE_SAME_BITS);
    at_say(stdout, "%s", "");
    at_say(stdout, "%zu of %zu probes give the twin's bits; %s in %s (attest show probes).", same, e->count,
           e->stored == e->count ? "stored" : "not all stored", database);
}

static json_t *gpu_json(const struct at_examination *e)
{
    const struct at_gpu_facts *g = &e->gpu;
    if (!e->has_gpu)
        return json_null();
    return json_pack("{s:i, s:i, s:o, s:s, s:i, s:i, s:o, s:i, s:I, s:I, s:I, s:i, s:i, s:i, s:i, s:b, s:b, s:b}", "index", g->index,
                     "count", g->count, "name", at_text_json(g->name), "generation", at_gpu_generation(g), "major", g->major, "minor",
                     g->minor, "driver", g->driver[0] ? json_string(g->driver) : json_null(), "driver_cuda", g->driver_cuda, "memory_bytes",
                     (json_int_t)g->memory_bytes, "l2_bytes", (json_int_t)g->l2_bytes, "shared_bytes", (json_int_t)g->shared_bytes,
                     "multiprocessors", g->multiprocessors, "clock_khz", g->clock_khz, "memory_clock_khz", g->memory_clock_khz,
                     "memory_bus_bits", g->memory_bus_bits, "ecc", g->ecc, "fp8_wgmma", is_hopper(e), "tma", g->major >= 9);
}

static json_t *diagnoses_json(const struct at_examination *e)
{
    json_t *all = json_array();
    for (size_t i = 0; all && i < e->count; i++) {
        const struct at_diagnosis *d = &e->diagnoses[i];
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:I, s:I}", "probe", d->probe->name, "instruction",
                                        d->probe->instruction, "verdict", at_finding_names[d->finding], "outputs",
                                        (json_int_t)d->outcome.outputs, "differing", (json_int_t)d->outcome.differing, "detail",
                                        at_text_json(d->detail.message), "time_ns", (json_int_t)d->time_ns, "seed", (json_int_t)e->seed));
    }
    return all;
}

json_t *at_examination_json(const struct at_examination *e)
{
    json_t *simd = json_array();
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++)
        if (at_simd_available((enum at_simd)path))
            json_array_append_new(simd, json_string(at_simd_names[path]));
    return json_pack(
        "{s:o, s:I, s:I, s:s, s:o, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:b, s:o, s:o}", "processor", at_text_json(e->processor.name),
        "cores", (json_int_t)e->processor.cores, "memory_bytes", (json_int_t)e->processor.memory_bytes, "simd",
        at_simd_names[at_simd_best()], "simd_available", simd, "version", at_build_version, "revision", at_build_revision, "compiler",
        at_build_compiler, "libraries", at_build_libraries, "cuda_version", at_probe_image.cuda_version, "gpu", gpu_json(e), "gpu_reason",
        e->has_gpu ? json_null() : at_text_json(e->gpu_reason.message), "can_probe", e->can_probe, "probe_reason",
        e->can_probe ? json_null() : at_text_json(e->probe_reason.message), "probes", e->probed ? diagnoses_json(e) : json_null());
}
