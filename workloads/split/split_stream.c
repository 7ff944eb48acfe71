/*
 * split_stream: one feed is taken in three steps. The carry, with as much of the feed's start as it
 * takes, is scanned to the end of the incomplete token by a scan that resumes; the middle of the
 * feed goes through the scanners of split_scan.h where it lies; what stays incomplete at its end
 * goes to the carry.
 *
 * Spans count from base 0, the middle's copy, or base 1, a copy of the complete tokens at the
 * carry's start. That one is made when all else is done, so a failure has but the middle's copy,
 * the container and the place to undo.
 */
#include "split_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "split_scan.h"
#include "split_stream_carry.h"

/* The first piece of a feed that joins the carry: most tokens end within it. */
#define SEAM_BYTES ((size_t)64)
/* Spans asked of the general scanner at a time, and the bytes before a feed's end from which on it
 * is asked for one token at a time, each to be looked at. */
#define BLOCK ((size_t)64)
#define CAREFUL_BYTES ((size_t)4096)
/* A first container: a line's worth. */
#define SPANS_FIRST ((size_t)16)

#define BASE_CARRY 0x80000000u

/* One call's work. */
struct feed {
    struct split_stream *stream;
    struct split_result *result;
    const char *bytes;
    size_t length;
    size_t taken;        /* bytes of the feed that were dealt with */
    size_t carry_tokens; /* the carry's bytes that hold complete tokens */
    size_t middle;       /* bytes of the feed that were copied where they lay */
};

bool split_stream_begin(struct split_stream *stream, const struct split_options *options,
                        size_t carry_limit, struct string_arena *arena,
                        struct split_result_pool *pool)
{
    memset(stream, 0, sizeof *stream);
    if (!split_scan_check(0, options))
        return false;
    stream->options = *options;
    stream->arena = arena;
    stream->pool = pool;
    stream->carry_limit =
        carry_limit == 0 || carry_limit > SPLIT_TEXT_MAX ? SPLIT_TEXT_MAX : carry_limit;
    for (size_t i = 0; i < options->delimiter_count; i++)
        if (options->delimiters[i].length > stream->delimiter_max)
            stream->delimiter_max = options->delimiters[i].length;
    return true;
}

void split_stream_end(struct split_stream *stream)
{
    free(stream->carry);
    memset(stream, 0, sizeof *stream);
}

struct split_stream_statistics split_stream_statistics(const struct split_stream *stream)
{
    return stream->statistics;
}

/* ---- the container ---- */

static struct split_span *spans_of(struct feed *feed)
{
    return (struct split_span *)(uintptr_t)feed->result->spans;
}

/* Room for `more` spans; taken from the pool only when there is a token. */
static bool reserve(struct feed *feed, size_t more)
{
    struct split_result *result = feed->result;
    size_t need = (result->count + more) * sizeof(struct split_span);
    if (result->spans && need <= result->capacity_bytes)
        return true;
    void *container;
    if (!result->spans) {
        if (need < SPANS_FIRST * sizeof(struct split_span))
            need = SPANS_FIRST * sizeof(struct split_span);
        container = split_result_pool_get(feed->stream->pool, need, &result->capacity_bytes);
    } else {
        if (need < 2 * result->capacity_bytes)
            need = 2 * result->capacity_bytes;
        container =
            split_result_pool_grow(feed->stream->pool, spans_of(feed), &result->capacity_bytes,
                                   result->count * sizeof(struct split_span), need);
    }
    if (!container)
        return false;
    result->spans = (struct split_span *)container;
    result->pool = feed->stream->pool;
    return true;
}

/* ---- the carry's tokens ---- */

/* Only what stays incomplete at a call's end is limited, so that a token's fate does not depend on
 * where in the call it ends. */
static bool carry_within_limit(const struct split_stream *stream)
{
    if (stream->place.carried - stream->place.begin <= stream->carry_limit)
        return true;
    errno = EOVERFLOW;
    return false;
}

