/* link: lib */
/*
 * process_lines_bulk against a loop that finds lines a byte at a time and splits each by
 * split_owned(): random text under random options, line ends of every kind, quoted line ends, a
 * stop at each line, a refusal at each request, and batches seen from their memory.
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing_heap.h"
#include "line_scan.h"
#include "process_lines.h"

#define LINES_MAX 4000

/* ---- the reference ---- */

struct naive_line {
    size_t offset;
    size_t length;
    size_t whole; /* with its end */
};

static struct naive_line lines[LINES_MAX];
static size_t line_count;
static const char *about; /* what is being processed, for messages */

static void naive_lines(const char *text, size_t length, char quote)
{
    line_count = 0;
    for (size_t at = 0; at < length;) {
        bool inside = false;
        size_t end = at;
        while (end < length && (text[end] != '\n' || inside)) {
            if (quote && text[end] == quote)
                inside = !inside;
            end++;
        }
        assert_true(line_count < LINES_MAX);
        struct naive_line *line = &lines[line_count++];
        line->offset = at;
        line->length = end - at;
        line->whole = end - at + (end < length);
        if (end < length && end > at && text[end - 1] == '\r')
            line->length--;
        at += line->whole;
    }
}

/* ---- a callback that compares, and stops where it is told ---- */

struct checker {
    const char *text;
    const struct split_options *split;
    size_t seen;
    size_t tokens;
    size_t stop_at; /* this line returns 77; SIZE_MAX: none */
};

static int compare(void *context, const struct process_lines_line *line)
{
    struct checker *checker = context;
    struct split_result expected;
    if (checker->seen == line_count)
        fail_msg("%s: more than %zu lines", about, line_count);
    const struct naive_line *naive = &lines[checker->seen];
    if (line->index != checker->seen || line->offset != naive->offset ||
        line->length != naive->length || line->text != checker->text + naive->offset)
        fail_msg("%s: line %zu is number %zu at %zu with %zu bytes, expected %zu with %zu", about,
                 checker->seen, line->index, line->offset, line->length, naive->offset,
                 naive->length);
    unsigned left = heap_left; /* the reference's own requests are not refused */
    heap_left = 0;
    assert_true(split_owned(&expected, line->text, line->length, checker->split));
    if (line->tokens->count != expected.count)
        fail_msg("%s: line %zu has %zu tokens, expected %zu", about, line->index,
                 line->tokens->count, expected.count);
    for (size_t i = 0; i < expected.count; i++) {
        struct split_token token = split_result_token(line->tokens, i);
        if (token.length != expected.tokens[i].length ||
            memcmp(token.data, expected.tokens[i].data, token.length) != 0)
            fail_msg("%s: token %zu of line %zu differs", about, i, line->index);
    }
    checker->tokens += expected.count;
    split_result_release(&expected);
    heap_left = left;
    return checker->seen++ == checker->stop_at ? 77 : 0;
}

/* All of it, once; the report as it must be. */
static void check_text(const char *text, size_t length, const struct process_lines_options *options)
{
    struct split_options split = options->split ? *options->split : split_options_default();
    struct checker checker = {text, &split, 0, 0, SIZE_MAX};
    struct process_lines_report report;
    naive_lines(text, length, split.quote);
    assert_true(process_lines_bulk(text, length, options, compare, &checker, &report));
    if (checker.seen != line_count)
        fail_msg("%s: %zu lines, expected %zu", about, checker.seen, line_count);
    assert_int_equal(report.end, PROCESS_LINES_DONE);
    assert_int_equal(report.error, 0);
    assert_int_equal(report.line, line_count);
    assert_int_equal(report.lines, line_count);
    assert_int_equal(report.offset, length);
    assert_int_equal(report.bytes, length);
    assert_int_equal(report.tokens, checker.tokens);
}

/* ---- lines ---- */

