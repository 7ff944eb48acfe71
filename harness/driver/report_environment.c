/* The report's chapter on the machine, the build and the run's outcome. */
#include <stdlib.h>
#include <string.h>

#include "harness/driver/markdown.h"
#include "harness/driver/report_parts.h"

const char *report_word(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : "unknown";
}

static void put_row(FILE *out, const char *name, const char *text)
{
    fputs("|", out);
    markdown_cell(out, name);
    markdown_cell(out, text);
    putc('\n', out);
}

static json_int_t whole(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void put_machine(FILE *out, const json_t *environment)
{
    const json_t *machine = json_object_get(environment, "machine");
    const json_t *settings = json_object_get(environment, "settings");
    const json_t *hypervisor = json_object_get(machine, "hypervisor");
    char text[600];
    size_t i, used = 0;
    json_t *item = NULL;
    snprintf(text, sizeof text,
             "%.200s, %" JSON_INTEGER_FORMAT " usable; trials on CPU %" JSON_INTEGER_FORMAT,
             report_word(machine, "cpu"), whole(machine, "cpus"), whole(machine, "trial_cpu"));
    put_row(out, "CPU", text);
    text[0] = 0;
    json_array_foreach(json_object_get(machine, "caches"), i, item)
    {
        if (used >= sizeof text)
            break;
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%sL%" JSON_INTEGER_FORMAT " %.20s %" JSON_INTEGER_FORMAT " KiB",
                                 used ? ", " : "", whole(item, "level"), report_word(item, "type"),
                                 whole(item, "bytes") / 1024);
    }
    put_row(out, "caches", used ? text : "unknown");
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT " MiB",
             whole(machine, "memory_bytes") / 1048576);
    put_row(out, "memory", text);
    put_row(out, "hypervisor",
            json_is_null(hypervisor) ? "none" : report_word(machine, "hypervisor"));
    put_row(out, "kernel", report_word(machine, "kernel"));
    put_row(out, "C library", report_word(environment, "libc"));
    put_row(out, "transparent huge pages", report_word(settings, "thp"));
    put_row(out, "address randomisation", report_word(settings, "aslr"));
    put_row(out, "frequency governor", report_word(settings, "governor"));
}

static void put_build(FILE *out, const json_t *environment)
{
    const json_t *build = json_object_get(environment, "apportion");
    const json_t *compiler = json_object_get(environment, "compiler");
    const json_t *counters = json_object_get(environment, "counters");
    const json_t *load = json_object_get(environment, "load");
    char text[900];
    snprintf(text, sizeof text, "%.300s, %.300s", report_word(compiler, "name"),
             report_word(compiler, "flags"));
    put_row(out, "compiler", text);
    snprintf(text, sizeof text, "%.60s, commit %.60s%s", report_word(build, "version"),
             report_word(build, "commit"),
             json_is_true(json_object_get(build, "dirty")) ? ", with uncommitted changes" : "");
    put_row(out, "apportion", text);
    snprintf(text, sizeof text, "tier %.20s: %.400s", report_word(counters, "tier"),
             report_word(counters, "why"));
    put_row(out, "counters", text);
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
             whole(json_object_get(environment, "plan"), "seed"));
    put_row(out, "seed", text);
    snprintf(text, sizeof text, "%.100s; %.100s", report_word(load, "before"),
             report_word(load, "after"));
    put_row(out, "load before, after", text);
}

/* A share as per cent; "n/a" where there is none. */
static void share_text(char *text, size_t size, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        snprintf(text, size, "%.1f %%", 100 * json_number_value(value));
    else
        snprintf(text, size, "n/a");
}

static void put_outcome(FILE *out, const json_t *environment)
{
    const json_t *outcome = json_object_get(environment, "outcome");
    const json_t *wall = json_object_get(outcome, "wall_s");
    char text[600], share[24], took[48] = "";
    size_t i;
    json_t *item = NULL;
    if (json_is_number(wall))
        snprintf(took, sizeof took, ", %.1f s", json_number_value(wall));
    share_text(share, sizeof share, outcome, "overhead_share");
    snprintf(text, sizeof text,
             "%.60s%s; %s of the timed rounds' wall time outside measured batches",
             report_word(outcome, "status"), took, share);
    put_row(out, "outcome", text);
    json_array_foreach(json_object_get(outcome, "workloads"), i, item)
    {
        share_text(share, sizeof share, item, "half_width");
        snprintf(text, sizeof text,
                 "%" JSON_INTEGER_FORMAT " timed rounds, stopped by %.100s; widest half-width %s",
                 whole(item, "rounds"), report_word(item, "stopped_by"), share);
        put_row(out, report_word(item, "name"), text);
    }
    json_array_foreach(json_object_get(json_object_get(environment, "plan"), "workloads"), i, item)
    {
        const char *note = report_word(item, "note");
        if (*note && strcmp(note, "unknown") != 0)
            put_row(out, report_word(item, "name"), note);
    }
}

void report_environment(FILE *out, const json_t *environment)
{
    size_t i;
    json_t *item = NULL;
    fputs("## Machine and build\n\n| what | |\n|---|---|\n", out);
    put_machine(out, environment);
    put_build(out, environment);
    put_outcome(out, environment);
    fputs("\n| backend | malloc served by | build-id | version |\n|---|---|---|---|\n", out);
    json_array_foreach(json_object_get(environment, "backends"), i, item)
    {
        static const char *const keys[] = {"name", "provider_file", "build_id", "version"};
        fputs("|", out);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            markdown_cell(out, report_word(item, keys[k]));
        putc('\n', out);
    }
    putc('\n', out);
}
