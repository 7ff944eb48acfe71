/* link: lib */
/*
 * The stream against split_owned() of the whole text, whatever the pieces: every cut of adversarial
 * texts, random text, options and pieces, pieces long enough for the vector scanner. Each piece
 * lies in a block of its own that goes after its feed, and the arena is reset between feeds. Then:
 * how early tokens come, linear work by count, the carry's limit, a refusal at every request.
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing_heap.h"
#include "split_fixture.h"
#include "split_stream.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- a stream that is compared, token by token, as it goes ---- */

struct comparison {
    struct split_result expected;
    size_t seen;
    struct split_stream stream;
};

static void take(struct comparison *comparison, struct split_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        struct split_token token = split_result_token(result, i);
        if (comparison->seen == comparison->expected.count)
            fail_msg("%s: more than %zu tokens", about, comparison->seen);
        struct split_token wanted = split_result_token(&comparison->expected, comparison->seen);
        if (token.length != wanted.length || memcmp(token.data, wanted.data, token.length) != 0)
            fail_msg("%s: token %zu is '%.*s', expected '%.*s'", about, comparison->seen,
                     (int)token.length, token.data, (int)wanted.length, wanted.data);
        comparison->seen++;
    }
    split_result_release(result);
    string_arena_reset(&arena);
}

static void comparison_begin(struct comparison *comparison, const char *text, size_t length,
                             const struct split_options *options)
{
    memset(comparison, 0, sizeof *comparison);
    assert_true(split_owned(&comparison->expected, text, length, options));
    assert_true(split_stream_begin(&comparison->stream, options, 0, &arena, pool));
}

static void feed(struct comparison *comparison, const char *bytes, size_t length)
{
    struct split_result result;
    char *piece = malloc(length ? length : 1);
    assert_non_null(piece);
    memcpy(piece, bytes, length);
    assert_true(split_stream_feed(&comparison->stream, &result, piece, length));
    memset(piece, '#', length); /* what was fed is not looked at again */
    free(piece);
    take(comparison, &result);
}

static void finish(struct comparison *comparison)
{
    struct split_result result;
    assert_true(split_stream_finish(&comparison->stream, &result));
    take(comparison, &result);
    if (comparison->seen != comparison->expected.count)
        fail_msg("%s: %zu tokens, expected %zu", about, comparison->seen,
                 comparison->expected.count);
}

static void comparison_end(struct comparison *comparison)
{
    split_result_release(&comparison->expected);
    split_stream_end(&comparison->stream);
}

/* In pieces that end at the cuts. */
static void check_cuts(const char *text, size_t length, const struct split_options *options,
                       const size_t *cuts, size_t count)
{
    struct comparison comparison;
    size_t at = 0;
    comparison_begin(&comparison, text, length, options);
    for (size_t i = 0; i < count; at = cuts[i++])
        feed(&comparison, text + at, cuts[i] - at);
    feed(&comparison, text + at, length - at);
    finish(&comparison);
    comparison_end(&comparison);
}

/* Bytes one at a time, with empty feeds between. */
static void check_bytes(const char *text, size_t length, const struct split_options *options)
{
    struct comparison comparison;
    comparison_begin(&comparison, text, length, options);
    for (size_t i = 0; i < length; i++) {
        feed(&comparison, text + i, 1);
        feed(&comparison, text + i, 0);
    }
    finish(&comparison);
    comparison_end(&comparison);
}

/* ---- seams by hand ---- */

static const struct split_delimiter delimiter_sets[][3] = {
    {{",", 1}, {NULL, 0}, {NULL, 0}},     {{",", 1}, {";", 1}, {NULL, 0}},
    {{"::", 2}, {NULL, 0}, {NULL, 0}},    {{":", 1}, {"::", 2}, {",a", 2}},
    {{"\0", 1}, {NULL, 0}, {NULL, 0}},    {{" ", 1}, {"  ", 2}, {NULL, 0}},
    {{"ab", 2}, {"abcabd", 6}, {"a", 1}}, {{"\"", 1}, {",\"", 2}, {NULL, 0}},
};

