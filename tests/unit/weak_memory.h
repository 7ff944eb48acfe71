/*
 * An exhaustive explorer of small concurrent programs under C11's weak memory, run on the real
 * code: include this, then the header under test, whose atomic operations then go to the model
 * below.
 *
 * Memory is, for each location, the history of its messages (value, and the view that reading it
 * with acquire brings). A thread has views: for each location the oldest message it may still read.
 * A load may read any message from there on, which is what makes stale reads happen; release,
 * acquire and fences move views about. This is the view machine of Kang et al., A Promising
 * Semantics for Relaxed-Memory Concurrency (POPL 2017), without promises: everything C11 allows but
 * for loads that see stores after them in program order. seq_cst reads and writes count as acquire
 * and release only (which allows more); seq_cst fences are exact. A plain store goes to the end of
 * its history, which is right where the thread has seen that end; the explorer fails on a store
 * where it has not.
 *
 * A thread is a function without side effects except through atomics and model_note(), so its state
 * is what its operations have yielded so far. To take one more step, the function is run from its
 * beginning on the recorded results and left by longjmp after the new one. All reachable states are
 * visited, each once (by a 64-bit hash).
 */
#ifndef TESTS_UNIT_WEAK_MEMORY_H
#define TESTS_UNIT_WEAK_MEMORY_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_THREADS 3
#define MODEL_LOCATIONS 14
#define MODEL_MESSAGES 24
#define MODEL_STEPS 72
#define MODEL_NOTES 12

/* For each location the index of a message. */
struct model_view {
    uint8_t at[MODEL_LOCATIONS];
};

struct model_message {
    uint64_t value;
    struct model_view view;
};

struct model_location {
    const volatile void *address;
    unsigned count;
    struct model_message messages[MODEL_MESSAGES];
};

struct model_thread {
    struct model_view now, acquired, released; /* released: at the last release fence */
    uint64_t results[MODEL_STEPS];
    unsigned steps;
    bool done;
};

struct model_state {
    struct model_location locations[MODEL_LOCATIONS];
    struct model_thread threads[MODEL_THREADS];
    struct model_view fence; /* of all seq_cst fences so far */
    unsigned location_count;
};

struct model_program {
    unsigned thread_count;
    void (*threads[MODEL_THREADS])(void);
    void (*setup)(void); /* before the threads, alone */
    /* Alone after all of them: what each thread noted, by thread. False: a violation. */
    bool (*holds)(uint64_t notes[MODEL_THREADS][MODEL_NOTES], const unsigned counts[MODEL_THREADS]);
    /* What is broken on purpose, to see that the explorer finds it. */
    bool without_fences;
    bool without_release;
    uint64_t value_mask; /* 0: all bits of a value are kept */
};

struct model_outcome {
    uint64_t states;
    uint64_t ends;       /* states in which all threads were done */
    uint64_t violations; /* ends that do not hold, and stores that are out of order */
};

static struct {
    const struct model_program *program;
    struct model_outcome outcome;
    struct model_state *state; /* being worked on */
    unsigned thread;
    unsigned step;     /* in the thread's run */
    unsigned choice;   /* of the new step */
    unsigned choices;  /* it turned out to have */
    bool alone;        /* setup and holds: newest values only, nothing recorded */
    jmp_buf leave;     /* after the new step */
    uint64_t *visited; /* open addressing; 0: free */
    size_t visited_size;
    size_t visited_count;
    uint64_t notes[MODEL_THREADS][MODEL_NOTES];
    unsigned note_counts[MODEL_THREADS];
} model;

static inline void model_join(struct model_view *into, const struct model_view *view)
{
    for (unsigned i = 0; i < MODEL_LOCATIONS; i++)
        if (into->at[i] < view->at[i])
            into->at[i] = view->at[i];
}

