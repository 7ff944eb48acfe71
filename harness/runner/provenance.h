/* Who serves malloc() in this process: asked of the dynamic linker, not of the build. */
#ifndef HARNESS_RUNNER_PROVENANCE_H
#define HARNESS_RUNNER_PROVENANCE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct provenance {
    char file[PATH_MAX]; /* absolute, links resolved */
    char build_id[128];  /* hexadecimal, or "none" */
};

/* False: reason says what is wrong, for example that free comes from another file than malloc. */
bool provenance_of_malloc(struct provenance *provenance, char *reason, size_t reason_size);

#endif
