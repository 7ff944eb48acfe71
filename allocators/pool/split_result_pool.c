/*
 * split_result_pool: size classes, adaptation, bounds. The fast paths are in the header.
 *
 * A class keeps at most `room` idle containers; room grows when a return finds it full although
 * misses led since the last change, and shrinks at the end of a window in which some idle
 * containers were never needed. `granted` is the part of room that has been used and is within the
 * limit: up to it a return asks nothing further.
 */
#include "split_result_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container_slab.h"

#define CLASS_COUNT SPLIT_RESULT_POOL_CLASSES
/* The classes whose containers are cut from slabs: 128 and 512 bytes. */
#define SLAB_CLASSES 2

/* Share of time stalled on memory, in percent over 10 s, above which idle memory is given back. */
#define PRESSURE_PERCENT 10.0

static size_t class_bytes(unsigned index)
{
    return index == 0 ? SPLIT_RESULT_POOL_SMALL : SPLIT_RESULT_POOL_MEDIUM << (index - 1);
}

static unsigned class_of(size_t size)
{
    if (size <= SPLIT_RESULT_POOL_SMALL)
        return 0;
    if (size <= SPLIT_RESULT_POOL_MEDIUM)
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
    pool->window_left = SPLIT_RESULT_POOL_WINDOW;
    return pool;
}

static void note_taken(struct split_result_pool *pool, size_t bytes)
{
    pool->heap_allocations++;
    pool->committed_bytes += bytes;
}

static void note_given_back(struct split_result_pool *pool, size_t bytes)
{
    pool->heap_frees++;
    pool->committed_bytes -= bytes;
}

static void *container_make(struct split_result_pool *pool, unsigned index)
{
    bool taken = false;
    size_t bytes = class_bytes(index);
    void *container = index < SLAB_CLASSES
                          ? container_slab_take(&pool->classes[index].slabs, bytes, &taken)
                          : aligned_alloc(64, bytes);
    if (!container)
        return NULL;
    pool->container_bytes += bytes;
    if (index >= SLAB_CLASSES)
        note_taken(pool, bytes);
    else if (taken)
        note_taken(pool, CONTAINER_SLAB_BYTES);
    return container;
}

static void container_free(struct split_result_pool *pool, void *container, unsigned index)
{
    size_t bytes = class_bytes(index);
    APPORTION_UNPOISON(container, bytes);
    pool->container_bytes -= bytes;
    if (index >= SLAB_CLASSES) {
        free(container);
        pool->single_frees++;
        note_given_back(pool, bytes);
    } else if (container_slab_give(&pool->classes[index].slabs, container, bytes)) {
        note_given_back(pool, CONTAINER_SLAB_BYTES);
    }
}

/* No more is granted than lies idle now. */
static void withdraw_grants(struct split_result_pool *pool, unsigned index)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    pool->granted_bytes -= (class_->granted - class_->count) * class_bytes(index);
    class_->granted = class_->count;
}

/* Frees idle containers of a class until `keep` are left. */
static void shrink_class(struct split_result_pool *pool, unsigned index, uint32_t keep)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    while (class_->count > keep) {
        struct split_result_pool_idle *container = class_->idle;
        APPORTION_REVEAL(container, sizeof *container);
        class_->idle = container->next;
        class_->count--;
        container_free(pool, container, index);
    }
    withdraw_grants(pool, index);
    if (class_->low_water > class_->count)
        class_->low_water = class_->count;
}

void split_result_pool_trim(struct split_result_pool *pool)
{
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        shrink_class(pool, i, 0);
    for (unsigned i = 0; i < SLAB_CLASSES; i++)
        if (container_slab_trim(&pool->classes[i].slabs))
            note_given_back(pool, CONTAINER_SLAB_BYTES);
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
    bool idle = false;
    pool->gets_before += SPLIT_RESULT_POOL_WINDOW - pool->window_left;
    pool->window_left = SPLIT_RESULT_POOL_WINDOW;
    for (unsigned i = 0; i < CLASS_COUNT; i++) {
        struct split_result_pool_class *class_ = &pool->classes[i];
        if (class_->low_water > 1) {
            uint32_t unneeded = class_->low_water / 2;
            shrink_class(pool, i, class_->count - unneeded);
            if (class_->room > 8 && class_->room - unneeded >= 8) {
                class_->room -= unneeded;
                pool->resizes++;
            }
        }
        class_->low_water = class_->count;
        idle = idle || class_->count > 0;
    }
    if (idle && pressure_is_high(pool->options.pressure_file))
        split_result_pool_trim(pool);
}

