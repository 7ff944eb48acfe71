/*
 * multi_delimiter: lines of an access log with key=value pairs behind them, split at five
 * delimiters, of which one holds another: the longest at a place wins.
 */
#include <stdio.h>

#include "workloads/support/line_pass.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

/* Some 90 KB, an L2 cache's worth. */
#define LOG_LINES 512
#define LOG_LINE_MAX 400

static const char *const log_delimiters[] = {" ", " - ", "; ", "=", "\t", NULL};

static size_t put_line(char *to, struct text_random *random)
{
    static const char *const methods[] = {"GET", "GET", "GET", "POST", "HEAD"};
    static const char *const statuses[] = {"200", "200", "200", "304", "404", "503"};
    static const char *const months[] = {"Jan", "Apr", "Jul", "Oct"};
    char user[16] = "", path[40] = "", agent[24] = "";
    size_t lengths[3] = {random_between(random, 3, 10), random_between(random, 4, 36),
                         random_between(random, 4, 20)};
    char *const texts[3] = {user, path, agent};
    for (unsigned i = 0; i < 3; i++) {
        random_letters(random, texts[i], lengths[i]);
        texts[i][lengths[i]] = 0;
    }
    unsigned a = random_between(random, 1, 254), b = random_between(random, 0, 255);
    unsigned day = random_between(random, 1, 28), month = random_between(random, 0, 3);
    unsigned hour = random_between(random, 0, 23), second = random_between(random, 0, 59);
    unsigned bytes = random_log_uniform(random, 1, 9999999);
    unsigned latency = random_log_uniform(random, 1, 99999);
    int length = snprintf(
        to, LOG_LINE_MAX,
        "10.%u.%u.7 - %s [%02u/%s/2024:%02u:10:%02u +0000] \"%s /%s HTTP/1.1\" %s %u \"%s/1.0\""
        "\tservice=api; latency=%u.%u; region=eu-%u; retries=%s\n",
        a, b, user, day, months[month], hour, second, methods[random_between(random, 0, 4)], path,
        statuses[random_between(random, 0, 5)], bytes, agent, latency / 10, latency % 10, b % 4,
        b % 16 ? "" : "1");
    return (size_t)length;
}

static bool multi_delimiter_setup(struct workload_input *input,
                                  const struct workload_settings *settings,
                                  struct workload_error *error)
{
    struct text_random random;
    char *text = text_map((size_t)LOG_LINES * LOG_LINE_MAX + WORKLOAD_PADDING, error);
    if (!text || !random_begin(&random, settings->seed, error))
        return false;
    size_t length = 0;
    for (unsigned line = 0; line < LOG_LINES; line++)
        length += put_line(text + length, &random);
    input->text = text;
    input->length = length;
    text_options(input, log_delimiters);
    return text_index_lines(input, false, error);
}

WORKLOAD_PASSES(multi_delimiter, line_by_line)

WORKLOAD(multi_delimiter,
         .description = "access-log lines with key=value pairs, five delimiters of 1-3 bytes, each "
                        "released before the next",
         .op = "one line", .setup = multi_delimiter_setup, .reference = text_reference);
