/*
 * split_result_pool: containers of split results, kept for reuse.
 *
 * Shape. Containers are kept in size classes by capacity, last in first out: small (< 16 tokens),
 * medium (16-63), large (64 and more, then powers of two above). The class a container is taken
 * from is the class it returns to. How many idle containers a class may keep adapts to its hits
 * and misses and is bounded.
 *
 * Threads: one thread at a time. Where several threads pass results on, each has a pool of its own
 * and all of them share a split_result_exchange, which the slow paths take from and give to.
 * Errors: NULL with errno ENOMEM; the pool is then as before.
 */
#ifndef APPORTION_SPLIT_RESULT_POOL_H
#define APPORTION_SPLIT_RESULT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "string_arena_annotate.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct split_result_exchange;

/* Zero in a field means its default. */
struct split_result_pool_options {
    /* Of what is kept idle; one small container is in any case. */
    size_t limit;              /* bytes; 0 = 1 MiB */
    unsigned idle_max;         /* containers a class; 0 = 4096 */
    const char *pressure_file; /* kernel memory-pressure figures, read twice a second at most while
                                  the pool is used; NULL = /proc/pressure/memory */
    struct split_result_exchange *exchange; /* outlives the pool; NULL: none. A class is served from
                               it where a full magazine (64 KiB at most) is within the limit */
};

/* 128 bytes are 16 spans, 512 are 64; above, classes double up to 2^31 spans. */
#define SPLIT_RESULT_POOL_SMALL ((size_t)128)
#define SPLIT_RESULT_POOL_MEDIUM ((size_t)512)
#define SPLIT_RESULT_POOL_CLASSES 28

struct container_slab; /* private */

/* An idle container holds the link to the next one. */
struct split_result_pool_idle {
    struct split_result_pool_idle *next;
};

/* Private. */
struct split_result_pool_class {
    struct split_result_pool_idle
        *idle; /* last in, first out: the one most likely still in cache */
    uint32_t count;
    uint32_t granted;   /* idle containers kept without a further question; their bytes are within
                           the pool's limit */
    uint32_t low_water; /* least count in this window; the slow path lowers it */
    uint32_t room;      /* most that granted may become, adapted by use */
    uint32_t misses;    /* since room last grew */
    struct container_slab *slabs; /* with room; small and medium containers are cut from such */
};

/* Private; the fields of the fast paths come first. */
struct split_result_pool {
    struct split_result_pool_idle *ready; /* the small container returned last, the next to be got;
                                             not among its class's idle ones. Or NULL */
    uint32_t window_left;                 /* gets until the next look at what lies idle */
    struct split_result_pool_class classes[SPLIT_RESULT_POOL_CLASSES];
    struct split_result_pool_options options; /* defaults filled in */
    uint64_t gets_before;                     /* this window */
    uint64_t pressure_due_ms;                 /* when pressure_file is read next */
    uint64_t misses;
    uint64_t heap_allocations;
    uint64_t heap_frees;
    uint64_t single_frees;
    uint64_t resizes;
    uint64_t refills;
    uint64_t spills;
    size_t granted_bytes; /* of all classes */
    size_t container_bytes;
    size_t committed_bytes;
};

struct split_result_pool_statistics {
    uint64_t hits;             /* served from an idle container */
    uint64_t misses;           /* not so served */
    uint64_t heap_allocations; /* slabs of small containers, and large ones, from the heap */
    uint64_t heap_frees;       /* the same, given back */
    uint64_t single_frees;     /* of those, containers by themselves: the large ones */
    uint64_t resizes;          /* changes of a class's idle capacity, and containers grown */
    size_t idle_bytes;
    size_t container_bytes; /* idle and handed out */
    size_t committed_bytes; /* of the heap: those slabs and large containers. With an exchange,
                               whose the slabs are: containers made or taken from other pools, less
                               given to them, as an unsigned number that may wrap; it means
                               something in the sum over all pools and the exchange */
    uint64_t refills;       /* magazines from the exchange */
    uint64_t spills;        /* magazines to it */
};

/* NULL with errno on failure. options NULL: all defaults. */
struct split_result_pool *split_result_pool_create(const struct split_result_pool_options *options);
/* Every container must have been returned, to this pool or another of the same exchange; with an
 * exchange some may still be out. Idle ones go to the exchange as far as it has room. */
void split_result_pool_destroy(struct split_result_pool *pool);

/* The true size of a container that is asked for with size bytes; 0: larger than any. */
size_t split_result_pool_capacity(size_t size);
/* A container of at least size bytes with the first used bytes of the old one, which is returned.
 * On NULL the old one stands. */
