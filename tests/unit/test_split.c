/* link: lib */
/*
 * The splitter: owned, pooled, view and every vector level give the tokens of a naive reference, on
 * hand-made cases and on random text over a small alphabet, where delimiters, quotes and blanks
 * meet in every way; nothing outside the text is read; failures at every allocation leave nothing
 * behind.
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "naive_split.h"
#include "split_fixture.h"
#include "split_owned.h"
#include "split_scan.h"
#include "split_short.h"

#define TOKENS_MAX 5000

static struct naive_tokens expected;

/* ---- comparing ---- */

static void check_result(const struct split_result *result, const char *how)
{
    if (result->count != expected.count)
        fail_msg("%s, %s: %zu tokens, expected %zu", about, how, result->count, expected.count);
    for (size_t i = 0; i < expected.count; i++) {
        struct split_token token = split_result_token(result, i);
        if (token.length != expected.items[i].length ||
            memcmp(token.data, expected.items[i].data, token.length) != 0)
            fail_msg("%s, %s: token %zu is '%.*s', expected '%.*s'", about, how, i,
                     (int)token.length, token.data, (int)expected.items[i].length,
                     expected.items[i].data);
    }
}

static void check_spans(const struct split_span *spans, size_t count, const char *text,
                        const char *how, unsigned which)
{
    if (count != expected.count)
        fail_msg("%s, %s %u: %zu tokens, expected %zu", about, how, which, count, expected.count);
    for (size_t i = 0; i < count; i++)
        if (!(spans[i].length & SPLIT_SPAN_QUOTES) &&
            (spans[i].length != expected.items[i].length ||
             memcmp(text + spans[i].offset, expected.items[i].data, spans[i].length) != 0))
            fail_msg("%s, %s %u: token %zu differs", about, how, which, i);
}

static struct split_span spans_found[TOKENS_MAX + 1];

/* The general scanner, handing out blocks of any size. */
static void check_blocks(const char *text, size_t length, const struct split_options *options)
{
    static const size_t rooms[] = {1, 3, 16, 64, TOKENS_MAX + 1};
    for (unsigned r = 0; r < sizeof rooms / sizeof rooms[0]; r++) {
        struct split_scan scan = split_scan_begin(text, length, options);
        size_t count = 0, found, room;
        do {
            room = rooms[r] < TOKENS_MAX + 1 - count ? rooms[r] : TOKENS_MAX + 1 - count;
            found = split_scan_next(&scan, spans_found + count, room);
            count += found;
        } while (found == room && count <= TOKENS_MAX);
        check_spans(spans_found, count, text, "blocks of", (unsigned)rooms[r]);
    }
}

/* The plain scanner on every level, with and without a copy, in containers too small and just
 * right: spans beyond the container are never written. */
static void check_levels(const char *text, size_t length, const struct split_options *options)
{
    static char copy[8192 + STRING_ARENA_SLACK];
    const struct split_span untouched = {0xdeadbeef, 0xdeadbeef};
    if (!split_is_plain(options))
        return;
    for (unsigned level = 0; level <= split_level_best(); level++) {
        for (unsigned copying = 0; copying < 2; copying++) {
            const struct split_plain plain = {text, length, length, copying ? copy : NULL,
                                              options->delimiters[0].bytes[0]};
            size_t exact = expected.count;
            for (size_t max = exact > 18 ? exact - 18 : 1; max <= exact + 17; max++) {
                spans_found[max] = untouched;
                size_t count =
                    split_plain_spans_at(&plain, spans_found, max, (enum split_level)level);
                assert_memory_equal(&spans_found[max], &untouched, sizeof untouched);
                if (max < exact)
                    assert_true(count > max);
                else
                    check_spans(spans_found, count, copying ? copy : text, "level", level);
            }
        }
    }
}

static unsigned prepared_taken;            /* options found plain */
static unsigned quoted_taken, quoted_left; /* by the quoted scanner; to the general one */

/* The quoted scanner on every level: it either leaves a text to the general one, all levels alike,
 * or its tokens are right; in containers too small and just right. */
