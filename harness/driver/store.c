/* trials.csv, measurements.csv and series.csv: appending, syncing, cutting torn tails, loading. */
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

#define SERIES_HEADER "trial,series,x,y,unit\n"

struct store_file {
    const char *name;
    int descriptor;
    off_t end; /* of what is committed */
};

struct store {
    struct store_file trials;
    struct store_file measurements;
    struct store_file series;
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
static bool open_file(struct store *store, struct store_file *file, const char *name,
                      const char *header, uint64_t last, uint64_t *newest, struct error *error)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", store->directory, name);
    file->name = name;
    file->descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char *text = NULL;
    size_t length;
    if (file->descriptor < 0 || !read_all(file->descriptor, &text, &length))
        return error_set(error, "cannot open %s: %s", path, strerror(errno));
    size_t kept = committed_length(text, length, last, newest);
    free(text);
    if (kept == 0) {
        if (ftruncate(file->descriptor, 0) != 0 ||
            write(file->descriptor, header, strlen(header)) != (ssize_t)strlen(header))
            return error_set(error, "cannot write %s: %s; free some space or choose --results",
                             path, strerror(errno));
        kept = strlen(header);
    } else if (kept < length && ftruncate(file->descriptor, (off_t)kept) != 0) {
        return error_set(error, "cannot cut the torn end of %s: %s", path, strerror(errno));
    }
    file->end = (off_t)kept;
    return true;
}

struct store *store_open(const char *directory, struct error *error)
{
    struct store *store = calloc(1, sizeof *store);
    uint64_t last = 0, ignored;
    if (!store) {
        error_set(error, "no memory");
        return NULL;
    }
    snprintf(store->directory, sizeof store->directory, "%s", directory);
    store->trials.descriptor = store->measurements.descriptor = store->series.descriptor = -1;
    if (open_file(store, &store->trials, "trials.csv", TRIALS_HEADER, UINT64_MAX, &last, error) &&
        open_file(store, &store->measurements, "measurements.csv", MEASUREMENTS_HEADER, last,
                  &ignored, error) &&
        open_file(store, &store->series, "series.csv", SERIES_HEADER, last, &ignored, error))
        return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    const int descriptors[] = {store->trials.descriptor, store->measurements.descriptor,
                               store->series.descriptor};
    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    free(store);
}

/* ---- appending ---- */

static bool append(const struct store *store, struct store_file *file, const char *text,
                   size_t length, struct error *error)
{
    if (length == 0)
        return true;
    ssize_t written = write(file->descriptor, text, length);
    if (written == (ssize_t)length && fdatasync(file->descriptor) == 0) {
        file->end += written;
        return true;
    }
    int reason = written >= 0 && written < (ssize_t)length ? ENOSPC : errno;
    /* Nothing of the trial counts: back to what was committed. */
    if (ftruncate(file->descriptor, file->end) != 0)
        return error_set(error, "cannot append to %s/%s, nor cut it back: %s", store->directory,
                         file->name, strerror(errno));
    return error_set(error,
                     "cannot append to %s/%s: %s; earlier trials are safe: free some space, then "
                     "resume this run",
                     store->directory, file->name, strerror(reason));
}

/* The trial's own row did not make it: what was written of it goes too (a reader would skip it). */
static void cut_back(struct store_file *file, off_t end)
{
    if (file->end != end && ftruncate(file->descriptor, end) == 0)
        file->end = end;
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

static void put_point(FILE *out, const struct point_row *row)
{
    fprintf(out, "%" PRIu64 ",", row->trial);
    csv_put(out, row->series);
    fprintf(out, ",%.12g,%.12g,", row->x, row->y);
    csv_put(out, row->unit);
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

/* The rows of a trial as text, one for each file. */
struct texts {
    struct text {
        char *text;
        size_t length;
    } trial, measurements, points;
};

static FILE *open_text(struct text *text)
{
    return open_memstream(&text->text, &text->length);
}

static bool make_texts(struct texts *texts, const struct trial_row *trial,
                       const struct measurement_row *measurements, size_t measurement_count,
                       const struct point_row *points, size_t point_count)
{
    FILE *out = open_text(&texts->measurements);
    for (size_t i = 0; out && i < measurement_count; i++)
        put_measurement(out, &measurements[i]);
    bool done = out && fclose(out) == 0;
    out = open_text(&texts->points);
    for (size_t i = 0; out && i < point_count; i++)
        put_point(out, &points[i]);
    done = out && fclose(out) == 0 && done;
    out = open_text(&texts->trial);
    if (out)
        put_trial(out, trial);
    return out && fclose(out) == 0 && done;
}

bool store_append(struct store *store, const struct trial_row *trial,
                  const struct measurement_row *measurements, size_t measurement_count,
                  const struct point_row *points, size_t point_count, struct error *error)
{
    struct texts texts = {{0}, {0}, {0}};
    off_t series_end = store->series.end, measurements_end = store->measurements.end;
    bool done = make_texts(&texts, trial, measurements, measurement_count, points, point_count);
    if (!done)
        error_set(error, "no memory for the rows of a trial");
    done = done && append(store, &store->series, texts.points.text, texts.points.length, error) &&
           append(store, &store->measurements, texts.measurements.text, texts.measurements.length,
                  error) &&
           append(store, &store->trials, texts.trial.text, texts.trial.length, error);
    if (!done) {
        cut_back(&store->series, series_end);
        cut_back(&store->measurements, measurements_end);
    }
    free(texts.points.text);
    free(texts.measurements.text);
    free(texts.trial.text);
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
