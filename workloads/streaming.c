/*
 * streaming: one text in feeds of 1 B to 64 KiB, every size as likely as its double, so that most
 * feeds end within a token. The tokens of a feed are read and released before the next one.
 */
#include <string.h>

#include "split_stream.h"
#include "workloads/support/line_pass.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

#define STREAM_LINES 3000
#define STREAM_TOKEN_MAX 12
#define FEED_MAX 65536u

/* Fields and lines alike: a program that reads a stream is not handed lines. */
static const char *const stream_delimiters[] = {",", "\n", NULL};

/* Cuts the text into feeds; they stand in input->lines. */
static bool cut_feeds(struct workload_input *input, uint64_t seed, struct workload_error *error)
{
    struct text_random random;
    struct workload_line *feeds = text_map(input->length * sizeof *feeds, error);
    if (!feeds || !random_begin(&random, seed, error))
        return false;
    size_t count = 0;
    for (size_t at = 0; at < input->length; count++) {
        size_t left = input->length - at;
        size_t length = random_log_uniform(&random, 1, FEED_MAX);
        feeds[count] = (struct workload_line){input->text + at, length < left ? length : left};
        at += feeds[count].length;
        size_t bound = text_bound(&feeds[count], &input->options) + STREAM_TOKEN_MAX;
        if (bound > input->scope_bytes_max)
            input->scope_bytes_max = bound;
    }
    input->lines = feeds;
    input->line_count = count;
    return true;
}

static bool streaming_setup(struct workload_input *input, const struct workload_settings *settings,
                            struct workload_error *error)
{
    const struct text_shape shape = {STREAM_LINES, 8, 12, 3, STREAM_TOKEN_MAX};
    if (!text_generate(input, &shape, false, settings->seed, error))
        return false;
    input->length--; /* without the last line end, so that the last token ends with the stream */
    text_options(input, stream_delimiters);
    return cut_feeds(input, settings->seed + 1, error);
}

/* The tokens of the whole text, whatever the feeds. */
static void streaming_reference(const struct workload_input *input, struct workload_tally *tally)
{
    const struct workload_line all = {input->text, input->length};
    struct workload_input whole = *input;
    whole.lines = &all;
    whole.line_count = 1;
    text_reference(&whole, tally);
    tally->ops = input->line_count;
}

/* ---- owned: a plain program, which keeps the unfinished token in a buffer of its own ---- */

struct unfinished {
    char bytes[STREAM_TOKEN_MAX];
    size_t length;
};

static inline bool ends_token(char byte)
{
    return byte == ',' || byte == '\n';
}

static inline void keep(struct unfinished *unfinished, const char *bytes, size_t length)
{
    memcpy(unfinished->bytes + unfinished->length, bytes, length);
    unfinished->length += length;
}

/* The unfinished token and its last bytes as one: owned, read, given back. */
LINE_TEMPLATE bool take_joined(struct unfinished *unfinished, const char *rest, size_t length,
                               enum pass_mode mode, const struct allocator *allocator,
                               struct allocator_heap *heap, struct workload_tally *tally)
{
    size_t whole = unfinished->length + length;
    char *block = allocator->allocate(heap, whole, ALLOCATION_BYTES);
    if (!block)
        return false;
    memcpy(block, unfinished->bytes, unfinished->length);
    memcpy(block + unfinished->length, rest, length);
    unfinished->length = 0;
    const struct split_token token = {block, whole};
    const struct split_result joined = {.tokens = &token, .count = 1};
    line_read(&joined, STRATEGY_OWNED, mode, tally);
    allocator->deallocate(heap, block, whole, ALLOCATION_BYTES);
    return true;
}