static void check_quoted_levels(const char *text, size_t length,
                                const struct split_options *options)
{
    static char unescaped[1 << 16];
    const struct split_span untouched = {0xdeadbeef, 0xdeadbeef};
    if (!split_is_quoted(options))
        return;
    const struct split_plain whole = {text, length, length, NULL, options->delimiters[0].bytes[0]};
    size_t exact = expected.count;
    bool odd = split_quoted_spans(&whole, options->quote, spans_found, exact) == SPLIT_ODD_QUOTES;
    quoted_left += odd;
    quoted_taken += !odd;
    for (unsigned level = SPLIT_SSE2; level <= split_level_best(); level++) {
        for (size_t max = exact > 2 ? exact - 2 : 1; max <= exact + 1; max++) {
            spans_found[max] = untouched;
            size_t count = split_quoted_spans_at(&whole, options->quote, spans_found, max,
                                                 (enum split_level)level);
            assert_memory_equal(&spans_found[max], &untouched, sizeof untouched);
            if (odd || max < exact) {
                assert_true(odd ? count == SPLIT_ODD_QUOTES || count == max + 1 : count > max);
                continue;
            }
            check_spans(spans_found, count, text, "quoted level", level);
            for (size_t i = 0; i < count; i++) {
                size_t inside = spans_found[i].length & ~SPLIT_SPAN_QUOTES;
                if (!(spans_found[i].length & SPLIT_SPAN_QUOTES))
                    continue;
                assert_int_equal(
                    split_unescape(unescaped, text + spans_found[i].offset, inside, options->quote),
                    expected.items[i].length);
                assert_memory_equal(unescaped, expected.items[i].data, expected.items[i].length);
            }
        }
    }
}

#if defined(__x86_64__)
static unsigned short_taken;

/* The short text's kernel, which may leave a text to others. */
static void check_short(const char *text, size_t length, const struct split_options *options)
{
    if (length >= SPLIT_SHORT || !split_has_avx512() ||
        !(split_is_plain(options) || split_is_quoted(options)))
        return;
    struct split_span spans[16];
    size_t count = split_short_spans_avx512(text, length, length, options->delimiters[0].bytes[0],
                                            options->quote, spans);
    if (count == 0)
        return;
    short_taken++;
    check_spans(spans, count, text, "short, quote", (unsigned char)options->quote);
}

/* What the vector scanners must not leave to others, so that none of the above is idle. */
static void well_formed_is_taken(void **state)
{
    (void)state;
    static const char *const lines[] = {"a,b", "", "\"a,b\",c", "x,\"\",y", "a,\"b\""};
    struct split_span spans[16];
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct split_plain whole = {lines[i], strlen(lines[i]), strlen(lines[i]), NULL, ','};
        assert_true(split_quoted_spans(&whole, '"', spans, 16) <= 16);
        if (split_has_avx512())
            assert_true(split_short_spans_avx512(lines[i], strlen(lines[i]), strlen(lines[i]), ',',
                                                 '"', spans) > 0);
    }
    const struct split_plain doubled = {"\"a\"\"b\"", 6, 6, NULL, ','};
    assert_int_equal(split_quoted_spans(&doubled, '"', spans, 16), 1);
    assert_int_equal(spans[0].length, 4 | SPLIT_SPAN_QUOTES);
    /* And in the tests before this one. */
    assert_true(quoted_taken > 1000 && quoted_left > 100);
    assert_true(!split_has_avx512() || (short_taken > 1000 && prepared_taken > 1000));
}
#endif

static void check_strategies(const char *text, size_t length, const struct split_options *options)
{
    struct split_result result;
    assert_true(split_owned(&result, text, length, options));
    check_result(&result, "owned");
    split_result_release(&result);
    assert_true(split_pooled(&result, text, length, options, &arena, pool));
    check_result(&result, "pooled");
    split_result_release(&result);
    assert_true(split_view(&result, text, length, options, &arena, pool));
    check_result(&result, "view");
    split_result_release(&result);
}

/* The same with prepared options: of the text as it lies there, and with bytes behind it that may
 * be read and look like more of it. */
static void check_prepared(const char *text, size_t length, const struct split_options *options)
{
    static char padded[(1 << 16) + 128];
    struct split_options prepared = *options;
    assert_true(split_options_prepare(&prepared));
    prepared_taken += split_is_prepared(&prepared);
    check_strategies(text, length, &prepared);
    if (length > sizeof padded - 128)
        return;
    memcpy(padded, text, length);
    memset(padded + length, options->delimiters[0].bytes[0], 128);
    prepared.readable_after = 128;
    check_strategies(padded, length, &prepared);
}

