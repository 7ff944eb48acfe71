/* Starting members, binding them, and calling them together. */
#include "harness/runner/crew.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/runner/clock.h"

/* A member with a processor of its own looks for so long before it sleeps: a pass of some
 * milliseconds is not to begin and end with the time that the system takes to wake a thread. */
#define LOOK_NS 200000u

struct crew_member {
    struct crew *crew;
    unsigned index;
    pthread_t thread;
};

static struct crew *crew_of(const struct workload_crew *seen)
{
    return (struct crew *)(uintptr_t)seen;
}

static void pin(const struct crew *crew, unsigned member)
{
    cpu_set_t set;
    if (crew->processor_count == 0)
        return;
    CPU_ZERO(&set);
    CPU_SET(crew->processors[member % crew->processor_count], &set);
    /* Where it is refused the driver's binding of the process stands. */
    (void)sched_setaffinity(0, sizeof set, &set);
}

static bool passed(const struct crew_gate *gate, uint32_t before)
{
    return atomic_load_explicit(&gate->passed, memory_order_seq_cst) != before;
}

static void gate_wait(const struct crew *crew, struct crew_gate *gate)
{
    uint32_t before = atomic_load_explicit(&gate->passed, memory_order_relaxed);
    unsigned threads = crew->seen.threads;
    if (atomic_fetch_add_explicit(&gate->arrived, 1, memory_order_acq_rel) + 1 == threads) {
        atomic_store_explicit(&gate->arrived, 0, memory_order_relaxed);
        atomic_fetch_add_explicit(&gate->passed, 1, memory_order_seq_cst);
        if (atomic_load_explicit(&gate->asleep, memory_order_seq_cst) > 0)
            (void)syscall(SYS_futex, &gate->passed, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
        return;
    }
    bool shared = threads > crew->processor_count;
    uint64_t until = clock_ns() + LOOK_NS;
    while (!passed(gate, before) && clock_ns() < until)
        if (shared)
            sched_yield();
    atomic_fetch_add_explicit(&gate->asleep, 1, memory_order_seq_cst);
    while (!passed(gate, before)) /* the kernel compares again, atomically with going to sleep */
        (void)syscall(SYS_futex, &gate->passed, FUTEX_WAIT_PRIVATE, before, NULL, NULL, 0);
    atomic_fetch_sub_explicit(&gate->asleep, 1, memory_order_relaxed);
}

static void *member_main(void *argument)
{
    struct crew_member *member = argument;
    struct crew *crew = member->crew;
    pin(crew, member->index);
    for (;;) {
        gate_wait(crew, &crew->begin);
        if (!crew->work)
            return NULL;
        crew->work(crew->context, member->index);
        gate_wait(crew, &crew->end);
    }
}

static void crew_call(const struct workload_crew *seen, void (*work)(void *, unsigned),
                      void *context)
{
    struct crew *crew = crew_of(seen);
    crew->work = work;
    crew->context = context;
    gate_wait(crew, &crew->begin);
    work(context, 0);
    gate_wait(crew, &crew->end);
}

/* What a thread's stack comes to hold is no part of a heap: it is there before the first look. */
#define STACK_TOUCHED 65536u

static __attribute__((noinline)) void touch_stack(void *context, unsigned member)
{
    (void)context;
    (void)member;
    volatile char stack[STACK_TOUCHED];
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
}

static void call_alone(const struct workload_crew *seen, void (*work)(void *, unsigned),
                       void *context)
{
    (void)seen;
    work(context, 0);
}

void crew_alone(struct crew *crew, const unsigned *processors, size_t processor_count,
                struct allocator_heap **heap)
{
    *crew = (struct crew){.seen = {.threads = 1, .heaps = heap, .call = call_alone},
                          .processors = processors,
                          .processor_count = processor_count};
    pin(crew, 0);
}

void crew_turn(const struct crew *crew, unsigned turn)
{
    pin(crew, turn);
}

bool crew_start(struct crew *crew, unsigned threads, const unsigned *processors,
                size_t processor_count, struct allocator_heap **heaps, char *reason,
                size_t reason_size)
{
    crew_alone(crew, processors, processor_count, heaps);
    crew->members = mmap(NULL, threads * sizeof *crew->members, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (crew->members == MAP_FAILED) {
        snprintf(reason, reason_size, "no memory for %u threads: %s", threads, strerror(errno));
        return false;
    }
    crew->seen.call = crew_call;
    crew->seen.threads = threads;
    for (unsigned i = 1; i < threads; i++) {
        crew->members[i] = (struct crew_member){.crew = crew, .index = i};
        int error = pthread_create(&crew->members[i].thread, NULL, member_main, &crew->members[i]);
        if (error != 0) {
            /* Those that wait end with the process: the trial has failed. */
            snprintf(reason, reason_size, "thread %u of %u cannot be started: %s", i + 1, threads,
                     strerror(error));
            return false;
        }
    }
    crew_call(&crew->seen, touch_stack, NULL);
    return true;
}

void crew_dismiss(struct crew *crew)
{
    if (!crew->members)
        return;
    crew->work = NULL;
    gate_wait(crew, &crew->begin);
    for (unsigned i = 1; i < crew->seen.threads; i++)
        pthread_join(crew->members[i].thread, NULL);
    munmap(crew->members, crew->seen.threads * sizeof *crew->members);
    crew->members = NULL;
}