LINE_TEMPLATE bool feed_owned(struct unfinished *unfinished, const struct workload_line *feed,
                              const struct split_options *options, enum pass_mode mode,
                              const struct allocator *allocator, struct allocator_heap *heap,
                              struct workload_tally *tally)
{
    const char *end = feed->text + feed->length;
    const char *first = feed->text; /* delimiter of the feed; then its last one */
    while (first < end && !ends_token(*first))
        first++;
    if (first == end) {
        keep(unfinished, feed->text, feed->length);
        return true;
    }
    if (!take_joined(unfinished, feed->text, (size_t)(first - feed->text), mode, allocator, heap,
                     tally))
        return false;
    const char *last = end - 1;
    while (!ends_token(*last))
        last--;
    keep(unfinished, last + 1, (size_t)(end - last - 1));
    if (last == first)
        return true;
    const struct workload_line between = {first + 1, (size_t)(last - first - 1)};
    struct split_result result;
    if (!line_split(&result, &between, options, STRATEGY_OWNED, allocator, heap))
        return false;
    line_read(&result, STRATEGY_OWNED, mode, tally);
    line_release(&result, STRATEGY_OWNED, allocator, heap);
    return true;
}

LINE_TEMPLATE bool stream_owned(const struct allocator *allocator, enum strategy strategy,
                                enum pass_mode mode, struct allocator_heap *heap,
                                const struct workload_input *input, struct workload_tally *tally)
{
    struct unfinished unfinished = {.length = 0};
    bool done = true;
    (void)strategy;
    for (size_t i = 0; done && i < input->line_count; i++) {
        op_begin(mode);
        allocator->scope_begin(heap);
        done = feed_owned(&unfinished, &input->lines[i], &input->options, mode, allocator, heap,
                          tally);
        allocator->scope_end(heap);
        op_end(mode);
    }
    allocator->scope_begin(heap);
    done = done && take_joined(&unfinished, "", 0, mode, allocator, heap, tally);
    allocator->scope_end(heap);
    tally->ops += input->line_count;
    tally->bytes += input->length;
    return done;
}

/* ---- pooled: the library's stream; its carry is one malloc a pass ---- */

LINE_TEMPLATE void take_pooled(struct split_result *result, enum pass_mode mode,
                               const struct allocator *allocator, struct allocator_heap *heap,
                               struct workload_tally *tally)
{
    if (allocator == &tracker)
        tracker_result_made(result, STRATEGY_POOLED);
    line_read(result, STRATEGY_VIEW, mode, tally); /* two bases, as a view has */
    line_release(result, STRATEGY_POOLED, allocator, heap);
}

LINE_TEMPLATE bool stream_pooled(const struct allocator *allocator, enum strategy strategy,
                                 enum pass_mode mode, struct allocator_heap *heap,
                                 const struct workload_input *input, struct workload_tally *tally)
{
    struct split_stream stream;
    struct split_result result;
    (void)strategy;
    if (!allocator->arena || !allocator->pool) { /* known at compile time; the runner never asks */
        errno = ENOTSUP;
        return false;
    }
    bool done = split_stream_begin(&stream, &input->options, 0, allocator->arena(heap),
                                   allocator->pool(heap));
    for (size_t i = 0; done && i < input->line_count; i++) {
        op_begin(mode);
        allocator->scope_begin(heap);
        done = split_stream_feed(&stream, &result, input->lines[i].text, input->lines[i].length);
        if (done)
            take_pooled(&result, mode, allocator, heap, tally);
        allocator->scope_end(heap);
        op_end(mode);
    }
    allocator->scope_begin(heap);
    done = done && split_stream_finish(&stream, &result);
    if (done)
        take_pooled(&result, mode, allocator, heap, tally);
    allocator->scope_end(heap);
    split_stream_end(&stream);
    tally->ops += input->line_count;
    tally->bytes += input->length;
    return done;
}

WORKLOAD_PASS_MODES(streaming, owned, STRATEGY_OWNED, stream_owned)
WORKLOAD_PASS_MODES(streaming, pooled, STRATEGY_POOLED, stream_pooled)

WORKLOAD_OF(streaming,
            .description = "3000 lines of text in feeds of 1 B - 64 KiB that end anywhere, each "
                           "feed's tokens released before the next",
            .op = "one feed", .setup = streaming_setup, .reference = streaming_reference,
            .pass = {[STRATEGY_OWNED] = WORKLOAD_PASS_ROW(streaming, owned),
                     [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(streaming, pooled)});
