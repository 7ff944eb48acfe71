/* link: lib */
/*
 * Tokens and containers of split results, used when they are no longer one's own: each way must be
 * caught by AddressSanitizer and by memcheck. Blocks of the arena and the pool by themselves:
 * test_string_arena.c, test_split_result_pool.c.
 */
#include "check.h"

#include <string.h>

#include "death.h"
#include "split.h"

#if APPORTION_GUARDED

static struct string_arena arena;
static struct split_result_pool *pool;
static struct split_result result;

/* A pooled result of `text` on a fresh arena and pool, quotes minded. */
static volatile const char *pooled_token(const char *text)
{
    struct split_options options = split_options_default();
    options.quote = '"';
    string_arena_init(&arena, NULL);
    pool = split_result_pool_create(NULL);
    split_pooled(&result, text, strlen(text), &options, &arena, pool);
    return split_result_token(&result, 1).data;
}

static void token_after_destroy(void)
{
    volatile const char *token = pooled_token("ab,cd,ef");
    string_arena_destroy(&arena);
    (void)token[0];
}

static void token_after_reset(void)
{
    volatile const char *token = pooled_token("ab,\"c\"\"d\",ef");
    string_arena_reset(&arena);
    (void)token[0];
}

static void token_after_rollback(void)
{
    string_arena_init(&arena, NULL);
    pool = split_result_pool_create(NULL);
    struct split_options options = split_options_default();
    struct string_arena_mark mark = string_arena_mark(&arena);
    split_pooled(&result, "ab,cd", 5, &options, &arena, pool);
    volatile const char *token = split_result_token(&result, 1).data;
    string_arena_rollback(&arena, mark);
    (void)token[0];
}

static void unescaped_view_after_reset(void)
{
    struct split_options options = split_options_default();
    options.quote = '"';
    string_arena_init(&arena, NULL);
    pool = split_result_pool_create(NULL);
    split_view(&result, "\"a\"\"b\",c", 8, &options, &arena, pool);
    volatile const char *token = split_result_token(&result, 0).data;
    string_arena_reset(&arena);
    (void)token[0];
}

static void owned_token_after_release(void)
{
    struct split_options options = split_options_default();
    split_owned(&result, "ab,cd", 5, &options);
    volatile const char *token = result.tokens[1].data;
    split_result_release(&result);
    (void)token[0];
}

static void span_after_release(void)
{
    pooled_token("ab,cd,ef");
    volatile const struct split_span *spans = result.spans;
    split_result_release(&result);
    (void)spans[1].offset;
}

/* Two results that hold the same container. */
static void container_returned_twice(void)
{
    pooled_token("ab,cd,ef");
    struct split_result copy = result;
    split_result_release(&result);
    split_result_release(&copy);
}

static void write_behind_the_text(void)
{
    pooled_token("ab,cd,ef");
    char *end = (char *)(uintptr_t)result.bases[0] + 8;
    *(volatile char *)end = 1;
}

/* Release twice of one result is allowed; tokens live until the reset. */
static void proper_use(void)
{
    volatile const char *token = pooled_token("ab,\"c\"\"d\",ef");
    split_result_release(&result);
    split_result_release(&result);
    if (token[0] != 'c' || token[1] != '"' || token[2] != 'd')
        raise(SIGKILL);
    string_arena_reset(&arena);
    string_arena_destroy(&arena);
    split_result_pool_destroy(pool);
}

static void misuse_traps(void **state)
{
    (void)state;
    if (!MEMORY_IS_WATCHED)
        return;
    assert_true(dies(token_after_destroy));
    assert_true(dies(token_after_reset));
    assert_true(dies(token_after_rollback));
    assert_true(dies(unescaped_view_after_reset));
    assert_true(dies(owned_token_after_release));
    assert_true(dies(span_after_release));
    assert_true(dies(container_returned_twice));
    assert_true(dies(write_behind_the_text));
    assert_false(dies(proper_use));
}

#else

static void misuse_traps(void **state)
{
    (void)state;
    print_message("# SKIP no tool watches memory in this build\n");
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(misuse_traps)};
    return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
