/* Options by argp; defaults found from where the executable lies. */
#include "harness/driver/options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/trial.h"

const char *argp_program_version = "apportion 0.1.0";

const char *const cache_choice_names[CACHE_CHOICE_COUNT] = {"auto", "sim", "off"};

static const char documentation[] =
    "Runs string-splitting workloads on pluggable allocators and judges the figures against "
    "targets.\v"
    "COMMAND is one of\n"
    "  run       measure, then tables, report and pictures (the default)\n"
    "  list      backends, strategies and workloads of this build\n"
    "  tables    summary.csv and targets.csv again from a run's raw rows\n"
    "  report    report.md and report.html again\n"
    "  plots     the pictures again\n"
    "  compare   what changed from --base to --head\n"
    "\n"
    "Exit status: 0 done, 1 a target was missed (with --enforce), 2 usage, 3 a cell failed.\n"
    "Each option is a variable of make: `make run WORKLOAD=small_strings BUDGET=30`.";

enum option_key {
    KEY_WORKLOAD = 'w',
    KEY_BACKENDS = 'b',
    KEY_STRATEGY = 's',
    KEY_ROUNDS = 256,
    KEY_BUDGET,
    KEY_THREADS,
    KEY_LITTER,
    KEY_SEED,
    KEY_INPUT,
    KEY_DELIMITER,
    KEY_QUOTE,
    KEY_PARAM,
    KEY_PRELOAD,
    KEY_CHUNK,
    KEY_POOL_LIMIT,
    KEY_RUN,
    KEY_RESUME,
    KEY_RESULTS,
    KEY_RUNNERS,
    KEY_TARGETS,
    KEY_PLOTS,
    KEY_ENFORCE,
    KEY_TIMEOUT,
    KEY_BASE,
    KEY_HEAD,
    KEY_KINDS,
    KEY_CACHE,
};

static const struct argp_option argp_options[] = {
    {NULL, 0, NULL, 0, "What is measured:", 1},
    {"workload", KEY_WORKLOAD, "A,B", 0, "these workloads (default: all that need no input)", 1},
    {"backends", KEY_BACKENDS, "A,B", 0, "these backends; system/owned runs in any case", 1},
    {"strategy", KEY_STRATEGY, "A,B", 0, "of owned, pooled, view, libcsv, pinned", 1},
    {"input", KEY_INPUT, "FILE", 0, "a text file of your own; the workload is then `file'", 1},
    {"delimiter", KEY_DELIMITER, "TEXT", 0, "between its tokens (default: a comma)", 1},
    {"quote", KEY_QUOTE, "BYTE", 0, "its quote character (default: none)", 1},
    {"param", KEY_PARAM, "NAME=VALUE", 0, "a workload's parameter; repeatable", 1},
    {"preload", KEY_PRELOAD, "NAME=LIB.so", 0, "a malloc library as a further backend; repeatable",
     1},
    {"chunk", KEY_CHUNK, "BYTES", 0, "first chunk of the arena, a power of two", 1},
    {"pool-limit", KEY_POOL_LIMIT, "BYTES", 0, "most that the pool keeps idle (default: 1 MiB)", 1},
    {"threads", KEY_THREADS, "A,B", 0,
     "at these numbers of threads: 1,2,4 (default: 1; of workloads made for threads 1,2,8)", 1},
    {"litter", KEY_LITTER, "A,B", 0,
     "on littered heaps as well, of which these shares stay: 0.9,0.5,0.1; 0: clean heaps only", 1},
    {"kinds", KEY_KINDS, "A,B", 0, "of count, memory, cache, latency, beside time (default: all)",
     1},
    {"cache", KEY_CACHE, "WHEN", 0,
     "sim: simulate cache misses (needs valgrind); off; auto: where the machine has no hardware "
     "counters (the default)",
     1},
    {NULL, 0, NULL, 0, "How long:", 2},
    {"budget", KEY_BUDGET, "SECONDS", 0, "for each workload (default: 60)", 2},
    {"rounds", KEY_ROUNDS, "N", 0, "exactly so many (default: until intervals are within 2 %)", 2},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "after which a trial is killed (default: 60)", 2},
    {"seed", KEY_SEED, "N", 0, "of order and inputs (default: random, and recorded)", 2},
    {NULL, 0, NULL, 0, "Files:", 3},
    {"run", KEY_RUN, "NAME", 0, "name of the run (default: time and workload, or the latest)", 3},
    {"resume", KEY_RESUME, "RUN", 0, "go on with an interrupted run", 3},
    {"results", KEY_RESULTS, "DIR", 0, "where runs are kept (default: results)", 3},
    {"runners", KEY_RUNNERS, "DIR", 0, "the runner binaries", 3},
    {"targets", KEY_TARGETS, "FILE", 0, "the targets", 3},
    {"plots", KEY_PLOTS, "DIR", 0, "the gnuplot scripts", 3},
    {"base", KEY_BASE, "RUN", 0, "compare: the run before", 3},
    {"head", KEY_HEAD, "RUN", 0, "compare: the run after", 3},
    {"enforce", KEY_ENFORCE, NULL, 0, "exit with 1 when a target is missed", 3},
    {0},
};

