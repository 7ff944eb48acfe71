/* Gathering facts, writing and reading environment.json. */
#include "harness/driver/environment.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "harness/driver/csv.h"
#include "harness/driver/trial.h"

#define VERSION "0.1.0"

/* First line of a file, or NULL. */
static json_t *file_line(const char *path)
{
    char line[512];
    FILE *in = fopen(path, "re");
    if (!in)
        return json_null();
    char *got = fgets(line, sizeof line, in);
    fclose(in);
    if (!got)
        return json_null();
    line[strcspn(line, "\n")] = 0;
    return json_string(line);
}

/* The value behind "key" and a colon in a file of such lines. */
static json_t *file_value(const char *path, const char *key)
{
    char line[4096];
    json_t *value = NULL;
    FILE *in = fopen(path, "re");
    while (in && !value && fgets(line, sizeof line, in)) {
        size_t length = strlen(key);
        if (strncmp(line, key, length) != 0)
            continue;
        char *at = line + length + strspn(line + length, " \t:");
        at[strcspn(at, "\n")] = 0;
        value = json_string(at);
    }
    if (in)
        fclose(in);
    return value ? value : json_null();
}

/* Output of a command's first line, or null. */
static json_t *command_line(const char *command)
{
    char line[512] = "";
    FILE *in = popen(command, "re");
    if (!in)
        return json_null();
    char *got = fgets(line, sizeof line, in);
    int status = pclose(in);
    line[strcspn(line, "\n")] = 0;
    return got && status == 0 ? json_string(line) : json_null();
}

static json_t *caches_of(const struct topology *topology)
{
    struct topology_cache caches[8];
    json_t *array = json_array();
    size_t count = topology_caches(topology, caches, 8);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            array, json_pack("{s:i, s:s, s:I, s:i, s:i, s:i}", "level", (int)caches[i].level,
                             "type", caches[i].type, "bytes", (json_int_t)caches[i].bytes, "ways",
                             caches[i].ways, "line_bytes", (int)caches[i].line_bytes, "shared_by",
                             (int)caches[i].shared_by));
    return array;
}

/* What the processor says of its hypervisor (CPUID leaf 0x40000000), null without one. */
static json_t *hypervisor_of(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    char name[13] = "";
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
        return json_null();
    __cpuid(0x40000000, a, b, c, d);
    memcpy(name, &b, 4);
    memcpy(name + 4, &c, 4);
    memcpy(name + 8, &d, 4);
    json_t *text = json_string(name); /* "KVMKVMKVM", "Microsoft Hv", "VMwareVMware" */
    return text && *name ? text : json_string("yes, of an unknown kind");
#else
    return file_line("/sys/hypervisor/type");
#endif
}