/* Puts a token of the carry into the container; trims and drops as the options say. */
static bool emit(struct feed *feed, const struct split_carry_token *token)
{
    struct split_stream *stream = feed->stream;
    const char *carry = stream->carry;
    size_t begin = token->begin, end = token->end;
    if (stream->options.trim && !token->quoted) {
        while (begin < end && split_carry_is_blank(carry[begin]))
            begin++;
        while (begin < end && split_carry_is_blank(carry[end - 1]))
            end--;
    }
    if (stream->options.drop_empty && begin == end)
        return true;
    if (!reserve(feed, 1))
        return false;
    struct split_span *span = &spans_of(feed)[feed->result->count++];
    span->offset = (uint32_t)begin | BASE_CARRY;
    span->length = (uint32_t)(end - begin);
    if (token->doubled)
        span->length |= SPLIT_SPAN_QUOTES;
    stream->place.emitted++;
    feed->carry_tokens = end;
    return true;
}

/* Every token of the carry that is complete; with final, the last one too. */
static bool drain(struct feed *feed, bool final)
{
    struct split_carry_token token;
    do {
        if (!split_carry_next(feed->stream, final, &token))
            return true;
        if (!emit(feed, &token))
            return false;
    } while (!token.last);
    return true;
}

/* ---- the three steps ---- */

/* Completes the carried token. Afterwards either the carry holds complete tokens only, or the feed
 * is used up. */
static bool take_seam(struct feed *feed)
{
    struct split_stream_place *place = &feed->stream->place;
    size_t carried = place->carried;
    while (place->carried > place->begin && feed->taken < feed->length) {
        size_t piece = place->carried - place->begin;
        if (piece < SEAM_BYTES)
            piece = SEAM_BYTES;
        if (piece > feed->length - feed->taken)
            piece = feed->length - feed->taken;
        if (!split_carry_append(feed->stream, feed->bytes + feed->taken, piece))
            return false;
        feed->taken += piece;
        if (!drain(feed, false))
            return false;
        if (place->begin >= carried) {
            /* The rest of the piece is better scanned where it lies. */
            feed->taken -= place->carried - place->begin;
            split_carry_cut(feed->stream);
        }
    }
    return true;
}

static size_t count_byte(const char *text, size_t length, char byte)
{
    size_t count = 0;
    const char *end = text + length;
    for (; (text = (const char *)memchr(text, byte, (size_t)(end - text))) != NULL; text++)
        count++;
    return count;
}

/* Up to the last delimiter every token is complete. */
static bool take_plain_middle(struct feed *feed)
{
    struct split_stream *stream = feed->stream;
    const char *text = feed->bytes + feed->taken;
    size_t left = feed->length - feed->taken;
    char delimiter = stream->options.delimiters[0].bytes[0];
    const char *last = (const char *)memrchr(text, delimiter, left);
    if (!last)
        return true;
    feed->middle = (size_t)(last - text);
    /* An estimate first, the exact number where that was too low. */
    size_t wanted = estimate_split_count(text, feed->middle, &stream->options) + 8;
    char *copy = string_arena_bytes(stream->arena, feed->middle);
    if (!copy)
        return false;
    feed->result->bases[0] = copy;
    const struct split_plain plain = {text, feed->middle, left + stream->options.readable_after,
                                      copy, delimiter};
    size_t found, room;
    do {
        if (!reserve(feed, wanted))
            return false;
        room = feed->result->capacity_bytes / sizeof(struct split_span) - feed->result->count;
        found = split_plain_spans(&plain, spans_of(feed) + feed->result->count, room);
        if (found > room)
            wanted = count_byte(text, feed->middle, delimiter) + 1;
    } while (found > room);
    feed->result->count += found;
    feed->taken += feed->middle + 1;
    return true;
}