static void add_item(struct argp_state *state, struct option_list *list, const char *item)
{
    if (list->count == OPTIONS_LIST_MAX)
        argp_error(state, "more than %d values in one list", OPTIONS_LIST_MAX);
    list->items[list->count++] = item;
}

/* "a,b"; empty items are errors. In a copy: the arguments themselves are recorded with the run. */
static void add_list(struct argp_state *state, struct option_list *list, const char *name,
                     const char *text)
{
    char *rest = strdup(text);
    if (!rest)
        argp_error(state, "no memory for --%s", name);
    for (char *item; (item = strsep(&rest, ",")) != NULL;) {
        if (!*item)
            argp_error(state, "--%s has an empty name in its list", name);
        add_item(state, list, item);
    }
}

static uint64_t whole_number(struct argp_state *state, const char *name, const char *text,
                             uint64_t least)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end || *text == '-' || errno || value < least)
        argp_error(state, "--%s=%s is not a whole number of at least %llu", name, text,
                   (unsigned long long)least);
    return value;
}

static double seconds(struct argp_state *state, const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value <= 0)
        argp_error(state, "--%s=%s is not a number of seconds above 0", name, text);
    return value;
}

/* Checks one of --threads. */
static void thread_count(struct argp_state *state, const char *text)
{
    if (whole_number(state, "threads", text, 1) > OPTIONS_THREADS_MAX)
        argp_error(state, "--threads=%s is more than %d", text, OPTIONS_THREADS_MAX);
}

/* Checks one of --litter. */
static void occupancy(struct argp_state *state, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value < 1))
        argp_error(state, "--litter=%s is not a share of at least 0 and below 1", text);
}

/* "name=value" of an option that stands for a parameter. */
static void add_parameter(struct argp_state *state, struct options *options, const char *name,
                          const char *value)
{
    char *text;
    if (asprintf(&text, "%s=%s", name, value) < 0)
        argp_failure(state, STATUS_USAGE, ENOMEM, "options");
    add_item(state, &options->parameters, text); /* lives as long as the program */
}

