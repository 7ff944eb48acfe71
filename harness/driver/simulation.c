/* Callgrind's command line, its totals, and the metrics made of them. */
#include "harness/driver/simulation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/programs.h"
#include "harness/trial.h"

/* Where hwloc does not say the ways: usual ones; the label has what was taken. */
#define L1_WAYS 8
#define LL_WAYS 16
/* Then the other trials are not started: each may take as long as the time limit. */
#define FAILURES_MAX 3
#define EVENTS_MAX 32
/* A file of this program's has some 100 KB. */
#define OUTPUT_MAX ((long)64 << 20)

static const struct {
    const char *metric;
    const char *names[3]; /* callgrind's, summed */
} events[SIMULATION_EVENT_COUNT] = {
    [SIMULATION_INSTRUCTIONS] = {"simulated_instructions_per_op", {"Ir"}},
    [SIMULATION_L1D_READ_MISSES] = {"simulated_l1d_read_misses_per_op", {"D1mr"}},
    [SIMULATION_L1D_WRITE_MISSES] = {"simulated_l1d_write_misses_per_op", {"D1mw"}},
    [SIMULATION_L1D_MISSES] = {"simulated_l1d_misses_per_op", {"D1mr", "D1mw"}},
    [SIMULATION_LLC_MISSES] = {"simulated_llc_misses_per_op", {"ILmr", "DLmr", "DLmw"}},
    [SIMULATION_BRANCH_MISSES] = {"simulated_branch_misses_per_op", {"Bcm", "Bim"}},
};

/* ---- geometry ---- */

/* "size,ways,line" of as many sets as the largest power of two that is no more than the cache's. */
static void describe_cache(const struct topology_cache *cache, unsigned ways_else, char *text,
                           size_t size)
{
    unsigned long long line = cache->line_bytes ? cache->line_bytes : 64;
    unsigned long long lines = cache->bytes / line;
    unsigned long long ways = cache->ways > 0 ? (unsigned long long)cache->ways : ways_else;
    unsigned long long sets = 1;
    while (2 * sets * ways <= lines)
        sets *= 2;
    ways = lines / sets;
    snprintf(text, size, "%llu,%llu,%llu", sets * ways * line, ways, line);
}

bool simulation_geometry(struct simulation *simulation, const struct topology_cache *caches,
                         size_t count)
{
    const struct topology_cache *instruction = NULL, *data = NULL, *last = NULL;
    char described[3][40];
    for (size_t i = 0; i < count; i++) {
        const struct topology_cache *cache = &caches[i];
        if (cache->bytes == 0)
            continue;
        if (cache->level == 1 && strcmp(cache->type, "instruction") == 0)
            instruction = cache;
        else if (cache->level == 1)
            data = cache;
        if (!last || cache->level > last->level)
            last = cache;
    }
    if (!data)
        return false;
    if (last == instruction)
        last = data;
    describe_cache(instruction ? instruction : data, L1_WAYS, described[0], sizeof described[0]);
    describe_cache(data, L1_WAYS, described[1], sizeof described[1]);
    describe_cache(last, last == data ? L1_WAYS : LL_WAYS, described[2], sizeof described[2]);
    static const char *const names[] = {"I1", "D1", "LL"};
    for (size_t i = 0; i < 3; i++)
        snprintf(simulation->geometry[i], sizeof simulation->geometry[i], "--%s=%.40s", names[i],
                 described[i]);
    snprintf(simulation->source, sizeof simulation->source, "callgrind-sim;D1=%s;LL=%s",
             described[1], described[2]);
    /* Readers of CSV files that know no quotes are to live, too. */
    for (char *c = simulation->source; *c; c++)
        if (*c == ',')
            *c = '/';
    return true;
}

/* ---- starting ---- */

void simulation_prepare(struct simulation *simulation, const struct topology *topology,
                        const char *directory)
{
    struct topology_cache caches[16];
    size_t count = topology_caches(topology, caches, sizeof caches / sizeof caches[0]);
    memset(simulation, 0, sizeof *simulation);
    snprintf(simulation->output, sizeof simulation->output, "%s/callgrind.out", directory);
    simulation_discard(simulation); /* of a run that was killed */
    if (!program_find("valgrind", simulation->valgrind, sizeof simulation->valgrind))
        snprintf(simulation->reason, sizeof simulation->reason,
                 "valgrind is not on PATH; `make deps` installs it");
    else if (!simulation_geometry(simulation, caches, count))
        snprintf(simulation->reason, sizeof simulation->reason,
                 "hwloc does not know this machine's first-level cache");
}

