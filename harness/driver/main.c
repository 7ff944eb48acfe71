/* The driver's commands and exit statuses. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/discover.h"
#include "harness/driver/options.h"
#include "harness/driver/run.h"
#include "harness/driver/spawn.h"
#include "harness/driver/tables.h"

static int fail(const struct error *error, int status)
{
    fprintf(stderr, "apportion: %s\n", error->text);
    return status;
}

static void warn(const struct error *error)
{
    fprintf(stderr, "apportion: %s\n", error->text);
}

/* Everything that follows from the raw rows. A report or a picture that cannot be made costs a
 * warning, not the run. */
static bool derive(const struct options *options, const char *directory,
                   struct verdict_counts *counts, struct error *error)
{
    struct error warning;
    if (!tables_make(directory, options->targets, counts, error) ||
        !tables_print(directory, stdout, error))
        return false;
    bool pictures = plots_make(directory, options->plots, &warning);
    if (!pictures)
        warn(&warning);
    if (!report_make(directory, &warning))
        warn(&warning);
    printf("report:   %s/report.html (report.md)\n", directory);
    if (pictures)
        printf("pictures: %s/plots/\n", directory);
    return fflush(stdout) == 0 || error_set(error, "cannot write to standard output");
}

static int command_run(struct options *options, int count, char **arguments)
{
    struct run_outcome outcome;
    struct verdict_counts counts = {0};
    struct error error, table_error;
    spawn_catch_signals();
    bool done = run(options, count, arguments, &outcome, &error);
    if (!done && !outcome.directory[0])
        return fail(&error, STATUS_USAGE);
    /* Also of a run that ended early: what was measured is worth its tables. */
    spawn_stop_signal = 0;
    bool derived = derive(options, outcome.directory, &counts, &table_error);
    const char *name = strrchr(outcome.directory, '/');
    name = name ? name + 1 : outcome.directory;
    if (outcome.signal) {
        fprintf(stderr, "apportion: interrupted; `make run RESUME=%s` goes on\n", name);
        return 128 + outcome.signal;
    }
    if (!done)
        return fail(&error, STATUS_CELL_FAILED);
    if (outcome.failed_trials) {
        fprintf(stderr, "apportion: %u failed trial%s, the first: %s\n", outcome.failed_trials,
                outcome.failed_trials > 1 ? "s" : "", outcome.first_failure);
        return STATUS_CELL_FAILED;
    }
    if (!derived)
        return fail(&table_error, STATUS_CELL_FAILED);
    if (options->enforce && counts.missed > 0) {
        fprintf(stderr, "apportion: %u target%s missed\n", counts.missed,
                counts.missed > 1 ? "s" : "");
        return STATUS_TARGET_MISSED;
    }
    return STATUS_DONE;
}

static int command_list(const struct options *options)
{
    struct catalogue catalogue;
    struct error error;
    if (!catalogue_load(&catalogue, options, &error))
        return fail(&error, STATUS_USAGE);
    catalogue_print(&catalogue, stdout);
    catalogue_free(&catalogue);
    return STATUS_DONE;
}

static int command_derive(const struct options *options)
{
    char directory[4096];
    struct verdict_counts counts = {0};
    struct error error;
    if (!options_run_path(options, options->run, directory, sizeof directory, &error))
        return fail(&error, STATUS_USAGE);
    bool done = false;
    if (options->command == COMMAND_TABLES)
        done = tables_make(directory, options->targets, &counts, &error) &&
               tables_print(directory, stdout, &error);
    else if (options->command == COMMAND_REPORT)
        done = report_make(directory, &error);
    else
        done = plots_make(directory, options->plots, &error);
    if (!done)
        return fail(&error, STATUS_CELL_FAILED);
    if (options->command == COMMAND_REPORT)
        printf("%s/report.html\n", directory);
    if (options->command == COMMAND_PLOTS)
        printf("%s/plots/\n", directory);
    return options->enforce && counts.missed > 0 ? STATUS_TARGET_MISSED : STATUS_DONE;
}

static int command_compare(const struct options *options)
{
    char base[4096], head[4096];
    struct error error;
    if (!options->base) {
        error_set(&error, "compare needs BASE, the run before (make compare BASE=… HEAD=…)");
        return fail(&error, STATUS_USAGE);
    }
    if (!options_run_path(options, options->base, base, sizeof base, &error) ||
        !options_run_path(options, options->head, head, sizeof head, &error))
        return fail(&error, STATUS_USAGE);
    return compare_print(base, head, stdout, &error) ? STATUS_DONE
                                                     : fail(&error, STATUS_CELL_FAILED);
}

int main(int count, char **arguments)
{
    static struct options options;
    options_parse(&options, count, arguments);
    switch (options.command) {
    case COMMAND_RUN:
        return command_run(&options, count, arguments);
    case COMMAND_LIST:
        return command_list(&options);
    case COMMAND_TABLES:
    case COMMAND_REPORT:
    case COMMAND_PLOTS:
        return command_derive(&options);
    case COMMAND_COMPARE:
        return command_compare(&options);
    }
    return STATUS_USAGE;
}