static struct split_options options_of(const struct split_delimiter *set)
{
    struct split_options options = split_options_default();
    options.delimiters = set;
    options.delimiter_count = set[1].length ? set[2].length ? 3 : 2 : 1;
    return options;
}

/* Every pair of cuts, under every combination of options. */
static void every_cut(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        ",",
        "a",
        ",,",
        "a,b;c,",
        "a:::b::c:",
        ":,a,:a::",
        "\"a,\"\"b\"",
        "\"\"",
        "\"\"\"\"",
        "\"\"\",\"\"",
        "\"a\"b,\"c\",",
        " \"a\" ,b",
        "  , \" ",
        "\"open,x",
        "abcabcabdab",
        "abcababcabd",
        "x\",\",\"\",\"y",
        "  a  b  ",
        "\"a\":\"\":",
        "\t\"::\"::",
        "\",\"\",\",\"",
    };
    char name[120];
    for (size_t t = 0; t < COUNT(texts); t++) {
        const char *text = texts[t];
        size_t length = strlen(text);
        for (unsigned o = 0; o < COUNT(delimiter_sets) * 24; o++) {
            struct split_options options = options_of(delimiter_sets[o / 24]);
            options.drop_empty = o & 1;
            options.trim = o & 2;
            options.quote = o & 4 ? '"' : 0;
            options.limit = o / 8 % 3;
            snprintf(name, sizeof name, "'%s', options %u", text, o);
            about = name;
            for (size_t first = 0; first <= length; first++)
                for (size_t second = first; second <= length; second++)
                    check_cuts(text, length, &options, (size_t[]){first, second}, 2);
            check_bytes(text, length, &options);
        }
    }
}

/* How many tokens a feed gives. */
static size_t tokens_of_feed(struct split_stream *stream, const char *bytes)
{
    struct split_result result;
    assert_true(split_stream_feed(stream, &result, bytes, strlen(bytes)));
    size_t count = result.count;
    split_result_release(&result);
    return count;
}

/* A token comes with the feed that settles it, no later. */
static void as_early_as_can_be(void **state)
{
    (void)state;
    struct split_stream stream;
    struct split_options options = options_of((struct split_delimiter[3]){{",", 1}});
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(tokens_of_feed(&stream, "a"), 0);
    assert_int_equal(tokens_of_feed(&stream, ","), 1);
    assert_int_equal(tokens_of_feed(&stream, "b,c,d"), 2);
    split_stream_end(&stream);
    options = options_of((struct split_delimiter[3]){{",", 1}, {"::", 2}});
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(tokens_of_feed(&stream, "a,"), 1); /* no longer one begins so */
    assert_int_equal(tokens_of_feed(&stream, "b:"), 0);
    assert_int_equal(tokens_of_feed(&stream, ":"), 1);
    split_stream_end(&stream);
    options = options_of((struct split_delimiter[3]){{":", 1}, {"::", 2}});
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(tokens_of_feed(&stream, "a:"), 0); /* a longer one may come */
    assert_int_equal(tokens_of_feed(&stream, "b"), 1);
    split_stream_end(&stream);
    options = split_options_default();
    options.quote = '"';
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(tokens_of_feed(&stream, "\"a\""), 0); /* a second quote may come */
    assert_int_equal(tokens_of_feed(&stream, ","), 1);
    split_stream_end(&stream);
}

/* ---- random text ---- */

static void random_options(struct split_options *options)
{
    *options = options_of(delimiter_sets[(size_t)rand() % COUNT(delimiter_sets)]);
    if (rand() % 3 == 0)
        return;
    options->drop_empty = rand() % 3 == 0;
    options->trim = rand() % 3 == 0;
    options->quote = rand() % 2 ? '"' : 0;
    options->limit = rand() % 4 == 0 ? (uint32_t)(1 + rand() % 40) : 0;
}

static void random_text(char *text, size_t length)
{
    static const char alphabet[] = "ab,,;:: \t\"\"\n";
    unsigned density = (unsigned)(1 + rand() % 12);
    for (size_t i = 0; i < length; i++)
        text[i] =
            (char)((unsigned)rand() % 12 < density ? alphabet[(size_t)rand() % sizeof alphabet]
                                                   : 'a' + rand() % 26);
}

