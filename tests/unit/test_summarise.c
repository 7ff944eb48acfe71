/* link: driver */
/* From raw rows to summary.csv, with figures that can be worked out by hand. */
#include "run_fixture.h"

#include "harness/driver/summarise.h"

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
    assert_near(row_of(&summary, "arena", SUMMARY_ABOVE_FLOOR, false)->median, 15, 1e-6);
    assert_true(summary_has_flag(row_of(&summary, "null", "ns_per_op", false), "exact"));
    assert_false(summary_has_flag(arena, "exact"));
    assert_true(isnan(row_of(&summary, "system", "ns_per_op", false)->ratio));
    assert_near(row_of(&summary, "system", "ns_per_op", true)->ratio, 1, 1e-9);
    summary_free(&summary);
}

static void columns(void **state)
{
    (void)state;
    struct verdict_counts counts;
    want("");
    write_run(6, 100, NULL, 0);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    const char *head = "workload,strategy,backend,threads,litter,metric,unit,source,n,median,lo,hi,"
                       "ratio,ratio_lo,ratio_hi,flags\n";
    assert_memory_equal(read_file("summary.csv"), head, strlen(head));
}

/* The sentinel is told by its place alone, so its trials may stand among those of other kinds. */
static void sentinel_among_other_kinds(void **state)
{
    (void)state;
    struct verdict_counts counts;
    struct store *store = open_store();
    static const char *const kinds[][2] = {{"time", "ns_per_op"}, {"memory", "peak_rss_bytes"}};
    for (unsigned round = 1; round <= 8; round++) {
        for (unsigned run = 0; run < 2; run++) {
            for (unsigned kind = 0; kind < 2; kind++) {
                struct fixture_trial trial = {.kind = kinds[kind][0],
                                              .workload = "w",
                                              .backend = "system",
                                              .strategy = "owned",
                                              .round = round};
                bool sentinel = (run == 1) == (round % 2 == 1);
                add_trial(store, &trial, kinds[kind][1], sentinel ? 120 : 100, "ns", "clock");
            }
        }
    }
    store_close(store);
    want("");
    struct summary_file summary = make_tables(&counts);
    for (unsigned kind = 0; kind < 2; kind++) {
        const struct summary_row *sentinel = row_of(&summary, "system", kinds[kind][1], true);
        assert_int_equal(sentinel->n, 8);
        assert_near(sentinel->median, 120, 1e-9);
        assert_near(sentinel->ratio, 100.0 / 120, 1e-9);
        assert_true(summary_has_flag(sentinel, "sentinel-off"));
        assert_near(row_of(&summary, "system", kinds[kind][1], false)->median, 100, 1e-9);
    }
    summary_free(&summary);
}

static void few_rounds_have_no_interval(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"arena", "owned", 40, 0.001}};
    struct verdict_counts counts;
    want("");
    write_run(5, 120, cells, 1);
    struct summary_file summary = make_tables(&counts);
    const struct summary_row *arena = row_of(&summary, "arena", "ns_per_op", false);
    assert_true(summary_has_flag(arena, "few-rounds"));
    assert_near(arena->ratio, 2.5, 1e-3);
    assert_true(isnan(arena->lo) && isnan(arena->hi));
    assert_true(isnan(arena->ratio_lo) && isnan(arena->ratio_hi));
    assert_false(summary_has_flag(row_of(&summary, "system", "ns_per_op", true), "sentinel-off"));
    summary_free(&summary);
}

/* Where more is better the ratio is turned over: above 1 is better always. */
static void more_is_better(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"arena", "owned", 250, 0}};
    struct verdict_counts counts;
    want("");
    write_rounds("time", "gb_per_s", 12, 100, cells, 1);
    struct summary_file summary = make_tables(&counts);
    assert_near(row_of(&summary, "arena", "gb_per_s", false)->ratio, 2.5, 1e-9);
    summary_free(&summary);
}

/* A cell that needs nothing is infinitely better, not left out; so is a baseline that needs
 * nothing, the other way. */
static void nothing_is_a_figure(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"pool", "pooled", 0, 0}};
    struct verdict_counts counts;
    want("");
    write_rounds("count", "heap_allocations_per_op", 12, 100, cells, 1);
    struct summary_file summary = make_tables(&counts);
    const struct summary_row *pool = row_of(&summary, "pool", "heap_allocations_per_op", false);
    assert_true(isinf(pool->ratio) && isinf(pool->ratio_lo) && isinf(pool->ratio_hi));
    assert_int_equal(pool->n, 12);
    summary_free(&summary);
    assert_non_null(strstr(read_file("summary.csv"), ",12,0,0,0,inf,inf,inf,exact\n"));
}

/* Log ratios 2 (i / 200)^4: the interval of the median is [x_86, x_115] = [0.07, 0.22]; the median
 * of their pairwise means, 0.29, lies outside. */
