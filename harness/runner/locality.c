/* The ring, and the metrics of what it holds at the end. */
#include "harness/runner/locality.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE_SHIFT 6
#define PAGE_SHIFT 12

static void *map(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

struct locality *locality_open(void)
{
    return map(sizeof(struct locality));
}

void locality_note(struct locality *trace, const void *address, size_t length, bool is_token)
{
    struct locality_access *access = &trace->ring[trace->count++ % LOCALITY_ACCESSES];
    access->address = (uintptr_t)address;
    access->length = (uint32_t)length;
    access->is_token = is_token;
    access->begins = trace->scope_ended;
    trace->scope_ended = false;
}

/* ---- numbers of lines or pages ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Appends the units of an access; numbers has room for them. */
static size_t append_units(const struct locality_access *access, unsigned shift, uint64_t *numbers)
{
    uint64_t first = access->address >> shift;
    uint64_t last = (access->address + (access->length ? access->length - 1 : 0)) >> shift;
    for (uint64_t unit = first; unit <= last; unit++)
        numbers[unit - first] = unit;
    return (size_t)(last - first + 1);
}

static size_t count_distinct(uint64_t *numbers, size_t count)
{
    size_t distinct = 0;
    qsort(numbers, count, sizeof *numbers, by_number);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || numbers[i] != numbers[i - 1];
    return distinct;
}

/* Distinct units of what was read together, summed over scopes. */
static size_t units_together(const struct locality_access *accesses, size_t count, unsigned shift,
                             uint64_t *numbers)
{
    size_t distinct = 0, used = 0;
    for (size_t i = 0; i < count; i++) {
        if (accesses[i].begins) {
            distinct += count_distinct(numbers, used);
            used = 0;
        }
        used += append_units(&accesses[i], shift, numbers + used);
    }
    return distinct + count_distinct(numbers, used);
}

/* ---- reuse distance ---- */

struct last_touch {
    uint64_t line;
    size_t position; /* from 1; 0: empty */
};

static void tree_add(uint32_t *tree, size_t count, size_t position, uint32_t change)
{
    for (; position <= count; position += position & -position)
        tree[position] += change;
}

static size_t tree_sum(const uint32_t *tree, size_t position)
{
    size_t sum = 0;
    for (; position > 0; position -= position & -position)
        sum += tree[position];
    return sum;
}

static struct last_touch *touch_of(struct last_touch *table, size_t room, uint64_t line)
{
    size_t slot = (size_t)((line * 0x9e3779b97f4a7c15u) >> 32) & (room - 1);
    while (table[slot].position != 0 && table[slot].line != line)
        slot = (slot + 1) & (room - 1);
    return &table[slot];
}

/* The tree holds a one at each line's last position, so what lies between two touches of a line
 * counts the other lines touched meanwhile. */
bool locality_reuse(const uint64_t *lines, size_t count, size_t *distances)
{
    size_t room = 16;
    while (room < 2 * count)
        room *= 2;
    size_t tree_size = (count + 1) * sizeof(uint32_t);
    uint32_t *tree = map(tree_size);
    struct last_touch *table = map(room * sizeof *table);
    if (!tree || !table)
        return false;
    for (size_t i = 1; i <= count; i++) {
        struct last_touch *touch = touch_of(table, room, lines[i - 1]);
        if (touch->position == 0) {
            distances[i - 1] = SIZE_MAX;
        } else {
            distances[i - 1] = tree_sum(tree, i - 1) - tree_sum(tree, touch->position);
            tree_add(tree, count, touch->position, (uint32_t)-1);
        }
        tree_add(tree, count, i, 1);
        touch->line = lines[i - 1];
        touch->position = i;
    }
    munmap(tree, tree_size);
    munmap(table, room * sizeof *table);
    return true;
}

/* ---- report ---- */

/* Sorts. values are not empty. */
static double quantile(uint64_t *values, size_t count, double share)
{
    qsort(values, count, sizeof *values, by_number);
    return (double)values[(size_t)(share * (double)(count - 1))];
}

static void report_strides(const struct locality_access *accesses, size_t count, uint64_t *strides,
                           struct report *report)
{
    const struct locality_access *before = NULL;
    size_t pairs = 0, same_line = 0, same_page = 0;
    for (size_t i = 0; i < count; i++) {
        const struct locality_access *access = &accesses[i];
        if (access->begins)
            before = NULL;
        if (!access->is_token)
            continue;
        if (before) {
            uintptr_t end = before->address + before->length;
            uintptr_t last = end - (before->length > 0);
            strides[pairs++] =
                access->address > end ? access->address - end : end - access->address;
            same_line += last >> LINE_SHIFT == access->address >> LINE_SHIFT;
            same_page += last >> PAGE_SHIFT == access->address >> PAGE_SHIFT;
        }
        before = access;
    }
    if (pairs == 0)
        return;
    const char *source = "address trace";
    report_measure(report, "stride_p50", quantile(strides, pairs, 0.5), "bytes", source);
    report_measure(report, "stride_p95", quantile(strides, pairs, 0.95), "bytes", source);
    report_measure(report, "same_line", (double)same_line / (double)pairs, "ratio", source);
    report_measure(report, "same_page", (double)same_page / (double)pairs, "ratio", source);
}

static void report_reuse(const struct locality_access *accesses, size_t count, uint64_t *lines,
                         size_t room, struct report *report)
{
    size_t touched = 0;
    for (size_t i = 0; i < count; i++)
        touched += append_units(&accesses[i], LINE_SHIFT, lines + touched);
    size_t *distances = map(room * sizeof *distances);
    if (!distances || !locality_reuse(lines, touched, distances)) {
        report_missing(report, "reuse_p50", "lines", strerror(errno));
        return;
    }
    size_t again = 0;
    for (size_t i = 0; i < touched; i++)
        if (distances[i] != SIZE_MAX)
            lines[again++] = distances[i];
    munmap(distances, room * sizeof *distances);
    if (again > 0) {
        report_measure(report, "reuse_p50", quantile(lines, again, 0.5), "lines", "address trace");
        report_measure(report, "reuse_p90", quantile(lines, again, 0.9), "lines", "address trace");
    }
    report_measure(report, "first_touches", (double)(touched - again) / (double)touched, "ratio",
                   "address trace");
}

void locality_report(const struct locality *trace, struct report *report)
{
    size_t count = trace->count < LOCALITY_ACCESSES ? (size_t)trace->count : LOCALITY_ACCESSES;
    struct locality_access *accesses = map((count + 1) * sizeof *accesses);
    size_t tokens = 0, room = count + 1;
    if (count == 0 || !accesses) {
        report_missing(report, "lines_per_token", "count",
                       count ? strerror(errno) : "this workload and strategy tell of no token");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        accesses[i] = trace->ring[(trace->count - count + i) % LOCALITY_ACCESSES];
        tokens += accesses[i].is_token;
        room += (accesses[i].length >> LINE_SHIFT) + 2; /* it may begin in mid-line */
    }
    uint64_t *numbers = map(room * sizeof *numbers);
    if (!numbers) {
        report_missing(report, "lines_per_token", "count", strerror(errno));
        return;
    }
    report_measure(report, "lines_per_token",
                   (double)units_together(accesses, count, LINE_SHIFT, numbers) / (double)tokens,
                   "count", "address trace");
    report_measure(report, "pages_per_token",
                   (double)units_together(accesses, count, PAGE_SHIFT, numbers) / (double)tokens,
                   "count", "address trace");
    report_strides(accesses, count, numbers, report);
    report_reuse(accesses, count, numbers, room, report);
    munmap(numbers, room * sizeof *numbers);
    munmap(accesses, (count + 1) * sizeof *accesses);
}