static json_t *machine_of(const struct topology *topology)
{
    struct utsname name;
    char kernel[300] = "";
    if (uname(&name) == 0)
        snprintf(kernel, sizeof kernel, "%s %s %s", name.sysname, name.release, name.machine);
    json_t *machine = json_object();
    json_t *cpu = file_value("/proc/cpuinfo", "model name");
    if (json_is_null(cpu))
        cpu = json_string("unknown");
    json_object_set_new(machine, "cpu", cpu);
    json_object_set_new(machine, "cpus", json_integer(topology_processors(topology)));
    json_object_set_new(machine, "trial_cpu", json_integer(topology_trial_processor(topology)));
    json_object_set_new(machine, "memory_bytes",
                        json_integer((json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
    json_object_set_new(machine, "caches", caches_of(topology));
    json_object_set_new(machine, "hypervisor", hypervisor_of());
    json_object_set_new(machine, "kernel", json_string(kernel));
    return machine;
}

static json_t *settings_of(void)
{
    char scrubbed[512];
    spawn_scrubbed(scrubbed, sizeof scrubbed);
    json_t *settings = json_object();
    json_object_set_new(settings, "thp", file_line("/sys/kernel/mm/transparent_hugepage/enabled"));
    json_object_set_new(settings, "aslr", file_line("/proc/sys/kernel/randomize_va_space"));
    json_object_set_new(settings, "governor",
                        file_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
    json_object_set_new(settings, "perf_event_paranoid",
                        file_line("/proc/sys/kernel/perf_event_paranoid"));
    json_object_set_new(settings, "scrubbed_environment", json_string(scrubbed));
    return settings;
}

/* Time the hypervisor took from this machine, in clock ticks since boot. */
static json_t *steal_ticks(void)
{
    json_t *line = file_line("/proc/stat");
    const char *text = json_string_value(line);
    unsigned long long steal = 0;
    bool found = text && sscanf(text, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) == 1;
    json_decref(line);
    return found ? json_integer((json_int_t)steal) : json_null();
}

static json_t *git_facts(void)
{
    char here[2048] = "", command[2200];
    ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    here[length > 0 ? length : 0] = 0;
    char *slash = strrchr(here, '/');
    if (slash)
        *slash = 0;
    if (strchr(here, '\''))
        here[0] = 0;
    json_t *facts = json_object();
    json_object_set_new(facts, "version", json_string(VERSION));
    snprintf(command, sizeof command, "git -C '%s' rev-parse HEAD 2>/dev/null", here);
    json_object_set_new(facts, "commit", command_line(command));
    /* What a run writes below results/ is no change of the program. */
    snprintf(
        command, sizeof command,
        "git -C '%s' status --porcelain -- ':/' ':(top,exclude)results' ':(top,exclude)README.md'"
        " 2>/dev/null | head -n 1 | grep -q . && echo dirty || echo clean",
        here);
    json_t *state = command_line(command);
    bool known = !json_is_null(json_object_get(facts, "commit")) && json_is_string(state);
    json_object_set_new(facts, "dirty",
                        known ? json_boolean(strcmp(json_string_value(state), "dirty") == 0)
                              : json_null());
    json_decref(state);
    return facts;
}

json_t *environment_make(const char *run, int argument_count, char **arguments,
                         const struct topology *topology, struct error *error)
{
    char utc[32], libc[64], command[4096] = "apportion";
    size_t used = strlen(command);
    for (int i = 1; i < argument_count && used < sizeof command - 1; i++) {
        int added = snprintf(command + used, sizeof command - used, " %s", arguments[i]);
        used += added > 0 ? (size_t)added : 0;
    }
    trial_utc(utc, sizeof utc);
    snprintf(libc, sizeof libc, "glibc %s", gnu_get_libc_version());
    json_t *environment = json_object();
    if (!environment) {
        error_set(error, "no memory");
        return NULL;
    }
    json_object_set_new(environment, "run", json_string(run));
    json_object_set_new(environment, "created_utc", json_string(utc));
    json_object_set_new(environment, "apportion", git_facts());
    json_t *text = json_string(command); /* NULL where it is not UTF-8 */
    json_object_set_new(environment, "command", text ? text : json_string("(not UTF-8)"));
    json_object_set_new(environment, "machine", machine_of(topology));
    json_object_set_new(environment, "settings", settings_of());
    json_object_set_new(environment, "libc", json_string(libc));
    json_object_set_new(environment, "compiler",
                        json_pack("{s:s, s:s}", "name", BUILD_COMPILER, "flags", BUILD_FLAGS));
    json_object_set_new(environment, "backends", json_array());
    json_object_set_new(environment, "load",
                        json_pack("{s:o, s:n}", "before", file_line("/proc/loadavg"), "after"));
    json_object_set_new(environment, "steal",
                        json_pack("{s:o, s:n}", "before", steal_ticks(), "after"));
    json_object_set_new(environment, "outcome",
                        json_pack("{s:s, s:[]}", "status", "running", "workloads"));
    return environment;
}

static json_t *list_of(const struct option_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

/* The sentinel is the baseline once more, and not listed. */
static json_t *cells_of(const struct plan *plan, const struct plan_workload *workload)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < workload->cell_count; i++) {
        const struct cell *cell = &plan->cells[workload->cells[i]];
        if (!cell->sentinel)
            json_array_append_new(cells,
                                  json_pack("{s:s, s:s, s:I, s:f}", "backend", cell->backend->name,
                                            "strategy", strategy_names[cell->strategy], "threads",
                                            (json_int_t)cell->threads, "litter", cell->litter));
    }
    return cells;
}

void environment_set_plan(json_t *environment, const struct plan *plan,
                          const struct options *options)
{
    json_t *workloads = json_array();
    for (size_t i = 0; i < plan->workload_count; i++) {
        const struct plan_workload *workload = &plan->workloads[i];
        json_t *parameters = json_object();
        for (size_t k = 0; k < workload->parameter_count; k++) {
            const char *equals = strchr(workload->parameters[k], '=');
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)(equals - workload->parameters[k]),
                     workload->parameters[k]);
            json_t *value = json_string(equals + 1);
            json_object_set_new(parameters, name, value ? value : json_string("(not UTF-8)"));
        }
        json_array_append_new(
            workloads,
            json_pack("{s:s, s:o, s:o, s:I, s:I, s:f, s:s}", "name", workload->workload->name,
                      "parameters", parameters, "cells", cells_of(plan, workload), "passes",
                      (json_int_t)workload->passes, "batches", (json_int_t)workload->batches,
                      "slowest_trial_s", workload->slowest_s, "note", workload->note));
        json_t *planned = json_array_get(workloads, i);
        json_object_set_new(planned, "latency_passes",
                            json_integer((json_int_t)workload->latency_passes));
        json_object_set_new(planned, "has_counters", json_boolean(workload->has_counters));
    }
    json_object_set_new(
        environment, "plan",
        json_pack("{s:I, s:f, s:I, s:f, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "seed",
                  (json_int_t)plan->seed, "budget_s", options->budget, "rounds",
                  (json_int_t)options->rounds, "timeout_s", options->timeout, "chunk",
                  (json_int_t)options->chunk, "workload_names", list_of(&options->workloads),
                  "backend_names", list_of(&options->backends), "strategy_names",
                  list_of(&options->strategies), "parameter_values", list_of(&options->parameters),
                  "preloads", list_of(&options->preloads), "workloads", workloads));
    json_t *made = json_object_get(environment, "plan");
    json_object_set_new(made, "pool_limit", json_integer((json_int_t)options->pool_limit));
    json_object_set_new(made, "kinds", list_of(&options->kinds));
    json_object_set_new(made, "threads", list_of(&options->threads));
    json_object_set_new(made, "litters", list_of(&options->litters));
    json_object_set_new(made, "cache", json_string(cache_choice_names[options->cache]));
}

void environment_set_identity(json_t *environment, const struct backend *backend,
                              const char *identity)
{
    char file[4096] = "", build_id[160] = "", version[160] = "";
    sscanf(identity, "%4095s %159s %159[^\n]", file, build_id, version);
    json_t *capabilities = json_array();
    char names[256];
    snprintf(names, sizeof names, "%s", backend->capabilities);
    char *rest = names;
    for (char *name; (name = strsep(&rest, " ")) != NULL;)
        json_array_append_new(capabilities, json_string(name));
    json_array_append_new(json_object_get(environment, "backends"),
                          json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", backend->name,
                                    "provider_file", file, "build_id", build_id, "version", version,
                                    "capabilities", capabilities));
}