static void by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        size_t lines;
        size_t lines_quoted;
    } cases[] = {
        {"", 0, 0, 0},
        {"\n", 1, 1, 1},
        {"a", 1, 1, 1},
        {"a\n", 2, 1, 1},
        {"a\r\n", 3, 1, 1},
        {"\r\n\r\n", 4, 2, 2},
        {"a\r", 2, 1, 1},
        {"a\rb\n\rc", 6, 2, 2},
        {"a,b\n\nc", 6, 3, 3},
        {"\0,\0\n\0", 5, 2, 2},
        {"\"a\nb\",c\nd", 9, 3, 2},
        {"\"a\r\nb\"\r\nd", 10, 3, 2},
        {"\"a\"\"\n\"\"b\"\nc\n", 12, 3, 2},
        {"\"open\nnever\nclosed", 18, 3, 1},
        {"a\n\"\n\"\nb\n", 8, 4, 3},
        {"\"\"\n\"\"\n", 6, 2, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned o = 0; o < 4; o++) {
            struct split_options split = split_options_default();
            struct process_lines_options options = {.split = &split, .view = o & 1};
            split.quote = o & 2 ? '"' : 0;
            about = cases[i].text;
            check_text(cases[i].text, cases[i].length, &options);
            assert_int_equal(line_count, o & 2 ? cases[i].lines_quoted : cases[i].lines);
        }
    }
}

/* The vector mask is the plain one, for every byte at every place. */
static void masks_agree(void **state)
{
    (void)state;
    char block[64];
    unsigned seeds = test_rounds(2000);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        srand(seed);
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (char)(rand() % 3 ? seed : (unsigned)rand());
        uint64_t expected = split_mask64_bytes(block, (char)seed);
        if (split_mask64_whole(block, (char)seed) != expected)
            fail_msg("seed %u: masks differ", seed);
        bool inside = false;
        uint64_t parity = split_mask_parity(expected);
        for (size_t i = 0; i < sizeof block; i++) {
            inside ^= block[i] == (char)seed;
            assert_int_equal(parity >> i & 1, inside);
        }
    }
}

static void random_text(char *text, size_t length)
{
    static const char alphabet[] = "ab,,;\"\"\n\n\r\n";
    unsigned density = (unsigned)(1 + rand() % 12);
    for (size_t i = 0; i < length; i++)
        text[i] =
            (char)((unsigned)rand() % 12 < density ? alphabet[(size_t)rand() % sizeof alphabet]
                                                   : 'a' + rand() % 26);
}

/* Each text in a block of just its size, so that a read past its end traps. */
static void random_lines(void **state)
{
    (void)state;
    static const struct split_delimiter delimiters[] = {{",", 1}, {";", 1}};
    char name[40];
    unsigned seeds = test_rounds(3000);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        srand(seed);
        struct split_options split = split_options_default();
        struct process_lines_options options = {.view = rand() % 2,
                                                .batch_bytes = (size_t)rand() % 300};
        split.delimiters = delimiters;
        split.delimiter_count = (size_t)(1 + rand() % 2);
        split.quote = rand() % 2 ? '"' : 0;
        split.trim = rand() % 4 == 0;
        split.limit = rand() % 4 == 0 ? 3 : 0;
        options.split = rand() % 8 ? &split : NULL;
        size_t length = (size_t)rand() % (seed % 20 ? 400 : 4000);
        char *text = malloc(length ? length : 1);
        random_text(text, length);
        snprintf(name, sizeof name, "seed %u", seed);
        about = name;
        check_text(text, length, &options);
        free(text);
    }
}

/* ---- ends before the end ---- */

static void stop_at_each_line(void **state)
{
    (void)state;
    static char text[3000];
    struct split_options split = split_options_default();
    struct process_lines_options options = {.split = &split, .batch_bytes = 100};
    struct process_lines_report report;
    split.quote = '"';
    srand(1);
    random_text(text, sizeof text);
    naive_lines(text, sizeof text, '"');
    assert_true(line_count > 50);
    about = "stopped";
    for (size_t stop = 0; stop < line_count; stop++) {
        struct checker checker = {text, &split, 0, 0, stop};
        assert_false(process_lines_bulk(text, sizeof text, &options, compare, &checker, &report));
        assert_int_equal(report.end, PROCESS_LINES_STOPPED);
        assert_int_equal(report.error, 77);
        assert_int_equal(report.line, stop);
        assert_int_equal(report.offset, lines[stop].offset);
        assert_int_equal(report.lines, stop + 1);
        assert_int_equal(report.bytes, lines[stop].offset + lines[stop].whole);
        assert_int_equal(report.tokens, checker.tokens);
    }
}

