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
#include <time.h>
#include <unistd.h>

#include "split_result_classes.h"

#define CLASS_COUNT SPLIT_RESULT_POOL_CLASSES

/* Share of time stalled on memory, in percent over 10 s, above which idle memory is given back. */
#define PRESSURE_PERCENT 10.0
/* The kernel works its figures out every 2 s, and to read them costs what hundreds of lines do. */
#define PRESSURE_LOOK_MS 500

size_t split_result_pool_capacity(size_t size)
{
    unsigned index = split_result_class_of(size);
    return index < CLASS_COUNT && size <= split_result_class_bytes(index)
               ? split_result_class_bytes(index)
               : 0;
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
    for (unsigned i = 0; i < CLASS_COUNT; i++) {
        pool->classes[i].room = i == 0 ? 32 : i == 1 ? 16 : 8;
        /* After a magazine has gone, or come, there is as much room either way. */
        if (pool->options.exchange)
            pool->classes[i].room = 2 * split_result_magazine_size(i);
    }
    pool->window_left = SPLIT_RESULT_POOL_WINDOW;
    pool->granted_bytes = SPLIT_RESULT_POOL_SMALL; /* for the one that stands ready */
    return pool;
}

/* What the pool's committed bytes change by with a container; asked: the heap was, for it. */
static size_t committed_with(const struct split_result_pool *pool, unsigned index, bool asked)
{
    if (pool->options.exchange || index >= SPLIT_RESULT_SLAB_CLASSES)
        return split_result_class_bytes(index);
    return asked ? CONTAINER_SLAB_BYTES : 0;
}

static void *container_make(struct split_result_pool *pool, unsigned index)
{
    struct split_result_exchange *exchange = pool->options.exchange;
    bool taken;
    void *container = exchange
                          ? split_result_exchange_make(exchange, index, &taken)
                          : split_result_container_make(&pool->classes[index].slabs, index, &taken);
    if (!container)
        return NULL;
    pool->container_bytes += split_result_class_bytes(index);
    pool->committed_bytes += committed_with(pool, index, taken);
    pool->heap_allocations += taken;
    return container;
}

static void container_free(struct split_result_pool *pool, void *container, unsigned index)
{
    struct split_result_exchange *exchange = pool->options.exchange;
    bool given = exchange
                     ? split_result_exchange_free(exchange, container, index)
                     : split_result_container_free(&pool->classes[index].slabs, container, index);
    pool->container_bytes -= split_result_class_bytes(index);
    pool->committed_bytes -= committed_with(pool, index, given);
    pool->heap_frees += given;
    pool->single_frees += index >= SPLIT_RESULT_SLAB_CLASSES;
}

/* No more is granted than lies idle now. */
static void withdraw_grants(struct split_result_pool *pool, unsigned index)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    pool->granted_bytes -= (class_->granted - class_->count) * split_result_class_bytes(index);
    class_->granted = class_->count;
}

/* Frees idle containers of a class until `keep` are left. */
static void shrink_class(struct split_result_pool *pool, unsigned index, uint32_t keep)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    while (class_->count > keep)
        container_free(pool, split_result_pool_pop(class_), index);
    withdraw_grants(pool, index);
    if (class_->low_water > class_->count)
        class_->low_water = class_->count;
}

/* Up to a magazine of a class's idle containers to the exchange, the newest: their links are in the
 * cache. False: nothing to give, or the exchange is full. */
static bool spill(struct split_result_pool *pool, unsigned index)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    uint32_t count = split_result_magazine_size(index);
    if (count > class_->count)
        count = class_->count;
    if (!pool->options.exchange || count == 0)
        return false;
    uint32_t place = split_result_exchange_reserve(pool->options.exchange, index, count);
    if (place == 0)
        return false;
    struct split_result_pool_idle *chain = class_->idle, *last = chain;
    for (uint32_t i = 1; i < count; i++)
        last = split_result_idle_next(last);
    class_->idle = split_result_idle_next(last);
    APPORTION_UNPOISON(last, sizeof *last);
    last->next = NULL;
    APPORTION_POISON(last, sizeof *last);
    class_->count -= count;
    if (class_->low_water > class_->count)
        class_->low_water = class_->count;
    pool->committed_bytes -= count * split_result_class_bytes(index);
    pool->container_bytes -= count * split_result_class_bytes(index);
    pool->spills++;
    split_result_exchange_put(pool->options.exchange, place, index, chain, count);
    return true;
}

/* The container that stands ready, to those of its class. */
static void stand_down(struct split_result_pool *pool)
{
    if (pool->ready)
        split_result_pool_push(&pool->classes[0], pool->ready, SPLIT_RESULT_POOL_SMALL);
    pool->ready = NULL;
}

void split_result_pool_trim(struct split_result_pool *pool)
{
    stand_down(pool);
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        shrink_class(pool, i, 0);
    for (unsigned i = 0; i < SPLIT_RESULT_SLAB_CLASSES; i++)
        if (container_slab_trim(&pool->classes[i].slabs)) {
            pool->heap_frees++;
            pool->committed_bytes -= CONTAINER_SLAB_BYTES;
        }
}