void simulation_arguments(const struct simulation *simulation, const char **arguments,
                          char *output_argument, size_t size)
{
    /* callgrind expands % in the name. */
    size_t used = (size_t)snprintf(output_argument, size, "--callgrind-out-file=");
    for (const char *c = simulation->output; *c && used + 3 < size; c++) {
        if (*c == '%')
            output_argument[used++] = '%';
        output_argument[used++] = *c;
    }
    output_argument[used] = 0;
    const char *const all[] = {simulation->valgrind,
                               "--command-line-only=yes", /* no one's .valgrindrc */
                               "--quiet",
                               "--vgdb=no",
                               "--tool=callgrind",
                               "--cache-sim=yes",
                               "--branch-sim=yes",
                               "--instr-atstart=no",
                               "--collect-atstart=no",
                               simulation->geometry[0],
                               simulation->geometry[1],
                               simulation->geometry[2],
                               output_argument,
                               NULL};
    memcpy(arguments, all, sizeof all);
}

/* ---- totals ---- */

/* The words of a line, at most EVENTS_MAX. */
static size_t split_words(char *line, char **words)
{
    size_t count = 0;
    for (char *word; count < EVENTS_MAX && (word = strsep(&line, " ")) != NULL;)
        if (*word)
            words[count++] = word;
    return count;
}

const char *simulation_totals(char *text, double *totals)
{
    char *names[EVENTS_MAX], *values[EVENTS_MAX];
    size_t name_count = 0, value_count = 0;
    bool ended = false;
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        /* Only a line whose end was written counts. */
        if (strncmp(line, "events: ", 8) == 0 && text)
            name_count = split_words(line + 8, names);
        if (strncmp(line, "totals: ", 8) == 0 && text) {
            value_count = split_words(line + 8, values);
            ended = true;
        }
    }
    if (name_count == 0)
        return "callgrind's file names no events";
    if (!ended)
        return "callgrind's file was cut short";
    if (value_count > name_count)
        return "callgrind's file has more totals than events";
    for (size_t event = 0; event < SIMULATION_EVENT_COUNT; event++) {
        totals[event] = 0;
        for (size_t k = 0; k < 3 && events[event].names[k]; k++) {
            size_t i = 0;
            while (i < name_count && strcmp(names[i], events[event].names[k]) != 0)
                i++;
            if (i == name_count)
                return "callgrind's file lacks an event";
            if (i >= value_count)
                continue; /* zeros at the end are left out: callgrind's format */
            char *end;
            double value = strtod(values[i], &end);
            if (*end || !isfinite(value) || value < 0)
                return "callgrind's file has a total that is no number";
            totals[event] += value;
        }
    }
    return totals[SIMULATION_INSTRUCTIONS] > 0 ? NULL : "nothing was simulated";
}

/* malloc'd; NULL: there is none. */
static char *read_output(const char *path)
{
    FILE *in = fopen(path, "re");
    char *text = NULL;
    long length = -1;
    if (!in)
        return NULL;
    if (fseek(in, 0, SEEK_END) == 0)
        length = ftell(in);
    if (length >= 0 && length <= OUTPUT_MAX && fseek(in, 0, SEEK_SET) == 0 &&
        (text = malloc((size_t)length + 1)) != NULL)
        text[fread(text, 1, (size_t)length, in)] = 0;
    fclose(in);
    return text;
}

/* ---- the report ---- */

static void put(struct trial_report *report, double *values, const char *source)
{
    report->measurement_count = 0;
    for (size_t event = 0; event < SIMULATION_EVENT_COUNT; event++)
        report->measurements[report->measurement_count++] =
            (struct measurement_row){.metric = events[event].metric,
                                     .value = values ? values[event] : NAN,
                                     .unit = "count",
                                     .source = source};
}

void simulation_missing(const char *reason, struct trial_report *report)
{
    report->ok = true;
    if (reason != report->reason)
        snprintf(report->reason, sizeof report->reason, "%s", reason);
    put(report, NULL, reason);
}

void simulation_discard(const struct simulation *simulation)
{
    unlink(simulation->output);
}

void simulation_try_again(struct simulation *simulation)
{
    if (simulation->failures >= FAILURES_MAX)
        simulation->reason[0] = 0;
    simulation->failures = 0;
}

void simulation_finish(struct simulation *simulation, const char *failure,
                       struct trial_report *report)
{
    double totals[SIMULATION_EVENT_COUNT];
    double ops = trial_report_value(report, TRIAL_SIMULATED_OPS);
    char *text = read_output(simulation->output);
    simulation_discard(simulation);
    if (!failure)
        failure = !text      ? "valgrind wrote no file of totals"
                  : ops >= 1 ? simulation_totals(text, totals)
                             : "the runner did not say how many ops were simulated";
    free(text);
    if (!failure) {
        for (size_t event = 0; event < SIMULATION_EVENT_COUNT; event++)
            totals[event] /= ops;
        simulation->failures = 0;
        put(report, totals, simulation->source);
        return;
    }
    snprintf(report->reason, sizeof report->reason, "valgrind: %.400s", failure);
    simulation_missing(report->reason, report);
    if (++simulation->failures == FAILURES_MAX)
        snprintf(simulation->reason, sizeof simulation->reason,
                 "not started: valgrind failed %d times in a row, the last: %.300s", FAILURES_MAX,
                 failure);
}