void environment_set_counters(json_t *environment, const char *tier, const char *why)
{
    json_object_set_new(environment, "counters", json_pack("{s:s, s:s}", "tier", tier, "why", why));
}

void environment_set_simulation(json_t *environment, const char *source, const char *why_not)
{
    json_object_set_new(environment, "simulation",
                        why_not[0] ? json_pack("{s:n, s:s}", "source", "why", why_not)
                                   : json_pack("{s:s}", "source", source));
}

void environment_set_workload_outcome(json_t *environment, const char *workload, uint64_t rounds,
                                      const char *stopped_by, double half_width)
{
    json_t *array = json_object_get(json_object_get(environment, "outcome"), "workloads");
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "name")), workload) == 0) {
            json_array_remove(array, i);
            break;
        }
    }
    json_t *width = json_real(half_width); /* NULL where it is not finite */
    json_array_append_new(array, json_pack("{s:s, s:I, s:s, s:o}", "name", workload, "rounds",
                                           (json_int_t)rounds, "stopped_by", stopped_by,
                                           "half_width", width ? width : json_null()));
}

void environment_set_outcome(json_t *environment, const char *status, double wall, double measured,
                             double timed)
{
    json_t *outcome = json_object_get(environment, "outcome");
    json_object_set_new(outcome, "status", json_string(status));
    json_object_set_new(outcome, "wall_s", json_real(wall));
    json_object_set_new(outcome, "measured_s", json_real(measured));
    json_object_set_new(outcome, "overhead_share",
                        timed > 0 ? json_real(1 - measured / timed) : json_null());
    json_object_set_new(json_object_get(environment, "load"), "after", file_line("/proc/loadavg"));
    json_object_set_new(json_object_get(environment, "steal"), "after", steal_ticks());
}

