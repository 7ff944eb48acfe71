/* The plain scan, one function a level. See split_scan.h for what each does. */
#ifndef WORKLOADS_SPLIT_SCAN_LEVELS_H
#define WORKLOADS_SPLIT_SCAN_LEVELS_H

#include "split_scan.h"

size_t split_plain_scalar(const struct split_plain *plain, struct split_span *spans, size_t max);
#if defined(__x86_64__)
#define SPLIT_TARGET_AVX512 "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt,pclmul"

size_t split_plain_sse2(const struct split_plain *plain, struct split_span *spans, size_t max);
size_t split_plain_avx2(const struct split_plain *plain, struct split_span *spans, size_t max);
size_t split_plain_avx512(const struct split_plain *plain, struct split_span *spans, size_t max);

size_t split_quoted_sse2(const struct split_plain *plain, char quote, struct split_span *spans,
                         size_t max);
size_t split_quoted_avx2(const struct split_plain *plain, char quote, struct split_span *spans,
                         size_t max);
size_t split_quoted_avx512(const struct split_plain *plain, char quote, struct split_span *spans,
                           size_t max);

/* How many of the bytes are `byte`, on SSE2. */
size_t split_count_byte(const char *text, size_t length, char byte);
#endif

#endif
