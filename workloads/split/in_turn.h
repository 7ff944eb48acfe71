/*
 * Acts on 0, 1, 2, … in turn as they become ready, one at a time, by whichever thread comes along.
 * Internal to the library.
 *
 * A thread makes its number ready (a release store of its own) and calls in_turn_run. Where another
 * is at it, it leaves: the other looks again after it has let go. Of the two fences one comes
 * first: either the one that lets go then sees what was made ready, or the one that comes along
 * sees that it has let go. So nothing that is ready is left lying, and nobody waits.
 * tests/unit/test_lock_free.c explores this very code.
 */
#ifndef WORKLOADS_IN_TURN_H
#define WORKLOADS_IN_TURN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeros: nothing done. */
struct in_turn {
    _Alignas(64) _Atomic uint32_t busy;
    _Atomic size_t done; /* all before it */
};

/* ready: by an acquire load; false beyond the last number. act: false, and ready must be too from
 * then on, where the run of numbers ends. */
static inline void in_turn_run(struct in_turn *turn, bool (*ready)(void *context, size_t number),
                               bool (*act)(void *context, size_t number), void *context)
{
    size_t number;
    do {
        uint32_t free = 0;
        atomic_thread_fence(memory_order_seq_cst); /* what was made ready before the look at busy */
        if (!atomic_compare_exchange_strong_explicit(&turn->busy, &free, 1, memory_order_acquire,
                                                     memory_order_relaxed))
            return;
        number = atomic_load_explicit(&turn->done, memory_order_relaxed);
        while (ready(context, number) && act(context, number))
            atomic_store_explicit(&turn->done, ++number, memory_order_release);
        atomic_store_explicit(&turn->busy, 0, memory_order_release);
        atomic_thread_fence(memory_order_seq_cst); /* letting go before the last look at ready */
    } while (ready(context, number));
}

#endif
