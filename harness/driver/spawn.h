/*
 * Child processes: a runner for a trial, or any program whose output is wanted. Each is a process
 * group of its own, dies with the driver, and is killed at its time limit.
 */
#ifndef HARNESS_DRIVER_SPAWN_H
#define HARNESS_DRIVER_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/error.h"
#include "harness/topology.h"

/* Where a runner finds its report descriptor. */
#define SPAWN_REPORT_FD 3

struct spawn_request {
    char *const *arguments;          /* [0] is the binary; NULL-terminated */
    const char *preload;             /* LD_PRELOAD; NULL: none */
    unsigned padding;                /* bytes of environment padding */
    bool bare_environment;           /* no variable of ours but where libraries are found */
    double timeout;                  /* seconds */
    const struct topology *topology; /* bound to the trial's processors; NULL: not bound */
    unsigned processors;             /* 0: 1 */
};

struct spawn_result {
    char *report; /* what came on SPAWN_REPORT_FD; malloc'd, NUL-terminated */
    size_t report_size;
    bool ended_well;  /* exit status 0 */
    bool interrupted; /* the driver was asked to stop; the child was killed */
    char reason[400]; /* where it did not: signal, status or time limit, and stderr's last line */
    uint64_t wall_ns;
};

/* False: the process could not be started at all. */
bool spawn(const struct spawn_request *request, struct spawn_result *result, struct error *error);

/* Runs a program and gives its standard output; false where it fails. *text is malloc'd. */
bool spawn_output(char *const *arguments, double timeout, char **text, struct error *error);

/* Set by SIGINT and SIGTERM once spawn_catch_signals() was called: the signal's number. */
extern volatile sig_atomic_t spawn_stop_signal;
void spawn_catch_signals(void);

/* Variables that change what an allocator does: taken out of every runner's environment. The names
 * that are set now, with spaces between, into text. */
void spawn_scrubbed(char *text, size_t size);

#endif