/* Pieces of 0 to `most` bytes. */
static void check_random_pieces(const char *text, size_t length,
                                const struct split_options *options, size_t most)
{
    struct comparison comparison;
    comparison_begin(&comparison, text, length, options);
    for (size_t at = 0; at < length;) {
        size_t piece = (size_t)rand() % (most + 1);
        if (piece > length - at)
            piece = length - at;
        feed(&comparison, text + at, piece);
        at += piece;
    }
    finish(&comparison);
    comparison_end(&comparison);
}

static void random_pieces(void **state)
{
    (void)state;
    static char text[1 << 16];
    static const size_t pieces[] = {1, 3, 20, 200, 5000, 40000};
    char name[80];
    unsigned seeds = test_rounds(6000);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        struct split_options options;
        srand(seed);
        random_options(&options);
        size_t length = (size_t)rand() % (seed % 50 == 0 ? sizeof text : 400);
        size_t most = pieces[(size_t)rand() % COUNT(pieces)];
        random_text(text, length);
        snprintf(name, sizeof name, "seed %u", seed);
        about = name;
        check_random_pieces(text, length, &options, most);
    }
}

/* Tokens longer and shorter than a register, a block and a container, in long pieces. */
static void long_pieces(void **state)
{
    (void)state;
    static char text[1 << 20];
    char name[80];
    unsigned seeds = test_rounds(60);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        srand(seed);
        struct split_options options = options_of(delimiter_sets[seed % 4]);
        if (seed % 3 == 0)
            options.quote = '"';
        size_t period = (size_t)1 << rand() % 16;
        random_text(text, sizeof text);
        for (size_t i = 0; i < sizeof text; i++)
            if (text[i] != 'z' && (size_t)rand() % period != 0)
                text[i] = 'y';
        snprintf(name, sizeof name, "long pieces, seed %u", seed);
        about = name;
        check_random_pieces(text, sizeof text, &options, (size_t)1 << (8 + rand() % 12));
    }
}

/* Nothing but tokens at the end of a piece whose first part has none: the estimate is far too low.
 */
static void uneven_piece(void **state)
{
    (void)state;
    static char text[200000];
    struct split_options options = split_options_default();
    memset(text, 'x', sizeof text);
    memset(text + 100000, ',', 100000);
    about = "uneven piece";
    check_cuts(text, sizeof text, &options, (size_t[]){0}, 1);
}

/* The next text begins afresh, its limit counted anew; an unfinished one may be left. */
static void one_text_after_another(void **state)
{
    (void)state;
    struct comparison comparison;
    struct split_options options = split_options_default();
    options.limit = 2;
    about = "texts in turn";
    comparison_begin(&comparison, "a,b,c", 5, &options);
    for (unsigned i = 0; i < 3; i++) {
        comparison.seen = 0;
        feed(&comparison, "a,b", 3);
        feed(&comparison, ",c", 2);
        finish(&comparison);
    }
    comparison.seen = 0;
    feed(&comparison, "a,b,", 4);
    comparison_end(&comparison);
}

/* ---- bounds ---- */

/* `bytes` in pieces of one byte cost a small multiple of themselves. */
static void check_linear(const char *text, size_t length, const struct split_options *options)
{
    struct comparison comparison;
    about = "linear work";
    comparison_begin(&comparison, text, length, options);
    for (size_t i = 0; i < length; i++)
        feed(&comparison, text + i, 1);
    finish(&comparison);
    struct split_stream_statistics statistics = split_stream_statistics(&comparison.stream);
    assert_int_equal(statistics.fed_bytes, length);
    assert_in_range(statistics.carried_bytes, 1, 4 * length);
    assert_in_range(statistics.carry_scanned, 1, 4 * length);
    comparison_end(&comparison);
}

