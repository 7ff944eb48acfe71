/* link: lib */
/*
 * process_lines_bulk with `unsplit`, on one thread and on several: lines that the callback splits
 * itself give, in the text's order, byte for byte what the call gives that splits them; and no
 * memory is taken for tokens.
 */
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process_lines.h"

#define TEXT_MAX 20000

/* What was seen of some lines: each one's bytes and its tokens, with their lengths. */
struct record {
    size_t length;
    char bytes[16 * TEXT_MAX + 4096];
};

static void put(struct record *record, const void *bytes, size_t length)
{
    if (length > sizeof record->bytes - record->length)
        abort();
    if (length)
        memcpy(record->bytes + record->length, bytes, length);
    record->length += length;
}

static void put_line(struct record *record, const struct process_lines_line *line,
                     const struct split_result *tokens)
{
    put(record, &line->offset, sizeof line->offset);
    put(record, &line->length, sizeof line->length);
    put(record, line->text, line->length);
    put(record, &tokens->count, sizeof tokens->count);
    for (size_t i = 0; i < tokens->count; i++) {
        struct split_token token = split_result_token(tokens, i);
        put(record, &token.length, sizeof token.length);
        put(record, token.data, token.length);
    }
}

static struct record by_the_call, by_the_callback;

static int note(void *context, const struct process_lines_line *line)
{
    (void)context;
    put_line(&by_the_call, line, line->tokens);
    return 0;
}

struct unsplit {
    const struct split_options *split;
    _Atomic unsigned wrong;
    _Atomic size_t chunks; /* asked for by the arenas */
};

/* A range's lines are noted in a record of its own. */
static int split_and_note(void *context, const struct process_lines_line *line)
{
    struct unsplit *unsplit = context;
    struct split_result result;
    if (!line->range->user)
        line->range->user = calloc(1, sizeof(struct record));
    if (line->tokens->count != 0 || line->tokens->pool || !line->range->user ||
        !split_owned(&result, line->text, line->length, unsplit->split)) {
        unsplit->wrong++;
        return 1;
    }
    put_line(line->range->user, line, &result);
    split_result_release(&result);
    return 0;
}

static int append(void *context, struct process_lines_range *range)
{
    (void)context;
    struct record *record = range->user;
    if (record && !range->dropped)
        put(&by_the_callback, record->bytes, record->length);
    free(record);
    return 0;
}

static void *no_chunk(void *context, size_t size, size_t alignment)
{
    (void)size;
    (void)alignment;
    ((struct unsplit *)context)->chunks++;
    return NULL;
}

static void release_none(void *context, void *memory, size_t size)
{
    (void)context;
    (void)memory;
    (void)size;
}

static void the_same_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "ab,,;\"\"\n\n\r\n\0";
    static const unsigned threads[] = {0, 1, 2, 4, 8};
    static char text[TEXT_MAX];
    unsigned seeds = test_rounds(60), several = 0;
    for (unsigned seed = 1; seed <= seeds; seed++) {
        srand(seed);
        size_t length = (size_t)rand() % (seed % 10 ? 3000 : TEXT_MAX);
        for (size_t i = 0; i < length; i++)
            text[i] = rand() % 3 ? alphabet[(size_t)rand() % sizeof alphabet] : 'x';
        struct split_options split = split_options_default();
        split.quote = seed % 2 ? '"' : 0;
        struct process_lines_options options = {.split = &split};
        struct process_lines_report whole, report;
        by_the_call.length = 0;
        assert_true(process_lines_bulk(text, length, &options, note, NULL, &whole));
        for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
            struct unsplit unsplit = {.split = &split};
            struct string_arena_options arena_options = {
                .source = {no_chunk, release_none, &unsplit}};
            options = (struct process_lines_options){.split = &split,
                                                     .view = rand() % 2,
                                                     .threads = threads[i],
                                                     .range_bytes = (size_t)(50 + rand() % 500),
                                                     .ordered = true,
                                                     .range_end = append,
                                                     .arena_options = &arena_options,
                                                     .unsplit = true};
            by_the_callback.length = 0;
            bool done =
                process_lines_bulk(text, length, &options, split_and_note, &unsplit, &report);
            if (!done || unsplit.wrong)
                fail_msg("seed %u, %u threads: ended at line %zu", seed, threads[i], report.line);
            if (by_the_callback.length != by_the_call.length ||
                memcmp(by_the_callback.bytes, by_the_call.bytes, by_the_call.length) != 0)
                fail_msg("seed %u, %u threads: not the same lines", seed, threads[i]);
            assert_int_equal(unsplit.chunks, 0);
            assert_int_equal(report.tokens, 0);
            assert_int_equal(report.lines, whole.lines);
            assert_int_equal(report.bytes, whole.bytes);
            several += report.threads > 1;
        }
    }
    print_message("# %u calls on several threads\n", several);
    assert_true(several > seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_bytes)};
    return cmocka_run_group_tests_name("threads: unsplit", tests, NULL, NULL);
}