static inline bool model_acquires(memory_order order)
{
    return order == memory_order_acquire || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static inline bool model_releases(memory_order order)
{
    return !model.program->without_release &&
           (order == memory_order_release || order == memory_order_acq_rel ||
            order == memory_order_seq_cst);
}

/* The model's arrays are too small for the program: nothing would be proved. */
static inline void model_overflow(void)
{
    fputs("weak_memory.h: the program is too large for the model\n", stderr);
    abort();
}

/* A location is known from its first use on; memory begins as zeros. */
static inline unsigned model_location(const volatile void *address)
{
    struct model_state *state = model.state;
    for (unsigned i = 0; i < state->location_count; i++)
        if (state->locations[i].address == address)
            return i;
    if (state->location_count == MODEL_LOCATIONS)
        model_overflow();
    state->locations[state->location_count].address = address;
    state->locations[state->location_count].count = 1;
    return state->location_count++;
}

/* Of each operation: whether it only repeats what is recorded, and then the result. */
static inline bool model_recorded(uint64_t *result)
{
    if (model.alone)
        return false;
    struct model_thread *thread = &model.state->threads[model.thread];
    if (model.step >= thread->steps)
        return false;
    *result = thread->results[model.step++];
    return true;
}

static inline uint64_t model_result(uint64_t result)
{
    if (model.alone)
        return result;
    struct model_thread *thread = &model.state->threads[model.thread];
    if (thread->steps == MODEL_STEPS)
        model_overflow();
    thread->results[thread->steps++] = result;
    longjmp(model.leave, 1);
}

static inline struct model_thread *model_self(void)
{
    return &model.state->threads[model.alone ? 0 : model.thread];
}

static inline void model_read(unsigned where, unsigned index, memory_order order)
{
    struct model_thread *self = model_self();
    const struct model_message *message = &model.state->locations[where].messages[index];
    self->now.at[where] = (uint8_t)index;
    model_join(&self->acquired, &message->view);
    if (model_acquires(order))
        model_join(&self->now, &message->view);
    model_join(&self->acquired, &self->now);
}

/* read: the message that a read-modify-write read, whose view the new one carries on. */
static inline void model_write(unsigned where, uint64_t value, memory_order order,
                               const struct model_message *read)
{
    struct model_thread *self = model_self();
    struct model_location *location = &model.state->locations[where];
    if (location->count == MODEL_MESSAGES)
        model_overflow();
    if (!read && self->now.at[where] != location->count - 1)
        model.outcome.violations++;
    struct model_message *message = &location->messages[location->count];
    self->now.at[where] = (uint8_t)location->count++;
    model_join(&self->acquired, &self->now);
    message->value = model.program->value_mask ? value & model.program->value_mask : value;
    message->view = model_releases(order) ? self->now : self->released;
    message->view.at[where] = self->now.at[where];
    if (read)
        model_join(&message->view, &read->view);
}

static inline uint64_t model_load(const volatile void *address, memory_order order)
{
    uint64_t result;
    if (model_recorded(&result))
        return result;
    unsigned where = model_location(address);
    struct model_location *location = &model.state->locations[where];
    unsigned oldest = model.alone ? location->count - 1 : model_self()->now.at[where];
    model.choices = location->count - oldest;
    unsigned index = location->count - 1 - (model.alone ? 0 : model.choice);
    model_read(where, index, order);
    return model_result(location->messages[index].value);
}

static inline void model_store(volatile void *address, uint64_t value, memory_order order)
{
    uint64_t result;
    if (model_recorded(&result))
        return;
    model.choices = 1;
    unsigned where = model_location(address);
    if (model.alone)
        model_self()->now.at[where] = (uint8_t)(model.state->locations[where].count - 1);
    model_write(where, value, order, NULL);
    model_result(0);
}

/* Succeeds on the newest message only: behind an older one another change stands already. The value
 * that it read is its result, with success in `done`. */
static inline uint64_t model_exchange_if(volatile void *address, uint64_t expected,
                                         uint64_t desired, memory_order order, memory_order failure,
                                         bool *done)
{
    uint64_t result;
    if (!model_recorded(&result)) {
        unsigned where = model_location(address);
        struct model_location *location = &model.state->locations[where];
        unsigned last = location->count - 1;
        unsigned oldest = model.alone ? last : model_self()->now.at[where];
        unsigned readable[MODEL_MESSAGES] = {0}, count = 0;
        for (unsigned i = last + 1; i-- > oldest;)
            if (i == last || location->messages[i].value != expected)
                readable[count++] = i;
        model.choices = count;
        unsigned index = readable[model.alone ? 0 : model.choice];
        result = location->messages[index].value;
        bool swaps = index == last && result == expected;
        model_read(where, index, swaps ? order : failure);
        if (swaps)
            model_write(where, desired, order, &location->messages[index]);
        result = model_result(result);
    }
    *done = result == expected;
    return result;
}

static inline void model_fence(memory_order order)
{
    uint64_t result;
    if (model_recorded(&result))
        return;
    model.choices = 1;
    struct model_thread *self = model_self();
    if (!model.program->without_fences) {
        if (model_acquires(order))
            model_join(&self->now, &self->acquired);
        if (order == memory_order_seq_cst) {
            model_join(&self->now, &model.state->fence);
            model.state->fence = self->now;
            model_join(&self->acquired, &self->now);
        }
        if (model_releases(order))
            self->released = self->now;
    }
    model_result(0);
}

/* What a thread has to say to `holds`. */
static inline void model_note(uint64_t value)
{
    if (model.note_counts[model.thread] == MODEL_NOTES)
        model_overflow();
    model.notes[model.thread][model.note_counts[model.thread]++] = value;
}

/* ---- the search ---- */

static inline uint64_t model_hash(const struct model_state *state)
{
    uint64_t hash = 1469598103934665603u;
    const unsigned char *bytes = (const unsigned char *)state;
    for (size_t i = 0; i + 8 <= sizeof *state; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash ? hash : 1;
}

/* False: seen before. */
static inline bool model_visit(uint64_t hash)
{
    if (model.visited_count * 2 >= model.visited_size) {
        size_t size = model.visited_size ? model.visited_size * 2 : 1 << 16;
        uint64_t *larger = calloc(size, sizeof *larger);
        if (!larger)
            model_overflow();
        for (size_t i = 0; i < model.visited_size; i++) {
            if (model.visited[i] == 0)
                continue;
            size_t at = (size_t)model.visited[i] & (size - 1);
            while (larger[at])
                at = (at + 1) & (size - 1);
            larger[at] = model.visited[i];
        }
        free(model.visited);
        model.visited = larger;
        model.visited_size = size;
    }
    size_t at = (size_t)hash & (model.visited_size - 1);
    while (model.visited[at] && model.visited[at] != hash)
        at = (at + 1) & (model.visited_size - 1);
    if (model.visited[at])
        return false;
    model.visited[at] = hash;
    model.visited_count++;
    return true;
}

/* Runs a thread on what is recorded, and a step further. */
static inline void model_run(struct model_state *state, unsigned thread, unsigned choice)
{
    model.state = state;
    model.thread = thread;
    model.step = 0;
    model.choice = choice;
    model.choices = 1;
    model.note_counts[thread] = 0;
    if (setjmp(model.leave) == 0) {
        model.program->threads[thread]();
        model.state->threads[model.thread].done = true;
    }
}

static inline void model_end(const struct model_state *state)
{
    struct model_state copy = *state;
    model.outcome.ends++;
    for (unsigned thread = 0; thread < model.program->thread_count; thread++)
        model_run(&copy, thread, 0); /* for its notes */
    model.alone = true;
    if (!model.program->holds(model.notes, model.note_counts))
        model.outcome.violations++;
    model.alone = false;
}

static inline void model_search(const struct model_state *state)
{
    bool running = false;
    if (!model_visit(model_hash(state)))
        return;
    model.outcome.states++;
    for (unsigned thread = 0; thread < model.program->thread_count; thread++) {
        if (state->threads[thread].done)
            continue;
        running = true;
        for (unsigned choice = 0, choices = 1; choice < choices; choice++) {
            struct model_state *next = malloc(sizeof *next);
            if (!next)
                model_overflow();
            memcpy(next, state, sizeof *next);
            model_run(next, thread, choice);
            choices = model.choices;
            model_search(next);
            free(next);
        }
    }
    if (!running)
        model_end(state);
}

static inline struct model_outcome model_explore(const struct model_program *program)
{
    struct model_state *state = calloc(1, sizeof *state);
    memset(&model, 0, sizeof model);
    model.program = program;
    model.state = state;
    model.alone = true;
    if (program->setup)
        program->setup();
    model.alone = false;
    for (unsigned thread = 1; thread < MODEL_THREADS; thread++)
        state->threads[thread] = state->threads[0]; /* they are started after it */
    model_search(state);
    free(state);
    free(model.visited);
    return model.outcome;
}

/* ---- what the header under test calls ---- */

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#undef atomic_thread_fence
#define MODEL_TYPE(pointer) __typeof__(*(pointer) + 0)
#define atomic_load_explicit(pointer, order) ((MODEL_TYPE(pointer))model_load((pointer), (order)))
#define atomic_store_explicit(pointer, value, order)                                               \
    model_store((pointer), (uint64_t)(value), (order))
#define atomic_compare_exchange_strong_explicit(pointer, expected, desired, order, failure)        \
    __extension__({                                                                                \
        bool model_done;                                                                           \
        *(expected) = (MODEL_TYPE(pointer))model_exchange_if((pointer), (uint64_t) * (expected),   \
                                                             (uint64_t)(desired), (order),         \
                                                             (failure), &model_done);              \
        model_done;                                                                                \
    })
#define atomic_compare_exchange_weak_explicit atomic_compare_exchange_strong_explicit
#define atomic_thread_fence(order) model_fence(order)

#endif
