/* mkdir, flock, symlink. */
#include "harness/driver/run_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool make_folder(const char *path, struct error *error)
{
    struct stat status;
    if (mkdir(path, 0755) == 0 ||
        (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return true;
    return error_set(error, "cannot make the folder %s: %s; choose another with --results", path,
                     strerror(errno));
}

bool run_directory_make(const char *results, const char *name, const char *what, char *directory,
                        size_t size, struct error *error)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm parts;
    if (name && (!*name || strchr(name, '/') || strcmp(name, "latest") == 0 || name[0] == '.'))
        return error_set(error,
                         "run name '%s': take one without /, not beginning with a dot, and "
                         "not latest",
                         name);
    if (!make_folder(results, error))
        return false;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    for (unsigned attempt = 1; attempt < 1000; attempt++) {
        char again[16] = "";
        if (attempt > 1)
            snprintf(again, sizeof again, "-%u", attempt);
        int length = name ? snprintf(directory, size, "%s/%s", results, name)
                          : snprintf(directory, size, "%s/%s-%s%s", results, stamp, what, again);
        if (length >= (int)size)
            return error_set(error, "the path of the run is too long");
        if (mkdir(directory, 0755) == 0)
            return true;
        if (errno != EEXIST)
            return error_set(error, "cannot make the folder %s: %s; choose another with --results",
                             directory, strerror(errno));
        if (name)
            return error_set(error, "there is a run %s already; --resume=%s goes on with it",
                             directory, name);
    }
    return error_set(error, "no free name for a run in %s", results);
}

bool run_directory_lock(const char *directory, struct error *error)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return error_set(error, "cannot open %s: %s", directory, strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return true; /* kept open: the lock lasts as long as the process */
    int reason = errno;
    close(descriptor);
    return error_set(error,
                     reason == EWOULDBLOCK ? "run %s is being measured by another process now"
                                           : "cannot lock %s",
                     directory);
}

bool run_directory_link_latest(const char *results, const char *directory, struct error *error)
{
    char link[4200], temporary[4200];
    size_t length = strlen(results);
    if (strncmp(directory, results, length) != 0 || directory[length] != '/')
        return true;
    snprintf(link, sizeof link, "%s/latest", results);
    snprintf(temporary, sizeof temporary, "%s/.latest.%ld", results, (long)getpid());
    unlink(temporary);
    if (symlink(directory + length + 1, temporary) == 0 && rename(temporary, link) == 0)
        return true;
    int reason = errno;
    unlink(temporary);
    return error_set(error, "cannot set the link %s: %s", link, strerror(reason));
}
