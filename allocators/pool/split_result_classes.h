/*
 * What the pool and the exchange share: size classes, chains of idle containers, and the moves
 * between the two. Internal to the library.
 */
#ifndef ALLOCATORS_SPLIT_RESULT_CLASSES_H
#define ALLOCATORS_SPLIT_RESULT_CLASSES_H

#include <stdbool.h>
#include <stdlib.h>

#include "container_slab.h"
#include "split_result_exchange.h"
#include "split_result_pool.h"

/* Most containers that move at once, and most bytes of them where one is not more: 32 make the
 * move's cost vanish, and 64 KiB is little for a cache. */
#define SPLIT_RESULT_MAGAZINE 32
#define SPLIT_RESULT_MAGAZINE_BYTES ((size_t)64 << 10)

/* The first classes, of 128 and 512 bytes, are cut from slabs. */
#define SPLIT_RESULT_SLAB_CLASSES 2

static inline size_t split_result_class_bytes(unsigned index)
{
    return index == 0 ? SPLIT_RESULT_POOL_SMALL : SPLIT_RESULT_POOL_MEDIUM << (index - 1);
}

static inline unsigned split_result_class_of(size_t size)
{
    if (size <= SPLIT_RESULT_POOL_SMALL)
        return 0;
    if (size <= SPLIT_RESULT_POOL_MEDIUM)
        return 1;
    return (unsigned)(64 - __builtin_clzll((unsigned long long)size - 1)) - 8;
}

/* Containers in a full magazine of a class. */
static inline uint32_t split_result_magazine_size(unsigned index)
{
    size_t fit = SPLIT_RESULT_MAGAZINE_BYTES / split_result_class_bytes(index);
    return fit == 0 ? 1 : fit < SPLIT_RESULT_MAGAZINE ? (uint32_t)fit : SPLIT_RESULT_MAGAZINE;
}

/* A new container of a class: cut from those slabs, or a block by itself of a class that is not.
 * *taken: the heap was asked for it. NULL: no memory. */
static inline void *split_result_container_make(struct container_slab **slabs, unsigned index,
                                                bool *taken)
{
    size_t bytes = split_result_class_bytes(index);
    *taken = true;
    return index < SPLIT_RESULT_SLAB_CLASSES ? container_slab_take(slabs, bytes, taken)
                                             : aligned_alloc(64, bytes);
}

/* Gives back one of the same slabs. True: the heap has got something back. */
static inline bool split_result_container_free(struct container_slab **slabs, void *container,
                                               unsigned index)
{
    size_t bytes = split_result_class_bytes(index);
    APPORTION_UNPOISON(container, bytes);
    if (index < SPLIT_RESULT_SLAB_CLASSES)
        return container_slab_give(slabs, container, bytes);
    free(container);
    return true;
}

/* The container behind one that lies idle (and stays poisoned). */
static inline struct split_result_pool_idle *
split_result_idle_next(struct split_result_pool_idle *idle)
{
    APPORTION_REVEAL(idle, sizeof *idle);
    struct split_result_pool_idle *next = idle->next;
    APPORTION_POISON(idle, sizeof *idle);
    return next;
}

/* A place for a magazine of a class with `count` containers; 0: the exchange is full. */
uint32_t split_result_exchange_reserve(struct split_result_exchange *exchange, unsigned index,
                                       uint32_t count);
/* Fills the place. The chain is of just `count` containers, all poisoned. */
void split_result_exchange_put(struct split_result_exchange *exchange, uint32_t place,
                               unsigned index, struct split_result_pool_idle *chain,
                               uint32_t count);
/* A chain of *count containers of a class, the caller's from now on; NULL: there is none. */
struct split_result_pool_idle *split_result_exchange_take(struct split_result_exchange *exchange,
                                                          unsigned index, uint32_t *count);
/* split_result_container_make and _free with slabs that all pools share, whichever one a container
 * was made for. Under a lock, as malloc's: it is where a pool would go to the heap. */
void *split_result_exchange_make(struct split_result_exchange *exchange, unsigned index,
                                 bool *taken);
bool split_result_exchange_free(struct split_result_exchange *exchange, void *container,
                                unsigned index);
/* What a pool that ends has committed beyond what it gave away (it may be less than nothing). */
void split_result_exchange_settle(struct split_result_exchange *exchange, size_t bytes);

#endif
