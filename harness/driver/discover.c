/* Asking runners for their description and reading its JSON. */
#include "harness/driver/discover.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/spawn.h"

static void copy_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void read_strategies(bool *strategies, json_t *array)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        const char *name = json_string_value(item);
        size_t index = trial_name_index(strategy_names, STRATEGY_NAME_COUNT, name ? name : "");
        if (index < STRATEGY_NAME_COUNT)
            strategies[index] = true;
    }
}

static bool read_workload(struct workload_text *workload, json_t *object)
{
    copy_text(workload->name, sizeof workload->name,
              json_string_value(json_object_get(object, "name")));
    copy_text(workload->description, sizeof workload->description,
              json_string_value(json_object_get(object, "description")));
    copy_text(workload->op, sizeof workload->op, json_string_value(json_object_get(object, "op")));
    read_strategies(workload->strategies, json_object_get(object, "strategies"));
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(object, "parameters"), i, item)
    {
        if (workload->parameter_count == 16)
            break;
        struct workload_parameter_text *parameter =
            &workload->parameters[workload->parameter_count++];
        const char *value = json_string_value(json_object_get(item, "value"));
        copy_text(parameter->name, sizeof parameter->name,
                  json_string_value(json_object_get(item, "name")));
        copy_text(parameter->description, sizeof parameter->description,
                  json_string_value(json_object_get(item, "description")));
        copy_text(parameter->value, sizeof parameter->value, value);
        parameter->required = value == NULL;
    }
    copy_text(workload->thread_counts, sizeof workload->thread_counts,
              json_string_value(json_object_get(object, "thread_counts")));
    workload->copies = !json_is_false(json_object_get(object, "copies"));
    workload->no_latency = json_is_false(json_object_get(object, "latency"));
    workload->frees_across = json_is_true(json_object_get(object, "frees_across"));
    workload->litter = json_number_value(json_object_get(object, "litter"));
    return workload->name[0] != 0 && workload->strategies[BASELINE_STRATEGY];
}

/* All runners have the same workloads: those of the first are taken. */
static bool read_workloads(struct catalogue *catalogue, json_t *array)
{
    size_t i;
    json_t *item;
    if (catalogue->workloads || json_array_size(array) == 0)
        return json_array_size(array) > 0;
    catalogue->workloads = calloc(json_array_size(array), sizeof *catalogue->workloads);
    if (!catalogue->workloads)
        return false;
    json_array_foreach(array, i,
                       item) if (!read_workload(&catalogue->workloads[catalogue->workload_count++],
                                                item)) return false;
    return true;
}

static bool read_backend(struct catalogue *catalogue, struct backend *backend, json_t *root)
{
    size_t i;
    json_t *item;
    copy_text(backend->name, sizeof backend->name,
              json_string_value(json_object_get(root, "backend")));
    copy_text(backend->provider, sizeof backend->provider,
              json_string_value(json_object_get(root, "provider")));
    read_strategies(backend->strategies, json_object_get(root, "strategies"));
    json_array_foreach(json_object_get(root, "capabilities"), i, item)
    {
        size_t used = strlen(backend->capabilities);
        snprintf(backend->capabilities + used, sizeof backend->capabilities - used, "%s%s",
                 used ? " " : "", json_string_value(item) ? json_string_value(item) : "");
    }
    return backend->name[0] && backend->provider[0] &&
           read_workloads(catalogue, json_object_get(root, "workloads"));
}

static bool ask_runner(struct catalogue *catalogue, const char *runner, double timeout,
                       struct error *error)
{
    char *const arguments[] = {(char *)(uintptr_t)runner, "--describe", NULL};
    char *text;
    if (!spawn_output(arguments, timeout, &text, error))
        return error_prefix(error, "runner %s does not describe itself", runner);
    json_error_t problem;
    json_t *root = json_loads(text, 0, &problem);
    free(text);
    struct backend *backends =
        realloc(catalogue->backends, (catalogue->backend_count + 1) * sizeof *backends);
    if (backends)
        catalogue->backends = backends;
    bool done = false;
    if (!backends) {
        error_set(error, "no memory");
    } else if (root) {
        struct backend *backend = &backends[catalogue->backend_count];
        memset(backend, 0, sizeof *backend);
        copy_text(backend->runner, sizeof backend->runner, runner);
        done = read_backend(catalogue, backend, root);
        if (done && catalogue_backend(catalogue, backend->name)) {
            error_set(error, "runner %s: another runner has the backend %s already", runner,
                      backend->name);
            done = false;
        } else if (!done) {
            error_set(error,
                      "runner %s: its description lacks backend, provider or workloads "
                      "with owned among their strategies",
                      runner);
        }
        if (done)
            catalogue->backend_count++;
    } else {
        error_set(error, "runner %s: its description is not JSON: %s", runner, problem.text);
    }
    json_decref(root);
    return done;
}

