/* link: lib */
/*
 * The worst case of an arena call, counted: a child runs a long random sequence, its parent single
 * steps it between two traps around each call, so that every instruction of the call counts (and
 * none of the source's, which pauses the counting).
 *
 * Bound: 100 instructions for any call that takes no chunk from the source and gives none back; for
 * one that gives back, 100 and 50 a chunk or oversized block. x86-64 and plain builds only: the
 * instructions of a sanitizer or a debugger are not the arena's.
 */
#include "check.h"

#include "string_arena.h"

#if defined(__x86_64__) && !APPORTION_GUARDED

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS 6000
#define BOUND 100
#define BOUND_RELEASED 50

enum call { EMPTY, BYTES, ALLOC, COPY, UNDO, MARK, ROLLBACK, RESET, TRIM, CALL_COUNT };
static const char *const names[] = {"nothing",
                                    "string_arena_bytes",
                                    "string_arena_alloc",
                                    "string_arena_copy of 16",
                                    "string_arena_undo_bytes",
                                    "string_arena_mark",
                                    "string_arena_rollback",
                                    "string_arena_reset",
                                    "string_arena_trim"};

/* What the child did, for the parent to read at the trap behind the call. */
struct shared {
    enum call call;
    uint64_t acquired, released; /* by this call */
    uint64_t entered;            /* chunks of those held that it made the current one */
};
static volatile struct shared *shared;

/* Counting begins at one and ends at the next. */
#define TRAP __asm__ volatile("int3" ::: "memory")

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    TRAP;
    void *memory = aligned_alloc(alignment, size);
    TRAP;
    return memory;
}

static void source_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    TRAP;
    free(memory);
    TRAP;
}

static size_t random_size(void)
{
    return rand() % 150 ? (size_t)(rand() % 60) : (size_t)(rand() % 700);
}

static void run_child(void)
{
    static struct string_arena arena;
    static struct string_arena_mark marks[8];
    struct string_arena_options options = {.chunk_size = 1024,
                                           .chunk_size_max = 1024, /* many: a walk would show */
                                           .source = {source_acquire, source_release, NULL}};
    unsigned mark_count = 0;
    size_t last_size = 0;
    char *last = NULL;
    string_arena_init(&arena, &options);
    /* memcpy's first call looks it up, which is not the arena's. */
    string_arena_copy(&arena, "0123456789abcdef", 16);
    raise(SIGUSR1);
    srand(1);
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned what = (unsigned)rand() % 1200;
        size_t size = random_size();
        size_t alignment = (size_t)1 << rand() % 7;
        uint64_t acquired = arena.chunks_acquired, released = arena.chunks_released;
        struct string_arena_chunk *current = arena.current;
        enum call call = EMPTY;
        if (what < 540) {
            TRAP;
            char *block = string_arena_bytes(&arena, size);
            TRAP;
            call = BYTES;
            last = block;
            last_size = size;
        } else if (what < 900) {
            TRAP;
            string_arena_alloc(&arena, size, alignment);
            TRAP;
            call = ALLOC;
            last = NULL;
        } else if (what < 990) {
            TRAP;
            string_arena_copy(&arena, "0123456789abcdef", 16);
            TRAP;
            call = COPY;
            last = NULL;
        } else if (what < 1050 && last) {
            TRAP;
            string_arena_undo_bytes(&arena, last, last_size);
            TRAP;
            call = UNDO;
            last = NULL;
        } else if (what < 1110 && mark_count < 8) {
            TRAP;
            marks[mark_count] = string_arena_mark(&arena);
            TRAP;
            call = MARK;
            mark_count++;
        } else if (what < 1155 && mark_count) {
            mark_count = 1 + (unsigned)rand() % mark_count;
            struct string_arena_mark to = marks[mark_count - 1];
            TRAP;
            string_arena_rollback(&arena, to);
            TRAP;
            call = ROLLBACK;
            last = NULL;
        } else if (what < 1157) {
            TRAP;
            string_arena_reset(&arena);
            TRAP;
            call = RESET;
            mark_count = 0;
            last = NULL;
        } else if (what < 1160) {
            TRAP;
            string_arena_trim(&arena);
            TRAP;
            call = TRIM;
        } else {
            TRAP;
            TRAP;
        }
        shared->call = call;
        shared->acquired = arena.chunks_acquired - acquired;
        shared->released = arena.chunks_released - released;
        shared->entered = (call == BYTES || call == ALLOC || call == COPY) &&
                          shared->acquired == 0 && current != arena.current;
        raise(SIGUSR1); /* the call is over */
    }
    string_arena_destroy(&arena);
    _exit(0);
}

struct worst {
    unsigned calls, instructions;
    unsigned entering; /* worst of those that entered a chunk held already */
    unsigned releasing, released;
};

static bool wait_for_stop(pid_t child, int *signal)
{
    int status;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return false;
    *signal = WSTOPSIG(status);
    return true;
}

/* Follows the child to its end. */
static void count_calls(pid_t child, struct worst worst[CALL_COUNT])
{
    bool counting = false;
    unsigned count = 0;
    int signal;
    while (wait_for_stop(child, &signal)) {
        siginfo_t why;
        assert_int_equal(ptrace(PTRACE_GETSIGINFO, child, NULL, &why), 0);
        if (signal == SIGUSR1) {
            struct worst *of = &worst[shared->call];
            of->calls++;
            if (shared->released > 0) {
                assert_true(count <= BOUND + BOUND_RELEASED * shared->released);
                if (count > of->releasing) {
                    of->releasing = count;
                    of->released = (unsigned)shared->released;
                }
            } else if (shared->acquired == 0 && count > of->instructions) {
                of->instructions = count;
            }
            if (shared->entered && count > of->entering)
                of->entering = count;
            count = 0;
        } else if (signal != SIGTRAP) {
            fail_msg("the child got signal %d", signal);
        } else if (why.si_code == TRAP_TRACE) {
            count++;
        } else {
            counting = !counting;
        }
        assert_int_equal(ptrace(counting ? PTRACE_SINGLESTEP : PTRACE_CONT, child, NULL, NULL), 0);
    }
}

static void no_call_costs_more(void **state)
{
    (void)state;
    static struct worst worst[CALL_COUNT];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(77);
        run_child();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("# SKIP this machine lets no process trace its child\n");
        return;
    }
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
    count_calls(child, worst);
    for (int call = BYTES; call < CALL_COUNT; call++) {
        print_message("# %s: %u calls, at most %u instructions", names[call], worst[call].calls,
                      worst[call].instructions);
        if (worst[call].entering)
            print_message(", %u to enter a chunk held already", worst[call].entering);
        if (worst[call].releasing)
            print_message(", %u to give %u back", worst[call].releasing, worst[call].released);
        print_message("\n");
        assert_true(worst[call].calls > 0);
        assert_true(worst[call].instructions <= BOUND);
    }
    /* The sequence has met what it is for. */
    assert_true(worst[BYTES].entering > 0 && worst[ALLOC].entering > 0);
    assert_true(worst[RESET].instructions > 0 && worst[TRIM].releasing > 0);
    munmap((void *)(uintptr_t)shared, sizeof *shared);
}

#else

static void no_call_costs_more(void **state)
{
    (void)state;
    print_message("# SKIP counted in plain builds on x86-64\n");
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_call_costs_more)};
    return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
