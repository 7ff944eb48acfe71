/*
 * peak_memory: some 65 MB of text split and held whole, as a program does that loads a file. It is
 * judged by its memory and its calls; a timed pass takes a good part of a second.
 */
#include "workloads/support/held_pass.h"

static const struct workload_parameter peak_memory_parameters[] = HELD_PARAMETERS("80");

WORKLOAD_PASSES(peak_memory, held_pass)

WORKLOAD(peak_memory, .description = "some 65 MB of such lines, all split and held, then released",
         .op = "one line", .parameters = peak_memory_parameters, .setup = held_text,
         .reference = text_reference);