static void *get_new(struct split_result_pool *pool, unsigned index, size_t size, size_t *capacity)
{
    if (index >= CLASS_COUNT || size > class_bytes(CLASS_COUNT - 1)) {
        errno = ENOMEM;
        return NULL;
    }
    void *container = container_make(pool, index);
    if (!container) {
        errno = ENOMEM;
        return NULL;
    }
    pool->classes[index].misses++;
    pool->misses++;
    pool->window_left--;
    *capacity = class_bytes(index);
    return container;
}

__attribute__((noinline, cold)) void *split_result_pool_get_slow(struct split_result_pool *pool,
                                                                 size_t size, size_t *capacity)
{
    unsigned index = class_of(size);
    if (pool->window_left <= 1)
        end_window(pool);
    if (index >= CLASS_COUNT || !pool->classes[index].idle)
        return get_new(pool, index, size, capacity);
    struct split_result_pool_class *class_ = &pool->classes[index];
    *capacity = class_bytes(index);
    if (class_->low_water >= class_->count)
        class_->low_water = class_->count - 1;
    return split_result_pool_take(pool, class_, *capacity);
}

/* Room for one more idle container of a class: by growing where misses led. */
static bool make_room(struct split_result_pool *pool, struct split_result_pool_class *class_)
{
    if (class_->count < class_->room)
        return true;
    if (class_->misses < class_->room || class_->room >= pool->options.idle_max)
        return false;
    class_->room *= 2;
    if (class_->room > pool->options.idle_max)
        class_->room = pool->options.idle_max;
    class_->misses = class_->misses > class_->room ? class_->misses : 0;
    pool->resizes++;
    return true;
}

/* One more granted to a class, within the limit: grants that other classes do not use go first. */
static bool grant(struct split_result_pool *pool, unsigned index)
{
    size_t bytes = class_bytes(index);
    if (pool->granted_bytes + bytes > pool->options.limit)
        for (unsigned i = 0; i < CLASS_COUNT; i++)
            withdraw_grants(pool, i);
    if (pool->granted_bytes + bytes > pool->options.limit ||
        !make_room(pool, &pool->classes[index]))
        return false;
    pool->classes[index].granted++;
    pool->granted_bytes += bytes;
    return true;
}

__attribute__((noinline, cold)) void split_result_pool_return_slow(struct split_result_pool *pool,
                                                                   void *container, size_t capacity)
{
    if (!container)
        return;
    unsigned index = class_of(capacity);
    struct split_result_pool_class *class_ = &pool->classes[index];
    capacity = class_bytes(index); /* a caller may name the size it asked for */
#if APPORTION_GUARDED
    *(volatile char *)container = 0; /* closed where it lies idle already */
#endif
    if (class_->count >= class_->granted && !grant(pool, index))
        container_free(pool, container, index);
    else
        split_result_pool_put(class_, container, capacity);
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
    pool->resizes++;
    *capacity = larger_capacity;
    return larger;
}

struct split_result_pool_statistics
split_result_pool_statistics(const struct split_result_pool *pool)
{
    struct split_result_pool_statistics statistics;
    uint64_t gets = pool->gets_before + SPLIT_RESULT_POOL_WINDOW - pool->window_left;
    statistics.hits = gets - pool->misses;
    statistics.misses = pool->misses;
    statistics.heap_allocations = pool->heap_allocations;
    statistics.heap_frees = pool->heap_frees;
    statistics.single_frees = pool->single_frees;
    statistics.resizes = pool->resizes;
    statistics.idle_bytes = 0;
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        statistics.idle_bytes += pool->classes[i].count * class_bytes(i);
    statistics.container_bytes = pool->container_bytes;
    statistics.committed_bytes = pool->committed_bytes;
    return statistics;
}
