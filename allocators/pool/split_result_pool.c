/*
 * split_result_pool: size classes, adaptation, bounds.
 *
 * An idle container holds the link to the next in its first word. A class keeps at most `room` idle
 * containers; room grows when a return finds it full although misses led since the last change, and
 * shrinks at the end of a window in which some idle containers were never needed.
 */
#include "split_result_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "string_arena_annotate.h"

/* 128 bytes are 16 spans, 512 are 64; then powers of two up to 2^31 spans. */
#define CLASS_COUNT 28
#define CLASS_SMALL 128
#define CLASS_MEDIUM 512

/* Gets between two looks at what lies idle. */
#define WINDOW 4096

/* Share of time stalled on memory, in percent over 10 s, above which idle memory is given back. */
#define PRESSURE_PERCENT 10.0

struct idle {
    struct idle *next;
};

struct size_class {
    struct idle *idle; /* last in, first out: the one most likely still in cache */
    uint32_t count;
    uint32_t room;
    uint32_t low_water; /* least count in this window */
    uint32_t misses;    /* since room last grew */
};

struct split_result_pool {
    struct size_class classes[CLASS_COUNT];
    struct split_result_pool_options options; /* defaults filled in */
    struct split_result_pool_statistics statistics;
    uint32_t window_left;
};

static size_t class_bytes(unsigned index)
{
    return index == 0 ? CLASS_SMALL : (size_t)CLASS_MEDIUM << (index - 1);
}

static unsigned class_of(size_t size)
{
    if (size <= CLASS_SMALL)
        return 0;
    if (size <= CLASS_MEDIUM)
        return 1;
    return (unsigned)(64 - __builtin_clzll((unsigned long long)size - 1)) - 8;
}

size_t split_result_pool_capacity(size_t size)
{
    unsigned index = class_of(size);
    return index < CLASS_COUNT && size <= class_bytes(index) ? class_bytes(index) : 0;
}

struct split_result_pool *split_result_pool_create(const struct split_result_pool_options *options)
{
    struct split_result_pool *pool = (struct split_result_pool *)calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    if (options)
        pool->options = *options;
    if (pool->options.limit == 0)
        pool->options.limit = (size_t)1 << 20;
    if (pool->options.idle_max == 0)
        pool->options.idle_max = 4096;
    if (!pool->options.pressure_file)
        pool->options.pressure_file = "/proc/pressure/memory";
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        pool->classes[i].room = i == 0 ? 32 : i == 1 ? 16 : 8;
    pool->window_left = WINDOW;
    return pool;
}

static void container_free(struct split_result_pool *pool, void *container, size_t bytes)
{
    APPORTION_UNPOISON(container, bytes);
    free(container);
    pool->statistics.heap_frees++;
    pool->statistics.committed_bytes -= bytes;
}

/* Frees idle containers of a class until `keep` are left. */
static void shrink_class(struct split_result_pool *pool, unsigned index, uint32_t keep)
{
    struct size_class *class_ = &pool->classes[index];
    size_t bytes = class_bytes(index);
    while (class_->count > keep) {
        struct idle *container = class_->idle;
        APPORTION_UNPOISON(container, sizeof *container);
        class_->idle = container->next;
        class_->count--;
        pool->statistics.idle_bytes -= bytes;
        container_free(pool, container, bytes);
    }
    if (class_->low_water > class_->count)
        class_->low_water = class_->count;
}

void split_result_pool_trim(struct split_result_pool *pool)
{
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        shrink_class(pool, i, 0);
}

void split_result_pool_destroy(struct split_result_pool *pool)
{
    if (!pool)
        return;
    split_result_pool_trim(pool);
    free(pool);
}

/* "some avg10=1.23 …": false where the kernel has no such figures. */
static bool pressure_is_high(const char *file)
{
    char text[128];
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    if (length <= 0)
        return false;
    text[length] = 0;
    double percent = 0;
    return sscanf(text, "some avg10=%lf", &percent) == 1 && percent > PRESSURE_PERCENT;
}

