/* plots_make: gnuplot on each script of the plots folder, for each workload of the run. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/environment.h"
#include "harness/driver/spawn.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/tables.h"

#define GNUPLOT_TIMEOUT 60.0

/* First executable `gnuplot` on PATH. */
static bool find_program(const char *name, char *path, size_t size)
{
    const char *list = getenv("PATH");
    for (const char *at = list ? list : "/usr/bin:/bin"; *at;) {
        size_t length = strcspn(at, ":");
        snprintf(path, size, "%.*s/%s", (int)length, at, name);
        if (length && access(path, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

/* A gnuplot string in single quotes: a quote is doubled. */
static void quote(char *to, size_t size, const char *text)
{
    size_t used = 0;
    to[used++] = '\'';
    for (; *text && used + 4 < size; text++) {
        if (*text == '\'')
            to[used++] = '\'';
        to[used++] = *text;
    }
    to[used++] = '\'';
    to[used] = 0;
}

/* "AMD EPYC, 2 CPUs, Linux 6.1 x86_64; n = 40 rounds" */
static void caption_of(char *text, size_t size, const char *directory, size_t n)
{
    struct error ignored;
    json_t *environment = environment_read(directory, &ignored);
    json_t *machine = json_object_get(environment, "machine");
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    const char *kernel = json_string_value(json_object_get(machine, "kernel"));
    const char *hypervisor = json_string_value(json_object_get(machine, "hypervisor"));
    snprintf(text, size, "%.60s%s%.40s%s, %.60s; n = %zu rounds; 95 %% intervals",
             cpu ? cpu : "unknown machine", hypervisor ? " (VM: " : "",
             hypervisor ? hypervisor : "", hypervisor ? ")" : "",
             kernel ? kernel : "unknown kernel", n);
    json_decref(environment);
}

static bool draw(const char *gnuplot, const char *script, const char *directory,
                 const char *workload, const char *caption, struct error *error)
{
    char name[128], quoted[4400], settings[16384], output[4500], drawing[4510], scripts[PATH_MAX];
    const char *base = strrchr(script, '/');
    snprintf(name, sizeof name, "%.*s", (int)strcspn(base + 1, "."), base + 1);
    snprintf(scripts, sizeof scripts, "%.*s", (int)(base - script), script);
    size_t used = 0;
    const struct {
        const char *variable;
        const char *value;
    } variables[] = {
        {"run", directory}, {"scripts", scripts}, {"workload", workload}, {"caption", caption}};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        quote(quoted, sizeof quoted, variables[i].value);
        used += (size_t)snprintf(settings + used, sizeof settings - used, "%s=%s; ",
                                 variables[i].variable, quoted);
    }
    snprintf(output, sizeof output, "%s/plots/%s-%s.svg", directory, name, workload);
    snprintf(drawing, sizeof drawing, "%s.new", output);
    quote(quoted, sizeof quoted, drawing);
    snprintf(settings + used, sizeof settings - used, "picture=%s", quoted);
    char *const arguments[] = {(char *)(uintptr_t)gnuplot, "-e", settings,
                               (char *)(uintptr_t)script, NULL};
    char *text;
    if (!spawn_output(arguments, GNUPLOT_TIMEOUT, &text, error)) {
        unlink(drawing);
        return error_prefix(error, "picture %s", output);
    }
    free(text);
    return rename(drawing, output) == 0 ||
           error_set(error, "cannot write %s: %s", output, strerror(errno));
}

/* Each script but the shared ones, whose names begin with a capital or an underscore. */
static bool draw_all(const char *gnuplot, const char *scripts, const char *directory,
                     const char *workload, size_t n, struct error *error)
{
    char caption[300];
    struct dirent **entries;
    bool done = true;
    caption_of(caption, sizeof caption, directory, n);
    int count = scandir(scripts, &entries, NULL, alphasort);
    if (count < 0)
        return error_set(error, "no plot scripts in %s: %s", scripts, strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *file = entries[i]->d_name;
        size_t length = strlen(file);
        char script[PATH_MAX];
        if (done && length > 3 && strcmp(file + length - 3, ".gp") == 0 && file[0] != '_' &&
            snprintf(script, sizeof script, "%s/%s", scripts, file) < (int)sizeof script)
            done = draw(gnuplot, script, directory, workload, caption, error);
        free(entries[i]);
    }
    free(entries);
    return done;
}

bool plots_make(const char *directory, const char *scripts_directory, struct error *error)
{
    char gnuplot[PATH_MAX], folder[4200], scripts[PATH_MAX];
    struct summary_file summary;
    if (!find_program("gnuplot", gnuplot, sizeof gnuplot))
        return error_set(error, "no pictures: gnuplot is not on PATH; `make deps` installs it");
    if (!realpath(scripts_directory, scripts))
        return error_set(error, "no plot scripts in %s: %s", scripts_directory, strerror(errno));
    snprintf(folder, sizeof folder, "%s/plots", directory);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return error_set(error, "cannot make the folder %s: %s", folder, strerror(errno));
    if (!summary_load(&summary, directory, error))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < summary.row_count; i++) {
        const struct summary_row *row = &summary.rows[i];
        if (strcmp(row->metric, "ns_per_op") == 0 && row->n > 0 && !row->sentinel &&
            strcmp(row->backend, "system") == 0 && strcmp(row->strategy, "owned") == 0)
            done = draw_all(gnuplot, scripts, directory, row->workload, row->n, error);
    }
    summary_free(&summary);
    return done;
}
