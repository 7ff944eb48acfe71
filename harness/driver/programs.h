/* Programs that the driver needs and may lack: gnuplot, cmark-gfm. */
#ifndef HARNESS_DRIVER_PROGRAMS_H
#define HARNESS_DRIVER_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

/* The first executable file of that name on PATH. */
bool program_find(const char *name, char *path, size_t size);

#endif
