/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/numerics.h"

#include "core/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const at_scale_granularity_names[] = {"none", "tensor", "head", "block64", "block128", "token", "channel"};
const char *const at_rotation_names[] = {"none", "hadamard", "hadamard16", "hadamard32", "hadamard64"};
static const char *const format_names[] = {"e4m3", "e5m2", "fp16", "bf16", "fp32"};
static const char *const smoothing_names[] = {"none", "mean"};
static const char *const evaluation_names[] = {"mufu", "exact"};
static const char *const p_offset_names[] = {"none", "2^8", "448", "normalised"};
static const char *const row_sum_names[] = {"unquantised", "quantised"};
static const char *const order_names[] = {"forward", "reverse"};
static const char *const scale_rule_names[] = {"amax", "pow2"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

_Static_assert(COUNT(at_scale_granularity_names) == AT_SCALE_GRANULARITY_COUNT, "every granularity has a name");
_Static_assert(COUNT(at_rotation_names) == AT_ROTATION_COUNT, "every rotation has a name");
_Static_assert(COUNT(format_names) == AT_FORMAT_COUNT, "every format has a name");
_Static_assert(COUNT(smoothing_names) == AT_SMOOTHING_COUNT, "every smoothing has a name");
_Static_assert(COUNT(evaluation_names) == AT_EVALUATION_COUNT, "every evaluation has a name");
_Static_assert(COUNT(p_offset_names) == AT_P_OFFSET_COUNT, "every offset has a name");
_Static_assert(COUNT(row_sum_names) == AT_ROW_SUM_COUNT, "every row sum has a name");
_Static_assert(COUNT(order_names) == AT_ORDER_COUNT, "every order has a name");
_Static_assert(COUNT(scale_rule_names) == AT_SCALE_GIVEN, "every rule but a number has a name");

enum kind { ENUM, SCALE_RULE, SEED, PROMOTE, TILE };

struct field {
    const char *key;
    enum kind kind;
    size_t offset;
    const char *const *names;
    size_t name_count;
    const char *values, *help;
};

#define OFFSET(member) offsetof(struct at_numerics, member)
#define ENUM_FIELD(key, member, names, values, help)                                                                                       \
    {                                                                                                                                      \
        key, ENUM, OFFSET(member), names, COUNT(names), values, help                                                                       \
    }
#define FORMATS "e4m3|e5m2|fp16|bf16"
#define SCALES "none|tensor|head|block64|block128|token"
#define ROTATIONS "none|hadamard|hadamard16|hadamard32|hadamard64"

static const struct field fields[] = {
    ENUM_FIELD("q.format", q.format, format_names, FORMATS, "format of Q at the matrix unit"),
    ENUM_FIELD("k.format", k.format, format_names, FORMATS, "format of K at the matrix unit"),
    ENUM_FIELD("v.format", v.format, format_names, FORMATS, "format of V at the matrix unit"),
    ENUM_FIELD("q.storage", q.storage, format_names, FORMATS, "format of Q in memory"),
    ENUM_FIELD("k.storage", k.storage, format_names, FORMATS, "format of K in memory (an FP8 cache read as FP16)"),
    ENUM_FIELD("v.storage", v.storage, format_names, FORMATS, "format of V in memory (an FP8 cache read as FP16)"),
    ENUM_FIELD("q.scale", q.scale, at_scale_granularity_names, SCALES, "what shares a scale in Q"),
    ENUM_FIELD("k.scale", k.scale, at_scale_granularity_names, SCALES, "what shares a scale in K"),
    ENUM_FIELD("v.scale", v.scale, at_scale_granularity_names, SCALES "|channel", "what shares a scale in V"),
    {"q.scale-rule", SCALE_RULE, OFFSET(q), NULL, 0, "amax|pow2|NUMBER", "value of Q's scales; a number is a given scale"},
    {"k.scale-rule", SCALE_RULE, OFFSET(k), NULL, 0, "amax|pow2|NUMBER", "value of K's scales; a number is a given scale"},
    {"v.scale-rule", SCALE_RULE, OFFSET(v), NULL, 0, "amax|pow2|NUMBER", "value of V's scales; a number is a given scale"},
    ENUM_FIELD("q.rotate", q.rotate, at_rotation_names, ROTATIONS, "Hadamard rotation of Q (must equal K's)"),
    ENUM_FIELD("k.rotate", k.rotate, at_rotation_names, ROTATIONS, "Hadamard rotation of K (must equal Q's)"),
    ENUM_FIELD("v.rotate", v.rotate, at_rotation_names, ROTATIONS, "Hadamard rotation of V, undone on O"),
    {"seed", SEED, OFFSET(rotation_seed), NULL, 0, "INTEGER", "seed of the rotation's random signs"},
    ENUM_FIELD("q.smooth", q.smooth, smoothing_names, "none|mean", "subtract the mean of each 128 query rows, corrected in S"),
    ENUM_FIELD("k.smooth", k.smooth, smoothing_names, "none|mean", "subtract K's mean over keys (softmax does not see it)"),
    ENUM_FIELD("v.smooth", v.smooth, smoothing_names, "none|mean", "subtract V's mean over keys, added to O again"),
    ENUM_FIELD("scores", score_format, format_names, "fp32|fp16|bf16", "format to which scaled scores are rounded"),
    ENUM_FIELD("exp2", exp2, evaluation_names, "mufu|exact", "2^x by ex2.approx or exact"),
    ENUM_FIELD("reciprocal", reciprocal, evaluation_names, "mufu|exact", "1/x and log2 of the row sum by rcp/lg2.approx or exact"),
    ENUM_FIELD("p.offset", p_offset, p_offset_names, "none|2^8|448|normalised", "where P lies before it is cast"),
    ENUM_FIELD("p.format", p_format, format_names, FORMATS, "format of P at the matrix unit"),
    ENUM_FIELD("sum", row_sum, row_sum_names, "unquantised|quantised", "the row sum adds P before or after its cast"),
    {"promote", PROMOTE, OFFSET(promote), NULL, 0, "none|tile|KEYS", "P.V accumulates in one accumulator, per tile, or every KEYS keys"},
    {"tile", TILE, OFFSET(tile_m), NULL, 0, "auto|MxN", "query rows x keys of a tile; auto is the released kernels' table"},
    ENUM_FIELD("order", order, order_names, "forward|reverse", "order of the key/value tiles"),
    ENUM_FIELD("output", output, format_names, "fp16|bf16|fp32", "format of O"),
};

/* One key on the command line that stands for several; `smooth` is spelled in letters and handled by itself. */
static const struct shorthand {
    const char *key, *keys[4], *values, *help;
} shorthands[] = {
    {"format", {"q.format", "k.format", "v.format", "p.format"}, FORMATS, "q.format, k.format, v.format and p.format; storage follows"},
    {"storage", {"k.storage", "v.storage"}, FORMATS, "k.storage and v.storage"},
    {"scale", {"q.scale", "k.scale", "v.scale"}, SCALES, "q.scale, k.scale and v.scale"},
    {"scale-rule", {"q.scale-rule", "k.scale-rule", "v.scale-rule"}, "amax|pow2|NUMBER", "the three scale rules"},
    {"rotate", {"q.rotate", "k.rotate"}, ROTATIONS, "q.rotate and k.rotate"},
    {"smooth", {NULL}, "none|k|kv|qk|qkv|...", "the operands, by letter, whose mean is subtracted"},
    {"p", {"p.offset"}, "none|2^8|448|normalised", "p.offset"},
};

static int find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static bool parse_scale_rule(struct at_operand_numerics *o, const char *value)
{
    int rule = find(scale_rule_names, COUNT(scale_rule_names), value);
    char *end;
    o->given_scale = 0;
    o->scale_rule = rule >= 0 ? (enum at_scale_rule)rule : AT_SCALE_GIVEN;
    if (rule < 0)
        o->given_scale = strtof(value, &end);
    return rule >= 0 || (end != value && *end == '\0' && o->given_scale > 0);
}

static bool parse_integer(const char *value, unsigned long long low, unsigned long long high, unsigned long long *ret_value)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || parsed > high || parsed < low)
        return false;
    *ret_value = parsed;
    return true;
}

