/* perf_event groups: opening, reading, scaling. */
#include "harness/runner/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Below this share of the time a scaled figure is a guess. */
#define RUNNING_MIN 0.95

#define CACHE_READ_MISS(cache)                                                                     \
    ((cache) | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

static const struct counter_event hardware_sets[2][COUNTER_GROUP_MAX] = {
    {{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, "count"},
     {"l1d_misses", PERF_TYPE_HW_CACHE, CACHE_READ_MISS(PERF_COUNT_HW_CACHE_L1D), "count"},
     {"llc_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, "count"},
     {"branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, "count"}},
    {{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, "count"},
     {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "count"},
     {"l1d_misses", PERF_TYPE_HW_CACHE, CACHE_READ_MISS(PERF_COUNT_HW_CACHE_L1D), "count"},
     {"dtlb_misses", PERF_TYPE_HW_CACHE, CACHE_READ_MISS(PERF_COUNT_HW_CACHE_DTLB), "count"}},
};

static const struct counter_event software_events[COUNTER_GROUP_MAX] = {
    {"task_clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, "ns"},
    {"page_faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, "count"},
    {"context_switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, "count"},
    {"cpu_migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, "count"},
};

static void group_init(struct counter_group *group, const char *source,
                       const struct counter_event *events)
{
    memset(group, 0, sizeof *group);
    group->source = source;
    group->events = events;
    group->count = COUNTER_GROUP_MAX;
    for (unsigned i = 0; i < COUNTER_GROUP_MAX; i++)
        group->descriptors[i] = -1;
}

void counters_hardware(struct counter_group *group, uint64_t turn)
{
    group_init(group, "perf_event:hardware", hardware_sets[turn % 2]);
    group->exclude_kernel = true;
    group->refuse_all_zero = true;
}

void counters_software(struct counter_group *group)
{
    group_init(group, "perf_event:software", software_events);
}

static const char *perf_reason(int error)
{
    switch (error) {
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
        return "this machine has no such counter (a VM without a PMU?)";
    case EACCES:
    case EPERM:
        return "not allowed; lower kernel.perf_event_paranoid or run with CAP_PERFMON";
    case ENOSYS:
        return "this kernel has no perf_event";
    default:
        return "perf_event_open failed";
    }
}

static int open_event(const struct counter_group *group, const struct counter_event *event,
                      int leader)
{
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.type = event->type;
    attributes.config = event->config;
    attributes.disabled = leader < 0;
    attributes.pinned = leader < 0;
    attributes.exclude_kernel = group->exclude_kernel;
    attributes.exclude_hv = group->exclude_kernel;
    attributes.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED |
                             PERF_FORMAT_TOTAL_TIME_RUNNING;
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
}

void counters_open(struct counter_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        int descriptor = open_event(group, &group->events[i], i ? group->descriptors[0] : -1);
        if (descriptor < 0 || ioctl(descriptor, PERF_EVENT_IOC_ID, &group->ids[i]) != 0) {
            int error = errno;
            if (descriptor >= 0)
                close(descriptor);
            snprintf(group->reason, sizeof group->reason, "%s: %s: %s", group->events[i].metric,
                     perf_reason(error), strerror(error));
            counters_close(group);
            return;
        }
        group->descriptors[i] = descriptor;
    }
    group->open = true;
}

void counters_start(struct counter_group *group)
{
    if (!group->open)
        return;
    ioctl(group->descriptors[0], PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP);
    ioctl(group->descriptors[0], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
}

void counters_stop(struct counter_group *group)
{
    if (group->open)
        ioctl(group->descriptors[0], PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
}

static bool refuse(struct counter_group *group, const char *reason)
{
    snprintf(group->reason, sizeof group->reason, "%s", reason);
    return false;
}

bool counters_scale(struct counter_group *group, const uint64_t *raw, double *values)
{
    uint64_t found = raw[0], enabled = raw[1], running = raw[2];
    if (found != group->count)
        return refuse(group, "the group's figures came back incomplete");
    if (running == 0 || (double)running < RUNNING_MIN * (double)enabled)
        return refuse(group, "the counters were shared with another user for over 5 % of the time");
    double scale = (double)enabled / (double)running;
    bool all_zero = true;
    for (unsigned i = 0; i < group->count; i++) {
        uint64_t value = UINT64_MAX;
        for (unsigned k = 0; k < found; k++)
            if (raw[3 + 2 * k + 1] == group->ids[i])
                value = raw[3 + 2 * k];
        if (value == UINT64_MAX)
            return refuse(group, "the group's figures came back without their event");
        values[i] = (double)value * scale;
        all_zero = all_zero && value == 0;
    }
    if (all_zero && group->refuse_all_zero)
        return refuse(group, "every counter stayed at zero: this PMU counts nothing");
    return true;
}

bool counters_read(struct counter_group *group, double *values)
{
    if (!group->open)
        return false;
    uint64_t raw[3 + 2 * COUNTER_GROUP_MAX];
    ssize_t length = read(group->descriptors[0], raw, sizeof raw);
    /* 0 bytes: a pinned leader that never got its counter. */
    if (length < (ssize_t)((3 + 2 * group->count) * sizeof raw[0]))
        return refuse(group, length == 0 ? "another user holds the counters"
                                         : "reading the counters failed");
    return counters_scale(group, raw, values);
}

void counters_close(struct counter_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        if (group->descriptors[i] >= 0)
            close(group->descriptors[i]);
        group->descriptors[i] = -1;
    }
    group->open = false;
}

void counters_refuse(struct counter_group *group, const char *reason)
{
    counters_close(group);
    refuse(group, reason);
}

void counters_report_sum(struct counter_group *const *groups, unsigned group_count, double ops,
                         struct report *report)
{
    double values[COUNTER_GROUP_MAX] = {0};
    bool valid = true;
    const struct counter_group *group = groups[0]; /* whose figures are missing, if any are */
    for (unsigned g = 0; valid && g < group_count; g++) {
        double one[COUNTER_GROUP_MAX];
        group = groups[g];
        valid = counters_read(groups[g], one);
        for (unsigned i = 0; valid && i < group->count; i++)
            values[i] += one[i];
    }
    for (unsigned i = 0; i < group->count; i++) {
        char metric[64];
        snprintf(metric, sizeof metric, "%s_per_op", group->events[i].metric);
        if (valid)
            report_measure(report, metric, values[i] / ops, group->events[i].unit, group->source);
        else
            report_missing(report, metric, group->events[i].unit, group->reason);
    }
}

void counters_report(struct counter_group *group, double ops, struct report *report)
{
    counters_report_sum(&group, 1, ops, report);
}
