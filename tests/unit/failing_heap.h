/*
 * The general heap with a refusal: the n-th request of malloc, realloc, calloc or the aligned ones
 * from heap_fail_at(n) on returns NULL, that one only; and heap_live counts the blocks that are
 * out. Included by one file of a test program, whose functions then stand before the C library's
 * (and a sanitizer's, which are called in turn). Threads may ask at once; who is refused is then a
 * matter of chance. Under valgrind give --soname-synonyms=somalloc=nouserintercepts, or its own
 * functions stand before these. ThreadSanitizer wants malloc and free for itself: there they are
 * neither refused nor counted.
 */
#ifndef TESTS_UNIT_FAILING_HEAP_H
#define TESTS_UNIT_FAILING_HEAP_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "string_arena_annotate.h"

#if defined(__SANITIZE_THREAD__)
#define HEAP_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEAP_TSAN 1
#endif
#endif
#ifndef HEAP_TSAN
#define HEAP_TSAN 0
#endif

/* The function that stands behind the one of this name here. */
#if HEAP_TSAN || APPORTION_ASAN
extern void *__interceptor_malloc(size_t size);
extern void __interceptor_free(void *block);
extern void *__interceptor_realloc(void *block, size_t size);
extern void *__interceptor_aligned_alloc(size_t alignment, size_t size);
extern void *__interceptor_calloc(size_t count, size_t size);
extern int __interceptor_posix_memalign(void **block, size_t alignment, size_t size);
#define HEAP_BELOW(name, type) __interceptor_##name
#else
#include <dlfcn.h>
#define HEAP_BELOW(name, type) ((type *)(uintptr_t)dlsym(RTLD_NEXT, #name))
#endif

typedef void *heap_malloc(size_t size);
typedef void heap_free(void *block);
typedef void *heap_realloc(void *block, size_t size);
typedef void *heap_aligned_alloc(size_t alignment, size_t size);
typedef void *heap_calloc(size_t count, size_t size);
typedef int heap_posix_memalign(void **block, size_t alignment, size_t size);

static _Atomic unsigned heap_left; /* requests until the refusal; 0: none is due */
static _Atomic unsigned heap_refused;
static _Atomic size_t heap_live;
static _Thread_local bool heap_counts; /* this thread's requests */

static inline void heap_fail_at(unsigned n)
{
    heap_counts = true;
    heap_left = n;
    heap_refused = 0;
}

static inline bool heap_refuses(void)
{
    unsigned left = heap_left;
    do {
        if (left == 0 || !heap_counts)
            return false;
    } while (!atomic_compare_exchange_weak(&heap_left, &left, left - 1));
    if (left != 1)
        return false;
    heap_refused++;
    errno = ENOMEM;
    return true;
}

static inline void *heap_counted(void *block)
{
    heap_live += block != NULL;
    return block;
}

#if !HEAP_TSAN
void *malloc(size_t size)
{
    return heap_refuses() ? NULL : heap_counted(HEAP_BELOW(malloc, heap_malloc)(size));
}

void free(void *block)
{
    heap_live -= block != NULL;
    HEAP_BELOW(free, heap_free)(block);
}
#endif

void *realloc(void *block, size_t size)
{
    if (heap_refuses())
        return NULL;
    void *moved = HEAP_BELOW(realloc, heap_realloc)(block, size);
    return block ? moved : heap_counted(moved);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return heap_refuses()
               ? NULL
               : heap_counted(HEAP_BELOW(aligned_alloc, heap_aligned_alloc)(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    if (heap_refuses())
        return ENOMEM;
    int error = HEAP_BELOW(posix_memalign, heap_posix_memalign)(block, alignment, size);
    heap_live += error == 0;
    return error;
}

void *calloc(size_t count, size_t size)
{
    return heap_refuses() ? NULL : heap_counted(HEAP_BELOW(calloc, heap_calloc)(count, size));
}

#endif
