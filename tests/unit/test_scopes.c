/* link: lib */
/*
 * Scopes and SIMD buffers. Every way out of a block releases what its scopes hold: the end, return,
 * break, continue and goto; seen from a source that counts what is out, and from the arena's and
 * the pool's own figures. SIMD buffers: aligned, padded, apart from their neighbours.
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "split_scope.h"
#include "string_arena_scope.h"
#include "string_arena_simd.h"

/* ---- a source that counts what is out ---- */

static size_t chunks_out;

static void *chunk_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    chunks_out++;
    return aligned_alloc(alignment, size);
}

static void chunk_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    chunks_out--;
    free(memory);
}

static const struct string_arena_options counted = {
    .chunk_size = 1024,
    .source = {chunk_acquire, chunk_release, NULL},
};

static size_t in_use(const struct string_arena *arena)
{
    return string_arena_statistics(arena).in_use_bytes;
}

/* ---- ways out of a block ---- */

enum way { AT_THE_END, BY_RETURN, BY_BREAK, BY_CONTINUE, BY_GOTO, BY_GOTO_OF_TWO, WAYS };

/* Leaves a block with an arena of its own in the given way; how many chunks it had in there. */
static size_t leave_arena(enum way way)
{
    size_t seen = 0;
    for (unsigned i = 0; i < 3; i++) {
        {
            STRING_ARENA_AUTO(arena);
            assert_true(string_arena_init(&arena, &counted));
            assert_non_null(string_arena_bytes(&arena, 100));
            assert_non_null(string_arena_bytes(&arena, 5000));
            seen = chunks_out;
            if (way == BY_RETURN)
                return seen;
            if (way == BY_BREAK)
                break;
            if (way == BY_CONTINUE)
                continue;
            if (way == BY_GOTO)
                goto behind_the_block;
            STRING_ARENA_AUTO(second);
            assert_true(string_arena_init(&second, &counted));
            assert_non_null(string_arena_bytes(&second, 100));
            seen = chunks_out;
            if (way == BY_GOTO_OF_TWO)
                goto out;
        }
    behind_the_block:
        assert_int_equal(chunks_out, 0);
    }
out:
    return seen;
}

static void an_arena_destroys_itself(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        size_t seen = leave_arena((enum way)way);
        assert_int_equal(seen, way == AT_THE_END || way == BY_GOTO_OF_TWO ? 3 : 2);
        assert_int_equal(chunks_out, 0);
    }
}

static void an_arena_is_ready_at_once(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    char *copy = string_arena_copy(&arena, "ready", 5);
    assert_memory_equal(copy, "ready", 5);
    struct string_arena_options bad = {.chunk_size = 3};
    STRING_ARENA_AUTO(second);
    assert_false(string_arena_init(&second, &bad));
    assert_non_null(string_arena_bytes(&second, 5)); /* with the defaults, as before */
}

/* Leaves a block with a scope in the given way, having taken a small and a large block in it. */
static void leave_scope(struct string_arena *arena, enum way way)
{
    size_t before = in_use(arena);
    for (unsigned i = 0; i < 3; i++) {
        {
            STRING_ARENA_SCOPE(arena);
            assert_non_null(string_arena_bytes(arena, 100));
            assert_non_null(string_arena_bytes(arena, 5000));
            assert_true(in_use(arena) >= before + 5100);
            if (way == BY_RETURN)
                return;
            if (way == BY_BREAK)
                break;
            if (way == BY_CONTINUE)
                continue;
            if (way == BY_GOTO)
                goto behind_the_block;
            STRING_ARENA_SCOPE(arena); /* a second one in the same block */
            assert_non_null(string_arena_alloc(arena, 64, 64));
            if (way == BY_GOTO_OF_TWO)
                goto out;
        }
    behind_the_block:
        assert_int_equal(in_use(arena), before);
    }
out:
    return;
}

static void a_scope_releases_what_it_took(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    assert_true(string_arena_init(&arena, &counted));
    char *kept = string_arena_copy(&arena, "kept", 4);
    size_t before = in_use(&arena);
    for (unsigned way = 0; way < WAYS; way++) {
        leave_scope(&arena, (enum way)way);
        assert_int_equal(in_use(&arena), before);
        assert_memory_equal(kept, "kept", 4);
    }
}

static void an_inner_scope_releases_only_its_own(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    char *kept = string_arena_copy(&arena, "kept", 4);
    size_t before = in_use(&arena);
    {
        STRING_ARENA_SCOPE(&arena);
        char *outer = string_arena_copy(&arena, "outer", 5);
        char *outer_large = string_arena_bytes(&arena, 50000);
        memset(outer_large, 'O', 50000);
        size_t within = in_use(&arena);
        {
            STRING_ARENA_SCOPE(&arena);
            memset(string_arena_bytes(&arena, 3000), 'I', 3000);
            memset(string_arena_bytes(&arena, 60000), 'I', 60000);
        }
        assert_int_equal(in_use(&arena), within);
        char *after = string_arena_copy(&arena, "after", 5);
        assert_memory_equal(outer, "outer", 5);
        assert_memory_equal(after, "after", 5);
        for (size_t i = 0; i < 50000; i++)
            assert_int_equal(outer_large[i], 'O');
    }
    assert_int_equal(in_use(&arena), before);
    assert_memory_equal(kept, "kept", 4);
}

static size_t depth_first(struct string_arena *arena, unsigned depth)
{
    STRING_ARENA_SCOPE(arena);
    char *mine = string_arena_bytes(arena, 200);
    memset(mine, (int)depth, 200);
    size_t most = depth ? depth_first(arena, depth - 1) : in_use(arena);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(mine[i], depth);
    return most;
}

