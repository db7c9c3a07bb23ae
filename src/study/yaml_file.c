/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/yaml_file.h"

#include "study/explain.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20 };

enum at_status at_yaml_read(const char *path, const char *what, char **ret_text, size_t *ret_length, struct at_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return at_fail(error, errno == ENOENT ? AT_ERR_NOT_FOUND : AT_ERR_IO, "%s: %s; give the path of a %s file (YAML)", path,
                       strerror(errno), what);
    char *text = malloc(FILE_BYTES_MAX + 1);
    enum at_status status = text ? AT_OK : at_fail(error, AT_ERR_MEMORY, "%s: out of memory", path);
    size_t length = text ? fread(text, 1, FILE_BYTES_MAX + 1, file) : 0;
    if (text && ferror(file))
        status = at_fail(error, AT_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    else if (length > FILE_BYTES_MAX)
        status = at_fail(error, AT_ERR_FORMAT, "%s: longer than a %s file can be (%d bytes)", path, what, FILE_BYTES_MAX);
    fclose(file);
    if (status) {
        free(text);
        return status;
    }
    *ret_text = text;
    *ret_length = length;
    return AT_OK;
}

/* libcyaml says why, then where from the inside out; the first of each is kept. */
struct reason {
    char text[256];
    long line;
};

static void keep_reason(cyaml_log_t level, void *context, const char *format, va_list args)
{
    struct reason *reason = context;
    char line[sizeof reason->text];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    const char *place = strstr(line, "(line: ");
    if (place && !reason->line)
        reason->line = strtol(place + strlen("(line: "), NULL, 10);
    if (!reason->text[0])
        memcpy(reason->text, line, sizeof line);
}

static cyaml_config_t config_for(struct reason *reason)
{
    return (cyaml_config_t){
        .log_fn = keep_reason, .log_ctx = reason, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};
}

enum at_status at_yaml_load(const struct at_document *document, const struct cyaml_schema_value *schema, const char *text, size_t length,
                            void **ret_data, struct at_error *error)
{
    struct reason reason = {"", 0};
    cyaml_config_t config = config_for(&reason);
    cyaml_data_t *data = NULL;
    cyaml_err_t failed = cyaml_load_data((const uint8_t *)text, length, &config, schema, &data, NULL);
    if (failed == CYAML_ERR_OOM)
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(document));
    if (failed == CYAML_ERR_ALIAS)
        return at_fail(error, AT_ERR_FORMAT, "%s:%ld: a %s takes no YAML aliases (*name); write the value out", at_document_name(document),
                       reason.line, at_document_subject(document)->what);
    if (failed)
        return at_explain(document, schema, reason.text[0] ? reason.text : cyaml_strerror(failed), error);
    *ret_data = data;
    return AT_OK;
}

void at_yaml_free(const struct cyaml_schema_value *schema, void *data)
{
    struct reason reason = {"", 0};
    cyaml_config_t config = config_for(&reason);
    cyaml_free(&config, schema, data, 0);
}
