/* link: lib */
/*
 * No memory, at every place: each request that a call makes of the general heap is refused in turn,
 * the first, the second and so on until none is left to refuse. A refused call says ENOMEM, leaves
 * what was there as it was, holds nothing, and succeeds when made again.
 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "failing_heap.h"
#include "naive_split.h"
#include "split.h"

#define TEXT_MAX 6000

enum strategy { OWNED, POOLED, VIEW };
static const char *const strategies[] = {"owned", "pooled", "view"};

/* ---- the pool by itself ---- */

static void pool_create_refused(void **state)
{
    (void)state;
    size_t live = heap_live;
    heap_fail_at(1);
    errno = 0;
    assert_null(split_result_pool_create(NULL));
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(heap_refused, 1);
    assert_int_equal(heap_live, live);
}

static void check_same(struct split_result_pool_statistics a, struct split_result_pool_statistics b)
{
    assert_int_equal(a.hits, b.hits);
    assert_int_equal(a.misses, b.misses);
    assert_int_equal(a.heap_frees, b.heap_frees);
    assert_int_equal(a.resizes, b.resizes);
    assert_int_equal(a.idle_bytes, b.idle_bytes);
    assert_int_equal(a.committed_bytes, b.committed_bytes);
}

static void pool_refused(void **state)
{
    (void)state;
    size_t live = heap_live;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    assert_non_null(pool);
    for (size_t size = 1; size < 100000; size = size * 2 + 1) {
        size_t capacity = 12345, held = 0;
        char *first = split_result_pool_get(pool, size, &held);
        assert_non_null(first);
        memset(first, 7, held);
        struct split_result_pool_statistics before;
        size_t live_before = heap_live;

        /* Small ones come many from one request: on to where the next is due. */
        void *others[200];
        size_t other_count = 0, other_capacity = 0;
        heap_fail_at(1);
        errno = 0;
        for (;; other_count++) {
            before = split_result_pool_statistics(pool);
            other_capacity = capacity;
            assert_true(other_count < 200);
            others[other_count] = split_result_pool_get(pool, held, &capacity);
            if (!others[other_count])
                break;
        }
        assert_int_equal(errno, ENOMEM);
        assert_int_equal(capacity, other_capacity);
        check_same(before, split_result_pool_statistics(pool));

        capacity = held;
        heap_fail_at(1);
        errno = 0;
        assert_null(split_result_pool_grow(pool, first, &capacity, held, 4 * held));
        assert_int_equal(errno, ENOMEM);
        assert_int_equal(capacity, held);
        check_same(before, split_result_pool_statistics(pool));
        assert_int_equal(heap_live, live_before);
        for (size_t i = 0; i < held; i++)
            assert_int_equal(first[i], 7);

        char *larger = split_result_pool_grow(pool, first, &capacity, held, 4 * held);
        assert_non_null(larger);
        assert_int_equal(larger[held - 1], 7);
        split_result_pool_return(pool, larger, capacity);
        while (other_count > 0)
            split_result_pool_return(pool, others[--other_count], held);
        split_result_pool_trim(pool);
    }
    split_result_pool_destroy(pool);
    assert_int_equal(heap_live, live);
}

/* ---- every strategy, on a fresh arena and pool each time ---- */

static bool split(enum strategy strategy, struct split_result *result, const char *text,
                  size_t length, const struct split_options *options, struct string_arena *arena,
                  struct split_result_pool *pool)
{
    switch (strategy) {
    case OWNED:
        return split_owned(result, text, length, options);
    case POOLED:
        return split_pooled(result, text, length, options, arena, pool);
    case VIEW:
        break;
    }
    return split_view(result, text, length, options, arena, pool);
}

static struct naive_tokens expected;

static void check_tokens(const struct split_result *result, const char *about)
{
    if (result->count != expected.count)
        fail_msg("%s: %zu tokens, expected %zu", about, result->count, expected.count);
    for (size_t i = 0; i < expected.count; i++) {
        struct split_token token = split_result_token(result, i);
        assert_int_equal(token.length, expected.items[i].length);
        assert_memory_equal(token.data, expected.items[i].data, token.length);
    }
}

