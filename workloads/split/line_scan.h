/*
 * Where the lines of a text end: at \n outside quotes. Internal to the library. Both bytes are
 * searched by memchr, which has vector code for every CPU; each byte is looked at once for either.
 */
#ifndef WORKLOADS_LINE_SCAN_H
#define WORKLOADS_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct line_scan {
    const char *text;
    size_t length;
    size_t position;   /* where the next line begins */
    size_t next_quote; /* the first quote at or after what is scanned; length: none */
    char quote;        /* 0: none */
};

static inline size_t line_scan_find(const struct line_scan *scan, size_t from, size_t to, char byte)
{
    const char *at =
        from < to ? (const char *)memchr(scan->text + from, byte, to - from) : (const char *)NULL;
    return at ? (size_t)(at - scan->text) : to;
}

static inline struct line_scan line_scan_begin(const char *text, size_t length, char quote)
{
    struct line_scan scan = {text, length, 0, length, quote};
    if (quote)
        scan.next_quote = line_scan_find(&scan, 0, length, quote);
    return scan;
}

/* The end of the line at position, its \n or the text's end; position moves behind it. */
static inline size_t line_scan_next(struct line_scan *scan)
{
    size_t from = scan->position;
    for (;;) {
        size_t end = line_scan_find(scan, from, scan->next_quote, '\n');
        if (end < scan->next_quote || end == scan->length) {
            scan->position = end < scan->length ? end + 1 : end;
            return end;
        }
        /* All up to the closing quote is inside; a doubled quote closes and opens again. */
        size_t close = line_scan_find(scan, scan->next_quote + 1, scan->length, scan->quote);
        from = close < scan->length ? close + 1 : close;
        scan->next_quote = line_scan_find(scan, from, scan->length, scan->quote);
    }
}

#endif