static void bad_options(void **state)
{
    (void)state;
    struct split_options split = split_options_default();
    struct process_lines_options options = {.split = &split};
    struct checker checker = {"a", &split, 0, 0, SIZE_MAX};
    struct process_lines_report report;
    split.delimiter_count = 0;
    errno = 0;
    assert_false(process_lines_bulk("a", 1, &options, compare, &checker, &report));
    assert_int_equal(report.end, PROCESS_LINES_FAILED);
    assert_int_equal(report.error, EINVAL);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(report.lines + report.batches + checker.seen, 0);
    assert_false(process_lines_bulk("a", 1, &options, compare, &checker, NULL));
}

/* ---- memory ---- */

/* A source that counts what is out. */
struct source {
    size_t bytes_out;
    size_t bytes_most;
};

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    struct source *source = context;
    void *memory = aligned_alloc(alignment, size);
    if (memory)
        source->bytes_out += size;
    if (source->bytes_out > source->bytes_most)
        source->bytes_most = source->bytes_out;
    return memory;
}

static void source_release(void *context, void *memory, size_t size)
{
    struct source *source = context;
    source->bytes_out -= size;
    free(memory);
}

/* Every request, of the call's own pool and arena or the caller's, is refused once. What was done
 * before the failing line stands in the report; nothing is left behind. */
static void refused_at_every_request(void **state)
{
    (void)state;
    static char text[60000];
    struct split_options split = split_options_default();
    split.quote = '"';
    srand(3);
    random_text(text, sizeof text);
    memset(text + 3000, 'x', 20000); /* a long line */
    memset(text + 30000, ',', 5000); /* many tokens */
    naive_lines(text, sizeof text, '"');
    about = "refused";
    for (unsigned kind = 0; kind < 4; kind++) {
        unsigned n = 0;
        for (bool done = false; !done;) {
            struct source source = {0, 0};
            struct string_arena_options arena_options = {
                .chunk_size = 1024,
                .chunk_size_max = 8192,
                .source = {source_acquire, source_release, &source}};
            struct string_arena arena;
            assert_true(string_arena_init(&arena, &arena_options));
            struct split_result_pool *pool = split_result_pool_create(NULL);
            struct process_lines_options options = {.split = &split, .view = kind & 1};
            if (kind & 2) {
                options.arena = &arena;
                options.pool = pool;
            }
            struct checker checker = {text, &split, 0, 0, SIZE_MAX};
            struct process_lines_report report;
            heap_fail_at(++n);
            bool processed =
                process_lines_bulk(text, sizeof text, &options, compare, &checker, &report);
            done = heap_refused == 0;
            heap_fail_at(0);
            if (!processed) {
                assert_false(done);
                assert_int_equal(report.end, PROCESS_LINES_FAILED);
                assert_int_equal(report.error, ENOMEM);
                assert_int_equal(report.line, checker.seen);
                assert_int_equal(report.lines, checker.seen);
                size_t where = report.batches ? lines[report.line].offset : 0;
                assert_int_equal(report.offset, where);
                assert_int_equal(report.bytes, where);
            } else if (done) {
                assert_int_equal(checker.seen, line_count);
            }
            size_t in_use = string_arena_statistics(&arena).in_use_bytes;
            string_arena_reset(&arena);
            assert_int_equal(in_use, string_arena_statistics(&arena).in_use_bytes);
            struct split_result_pool_statistics left = split_result_pool_statistics(pool);
            assert_int_equal(left.container_bytes, left.idle_bytes);
            split_result_pool_destroy(pool);
            string_arena_destroy(&arena);
            assert_int_equal(source.bytes_out, 0);
        }
        assert_true(n > 2);
    }
}