static void work_is_linear(void **state)
{
    (void)state;
    static char text[300000];
    size_t length = test_rounds(sizeof text);
    struct split_options options = split_options_default();
    memset(text, 'x', sizeof text);
    check_linear(text, length, &options); /* one token */
    options = options_of((struct split_delimiter[3]){{"xy", 2}, {"xxxz", 4}, {",", 1}});
    check_linear(text, length, &options); /* a delimiter could begin anywhere */
    options.limit = 1;
    check_linear(text, length, &options);
    options.limit = 0;
    options.quote = '"';
    memset(text, '"', sizeof text);
    check_linear(text, length, &options); /* all doubled quotes */
    memset(text, ' ', sizeof text);
    options.trim = true;
    check_linear(text, length, &options); /* all blanks before a quote that never comes */
    options = split_options_default();
    for (size_t i = 2; i < sizeof text; i += 3)
        text[i] = ',';
    check_linear(text, length, &options); /* short tokens */
}

/* A feed that completes nothing takes nothing from the arena. */
static void incomplete_tokens_stay_out_of_the_arena(void **state)
{
    (void)state;
    struct split_stream stream;
    struct split_options options = split_options_default();
    struct split_result result;
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    size_t before = string_arena_statistics(&arena).in_use_bytes;
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(tokens_of_feed(&stream, "abc"), 0);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, before);
    assert_true(split_stream_finish(&stream, &result));
    assert_int_equal(result.count, 1);
    assert_int_equal(split_result_token(&result, 0).length, 30000);
    split_result_release(&result);
    split_stream_end(&stream);
    string_arena_reset(&arena);
}

/* More text than one call of split may have, and than 31 bits count. */
static void text_without_end(void **state)
{
    (void)state;
    static char piece[1 << 20];
    struct split_stream stream;
    struct split_options options = split_options_default();
    struct split_result result;
    uint64_t tokens = 0;
    memset(piece, 'x', sizeof piece);
    for (size_t i = 4095; i < sizeof piece; i += 4096)
        piece[i] = ',';
    piece[sizeof piece - 1] = 'x'; /* each piece's last token goes on in the next */
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    for (size_t fed = 0; fed <= SPLIT_TEXT_MAX + sizeof piece; fed += sizeof piece) {
        assert_true(split_stream_feed(&stream, &result, piece, sizeof piece));
        tokens += result.count;
        split_result_release(&result);
        string_arena_reset(&arena);
    }
    assert_true(split_stream_finish(&stream, &result));
    assert_int_equal(split_result_token(&result, 0).length, 4096);
    tokens += result.count;
    split_result_release(&result);
    assert_int_equal(tokens, 2049 * 255 + 1);
    split_stream_end(&stream);
}

static void over_long_token(void **state)
{
    (void)state;
    struct split_stream stream;
    struct split_options options = split_options_default();
    struct split_result result;
    static char text[5000];
    memset(text, 'x', sizeof text);
    assert_true(split_stream_begin(&stream, &options, 1000, &arena, pool));
    assert_true(split_stream_feed(&stream, &result, text, 1000));
    for (unsigned i = 0; i < 2; i++) {
        errno = 0;
        assert_false(split_stream_feed(&stream, &result, text, 1 + i * 3000));
        assert_int_equal(errno, EOVERFLOW);
        assert_int_equal(result.count, 0);
        assert_null(result.spans);
    }
    /* The stream is as before: the token may still end. */
    assert_int_equal(tokens_of_feed(&stream, ",y"), 1);
    /* A complete token may be as long as it likes. */
    text[sizeof text - 1] = ',';
    assert_true(split_stream_feed(&stream, &result, text, sizeof text));
    assert_int_equal(result.count, 1);
    assert_int_equal(split_result_token(&result, 0).length, sizeof text);
    split_result_release(&result);
    /* Refused for its last token, the rest of the feed is not taken either. */
    text[2] = ',';
    text[sizeof text - 1] = 'x';
    size_t in_use = string_arena_statistics(&arena).in_use_bytes;
    assert_false(split_stream_feed(&stream, &result, text, sizeof text));
    assert_int_equal(errno, EOVERFLOW);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, in_use);
    assert_true(split_stream_finish(&stream, &result));
    assert_int_equal(result.count, 1);
    assert_int_equal(split_result_token(&result, 0).length, 0);
    split_result_release(&result);
    split_stream_end(&stream);
    string_arena_reset(&arena);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct split_stream stream;
    struct split_options options = split_options_default();
    struct split_result result;
    options.delimiter_count = 0;
    errno = 0;
    assert_false(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(errno, EINVAL);
    split_stream_end(&stream); /* nothing, and allowed */
    options = split_options_default();
    assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
    assert_int_equal(tokens_of_feed(&stream, "x"), 0);
    errno = 0;
    assert_false(split_stream_feed(&stream, &result, "", SPLIT_TEXT_MAX));
    assert_int_equal(errno, EOVERFLOW);
    assert_true(split_stream_feed(&stream, &result, NULL, 0));
    split_stream_end(&stream);
}

