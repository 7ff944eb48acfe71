/*
 * One way to report an error: a function that can fail takes a struct error, says in one line what
 * is wrong and how to mend it, and returns false. main prints it and picks the exit status.
 */
#ifndef HARNESS_ERROR_H
#define HARNESS_ERROR_H

#include <stdbool.h>

struct error {
    char text[512];
};

/* Sets the text, cut to size and freed of tabs and newlines; returns false, for `return
 * error_set(…)`. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the text; returns false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
