/* Names to cells; Williams squares; seeds. */
#include "harness/driver/plan.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* ---- seeds: one from several numbers (the finaliser of splitmix64) ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t hash_name(const char *name)
{
    uint64_t hash = 0;
    for (; *name; name++)
        hash = mix(hash, (unsigned char)*name);
    return hash;
}

uint64_t plan_input_seed(const struct plan *plan, size_t workload, uint64_t round)
{
    /* 32 bits are what GSL's generators take; fewer digits to type, too. */
    return mix(mix(plan->seed, hash_name(plan->workloads[workload].workload->name)), round) >> 32;
}

uint64_t plan_processors(const struct plan *plan, size_t workload, size_t cell,
                         enum trial_kind kind)
{
    const struct plan_workload *planned = &plan->workloads[workload];
    uint64_t most = plan->cells[cell].threads;
    if (most > 1 || kind != TRIAL_TIME)
        return most;
    for (size_t i = 0; i < planned->cell_count; i++)
        if (plan->cells[planned->cells[i]].threads > most)
            most = plan->cells[planned->cells[i]].threads;
    return most;
}

uint64_t plan_fixed_seed(const struct plan *plan, size_t workload)
{
    return mix(hash_name(plan->workloads[workload].workload->name), 0) >> 32;
}

uint64_t plan_noise(const struct plan *plan, uint64_t trial, unsigned use, uint64_t n)
{
    return mix(mix(plan->seed, trial), use) % n;
}

/* ---- order ---- */

uint64_t plan_square(const struct plan *plan, size_t workload)
{
    size_t n = plan->workloads[workload].cell_count;
    return n % 2 ? 2 * n : n;
}

void plan_order(const struct plan *plan, size_t workload, enum trial_kind kind, uint64_t round,
                size_t *order)
{
    const struct plan_workload *planned = &plan->workloads[workload];
    size_t n = planned->cell_count;
    uint64_t square = round / plan_square(plan, workload);
    size_t row = (size_t)(round % plan_square(plan, workload));
    bool mirrored = row >= n; /* the second half of an odd square */
    size_t shift = row % n;
    size_t *labels = malloc(n * sizeof *labels);
    gsl_rng *rng = labels ? gsl_rng_alloc(gsl_rng_mt19937) : NULL;
    if (!rng)
        abort(); /* a few hundred bytes */
    uint64_t seed =
        mix(mix(mix(plan->seed, hash_name(planned->workload->name)), (uint64_t)kind), square);
    gsl_rng_set(rng, (unsigned long)(seed >> 32));
    memcpy(labels, planned->cells, n * sizeof *labels);
    gsl_ran_shuffle(rng, labels, n, sizeof *labels);
    /* The first row of a Williams square is 0, 1, n-1, 2, n-2, …; each further row adds one. */
    for (size_t i = 0; i < n; i++) {
        size_t zigzag = i == 0 ? 0 : i % 2 ? (i + 1) / 2 : n - i / 2;
        size_t position = mirrored ? n - 1 - i : i;
        order[position] = labels[(zigzag + shift) % n];
    }
    gsl_rng_free(rng);
    free(labels);
}

/* ---- names ---- */

static bool in_list(const struct option_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return list->count == 0;
}

static void append_name(char *text, size_t size, const char *name)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}

static bool check_names(const struct catalogue *catalogue, const struct options *options,
                        struct error *error)
{
    char known[300] = "";
    for (size_t i = 0; i < options->backends.count; i++) {
        if (catalogue_backend(catalogue, options->backends.items[i]))
            continue;
        for (size_t k = 0; k < catalogue->backend_count; k++)
            append_name(known, sizeof known, catalogue->backends[k].name);
        return error_set(error, "unknown backend '%s'; there are %s", options->backends.items[i],
                         known);
    }
    for (size_t i = 0; i < options->workloads.count; i++) {
        if (catalogue_workload(catalogue, options->workloads.items[i]))
            continue;
        for (size_t k = 0; k < catalogue->workload_count; k++)
            append_name(known, sizeof known, catalogue->workloads[k].name);
        return error_set(error, "unknown workload '%s'; there are %s", options->workloads.items[i],
                         known);
    }
    for (size_t i = 0; i < options->kinds.count; i++)
        if (trial_name_index(trial_kind_names, TRIAL_KIND_COUNT, options->kinds.items[i]) ==
            TRIAL_KIND_COUNT)
            return error_set(error,
                             "unknown kind '%s'; there are count, memory, cache, latency, time",
                             options->kinds.items[i]);
    for (size_t i = 0; i < options->strategies.count; i++)
        if (trial_name_index(strategy_names, STRATEGY_NAME_COUNT, options->strategies.items[i]) ==
            STRATEGY_NAME_COUNT)
            return error_set(error,
                             "unknown strategy '%s'; there are owned, pooled, view, libcsv, pinned",
                             options->strategies.items[i]);
    return true;
}

