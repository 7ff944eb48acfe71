/*
 * Any bytes, fed in pieces of any sizes, give the tokens of the naive reference of the whole.
 *
 * The input's first bytes choose the options (fuzz_options.h) and, with flag 32, the carry's limit;
 * then the number of sizes and these, which are gone through again and again; the rest is the text.
 * It is fed twice to one stream: each piece in a block of its own that goes after its feed, then
 * each before a page that cannot be read, with the sizes in turn from another one on. With flag 64
 * the arena is not reset between feeds, so that all tokens must still stand at the end.
 */
#include "fuzz_check.h"

#include <errno.h>

#include "fuzz_options.h"
#include "split_stream.h"

#define SIZES_MAX 8

enum { HAS_LIMIT = 32, KEEPS = 64 };

struct fed {
    struct split_stream stream;
    const struct fuzz_options *options;
    bool keeps;
    size_t sizes[SIZES_MAX], size_count, next_size;
    size_t seen; /* tokens, of this text */
    struct split_token kept[TEXT_MAX + 1];
};

static void check_token(size_t index, struct split_token token)
{
    CHECK(index < expected.count);
    CHECK(token.length == expected.items[index].length);
    CHECK(memcmp(token.data, expected.items[index].data, token.length) == 0);
}

static void take(struct fed *fed, struct split_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        fed->kept[fed->seen] = split_result_token(result, i);
        check_token(fed->seen, fed->kept[fed->seen]);
        fed->seen++;
    }
    split_result_release(result);
    if (!fed->keeps)
        string_arena_reset(&arena);
}

/* False: the carry's limit, as often as it is tried, and the stream as it was. */
static bool feed(struct fed *fed, const char *bytes, size_t length, bool at_page)
{
    struct split_result result;
    size_t readable = length + fed->options->split.readable_after;
    char *block = at_page ? NULL : malloc(1 + readable); /* a piece of no bytes has one too */
    CHECK(at_page || block);
    char *piece = at_page ? guarded - readable : block + 1;
    /* What may be read behind the piece looks like more of it. */
    if (readable)
        memset(piece, fed->options->bytes[0][0], readable);
    if (length)
        memcpy(piece, bytes, length);
    struct split_stream before = fed->stream;
    bool done = split_stream_feed(&fed->stream, &result, piece, length);
    if (!done) {
        CHECK(errno == EOVERFLOW && fed->options->flags & HAS_LIMIT);
        CHECK(result.count == 0 && fed->stream.place.carried == before.place.carried &&
              fed->stream.place.emitted == before.place.emitted);
        CHECK(!split_stream_feed(&fed->stream, &result, piece, length));
    }
    /* What was fed is not looked at again. */
    if (readable)
        memset(piece, '#', readable);
    free(block);
    if (done)
        take(fed, &result);
    return done;
}

static size_t next_size(struct fed *fed, size_t left)
{
    size_t size = fed->sizes[fed->next_size++ % fed->size_count];
    return size < left ? size : left;
}

static bool feed_text(struct fed *fed, const char *text, size_t length, bool at_page)
{
    struct split_result result;
    size_t at = 0;
    fed->seen = 0;
    for (unsigned idle = 0; at < length;) {
        size_t size = next_size(fed, length - at);
        if (size == 0 && ++idle > SIZES_MAX)
            size = length - at; /* they are all 0 */
        if (!feed(fed, text + at, size, at_page))
            return false;
        at += size;
    }
    CHECK(split_stream_finish(&fed->stream, &result));
    take(fed, &result);
    CHECK(fed->seen == expected.count);
    for (size_t i = 0; fed->keeps && i < fed->seen; i++)
        check_token(i, fed->kept[i]);
    string_arena_reset(&arena);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fed fed; /* large */
    struct fuzz_input input = {data, size};
    struct fuzz_options options;
    if (!pool)
        setup();
    fuzz_options(&options, &input);
    size_t limit = options.flags & HAS_LIMIT ? 1 + fuzz_byte(&input) : 0;
    fed.options = &options;
    fed.keeps = options.flags & KEEPS;
    fed.next_size = 0;
    fed.size_count = 1 + fuzz_byte(&input) % SIZES_MAX;
    for (size_t i = 0; i < fed.size_count; i++) {
        unsigned chosen = fuzz_byte(&input);
        fed.sizes[i] = chosen < 128 ? chosen : (chosen - 127) * 16;
    }
    size_t length = input.left < TEXT_MAX ? input.left : TEXT_MAX;
    const char *text = (const char *)input.data;
    naive_split(&expected, text, length, &options.split);
    CHECK(split_stream_begin(&fed.stream, &options.split, limit, &arena, pool));
    if (feed_text(&fed, text, length, false))
        (void)feed_text(&fed, text, length, true);
    split_stream_end(&fed.stream);
    string_arena_reset(&arena);
    return 0;
}