static bool parse_promote(int *promote, const char *value)
{
    unsigned long long keys = 0;
    if (strcmp(value, "none") == 0)
        *promote = AT_PROMOTE_NONE;
    else if (strcmp(value, "tile") == 0)
        *promote = AT_PROMOTE_TILE;
    else if (parse_integer(value, 1, 1 << 20, &keys))
        *promote = (int)keys;
    else
        return false;
    return true;
}

static bool parse_tile(int tile[2], const char *value)
{
    int used = 0;
    if (strcmp(value, "auto") == 0) {
        tile[0] = tile[1] = AT_TILE_AUTO;
        return true;
    }
    return sscanf(value, "%5dx%5d%n", &tile[0], &tile[1], &used) == 2 && value[used] == '\0' && tile[0] > 0 && tile[1] > 0;
}

static enum at_status refuse_value(const struct field *f, const char *value, struct at_error *error)
{
    const char *nearest = f->kind == ENUM ? at_name_nearest(value, f->names, f->name_count) : NULL;
    return at_fail(error, AT_ERR_ARGUMENT, "numerics: %s=%s: not one of %s%s%s%s", f->key, value, f->values,
                   nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static enum at_status apply_field(struct at_numerics *n, const struct field *f, const char *value, struct at_error *error)
{
    void *at = (char *)n + f->offset;
    bool good = false;
    unsigned long long seed = 0;
    switch (f->kind) {
    case ENUM: {
        int found = find(f->names, f->name_count, value);
        good = found >= 0;
        if (good)
            memcpy(at, &(unsigned){(unsigned)found}, sizeof(unsigned));
        break;
    }
    case SCALE_RULE: good = parse_scale_rule(at, value); break;
    case SEED:
        good = parse_integer(value, 0, UINT64_MAX, &seed);
        n->rotation_seed = seed;
        break;
    case PROMOTE: good = parse_promote(at, value); break;
    case TILE: good = parse_tile(at, value); break;
    }
    return good ? AT_OK : refuse_value(f, value, error);
}

_Static_assert(sizeof(enum at_format) == sizeof(unsigned) && sizeof(enum at_order) == sizeof(unsigned),
               "enumerators are stored as unsigned");
_Static_assert(OFFSET(tile_n) == OFFSET(tile_m) + sizeof(int), "tile_m and tile_n are read as a pair");

static const struct field *find_field(const char *key)
{
    for (size_t i = 0; i < COUNT(fields); i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

static enum at_status apply_smooth(struct at_numerics *n, const char *letters, struct at_error *error)
{
    bool none = strcmp(letters, "none") == 0;
    if (!*letters || (!none && letters[strspn(letters, "qkv")]))
        return at_fail(error, AT_ERR_ARGUMENT, "numerics: smooth=%s: none, or letters of q, k and v", letters);
    n->q.smooth = !none && strchr(letters, 'q') ? AT_SMOOTH_MEAN : AT_SMOOTH_NONE;
    n->k.smooth = !none && strchr(letters, 'k') ? AT_SMOOTH_MEAN : AT_SMOOTH_NONE;
    n->v.smooth = !none && strchr(letters, 'v') ? AT_SMOOTH_MEAN : AT_SMOOTH_NONE;
    return AT_OK;
}

static enum at_status unknown_key(const char *key, struct at_error *error)
{
    const char *names[COUNT(fields) + COUNT(shorthands)];
    for (size_t i = 0; i < COUNT(fields); i++)
        names[i] = fields[i].key;
    for (size_t i = 0; i < COUNT(shorthands); i++)
        names[COUNT(fields) + i] = shorthands[i].key;
    const char *nearest = at_name_nearest(key, names, COUNT(names));
    return at_fail(error, AT_ERR_NOT_FOUND, "numerics: no field named '%s'%s%s%s", key,
                   nearest ? "; did you mean " : "; see attest list fields", nearest ? nearest : "", nearest ? "?" : "");
}

static enum at_status apply_pair(struct at_numerics *n, const char *key, const char *value, struct at_error *error)
{
    const struct field *f = find_field(key);
    if (f)
        return apply_field(n, f, value, error);
    if (strcmp(key, "smooth") == 0)
        return apply_smooth(n, value, error);
    for (size_t i = 0; i < COUNT(shorthands); i++) {
        if (strcmp(shorthands[i].key, key) != 0)
            continue;
        enum at_status status = AT_OK;
        for (size_t j = 0; j < COUNT(shorthands[i].keys) && shorthands[i].keys[j] && !status; j++)
            status = apply_field(n, find_field(shorthands[i].keys[j]), value, error);
        if (!status && strcmp(key, "format") == 0) {
            n->q.storage = n->q.format;
            n->k.storage = n->k.format;
            n->v.storage = n->v.format;
        }
        return status;
    }
    return unknown_key(key, error);
}

enum at_status at_numerics_apply(struct at_numerics *numerics, const char *text, struct at_error *error)
{
    struct at_numerics changed = *numerics;
    char pair[64];
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, ",");
        if (length >= sizeof pair)
            return at_fail(error, AT_ERR_ARGUMENT, "numerics: '%.40s...' is too long for a field; fields are key=value, parted by commas",
                           at);
        memcpy(pair, at, length);
        pair[length] = '\0';
        char *equals = strchr(pair, '=');
        if (!equals)
            return at_fail(error, AT_ERR_ARGUMENT, "numerics: '%s': write key=value, parted by commas", pair);
        *equals = '\0';
        enum at_status status = apply_pair(&changed, pair, equals + 1, error);
        if (status)
            return status;
        at += length + (at[length] == ',');
    }
    *numerics = changed;
    return AT_OK;
}

static int print_value(const struct at_numerics *n, const struct field *f, char *text, size_t room)
{
    const void *at = (const char *)n + f->offset;
    const struct at_operand_numerics *o = at;
    const int *number = at;
    unsigned enumerator;
    switch (f->kind) {
    case ENUM: memcpy(&enumerator, at, sizeof enumerator); return snprintf(text, room, "%s", f->names[enumerator]);
    case SCALE_RULE:
        return o->scale_rule == AT_SCALE_GIVEN ? snprintf(text, room, "%.9g", (double)o->given_scale)
                                               : snprintf(text, room, "%s", scale_rule_names[o->scale_rule]);
    case SEED: return snprintf(text, room, "%" PRIu64, n->rotation_seed);
    case PROMOTE:
        return *number > 0 ? snprintf(text, room, "%d", *number) : snprintf(text, room, "%s", *number == AT_PROMOTE_TILE ? "tile" : "none");
    case TILE: return n->tile_m ? snprintf(text, room, "%dx%d", n->tile_m, n->tile_n) : snprintf(text, room, "auto");
    }
    return 0;
}

void at_numerics_print(const struct at_numerics *numerics, char ret_text[AT_NUMERICS_TEXT_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < COUNT(fields); i++) {
        used += (size_t)snprintf(ret_text + used, AT_NUMERICS_TEXT_SIZE - used, "%s%s=", i ? "," : "", fields[i].key);
        used += (size_t)print_value(numerics, &fields[i], ret_text + used, AT_NUMERICS_TEXT_SIZE - used);
    }
}

bool at_numerics_key(size_t i, const char **ret_name, const char **ret_values, const char **ret_help)
{
    if (i < COUNT(fields)) {
        *ret_name = fields[i].key;
        *ret_values = fields[i].values;
        *ret_help = fields[i].help;
        return true;
    }
    i -= COUNT(fields);
    if (i >= COUNT(shorthands))
        return false;
    *ret_name = shorthands[i].key;
    *ret_values = shorthands[i].values;
    *ret_help = shorthands[i].help;
    return true;
}