static bool add_preload(struct catalogue *catalogue, const char *text, struct error *error)
{
    const char *equals = strchr(text, '=');
    const char *path = equals + 1;
    const struct backend *base = catalogue_backend(catalogue, BASELINE_BACKEND);
    struct backend preloaded = *base;
    /* The library's own strategies and owned; a peer is one row beside the baseline. */
    preloaded.strategies[PEER_STRATEGY] = false;
    snprintf(preloaded.name, sizeof preloaded.name, "%.*s", (int)(equals - text), text);
    for (const char *c = preloaded.name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-", *c))
            return error_set(error, "preload name '%s' has a '%c'; take letters, digits, _ . + -",
                             preloaded.name, *c);
    if (catalogue_backend(catalogue, preloaded.name))
        return error_set(error, "preload name '%s' is a backend already; choose another",
                         preloaded.name);
    char resolved[PATH_MAX];
    if (!realpath(path, resolved))
        return error_set(error, "preload library %s: %s; give the path of a malloc library", path,
                         strerror(errno));
    if (access(resolved, R_OK) != 0 || strpbrk(resolved, " :"))
        return error_set(error,
                         "preload library %s cannot be read or has a space or colon in its path",
                         resolved);
    copy_text(preloaded.preload, sizeof preloaded.preload, resolved);
    copy_text(preloaded.provider, sizeof preloaded.provider, resolved);
    struct backend *backends =
        realloc(catalogue->backends, (catalogue->backend_count + 1) * sizeof *backends);
    if (!backends)
        return error_set(error, "no memory");
    catalogue->backends = backends;
    backends[catalogue->backend_count++] = preloaded;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct backend *left = a, *right = b;
    bool left_base = strcmp(left->name, BASELINE_BACKEND) == 0;
    bool right_base = strcmp(right->name, BASELINE_BACKEND) == 0;
    if (left_base != right_base)
        return left_base ? -1 : 1;
    return strcmp(left->name, right->name);
}

static int by_workload_name(const void *a, const void *b)
{
    return strcmp(((const struct workload_text *)a)->name, ((const struct workload_text *)b)->name);
}

bool catalogue_load(struct catalogue *catalogue, const struct options *options, struct error *error)
{
    memset(catalogue, 0, sizeof *catalogue);
    DIR *directory = opendir(options->runners);
    if (!directory)
        return error_set(error, "no runners in %s: %s; `make` builds them", options->runners,
                         strerror(errno));
    bool done = true;
    for (struct dirent *entry; done && (entry = readdir(directory)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", options->runners, entry->d_name) >=
                (int)sizeof path ||
            access(path, X_OK) != 0)
            continue;
        done = ask_runner(catalogue, path, options->timeout, error);
    }
    closedir(directory);
    if (done && !catalogue_backend(catalogue, BASELINE_BACKEND))
        done = error_set(error, "no runner of the baseline backend %s in %s; `make` builds it",
                         BASELINE_BACKEND, options->runners);
    for (size_t i = 0; done && i < options->preloads.count; i++)
        done = add_preload(catalogue, options->preloads.items[i], error);
    if (!done) {
        catalogue_free(catalogue);
        return false;
    }
    qsort(catalogue->backends, catalogue->backend_count, sizeof *catalogue->backends, by_name);
    qsort(catalogue->workloads, catalogue->workload_count, sizeof *catalogue->workloads,
          by_workload_name);
    return true;
}

void catalogue_free(struct catalogue *catalogue)
{
    free(catalogue->backends);
    free(catalogue->workloads);
    memset(catalogue, 0, sizeof *catalogue);
}

bool backend_can(const struct backend *backend, const char *capability)
{
    size_t length = strlen(capability);
    for (const char *at = backend->capabilities; (at = strstr(at, capability)); at += length)
        if ((at == backend->capabilities || at[-1] == ' ') && strchr(" ", at[length]))
            return true;
    return false;
}

const struct backend *catalogue_backend(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->backend_count; i++)
        if (strcmp(catalogue->backends[i].name, name) == 0)
            return &catalogue->backends[i];
    return NULL;
}

const struct workload_text *catalogue_workload(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->workload_count; i++)
        if (strcmp(catalogue->workloads[i].name, name) == 0)
            return &catalogue->workloads[i];
    return NULL;
}

static void print_strategies(const bool *strategies, FILE *out)
{
    for (size_t s = 0; s < STRATEGY_NAME_COUNT; s++)
        if (strategies[s])
            fprintf(out, " %s", strategy_names[s]);
}

void catalogue_print(const struct catalogue *catalogue, FILE *out)
{
    fputs("backends:\n", out);
    for (size_t i = 0; i < catalogue->backend_count; i++) {
        const struct backend *backend = &catalogue->backends[i];
        fprintf(out, "  %-12s", backend->name);
        print_strategies(backend->strategies, out);
        fprintf(out, "  (%s; malloc from %s)\n", backend->capabilities, backend->provider);
    }
    fputs("workloads:\n", out);
    for (size_t i = 0; i < catalogue->workload_count; i++) {
        const struct workload_text *workload = &catalogue->workloads[i];
        fprintf(out, "  %-18s %s; op = %s;", workload->name, workload->description, workload->op);
        print_strategies(workload->strategies, out);
        putc('\n', out);
        for (size_t k = 0; k < workload->parameter_count; k++) {
            const struct workload_parameter_text *parameter = &workload->parameters[k];
            fprintf(out, "    %s=%s  %s\n", parameter->name,
                    parameter->required ? "(must be given)" : parameter->value,
                    parameter->description);
        }
    }
}
