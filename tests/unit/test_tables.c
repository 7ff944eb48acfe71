/* link: driver */
/* From raw rows to summary.csv, targets.csv, report and comparison: figures and verdicts that can
 * be worked out by hand. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/csv.h"
#include "harness/driver/store.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/tables.h"

static char directory[64];
static char targets[96];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/apportion-tables-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(targets, sizeof targets, "%s/wanted.csv", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void want(const char *rows)
{
    char text[2000];
    snprintf(text, sizeof text,
             "tier,target,workload,metric,candidate,baseline,relation,threshold,stated\n%s", rows);
    write_file("wanted.csv", text);
}

struct fixture_cell {
    const char *backend, *strategy;
    double ns;     /* median of its rounds */
    double spread; /* round r has ns * (1 + spread * (r - middle)) */
};

/* Rounds of ns_per_op: a baseline of 100 ns, a sentinel of `sentinel` ns, and the cells. */
static void write_run(unsigned rounds, double sentinel, const struct fixture_cell *cells,
                      size_t count)
{
    struct error error;
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    uint64_t number = 0;
    for (unsigned round = 1; round <= rounds; round++) {
        for (size_t i = 0; i < count + 2; i++) {
            /* The sentinel is the later run in odd rounds, the earlier one in even rounds. */
            bool is_sentinel = i < 2 && (i == 1) == (round % 2 == 1);
            double off = (double)round - (rounds + 1) / 2.0;
            double ns = i >= 2        ? cells[i - 2].ns * (1 + cells[i - 2].spread * off)
                        : is_sentinel ? sentinel
                                      : 100;
            struct trial_row trial = {.trial = ++number,
                                      .round = round,
                                      .position = i + 1,
                                      .kind = "time",
                                      .workload = "w",
                                      .strategy = i < 2 ? "owned" : cells[i - 2].strategy,
                                      .backend = i < 2 ? "system" : cells[i - 2].backend,
                                      .threads = 1,
                                      .status = "ok",
                                      .reason = "",
                                      .started_utc = "",
                                      .identity = ""};
            struct measurement_row row = {number, "ns_per_op", ns, "ns", "clock"};
            assert_true(store_append(store, &trial, &row, 1, &error));
        }
    }
    store_close(store);
}

static struct summary_file make_tables(struct verdict_counts *counts)
{
    struct error error;
    struct summary_file summary;
    if (!tables_make(directory, targets, counts, &error))
        fail_msg("%s", error.text);
    assert_true(summary_load(&summary, directory, &error));
    return summary;
}

static const struct summary_row *row_of(const struct summary_file *summary, const char *backend,
                                        const char *metric, bool sentinel)
{
    for (size_t i = 0; i < summary->row_count; i++)
        if (strcmp(summary->rows[i].backend, backend) == 0 &&
            strcmp(summary->rows[i].metric, metric) == 0 && summary->rows[i].sentinel == sentinel)
            return &summary->rows[i];
    fail_msg("no row %s %s", backend, metric);
    return NULL;
}

static void figures_and_ratios(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"arena", "owned", 40, 0.001}, {"null", "owned", 25, 0}};
    struct verdict_counts counts;
    want("");
    write_run(12, 100, cells, 2);
    struct summary_file summary = make_tables(&counts);
    const struct summary_row *arena = row_of(&summary, "arena", "ns_per_op", false);
    assert_int_equal(arena->n, 12);
    assert_near(arena->median, 40, 1e-6);
    assert_near(arena->ratio, 2.5, 1e-4);
    /* Rounds 3 and 10 of 12 bound the interval: 2.5 less and more. */
    assert_near(arena->ratio_lo, 100 / (40 * 1.0035), 1e-6);
    assert_near(arena->ratio_hi, 100 / (40 * 0.9965), 1e-6);
    assert_near(row_of(&summary, "arena", "ns_per_op_above_floor", false)->median, 15, 1e-6);
    assert_true(summary_has_flag(row_of(&summary, "null", "ns_per_op", false), "exact"));
    assert_near(row_of(&summary, "system", "ns_per_op", true)->ratio, 1, 1e-9);
    summary_free(&summary);
}

