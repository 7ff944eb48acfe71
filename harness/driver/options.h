/* The command line: commands, options, defaults. */
#ifndef HARNESS_DRIVER_OPTIONS_H
#define HARNESS_DRIVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/error.h"

enum command {
    COMMAND_RUN,
    COMMAND_LIST,
    COMMAND_TABLES,
    COMMAND_PLOTS,
    COMMAND_REPORT,
    COMMAND_COMPARE,
};

enum exit_status {
    STATUS_DONE = 0,
    STATUS_TARGET_MISSED = 1,
    STATUS_USAGE = 2,
    STATUS_CELL_FAILED = 3,
};

/* Whether misses are simulated. */
enum cache_choice {
    CACHE_AUTO, /* where the machine has no hardware counters */
    CACHE_SIM,
    CACHE_OFF,
    CACHE_CHOICE_COUNT
};

extern const char *const cache_choice_names[CACHE_CHOICE_COUNT];

#define OPTIONS_LIST_MAX 32
#define OPTIONS_THREADS_MAX 1024

struct option_list {
    const char *items[OPTIONS_LIST_MAX];
    size_t count;
};

struct options {
    enum command command;
    struct option_list workloads;  /* empty: all that need no parameter */
    struct option_list backends;   /* empty: all */
    struct option_list strategies; /* empty: all */
    struct option_list kinds;      /* empty: all */
    struct option_list threads;    /* numbers; empty: as workloads say */
    struct option_list litters;    /* occupancies beside a clean heap; empty: as workloads say */
    struct option_list parameters; /* name=value */
    struct option_list preloads;   /* name=/path.so */
    uint64_t rounds;               /* 0: by interval width and budget */
    double budget;                 /* seconds a workload */
    double timeout;                /* seconds a trial */
    enum cache_choice cache;
    uint64_t seed;
    bool seed_given;
    uint64_t chunk;      /* 0: the library's default */
    uint64_t pool_limit; /* likewise */
    bool enforce;
    const char *run;    /* name of a new run; for tables etc. the run to read */
    const char *resume; /* a run to go on with */
    const char *base;
    const char *head;
    char results[4096];
    char runners[4096];
    char targets[4096];
    char plots[4096];
};

/* Strings live as long as `arguments`. Usage errors print one line and exit with STATUS_USAGE. */
void options_parse(struct options *options, int count, char **arguments);

/* The path of a run named on the command line: a folder, or a name below results; NULL: latest. */
bool options_run_path(const struct options *options, const char *run, char *path, size_t size,
                      struct error *error);

#endif
