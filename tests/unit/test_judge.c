/* link: driver */
/* Verdicts on runs whose outcome can be worked out by hand, and wrong lists of targets. */
#include "run_fixture.h"

#define TWICE "stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n"

static void expect(const struct summary_file *summary, size_t index, const char *verdict,
                   const char *reason)
{
    assert_true(index < summary->target_count);
    const struct target_row *target = &summary->targets[index];
    if (strcmp(target->verdict, verdict) != 0 || !strstr(target->reason, reason))
        fail_msg("%s (%s), expected %s (%s)", target->verdict, target->reason, verdict, reason);
}

/* One target on one run: a baseline of 100 ns, a sentinel and pool/pooled of `ns`. */
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
    expect(&summary, 0, verdict, reason);
    assert_int_equal(counts.met, strcmp(verdict, "MET") == 0);
    assert_int_equal(counts.missed, strcmp(verdict, "MISSED") == 0);
    assert_int_equal(counts.inconclusive, strcmp(verdict, "INCONCLUSIVE") == 0);
    summary_free(&summary);
}

static void speedups(void **state)
{
    (void)state;
    expect_verdict(TWICE, 12, 100, 40, 0.001, "MET", "100 ns -> 40.0 ns");
    expect_verdict(TWICE, 12, 100, 60, 0.001, "MISSED", "100 ns -> 60.0 ns");
    expect_verdict(TWICE, 12, 100, 50, 0.01, "INCONCLUSIVE", "within the interval");
    expect_verdict(TWICE, 5, 100, 10, 0.001, "INCONCLUSIVE", "only 5 rounds; at least 6");
    /* Just on the threshold is past it, whatever exp and ln take off. */
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,1.4285714285714286,\n",
                   12, 100, 70, 0, "MET", "exact");
}

static void reductions(void **state)
{
    (void)state;
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.5,\n", 12, 100, 40,
                   0, "MET", "exact");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.7,\n", 12, 100, 40,
                   0, "MISSED", "");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.6,\n", 12, 100, 40,
                   0.001, "INCONCLUSIVE", "within the interval");
    /* Nothing at all is a reduction by all. */
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,1,\n", 12, 100, 0, 0,
                   "MET", "100 ns -> 0 ns");
}

static void multiples_and_values(void **state)
{
    (void)state;
    expect_verdict("stretch,t,w,ns_per_op,pool/pooled,system/owned,multiple <=,1.1,\n", 12, 100,
                   108, 0.001, "MET", "");
    expect_verdict("stretch,t,w,ns_per_op,pool/pooled,system/owned,multiple <=,1.1,\n", 12, 100,
                   120, 0.001, "MISSED", "");
    expect_verdict("stretch,t,w,ns_per_op,pool/pooled,system/owned,multiple <=,1.1,\n", 12, 100,
                   110, 0.001, "INCONCLUSIVE", "within the interval");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,45,near zero\n", 12, 100, 40, 0.001,
                   "MET", "stated near zero");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,30,\n", 12, 100, 40, 0.001, "MISSED",
                   "");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,40,\n", 12, 100, 40, 0.001,
                   "INCONCLUSIVE", "");
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,,value <=,0,\n", 12, 100, 0, 0, "MET",
                   "exact");
}

/* measured, lo and hi are in the relation's own terms, lo below hi. */
static void measured_in_its_terms(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    struct verdict_counts counts;
    want("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n"
         "stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,0.5,\n"
         "stated,t,w,ns_per_op,pool/pooled,system/owned,multiple <=,0.5,\n"
         "stated,t,w,ns_per_op,pool/pooled,,value <=,50,\n");
    write_run(12, 100, cells, 1);
    struct summary_file summary = make_tables(&counts);
    static const double expected[] = {2.5, 0.6, 0.4, 40};
    assert_int_equal(summary.target_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct target_row *target = &summary.targets[i];
        assert_near(target->measured, expected[i], 1e-3 * expected[i]);
        assert_true(target->lo < target->measured && target->measured < target->hi);
        expect(&summary, i, "MET", "");
    }
    summary_free(&summary);
    const char *head = "target,tier,workload,metric,candidate,baseline,relation,threshold,measured,"
                       "lo,hi,verdict,reason\n";
    assert_memory_equal(read_file("targets.csv"), head, strlen(head));
}

