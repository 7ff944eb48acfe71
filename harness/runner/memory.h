/*
 * Peak resident memory of this process by the kernel's own high-water mark, reset first: ru_maxrss
 * would be inherited through exec.
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

#endif
