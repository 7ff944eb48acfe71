/* Where the ranges of process_lines_bulk begin, and the parallel pass that finds out. */
#include "line_scan.h"
#include "process_lines_team.h"

size_t lines_range_first_line(const struct lines_team *team, size_t index)
{
    const struct lines_call *call = team->call;
    size_t from = lines_range_from(team, index), until = lines_range_until(team, index);
    if (index == 0)
        return 0;
    /* Where the range before is done it has found the place; so a line of many ranges is not looked
     * through once more. */
    const struct lines_range *before = &team->ranges[index - 1];
    if (atomic_load_explicit(&before->state, memory_order_acquire) == LINES_RANGE_DONE &&
        before->at != 0)
        return before->at;
    /* Behind the first line end from the byte before on; no further than the range's last byte. */
    bool inside = team->ranges[index].inside ^
                  (call->split.quote != 0 && call->text[from - 1] == call->split.quote);
    struct line_scan scan =
        line_scan_begin_at(call->text, until - 1, from - 1, call->split.quote, inside);
    size_t end = line_scan_next(&scan);
    return end < until - 1 ? end + 1 : SIZE_MAX;
}

/* What lies before each range, from what each holds. */
static void sum_up(struct lines_team *team)
{
    const struct lines_call *call = team->call;
    bool inside = false;
    size_t ends = 0;
    for (size_t i = 0; i < team->range_count; i++) {
        struct lines_range *range = &team->ranges[i];
        range->inside = inside;
        if (i > 0 && call->options.number_lines)
            range->given.first_line =
                ends + !(call->text[lines_range_from(team, i) - 1] == '\n' && !inside);
        ends += range->counts.ends[inside];
        inside ^= range->counts.odd;
    }
}

/* Every worker counts in ranges that are left; the one that does the last sums up. */
void lines_team_count(struct lines_team *team)
{
    const struct lines_call *call = team->call;
    uint32_t seen = atomic_load_explicit(&team->changes, memory_order_acquire);
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&team->next_counted, 1, memory_order_relaxed);
        if (index >= team->range_count)
            break;
        struct lines_range *range = &team->ranges[index];
        size_t from = lines_range_from(team, index);
        size_t length = lines_wanted(call, index) ? lines_range_until(team, index) - from : 0;
        if (call->options.number_lines)
            range->counts = line_scan_count(call->text + from, length, call->split.quote);
        else
            range->counts.odd = line_scan_odd(call->text + from, length, call->split.quote);
        if (atomic_fetch_add_explicit(&team->counted, 1, memory_order_acq_rel) + 1 ==
            team->range_count) {
            sum_up(team);
            atomic_fetch_add_explicit(&team->counted, 1, memory_order_release); /* the sum */
            lines_team_note_change(team);
        }
    }
    while (atomic_load_explicit(&team->counted, memory_order_acquire) <= team->range_count) {
        lines_team_wait(team, seen);
        seen = atomic_load_explicit(&team->changes, memory_order_acquire);
    }
}
