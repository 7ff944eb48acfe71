/* The folder of a run: its name, its lock, and the link to the latest. */
#ifndef HARNESS_DRIVER_RUN_DIRECTORY_H
#define HARNESS_DRIVER_RUN_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/error.h"

/* Makes results/<name>; without a name, one of the time and `what`. False: error. */
bool run_directory_make(const char *results, const char *name, const char *what, char *directory,
                        size_t size, struct error *error);

/* Holds the run against a second driver until the process ends. */
bool run_directory_lock(const char *directory, struct error *error);

/* results/latest -> the run, replaced at once; only where the run lies in results. */
bool run_directory_link_latest(const char *results, const char *directory, struct error *error);

#endif