/* A sentinel that is 5 % off takes 5 % off every claim: 2.05x no longer shows 2x, 2.5x still does.
 * It makes none easier to miss. */
static void sentinel_makes_claims_harder(void **state)
{
    (void)state;
    expect_verdict(TWICE, 12, 100, 100 / 2.05, 0.0001, "MET", "");
    expect_verdict(TWICE, 12, 105, 100 / 2.05, 0.0001, "INCONCLUSIVE", "widened by the sentinel");
    expect_verdict(TWICE, 12, 95, 100 / 2.05, 0.0001, "INCONCLUSIVE", "widened by the sentinel");
    expect_verdict(TWICE, 12, 105, 40, 0.0001, "MET", "sentinel's 5.0 %");
    expect_verdict(TWICE, 12, 105, 100 / 1.95, 0.0001, "INCONCLUSIVE", "widened by the sentinel");
    expect_verdict(TWICE, 12, 105, 100 / 1.5, 0.0001, "MISSED", "sentinel's 5.0 %");
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
    expect_verdict("stated,t,w,ns_per_op,pool/pooled,libcsv/owned,speedup >=,2,\n", 12, 100, 40,
                   0.001, "INCONCLUSIVE", "cell libcsv/owned is not in this run");
    expect_verdict("stated,t,*,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n", 12, 100, 40,
                   0.001, "INCONCLUSIVE", "an allocation-heavy workload is not in this run");
}

static void unmeasurable_is_inconclusive(void **state)
{
    (void)state;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", NAN, 0}};
    want("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n");
    write_rounds("time", "ns_per_op", 12, 100, cells, 1);
    struct summary_file summary = make_tables(&counts);
    expect(&summary, 0, "INCONCLUSIVE", "ns_per_op of pool/pooled is n/a: clock");
    summary_free(&summary);
}

/* Three misses in 6000 ops against four say nothing; against many, they do. */
static void small_counts_are_inconclusive(void **state)
{
    (void)state;
    static const struct {
        double pooled, system;
        const char *verdict, *reason;
    } cases[] = {{0.0005, 0.0009, "INCONCLUSIVE", "both below 0.01 an op"},
                 {0.0005, 2, "MET", "exact"},
                 {2, 0.0005, "MISSED", "exact"}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct verdict_counts counts;
        remove_directory(NULL);
        make_directory(NULL);
        want("stretch,t,w,llc_misses_per_op,pool/pooled,system/owned,multiple <=,0.999,\n");
        struct store *store = open_store();
        for (unsigned round = 1; round <= 12; round++) {
            for (unsigned i = 0; i < 2; i++) {
                struct fixture_trial trial = {.kind = "cache",
                                              .workload = "w",
                                              .backend = i == 0 ? "system" : "pool",
                                              .strategy = i == 0 ? "owned" : "pooled",
                                              .round = round};
                add_trial(store, &trial, "llc_misses_per_op",
                          i == 0 ? cases[c].system : cases[c].pooled, "count", "simulation");
            }
        }
        store_close(store);
        struct summary_file summary = make_tables(&counts);
        expect(&summary, 0, cases[c].verdict, cases[c].reason);
        summary_free(&summary);
    }
}

/* "*": workloads in which system/owned makes 5 allocations an op or more; the first round of the
 * baseline failed here, which makes no difference. */
static void star_is_each_heavy_workload(void **state)
{
    (void)state;
    struct verdict_counts counts;
    static const struct {
        const char *workload;
        double allocations;
    } workloads[] = {{"heavy", 11}, {"light", 1}, {"just", 5}};
    struct store *store = open_store();
    for (size_t w = 0; w < 3; w++) {
        for (unsigned round = 1; round <= 12; round++) {
            for (unsigned i = 0; i < 3; i++) {
                struct fixture_trial trial = {"count",
                                              workloads[w].workload,
                                              i < 2 ? "system" : "pool",
                                              i < 2 ? "owned" : "pooled",
                                              round,
                                              i < 2 && round == 1 ? "hung" : NULL};
                add_trial(store, &trial, "heap_allocations_per_op",
                          i < 2 ? workloads[w].allocations : 0, "count", "tracker");
            }
        }
    }
    store_close(store);
    want("stated,t,*,heap_allocations_per_op,pool/pooled,system/owned,reduction >=,0.8,\n");
    struct summary_file summary = make_tables(&counts);
    assert_int_equal(summary.target_count, 2);
    assert_string_equal(summary.targets[0].workload, "heavy");
    assert_string_equal(summary.targets[1].workload, "just");
    expect(&summary, 0, "INCONCLUSIVE", "1 trial of system/owned failed");
    summary_free(&summary);
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
    expect(&summary, 0, "MET", "");
    summary_free(&summary);
    want(TWICE TWICE);
    summary = make_tables(&counts);
    expect(&summary, 0, "INCONCLUSIVE", "Holm's correction for 2 claims (p = 0.031");
    expect(&summary, 1, "INCONCLUSIVE", "Holm's correction for 2 claims");
    summary_free(&summary);
}

