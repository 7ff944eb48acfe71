/*
 * The runner: measures one trial and reports it on a descriptor. Started by the driver; by hand
 * only to look at one trial (--report-fd=1).
 */
#include <argp.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/runner/clock.h"
#include "harness/runner/crew.h"
#include "harness/runner/describe.h"
#include "harness/runner/measure.h"
#include "harness/runner/provenance.h"

#define PARAMETERS_MAX 16

enum { EXIT_USAGE = 2, EXIT_TRIAL_FAILED = 3 };

enum option_key {
    OPTION_DESCRIBE = 256,
    OPTION_WORKLOAD,
    OPTION_STRATEGY,
    OPTION_KIND,
    OPTION_SEED,
    OPTION_PASSES,
    OPTION_BATCHES,
    OPTION_LITTER,
    OPTION_THREADS,
    OPTION_CPUS,
    OPTION_PARAM,
    OPTION_REPORT_FD,
    OPTION_STACK_OFFSET,
    OPTION_MMAP_GAP,
    OPTION_CHUNK,
    OPTION_POOL_LIMIT,
    OPTION_SERIES,
};

static const struct argp_option options[] = {
    {"describe", OPTION_DESCRIBE, NULL, 0, "print backend and workloads as JSON", 0},
    {"workload", OPTION_WORKLOAD, "NAME", 0, "what to run", 0},
    {"strategy", OPTION_STRATEGY, "NAME", 0, "owned, pooled, view, libcsv or pinned", 0},
    {"kind", OPTION_KIND, "KIND", 0, "time, memory, count, cache or latency", 0},
    {"seed", OPTION_SEED, "N", 0, "of the input", 0},
    {"passes", OPTION_PASSES, "N", 0, "over the input, a batch", 0},
    {"batches", OPTION_BATCHES, "N", 0, "measured", 0},
    {"litter", OPTION_LITTER, "OCCUPANCY", 0, "share of the litter that stays; 0: none", 0},
    {"threads", OPTION_THREADS, "N", 0, "each with a heap of its own", 0},
    {"cpus", OPTION_CPUS, "A,B", 0, "that threads are bound to, in turn; of one thread its batches",
     0},
    {"param", OPTION_PARAM, "NAME=VALUE", 0, "of the workload; repeatable", 0},
    {"report-fd", OPTION_REPORT_FD, "FD", 0, "where the report goes", 0},
    {"stack-offset", OPTION_STACK_OFFSET, "BYTES", 0, "layout noise", 0},
    {"mmap-gap", OPTION_MMAP_GAP, "BYTES", 0, "layout noise", 0},
    {"chunk", OPTION_CHUNK, "BYTES", 0, "first chunk of an arena", 0},
    {"pool-limit", OPTION_POOL_LIMIT, "BYTES", 0, "that a pool keeps idle", 0},
    {"series", OPTION_SERIES, NULL, 0, "curves and histograms as well (memory trials)", 0},
    {0},
};

struct request {
    struct trial trial;
    bool describe;
    const char *workload;
    const char *parameters[PARAMETERS_MAX];
    size_t parameter_count;
    uint64_t report_descriptor;
    uint64_t stack_offset;
    uint64_t mmap_gap;
    unsigned *processors;
};

static uint64_t parse_number(struct argp_state *state, const char *name, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end || *text == '-' || errno)
        argp_error(state, "--%s=%s is not a whole number", name, text);
    return value;
}

