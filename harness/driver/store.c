/* trials.csv and measurements.csv: appending, syncing, cutting torn tails, loading. */
#include "harness/driver/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/csv.h"

#define TRIALS_HEADER                                                                              \
    "trial,round,position,kind,workload,strategy,backend,threads,litter,seed,status,reason,"       \
    "started_utc,wall_ns,identity\n"
#define MEASUREMENTS_HEADER "trial,metric,value,unit,source\n"

struct store {
    int trials;
    int measurements;
    off_t trials_end; /* of what is committed */
    off_t measurements_end;
    char directory[4096];
};

/* ---- opening ---- */

static bool read_all(int descriptor, char **text, size_t *length)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return false;
    *length = (size_t)status.st_size;
    *text = malloc(*length + 1);
    if (!*text)
        return false;
    for (size_t done = 0; done < *length;) {
        ssize_t got = pread(descriptor, *text + done, *length - done, (off_t)done);
        if (got <= 0) {
            free(*text);
            *text = NULL;
            return false;
        }
        done += (size_t)got;
    }
    (*text)[*length] = 0;
    return true;
}

/* Number of the trial a line begins with. */
static uint64_t line_trial(const char *line)
{
    return strtoull(line, NULL, 10);
}

/* Length of the whole lines of text whose trial is at most `last`; *newest becomes the last one. */
static size_t committed_length(const char *text, size_t length, uint64_t last, uint64_t *newest)
{
    size_t kept = 0;
    bool header = true;
    *newest = 0;
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        if (!end)
            break;
        if (!header) {
            uint64_t trial = line_trial(text + at);
            if (trial > last)
                break;
            *newest = trial;
        }
        header = false;
        at = (size_t)(end - text) + 1;
        kept = at;
    }
    return kept;
}

/* Opens a file, writes its header where it is new, and cuts it to what is committed. */
static int open_file(const char *directory, const char *name, const char *header, uint64_t last,
                     uint64_t *newest, off_t *end, struct error *error)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char *text = NULL;
    size_t length;
    if (descriptor < 0 || !read_all(descriptor, &text, &length)) {
        error_set(error, "cannot open %s: %s", path, strerror(errno));
        goto fail;
    }
    size_t kept = committed_length(text, length, last, newest);
    if (kept == 0) {
        if (ftruncate(descriptor, 0) != 0 ||
            write(descriptor, header, strlen(header)) != (ssize_t)strlen(header)) {
            error_set(error, "cannot write %s: %s; free some space or choose --results", path,
                      strerror(errno));
            goto fail;
        }
        kept = strlen(header);
    } else if (kept < length && ftruncate(descriptor, (off_t)kept) != 0) {
        error_set(error, "cannot cut the torn end of %s: %s", path, strerror(errno));
        goto fail;
    }
    free(text);
    *end = (off_t)kept;
    return descriptor;
fail:
    free(text);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

struct store *store_open(const char *directory, struct error *error)
{
    struct store *store = calloc(1, sizeof *store);
    uint64_t last, ignored;
    if (!store) {
        error_set(error, "no memory");
        return NULL;
    }
    snprintf(store->directory, sizeof store->directory, "%s", directory);
    store->measurements = -1;
    store->trials = open_file(directory, "trials.csv", TRIALS_HEADER, UINT64_MAX, &last,
                              &store->trials_end, error);
    if (store->trials >= 0)
        store->measurements = open_file(directory, "measurements.csv", MEASUREMENTS_HEADER, last,
                                        &ignored, &store->measurements_end, error);
    if (store->measurements < 0) {
        store_close(store);
        return NULL;
    }
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->trials >= 0)
        close(store->trials);
    if (store->measurements >= 0)
        close(store->measurements);
    free(store);
}

/* ---- appending ---- */

static bool append(struct store *store, int descriptor, const char *text, size_t length, off_t *end,
                   const char *name, struct error *error)
{
    ssize_t written = write(descriptor, text, length);
    if (written == (ssize_t)length && fdatasync(descriptor) == 0) {
        *end += written;
        return true;
    }
    int reason = written >= 0 && written < (ssize_t)length ? ENOSPC : errno;
    /* Nothing of the trial counts: back to what was committed. */
    if (ftruncate(descriptor, *end) != 0)
        return error_set(error, "cannot append to %s/%s, nor cut it back: %s", store->directory,
                         name, strerror(errno));
    return error_set(error,
                     "cannot append to %s/%s: %s; earlier trials are safe: free some space, then "
                     "resume this run",
                     store->directory, name, strerror(reason));
}

static void put_measurement(FILE *out, const struct measurement_row *row)
{
    fprintf(out, "%" PRIu64 ",", row->trial);
    csv_put(out, row->metric);
    if (isnan(row->value))
        fputs(",n/a,", out);
    else
        fprintf(out, ",%.12g,", row->value);
    csv_put(out, row->unit);
    putc(',', out);
    csv_put(out, row->source);
    putc('\n', out);
}

static void put_trial(FILE *out, const struct trial_row *row)
{
    fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", row->trial, row->round, row->position);
    const char *const names[] = {row->kind, row->workload, row->strategy, row->backend};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        csv_put(out, names[i]);
        putc(',', out);
    }
    fprintf(out, "%" PRIu64 ",%g,%" PRIu64 ",", row->threads, row->litter, row->seed);
    csv_put(out, row->status);
    putc(',', out);
    csv_put(out, row->reason);
    putc(',', out);
    csv_put(out, row->started_utc);
    fprintf(out, ",%" PRIu64 ",", row->wall_ns);
    csv_put(out, row->identity);
    putc('\n', out);
}