void split_result_pool_destroy(struct split_result_pool *pool)
{
    if (!pool)
        return;
    stand_down(pool);
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        while (spill(pool, i)) {
        }
    split_result_pool_trim(pool);
    if (pool->options.exchange)
        split_result_exchange_settle(pool->options.exchange, pool->committed_bytes);
    free(pool);
}

/* Whether it is time for another look at them; the first is at once. */
static bool pressure_is_due(struct split_result_pool *pool)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* no system call */
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (ms < pool->pressure_due_ms)
        return false;
    pool->pressure_due_ms = ms + PRESSURE_LOOK_MS;
    return true;
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
    bool idle = pool->ready != NULL;
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
    if ((idle || pool->options.exchange) && pressure_is_due(pool) &&
        pressure_is_high(pool->options.pressure_file)) {
        split_result_pool_trim(pool);
        if (pool->options.exchange)
            split_result_exchange_trim(pool->options.exchange);
    }
}

static void *get_new(struct split_result_pool *pool, unsigned index, size_t size, size_t *capacity)
{
    if (index >= CLASS_COUNT || size > split_result_class_bytes(CLASS_COUNT - 1)) {
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
    *capacity = split_result_class_bytes(index);
    return container;
}

/* A magazine from the exchange for a class that has none idle; false: there is none, or no room
 * within the limit. */
static bool refill(struct split_result_pool *pool, unsigned index)
{
    struct split_result_pool_class *class_ = &pool->classes[index];
    size_t bytes = split_result_class_bytes(index);
    if (!pool->options.exchange)
        return false;
    size_t most = split_result_magazine_size(index) * bytes;
    size_t mine = class_->granted * bytes;
    if (mine < most && pool->granted_bytes - mine + most > pool->options.limit) {
        for (unsigned i = 0; i < CLASS_COUNT; i++)
            withdraw_grants(pool, i);
        if (pool->granted_bytes + most > pool->options.limit)
            return false;
    }
    uint32_t count;
    class_->idle = split_result_exchange_take(pool->options.exchange, index, &count);
    if (!class_->idle)
        return false;
    class_->count = count;
    if (class_->granted < count) {
        pool->granted_bytes += (count - class_->granted) * bytes;
        class_->granted = count;
    }
    class_->misses += count; /* of this pool: one that swings so far had better keep more */
    pool->committed_bytes += count * bytes;
    pool->container_bytes += count * bytes;
    pool->refills++;
    return true;
}

__attribute__((noinline, cold)) void *split_result_pool_get_slow(struct split_result_pool *pool,
                                                                 size_t size, size_t *capacity)
{
    unsigned index = split_result_class_of(size);
    if (pool->window_left <= 1)
        end_window(pool);
    if (index == 0 && pool->ready) {
        *capacity = SPLIT_RESULT_POOL_SMALL;
        return split_result_pool_take(pool);
    }
    if (index >= CLASS_COUNT || (!pool->classes[index].idle && !refill(pool, index)))
        return get_new(pool, index, size, capacity);
    struct split_result_pool_class *class_ = &pool->classes[index];
    *capacity = split_result_class_bytes(index);
    if (class_->low_water >= class_->count)
        class_->low_water = class_->count - 1;
    pool->window_left--;
    void *container = split_result_pool_pop(class_);
    APPORTION_UNPOISON(container, *capacity);
    return container;
}

/* Room for one more idle container of a class: by growing where misses led. */
static bool make_room(struct split_result_pool *pool, struct split_result_pool_class *class_)
{
    if (class_->count < class_->room)
        return true;
    /* The one that stands ready is one of the small ones. */
    uint32_t most = pool->options.idle_max - (class_ == &pool->classes[0]);
    if (class_->misses < class_->room || class_->room >= most)
        return false;
    class_->room *= 2;
    if (class_->room > most)
        class_->room = most;
    class_->misses = class_->misses > class_->room ? class_->misses : 0;
    pool->resizes++;
    return true;
}

/* One more granted to a class, within the limit: grants that other classes do not use go first. */
static bool grant(struct split_result_pool *pool, unsigned index)
{
    size_t bytes = split_result_class_bytes(index);
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
    unsigned index = split_result_class_of(capacity);
    struct split_result_pool_class *class_ = &pool->classes[index];
    capacity = split_result_class_bytes(index); /* a caller may name the size it asked for */
#if APPORTION_GUARDED
    *(volatile char *)container = 0; /* closed where it lies idle already */
#endif
    if (index == 0) { /* it stands ready, and the question is about the one that did */
        void *before = pool->ready;
        pool->ready = (struct split_result_pool_idle *)container;
        APPORTION_POISON(container, capacity);
        if (!before)
            return;
        container = before;
    }
    if (class_->count < class_->granted || grant(pool, index) || spill(pool, index))
        split_result_pool_push(class_, container, capacity);
    else
        container_free(pool, container, index);
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
    statistics.refills = pool->refills;
    statistics.spills = pool->spills;
    statistics.idle_bytes = 0;
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        statistics.idle_bytes += pool->classes[i].count * split_result_class_bytes(i);
    if (pool->ready)
        statistics.idle_bytes += SPLIT_RESULT_POOL_SMALL;
    statistics.container_bytes = pool->container_bytes;
    statistics.committed_bytes = pool->committed_bytes;
    return statistics;
}