/* The caller's arena keeps what it held; nothing of the call stays in it. */
static void callers_arena_keeps_its_own(void **state)
{
    (void)state;
    static char text[20000];
    struct string_arena arena;
    struct split_options split = split_options_default();
    struct process_lines_options options = {.arena = &arena, .batch_bytes = 500};
    assert_true(string_arena_init(&arena, NULL));
    char *kept = string_arena_copy(&arena, "kept", 4);
    char *kept_large = string_arena_bytes(&arena, 20000);
    memset(kept_large, 'K', 20000);
    size_t in_use = string_arena_statistics(&arena).in_use_bytes;
    srand(5);
    random_text(text, sizeof text);
    memset(text + 2000, 'x', 15000);
    struct checker checker = {text, &split, 0, 0, SIZE_MAX};
    naive_lines(text, sizeof text, 0);
    about = "caller's arena";
    assert_true(process_lines_bulk(text, sizeof text, &options, compare, &checker, NULL));
    assert_memory_equal(kept, "kept", 4);
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(kept_large[i], 'K');
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, in_use);
    string_arena_destroy(&arena);
}

/* A new batch begins where the arena's addresses begin again. */
struct batches {
    const char *first; /* address of the first batch's first token */
    size_t count;
    size_t bytes; /* of this batch */
    size_t most;
};

static int watch_batches(void *context, const struct process_lines_line *line)
{
    struct batches *batches = context;
    const char *token = split_result_token(line->tokens, 0).data;
    if (!batches->first)
        batches->first = token;
    if (token == batches->first) {
        batches->count++;
        batches->bytes = 0;
    }
    batches->bytes += line->length + 1;
    if (batches->bytes > batches->most)
        batches->most = batches->bytes;
    return 0;
}

static void batches_are_bounded(void **state)
{
    (void)state;
    static char text[300000];
    struct process_lines_report report;
    struct batches batches = {NULL, 0, 0, 0};
    struct process_lines_options options = {.batch_bytes = 1000};
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 30 == 29 ? '\n' : i % 10 == 9 ? ',' : 'x';
    assert_true(process_lines_bulk(text, sizeof text, &options, watch_batches, &batches, &report));
    assert_int_equal(batches.most, 990); /* 33 lines of 30 bytes */
    assert_int_equal(batches.count, (10000 + 32) / 33);
    assert_int_equal(report.batches, batches.count);
    /* A bound that whole lines meet is filled to the byte. */
    batches = (struct batches){NULL, 0, 0, 0};
    options.batch_bytes = 900;
    assert_true(process_lines_bulk(text, sizeof text, &options, watch_batches, &batches, &report));
    assert_int_equal(batches.most, 900);
    assert_int_equal(report.batches, (10000 + 29) / 30);
    /* The default keeps any text of short lines in an arena's first chunk. */
    struct source source = {0, 0};
    struct string_arena_options arena_options = {
        .source = {source_acquire, source_release, &source}};
    struct string_arena arena;
    assert_true(string_arena_init(&arena, &arena_options));
    options = (struct process_lines_options){.arena = &arena};
    batches = (struct batches){NULL, 0, 0, 0};
    assert_true(process_lines_bulk(text, sizeof text, &options, watch_batches, &batches, &report));
    assert_int_equal(report.batches, sizeof text / PROCESS_LINES_BATCH_BYTES + 1);
    if (!APPORTION_GUARDED) /* whose red zones take room */
        assert_int_equal(source.bytes_most, STRING_ARENA_CHUNK_SIZE);
    string_arena_destroy(&arena);
    /* A line above the bound is a batch of its own. */
    options = (struct process_lines_options){.batch_bytes = 10};
    batches = (struct batches){NULL, 0, 0, 0};
    static const char long_line[] = "ab\ncd\nlong,long,long,long\nef\ngh\nij\nkl\n";
    assert_true(process_lines_bulk(long_line, sizeof long_line - 1, &options, watch_batches,
                                   &batches, &report));
    assert_int_equal(report.batches, 4); /* ab cd | long | ef gh ij | kl */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(masks_agree),
        cmocka_unit_test(random_lines),
        cmocka_unit_test(stop_at_each_line),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(refused_at_every_request),
        cmocka_unit_test(callers_arena_keeps_its_own),
        cmocka_unit_test(batches_are_bounded),
    };
    return cmocka_run_group_tests_name("process lines", tests, NULL, NULL);
}