/* The cells of one state of the heap, at one number of threads. */
static void add_state(struct plan *plan, const struct catalogue *catalogue,
                      const struct options *options, uint64_t threads, double litter)
{
    const struct backend *baseline = catalogue_backend(catalogue, BASELINE_BACKEND);
    size_t first = plan->cell_count;
    for (unsigned i = 0; i < 2; i++)
        plan->cells[plan->cell_count++] =
            (struct cell){baseline, BASELINE_STRATEGY, threads, litter, first, i == 1};
    for (size_t b = 0; b < catalogue->backend_count; b++) {
        const struct backend *backend = &catalogue->backends[b];
        /* A preload was asked for by name already. */
        if (!backend->preload[0] && !in_list(&options->backends, backend->name))
            continue;
        if (threads > 1 && !backend_can(backend, "threads"))
            continue;
        for (unsigned s = 0; s < STRATEGY_NAME_COUNT; s++) {
            bool is_baseline = backend == baseline && s == BASELINE_STRATEGY;
            if (backend->strategies[s] && !is_baseline &&
                in_list(&options->strategies, strategy_names[s]))
                plan->cells[plan->cell_count++] =
                    (struct cell){backend, s, threads, litter, first, false};
        }
    }
}

/* A set of numbers, each once, in the order in which they came. */
struct numbers {
    double *items;
    size_t count;
};

static void add_number(struct numbers *numbers, double number)
{
    for (size_t i = 0; i < numbers->count; i++)
        if (numbers->items[i] == number)
            return;
    numbers->items[numbers->count++] = number;
}

/* "1,2,8"; "" is 1 */
static void add_numbers(struct numbers *numbers, const char *text)
{
    for (char *end; *text; text = *end ? end + 1 : end)
        add_number(numbers, strtod(text, &end));
}

static bool has_number(const char *text, uint64_t number)
{
    if (!*text)
        return number == 1;
    for (char *end; *text; text = *end ? end + 1 : end)
        if (strtoull(text, &end, 10) == number)
            return true;
    return false;
}

/* Numbers of threads, and beside a clean heap the littered ones: those that are named, or else
 * those that workloads say. */
static bool add_cells(struct plan *plan, const struct catalogue *catalogue,
                      const struct options *options, struct error *error)
{
    double thread_room[OPTIONS_LIST_MAX + 32 * OPTIONS_LIST_MAX];
    double litter_room[1 + OPTIONS_LIST_MAX + 128];
    struct numbers threads = {thread_room, 0}, litters = {litter_room, 0};
    add_number(&litters, 0);
    for (size_t i = 0; i < options->threads.count; i++)
        add_number(&threads, strtod(options->threads.items[i], NULL));
    for (size_t i = 0; i < options->litters.count; i++)
        add_number(&litters, strtod(options->litters.items[i], NULL));
    if (options->threads.count == 0)
        add_number(&threads, 1);
    for (size_t i = 0; i < catalogue->workload_count; i++) {
        if (options->threads.count == 0 && threads.count < OPTIONS_LIST_MAX)
            add_numbers(&threads, catalogue->workloads[i].thread_counts);
        if (options->litters.count == 0 && litters.count < OPTIONS_LIST_MAX)
            add_number(&litters, catalogue->workloads[i].litter);
    }
    plan->cells =
        calloc(threads.count * litters.count * (catalogue->backend_count * STRATEGY_NAME_COUNT + 2),
               sizeof *plan->cells);
    if (!plan->cells)
        return error_set(error, "no memory");
    for (size_t t = 0; t < threads.count; t++)
        for (size_t l = 0; l < litters.count; l++)
            add_state(plan, catalogue, options, (uint64_t)threads.items[t], litters.items[l]);
    return true;
}

/* The value given on the command line for a parameter, or NULL. */
static const char *given_value(const struct options *options, const char *name)
{
    size_t length = strlen(name);
    const char *value = NULL;
    for (size_t i = 0; i < options->parameters.count; i++)
        if (strncmp(options->parameters.items[i], name, length) == 0 &&
            options->parameters.items[i][length] == '=')
            value = options->parameters.items[i] + length + 1;
    return value;
}

/* Whether a parameter without a default is (given) or is not among those on the command line. */
static bool needs_parameter(const struct workload_text *workload, const struct options *options,
                            bool given)
{
    for (size_t i = 0; i < workload->parameter_count; i++)
        if (workload->parameters[i].required &&
            (given_value(options, workload->parameters[i].name) != NULL) == given)
            return true;
    return false;
}

static bool takes_parameter(const struct workload_text *workload, const char *text)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < workload->parameter_count; i++)
        if (strlen(workload->parameters[i].name) == length &&
            strncmp(workload->parameters[i].name, text, length) == 0)
            return true;
    return false;
}

/* Whether any parameter that was given is one of this workload's. */
static bool takes_any(const struct workload_text *workload, const struct options *options)
{
    for (size_t i = 0; i < options->parameters.count; i++)
        if (takes_parameter(workload, options->parameters.items[i]))
            return true;
    return false;
}

/* Without names: the workload that lacked just this parameter (an input means `file`), else all
 * that the given parameters are for, else all that need none. */
