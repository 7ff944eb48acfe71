/*
 * Random numbers for making inputs: GSL's mt19937 with its state in the caller's memory, since
 * GSL's own allocates from the heap that is to be measured.
 */
#ifndef WORKLOADS_SUPPORT_RANDOM_H
#define WORKLOADS_SUPPORT_RANDOM_H

#include <gsl/gsl_rng.h>

#include "workloads/workload.h"

struct text_random {
    gsl_rng rng;
    unsigned char state[8192];
};

/* False: this GSL's generator is larger; error says so. */
bool random_begin(struct text_random *random, uint64_t seed, struct workload_error *error);

/* A number from low to high, both included. */
unsigned random_between(struct text_random *random, unsigned low, unsigned high);

/* The same with every power of two as likely as the next: log-uniform, rounded down. */
unsigned random_log_uniform(struct text_random *random, unsigned low, unsigned high);

/* `length` letters and digits at `to`. */
void random_letters(struct text_random *random, char *to, size_t length);

/* One number below n from the seed alone: for single draws. */
uint64_t random_below(uint64_t seed, uint64_t n);

#endif
