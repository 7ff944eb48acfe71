/* link: lib */
/*
 * Survivors: results copied into an arena of longer life are the originals, token for token, and
 * outlive them; generations are released oldest first and as a whole; nothing is held on failure.
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"
#include "string_generations.h"

/* ---- keep ---- */

enum { OWNED, POOLED, VIEW, WAYS };

static bool split_by(unsigned way, struct split_result *result, const char *text,
                     const struct split_options *options, struct string_arena *arena,
                     struct split_result_pool *pool)
{
    size_t length = strlen(text);
    return way == OWNED    ? split_owned(result, text, length, options)
           : way == POOLED ? split_pooled(result, text, length, options, arena, pool)
                           : split_view(result, text, length, options, arena, pool);
}

static void kept_results_outlive_theirs(void **state)
{
    (void)state;
    static const char *const texts[] = {"a,bb,ccc", "", ",", "\"q,\"\"r\",s", "one"};
    struct split_options options = split_options_default();
    struct split_result_pool *pool = split_result_pool_create(NULL);
    struct string_arena batch, longer;
    options.quote = '"';
    assert_true(string_arena_init(&batch, NULL) && string_arena_init(&longer, NULL));
    for (unsigned way = 0; way < WAYS; way++) {
        for (unsigned t = 0; t < 5; t++) {
            char text[32];
            struct split_result result, kept, again;
            strcpy(text, texts[t]);
            assert_true(split_by(way, &result, text, &options, &batch, pool));
            assert_true(split_result_keep(&kept, &result, &longer));
            split_result_release(&result);
            string_arena_reset(&batch);
            memset(text, 'x', sizeof text); /* of a view the text goes as well */
            assert_true(split_owned(&again, texts[t], strlen(texts[t]), &options));
            assert_int_equal(kept.count, again.count);
            const char *end = kept.bases[0];
            for (size_t i = 0; i < again.count; i++) {
                struct split_token token = split_result_token(&kept, i);
                struct split_token wanted = split_result_token(&again, i);
                assert_int_equal(token.length, wanted.length);
                assert_memory_equal(token.data, wanted.data, wanted.length);
                assert_ptr_equal(token.data, end); /* packed */
                end += token.length;
            }
            split_result_release(&again);
            split_result_release(&kept); /* allowed, and nothing */
        }
    }
    split_result_pool_destroy(pool);
    string_arena_destroy(&batch);
    string_arena_destroy(&longer);
}

static void keep_that_fails_holds_nothing(void **state)
{
    (void)state;
    const struct string_arena_options small = {.chunk_size = 1024, .limit = 1024};
    static char text[2000];
    struct split_options options = split_options_default();
    struct split_result result, kept;
    struct string_arena arena;
    memset(text, 'a', sizeof text - 1);
    text[1] = ',';
    assert_true(string_arena_init(&arena, &small));
    assert_non_null(string_arena_bytes(&arena, 10));
    size_t before = string_arena_statistics(&arena).in_use_bytes;
    assert_true(split_owned(&result, text, strlen(text), &options));
    assert_false(split_result_keep(&kept, &result, &arena));
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, before);
    assert_int_equal(result.count, 2);
    split_result_release(&result);
    string_arena_destroy(&arena);
}

/* ---- generations ---- */

static void oldest_goes_first(void **state)
{
    (void)state;
    enum { COUNT = 4 };
    struct string_generations generations;
    char *made[3 * COUNT];
    assert_true(string_generations_init(&generations, COUNT, NULL));
    for (size_t i = 0; i < (size_t)3 * COUNT; i++) {
        char text[16];
        snprintf(text, sizeof text, "token %zu", i);
        made[i] = string_arena_copy_cstring(string_generations_youngest(&generations), text);
        /* The last COUNT ones live. */
        for (size_t k = i >= COUNT - 1 ? i - (COUNT - 1) : 0; k <= i; k++) {
            snprintf(text, sizeof text, "token %zu", k);
            assert_string_equal(made[k], text);
        }
        struct string_arena *oldest = string_generations_oldest(&generations);
        assert_ptr_equal(string_generations_advance(&generations), oldest);
        assert_ptr_equal(string_generations_youngest(&generations), oldest);
        assert_true(string_arena_statistics(oldest).in_use_bytes < 256); /* its header */
    }
    assert_true(string_generations_committed(&generations) >= COUNT * STRING_ARENA_CHUNK_SIZE);
    for (unsigned i = 0; i < COUNT; i++)
        string_generations_advance(&generations);
    string_generations_trim(&generations);
    assert_int_equal(string_generations_committed(&generations), 0);
    string_generations_destroy(&generations);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    const struct string_arena_options odd = {.chunk_size = 1000};
    struct string_generations generations;
    errno = 0;
    assert_false(string_generations_init(&generations, 1, NULL));
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_false(string_generations_init(&generations, 2, &odd));
    assert_int_equal(errno, EINVAL);
}

/* A trim of an arena that holds nothing gives all back; of one that holds something, the rest. */
static void trim_gives_all_that_is_idle(void **state)
{
    (void)state;
    struct string_arena arena;
    assert_true(string_arena_init(&arena, NULL));
    for (unsigned i = 0; i < 3000; i++)
        assert_non_null(string_arena_bytes(&arena, 100));
    string_arena_reset(&arena);
    char *kept = string_arena_copy_cstring(&arena, "kept");
    string_arena_trim(&arena);
    assert_string_equal(kept, "kept");
    assert_int_equal(string_arena_statistics(&arena).committed_bytes, STRING_ARENA_CHUNK_SIZE);
    string_arena_reset(&arena);
    string_arena_trim(&arena);
    assert_int_equal(string_arena_statistics(&arena).committed_bytes, 0);
    assert_non_null(string_arena_bytes(&arena, 100));
    string_arena_destroy(&arena);
}

/* Little more than 1/32 of an arena is ever held in vain. */
static void growth_follows_use(void **state)
{
    (void)state;
    struct string_arena arena;
    assert_true(string_arena_init(&arena, NULL));
    size_t asked = 0;
    for (unsigned i = 0; i < 200000; i++) {
        assert_non_null(string_arena_bytes(&arena, 90));
        asked += string_arena_block_size(90);
        size_t committed = string_arena_statistics(&arena).committed_bytes;
        if (asked > 256 << 10)
            assert_true((double)committed < 1.07 * (double)asked);
    }
    string_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_results_outlive_theirs),
        cmocka_unit_test(keep_that_fails_holds_nothing),
        cmocka_unit_test(oldest_goes_first),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(trim_gives_all_that_is_idle),
        cmocka_unit_test(growth_follows_use),
    };
    return cmocka_run_group_tests_name("generations", tests, NULL, NULL);
}