/* The tokens whose delimiters could be looked at in full, however long. */
static bool take_general_middle(struct feed *feed)
{
    struct split_stream *stream = feed->stream;
    const char *text = feed->bytes + feed->taken;
    size_t left = feed->length - feed->taken;
    struct split_scan scan = split_scan_begin(text, left, &stream->options);
    scan.emitted = stream->place.emitted;
    bool careful = false;
    for (;;) {
        struct split_scan before = scan;
        careful = careful || left - scan.position < CAREFUL_BYTES;
        size_t most = careful ? 1 : BLOCK;
        if (!reserve(feed, most))
            return false;
        size_t found = split_scan_next(&scan, spans_of(feed) + feed->result->count, most);
        /* The delimiter before position has at least one byte. */
        bool decided =
            found == most && !scan.done && scan.position - 1 + stream->delimiter_max <= left;
        if (decided) {
            feed->result->count += found;
        } else {
            scan = before;
            if (careful)
                break;
            careful = true;
        }
    }
    feed->middle = scan.position;
    feed->taken += scan.position;
    stream->place.emitted = scan.emitted;
    if (scan.position == 0)
        return true;
    char *copy = string_arena_bytes(stream->arena, scan.position);
    if (!copy)
        return false;
    memcpy(copy, text, scan.position);
    feed->result->bases[0] = copy;
    return true;
}

/* Copies the carry's complete tokens to the arena and unescapes what needs it. */
static bool own_tokens(struct feed *feed)
{
    struct split_stream *stream = feed->stream;
    struct split_result *result = feed->result;
    result->bases[1] = ""; /* where an empty token without a carry points */
    if (feed->carry_tokens) {
        result->bases[1] = string_arena_copy(stream->arena, stream->carry, feed->carry_tokens);
        if (!result->bases[1])
            return false;
    }
    struct split_span *spans = spans_of(feed);
    for (size_t i = 0; stream->options.quote != 0 && i < result->count; i++) {
        if (!(spans[i].length & SPLIT_SPAN_QUOTES))
            continue;
        char *token = (char *)(uintptr_t)result->bases[spans[i].offset >> 31] +
                      (spans[i].offset & ~BASE_CARRY);
        spans[i].length = (uint32_t)split_unescape(
            token, token, spans[i].length & ~SPLIT_SPAN_QUOTES, stream->options.quote);
    }
    if (!result->bases[0])
        result->bases[0] = result->bases[1]; /* no middle; a result with spans has a base */
    return true;
}

/* Gives back what a failed call holds. */
static void undo(struct feed *feed, struct split_stream_place before)
{
    struct split_result *result = feed->result;
    int error = errno;
    if (result->bases[0])
        string_arena_undo_bytes(feed->stream->arena, (char *)(uintptr_t)result->bases[0],
                                feed->middle);
    split_result_release(result);
    feed->stream->place = before;
    errno = error;
}

bool split_stream_feed(struct split_stream *stream, struct split_result *result, const char *bytes,
                       size_t length)
{
    struct split_stream_place before = stream->place;
    struct feed feed = {stream, result, bytes, length, 0, 0, 0};
    memset(result, 0, sizeof *result);
    if (length > SPLIT_TEXT_MAX - before.carried) {
        errno = EOVERFLOW;
        return false;
    }
    bool plain = split_is_plain(&stream->options);
    bool done = take_seam(&feed);
    if (done && feed.taken < length)
        done = plain ? take_plain_middle(&feed) : take_general_middle(&feed);
    /* Of a plain text nothing that is left can be complete; the general rule is wary. */
    if (done && feed.taken < length)
        done = split_carry_append(stream, bytes + feed.taken, length - feed.taken) &&
               drain(&feed, false);
    done = done && carry_within_limit(stream) && own_tokens(&feed);
    if (!done) {
        undo(&feed, before);
        return false;
    }
    split_carry_compact(stream);
    stream->statistics.fed_bytes += length;
    return true;
}

bool split_stream_finish(struct split_stream *stream, struct split_result *result)
{
    struct split_stream_place before = stream->place;
    struct feed feed = {stream, result, NULL, 0, 0, 0, 0};
    memset(result, 0, sizeof *result);
    if (!drain(&feed, true) || !own_tokens(&feed)) {
        undo(&feed, before);
        return false;
    }
    memset(&stream->place, 0, sizeof stream->place);
    return true;
}
