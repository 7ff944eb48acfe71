/* The JSON of --describe. */
#include "harness/runner/describe.h"

#include <string.h>

#include "harness/trial.h"

static void put_string(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}

static void put_capabilities(FILE *out)
{
    static const char *const names[] = {"frees_individually",   "releases_in_bulk",
                                        "pooled_api",           "threads",
                                        "frees_across_threads", "is_floor"};
    const char *comma = "";
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(backend.capabilities & 1u << i))
            continue;
        fputs(comma, out);
        put_string(out, names[i]);
        comma = ", ";
    }
}

static void put_parameters(FILE *out, const struct workload_parameter *parameter)
{
    const char *comma = "";
    for (; parameter && parameter->name; parameter++) {
        fprintf(out, "%s{\"name\": ", comma);
        put_string(out, parameter->name);
        fputs(", \"value\": ", out);
        put_string(out, parameter->value);
        fputs(", \"description\": ", out);
        put_string(out, parameter->description);
        putc('}', out);
        comma = ", ";
    }
}

bool backend_offers(enum strategy strategy)
{
    if (strategy == STRATEGY_OWNED)
        return true;
    if (strategy == STRATEGY_LIBCSV)
        return strcmp(backend.name, BASELINE_BACKEND) == 0;
    return (backend.capabilities & ALLOCATOR_POOLED_API) != 0;
}

bool workload_offers(const struct workload *workload, enum strategy strategy)
{
    return workload->pass[strategy][PASS_TIMED] != NULL &&
           !(strategy == STRATEGY_OWNED && workload->frees_across &&
             !(backend.capabilities & ALLOCATOR_FREES_ACROSS_THREADS));
}

/* Those of the workload on whatever backend, since the driver asks one runner for all; or those of
 * the backend where it is NULL. */
static void put_strategies(FILE *out, const struct workload *workload)
{
    const char *comma = "";
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        enum strategy strategy = (enum strategy)i;
        if (!(workload ? workload->pass[strategy][PASS_TIMED] != NULL : backend_offers(strategy)))
            continue;
        fputs(comma, out);
        put_string(out, strategy_names[i]);
        comma = ", ";
    }
}

const struct workload *find_workload(const char *name)
{
    for (const struct workload *const *entry = __start_workloads; entry < __stop_workloads; entry++)
        if (strcmp((*entry)->name, name) == 0)
            return *entry;
    return NULL;
}

bool describe(FILE *out)
{
    fputs("{\"backend\": ", out);
    put_string(out, backend.name);
    fputs(", \"provider\": ", out);
    put_string(out, backend.provider);
    fputs(", \"capabilities\": [", out);
    put_capabilities(out);
    fputs("],\n \"strategies\": [", out);
    put_strategies(out, NULL);
    fputs("],\n \"workloads\": [", out);
    const char *comma = "";
    for (const struct workload *const *entry = __start_workloads; entry < __stop_workloads;
         entry++) {
        fprintf(out, "%s\n  {\"name\": ", comma);
        put_string(out, (*entry)->name);
        fputs(", \"description\": ", out);
        put_string(out, (*entry)->description);
        fputs(", \"op\": ", out);
        put_string(out, (*entry)->op);
        fprintf(out, ", \"litter\": %g, \"thread_counts\": ", (*entry)->litter);
        put_string(out, (*entry)->thread_counts ? (*entry)->thread_counts : "1");
        fprintf(out, ", \"copies\": %s, \"latency\": %s, \"frees_across\": %s, \"strategies\": [",
                (*entry)->threads == WORKLOAD_COPIES ? "true" : "false",
                (*entry)->no_latency ? "false" : "true", (*entry)->frees_across ? "true" : "false");
        put_strategies(out, *entry);
        fputs("], \"parameters\": [", out);
        put_parameters(out, (*entry)->parameters);
        fputs("]}", out);
        comma = ",";
    }
    fputs("]}\n", out);
    return fflush(out) == 0 && !ferror(out);
}
