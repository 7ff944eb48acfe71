/*
 * split_result_exchange: a stack of full magazines for each size class and one of spare slots.
 *
 * Not ck_ring: its multi-producer enqueue waits for producers that began earlier, so a thread that
 * loses its processor there holds up all others, and ThreadSanitizer cannot see through its
 * assembly. A stack also hands out the newest magazine, most likely still in a cache.
 */
#include "split_result_exchange.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "magazine_stack.h"
#include "split_result_classes.h"

#define MAGAZINES_MAX (1u << 24)

struct split_result_exchange {
    struct magazine_stack spare;
    struct magazine_stack full[SPLIT_RESULT_POOL_CLASSES];
    _Alignas(64) _Atomic size_t idle_bytes;
    _Atomic size_t settled_bytes;
    _Atomic uint64_t puts;
    _Atomic uint64_t takes;
    _Atomic uint64_t refused;
    /* Of what is cut from slabs; the lock is as rare as the heap's. */
    _Alignas(64) pthread_mutex_t slab_lock;
    struct container_slab *slabs[SPLIT_RESULT_POOL_CLASSES]; /* of those cut from them */
    _Atomic size_t uncut_bytes;                              /* of slabs, less their containers */
    /* Written at creation only. */
    _Alignas(64) size_t limit;
    struct magazine *slots;
};

struct split_result_exchange *
split_result_exchange_create(const struct split_result_exchange_options *options)
{
    unsigned magazines = options && options->magazines ? options->magazines : 1024;
    if (magazines > MAGAZINES_MAX) {
        errno = EINVAL;
        return NULL;
    }
    struct split_result_exchange *exchange =
        (struct split_result_exchange *)aligned_alloc(64, sizeof *exchange);
    struct magazine *slots = (struct magazine *)calloc(magazines, sizeof *slots);
    if (!exchange || !slots) {
        free(exchange);
        free(slots);
        errno = ENOMEM;
        return NULL;
    }
    memset(exchange, 0, sizeof *exchange);
    pthread_mutex_init(&exchange->slab_lock, NULL);
    exchange->limit = options && options->limit ? options->limit : (size_t)8 << 20;
    exchange->slots = slots;
    for (uint32_t number = magazines; number > 0; number--)
        magazine_push(slots, &exchange->spare, number);
    return exchange;
}

uint32_t split_result_exchange_reserve(struct split_result_exchange *exchange, unsigned index,
                                       uint32_t count)
{
    /* Counted before it is there, so the limit holds at every moment. */
    size_t bytes = count * split_result_class_bytes(index);
    size_t before = atomic_fetch_add_explicit(&exchange->idle_bytes, bytes, memory_order_relaxed);
    if (bytes <= exchange->limit && before <= exchange->limit - bytes) {
        uint32_t place = magazine_pop(exchange->slots, &exchange->spare);
        if (place != 0)
            return place;
    }
    atomic_fetch_sub_explicit(&exchange->idle_bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&exchange->refused, 1, memory_order_relaxed);
    return 0;
}

void split_result_exchange_put(struct split_result_exchange *exchange, uint32_t place,
                               unsigned index, struct split_result_pool_idle *chain, uint32_t count)
{
    magazine_put(exchange->slots, &exchange->full[index], place, chain, count);
    atomic_fetch_add_explicit(&exchange->puts, 1, memory_order_relaxed);
}

struct split_result_pool_idle *split_result_exchange_take(struct split_result_exchange *exchange,
                                                          unsigned index, uint32_t *count)
{
    struct split_result_pool_idle *chain = (struct split_result_pool_idle *)magazine_take(
        exchange->slots, &exchange->full[index], &exchange->spare, count);
    if (!chain)
        return NULL;
    atomic_fetch_sub_explicit(&exchange->idle_bytes, *count * split_result_class_bytes(index),
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&exchange->takes, 1, memory_order_relaxed);
    return chain;
}

void split_result_exchange_settle(struct split_result_exchange *exchange, size_t bytes)
{
    atomic_fetch_add_explicit(&exchange->settled_bytes, bytes, memory_order_relaxed);
}

