/* Drawing the progress line, at most ten times a second. */
#include "harness/driver/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

void progress_begin(struct progress *progress)
{
    progress->shown = isatty(STDERR_FILENO);
    progress->last_ns = 0;
}

void progress_show(struct progress *progress, const char *what, double done, double left)
{
    struct timespec now;
    if (!progress->shown)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (ns - progress->last_ns < 100000000u)
        return;
    progress->last_ns = ns;
    fprintf(stderr, "\r\033[K%.70s  %.0f/%.0f s, ETA %.0f s", what, done, done + left, left);
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
