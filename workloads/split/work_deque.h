/*
 * A work-stealing deque of fixed capacity. Internal to the library.
 *
 *      steal -> | 17 | 16 | 15 | 14 |    <- put, take: the owner
 *              top                 bottom
 *
 * One thread owns it and works at the bottom, without a read-modify-write except for the last item;
 * any other may take one item at a time from the top. Items are numbers; what they stand for is
 * shared by other means, though all that the owner wrote before a put is visible to who takes the
 * item. Lock-free.
 *
 * Chase and Lev, Dynamic Circular Work-Stealing Deque (SPAA 2005), with the orders of Le, Pop,
 * Cohen and Zappa Nardelli, Correct and Efficient Work-Stealing for Weak Memory Models (PPoPP
 * 2013), but for the owner's stores to bottom: these release, so that ThreadSanitizer, which knows
 * no fences, sees what a put publishes. tests/unit/test_lock_free.c explores this very code.
 */
#ifndef WORKLOADS_WORK_DEQUE_H
#define WORKLOADS_WORK_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A power of two. */
#ifndef WORK_DEQUE_CAPACITY
#define WORK_DEQUE_CAPACITY ((size_t)16)
#endif

/* Zeros: empty. Top and bottom only grow (but for a moment in take), so an old top never looks new.
 */
struct work_deque {
    _Alignas(64) _Atomic size_t top; /* the thieves' line */
    _Alignas(64) _Atomic size_t bottom;
    _Atomic size_t items[WORK_DEQUE_CAPACITY];
    size_t lost_takes; /* the owner's: last items that a thief was quicker at */
};

enum work_deque_steal {
    WORK_DEQUE_STOLEN,
    WORK_DEQUE_EMPTY,
    WORK_DEQUE_LOST /* to another thread, which got the item: try again */
};

/* Owner. False: full. */
static inline bool work_deque_put(struct work_deque *deque, size_t item)
{
    size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    size_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    if (bottom - top >= WORK_DEQUE_CAPACITY)
        return false;
    atomic_store_explicit(&deque->items[bottom % WORK_DEQUE_CAPACITY], item, memory_order_relaxed);
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return true;
}

/* Owner: the newest item. False: empty. */
static inline bool work_deque_take(struct work_deque *deque, size_t *item)
{
    size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    /* Only thieves move top, and only up to bottom: an old value of it errs on the safe side. */
    size_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    if (bottom == top)
        return false;
    bottom--;
    atomic_store_explicit(&deque->bottom, bottom, memory_order_release);
    /* The claim of `bottom` before the look at top; a thief's fence is between the same two. */
    atomic_thread_fence(memory_order_seq_cst);
    top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    bool taken = (ptrdiff_t)(bottom - top) >= 0;
    if (taken)
        *item =
            atomic_load_explicit(&deque->items[bottom % WORK_DEQUE_CAPACITY], memory_order_relaxed);
    if ((ptrdiff_t)(bottom - top) <= 0) { /* the last one: thieves may be after it */
        if (taken && !atomic_compare_exchange_strong_explicit(
                         &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed)) {
            deque->lost_takes++;
            taken = false;
        }
        atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    }
    return taken;
}

/* Any thread but the owner: the oldest item. */
static inline enum work_deque_steal work_deque_steal(struct work_deque *deque, size_t *item)
{
    size_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    atomic_thread_fence(memory_order_seq_cst);
    size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_acquire);
    if ((ptrdiff_t)(bottom - top) <= 0)
        return WORK_DEQUE_EMPTY;
    *item = atomic_load_explicit(&deque->items[top % WORK_DEQUE_CAPACITY], memory_order_relaxed);
    return atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                   memory_order_relaxed)
               ? WORK_DEQUE_STOLEN
               : WORK_DEQUE_LOST;
}

#endif
