/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/svg.h"

#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Where an id or a reference to one begins just before `at`: then the prefix goes there. */
static bool names_id(const char *begin, const char *at)
{
    static const char *const before[] = {" id=\"", " id='", "\tid='", "href=\"#", "href='#", "url(#"};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        size_t length = strlen(before[i]);
        if ((size_t)(at - begin) >= length && memcmp(at - length, before[i], length) == 0)
            return true;
    }
    return false;
}

/* What follows an element that gnuplot put there for itself, or `at`. */
static const char *skip_own(const char *at)
{
    static const char *const own[][2] = {{"<title>", "</title>"}, {"<desc>", "</desc>"}};
    for (size_t i = 0; i < 2; i++) {
        const char *end = begins(at, own[i][0]) ? strstr(at, own[i][1]) : NULL;
        if (end)
            return end + strlen(own[i][1]);
    }
    return at;
}

void at_svg_embed(struct at_buffer *page, const char *svg, int number, const char *title, const char *description)
{
    const char *root = strstr(svg, "<svg"), *end = root ? strstr(root, "</svg>") : NULL;
    const char *inside = root ? strchr(root, '>') : NULL;
    if (!end || !inside)
        return;
    at_buffer_printf(page, "<svg role=\"img\" aria-labelledby=\"f%d-title f%d-desc\" ", number, number);
    at_buffer_add(page, root + 4, (size_t)(inside + 1 - root - 4));
    at_buffer_printf(page, "\n<title id=\"f%d-title\">", number);
    at_buffer_escape(page, title);
    at_buffer_printf(page, "</title>\n<desc id=\"f%d-desc\">", number);
    at_buffer_escape(page, description);
    at_buffer_text(page, "</desc>");
    for (const char *at = inside + 1; at < end;) {
        const char *next = skip_own(at);
        if (next != at) {
            at = next;
            continue;
        }
        if (names_id(inside, at))
            at_buffer_printf(page, "f%d-", number);
        at_buffer_add(page, at++, 1);
    }
    at_buffer_text(page, "</svg>\n");
}
