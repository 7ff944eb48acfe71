/* plots_make: gnuplot on each script of the plots folder, for each workload of the run. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/environment.h"
#include "harness/driver/programs.h"
#include "harness/driver/spawn.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/tables.h"

#define GNUPLOT_TIMEOUT 60.0

struct studio {
    char gnuplot[PATH_MAX];
    char scripts[PATH_MAX];
    char run[PATH_MAX];
    char caption[300]; /* the machine */
};

/* A gnuplot string in single quotes: a quote is doubled. False: no room. */
static bool quote(char *to, size_t size, const char *text)
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
    return *text == 0;
}

/* The name that people use for what a hypervisor calls itself. */
static const char *hypervisor_name(const char *signature)
{
    static const char *const known[][2] = {{"KVMKVMKVM", "KVM"},
                                           {"Microsoft Hv", "Hyper-V"},
                                           {"VMwareVMware", "VMware"},
                                           {"XenVMMXenVMM", "Xen"},
                                           {"TCGTCGTCGTCG", "QEMU"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(signature, known[i][0]) == 0)
            return known[i][1];
    return signature;
}

/* "AMD EPYC, 2 CPUs (VM: KVM), Linux 6.1 x86_64" */
static void caption_of(char *text, size_t size, const char *directory)
{
    struct error ignored;
    json_t *environment = environment_read(directory, &ignored);
    const json_t *machine = json_object_get(environment, "machine");
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    const char *kernel = json_string_value(json_object_get(machine, "kernel"));
    const char *hypervisor = json_string_value(json_object_get(machine, "hypervisor"));
    json_int_t cpus = json_integer_value(json_object_get(machine, "cpus"));
    char count[40] = "";
    if (cpus > 0)
        snprintf(count, sizeof count, ", %" JSON_INTEGER_FORMAT " CPU%s", cpus,
                 cpus > 1 ? "s" : "");
    snprintf(text, size, "%.60s%s%s%.40s%s, %.60s", cpu ? cpu : "unknown machine", count,
             hypervisor ? " (VM: " : "", hypervisor ? hypervisor_name(hypervisor) : "",
             hypervisor ? ")" : "", kernel ? kernel : "unknown kernel");
    json_decref(environment);
}

/* Whether a file ends as an SVG does: gnuplot may end with status 0 although the disk is full. */
static bool is_whole(const char *path)
{
    static const char end[] = "</svg>";
    char tail[16] = "";
    FILE *in = fopen(path, "re");
    if (!in)
        return false;
    if (fseek(in, -(long)(sizeof tail - 1), SEEK_END) == 0)
        tail[fread(tail, 1, sizeof tail - 1, in)] = 0;
    fclose(in);
    return strstr(tail, end) != NULL;
}

/* -e's argument: the parameters of every script, see plots/_common.gp. */
static bool settings_of(char *text, size_t size, const struct studio *studio, const char *workload,
                        const char *picture)
{
    const char *const variables[][2] = {{"run", studio->run},
                                        {"scripts", studio->scripts},
                                        {"workload", workload},
                                        {"caption", studio->caption},
                                        {"picture", picture}};
    size_t used = 0;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        char quoted[PATH_MAX + 64];
        if (!quote(quoted, sizeof quoted, variables[i][1]))
            return false;
        int added = snprintf(text + used, size - used, "%s=%s; ", variables[i][0], quoted);
        if (added < 0 || (size_t)added >= size - used)
            return false;
        used += (size_t)added;
    }
    return true;
}

/* script: a file name of the scripts folder. A script that finds nothing to draw leaves no picture,
 * and none stays from before. */
static bool draw(const struct studio *studio, const char *script, const char *workload,
                 struct error *error)
{
    char settings[5 * PATH_MAX], output[PATH_MAX + 300], drawing[PATH_MAX + 310];
    char path[PATH_MAX + NAME_MAX + 2];
    snprintf(path, sizeof path, "%s/%s", studio->scripts, script);
    snprintf(output, sizeof output, "%s/plots/%.*s-%.120s.svg", studio->run,
             (int)strcspn(script, "."), script, workload);
    snprintf(drawing, sizeof drawing, "%s.new", output);
    if (!settings_of(settings, sizeof settings, studio, workload, drawing))
        return error_set(error, "picture %.300s: the path is too long", output);
    char *const arguments[] = {(char *)(uintptr_t)studio->gnuplot, "-e", settings, path, NULL};
    char *text;
    if (!spawn_output(arguments, GNUPLOT_TIMEOUT, &text, error)) {
        unlink(drawing);
        return error_prefix(error, "picture %s", output);
    }
    free(text);
    if (access(drawing, F_OK) != 0) {
        unlink(output);
        return true;
    }
    if (!is_whole(drawing)) {
        unlink(drawing);
        return error_set(error, "cannot write %s whole: is the disk full? The old one stands",
                         output);
    }
    return rename(drawing, output) == 0 ||
           error_set(error, "cannot write %s: %s", output, strerror(errno));
}

/* A picture each; files that begin with an underscore are what they share. */
static int is_script(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".gp") == 0 && entry->d_name[0] != '_' && entry->d_name[0] != '.';
}

static bool draw_all(const struct studio *studio, const char *workload, struct error *error)
{
    struct dirent **entries;
    bool done = true;
    int count = scandir(studio->scripts, &entries, is_script, alphasort);
    if (count < 0)
        return error_set(error, "no plot scripts in %s: %s", studio->scripts, strerror(errno));
    for (int i = 0; i < count; i++) {
        done = done && draw(studio, entries[i]->d_name, workload, error);
        free(entries[i]);
    }
    free(entries);
    return done && (count > 0 || error_set(error, "no plot scripts (*.gp) in %s", studio->scripts));
}

/* Finds what drawing needs and makes the plots folder. */
static bool open_studio(struct studio *studio, const char *directory, const char *scripts,
                        struct error *error)
{
    char folder[PATH_MAX + 8];
    if (!program_find("gnuplot", studio->gnuplot, sizeof studio->gnuplot))
        return error_set(error, "no pictures: gnuplot is not on PATH; `make deps` installs it");
    if (!realpath(scripts, studio->scripts))
        return error_set(error, "no plot scripts in %s: %s", scripts, strerror(errno));
    if (!realpath(directory, studio->run))
        return error_set(error, "no run %s: %s", directory, strerror(errno));
    caption_of(studio->caption, sizeof studio->caption, directory);
    snprintf(folder, sizeof folder, "%s/plots", studio->run);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return error_set(error, "cannot make the folder %s: %s", folder, strerror(errno));
    return true;
}

bool plots_make(const char *directory, const char *scripts_directory, struct error *error)
{
    struct summary_file summary;
    struct studio *studio = malloc(sizeof *studio);
    if (!studio)
        return error_set(error, "no memory for the pictures");
    bool done = open_studio(studio, directory, scripts_directory, error) &&
                summary_load(&summary, directory, error);
    if (done) {
        for (size_t i = 0; done && i < summary.row_count; i++)
            if (summary_is_first_of_workload(&summary, i))
                done = draw_all(studio, summary.rows[i].workload, error);
        summary_free(&summary);
    }
    free(studio);
    return done;
}