static void expect_verdict(const char *target_rows, unsigned rounds, double sentinel, double ns,
                           double spread, const char *verdict, const char *reason)
{
    const struct fixture_cell cells[] = {{"pool", "pooled", ns, spread}};
    struct verdict_counts counts;
    remove_directory(NULL);
    make_directory(NULL);
    want(target_rows);
    write_run(rounds, sentinel, cells, 1);
    struct summary_file summary = make_tables(&counts);
    assert_int_equal(summary.target_count, 1);
    if (strcmp(summary.targets[0].verdict, verdict) != 0 ||
        !strstr(summary.targets[0].reason, reason))
        fail_msg("%s (%s), expected %s (%s)", summary.targets[0].verdict, summary.targets[0].reason,
                 verdict, reason);
    assert_int_equal(counts.met + counts.missed + counts.inconclusive, 1);
    summary_free(&summary);
}

#define TWICE "stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n"

static void verdicts(void **state)
{
    (void)state;
    expect_verdict(TWICE, 12, 100, 40, 0.001, "MET", "");
    expect_verdict(TWICE, 12, 100, 60, 0.001, "MISSED", "");
    expect_verdict(TWICE, 12, 100, 50, 0.01, "INCONCLUSIVE", "within the interval");
    expect_verdict(TWICE, 5, 100, 10, 0.001, "INCONCLUSIVE", "only 5 rounds");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,45,\n", 12, 100, 40, 0.001, "MET",
                   "");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,30,\n", 12, 100, 40, 0.001, "MISSED",
                   "");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.5,\n", 12, 100, 40,
                   0, "MET", "exact");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.7,\n", 12, 100, 40,
                   0, "MISSED", "");
}

/* A sentinel that is 5 % off takes 5 % off every claim: 2.05x no longer shows 2x, 2.5x still does.
 */
static void sentinel_makes_claims_harder(void **state)
{
    (void)state;
    expect_verdict(TWICE, 12, 100, 100 / 2.05, 0.0001, "MET", "");
    expect_verdict(TWICE, 12, 105, 100 / 2.05, 0.0001, "INCONCLUSIVE", "widened by the sentinel");
    expect_verdict(TWICE, 12, 105, 40, 0.0001, "MET", "sentinel's 5.0 %");
}

static void absent_things_are_inconclusive(void **state)
{
    (void)state;
    expect_verdict("stated,t,other,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n", 12, 100, 40,
                   0.001, "INCONCLUSIVE", "workload other is not in this run");
    expect_verdict("stated,t,w,peak_rss_bytes,pool/pooled,system/owned,speedup >=,2,\n", 12, 100,
                   40, 0.001, "INCONCLUSIVE", "metric peak_rss_bytes is not in this run");
    expect_verdict("stated,t,w,ns_per_op,arena/owned,system/owned,speedup >=,2,\n", 12, 100, 40,
                   0.001, "INCONCLUSIVE", "cell arena/owned is not in this run");
}

/* Six rounds can just show one claim (p = 1/64), not one of two. */
static void holm_over_the_claims(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    struct verdict_counts counts;
    want(TWICE);
    write_run(6, 100, cells, 1);
    struct summary_file summary = make_tables(&counts);
    assert_string_equal(summary.targets[0].verdict, "MET");
    summary_free(&summary);
    want(TWICE TWICE);
    summary = make_tables(&counts);
    assert_string_equal(summary.targets[0].verdict, "INCONCLUSIVE");
    assert_non_null(strstr(summary.targets[1].reason, "Holm's correction for 2 claims"));
    summary_free(&summary);
}

