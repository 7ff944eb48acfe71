/* A file as a workload's input: whole of a small one, a window of whole lines of a larger one. */
#ifndef WORKLOADS_SUPPORT_FILE_INPUT_H
#define WORKLOADS_SUPPORT_FILE_INPUT_H

#include "workloads/workload.h"

/* "256K" -> 262144; K, M, G. False: error says so. */
bool file_window(const char *text, size_t *window, struct workload_error *error);

/*
 * Fills text and lines by input->options. Of a file larger than the window each seed takes the
 * lines that begin in a window at a random place, so that many rounds see much of the file while
 * one stays short. With a quote, lines are records: the file is read from its start once, and a
 * line end counts where the quotes before it are even in number.
 */
bool file_load(struct workload_input *input, const char *path, size_t window, uint64_t seed,
               struct workload_error *error);

#endif