static void failed_trials_take_a_met_away(void **state)
{
    (void)state;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    want(TWICE "stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,4,\n");
    write_run(12, 100, cells, 1);
    struct store *store = open_store();
    struct fixture_trial trial = {"time", "w", "pool", "pooled", 13, "killed by signal 11"};
    add_trial(store, &trial, "", 0, "", "");
    store_close(store);
    struct summary_file summary = make_tables(&counts);
    expect(&summary, 0, "INCONCLUSIVE", "1 trial of pool/pooled failed");
    expect(&summary, 1, "MISSED", "1 trial of pool/pooled failed");
    summary_free(&summary);
}

/* The library's share beside the API's. */
static void the_share_of_the_allocator_is_named(void **state)
{
    (void)state;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", 25, 0}, {"pool", "owned", 50, 0}};
    want("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2.5,450 -> 180 ns/op\n");
    write_run(12, 100, cells, 2);
    struct summary_file summary = make_tables(&counts);
    expect(&summary, 0, "MET", "100 ns -> 25.0 ns; stated 450 -> 180 ns/op; pool/owned 2.00x");
    summary_free(&summary);
}

static void refused(const char *row, const char *why)
{
    struct error error;
    struct verdict_counts counts;
    want(row);
    if (tables_make(directory, targets, &counts, &error))
        fail_msg("accepted: %s", row);
    if (!strstr(error.text, "wanted.csv, line 2") || !strstr(error.text, why))
        fail_msg("%s, expected %s", error.text, why);
}

static void bad_targets(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    write_run(6, 100, NULL, 0);
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,faster,2,\n",
            "unknown relation 'faster'");
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,two,\n",
            "'two' is no number");
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,inf,\n",
            "'inf' is no number");
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,,\n", "'' is no number");
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,-1,\n", "above 0");
    refused("stated,t,w,ns_per_op,pool/pooled,system/owned,reduction >=,60,\n",
            "share from 0 to 1");
    refused("stated,t,w,ns_per_op,pool,system/owned,speedup >=,2,\n", "the candidate is to be");
    refused("stated,t,w,ns_per_op,pool/pooled,,speedup >=,2,\n", "the baseline is to be");
    refused("stated,t,,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n", "must be given");
    write_file("wanted.csv", "stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n");
    assert_false(tables_make(directory, targets, &counts, &error));
    assert_non_null(strstr(error.text, "line 1: column 1 is to be tier"));
    assert_false(tables_make(directory, "/nonexistent.csv", &counts, &error));
    assert_non_null(strstr(error.text, "/nonexistent.csv"));
}

/* The list that the program ships with is one that it takes. */
static void own_targets(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    write_run(6, 100, NULL, 0);
    if (!tables_make(directory, "harness/targets.csv", &counts, &error))
        fail_msg("%s", error.text);
    assert_int_equal(counts.met + counts.missed, 0);
    assert_true(counts.inconclusive >= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(speedups),
        IN_DIRECTORY(reductions),
        IN_DIRECTORY(multiples_and_values),
        IN_DIRECTORY(measured_in_its_terms),
        IN_DIRECTORY(sentinel_makes_claims_harder),
        IN_DIRECTORY(absent_things_are_inconclusive),
        IN_DIRECTORY(unmeasurable_is_inconclusive),
        IN_DIRECTORY(small_counts_are_inconclusive),
        IN_DIRECTORY(star_is_each_heavy_workload),
        IN_DIRECTORY(holm_over_the_claims),
        IN_DIRECTORY(failed_trials_take_a_met_away),
        IN_DIRECTORY(the_share_of_the_allocator_is_named),
        IN_DIRECTORY(bad_targets),
        IN_DIRECTORY(own_targets),
    };
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