bool environment_write(const json_t *environment, const char *directory, struct error *error)
{
    struct csv_replacement file;
    if (!csv_replace(&file, directory, "environment.json", error))
        return false;
    json_dumpf(environment, file.out, JSON_INDENT(2));
    putc('\n', file.out);
    return csv_commit(&file, error);
}

json_t *environment_read(const char *directory, struct error *error)
{
    char path[4200];
    json_error_t problem;
    snprintf(path, sizeof path, "%s/environment.json", directory);
    json_t *environment = json_load_file(path, 0, &problem);
    if (!environment)
        error_set(error, "cannot read %s: %s", path, problem.text);
    return environment;
}

static bool read_list(const json_t *plan, const char *name, struct option_list *list)
{
    size_t i;
    json_t *item;
    list->count = 0;
    json_array_foreach(json_object_get(plan, name), i, item)
    {
        if (list->count == OPTIONS_LIST_MAX || !json_is_string(item))
            return false;
        list->items[list->count++] = json_string_value(item);
    }
    return true;
}

bool environment_options(const json_t *environment, struct options *options, struct error *error)
{
    const json_t *plan = json_object_get(environment, "plan");
    if (!json_is_object(plan))
        return error_set(error, "environment.json has no plan; begin the run anew");
    options->seed = (uint64_t)json_integer_value(json_object_get(plan, "seed"));
    options->seed_given = true;
    options->budget = json_number_value(json_object_get(plan, "budget_s"));
    options->timeout = json_number_value(json_object_get(plan, "timeout_s"));
    options->rounds = (uint64_t)json_integer_value(json_object_get(plan, "rounds"));
    options->chunk = (uint64_t)json_integer_value(json_object_get(plan, "chunk"));
    options->pool_limit = (uint64_t)json_integer_value(json_object_get(plan, "pool_limit"));
    const char *cache = json_string_value(json_object_get(plan, "cache"));
    size_t choice = trial_name_index(cache_choice_names, CACHE_CHOICE_COUNT, cache ? cache : "");
    options->cache = choice < CACHE_CHOICE_COUNT ? (enum cache_choice)choice : CACHE_AUTO;
    if (read_list(plan, "kinds", &options->kinds) &&
        read_list(plan, "threads", &options->threads) &&
        read_list(plan, "litters", &options->litters) &&
        read_list(plan, "workload_names", &options->workloads) &&
        read_list(plan, "backend_names", &options->backends) &&
        read_list(plan, "strategy_names", &options->strategies) &&
        read_list(plan, "parameter_values", &options->parameters) &&
        read_list(plan, "preloads", &options->preloads))
        return true;
    return error_set(error, "the plan in environment.json is damaged; begin the run anew");
}

bool environment_calibration(const json_t *environment, struct plan_workload *workload)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json_object_get(environment, "plan"), "workloads"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        if (!name || strcmp(name, workload->workload->name) != 0)
            continue;
        workload->passes = (uint64_t)json_integer_value(json_object_get(item, "passes"));
        workload->batches = (uint64_t)json_integer_value(json_object_get(item, "batches"));
        workload->slowest_s = json_number_value(json_object_get(item, "slowest_trial_s"));
        workload->latency_passes =
            (uint64_t)json_integer_value(json_object_get(item, "latency_passes"));
        workload->has_counters = json_is_true(json_object_get(item, "has_counters"));
        const char *note = json_string_value(json_object_get(item, "note"));
        snprintf(workload->note, sizeof workload->note, "%s", note ? note : "");
    }
    return workload->passes > 0 && workload->batches > 0;
}
