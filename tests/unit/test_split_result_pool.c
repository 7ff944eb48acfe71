/* link: lib */
/* The pool: classes, reuse, bounds, adaptation, pressure, misuse. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "death.h"
#include "split_result_pool.h"

static void last_in_first_out(void **state)
{
    (void)state;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    size_t capacity;
    void *first = split_result_pool_get(pool, 100, &capacity);
    void *second = split_result_pool_get(pool, 100, &capacity);
    assert_true(capacity >= 100);
    assert_int_equal((uintptr_t)first % 64, 0);
    split_result_pool_return(pool, first, capacity);
    split_result_pool_return(pool, second, capacity);
    assert_ptr_equal(split_result_pool_get(pool, 100, &capacity), second);
    assert_ptr_equal(split_result_pool_get(pool, 90, &capacity), first);
    struct split_result_pool_statistics statistics = split_result_pool_statistics(pool);
    assert_int_equal(statistics.hits, 2);
    assert_int_equal(statistics.misses, 2);
    assert_int_equal(statistics.heap_frees, 0);
    split_result_pool_return(pool, first, capacity);
    split_result_pool_return(pool, second, capacity);
    split_result_pool_return(pool, NULL, 100);
    split_result_pool_destroy(pool);
    split_result_pool_destroy(NULL);
}

/* Every size fits its container, whole, and returns to the class it came from. */
static void every_size(void **state)
{
    (void)state;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    for (size_t size = 1; size < 70000; size += 1 + size / 7) {
        size_t capacity, again;
        void *container = split_result_pool_get(pool, size, &capacity);
        assert_non_null(container);
        assert_true(capacity >= size);
        memset(container, 1, capacity);
        split_result_pool_return(pool, container, size); /* the size asked for will do */
        assert_ptr_equal(split_result_pool_get(pool, size, &again), container);
        assert_int_equal(again, capacity);
        split_result_pool_return(pool, container, capacity);
    }
    struct split_result_pool_statistics statistics = split_result_pool_statistics(pool);
    assert_int_equal(statistics.idle_bytes, statistics.container_bytes);
    assert_true(statistics.container_bytes <= statistics.committed_bytes);
    size_t capacity;
    assert_null(split_result_pool_get(pool, SIZE_MAX / 2, &capacity));
    split_result_pool_destroy(pool);
}

static void growing_keeps_content(void **state)
{
    (void)state;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    size_t capacity;
    char *container = split_result_pool_get(pool, 128, &capacity);
    memset(container, 7, 128);
    container = split_result_pool_grow(pool, container, &capacity, 128, 4000);
    assert_true(capacity >= 4000);
    for (unsigned i = 0; i < 128; i++)
        assert_int_equal(container[i], 7);
    assert_null(split_result_pool_grow(pool, container, &capacity, 128, SIZE_MAX / 2));
    assert_int_equal(container[127], 7);
    split_result_pool_return(pool, container, capacity);
    split_result_pool_destroy(pool);
}

/* Takes n containers and returns them all. */
static void wave(struct split_result_pool *pool, unsigned n)
{
    static void *held[10000];
    size_t capacity = 0;
    for (unsigned i = 0; i < n; i++)
        held[i] = split_result_pool_get(pool, 100, &capacity);
    for (unsigned i = 0; i < n; i++)
        split_result_pool_return(pool, held[i], capacity);
}

/* Misses lead to more room: a wave of 1000 is soon served without the heap. */
static void grows_where_misses_lead(void **state)
{
    (void)state;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    for (unsigned i = 0; i < 3; i++)
        wave(pool, 1000);
    struct split_result_pool_statistics before = split_result_pool_statistics(pool);
    wave(pool, 1000);
    struct split_result_pool_statistics after = split_result_pool_statistics(pool);
    assert_int_equal(after.misses, before.misses);
    assert_int_equal(after.heap_frees, before.heap_frees);
    assert_true(after.resizes > 0);
    split_result_pool_destroy(pool);
}

/* What lies idle for long is given back. */
static void shrinks_where_idle(void **state)
{
    (void)state;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    for (unsigned i = 0; i < 3; i++)
        wave(pool, 1000);
    size_t large = split_result_pool_statistics(pool).idle_bytes;
    for (unsigned i = 0; i < 100000; i++)
        wave(pool, 1);
    assert_true(split_result_pool_statistics(pool).idle_bytes < large / 10);
    split_result_pool_destroy(pool);
}

static void bounds_hold(void **state)
{
    (void)state;
    struct split_result_pool_options options = {.limit = 10000};
    struct split_result_pool *pool = split_result_pool_create(&options);
    for (unsigned i = 0; i < 20; i++) {
        wave(pool, 500);
        assert_true(split_result_pool_statistics(pool).idle_bytes <= 10000);
    }
    split_result_pool_destroy(pool);
    options = (struct split_result_pool_options){.idle_max = 40};
    pool = split_result_pool_create(&options);
    for (unsigned i = 0; i < 20; i++)
        wave(pool, 500);
    assert_true(split_result_pool_statistics(pool).idle_bytes <= (size_t)40 * 128);
    split_result_pool_trim(pool);
    assert_int_equal(split_result_pool_statistics(pool).idle_bytes, 0);
    assert_int_equal(split_result_pool_statistics(pool).committed_bytes, 0);
    split_result_pool_destroy(pool);
}

