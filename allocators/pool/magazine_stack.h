/*
 * Magazines and the lock-free stacks that they move between. Internal to the library.
 *
 * A magazine is a slot of a fixed array: a chain of idle containers and their number. A slot is at
 * any time on one stack or in one thread's hands, and is never freed while a stack exists, so that
 * a thread may read the link of a slot that another has just popped:
 *
 *      head  | changes (32 bits) | slot number (32 bits), 0: empty |
 *      slots [1] -> [7] -> [3] -> 0
 *
 * The count of changes makes a head that went away and came back differ (the ABA case), unless 2^32
 * changes lie between a thread's two steps. An operation that fails to change the head does so only
 * because another's succeeded: lock-free. Treiber, Systems Programming: Coping with Parallelism
 * (IBM RJ 5118, 1986), on numbers in place of pointers.
 *
 * Orders. Pushing releases what the pusher wrote into the slot and its containers; popping acquires
 * it. Every change of a head is a read-modify-write, so each continues the release sequence of all
 * pushes before it. tests/unit/test_lock_free.c explores this very code.
 */
#ifndef ALLOCATORS_MAGAZINE_STACK_H
#define ALLOCATORS_MAGAZINE_STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct magazine {
    _Atomic(void *) chain;
    _Atomic uint32_t count;
    _Atomic uint32_t next; /* on the stack; 0: none */
};

/* A cache line each, or pushes to one would disturb the next. The failed attempts at a change are
 * counted on the same line, which a thread that failed has just fetched; those that succeed at once
 * do nothing for it. */
struct magazine_stack {
    _Alignas(64) _Atomic uint64_t head;
    _Atomic uint64_t contended;
};

static inline uint64_t magazine_head_after(uint64_t head, uint32_t number)
{
    return ((head >> 32) + 1) << 32 | number;
}

static inline void magazine_note_contended(struct magazine_stack *stack)
{
    atomic_fetch_add_explicit(&stack->contended, 1, memory_order_relaxed);
}

/* Slot `number` counts from 1. */
static inline void magazine_push(struct magazine *slots, struct magazine_stack *stack,
                                 uint32_t number)
{
    uint64_t head = atomic_load_explicit(&stack->head, memory_order_relaxed);
    for (;;) {
        atomic_store_explicit(&slots[number - 1].next, (uint32_t)head, memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(&stack->head, &head,
                                                  magazine_head_after(head, number),
                                                  memory_order_release, memory_order_relaxed))
            return;
        magazine_note_contended(stack);
    }
}

/* 0: the stack is empty. */
static inline uint32_t magazine_pop(struct magazine *slots, struct magazine_stack *stack)
{
    uint64_t head = atomic_load_explicit(&stack->head, memory_order_acquire);
    while ((uint32_t)head != 0) {
        uint32_t next = atomic_load_explicit(&slots[(uint32_t)head - 1].next, memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(&stack->head, &head,
                                                  magazine_head_after(head, next),
                                                  memory_order_acquire, memory_order_acquire))
            return (uint32_t)head;
        magazine_note_contended(stack);
    }
    return 0;
}

/* Puts a chain into a slot that was popped and pushes it. */
static inline void magazine_put(struct magazine *slots, struct magazine_stack *stack,
                                uint32_t number, void *chain, uint32_t count)
{
    atomic_store_explicit(&slots[number - 1].chain, chain, memory_order_relaxed);
    atomic_store_explicit(&slots[number - 1].count, count, memory_order_relaxed);
    magazine_push(slots, stack, number);
}

/* The chain of the newest magazine, whose slot goes to `spare`; NULL: there is none. */
static inline void *magazine_take(struct magazine *slots, struct magazine_stack *stack,
                                  struct magazine_stack *spare, uint32_t *count)
{
    uint32_t number = magazine_pop(slots, stack);
    if (number == 0)
        return NULL;
    void *chain = atomic_load_explicit(&slots[number - 1].chain, memory_order_relaxed);
    *count = atomic_load_explicit(&slots[number - 1].count, memory_order_relaxed);
    magazine_push(slots, spare, number);
    return chain;
}

#endif