static void check_text(const char *text, size_t length, const struct split_options *options)
{
    naive_split(&expected, text, length, options);
    check_strategies(text, length, options);
    check_prepared(text, length, options);
    check_blocks(text, length, options);
    check_levels(text, length, options);
    check_quoted_levels(text, length, options);
#if defined(__x86_64__)
    check_short(text, length, options);
#endif
    string_arena_reset(&arena);
}

static int free_all(void **state)
{
    naive_free(&expected);
    return free_arena(state);
}

/* ---- cases ---- */

static void by_hand(void **state)
{
    (void)state;
    struct split_options options = split_options_default();
    const struct {
        const char *text;
        size_t count;
        const char *second;
    } cases[] = {{"", 1, NULL},  {",", 2, ""},       {"a", 1, NULL}, {"a,", 2, ""},
                 {",a", 2, "a"}, {"a,bc,", 3, "bc"}, {",,,", 4, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct split_result result;
        about = cases[i].text;
        check_text(cases[i].text, strlen(cases[i].text), &options);
        assert_true(split_owned(&result, cases[i].text, strlen(cases[i].text), &options));
        assert_int_equal(result.count, cases[i].count);
        if (cases[i].second) {
            struct split_token token = split_result_token(&result, 1);
            assert_int_equal(token.length, strlen(cases[i].second));
            assert_memory_equal(token.data, cases[i].second, token.length);
        }
        split_result_release(&result);
    }
}

static void quotes_by_hand(void **state)
{
    (void)state;
    struct split_options options = split_options_default();
    options.quote = '"';
    const struct {
        const char *text;
        const char *tokens[4];
    } cases[] = {
        {"\"a,b\",c", {"a,b", "c"}},
        {"\"say \"\"hi\"\"\",x", {"say \"hi\"", "x"}},
        {"\"\"", {""}},
        {"\"\"\"\"", {"\""}},
        {"a\"b,\"c\"", {"a\"b", "c"}},
        {"\"a\"b,c", {"a\"b,c"}}, /* never closed before a delimiter: all the rest */
        {"\"open,x", {"open,x"}},
        {"\"line\nbreak\",z", {"line\nbreak", "z"}},
        {"x,\"\",y", {"x", "", "y"}},
        {"\"\"\"", {"\""}}, /* opened, a doubled one, never closed */
        {"\"a\",\"b\"\"\"", {"a", "b\""}},
        {"\"a\"\"\",\"\"\"b\"", {"a\"", "\"b"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct split_result result;
        about = cases[i].text;
        check_text(cases[i].text, strlen(cases[i].text), &options);
        assert_true(
            split_view(&result, cases[i].text, strlen(cases[i].text), &options, &arena, pool));
        for (size_t k = 0; k < 4 && cases[i].tokens[k]; k++) {
            struct split_token token = split_result_token(&result, k);
            assert_int_equal(token.length, strlen(cases[i].tokens[k]));
            assert_memory_equal(token.data, cases[i].tokens[k], token.length);
        }
        split_result_release(&result);
    }
}

/* Random text over a few bytes, every combination of options. */
static void random_text(void **state)
{
    (void)state;
    static const struct split_delimiter sets[][3] = {
        {{",", 1}, {NULL, 0}, {NULL, 0}},  {{",", 1}, {";", 1}, {NULL, 0}},
        {{"::", 2}, {NULL, 0}, {NULL, 0}}, {{":", 1}, {"::", 2}, {",a", 2}},
        {{"\0", 1}, {NULL, 0}, {NULL, 0}}, {{" ", 1}, {NULL, 0}, {NULL, 0}},
    };
    static const char alphabet[] = "ab,,;:: \t\"\"\n";
    static char text[4096];
    char name[80];
    unsigned seeds = test_rounds(4000);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        srand(seed);
        const struct split_delimiter *set = sets[rand() % 6];
        struct split_options options = split_options_default();
        options.delimiters = set;
        options.delimiter_count = set[1].length ? set[2].length ? 3 : 2 : 1;
        options.drop_empty = rand() % 3 == 0;
        options.trim = rand() % 3 == 0;
        options.quote = rand() % 2 ? '"' : 0;
        options.limit = rand() % 4 == 0 ? (uint32_t)(1 + rand() % 6) : 0;
        if (rand() % 3 == 0) {
            options.drop_empty = options.trim = false;
            options.quote = 0;
            options.limit = 0;
        }
        size_t length = (size_t)(rand() % (seed % 10 ? 200 : 3000));
        unsigned density = (unsigned)(1 + rand() % 12);
        for (size_t i = 0; i < length; i++)
            text[i] = (unsigned)rand() % 12 < density ? alphabet[rand() % (int)sizeof alphabet]
                                                      : (char)('a' + rand() % 26);
        snprintf(name, sizeof name, "seed %u", seed);
        about = name;
        check_text(text, length, &options);
    }
}

/* Random records as RFC 4180 has them, of every length around the register widths. */
static void random_records(void **state)
{
    (void)state;
    static char text[4096];
    char name[80];
    struct split_options options = split_options_default();
    options.quote = '"';
    for (unsigned seed = 1; seed <= 4000; seed++) {
        srand(seed);
        size_t length = 0, tokens = 1 + (size_t)(rand() % (seed % 8 ? 9 : 60));
        bool doubling = rand() % 3 == 0;
        for (size_t i = 0; i < tokens; i++) {
            bool quoted = rand() % 2;
            if (i)
                text[length++] = ',';
            if (quoted)
                text[length++] = '"';
            for (int bytes = rand() % 24; bytes > 0; bytes--) {
                static const char inside[] = "ab,\n\"";
                char byte =
                    quoted ? inside[rand() % (doubling ? 5 : 4)] : (char)('a' + rand() % 26);
                text[length++] = byte;
                if (byte == '"')
                    text[length++] = byte;
            }
            if (quoted)
                text[length++] = '"';
        }
        snprintf(name, sizeof name, "record seed %u", seed);
        about = name;
        check_text(text, length, &options);
    }
}

/* A delimiter or quote at every place around the register widths. */
static void every_place(void **state)
{
    (void)state;
    char text[200], name[80];
    struct split_options options = split_options_default();
    for (size_t length = 0; length < 140; length++) {
        for (size_t at = 0; at < length; at++) {
            memset(text, 'x', length);
            text[at] = ',';
            snprintf(name, sizeof name, "length %zu, delimiter at %zu", length, at);
            about = name;
            options.quote = 0;
            check_text(text, length, &options);
            text[at] = '"';
            options.quote = '"';
            check_text(text, length, &options);
        }
    }
}

/* The text ends where the mapping ends: one byte more would fault. */
static void nothing_behind_the_text_is_read(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
    struct split_options options = split_options_default();
    for (size_t length = 0; length < 300; length++) {
        char *text = memory + page - length;
        for (size_t i = 0; i < length; i++)
            text[i] = i % 7 == 3 ? ',' : 'y';
        about = "text before a guard page";
        check_text(text, length, &options);
    }
    munmap(memory, 2 * page);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct split_result result;
    const struct split_delimiter empty = {"", 0};
    struct split_options options = split_options_default();
    options.delimiter_count = 0;
    errno = 0;
    assert_false(split_owned(&result, "a", 1, &options));
    assert_int_equal(errno, EINVAL);
    options.delimiters = &empty;
    options.delimiter_count = 1;
    assert_false(split_pooled(&result, "a", 1, &options, &arena, pool));
    options = split_options_default();
    errno = 0;
    assert_false(split_view(&result, "a", SPLIT_TEXT_MAX + 1, &options, &arena, pool));
    assert_int_equal(errno, EOVERFLOW);
    options.quote = '"';
    errno = 0;
    assert_false(split_view(&result, "a", 1, &options, NULL, pool));
    assert_int_equal(errno, EINVAL);
}

/* Other options that are set after preparing hold; a new delimiter does once prepared again. */
static void prepared_then_changed(void **state)
{
    (void)state;
    static const struct split_delimiter semicolon = {";", 1}, none = {"", 0};
    const char *text = " a ;b,  c";
    struct split_options options = split_options_default();
    assert_true(split_options_prepare(&options));
    check_text(text, strlen(text), &options);
    options.trim = true;
    check_text(text, strlen(text), &options);
    options.limit = 1;
    check_text(text, strlen(text), &options);
    options = split_options_default();
    assert_true(split_options_prepare(&options));
    options.delimiters = &semicolon;
    assert_true(split_options_prepare(&options));
    check_text(text, strlen(text), &options);
    options.delimiters = &none;
    struct split_options before = options;
    errno = 0;
    assert_false(split_options_prepare(&options));
    assert_int_equal(errno, EINVAL);
    assert_memory_equal(&options, &before, sizeof options);
}

/* ---- failures: an allocator that refuses its n-th request, and a limited arena ---- */

struct allocator_heap {
    unsigned left;   /* requests until the first refusal */
    unsigned blocks; /* out */
};

static void *failing_allocate(struct allocator_heap *heap, size_t size, enum allocation_kind kind)
{
    (void)kind;
    if (heap->left == 0)
        return NULL;
    heap->left--;
    heap->blocks++;
    return malloc(size ? size : 1);
}

static void *failing_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                size_t new_size, enum allocation_kind kind)
{
    (void)old_size;
    (void)kind;
    if (heap->left == 0)
        return NULL;
    heap->left--;
    return realloc(block, new_size);
}

static void failing_deallocate(struct allocator_heap *heap, void *block, size_t size,
                               enum allocation_kind kind)
{
    (void)size;
    (void)kind;
    heap->blocks--;
    free(block);
}

static const struct allocator failing = {.allocate = failing_allocate,
                                         .reallocate = failing_reallocate,
                                         .deallocate = failing_deallocate};

static void owned_gives_all_back_on_failure(void **state)
{
    (void)state;
    struct split_options options = split_options_default();
    char text[400];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 4 == 3 ? ',' : 'a';
    bool done = false;
    for (unsigned n = 0; !done; n++) {
        struct allocator_heap heap = {.left = n};
        struct split_result result;
        done = split_owned_with(&result, text, sizeof text, &options, &failing, &heap);
        if (done) {
            assert_int_equal(result.count, 101);
            split_owned_release_with((struct split_token *)(uintptr_t)result.tokens, result.count,
                                     result.capacity_bytes / sizeof *result.tokens, &failing,
                                     &heap);
        }
        assert_int_equal(heap.blocks, 0);
        assert_true(n < 200);
    }
}

static void pooled_without_memory(void **state)
{
    (void)state;
    struct string_arena small;
    struct string_arena_options arena_options = {.chunk_size = 1024, .limit = 2048};
    struct split_options options = split_options_default();
    struct split_result result;
    static char text[3000];
    memset(text, 'x', sizeof text);
    assert_true(string_arena_init(&small, &arena_options));
    assert_true(split_pooled(&result, text, 100, &options, &small, pool));
    errno = 0;
    struct split_result failed;
    assert_false(split_pooled(&failed, text, sizeof text, &options, &small, pool));
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(split_result_token(&result, 0).length, 100);
    split_result_release(&result);
    string_arena_destroy(&small);
}

static void estimates(void **state)
{
    (void)state;
    struct split_options options = split_options_default();
    static char text[100000];
    assert_int_equal(estimate_split_count("", 0, &options), 1);
    assert_int_equal(estimate_split_count("a,b,c", 5, &options), 3);
    memset(text, 'x', sizeof text);
    assert_int_equal(estimate_split_count(text, 1000, &options), 1);
    for (size_t i = 9; i < sizeof text; i += 10)
        text[i] = ',';
    /* A long text from a sample: within a percent on even text. */
    assert_near((double)estimate_split_count(text, sizeof text, &options), 10001, 100);
    options.limit = 5;
    assert_int_equal(estimate_split_count(text, sizeof text, &options), 5);
    /* Nothing but delimiters, up to the sample's size: no sum in a register runs over. */
    options.limit = 0;
    memset(text, ',', 4096);
    for (size_t length = 0; length <= 4096; length++)
        assert_int_equal(estimate_split_count(text, length, &options), length + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(quotes_by_hand),
        cmocka_unit_test(random_text),
        cmocka_unit_test(random_records),
        cmocka_unit_test(every_place),
        cmocka_unit_test(nothing_behind_the_text_is_read),
#if defined(__x86_64__)
        cmocka_unit_test(well_formed_is_taken),
#endif
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(prepared_then_changed),
        cmocka_unit_test(owned_gives_all_back_on_failure),
        cmocka_unit_test(pooled_without_memory),
        cmocka_unit_test(estimates),
    };
    return cmocka_run_group_tests_name("split", tests, make_arena, free_all);
}
