/*
 * split_result_exchange: idle containers on their way between the pools of several threads.
 *
 *      thread 1: pool  <-- magazines of 32 --> |          | <-- magazines --> pool :thread 2
 *                                              | exchange |
 *      thread 3: pool  <-- magazines of 32 --> |          |
 *
 * Each thread has a split_result_pool of its own, whose fast paths know nothing of this. Where a
 * pool runs out it takes a magazine from here, where it has too many it puts one here, and where it
 * is destroyed it leaves its idle containers here. So a result made on one thread may be released
 * on another (split_result_release_to), for as long as one likes, without a lock and without going
 * to the heap.
 *
 * Bounded: by bytes and by magazines; beyond that containers go back to the heap. Lock-free: a
 * thread that stops in mid-move holds up no other. New containers of the two smaller classes are
 * cut from slabs of 16 KiB that all pools share, under a lock: where else the heap's own would be
 * taken.
 *
 * Threads: any, at any time, except for create and destroy. Ownership: pools are given the exchange
 * in split_result_pool_options; it must outlive them.
 */
#ifndef APPORTION_SPLIT_RESULT_EXCHANGE_H
#define APPORTION_SPLIT_RESULT_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct split_result_exchange;

/* Zero in a field means its default. */
struct split_result_exchange_options {
    size_t limit;       /* bytes kept; 0 = 8 MiB */
    unsigned magazines; /* kept at most; 0 = 1024 */
};

/* Each value was true at some moment; they are of one moment where no thread uses the exchange. */
struct split_result_exchange_statistics {
    uint64_t puts;    /* magazines taken in */
    uint64_t takes;   /* magazines given out */
    uint64_t refused; /* for want of room */
    size_t idle_bytes;
    size_t uncut_bytes;     /* of slabs, beyond the containers cut from them */
    size_t committed_bytes; /* idle bytes, what slabs have beyond their containers, and what pools
                               that are destroyed took and did not give away. With the
                               committed_bytes of all pools that share it: all that the heap was
                               asked for. */
    uint64_t contended; /* attempts at a move that another thread's came before, and that were made
                           again; on some processors an interrupt makes one too */
};

/* NULL with errno (ENOMEM; EINVAL: more than 2^24 magazines). options NULL: all defaults. */
struct split_result_exchange *
split_result_exchange_create(const struct split_result_exchange_options *options);
/* Every pool that was given it must be destroyed before. */
void split_result_exchange_destroy(struct split_result_exchange *exchange);

/* Gives what lies idle here back to the heap. */
void split_result_exchange_trim(struct split_result_exchange *exchange);
struct split_result_exchange_statistics
split_result_exchange_statistics(const struct split_result_exchange *exchange);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