/* Refuses request n of one split; whether it had so many. */
static bool refuse(unsigned n, enum strategy strategy, const char *text, size_t length,
                   const struct split_options *options)
{
    struct string_arena arena;
    struct string_arena_options small = {.chunk_size = 1024};
    struct split_result before, result;
    struct split_options plain = split_options_default();
    size_t live = heap_live;
    assert_true(string_arena_init(&arena, &small));
    struct split_result_pool *pool = split_result_pool_create(NULL);
    assert_non_null(pool);
    assert_true(split(strategy, &before, "before,all", 10, &plain, &arena, pool));
    struct string_arena arena_before = arena;
    struct split_result_pool_statistics pool_before = split_result_pool_statistics(pool);
    size_t live_before = heap_live;

    memset(&result, 0xa5, sizeof result);
    heap_fail_at(n);
    errno = 0;
    bool done = split(strategy, &result, text, length, options, &arena, pool);
    int error = errno;
    bool refused = heap_refused > 0;
    heap_fail_at(0);
    if (!done) {
        assert_true(refused);
        assert_int_equal(error, ENOMEM);
        split_result_release(&result); /* of nothing */
        struct split_result_pool_statistics after = split_result_pool_statistics(pool);
        assert_int_equal(after.container_bytes - after.idle_bytes,
                         pool_before.container_bytes - pool_before.idle_bytes);
        /* New blocks are chunks and idle containers, which arena and pool keep for the next time.
         */
        if (strategy == OWNED)
            assert_int_equal(heap_live, live_before);
        if (arena.chunks_acquired == arena_before.chunks_acquired)
            assert_memory_equal(&arena, &arena_before, sizeof arena);
        assert_true(split(strategy, &result, text, length, options, &arena, pool));
    }
    check_tokens(&result, strategies[strategy]);
    struct split_token token = split_result_token(&before, 0);
    assert_int_equal(token.length, 6);
    assert_memory_equal(token.data, "before", 6);
    split_result_release(&result);
    split_result_release(&before);
    split_result_pool_destroy(pool);
    string_arena_destroy(&arena);
    assert_int_equal(heap_live, live);
    return refused;
}

static void split_refused(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static const char *const patterns[] = {"ab,", ",", "abcdefghijklmnopq,", "\"a\"\"b\",",
                                           "\"x\",,  y ,"};
    static const size_t lengths[] = {0, 40, 127, 128, 700, TEXT_MAX};
    static const struct {
        char quote;
        bool trim, drop_empty;
        uint32_t limit;
    } shapes[] = {
        {0, false, false, 0}, {'"', false, false, 0}, {'"', true, true, 0}, {0, false, false, 30}};
    unsigned refusals[3] = {0};
    for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
            for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
                struct split_options options = split_options_default();
                size_t pattern = strlen(patterns[p]);
                options.quote = shapes[s].quote;
                options.trim = shapes[s].trim;
                options.drop_empty = shapes[s].drop_empty;
                options.limit = shapes[s].limit;
                for (size_t i = 0; i < lengths[l]; i++)
                    text[i] = patterns[p][i % pattern];
                naive_split(&expected, text, lengths[l], &options);
                for (int strategy = OWNED; strategy <= VIEW; strategy++) {
                    unsigned n = 1;
                    /* Of thousands of tokens alike, the first ones and then some. */
                    while (refuse(n, (enum strategy)strategy, text, lengths[l], &options)) {
                        refusals[strategy]++;
                        n += n < 40 ? 1 : n / 2;
                    }
                }
            }
    naive_free(&expected);
    for (int strategy = OWNED; strategy <= VIEW; strategy++) {
        print_message("# %s: %u requests refused\n", strategies[strategy], refusals[strategy]);
        assert_true(refusals[strategy] > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_create_refused),
        cmocka_unit_test(pool_refused),
        cmocka_unit_test(split_refused),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
