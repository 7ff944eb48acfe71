/* One line on a terminal while a run goes on; nothing in a pipe. */
#ifndef HARNESS_DRIVER_PROGRESS_H
#define HARNESS_DRIVER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    uint64_t last_ns;
};

void progress_begin(struct progress *progress);
/* what: "small_strings time: round 12, mimalloc/owned"; done and left in seconds. */
void progress_show(struct progress *progress, const char *what, double done, double left);
void progress_clear(struct progress *progress);

#endif