static bool is_meant(const struct workload_text *workload, const struct catalogue *catalogue,
                     const struct options *options)
{
    if (options->parameters.count == 0)
        return !needs_parameter(workload, options, false);
    bool lacked = false;
    for (size_t i = 0; i < catalogue->workload_count; i++)
        lacked = lacked || needs_parameter(&catalogue->workloads[i], options, true);
    return lacked ? needs_parameter(workload, options, true) : takes_any(workload, options);
}

/* Whether a cell's threads and litter are among those that the workload is to be measured at. Of
 * what it says itself the two are not crossed. */
static bool is_state_of(const struct workload_text *workload, const struct cell *cell,
                        const struct options *options)
{
    bool named_threads = options->threads.count > 0, named_litters = options->litters.count > 0;
    if (!named_threads && !has_number(workload->thread_counts, cell->threads))
        return false;
    if (cell->litter == 0)
        return true;
    if (!named_litters && (cell->litter != workload->litter || cell->threads > 1))
        return false;
    return cell->threads == 1 || workload->copies; /* each thread litters its own heap */
}

static bool offers(const struct workload_text *workload, const struct cell *cell)
{
    return workload->strategies[cell->strategy] &&
           !(workload->frees_across && cell->strategy == BASELINE_STRATEGY &&
             !backend_can(cell->backend, "frees_across_threads"));
}

/* Those of the plan's cells that the workload offers. */
static bool fill_cells(struct plan_workload *planned, const struct plan *plan,
                       const struct options *options, struct error *error)
{
    planned->cells = calloc(plan->cell_count, sizeof *planned->cells);
    if (!planned->cells)
        return error_set(error, "no memory");
    for (size_t i = 0; i < plan->cell_count; i++)
        if (offers(planned->workload, &plan->cells[i]) &&
            is_state_of(planned->workload, &plan->cells[i], options))
            planned->cells[planned->cell_count++] = i;
    return true;
}

static bool fill_parameters(struct plan_workload *planned, const struct options *options,
                            struct error *error)
{
    const struct workload_text *workload = planned->workload;
    for (size_t i = 0; i < workload->parameter_count; i++) {
        const struct workload_parameter_text *parameter = &workload->parameters[i];
        const char *value = given_value(options, parameter->name);
        if (!value && parameter->required)
            return error_set(error, "workload %s needs %s: %s (make run %s=…)", workload->name,
                             parameter->name, parameter->description,
                             strcmp(parameter->name, "input") == 0 ? "INPUT" : "PARAM");
        if (snprintf(planned->parameters[i], sizeof planned->parameters[i], "%s=%s",
                     parameter->name,
                     value ? value : parameter->value) >= (int)sizeof planned->parameters[i])
            return error_set(error, "parameter %s is longer than %zu bytes", parameter->name,
                             sizeof planned->parameters[i]);
        planned->parameter_count++;
    }
    return true;
}

static bool add_workloads(struct plan *plan, const struct catalogue *catalogue,
                          const struct options *options, struct error *error)
{
    plan->workload_count = 0;
    plan->workloads = calloc(catalogue->workload_count, sizeof *plan->workloads);
    if (!plan->workloads)
        return error_set(error, "no memory");
    bool by_name = options->workloads.count > 0;
    for (size_t i = 0; i < catalogue->workload_count; i++) {
        const struct workload_text *workload = &catalogue->workloads[i];
        if (by_name ? !in_list(&options->workloads, workload->name)
                    : !is_meant(workload, catalogue, options))
            continue;
        struct plan_workload *planned = &plan->workloads[plan->workload_count++];
        planned->workload = workload;
        if (!fill_cells(planned, plan, options, error) || !fill_parameters(planned, options, error))
            return false;
    }
    for (size_t k = 0; k < options->parameters.count; k++) {
        bool taken = false;
        for (size_t i = 0; i < plan->workload_count; i++)
            taken =
                taken || takes_parameter(plan->workloads[i].workload, options->parameters.items[k]);
        if (!taken)
            return error_set(error,
                             "no chosen workload has the parameter %.*s; `make list` shows "
                             "what each one takes",
                             (int)strcspn(options->parameters.items[k], "="),
                             options->parameters.items[k]);
    }
    return true;
}

bool plan_make(struct plan *plan, const struct catalogue *catalogue, const struct options *options,
               struct error *error)
{
    memset(plan, 0, sizeof *plan);
    plan->seed = options->seed;
    for (size_t kind = 0; kind < TRIAL_KIND_COUNT; kind++)
        plan->kinds[kind] = kind == TRIAL_TIME || in_list(&options->kinds, trial_kind_names[kind]);
    if (!options->seed_given) {
        uint32_t random = 1; /* short enough to be typed again */
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return error_set(error, "no random seed to be had; give --seed");
        plan->seed = random;
    }
    if (check_names(catalogue, options, error) && add_cells(plan, catalogue, options, error) &&
        add_workloads(plan, catalogue, options, error))
        return true;
    plan_free(plan);
    return false;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        free(plan->workloads[i].cells);
    free(plan->cells);
    free(plan->workloads);
    memset(plan, 0, sizeof *plan);
}
