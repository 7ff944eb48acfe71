/* Death tests: a child does what the tool that watches memory must stop. They are there in guarded
 * builds only; in one for valgrind they are skipped where the program runs without it. */
#ifndef TESTS_UNIT_DEATH_H
#define TESTS_UNIT_DEATH_H

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "string_arena_annotate.h"

#if APPORTION_VALGRIND
#define MEMORY_IS_WATCHED (RUNNING_ON_VALGRIND)
#define MEMORY_ERRORS (VALGRIND_COUNT_ERRORS)
#else
#define MEMORY_IS_WATCHED APPORTION_ASAN
#define MEMORY_ERRORS 0 /* AddressSanitizer ends the process at the first */
#endif

/* Whether act() does what the tool stops. */
static inline bool dies(void (*act)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, STDERR_FILENO); /* the sanitizer's report is expected */
        unsigned before = (unsigned)MEMORY_ERRORS;
        act();
        if (MEMORY_ERRORS != before)
            raise(SIGKILL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    /* What a child leaves allocated makes valgrind's exit status, so only the signal counts there.
     */
    return APPORTION_VALGRIND ? WIFSIGNALED(status) : !WIFEXITED(status) || WEXITSTATUS(status);
}

#endif
