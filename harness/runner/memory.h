/*
 * Resident memory of this process: now, and its peak by the kernel's own high-water mark, reset
 * first (ru_maxrss would be inherited through exec).
 */
#ifndef HARNESS_RUNNER_MEMORY_H
#define HARNESS_RUNNER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 5 to /proc/self/clear_refs. False: reason says why the mark cannot be reset. */
bool memory_reset_peak(char *reason, size_t reason_size);
/* VmHWM in bytes. False: reason. */
bool memory_peak(uint64_t *bytes, char *reason, size_t reason_size);
/* What is resident now: by smaps_rollup, which is exact and costly; where that cannot be read by
 * statm, which may lag by some pages a processor. *source says which. */
bool memory_resident(uint64_t *bytes, const char **source, char *reason, size_t reason_size);
/* Reads a byte of each page of the program's and its libraries' code, so that none of them becomes
 * resident for the first time while the heap is measured. */
void memory_touch_code(void);

#endif
