/*
 * split_result_pool: containers of split results, kept for reuse.
 *
 * Shape. Containers are kept in size classes by capacity, last in first out: small (< 16 tokens),
 * medium (16-63), large (64 and more, then powers of two above). The class a container is taken
 * from is the class it returns to. How many idle containers a class may keep adapts to its hits
 * and misses and is bounded.
 *
 * Threads: one thread at a time. Errors: NULL with errno ENOMEM; the pool is then as before.
 */
#ifndef APPORTION_SPLIT_RESULT_POOL_H
#define APPORTION_SPLIT_RESULT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Zero in a field means its default. */
struct split_result_pool_options {
    size_t limit;              /* bytes kept idle; 0 = 1 MiB */
    unsigned idle_max;         /* containers kept idle a class at most; 0 = 4096 */
    const char *pressure_file; /* kernel memory-pressure figures; NULL = /proc/pressure/memory */
};

struct split_result_pool;

struct split_result_pool_statistics {
    uint64_t hits;   /* served from an idle container */
    uint64_t misses; /* served by the general heap */
    uint64_t returns;
    uint64_t heap_frees; /* returned or trimmed containers given to the general heap */
    uint64_t resizes;    /* changes of a class's idle capacity, and containers grown */
    size_t idle_bytes;
    size_t committed_bytes; /* idle and handed out */
};

/* NULL with errno on failure. options NULL: all defaults. */
struct split_result_pool *split_result_pool_create(const struct split_result_pool_options *options);
/* Every container must have been returned. */
void split_result_pool_destroy(struct split_result_pool *pool);

/* A container of at least size bytes, 64-byte aligned; *capacity becomes its true size. */
void *split_result_pool_get(struct split_result_pool *pool, size_t size, size_t *capacity);
/* The true size of a container that is asked for with size bytes; 0: larger than any. */
size_t split_result_pool_capacity(size_t size);
/* capacity as get or grow gave it, or the size that was asked for. NULL container: nothing. */
void split_result_pool_return(struct split_result_pool *pool, void *container, size_t capacity);
/* A container of at least size bytes with the first used bytes of the old one, which is returned.
 * On NULL the old one stands. */
void *split_result_pool_grow(struct split_result_pool *pool, void *container, size_t *capacity,
                             size_t used, size_t size);

/* Gives idle containers back to the heap. */
void split_result_pool_trim(struct split_result_pool *pool);
struct split_result_pool_statistics
split_result_pool_statistics(const struct split_result_pool *pool);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