bool store_append(struct store *store, const struct trial_row *trial,
                  const struct measurement_row *measurements, size_t count, struct error *error)
{
    char *rows = NULL, *row = NULL;
    size_t rows_length = 0, row_length = 0;
    FILE *out = open_memstream(&rows, &rows_length);
    FILE *trial_out = open_memstream(&row, &row_length);
    if (!out || !trial_out)
        return error_set(error, "no memory for the rows of a trial");
    for (size_t i = 0; i < count; i++)
        put_measurement(out, &measurements[i]);
    put_trial(trial_out, trial);
    bool done = fclose(out) == 0 && fclose(trial_out) == 0;
    if (!done)
        error_set(error, "no memory for the rows of a trial");
    off_t before = store->measurements_end;
    done = done &&
           (rows_length == 0 || append(store, store->measurements, rows, rows_length,
                                       &store->measurements_end, "measurements.csv", error)) &&
           append(store, store->trials, row, row_length, &store->trials_end, "trials.csv", error);
    if (!done && store->measurements_end != before) {
        /* The trial's own row did not make it: its measurements go too (a reader would skip them).
         */
        if (ftruncate(store->measurements, before) == 0)
            store->measurements_end = before;
    }
    free(rows);
    free(row);
    return done;
}

/* ---- loading ---- */

struct row_strings {
    struct csv_table trials;
    struct csv_table measurements;
};

static double number(const char *text)
{
    return strcmp(text, "n/a") == 0 ? NAN : strtod(text, NULL);
}

static bool load_trials(struct run_rows *rows, const struct csv_table *table, const char *directory,
                        struct error *error)
{
    rows->trials = calloc(table->row_count + 1, sizeof *rows->trials);
    if (!rows->trials)
        return error_set(error, "no memory for %zu trials", table->row_count);
    for (size_t r = 1; r < table->row_count; r++) {
        if (csv_row_length(table, r) < 15)
            return error_set(error, "%s/trials.csv, line %zu: %zu columns, not 15", directory,
                             r + 1, csv_row_length(table, r));
        struct trial_row *row = &rows->trials[rows->trial_count++];
        row->trial = strtoull(csv_field(table, r, 0), NULL, 10);
        row->round = strtoull(csv_field(table, r, 1), NULL, 10);
        row->position = strtoull(csv_field(table, r, 2), NULL, 10);
        row->kind = csv_field(table, r, 3);
        row->workload = csv_field(table, r, 4);
        row->strategy = csv_field(table, r, 5);
        row->backend = csv_field(table, r, 6);
        row->threads = strtoull(csv_field(table, r, 7), NULL, 10);
        row->litter = number(csv_field(table, r, 8));
        row->seed = strtoull(csv_field(table, r, 9), NULL, 10);
        row->status = csv_field(table, r, 10);
        row->reason = csv_field(table, r, 11);
        row->started_utc = csv_field(table, r, 12);
        row->wall_ns = strtoull(csv_field(table, r, 13), NULL, 10);
        row->identity = csv_field(table, r, 14);
    }
    return true;
}

static bool load_measurements(struct run_rows *rows, const struct csv_table *table,
                              const char *directory, struct error *error)
{
    uint64_t last = rows->trial_count ? rows->trials[rows->trial_count - 1].trial : 0;
    rows->measurements = calloc(table->row_count + 1, sizeof *rows->measurements);
    if (!rows->measurements)
        return error_set(error, "no memory for %zu measurements", table->row_count);
    for (size_t r = 1; r < table->row_count; r++) {
        if (csv_row_length(table, r) < 5)
            return error_set(error, "%s/measurements.csv, line %zu: %zu columns, not 5", directory,
                             r + 1, csv_row_length(table, r));
        struct measurement_row *row = &rows->measurements[rows->measurement_count];
        row->trial = strtoull(csv_field(table, r, 0), NULL, 10);
        if (row->trial > last)
            break; /* its trial was never committed */
        row->metric = csv_field(table, r, 1);
        row->value = number(csv_field(table, r, 2));
        row->unit = csv_field(table, r, 3);
        row->source = csv_field(table, r, 4);
        rows->measurement_count++;
    }
    return true;
}

bool run_rows_load(struct run_rows *rows, const char *directory, struct error *error)
{
    char path[4200];
    memset(rows, 0, sizeof *rows);
    struct row_strings *strings = calloc(1, sizeof *strings);
    if (!strings)
        return error_set(error, "no memory");
    rows->strings = strings;
    snprintf(path, sizeof path, "%s/trials.csv", directory);
    bool done = csv_table_load(&strings->trials, path, error) &&
                load_trials(rows, &strings->trials, directory, error);
    if (done) {
        snprintf(path, sizeof path, "%s/measurements.csv", directory);
        done = csv_table_load(&strings->measurements, path, error) &&
               load_measurements(rows, &strings->measurements, directory, error);
    }
    if (!done)
        run_rows_free(rows);
    return done;
}

void run_rows_free(struct run_rows *rows)
{
    struct row_strings *strings = rows->strings;
    if (strings) {
        csv_table_free(&strings->trials);
        csv_table_free(&strings->measurements);
    }
    free(strings);
    free(rows->trials);
    free(rows->measurements);
    memset(rows, 0, sizeof *rows);
}
