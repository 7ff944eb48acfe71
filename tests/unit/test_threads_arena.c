/* link: lib */
/*
 * The thread's own arena: lent and released, nested, begun late and again, ended with its thread
 * (thousands of short ones leave nothing behind), and arenas handed to another thread.
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "string_arena_thread.h"

/* A source for all threads that counts what is out. */
static _Atomic size_t bytes_out, acquired;

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    atomic_fetch_add(&bytes_out, size);
    atomic_fetch_add(&acquired, 1);
    return aligned_alloc(alignment, size);
}

static void source_release(void *context, void *memory, size_t size)
{
    (void)context;
    atomic_fetch_sub(&bytes_out, size);
    free(memory);
}

static const struct string_arena_options counted = {
    .source = {source_acquire, source_release, NULL}};

static void on_thread(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, function, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* Takes the bytes that *argument says; leaves errno at 77. */
static bool take(void *argument, struct string_arena *arena)
{
    size_t size = *(size_t *)argument;
    char *bytes = string_arena_bytes(arena, size);
    if (bytes)
        memset(bytes, 1, size);
    errno = 77;
    return bytes != NULL;
}

static bool ask(void *argument, struct string_arena *arena)
{
    *(size_t *)argument = string_arena_statistics(arena).in_use_bytes;
    return true;
}

static size_t in_use(void)
{
    size_t bytes = SIZE_MAX;
    assert_true(string_arena_with(ask, &bytes));
    return bytes;
}

static bool returns_false(void *argument, struct string_arena *arena)
{
    (void)argument;
    (void)arena;
    errno = 5;
    return false;
}

static void lent_and_released(void **state)
{
    (void)state;
    size_t small = 100, large = 5 << 20;
    assert_true(string_arena_thread_begin(&counted));
    assert_int_equal(bytes_out, 0); /* lazily: not a chunk before the first use */
    assert_true(string_arena_with(take, &small));
    size_t empty = in_use();
    errno = 0;
    assert_true(string_arena_with(take, &small));
    assert_int_equal(errno, 77);
    assert_int_equal(in_use(), empty);
    assert_int_equal(bytes_out, STRING_ARENA_CHUNK_SIZE); /* the chunk stays */
    size_t acquired_once = acquired;
    for (unsigned i = 0; i < 1000; i++)
        assert_true(string_arena_with(take, &small));
    assert_int_equal(acquired, acquired_once);
    assert_true(string_arena_with(take, &large));
    for (unsigned i = 0; i < 1000; i++)
        assert_true(string_arena_with(take, &small));
    assert_int_equal(bytes_out,
                     STRING_ARENA_CHUNK_SIZE); /* a block of its own does not, for long */
    assert_false(string_arena_with(returns_false, NULL));
    assert_int_equal(errno, 5);
    assert_true(string_arena_thread_end());
    assert_int_equal(bytes_out, 0);
    assert_true(string_arena_thread_end());
    /* and again, with the defaults */
    assert_true(string_arena_with(take, &small));
    assert_int_equal(bytes_out, 0);
    assert_true(string_arena_thread_end());
}

struct nest {
    struct string_arena *arena;
    unsigned depth;
};

static bool nested(void *argument, struct string_arena *arena)
{
    struct nest *nest = argument;
    struct string_arena_statistics before, after;
    if (nest->arena)
        assert_ptr_equal(arena, nest->arena);
    nest->arena = arena;
    char *mine = string_arena_bytes(arena, 1000);
    memset(mine, (int)nest->depth, 1000);
    before = string_arena_statistics(arena);
    assert_false(string_arena_thread_end());
    assert_int_equal(errno, EBUSY);
    assert_false(string_arena_thread_begin(NULL));
    assert_int_equal(errno, EBUSY);
    size_t size = 70000; /* a further chunk, or a block */
    if (nest->depth < 6) {
        nest->depth++;
        assert_true(string_arena_with(nested, nest));
        nest->depth--;
        assert_true(string_arena_with(take, &size));
    }
    after = string_arena_statistics(arena);
    assert_int_equal(before.in_use_bytes, after.in_use_bytes); /* theirs is gone */
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(mine[i], (char)nest->depth); /* mine is not */
    return true;
}

static void nested_calls(void **state)
{
    (void)state;
    struct nest nest = {NULL, 0};
    size_t small = 1;
    assert_true(string_arena_with(take, &small));
    size_t empty = in_use();
    assert_true(string_arena_with(nested, &nest));
    assert_int_equal(in_use(), empty);
    assert_true(string_arena_thread_end());
}

static void *short_life(void *argument)
{
    size_t size = 1000;
    if (!string_arena_thread_begin(&counted) || !string_arena_with(take, &size))
        *(bool *)argument = false;
    return NULL;
}

static bool exits_within(void *argument, struct string_arena *arena)
{
    (void)argument;
    string_arena_bytes(arena, 1000);
    pthread_exit(NULL);
}

static void *exits(void *argument)
{
    (void)argument;
    (void)string_arena_thread_begin(&counted);
    (void)string_arena_with(exits_within, NULL);
    return NULL;
}

static size_t resident_pages(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
    fclose(file);
    return pages;
}

static void thousands_of_threads(void **state)
{
    (void)state;
    bool good = true;
    size_t acquired_before = acquired;
    for (unsigned i = 0; i < 100; i++)
        on_thread(short_life, &good);
    size_t pages = resident_pages();
    for (unsigned i = 0; i < 3000; i++)
        on_thread(i % 8 ? short_life : exits, &good);
    assert_true(good);
    assert_int_equal(acquired - acquired_before, 3100); /* each had a chunk of its own */
    assert_int_equal(bytes_out, 0);                     /* and gave it back */
#if !defined(__SANITIZE_THREAD__) && !APPORTION_GUARDED /* which keep what is freed */
    /* 3000 chunks would be 190 MB, of which at least a page each was touched: 3000 pages. */
    assert_true(resident_pages() < pages + 1000);
#endif
    (void)pages;
}

/* A destructor of the program's own that uses the arena after it has ended. */
static pthread_key_t late_key;

static void late(void *value)
{
    if ((uintptr_t)value == 1) { /* run again, after the arena's own for sure */
        pthread_setspecific(late_key, (void *)(uintptr_t)2);
        return;
    }
    bool good;
    short_life(&good);
}

static void *late_life(void *argument)
{
    pthread_setspecific(late_key, (void *)(uintptr_t)1);
    return short_life(argument);
}

static void used_by_a_destructor(void **state)
{
    (void)state;
    bool good = true;
    size_t acquired_before = acquired;
    assert_int_equal(pthread_key_create(&late_key, late), 0);
    on_thread(late_life, &good);
    assert_true(good);
    assert_int_equal(acquired - acquired_before, 2);
    assert_int_equal(bytes_out, 0);
    pthread_key_delete(late_key);
}

/* ---- a whole arena to another thread ---- */

struct parcel {
    struct string_arena arena;
    char *token;
    char *large;
};

static void *makes(void *argument)
{
    struct parcel *parcel = argument;
    struct string_arena arena;
    (void)string_arena_init(&arena, &counted);
    parcel->token = string_arena_copy(&arena, "token", 5);
    parcel->large = string_arena_bytes(&arena, 1 << 20);
    memset(parcel->large, 'L', 1 << 20);
    string_arena_move(&parcel->arena, &arena);
    /* The giver goes on with an empty one. */
    (void)string_arena_copy(&arena, "other", 5);
    string_arena_destroy(&arena);
    return NULL;
}

static void handed_over(void **state)
{
    (void)state;
    struct parcel parcel;
    on_thread(makes, &parcel);
    assert_memory_equal(parcel.token, "token", 5);
    for (size_t i = 0; i < 1 << 20; i++)
        assert_int_equal(parcel.large[i], 'L');
    assert_true(bytes_out > 1 << 20);
    assert_non_null(string_arena_bytes(&parcel.arena, 200000)); /* and goes on growing here */
    string_arena_reset(&parcel.arena);
    string_arena_destroy(&parcel.arena);
    assert_int_equal(bytes_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lent_and_released),    cmocka_unit_test(nested_calls),
        cmocka_unit_test(thousands_of_threads), cmocka_unit_test(used_by_a_destructor),
        cmocka_unit_test(handed_over),
    };
    return cmocka_run_group_tests_name("threads: arena", tests, NULL, NULL);
}