static void failed_trials_show(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    want(TWICE);
    write_run(12, 100, cells, 1);
    struct store *store = store_open(directory, &error);
    struct trial_row trial = {.trial = 1000,
                              .round = 13,
                              .position = 1,
                              .kind = "time",
                              .workload = "w",
                              .strategy = "pooled",
                              .backend = "pool",
                              .threads = 1,
                              .status = "FAILED",
                              .reason = "killed by signal 11",
                              .started_utc = "",
                              .identity = ""};
    assert_true(store_append(store, &trial, NULL, 0, &error));
    store_close(store);
    struct summary_file summary = make_tables(&counts);
    assert_true(summary_has_flag(row_of(&summary, "pool", "ns_per_op", false), "failed"));
    assert_string_equal(summary.targets[0].verdict, "INCONCLUSIVE");
    assert_non_null(strstr(summary.targets[0].reason, "1 trial of pool/pooled failed"));
    summary_free(&summary);
}

static void bad_targets_file(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    want("stated,t,w,ns_per_op,pool/pooled,system/owned,faster,2,\n");
    const struct fixture_cell none = {0};
    write_run(6, 100, &none, 0);
    assert_false(tables_make(directory, targets, &counts, &error));
    assert_non_null(strstr(error.text, "line 2"));
    assert_false(tables_make(directory, "/nonexistent.csv", &counts, &error));
    assert_non_null(strstr(error.text, "/nonexistent.csv"));
}

static char *read_text(const char *name)
{
    static char text[65536];
    char path[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    return text;
}

static void report_and_table(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    want(TWICE);
    write_run(12, 100, cells, 1);
    write_file(
        "environment.json",
        "{\"run\": \"x|y\", \"backends\": [{\"name\": \"pool\", \"provider_file\": \"/lib/x\","
        "\"build_id\": \"ab\", \"version\": \"1\", \"capabilities\": []}]}");
    struct summary_file summary = make_tables(&counts);
    assert_true(
        summary_has_flag(row_of(&summary, "pool", "ns_per_op", false), "no-individual-free"));
    summary_free(&summary);
    assert_true(report_make(directory, &error));
    const char *report = read_text("report.md");
    assert_non_null(strstr(report, "| MET | stated | w | pool/pooled at least 2x as fast"));
    assert_non_null(strstr(report, "| pool/pooled | 40.0 |"));
    assert_non_null(strstr(report, "bulk"));
    assert_non_null(strstr(read_text("report.html"), "<td>MET</td>"));
    FILE *out = tmpfile();
    assert_true(tables_print(directory, out, &error));
    rewind(out);
    char line[4096] = "";
    line[fread(line, 1, sizeof line - 1, out)] = 0;
    fclose(out);
    assert_non_null(strstr(line, "MET          w: pool/pooled at least 2x as fast"));
    assert_non_null(strstr(line, "A/A"));
}

static void comparison(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    char base[64], text[4096] = "";
    const struct fixture_cell before[] = {{"pool", "pooled", 50, 0.001}};
    const struct fixture_cell after[] = {{"pool", "pooled", 40, 0.001}};
    want("");
    write_run(12, 100, before, 1);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    strcpy(base, directory);
    make_directory(NULL);
    want("");
    write_run(12, 100, after, 1);
    summary = make_tables(&counts);
    summary_free(&summary);
    FILE *out = tmpfile();
    assert_true(compare_print(base, directory, out, &error));
    rewind(out);
    text[fread(text, 1, sizeof text - 1, out)] = 0;
    fclose(out);
    assert_non_null(strstr(text, "+25.0 %  better"));
    remove_directory(NULL);
    strcpy(directory, base);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(figures_and_ratios),
        IN_DIRECTORY(verdicts),
        IN_DIRECTORY(sentinel_makes_claims_harder),
        IN_DIRECTORY(absent_things_are_inconclusive),
        IN_DIRECTORY(holm_over_the_claims),
        IN_DIRECTORY(failed_trials_show),
        IN_DIRECTORY(bad_targets_file),
        IN_DIRECTORY(report_and_table),
        IN_DIRECTORY(comparison),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
