/*
 * The threads of one trial: the calling thread is member 0, the others wait between calls. Each is
 * bound to one of the trial's processors, in turn. A crew of one is no thread at all: nothing is
 * started, and a call is a call.
 */
#ifndef HARNESS_RUNNER_CREW_H
#define HARNESS_RUNNER_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/workload.h"

#define CREW_MAX 1024u

/* Where all members wait for each other. */
struct crew_gate {
    _Atomic uint32_t passed; /* so many times */
    _Atomic unsigned arrived, asleep;
};

struct crew {
    struct workload_crew seen;  /* what workloads see; first, so that it leads back to the rest */
    const unsigned *processors; /* to bind members to, in turn */
    size_t processor_count;     /* 0: not bound */
    struct crew_member *members;
    struct crew_gate begin, end;
    void (*work)(void *context, unsigned member); /* NULL: the crew is dismissed */
    void *context;
};

/* heaps: room for one a member; NULLs. False: `reason` says why not; the process is then to end. */
bool crew_start(struct crew *crew, unsigned threads, const unsigned *processors,
                size_t processor_count, struct allocator_heap **heaps, char *reason,
                size_t reason_size);
/* Of the calling thread alone. */
void crew_alone(struct crew *crew, const unsigned *processors, size_t processor_count,
                struct allocator_heap **heap);
/* Of one thread: it goes over to the processor of that turn. */
void crew_turn(const struct crew *crew, unsigned turn);
void crew_dismiss(struct crew *crew);

#endif