void *split_result_pool_grow(struct split_result_pool *pool, void *container, size_t *capacity,
                             size_t used, size_t size);

/* Gives idle containers back to the heap. */
void split_result_pool_trim(struct split_result_pool *pool);
struct split_result_pool_statistics
split_result_pool_statistics(const struct split_result_pool *pool);

/* Slow paths of the functions below. */
void *split_result_pool_get_slow(struct split_result_pool *pool, size_t size, size_t *capacity);
void split_result_pool_return_slow(struct split_result_pool *pool, void *container,
                                   size_t capacity);

/* Gets between two looks at what lies idle. */
#define SPLIT_RESULT_POOL_WINDOW 4096

/* Puts a container on its class's idle ones; takes the newest of them, which stays closed. */
static inline void split_result_pool_push(struct split_result_pool_class *class_, void *container,
                                          size_t bytes)
{
    struct split_result_pool_idle *idle = (struct split_result_pool_idle *)container;
    APPORTION_REVEAL(idle, sizeof *idle);
    idle->next = class_->idle;
    class_->idle = idle;
    class_->count++;
    APPORTION_POISON(container, bytes);
}

static inline struct split_result_pool_idle *
split_result_pool_pop(struct split_result_pool_class *class_)
{
    struct split_result_pool_idle *idle = class_->idle;
    APPORTION_REVEAL(idle, sizeof *idle);
    class_->idle = idle->next;
    class_->count--;
    APPORTION_POISON(idle, sizeof *idle);
    return idle;
}

/* Whether a small container stands ready, for split_result_pool_take; one of the idle ones is
 * moved there where none does. */
static inline bool split_result_pool_ready(struct split_result_pool *pool)
{
    struct split_result_pool_class *small = &pool->classes[0];
    if (__builtin_expect(pool->window_left <= 1, 0))
        return false;
    if (!pool->ready) {
        /* With none idle, or fewer than ever in this window, count is at low_water. */
        if (__builtin_expect(small->count <= small->low_water, 0))
            return false;
        pool->ready = split_result_pool_pop(small);
    }
    return true;
}

/* A container of SPLIT_RESULT_POOL_SMALL bytes: split_result_pool_ready has said so. */
static inline void *split_result_pool_take(struct split_result_pool *pool)
{
    void *container = pool->ready;
    pool->window_left--;
    pool->ready = NULL;
    APPORTION_UNPOISON(container, SPLIT_RESULT_POOL_SMALL);
    return container;
}

/* Makes a small container the one that stands ready, the one before an idle one of the class;
 * false: no more may be kept without a question. */
static inline bool split_result_pool_put(struct split_result_pool *pool, void *container)
{
    struct split_result_pool_class *small = &pool->classes[0];
    struct split_result_pool_idle *before = pool->ready;
#if APPORTION_GUARDED
    *(volatile char *)container = 0; /* caught where it lies idle already: it is closed */
#endif
    if (before) {
        if (__builtin_expect(small->count >= small->granted, 0))
            return false;
        split_result_pool_push(small, before, SPLIT_RESULT_POOL_SMALL);
    }
    pool->ready = (struct split_result_pool_idle *)container;
    APPORTION_POISON(container, SPLIT_RESULT_POOL_SMALL);
    return true;
}

/* A container of at least size bytes, 64-byte aligned; *capacity becomes its true size, a multiple
 * of 128. */
static inline void *split_result_pool_get(struct split_result_pool *pool, size_t size,
                                          size_t *capacity)
{
    if (__builtin_expect(size <= SPLIT_RESULT_POOL_SMALL, 1) &&
        __builtin_expect(split_result_pool_ready(pool), 1)) {
        *capacity = SPLIT_RESULT_POOL_SMALL;
        return split_result_pool_take(pool);
    }
    return split_result_pool_get_slow(pool, size, capacity);
}

/* split_result_pool_return of a container that is not NULL. */
static inline void split_result_pool_return_some(struct split_result_pool *pool, void *container,
                                                 size_t capacity)
{
    if (__builtin_expect(capacity > SPLIT_RESULT_POOL_SMALL, 0) ||
        !split_result_pool_put(pool, container))
        split_result_pool_return_slow(pool, container, capacity);
}

/* capacity as get or grow gave it, or the size that was asked for. NULL container: nothing. */
static inline void split_result_pool_return(struct split_result_pool *pool, void *container,
                                            size_t capacity)
{
    if (__builtin_expect(container != NULL, 1))
        split_result_pool_return_some(pool, container, capacity);
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