static uint64_t parse_up_to(struct argp_state *state, const char *name, const char *text,
                            uint64_t most)
{
    uint64_t value = parse_number(state, name, text);
    if (value > most)
        argp_error(state, "--%s=%s is more than %llu", name, text, (unsigned long long)most);
    return value;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    struct trial *trial = &request->trial;
    switch (key) {
    case OPTION_DESCRIBE:
        request->describe = true;
        break;
    case OPTION_WORKLOAD:
        request->workload = text;
        break;
    case OPTION_STRATEGY: {
        size_t index = trial_name_index(strategy_names, STRATEGY_NAME_COUNT, text);
        if (index == STRATEGY_NAME_COUNT)
            argp_error(state,
                       "unknown strategy '%s'; there are owned, pooled, view, libcsv, pinned",
                       text);
        trial->strategy = (enum strategy)index;
        break;
    }
    case OPTION_KIND: {
        size_t index = trial_name_index(trial_kind_names, TRIAL_KIND_COUNT, text);
        if (index == TRIAL_KIND_COUNT)
            argp_error(state, "unknown kind '%s'; there are time, memory, count, cache, latency",
                       text);
        trial->kind = (enum trial_kind)index;
        break;
    }
    case OPTION_SEED:
        trial->seed = parse_number(state, "seed", text);
        break;
    case OPTION_PASSES:
        trial->passes = parse_number(state, "passes", text);
        break;
    case OPTION_BATCHES:
        trial->batches = parse_number(state, "batches", text);
        break;
    case OPTION_LITTER: {
        char *end;
        trial->litter = strtod(text, &end);
        if (end == text || *end || !(trial->litter >= 0 && trial->litter < 1))
            argp_error(state, "--litter=%s is not a share of at least 0 and below 1", text);
        break;
    }
    case OPTION_THREADS:
        trial->threads = (unsigned)parse_up_to(state, "threads", text, CREW_MAX);
        if (trial->threads == 0)
            argp_error(state, "--threads=%s is not a number from 1 to %u", text, CREW_MAX);
        break;
    case OPTION_CPUS:
        request->trial.processor_count = 0;
        for (char *item; (item = strsep(&text, ",")) != NULL;) {
            if (trial->processor_count == CREW_MAX)
                argp_error(state, "--cpus has more than %u processors", CREW_MAX);
            request->processors[trial->processor_count++] =
                (unsigned)parse_up_to(state, "cpus", item, CPU_SETSIZE - 1);
        }
        break;
    case OPTION_PARAM:
        if (request->parameter_count == PARAMETERS_MAX)
            argp_error(state, "more than %d parameters", PARAMETERS_MAX);
        request->parameters[request->parameter_count++] = text;
        break;
    case OPTION_REPORT_FD:
        request->report_descriptor = parse_number(state, "report-fd", text);
        break;
    case OPTION_STACK_OFFSET:
        request->stack_offset = parse_number(state, "stack-offset", text);
        break;
    case OPTION_MMAP_GAP:
        request->mmap_gap = parse_number(state, "mmap-gap", text);
        break;
    case OPTION_CHUNK:
        trial->chunk_size = parse_number(state, "chunk", text);
        break;
    case OPTION_POOL_LIMIT:
        trial->pool_limit = parse_number(state, "pool-limit", text);
        break;
    case OPTION_SERIES:
        trial->series = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", text);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Fills values in the order of the workload's parameters. False: one line on stderr. */
static bool take_parameters(const struct request *request, const struct workload *workload,
                            const char **values)
{
    size_t count = 0;
    const struct workload_parameter *parameters = workload->parameters;
    for (; parameters && parameters[count].name; count++)
        values[count] = parameters[count].value;
    for (size_t i = 0; i < request->parameter_count; i++) {
        const char *text = request->parameters[i];
        size_t length = strcspn(text, "=");
        size_t k = 0;
        while (k < count && (strlen(parameters[k].name) != length ||
                             strncmp(parameters[k].name, text, length) != 0))
            k++;
        if (k == count || text[length] != '=') {
            fprintf(stderr, "runner: workload %s has no parameter '%s'\n", workload->name, text);
            return false;
        }
        values[k] = text + length + 1;
    }
    for (size_t k = 0; k < count; k++) {
        if (!values[k]) {
            fprintf(stderr, "runner: workload %s needs its parameter %s (%s)\n", workload->name,
                    parameters[k].name, parameters[k].description);
            return false;
        }
    }
    return true;
}

/* Moves the stack by a random amount, so that no one alignment decides a run. */
static __attribute__((noinline)) bool measure_at(const struct request *request,
                                                 struct report *report)
{
    volatile char *offset = __builtin_alloca(request->stack_offset + 16);
    offset[0] = 0;
    return measure(&request->trial, report);
}

static bool identify(struct report *report)
{
    struct provenance provenance;
    char reason[256];
    if (!provenance_of_malloc(&provenance, reason, sizeof reason)) {
        report_failed(report, "%s", reason);
        return false;
    }
    const char *version = backend.version();
    report_identity(report, provenance.file, provenance.build_id, version ? version : "n/a");
    return true;
}

int main(int count, char **arguments)
{
    static const char *values[PARAMETERS_MAX];
    static struct report report;
    static unsigned processors[CREW_MAX];
    struct request request = {.report_descriptor = STDOUT_FILENO, .processors = processors};
    struct trial *trial = &request.trial;
    trial->started_ns = clock_ns();
    trial->kind = TRIAL_TIME;
    trial->passes = 1;
    trial->batches = 1;
    const struct argp argp = {
        options, parse, NULL, "Measures one trial of a workload on this runner's backend.",
        NULL,    NULL,  NULL};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, count, arguments, 0, NULL, &request);
    if (request.describe)
        return describe(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;

    trial->workload = request.workload ? find_workload(request.workload) : NULL;
    if (!trial->workload) {
        fprintf(stderr, "runner: unknown workload '%s'; --describe lists them\n",
                request.workload ? request.workload : "");
        return EXIT_USAGE;
    }
    if (!backend_offers(trial->strategy) || !workload_offers(trial->workload, trial->strategy)) {
        fprintf(stderr, "runner: %s %s does not offer the strategy %s\n",
                backend_offers(trial->strategy) ? "workload" : "backend",
                backend_offers(trial->strategy) ? trial->workload->name : backend.name,
                strategy_names[trial->strategy]);
        return EXIT_USAGE;
    }
    if (trial->passes == 0 || trial->batches == 0 || request.stack_offset > 1 << 20) {
        fprintf(stderr, "runner: passes and batches are at least 1, stack-offset at most 1 MiB\n");
        return EXIT_USAGE;
    }
    if (!take_parameters(&request, trial->workload, values))
        return EXIT_USAGE;
    trial->values = values;
    trial->processors = processors;
    if (trial->threads > 1 && !(backend.capabilities & ALLOCATOR_THREADS)) {
        fprintf(stderr, "runner: backend %s serves one thread only\n", backend.name);
        return EXIT_USAGE;
    }

    if (request.mmap_gap > 0 &&
        mmap(NULL, request.mmap_gap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
             0) == MAP_FAILED) {
        fprintf(stderr, "runner: no room for a gap of %llu bytes in the address space\n",
                (unsigned long long)request.mmap_gap);
        return EXIT_USAGE;
    }
    report_begin(&report, (int)request.report_descriptor);
    bool done = identify(&report) && measure_at(&request, &report);
    if (!report_end(&report)) {
        fprintf(stderr, "runner: cannot write the report: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    return done ? EXIT_SUCCESS : EXIT_TRIAL_FAILED;
}