/* ---- refusals ---- */

/* What the arena took and gave back; it goes through the failing heap. */
static size_t chunks_out;

static void *chunk_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    void *memory = aligned_alloc(alignment, size);
    chunks_out += memory != NULL;
    return memory;
}

static void chunk_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    chunks_out--;
    free(memory);
}

/* Every request of a stream, its arena and its pool is refused once; the refused call, made again,
 * gives what it would have given. */
static void refused_at_every_request(void **state)
{
    (void)state;
    static char text[30000];
    char name[80];
    unsigned refused = 0;
    for (unsigned kind = 0; kind < 3; kind++) {
        struct split_options options = options_of(delimiter_sets[kind == 1 ? 3 : 0]);
        options.quote = kind == 2 ? '"' : 0;
        srand(kind + 1);
        random_text(text, sizeof text);
        memset(text + 500, 'x', 9000); /* a token for the carry, over several feeds */
        bool done = false;
        for (unsigned n = 1; !done; n++) {
            struct string_arena own = {0};
            struct string_arena_options arena_options = {
                .chunk_size = 1024,
                .chunk_size_max = 4096,
                .source = {chunk_acquire, chunk_release, NULL}};
            struct split_result_pool *own_pool = split_result_pool_create(NULL);
            struct comparison comparison;
            assert_true(string_arena_init(&own, &arena_options));
            comparison_begin(&comparison, text, sizeof text, &options);
            comparison.stream.arena = &own;
            comparison.stream.pool = own_pool;
            snprintf(name, sizeof name, "kind %u, request %u refused", kind, n);
            about = name;
            heap_fail_at(n);
            bool finished = false;
            for (size_t at = 0; !finished;) {
                size_t piece = sizeof text - at < 3000 ? sizeof text - at : 3000;
                struct split_result result;
                struct split_stream_place before = comparison.stream.place;
                bool ok = piece ? split_stream_feed(&comparison.stream, &result, text + at, piece)
                                : split_stream_finish(&comparison.stream, &result);
                if (!ok) {
                    assert_int_equal(errno, ENOMEM);
                    assert_int_equal(heap_refused, 1);
                    assert_int_equal(result.count, 0);
                    assert_null(result.spans);
                    assert_memory_equal(&before, &comparison.stream.place, sizeof before);
                    refused++;
                    continue;
                }
                take(&comparison, &result);
                string_arena_reset(&own);
                at += piece;
                finished = piece == 0;
            }
            assert_int_equal(comparison.seen, comparison.expected.count);
            done = heap_refused == 0; /* n is past the last request */
            heap_fail_at(0);
            comparison_end(&comparison);
            struct split_result_pool_statistics left = split_result_pool_statistics(own_pool);
            assert_int_equal(left.container_bytes, left.idle_bytes);
            split_result_pool_destroy(own_pool);
            string_arena_destroy(&own);
            assert_int_equal(chunks_out, 0);
        }
    }
    assert_true(refused > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut),
        cmocka_unit_test(as_early_as_can_be),
        cmocka_unit_test(random_pieces),
        cmocka_unit_test(long_pieces),
        cmocka_unit_test(uneven_piece),
        cmocka_unit_test(one_text_after_another),
        cmocka_unit_test(work_is_linear),
        cmocka_unit_test(incomplete_tokens_stay_out_of_the_arena),
        cmocka_unit_test(text_without_end),
        cmocka_unit_test(over_long_token),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(refused_at_every_request),
    };
    return cmocka_run_group_tests_name("split stream", tests, make_arena, free_arena);
}
