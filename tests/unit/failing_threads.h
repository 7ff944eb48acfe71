/*
 * pthread_create with a refusal: the n-th call from threads_fail_at(n) on fails with EAGAIN, and
 * all after it. Included by one file of a test program, as failing_heap.h is, which comes before
 * it.
 */
#ifndef TESTS_UNIT_FAILING_THREADS_H
#define TESTS_UNIT_FAILING_THREADS_H

#include <pthread.h>
#include <stdlib.h>

#include "failing_heap.h"

typedef int threads_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*function)(void *), void *argument);

#if (HEAP_TSAN || APPORTION_ASAN)
extern int __interceptor_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                        void *(*function)(void *), void *argument);
#endif

static unsigned threads_left; /* calls until the refusals; 0: none are due */

static inline void threads_fail_at(unsigned n)
{
    threads_left = n;
}

struct threads_function {
    void *(*function)(void *);
    void *argument;
};

/* What starts the thread, a sanitizer's part above all, may not be refused memory; the function
 * may.
 */
static void *threads_begin(void *argument)
{
    struct threads_function called = *(struct threads_function *)argument;
    free(argument);
    heap_counts = true;
    void *result = called.function(called.argument);
    heap_counts = false;
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *),
                   void *argument)
{
    if (threads_left == 1)
        return EAGAIN;
    if (threads_left > 1)
        threads_left--;
    struct threads_function *called = (struct threads_function *)malloc(sizeof *called);
    if (!called)
        return EAGAIN;
    *called = (struct threads_function){function, argument};
    bool counts = heap_counts;
    heap_counts = counts && !(HEAP_TSAN || APPORTION_ASAN);
    int error =
        HEAP_BELOW(pthread_create, threads_create)(thread, attributes, threads_begin, called);
    heap_counts = counts;
    if (error)
        free(called);
    return error;
}

#endif
