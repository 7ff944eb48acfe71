/*
 * The reference splitter: each rule of split.h by itself, a byte at a time, and nothing else. What
 * the library gives is compared with it; it shares no code with the library.
 */
#ifndef TESTS_UNIT_NAIVE_SPLIT_H
#define TESTS_UNIT_NAIVE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"

/* Zeros to begin with; each naive_split() replaces what was there. */
struct naive_tokens {
    struct split_token *items; /* length + 1 of them are the most there can be */
    size_t count;
    char *bytes; /* the tokens', copied */
    size_t used;
};

static inline void naive_free(struct naive_tokens *tokens)
{
    free(tokens->items);
    free(tokens->bytes);
    memset(tokens, 0, sizeof *tokens);
}

static inline size_t naive_delimiter(const char *text, size_t left,
                                     const struct split_options *options)
{
    size_t best = 0;
    for (size_t i = 0; i < options->delimiter_count; i++) {
        size_t length = options->delimiters[i].length;
        if (length <= left && memcmp(text, options->delimiters[i].bytes, length) == 0 &&
            length > best)
            best = length;
    }
    return best;
}

static inline bool naive_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static inline void naive_emit(struct naive_tokens *tokens, const char *bytes, size_t length,
                              bool quoted, const struct split_options *options)
{
    if (options->trim && !quoted) {
        while (length && naive_blank(*bytes)) {
            bytes++;
            length--;
        }
        while (length && naive_blank(bytes[length - 1]))
            length--;
    }
    if (options->drop_empty && !length)
        return;
    char *copy = tokens->bytes + tokens->used;
    if (length)
        memmove(copy, bytes, length); /* a quoted token lies there already, unescaped */
    tokens->items[tokens->count].data = copy;
    tokens->items[tokens->count++].length = length;
    tokens->used += length;
}

static inline void naive_split(struct naive_tokens *tokens, const char *text, size_t length,
                               const struct split_options *options)
{
    size_t at = 0;
    naive_free(tokens);
    tokens->items = (struct split_token *)malloc((length + 1) * sizeof *tokens->items);
    tokens->bytes = (char *)malloc(length + 1);
    if (!tokens->items || !tokens->bytes)
        abort();
    for (;;) {
        if (options->limit && tokens->count + 1 >= options->limit) {
            naive_emit(tokens, text + at, length - at, false, options);
            return;
        }
        size_t open = at;
        while (options->trim && open < length && naive_blank(text[open]) &&
               !naive_delimiter(text + open, length - open, options))
            open++;
        if (options->quote && open < length && text[open] == options->quote) {
            char *unescaped = tokens->bytes + tokens->used;
            size_t used = 0;
            for (at = open + 1; at < length; at++) {
                if (text[at] == options->quote) {
                    if (at + 1 < length && text[at + 1] == options->quote)
                        at++;
                    else if (at + 1 == length ||
                             naive_delimiter(text + at + 1, length - at - 1, options))
                        break;
                }
                unescaped[used++] = text[at];
            }
            at = at < length ? at + 1 : length;
            naive_emit(tokens, unescaped, used, true, options);
        } else {
            size_t begin = at;
            while (at < length && !naive_delimiter(text + at, length - at, options))
                at++;
            naive_emit(tokens, text + begin, at - begin, false, options);
        }
        if (at >= length)
            return;
        at += naive_delimiter(text + at, length - at, options);
    }
}

#endif
