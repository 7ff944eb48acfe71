/* The carry: its growth, and the resumable scan. */
#include "split_stream_carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum phase {
    TOKEN_BEGIN, /* at its blanks, if any */
    TOKEN_PLAIN,
    TOKEN_QUOTED,
    TOKEN_REST, /* the last of a limit: all the rest */
};

bool split_carry_append(struct split_stream *stream, const char *bytes, size_t length)
{
    struct split_stream_place *place = &stream->place;
    size_t need = place->carried + length;
    if (need > stream->carry_capacity) {
        size_t larger = stream->carry_capacity < 256 ? 256 : stream->carry_capacity;
        while (larger < need)
            larger *= 2;
        char *grown = (char *)realloc(stream->carry, larger);
        if (!grown) {
            errno = ENOMEM;
            return false;
        }
        stream->carry = grown;
        stream->carry_capacity = larger;
        stream->statistics.carried_bytes += place->carried;
    }
    if (length)
        memcpy(stream->carry + place->carried, bytes, length);
    place->carried = need;
    stream->statistics.carried_bytes += length;
    return true;
}

enum found { FOUND_NONE, FOUND_DELIMITER, FOUND_UNDECIDED };

/* The longest delimiter at position of the carry, unless a longer one could still come. */
static enum found delimiter_at(const struct split_stream *stream, size_t position, bool final,
                               size_t *length)
{
    const char *at = stream->carry + position;
    size_t left = stream->place.carried - position;
    enum found found = FOUND_NONE;
    *length = 0;
    for (size_t i = 0; i < stream->options.delimiter_count; i++) {
        const struct split_delimiter *delimiter = &stream->options.delimiters[i];
        size_t compared = delimiter->length < left ? delimiter->length : left;
        if (delimiter->length <= *length || *at != delimiter->bytes[0] ||
            memcmp(at, delimiter->bytes, compared) != 0)
            continue;
        if (compared == delimiter->length) {
            *length = compared;
            found = FOUND_DELIMITER;
        } else if (!final) {
            return FOUND_UNDECIDED;
        }
    }
    return found;
}

/* The three scans of a token's parts stop where the part ends, true, or, false, at what more bytes
 * must decide. */

static bool skip_blanks(struct split_stream *stream, bool final)
{
    struct split_stream_place *place = &stream->place;
    const struct split_options *options = &stream->options;
    if (options->limit != 0 && place->emitted + 1 >= options->limit) {
        place->phase = TOKEN_REST;
        return true;
    }
    while (options->quote != 0 && options->trim && place->position < place->carried &&
           split_carry_is_blank(stream->carry[place->position])) {
        size_t length;
        enum found found = delimiter_at(stream, place->position, final, &length);
        if (found == FOUND_UNDECIDED)
            return false;
        if (found == FOUND_DELIMITER)
            break;
        place->position++;
    }
    if (place->position == place->carried && !final)
        return false;
    place->phase = TOKEN_PLAIN;
    if (options->quote != 0 && place->position < place->carried &&
        stream->carry[place->position] == options->quote) {
        place->phase = TOKEN_QUOTED;
        place->open = ++place->position;
        place->doubled = false;
    }
    return true;
}

static bool find_closing_quote(struct split_stream *stream, bool final, size_t *length)
{
    struct split_stream_place *place = &stream->place;
    const char quote = stream->options.quote;
    for (;;) {
        size_t left = place->carried - place->position;
        const char *at =
            left ? (const char *)memchr(stream->carry + place->position, quote, left) : NULL;
        place->position = at ? (size_t)(at - stream->carry) : place->carried;
        if (!at || place->position + 1 >= place->carried)
            return final; /* at the end, or a quote that is the last byte */
        if (at[1] == quote) {
            place->doubled = true;
            place->position += 2;
            continue;
        }
        enum found found = delimiter_at(stream, place->position + 1, final, length);
        if (found != FOUND_NONE)
            return found == FOUND_DELIMITER;
        place->position++;
    }
}

static bool find_delimiter(struct split_stream *stream, bool final, size_t *length)
{
    struct split_stream_place *place = &stream->place;
    const struct split_options *options = &stream->options;
    for (*length = 0; place->position < place->carried; place->position++) {
        if (options->delimiter_count == 1) {
            const char *at =
                (const char *)memchr(stream->carry + place->position, options->delimiters->bytes[0],
                                     place->carried - place->position);
            place->position = at ? (size_t)(at - stream->carry) : place->carried;
            if (!at)
                break;
        }
        enum found found = delimiter_at(stream, place->position, final, length);
        if (found != FOUND_NONE)
            return found == FOUND_DELIMITER;
    }
    return final;
}

bool split_carry_next(struct split_stream *stream, bool final, struct split_carry_token *token)
{
    struct split_stream_place *place = &stream->place;
    size_t from = place->position, delimiter = 0, behind;
    bool complete = place->phase != TOKEN_BEGIN || skip_blanks(stream, final);
    token->quoted = complete && place->phase == TOKEN_QUOTED;
    if (token->quoted) {
        complete = find_closing_quote(stream, final, &delimiter);
    } else if (complete && place->phase == TOKEN_PLAIN) {
        complete = find_delimiter(stream, final, &delimiter);
    } else if (complete) {
        place->position = place->carried;
        complete = final;
    }
    stream->statistics.carry_scanned += place->position - from + 1;
    if (!complete)
        return false;
    token->begin = token->quoted ? place->open : place->begin;
    token->end = place->position;
    token->doubled = token->quoted && place->doubled;
    token->last = delimiter == 0;
    behind = token->end + token->quoted + delimiter; /* the closing quote and the delimiter */
    place->begin = place->position = token->last ? place->carried : behind;
    place->phase = TOKEN_BEGIN;
    return true;
}

void split_carry_cut(struct split_stream *stream)
{
    struct split_stream_place *place = &stream->place;
    place->carried = place->position = place->begin;
    place->phase = TOKEN_BEGIN;
}

void split_carry_compact(struct split_stream *stream)
{
    struct split_stream_place *place = &stream->place;
    size_t left = place->carried - place->begin;
    if (place->begin == 0)
        return;
    if (left)
        memmove(stream->carry, stream->carry + place->begin, left);
    stream->statistics.carried_bytes += left;
    place->position -= place->begin;
    if (place->phase == TOKEN_QUOTED)
        place->open -= place->begin;
    place->carried = left;
    place->begin = 0;
}