void *split_result_exchange_make(struct split_result_exchange *exchange, unsigned index,
                                 bool *taken)
{
    struct container_slab **slabs = exchange->slabs + index;
    if (index >= SPLIT_RESULT_SLAB_CLASSES)
        return split_result_container_make(slabs, index, taken);
    pthread_mutex_lock(&exchange->slab_lock);
    void *container = split_result_container_make(slabs, index, taken);
    if (container)
        atomic_fetch_add_explicit(&exchange->uncut_bytes,
                                  (*taken ? CONTAINER_SLAB_BYTES : 0) -
                                      split_result_class_bytes(index),
                                  memory_order_relaxed);
    pthread_mutex_unlock(&exchange->slab_lock);
    return container;
}

bool split_result_exchange_free(struct split_result_exchange *exchange, void *container,
                                unsigned index)
{
    struct container_slab **slabs = exchange->slabs + index;
    if (index >= SPLIT_RESULT_SLAB_CLASSES)
        return split_result_container_free(slabs, container, index);
    pthread_mutex_lock(&exchange->slab_lock);
    bool given = split_result_container_free(slabs, container, index);
    atomic_fetch_add_explicit(&exchange->uncut_bytes,
                              split_result_class_bytes(index) - (given ? CONTAINER_SLAB_BYTES : 0),
                              memory_order_relaxed);
    pthread_mutex_unlock(&exchange->slab_lock);
    return given;
}

/* Slabs without containers, of which a list keeps one. */
static void trim_slabs(struct split_result_exchange *exchange)
{
    pthread_mutex_lock(&exchange->slab_lock);
    for (unsigned i = 0; i < SPLIT_RESULT_SLAB_CLASSES; i++)
        if (container_slab_trim(&exchange->slabs[i]))
            atomic_fetch_sub_explicit(&exchange->uncut_bytes, CONTAINER_SLAB_BYTES,
                                      memory_order_relaxed);
    pthread_mutex_unlock(&exchange->slab_lock);
}

void split_result_exchange_trim(struct split_result_exchange *exchange)
{
    for (unsigned index = 0; index < SPLIT_RESULT_POOL_CLASSES; index++) {
        struct split_result_pool_idle *chain;
        uint32_t count;
        while ((chain = split_result_exchange_take(exchange, index, &count)) != NULL) {
            while (chain) {
                struct split_result_pool_idle *next = split_result_idle_next(chain);
                (void)split_result_exchange_free(exchange, chain, index);
                chain = next;
            }
        }
    }
    trim_slabs(exchange);
}

void split_result_exchange_destroy(struct split_result_exchange *exchange)
{
    if (!exchange)
        return;
    split_result_exchange_trim(exchange);
    pthread_mutex_destroy(&exchange->slab_lock);
    free(exchange->slots);
    free(exchange);
}

struct split_result_exchange_statistics
split_result_exchange_statistics(const struct split_result_exchange *exchange)
{
    struct split_result_exchange_statistics statistics;
    statistics.puts = atomic_load_explicit(&exchange->puts, memory_order_relaxed);
    statistics.takes = atomic_load_explicit(&exchange->takes, memory_order_relaxed);
    statistics.refused = atomic_load_explicit(&exchange->refused, memory_order_relaxed);
    statistics.idle_bytes = atomic_load_explicit(&exchange->idle_bytes, memory_order_relaxed);
    statistics.uncut_bytes = atomic_load_explicit(&exchange->uncut_bytes, memory_order_relaxed);
    statistics.committed_bytes =
        statistics.idle_bytes + statistics.uncut_bytes +
        atomic_load_explicit(&exchange->settled_bytes, memory_order_relaxed);
    statistics.contended = atomic_load_explicit(&exchange->spare.contended, memory_order_relaxed);
    for (unsigned index = 0; index < SPLIT_RESULT_POOL_CLASSES; index++)
        statistics.contended +=
            atomic_load_explicit(&exchange->full[index].contended, memory_order_relaxed);
    return statistics;
}