static void scopes_nest_by_recursion_and_do_not_grow(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    assert_true(string_arena_init(&arena, &counted));
    assert_non_null(string_arena_bytes(&arena, 1));
    size_t before = in_use(&arena);
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(depth_first(&arena, 50) >= before + (size_t)51 * 200);
        assert_int_equal(in_use(&arena), before);
    }
    size_t chunks = chunks_out;
    assert_int_equal(string_arena_statistics(&arena).chunks_acquired, chunks);
}

/* ---- results, pools, streams ---- */

static void leave_result(struct string_arena *arena, struct split_result_pool *pool, enum way way)
{
    struct split_options options = split_options_default();
    for (unsigned i = 0; i < 3; i++) {
        {
            SPLIT_RESULT_AUTO(result);
            assert_true(split_pooled(&result, "a,b", 3, &options, arena, pool));
            if (way == BY_RETURN)
                return;
            if (way == BY_BREAK)
                break;
            if (way == BY_CONTINUE)
                continue;
            if (way == BY_GOTO)
                goto behind_the_block;
            SPLIT_RESULT_AUTO(owned);
            assert_true(split_owned(&owned, "a,b", 3, &options));
            if (way == BY_GOTO_OF_TWO)
                goto out;
        }
    behind_the_block:;
    }
out:
    return;
}

static void a_result_releases_itself(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    SPLIT_RESULT_POOL_AUTO(pool, NULL);
    assert_non_null(pool);
    for (unsigned way = 0; way < WAYS; way++) {
        leave_result(&arena, pool, (enum way)way);
        struct split_result_pool_statistics statistics = split_result_pool_statistics(pool);
        assert_int_equal(statistics.container_bytes, statistics.idle_bytes);
    }
    assert_int_equal(split_result_pool_statistics(pool).misses, 1);
    SPLIT_RESULT_AUTO(never_filled);
    assert_int_equal(never_filled.count, 0);
}

/* What a pool and a stream hold, only a leak checker sees: the sanitizer builds fail on it. */
static void a_pool_and_a_stream_end_themselves(void **state)
{
    (void)state;
    struct split_options options = split_options_default();
    for (unsigned i = 0; i < 3; i++) {
        STRING_ARENA_AUTO(arena);
        SPLIT_RESULT_POOL_AUTO(pool, NULL);
        SPLIT_STREAM_AUTO(stream);
        SPLIT_RESULT_AUTO(result);
        assert_true(split_stream_begin(&stream, &options, 0, &arena, pool));
        assert_true(split_stream_feed(&stream, &result, "a,unfinished", 12));
        assert_int_equal(result.count, 1);
        if (i == 1)
            continue;
        SPLIT_STREAM_AUTO(never_begun);
        assert_int_equal(split_stream_statistics(&never_begun).fed_bytes, 0);
    }
}

/* ---- SIMD buffers ---- */

static void simd_buffers_are_aligned_and_padded(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    assert_true(string_arena_init(&arena, &counted));
    static const size_t sizes[] = {0, 1, 63, 64, 65, 100, 127, 128, 1000, 5000, 100000};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    for (unsigned round = 0; round < 2; round++) {
        unsigned char *buffers[COUNT];
        char *between[COUNT];
        size_t written[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            assert_non_null(
                string_arena_alloc(&arena, 24, 8)); /* the next is not aligned by luck */
            buffers[i] = string_arena_simd(&arena, sizes[i]);
            between[i] = string_arena_copy(&arena, "between", 7);
            assert_non_null(buffers[i]);
            assert_int_equal((uintptr_t)buffers[i] % 64, 0);
            /* A register stored where the last byte of the rounded size is. */
            size_t rounded = (sizes[i] + 63) / 64 * 64;
            written[i] = rounded ? rounded - 1 + 64 : 64;
            memset(buffers[i], (int)i + 1, written[i]);
        }
        for (size_t i = 0; i < COUNT; i++) {
            assert_memory_equal(between[i], "between", 7);
            for (size_t k = 0; k < written[i]; k++)
                if (buffers[i][k] != i + 1)
                    fail_msg("buffer of %zu bytes overwritten at %zu", sizes[i], k);
        }
        string_arena_reset(&arena);
    }
}

static void simd_buffers_that_no_arena_has(void **state)
{
    (void)state;
    STRING_ARENA_AUTO(arena);
    static const size_t sizes[] = {SIZE_MAX,       SIZE_MAX - 64,  SIZE_MAX - 127,
                                   SIZE_MAX - 128, SIZE_MAX - 200, PTRDIFF_MAX};
    assert_non_null(string_arena_simd(&arena, 100));
    size_t before = in_use(&arena);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        errno = 0;
        assert_null(string_arena_simd(&arena, sizes[i]));
        assert_int_equal(errno, ENOMEM);
        assert_int_equal(in_use(&arena), before);
    }
    struct string_arena_options limited = {.chunk_size = 1024, .limit = 2048};
    STRING_ARENA_AUTO(small);
    assert_true(string_arena_init(&small, &limited));
    assert_null(string_arena_simd(&small, 4096));
    assert_non_null(string_arena_simd(&small, 256));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_destroys_itself),
        cmocka_unit_test(an_arena_is_ready_at_once),
        cmocka_unit_test(a_scope_releases_what_it_took),
        cmocka_unit_test(an_inner_scope_releases_only_its_own),
        cmocka_unit_test(scopes_nest_by_recursion_and_do_not_grow),
        cmocka_unit_test(a_result_releases_itself),
        cmocka_unit_test(a_pool_and_a_stream_end_themselves),
        cmocka_unit_test(simd_buffers_are_aligned_and_padded),
        cmocka_unit_test(simd_buffers_that_no_arena_has),
    };
    return cmocka_run_group_tests_name("scopes", tests, NULL, NULL);
}
