/* Starting members, binding them, and calling them together. */
#include "harness/runner/crew.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

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

static void *member_main(void *argument)
{
    struct crew_member *member = argument;
    struct crew *crew = member->crew;
    pin(crew, member->index);
    for (;;) {
        pthread_barrier_wait(&crew->begin);
        if (!crew->work)
            return NULL;
        crew->work(crew->context, member->index);
        pthread_barrier_wait(&crew->end);
    }
}

static void crew_call(const struct workload_crew *seen, void (*work)(void *, unsigned),
                      void *context)
{
    struct crew *crew = crew_of(seen);
    crew->work = work;
    crew->context = context;
    pthread_barrier_wait(&crew->begin);
    work(context, 0);
    pthread_barrier_wait(&crew->end);
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

void crew_alone(struct crew *crew, struct allocator_heap **heap)
{
    memset(crew, 0, sizeof *crew);
    crew->seen = (struct workload_crew){.threads = 1, .heaps = heap, .call = call_alone};
}

bool crew_start(struct crew *crew, unsigned threads, const unsigned *processors,
                size_t processor_count, struct allocator_heap **heaps, char *reason,
                size_t reason_size)
{
    crew_alone(crew, heaps);
    crew->processors = processors;
    crew->processor_count = processor_count;
    crew->members = mmap(NULL, threads * sizeof *crew->members, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (crew->members == MAP_FAILED) {
        snprintf(reason, reason_size, "no memory for %u threads: %s", threads, strerror(errno));
        return false;
    }
    crew->seen.call = crew_call;
    crew->seen.threads = threads;
    pthread_barrier_init(&crew->begin, NULL, threads);
    pthread_barrier_init(&crew->end, NULL, threads);
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
    pin(crew, 0);
    crew_call(&crew->seen, touch_stack, NULL);
    return true;
}

void crew_dismiss(struct crew *crew)
{
    if (!crew->members)
        return;
    crew->work = NULL;
    pthread_barrier_wait(&crew->begin);
    for (unsigned i = 1; i < crew->seen.threads; i++)
        pthread_join(crew->members[i].thread, NULL);
    pthread_barrier_destroy(&crew->begin);
    pthread_barrier_destroy(&crew->end);
    munmap(crew->members, crew->seen.threads * sizeof *crew->members);
    crew->members = NULL;
}
