/*
 * The contract between a workload and an allocator backend.
 *
 * A backend is one file, allocators/<name>.c, that defines one object:
 *
 *     ALLOCATOR_BACKEND = {.name = "…", …};
 *
 * Each runner binary has exactly one backend. The build compiles that file once by itself and once
 * more into each workload (as a static object), so that the compiler sees a constant there and
 * every call below becomes a direct, inlined one; link-time optimisation alone was seen to make the
 * calls direct but not to inline them. So a backend has no static data: its state is its heap.
 *
 * Nothing here is for use outside the harness; the library's own interfaces are string_arena.h,
 * split_result_pool.h and split.h.
 */
#ifndef ALLOCATORS_ALLOCATOR_H
#define ALLOCATORS_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct string_arena;
struct split_result_exchange;
struct string_generations;
struct split_result_pool;

/* What a block is for. Token bytes need no alignment; containers need 16. */
enum allocation_kind {
    ALLOCATION_BYTES,
    ALLOCATION_CONTAINER,
};

/* Bits of allocator.capabilities. */
enum allocator_capability {
    ALLOCATOR_FREES_INDIVIDUALLY = 1u << 0,   /* deallocate gives the block back at once */
    ALLOCATOR_RELEASES_IN_BULK = 1u << 1,     /* scope_end gives back everything of the scope */
    ALLOCATOR_POOLED_API = 1u << 2,           /* arena() and pool() serve the pooled strategies */
    ALLOCATOR_THREADS = 1u << 3,              /* heaps of several threads may be used at once */
    ALLOCATOR_FREES_ACROSS_THREADS = 1u << 4, /* a block may be freed by another thread */
    ALLOCATOR_IS_FLOOR = 1u << 5,             /* does no memory management: the cost floor */
};

/* State of one thread's heap. NULL is a valid heap for a backend that needs no state. */
struct allocator_heap;

struct allocator_settings {
    size_t chunk_size;      /* bytes of a first arena chunk; 0 = the library's default */
    size_t scope_bytes_max; /* upper bound of all bytes requested within one scope */
    size_t scopes_max;      /* scopes open at once; 0 = 1 */
    size_t pool_limit;      /* bytes a pool keeps idle; 0 = the library's default */
    struct split_result_exchange *exchange; /* for the pools of heaps whose threads pass results
                                               on; NULL: none */
};

/* A figure that a backend cannot give is ALLOCATOR_UNKNOWN. Bytes, or counts since open. */
#define ALLOCATOR_UNKNOWN UINT64_MAX

struct allocator_statistics {
    uint64_t committed_bytes;  /* obtained from the system and not given back */
    uint64_t in_use_bytes;     /* of those, in blocks handed out (as the heap itself counts) */
    uint64_t heap_allocations; /* requests that reached the general heap: chunks, for an arena */
    uint64_t heap_frees;       /* blocks given back to the general heap */
    uint64_t single_frees;     /* of those, tokens and containers one by one, not many at once */
    uint64_t pool_hits;
    uint64_t pool_misses;
    uint64_t pool_resizes;
    uint64_t pool_refills; /* from the exchange */
    uint64_t pool_spills;  /* to it */
    uint64_t arena_chunks;
    uint64_t arena_tail_waste_bytes;
};

struct allocator {
    const char *name;

    /* File name that must provide malloc() in the process, without version suffix, for example
     * "libmimalloc.so". The runner reports who really does and the driver refuses a mismatch. */
    const char *provider;

    unsigned capabilities; /* enum allocator_capability */

    /* Bytes behind every ALLOCATION_BYTES block which the caller may overwrite, and read, until its
     * next call into the allocator. 0: none. Lets short copies use whole registers. */
    size_t slack;

    /* One heap a thread. False: *heap is untouched, errno says why. */
    bool (*open)(struct allocator_heap **heap, const struct allocator_settings *settings);
    void (*close)(struct allocator_heap *heap);

    /* NULL when memory is out. size may be 0 (the block is then not to be read). */
    void *(*allocate)(struct allocator_heap *heap, size_t size, enum allocation_kind kind);
    /* Grows a block, moving it if it must; on NULL the old block stands. */
    void *(*reallocate)(struct allocator_heap *heap, void *block, size_t old_size, size_t new_size,
                        enum allocation_kind kind);
    void (*deallocate)(struct allocator_heap *heap, void *block, size_t size,
                       enum allocation_kind kind);

    /* Usable bytes of a block, size bytes of which were asked for; headers are not in it. */
    size_t (*usable)(struct allocator_heap *heap, const void *block, size_t size,
                     enum allocation_kind kind);

    /* A workload brackets what lives and dies together. Every block is also deallocated one by one
     * before scope_end; a bulk backend does nothing there and releases here. Blocks belong to the
     * scope begun last; scope_end releases the oldest one. Where more than one is open at a time
     * (settings->scopes_max), false: no memory for another. Never false with one. */
    bool (*scope_begin)(struct allocator_heap *heap);
    void (*scope_end)(struct allocator_heap *heap);

    /* Only with ALLOCATOR_POOLED_API, else NULL. */
    struct string_arena *(*arena)(struct allocator_heap *heap);
    struct split_result_pool *(*pool)(struct allocator_heap *heap);
    /* Where survivors of many scopes are kept; NULL: no memory. */
    struct string_generations *(*generations)(struct allocator_heap *heap);

    void (*statistics)(struct allocator_heap *heap, struct allocator_statistics *statistics);
    const char *statistics_source; /* the interface asked, as it stands beside figures; or NULL */
    /* committed_bytes alone, where it costs but a few instructions; else NULL. */
    uint64_t (*committed)(struct allocator_heap *heap);
    void (*purge)(struct allocator_heap *heap); /* give free memory back to the system */
    const char *(*version)(void);               /* by a call into the allocator, or NULL */
};

/* The one backend of this process. ALLOCATOR_LINKAGE is set by the build, see above. */
#ifdef ALLOCATOR_LINKAGE
#define ALLOCATOR_BACKEND ALLOCATOR_LINKAGE const struct allocator backend
#else
#define ALLOCATOR_BACKEND const struct allocator backend
extern const struct allocator backend;
#endif

#endif