/* Once a window: gives back half of what lay idle all along. */
static __attribute__((noinline, cold)) void end_window(struct split_result_pool *pool)
{
    pool->window_left = WINDOW;
    bool idle = false;
    for (unsigned i = 0; i < CLASS_COUNT; i++) {
        struct size_class *class_ = &pool->classes[i];
        if (class_->low_water > 1) {
            uint32_t unneeded = class_->low_water / 2;
            shrink_class(pool, i, class_->count - unneeded);
            if (class_->room > 8 && class_->room - unneeded >= 8) {
                class_->room -= unneeded;
                pool->statistics.resizes++;
            }
        }
        class_->low_water = class_->count;
        idle = idle || class_->count > 0;
    }
    if (idle && pressure_is_high(pool->options.pressure_file))
        split_result_pool_trim(pool);
}

static __attribute__((noinline, cold)) void *get_new(struct split_result_pool *pool, unsigned index,
                                                     size_t size, size_t *capacity)
{
    if (index >= CLASS_COUNT || size > class_bytes(CLASS_COUNT - 1)) {
        errno = ENOMEM;
        return NULL;
    }
    size_t bytes = class_bytes(index);
    void *container = aligned_alloc(64, bytes);
    if (!container) {
        errno = ENOMEM;
        return NULL;
    }
    pool->classes[index].misses++;
    pool->statistics.misses++;
    pool->statistics.committed_bytes += bytes;
    *capacity = bytes;
    return container;
}

void *split_result_pool_get(struct split_result_pool *pool, size_t size, size_t *capacity)
{
    unsigned index = class_of(size);
    if (__builtin_expect(--pool->window_left == 0, 0))
        end_window(pool);
    if (__builtin_expect(index >= CLASS_COUNT || !pool->classes[index].idle, 0))
        return get_new(pool, index, size, capacity);
    struct size_class *class_ = &pool->classes[index];
    struct idle *container = class_->idle;
    *capacity = class_bytes(index);
    APPORTION_UNPOISON(container, *capacity);
    class_->idle = container->next;
    class_->count--;
    if (class_->count < class_->low_water)
        class_->low_water = class_->count;
    pool->statistics.hits++;
    pool->statistics.idle_bytes -= *capacity;
    return container;
}

/* A return that finds its class full, or the pool at its limit. */
static __attribute__((noinline, cold)) bool make_idle_room(struct split_result_pool *pool,
                                                           struct size_class *class_, size_t bytes)
{
    if (pool->statistics.idle_bytes + bytes > pool->options.limit)
        return false;
    if (class_->count < class_->room)
        return true;
    if (class_->misses < class_->room || class_->room >= pool->options.idle_max)
        return false;
    class_->room *= 2;
    if (class_->room > pool->options.idle_max)
        class_->room = pool->options.idle_max;
    class_->misses = class_->misses > class_->room ? class_->misses : 0;
    pool->statistics.resizes++;
    return true;
}

void split_result_pool_return(struct split_result_pool *pool, void *container, size_t capacity)
{
    if (!container)
        return;
    unsigned index = class_of(capacity);
    struct size_class *class_ = &pool->classes[index];
    struct idle *idle = (struct idle *)container;
    capacity = class_bytes(index); /* a caller may name the size it asked for */
#if APPORTION_ASAN
    idle->next = NULL; /* a container that lies idle is poisoned: returning it twice traps here */
#endif
    pool->statistics.returns++;
    if (__builtin_expect(class_->count >= class_->room ||
                             pool->statistics.idle_bytes + capacity > pool->options.limit,
                         0) &&
        !make_idle_room(pool, class_, capacity)) {
        container_free(pool, container, capacity);
        return;
    }
    idle->next = class_->idle;
    class_->idle = idle;
    class_->count++;
    pool->statistics.idle_bytes += capacity;
    APPORTION_POISON(container, capacity);
}

void *split_result_pool_grow(struct split_result_pool *pool, void *container, size_t *capacity,
                             size_t used, size_t size)
{
    size_t larger_capacity;
    void *larger = split_result_pool_get(pool, size, &larger_capacity);
    if (!larger)
        return NULL;
    memcpy(larger, container, used);
    split_result_pool_return(pool, container, *capacity);
    pool->statistics.resizes++;
    *capacity = larger_capacity;
    return larger;
}

struct split_result_pool_statistics
split_result_pool_statistics(const struct split_result_pool *pool)
{
    return pool->statistics;
}