/* Containers of a slab are apart, aligned, and its slabs go when all of them came back. */
static void slabs_serve_many(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static unsigned char *held[COUNT];
    struct split_result_pool_options options = {.limit = 1};
    struct split_result_pool *pool = split_result_pool_create(&options);
    size_t capacity = 0;
    for (unsigned round = 0; round < 3; round++) {
        size_t size = round == 1 ? 500 : 100;
        for (unsigned i = 0; i < COUNT; i++) {
            held[i] = split_result_pool_get(pool, size, &capacity);
            assert_int_equal((uintptr_t)held[i] % 64, 0);
            memset(held[i], (int)i, capacity);
        }
        for (unsigned i = 0; i < COUNT; i++)
            for (size_t k = 0; k < capacity; k++)
                assert_int_equal(held[i][k], (unsigned char)i);
        struct split_result_pool_statistics full = split_result_pool_statistics(pool);
        if (!APPORTION_GUARDED)
            assert_true((double)full.committed_bytes < 1.05 * (double)(COUNT * capacity) + 32768);
        for (unsigned i = 0; i < COUNT; i++) /* in another order than they were taken */
            split_result_pool_return(pool, held[(i * 7) % COUNT], capacity);
        struct split_result_pool_statistics empty = split_result_pool_statistics(pool);
        assert_true(empty.committed_bytes < 3 * (size_t)16384);
        assert_true(empty.heap_allocations - empty.heap_frees <= 2);
    }
    assert_true(split_result_pool_statistics(pool).heap_allocations < 3 * COUNT / 10);
    split_result_pool_trim(pool);
    assert_int_equal(split_result_pool_statistics(pool).committed_bytes, 0);
    split_result_pool_destroy(pool);
}

static void write_pressure(const char *file, const char *percent)
{
    FILE *out = fopen(file, "w");
    fprintf(out, "some avg10=%s avg60=1.00 avg300=0.10 total=1\n", percent);
    fclose(out);
}

/* Idle bytes after a window and more in which one container a time was needed. */
static size_t idle_after_windows(struct split_result_pool *pool)
{
    for (unsigned i = 0; i < SPLIT_RESULT_POOL_WINDOW + 100; i++)
        wave(pool, 1);
    return split_result_pool_statistics(pool).idle_bytes;
}

/* The kernel's figures say that tasks stall on memory, from the beginning or later: nothing is kept
 * idle past a window. */
static void pressure_empties_the_pool(void **state)
{
    (void)state;
    char file[] = "/tmp/apportion-pressure-XXXXXX";
    close(mkstemp(file));
    struct split_result_pool_options options = {.pressure_file = file};
    for (unsigned later = 0; later < 2; later++) {
        write_pressure(file, later ? "3.00" : "35.00");
        struct split_result_pool *pool = split_result_pool_create(&options);
        wave(pool, 300);
        size_t idle = split_result_pool_statistics(pool).idle_bytes;
        if (later) {
            assert_true(idle_after_windows(pool) > idle / 10);
            write_pressure(file, "35.00");
            nanosleep(&(struct timespec){.tv_nsec = 600000000}, NULL); /* when it looks again */
        }
        assert_true(idle_after_windows(pool) < idle / 10);
        split_result_pool_destroy(pool);
    }
    unlink(file);
}

#if APPORTION_GUARDED
static void double_return(void)
{
    struct split_result_pool *pool = split_result_pool_create(NULL);
    size_t capacity;
    void *container = split_result_pool_get(pool, 100, &capacity);
    split_result_pool_return(pool, container, capacity);
    split_result_pool_return(pool, container, capacity);
}

static void use_after_return(void)
{
    struct split_result_pool *pool = split_result_pool_create(NULL);
    size_t capacity;
    volatile char *container = split_result_pool_get(pool, 100, &capacity);
    split_result_pool_return(pool, (void *)(uintptr_t)container, capacity);
    (void)container[50];
}

static void proper_use(void)
{
    struct split_result_pool *pool = split_result_pool_create(NULL);
    size_t capacity;
    void *container = split_result_pool_get(pool, 100, &capacity);
    split_result_pool_return(pool, container, capacity);
    volatile char *again = split_result_pool_get(pool, 100, &capacity);
    again[99] = 1;
    split_result_pool_return(pool, (void *)(uintptr_t)again, capacity);
    split_result_pool_destroy(pool);
}

static void misuse_traps(void **state)
{
    (void)state;
    if (!MEMORY_IS_WATCHED)
        return;
    assert_true(dies(double_return));
    assert_true(dies(use_after_return));
    assert_false(dies(proper_use));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_in_first_out),
        cmocka_unit_test(every_size),
        cmocka_unit_test(growing_keeps_content),
        cmocka_unit_test(grows_where_misses_lead),
        cmocka_unit_test(shrinks_where_idle),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(slabs_serve_many),
        cmocka_unit_test(pressure_empties_the_pool),
#if APPORTION_GUARDED
        cmocka_unit_test(misuse_traps),
#endif
    };
    return cmocka_run_group_tests_name("split result pool", tests, NULL, NULL);
}