static void hodges_lehmann_disagrees(void **state)
{
    (void)state;
    struct verdict_counts counts;
    struct store *store = open_store();
    for (unsigned round = 1; round <= 200; round++) {
        for (unsigned i = 0; i < 3; i++) {
            struct fixture_trial trial = {.kind = "time",
                                          .workload = "w",
                                          .backend = i < 2 ? "system" : "arena",
                                          .strategy = "owned",
                                          .round = round};
            double value = i < 2 ? 100 : 100 * exp(-2 * pow(round / 200.0, 4));
            add_trial(store, &trial, "ns_per_op", value, "ns", "clock");
        }
    }
    store_close(store);
    want("");
    struct summary_file summary = make_tables(&counts);
    const struct summary_row *arena = row_of(&summary, "arena", "ns_per_op", false);
    assert_near(arena->ratio_lo, exp(2 * pow(86 / 200.0, 4)), 1e-6);
    assert_near(arena->ratio_hi, exp(2 * pow(115 / 200.0, 4)), 1e-6);
    assert_true(summary_has_flag(arena, "hl-disagrees"));
    assert_false(summary_has_flag(row_of(&summary, "system", "ns_per_op", true), "hl-disagrees"));
    summary_free(&summary);
}

static void missing_values_and_failures(void **state)
{
    (void)state;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0}};
    want("");
    write_run(12, 100, cells, 1);
    struct store *store = open_store();
    struct fixture_trial failed = {"time", "w", "pool", "pooled", 13, "killed by signal 11"};
    struct fixture_trial dead = {"time", "w", "dead", "owned", 1, "ended with status 1"};
    struct fixture_trial unknown = {"memory", "w", "pool", "pooled", 1, NULL};
    add_trial(store, &failed, "", 0, "", "");
    add_trial(store, &dead, "", 0, "", "");
    add_trial(store, &unknown, "peak_rss_bytes", NAN, "bytes", "not counted here");
    store_close(store);
    struct summary_file summary = make_tables(&counts);
    const struct summary_row *pool = row_of(&summary, "pool", "ns_per_op", false);
    assert_int_equal(pool->n, 12);
    assert_int_equal(summary_failed(pool), 1);
    const struct summary_row *never = row_of(&summary, "dead", "ns_per_op", false);
    assert_int_equal(never->n, 0);
    assert_int_equal(summary_failed(never), 1);
    assert_true(summary_has_flag(never, "n/a"));
    assert_string_equal(never->source, "ended with status 1");
    const struct summary_row *peak = row_of(&summary, "pool", "peak_rss_bytes", false);
    assert_true(isnan(peak->median) && summary_has_flag(peak, "n/a"));
    assert_string_equal(peak->source, "not counted here");
    assert_int_equal(summary_failed(peak), 0); /* another kind's */
    summary_free(&summary);
}

static void capability(void **state)
{
    (void)state;
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0}, {"mimalloc", "owned", 80, 0}};
    struct verdict_counts counts;
    want("");
    write_run(6, 100, cells, 2);
    write_file("environment.json",
               "{\"backends\": [{\"name\": \"pool\", \"capabilities\": [\"releases_in_bulk\"]},"
               "{\"name\": \"mimalloc\", \"capabilities\": [\"frees_individually\", 7]}]}");
    struct summary_file summary = make_tables(&counts);
    assert_true(
        summary_has_flag(row_of(&summary, "pool", "ns_per_op", false), SUMMARY_NO_INDIVIDUAL_FREE));
    assert_false(summary_has_flag(row_of(&summary, "mimalloc", "ns_per_op", false),
                                  SUMMARY_NO_INDIVIDUAL_FREE));
    summary_free(&summary);
}

static void formats(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *unit, *text;
    } cases[] = {
        {0, "ns", "0 ns"},          {12.345, "ns", "12.3 ns"},   {999.6, "ns", "1000 ns"},
        {9.999, "", "10.0"},        {0.124, "ms", "0.124 ms"},   {4.1667e-6, "count", "4.17e-06"},
        {4096, "bytes", "4.10 kB"}, {589824, "bytes", "590 kB"}, {1.5e9, "bytes", "1.50 GB"},
        {NAN, "bytes", "n/a"},      {-4.97, "", "-4.97"},        {-0.04, "", "-0.04"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[40];
        summary_format(text, sizeof text, cases[i].value, cases[i].unit);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(figures_and_ratios),
        IN_DIRECTORY(columns),
        IN_DIRECTORY(sentinel_among_other_kinds),
        IN_DIRECTORY(few_rounds_have_no_interval),
        IN_DIRECTORY(more_is_better),
        IN_DIRECTORY(nothing_is_a_figure),
        IN_DIRECTORY(hodges_lehmann_disagrees),
        IN_DIRECTORY(missing_values_and_failures),
        IN_DIRECTORY(capability),
        cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests_name("summarise", tests, NULL, NULL);
}
