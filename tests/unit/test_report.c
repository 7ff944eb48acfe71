/* link: driver */
/* The terminal's table, the report and the comparison of runs, as texts. */
#include "run_fixture.h"

#include <sys/stat.h>

#include "harness/driver/markdown.h"
#include "harness/driver/text_table.h"

#define TWICE "stated,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n"

/* What a function wrote; static, overwritten by the next call. */
static const char *written(FILE *out)
{
    static char text[16384];
    rewind(out);
    text[fread(text, 1, sizeof text - 1, out)] = 0;
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        fail_msg("no '%s' in:\n%s", wanted, text);
}

static size_t widest_line(const char *text)
{
    size_t widest = 0, width = 0;
    for (; *text; text++) {
        width = *text == '\n' ? 0 : width + (((unsigned char)*text & 0xc0) != 0x80);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void table_of_a_run(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    const struct fixture_cell cells[] = {
        {"pool", "pooled", 40, 0.001},
        {"an_allocator_with_a_very_long_name_indeed", "owned", 80, 0.001}};
    want(TWICE "stated,t,absent,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n"
               "stretch,t,w,ns_per_op,pool/pooled,system/owned,speedup >=,4,\n");
    write_run(12, 105, cells, 2);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    FILE *out = tmpfile();
    assert_true(tables_print(directory, out, &error));
    const char *text = written(out);
    assert_has(text, "MET          w: pool/pooled at least 2x as fast as system/owned\n"
                     "               measured 2.50x [2.49, 2.51]; with the sentinel's");
    assert_has(text, "stretch targets\n  MISSED       w:");
    assert_has(text, "(1 further stated target for what this run did not measure");
    assert_has(text, "system/owned A/A");
    assert_has(text, "w: the sentinel (system/owned against itself) is at 0.952");
    assert_null(strchr(text, '\033')); /* colours are for a terminal */
    assert_true(widest_line(text) <= TEXT_WIDTH);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    want("");
    write_run(12, 100, NULL, 0);
    struct store *store = open_store();
    struct fixture_trial time = {"time", "w", "dead", "owned", 1, "killed | by `signal` <11>"};
    struct fixture_trial memory = {"memory", "w", "dead", "owned", 1, "hung"};
    add_trial(store, &time, "", 0, "", "");
    add_trial(store, &time, "", 0, "", "");
    add_trial(store, &memory, "", 0, "", "");
    store_close(store);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    FILE *out = tmpfile();
    assert_true(tables_print(directory, out, &error));
    assert_has(written(out), "dead/owned failed: 2 time, 1 memory: killed | by `signal` <11>");
    write_file("environment.json", "{}");
    assert_true(report_make(directory, &error));
    assert_has(read_file("report.md"), "## Failed trials");
    assert_has(read_file("report.html"), "killed | by `signal` &lt;11&gt;");
}

static void report_of_a_run(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    char path[160];
    const struct fixture_cell cells[] = {{"pool", "pooled", 40, 0.001}};
    want(TWICE "stretch,t,absent,ns_per_op,pool/pooled,system/owned,speedup >=,2,\n");
    write_run(12, 100, cells, 1);
    write_rounds("time", "page_faults_per_op", 6, 3, cells, 1);
    write_file("environment.json",
               "{\"run\": \"x|<b>y\", \"command\": \"a `b` *c*\","
               "\"machine\": {\"cpu\": \"C\", \"hypervisor\": null},"
               "\"outcome\": {\"status\": \"interrupted\", \"workloads\": [{\"name\": \"w\","
               "\"rounds\": 12, \"stopped_by\": \"width\", \"half_width\": null}]},"
               "\"backends\": [{\"name\": \"pool\", \"provider_file\": \"/lib/x\","
               "\"build_id\": \"ab\", \"version\": \"1\", \"capabilities\": []}]}");
    snprintf(path, sizeof path, "%s/plots", directory);
    mkdir(path, 0755);
    write_file("plots/another-w.svg", "<svg></svg>");
    write_file("plots/speedup-w.svg", "<svg></svg>");
    write_file("plots/speedup-other.svg", "<svg></svg>");
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    assert_true(report_make(directory, &error));
    const char *report = read_file("report.md");
    assert_has(report, "| MET | stated | w | pool/pooled at least 2x as fast as system/owned |");
    assert_has(report, "| pool/pooled | 40.0 |");
    assert_has(report, "bulk release only");
    assert_has(report, "- stretch, absent: pool/pooled at least 2x as fast as system/owned "
                       "(workload absent is not in this run)");
    assert_has(report, "![w: speedup over system/owned](plots/speedup-w.svg)\n\n"
                       "![w: another](plots/another-w.svg)");
    assert_null(strstr(report, "speedup-other"));
    assert_has(report, "| page_faults_per_op | ns | 100 | 40.0 | clock |");
    assert_has(report, "width; widest half-width n/a");
    assert_has(report, "| hypervisor | none |");
    assert_has(report, "| kernel | unknown |");
    report = read_file("report.html");
    assert_has(report, "<td>MET</td>");
    assert_has(report, "run x|&lt;b&gt;y</h1>");
    assert_has(report, "a `b` *c*");
}

static void comparison(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    char base[64];
    const struct fixture_cell before[] = {
        {"pool", "pooled", 50, 0.001}, {"arena", "owned", 50, 0.001}, {"same", "owned", 50, 0.001}};
    const struct fixture_cell after[] = {{"pool", "pooled", 40, 0.001},
                                         {"arena", "owned", 80, 0.001},
                                         {"same", "owned", 50.1, 0.001},
                                         {"new", "owned", 50, 0.001}};
    /* Against a baseline of nothing the figures themselves are compared. */
    const struct fixture_cell less[] = {{"pool", "pooled", 0, 0}};
    const struct fixture_cell more[] = {{"pool", "pooled", 7, 0}};
    want("");
    write_run(12, 100, before, 3);
    write_rounds("count", "heap_allocations_per_op", 12, 100, less, 1);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    strcpy(base, directory);
    make_directory(NULL);
    want("");
    write_run(12, 100, after, 4);
    write_rounds("count", "heap_allocations_per_op", 12, 100, more, 1);
    summary = make_tables(&counts);
    summary_free(&summary);
    FILE *out = tmpfile();
    assert_true(compare_print(base, directory, out, &error));
    const char *text = written(out);
    assert_has(text, "2.00 [1.99, 2.01]  2.50 [2.49, 2.51]    +25.0 %  better");
    assert_has(text, "2.00 [1.99, 2.01]  1.25 [1.25, 1.25]    -37.5 %  WORSE");
    assert_has(text, "no change seen");
    assert_has(text, "0 ns         7.00 ns              -  WORSE");
    assert_has(text,
               "1 better, 2 worse, 1 with no change seen, 0 with too few rounds; 1 in one run");
    remove_directory(NULL);
    strcpy(directory, base);
}

static void nothing_to_compare(void **state)
{
    (void)state;
    struct error error;
    struct verdict_counts counts;
    want("");
    write_run(12, 100, NULL, 0);
    struct summary_file summary = make_tables(&counts);
    summary_free(&summary);
    FILE *out = tmpfile();
    assert_false(compare_print(directory, directory, out, &error));
    assert_has(error.text, "no cell in common");
    assert_false(compare_print("/nonexistent", directory, out, &error));
    assert_has(error.text, "/nonexistent/summary.csv");
    fclose(out);
}

static void text_is_wrapped(void **state)
{
    (void)state;
    FILE *out = tmpfile();
    char long_text[400] = "";
    for (int i = 0; i < 50; i++)
        strcat(long_text, "wörd ");
    fputs("  ", out);
    text_wrap(out, long_text, 2);
    text_wrap(out, "short; clause", 0);
    strcpy(long_text + 89, "; of two; three");
    text_wrap(out, long_text, 2);
    const char *text = written(out);
    assert_true(widest_line(text) <= TEXT_WIDTH);
    assert_has(text, "wörd\n  wörd");
    assert_has(text, "short; clause\n");
    assert_has(text, "wörd; of two; three\n");
}

static void markdown_means_what_it_says(void **state)
{
    (void)state;
    FILE *out = tmpfile();
    markdown_text(out, "a|b *c* _d_ ns_per_op `e` <f> &amp; [1, 2] [x](y)\n# g \\");
    assert_string_equal(
        written(out),
        "a\\|b \\*c\\* \\_d\\_ ns_per_op \\`e\\` \\<f> \\&amp; \\[1, 2] \\[x](y) # g \\\\");
    out = tmpfile();
    markdown_text(out, "-1 > 0");
    assert_string_equal(written(out), "\\-1 > 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(table_of_a_run),
        IN_DIRECTORY(failures_are_told),
        IN_DIRECTORY(report_of_a_run),
        IN_DIRECTORY(comparison),
        IN_DIRECTORY(nothing_to_compare),
        cmocka_unit_test(text_is_wrapped),
        cmocka_unit_test(markdown_means_what_it_says),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
