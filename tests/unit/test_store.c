/* link: driver */
/* trials.csv, measurements.csv and series.csv: what is committed loads, wherever a file was torn.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/store.h"

static char directory[64];

static void path_of(char *path, const char *name)
{
    sprintf(path, "%s/%s", directory, name);
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/apportion-store-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    char path[128];
    path_of(path, "trials.csv");
    unlink(path);
    path_of(path, "measurements.csv");
    unlink(path);
    path_of(path, "series.csv");
    unlink(path);
    return rmdir(directory);
}

static struct trial_row trial_of(uint64_t number)
{
    return (struct trial_row){.trial = number,
                              .round = 1,
                              .position = number,
                              .kind = "time",
                              .workload = "w",
                              .strategy = "owned",
                              .backend = "system",
                              .threads = 1,
                              .seed = 7,
                              .status = number == 2 ? "FAILED" : "ok",
                              .reason = number == 2 ? "killed, by \"signal\" 11" : "",
                              .started_utc = "2026-01-01T00:00:00.000Z",
                              .wall_ns = 1000 + number,
                              .identity = "/lib/libc.so.6 abc 2.36"};
}

static void write_three(void)
{
    struct error error;
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    for (uint64_t number = 1; number <= 3; number++) {
        struct trial_row trial = trial_of(number);
        struct measurement_row rows[2] = {
            {number, "ns_per_op", 10.5 * (double)number, "ns", "clock"},
            {number, "llc", NAN, "count", "no PMU, \"VM\""}};
        struct point_row points[2] = {{number, "live_bytes", 1, 1e9 + (double)number, "bytes"},
                                      {number, "live_bytes", 2.5, 0, "bytes"}};
        size_t kept = number == 2 ? 0 : 2;
        assert_true(store_append(store, &trial, rows, kept, points, kept, &error));
    }
    store_close(store);
}

static void round_trip(void **state)
{
    (void)state;
    struct run_rows rows;
    struct error error;
    write_three();
    assert_true(run_rows_load(&rows, directory, &error));
    assert_int_equal(rows.trial_count, 3);
    assert_int_equal(rows.measurement_count, 4);
    assert_string_equal(rows.trials[1].status, "FAILED");
    assert_string_equal(rows.trials[1].reason, "killed, by \"signal\" 11");
    assert_int_equal(rows.trials[2].wall_ns, 1003);
    assert_near(rows.measurements[2].value, 31.5, 0);
    assert_true(isnan(rows.measurements[3].value));
    assert_string_equal(rows.measurements[3].source, "no PMU, \"VM\"");
    run_rows_free(&rows);
}

/* Static: overwritten by the next call. */
static const char *text_of(const char *name)
{
    static char text[4096];
    char path[128];
    path_of(path, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    return text;
}

#define SERIES_OF_THREE                                                                            \
    "trial,series,x,y,unit\n1,live_bytes,1,1000000001,bytes\n1,live_bytes,2.5,0,bytes\n"           \
    "3,live_bytes,1,1000000003,bytes\n3,live_bytes,2.5,0,bytes\n"

static void series_as_written(void **state)
{
    (void)state;
    write_three();
    assert_string_equal(text_of("series.csv"), SERIES_OF_THREE);
}

static off_t size_of(const char *name)
{
    char path[128];
    struct stat status;
    path_of(path, name);
    return stat(path, &status) == 0 ? status.st_size : -1;
}

static void cut(const char *name, off_t size)
{
    char path[128];
    path_of(path, name);
    assert_int_equal(truncate(path, size), 0);
}

static void start_over(void)
{
    remove_directory(NULL);
    make_directory(NULL);
    write_three();
}

/* Torn after every byte: whole trials remain, nothing else does, and appending goes on. */
static void torn_trials(void **state)
{
    (void)state;
    write_three();
    off_t whole = size_of("trials.csv");
    for (off_t size = 0; size < whole; size++) {
        struct run_rows rows;
        struct error error;
        start_over();
        cut("trials.csv", size);
        struct store *store = store_open(directory, &error);
        assert_non_null(store);
        assert_true(run_rows_load(&rows, directory, &error));
        assert_true(rows.trial_count < 3);
        for (size_t i = 0; i < rows.measurement_count; i++)
            assert_true(rows.measurements[i].trial <= rows.trial_count);
        struct trial_row trial = trial_of(rows.trial_count + 1);
        struct measurement_row row = {trial.trial, "again", 1, "count", "test"};
        struct point_row point = {trial.trial, "again", 1, 1, "count"};
        run_rows_free(&rows);
        assert_true(store_append(store, &trial, &row, 1, &point, 1, &error));
        store_close(store);
        /* Of each trial its own points alone. */
        const char *points = trial.trial == 1 ? "" : strchr(SERIES_OF_THREE, '\n') + 1;
        char wanted[400];
        snprintf(wanted, sizeof wanted, "trial,series,x,y,unit\n%.*s%d,again,1,1,count\n",
                 (int)strcspn(points, "3"), points, (int)trial.trial);
        assert_string_equal(text_of("series.csv"), wanted);
        assert_true(run_rows_load(&rows, directory, &error));
        assert_int_equal(rows.trials[rows.trial_count - 1].trial, trial.trial);
        assert_string_equal(rows.measurements[rows.measurement_count - 1].metric, "again");
        run_rows_free(&rows);
    }
}

/* Rows whose trial never came are left out by a reader and cut by a writer. */
static void rows_without_a_trial(void **state)
{
    (void)state;
    struct run_rows rows;
    struct error error;
    char path[128];
    write_three();
    path_of(path, "measurements.csv");
    off_t committed = size_of("measurements.csv");
    FILE *out = fopen(path, "a");
    fputs("4,ns_per_op,1,ns,clock\n4,ns_per_", out);
    fclose(out);
    path_of(path, "series.csv");
    out = fopen(path, "a");
    fputs("4,live_bytes,1,2,bytes\n4,live_by", out);
    fclose(out);
    assert_true(run_rows_load(&rows, directory, &error));
    assert_int_equal(rows.measurement_count, 4);
    run_rows_free(&rows);
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    store_close(store);
    assert_int_equal(size_of("measurements.csv"), committed);
    assert_string_equal(text_of("series.csv"), SERIES_OF_THREE);
}

/* A run made before there were series loads, and goes on with a file of them. */
static void run_without_series(void **state)
{
    (void)state;
    struct run_rows rows;
    struct error error;
    char path[128];
    write_three();
    path_of(path, "series.csv");
    unlink(path);
    assert_true(run_rows_load(&rows, directory, &error));
    assert_int_equal(rows.measurement_count, 4);
    run_rows_free(&rows);
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    store_close(store);
    assert_string_equal(text_of("series.csv"), "trial,series,x,y,unit\n");
}

/* A file that cannot grow stands for a full disk: the trial is refused, the earlier ones stay. */
static void no_room(void **state)
{
    (void)state;
    struct error error;
    struct run_rows rows;
    struct rlimit old, small;
    write_three();
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = (rlim_t)size_of("trials.csv") + 10; /* the longest: the others' rows fit */
    setrlimit(RLIMIT_FSIZE, &small);
    struct trial_row trial = trial_of(4);
    struct measurement_row row = {4, "m", 1, "count", "test"};
    struct point_row point = {4, "s", 1, 1, "count"};
    bool stored = store_append(store, &trial, &row, 1, &point, 1, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_false(stored);
    assert_non_null(strstr(error.text, "trials.csv"));
    assert_true(run_rows_load(&rows, directory, &error));
    assert_int_equal(rows.trial_count, 3);
    run_rows_free(&rows);
    assert_null(strstr(text_of("measurements.csv"), "\n4,"));
    assert_string_equal(text_of("series.csv"), SERIES_OF_THREE);
    /* With room again the same store goes on. */
    assert_true(store_append(store, &trial, NULL, 0, NULL, 0, &error));
    store_close(store);
    assert_true(run_rows_load(&rows, directory, &error));
    assert_int_equal(rows.trial_count, 4);
    run_rows_free(&rows);
}

static void damaged_row_is_named(void **state)
{
    (void)state;
    char path[128];
    struct run_rows rows;
    struct error error;
    write_three();
    path_of(path, "trials.csv");
    FILE *out = fopen(path, "a");
    fputs("4,too,short\n", out);
    fclose(out);
    assert_false(run_rows_load(&rows, directory, &error));
    assert_non_null(strstr(error.text, "line 5"));
}

static void missing_folder(void **state)
{
    (void)state;
    struct error error;
    struct run_rows rows;
    assert_null(store_open("/nonexistent/run", &error));
    assert_non_null(strstr(error.text, "/nonexistent/run"));
    assert_false(run_rows_load(&rows, "/nonexistent/run", &error));
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(round_trip),           IN_DIRECTORY(torn_trials),
        IN_DIRECTORY(series_as_written),    IN_DIRECTORY(rows_without_a_trial),
        IN_DIRECTORY(run_without_series),   IN_DIRECTORY(no_room),
        IN_DIRECTORY(damaged_row_is_named), cmocka_unit_test(missing_folder),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