static void copy_path(struct argp_state *state, char *to, size_t size, const char *text)
{
    if (!*text || snprintf(to, size, "%s", text) >= (int)size)
        argp_error(state, "path '%s' is empty or too long", text);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    static const char *const commands[] = {"run", "list", "tables", "plots", "report", "compare"};
    struct options *options = state->input;
    switch (key) {
    case KEY_WORKLOAD:
        add_list(state, &options->workloads, "workload", text);
        break;
    case KEY_BACKENDS:
        add_list(state, &options->backends, "backends", text);
        break;
    case KEY_STRATEGY:
        add_list(state, &options->strategies, "strategy", text);
        break;
    case KEY_KINDS:
        add_list(state, &options->kinds, "kinds", text);
        break;
    case KEY_CACHE: {
        size_t choice = trial_name_index(cache_choice_names, CACHE_CHOICE_COUNT, text);
        if (choice == CACHE_CHOICE_COUNT)
            argp_error(state, "--cache=%s: there are auto, sim, off", text);
        options->cache = (enum cache_choice)choice;
        break;
    }
    case KEY_ROUNDS:
        options->rounds = whole_number(state, "rounds", text, 1);
        break;
    case KEY_BUDGET:
        options->budget = seconds(state, "budget", text);
        break;
    case KEY_TIMEOUT:
        options->timeout = seconds(state, "timeout", text);
        break;
    case KEY_THREADS:
        add_list(state, &options->threads, "threads", text);
        for (size_t i = 0; i < options->threads.count; i++)
            thread_count(state, options->threads.items[i]);
        break;
    case KEY_LITTER:
        add_list(state, &options->litters, "litter", text);
        for (size_t i = 0; i < options->litters.count; i++)
            occupancy(state, options->litters.items[i]);
        break;
    case KEY_SEED:
        options->seed = whole_number(state, "seed", text, 0);
        options->seed_given = true;
        break;
    case KEY_INPUT: {
        char path[4096]; /* absolute, so that a run can be resumed from elsewhere */
        add_parameter(state, options, "input", realpath(text, path) ? path : text);
        break;
    }
    case KEY_DELIMITER:
        add_parameter(state, options, "delimiter", text);
        break;
    case KEY_QUOTE:
        add_parameter(state, options, "quote", text);
        break;
    case KEY_PARAM:
        if (!strchr(text, '=') || *text == '=')
            argp_error(state, "--param=%s is not NAME=VALUE", text);
        add_item(state, &options->parameters, text);
        break;
    case KEY_PRELOAD:
        if (!strchr(text, '=') || *text == '=')
            argp_error(state, "--preload=%s is not NAME=/path/lib.so", text);
        add_item(state, &options->preloads, text);
        break;
    case KEY_CHUNK:
        options->chunk = whole_number(state, "chunk", text, 1024);
        if (options->chunk & (options->chunk - 1))
            argp_error(state, "--chunk=%s is not a power of two", text);
        break;
    case KEY_POOL_LIMIT:
        options->pool_limit = whole_number(state, "pool-limit", text, 1);
        break;
    case KEY_RUN:
        options->run = text;
        break;
    case KEY_RESUME:
        options->resume = text;
        break;
    case KEY_RESULTS:
        copy_path(state, options->results, sizeof options->results, text);
        break;
    case KEY_RUNNERS:
        copy_path(state, options->runners, sizeof options->runners, text);
        break;
    case KEY_TARGETS:
        copy_path(state, options->targets, sizeof options->targets, text);
        break;
    case KEY_PLOTS:
        copy_path(state, options->plots, sizeof options->plots, text);
        break;
    case KEY_ENFORCE:
        options->enforce = true;
        break;
    case KEY_BASE:
        options->base = text;
        break;
    case KEY_HEAD:
        options->head = text;
        break;
    case ARGP_KEY_ARG: {
        unsigned i = 0;
        while (i < sizeof commands / sizeof commands[0] && strcmp(commands[i], text) != 0)
            i++;
        if (state->arg_num > 0 || i == sizeof commands / sizeof commands[0])
            argp_error(state,
                       "unknown command '%s'; there are run, list, tables, report, plots, compare",
                       text);
        options->command = (enum command)i;
        break;
    }
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void options_parse(struct options *options, int count, char **arguments)
{
    const struct argp argp = {argp_options, parse, "[COMMAND]", documentation, NULL, NULL, NULL};
    char here[2048] = ".";
    ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    if (length > 0) {
        here[length] = 0;
        char *slash = strrchr(here, '/');
        if (slash)
            *slash = 0;
    }
    memset(options, 0, sizeof *options);
    options->budget = 60;
    options->timeout = 60;
    snprintf(options->results, sizeof options->results, "results");
    snprintf(options->runners, sizeof options->runners, "%s/runners", here);
    snprintf(options->targets, sizeof options->targets, "%s/../harness/targets.csv", here);
    snprintf(options->plots, sizeof options->plots, "%s/../plots", here);
    argp_err_exit_status = STATUS_USAGE;
    argp_parse(&argp, count, arguments, 0, NULL, options);
}

bool options_run_path(const struct options *options, const char *run, char *path, size_t size,
                      struct error *error)
{
    struct stat status;
    const char *name = run ? run : "latest";
    if (!run || !strchr(run, '/')) {
        if (snprintf(path, size, "%s/%s", options->results, name) < (int)size &&
            stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            return true;
    }
    if (run && snprintf(path, size, "%s", run) < (int)size && stat(path, &status) == 0 &&
        S_ISDIR(status.st_mode))
        return true;
    return error_set(error, "no run '%s' in %s; `ls %s` shows the runs there are", name,
                     options->results, options->results);
}
