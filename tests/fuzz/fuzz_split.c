/*
 * Any bytes, split in every way, give the tokens of the naive reference.
 *
 * The input's first bytes choose the options (fuzz_options.h), the rest is the text. It ends where
 * its block ends, and again before a page that cannot be read: AddressSanitizer sees a byte too
 * many in the first, and a build without it, whose paths are those of a release, faults in the
 * second.
 */
#include "fuzz_check.h"

#include "fuzz_options.h"
#include "split_scan.h"

static void check_tokens(struct split_result *result)
{
    CHECK(result->count == expected.count);
    for (size_t i = 0; i < expected.count; i++) {
        struct split_token token = split_result_token(result, i);
        CHECK(token.length == expected.items[i].length);
        CHECK(memcmp(token.data, expected.items[i].data, token.length) == 0);
    }
    split_result_release(result);
}

/* A view's tokens lie in the text, but for those that were unescaped. */
static void check_view(const struct split_result *result, const char *text, size_t length)
{
    for (size_t i = 0; i < result->count; i++) {
        struct split_token token = split_result_token(result, i);
        if (result->spans[i].offset >> 31 == 0)
            CHECK(token.data >= text && token.data + token.length <= text + length);
    }
}

static void check_spans(const struct split_span *spans, size_t count, const char *text)
{
    CHECK(count == expected.count);
    for (size_t i = 0; i < count; i++) {
        CHECK(spans[i].length == expected.items[i].length);
        CHECK(memcmp(text + spans[i].offset, expected.items[i].data, spans[i].length) == 0);
    }
}

/* One level, container by container: exactly enough, ample, one too few. */
static void check_level(const struct split_plain *plain, enum split_level level)
{
    size_t exact = expected.count;
    const size_t rooms[] = {exact, exact + 16, exact + 3, exact - 1};
    for (size_t r = 0; r < sizeof rooms / sizeof rooms[0]; r++) {
        struct split_span *spans = malloc(rooms[r] * sizeof *spans);
        CHECK(spans || rooms[r] == 0);
        size_t count = split_plain_spans_at(plain, spans, rooms[r], level);
        if (rooms[r] < exact)
            CHECK(count > rooms[r]);
        else
            check_spans(spans, count, plain->copy_to ? plain->copy_to : plain->text);
        free(spans);
    }
}

static void check_levels(const char *text, size_t length, const struct split_options *options)
{
    for (int level = 0; level <= (int)split_level_best(); level++) {
        struct split_plain plain = {text, length, length + options->readable_after, NULL,
                                    options->delimiters[0].bytes[0]};
        check_level(&plain, (enum split_level)level);
        plain.copy_to = malloc(length + STRING_ARENA_OVERCOPY + 1);
        CHECK(plain.copy_to);
        check_level(&plain, (enum split_level)level);
        CHECK(memcmp(plain.copy_to, text, length) == 0);
        free(plain.copy_to);
    }
}

/* The quoted scanner of every level: the tokens, or all of them say that the quotes are odd. */
static void check_quoted_levels(const char *text, size_t length,
                                const struct split_options *options)
{
    const struct split_plain plain = {text, length, length + options->readable_after, NULL,
                                      options->delimiters[0].bytes[0]};
    const size_t exact = expected.count;
    int odd = -1;
    for (int level = SPLIT_SCALAR + 1; level <= (int)split_level_best(); level++) {
        struct split_span *spans = malloc(exact * sizeof *spans);
        char *token = malloc(length + 1);
        CHECK(spans && token);
        size_t count =
            split_quoted_spans_at(&plain, options->quote, spans, exact, (enum split_level)level);
        CHECK(odd < 0 || odd == (count == SPLIT_ODD_QUOTES));
        odd = count == SPLIT_ODD_QUOTES;
        CHECK(odd || count == exact);
        for (size_t i = 0; !odd && i < count; i++) {
            size_t span = spans[i].length & ~SPLIT_SPAN_QUOTES;
            memcpy(token, text + spans[i].offset, span);
            if (spans[i].length & SPLIT_SPAN_QUOTES)
                span = split_unescape(token, token, span, options->quote);
            CHECK(span == expected.items[i].length);
            CHECK(memcmp(token, expected.items[i].data, span) == 0);
        }
        free(spans);
        free(token);
    }
}

static void check_estimate(const char *text, size_t length, const struct split_options *options)
{
    size_t estimate = estimate_split_count(text, length, options);
    CHECK(estimate >= 1 && (!options->limit || estimate <= options->limit));
    /* A short text of one delimiter byte is counted. */
    if (split_is_plain(options) && length <= 1024)
        CHECK(estimate == expected.count);
}

static void check_strategies(const char *text, size_t length, const struct split_options *options)
{
    struct split_result result;
    CHECK(split_owned(&result, text, length, options));
    check_tokens(&result);
    CHECK(split_pooled(&result, text, length, options, &arena, pool));
    check_tokens(&result);
    CHECK(split_view(&result, text, length, options, &arena, pool));
    check_view(&result, text, length);
    check_tokens(&result);
    string_arena_reset(&arena);
}

static void check_text(const char *text, size_t length, const struct split_options *options)
{
    struct split_options prepared = *options;
    check_estimate(text, length, options);
    check_strategies(text, length, options);
    CHECK(split_options_prepare(&prepared));
    check_strategies(text, length, &prepared);
    if (split_is_plain(options))
        check_levels(text, length, options);
    if (split_is_quoted(options))
        check_quoted_levels(text, length, options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct fuzz_options chosen;
    if (!pool)
        setup();
    fuzz_options(&chosen, &input);
    const struct split_options *options = &chosen.split;
    size_t length = input.left < TEXT_MAX ? input.left : TEXT_MAX;

    size_t readable = length + options->readable_after;
    char *block = malloc(1 + readable); /* a text of no bytes has a block too */
    CHECK(block);
    char *exact = block + 1;
    /* What may be read behind the text looks like more of it. */
    if (readable)
        memset(exact, chosen.bytes[0][0], readable);
    if (length)
        memcpy(exact, input.data, length);
    naive_split(&expected, exact, length, options);
    check_text(exact, length, options);
    char *before_page = guarded - readable;
    if (readable)
        memcpy(before_page, exact, readable);
    check_text(before_page, length, options);
    free(block);
    return 0;
}
