/*
 * The general heap with a refusal: the n-th request of realloc, aligned_alloc or calloc from
 * heap_fail_at(n) on returns NULL, that one only. Included by one file of a test program, whose
 * functions then stand before the C library's (and AddressSanitizer's, which are called in turn).
 */
#ifndef TESTS_UNIT_FAILING_HEAP_H
#define TESTS_UNIT_FAILING_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "string_arena_annotate.h"

#if APPORTION_ASAN
#define HEAP_BELOW(name) __interceptor_##name
#else
#define HEAP_BELOW(name) __libc_##name
#define __libc_aligned_alloc __libc_memalign
#endif

extern void *HEAP_BELOW(realloc)(void *block, size_t size);
extern void *HEAP_BELOW(aligned_alloc)(size_t alignment, size_t size);
extern void *HEAP_BELOW(calloc)(size_t count, size_t size);

static unsigned heap_left; /* requests until the refusal; 0: none is due */
static unsigned heap_refused;

static inline void heap_fail_at(unsigned n)
{
    heap_left = n;
    heap_refused = 0;
}

static inline bool heap_refuses(void)
{
    if (heap_left == 0 || --heap_left != 0)
        return false;
    heap_refused++;
    return true;
}

void *realloc(void *block, size_t size)
{
    return heap_refuses() ? NULL : HEAP_BELOW(realloc)(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return heap_refuses() ? NULL : HEAP_BELOW(aligned_alloc)(alignment, size);
}

void *calloc(size_t count, size_t size)
{
    return heap_refuses() ? NULL : HEAP_BELOW(calloc)(count, size);
}

#endif
