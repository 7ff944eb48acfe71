/*
 * Making a workload's input: memory that is not the measured heap's, lines, generated text, and the
 * reference tally. Everything here comes from mmap and stays until the process ends.
 */
#ifndef WORKLOADS_SUPPORT_TEXT_H
#define WORKLOADS_SUPPORT_TEXT_H

#include "workloads/workload.h"

/* Says one line; returns false. */
bool workload_fail(struct workload_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* size bytes of zeros, mapped and touched. NULL: error says so. */
void *text_map(size_t size, struct workload_error *error);

/* Fills lines, line_count and scope_bytes_max from text and options. A line ends at \n or \r\n;
 * with a quote in the options a line end inside quotes belongs to its token. whole: the scope holds
 * all lines at once, not one at a time. */
bool text_index_lines(struct workload_input *input, bool whole, struct workload_error *error);

/* Plain options with these delimiters: at most WORKLOAD_DELIMITERS_MAX strings that stay, and NULL.
 */
void text_options(struct workload_input *input, const char *const *delimiters);
extern const char *const text_comma[];

/* Upper bound of what owning the tokens of one line requests, for scope_bytes_max. */
size_t text_bound(const struct workload_line *line, const struct split_options *options);

/* Shape of generated text, bounds included. */
struct text_shape {
    size_t lines;
    unsigned tokens_min, tokens_max; /* a line */
    unsigned bytes_min, bytes_max;   /* a token */
};

/* The parameters of a workload whose lines may be given another shape, with the default one. */
#define TEXT_SHAPE_PARAMETERS                                                                      \
    {"tokens", "8-12", "of a line: a number, or the least and the most"},                          \
    {                                                                                              \
        "bytes", "3-12", "of a token, likewise"                                                    \
    }

/* So many lines of the shape that those parameters' values say. False: error says what is wrong. */
bool text_shape_of(struct text_shape *shape, size_t lines, const char *const *values,
                   struct workload_error *error);

/* Letters and digits, ',' between tokens, from the seed alone; fills the whole of *input. */
bool text_generate(struct workload_input *input, const struct text_shape *shape, bool whole,
                   uint64_t seed, struct workload_error *error);

/* The reference tally of all lines, a byte at a time. */
void text_reference(const struct workload_input *input, struct workload_tally *tally);

#endif
