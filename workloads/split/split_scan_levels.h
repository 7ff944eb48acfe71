/* The plain scan, one function a level. See split_scan.h for what each does. */
#ifndef WORKLOADS_SPLIT_SCAN_LEVELS_H
#define WORKLOADS_SPLIT_SCAN_LEVELS_H

#include "split_scan.h"

size_t split_scan_plain_scalar(struct split_scan *scan, struct split_span *spans, size_t max);
#if defined(__x86_64__)
size_t split_scan_plain_sse2(struct split_scan *scan, struct split_span *spans, size_t max);
size_t split_scan_plain_avx2(struct split_scan *scan, struct split_span *spans, size_t max);
size_t split_scan_plain_avx512(struct split_scan *scan, struct split_span *spans, size_t max);

/* How many of the bytes are `byte`, on SSE2. */
size_t split_count_byte(const char *text, size_t length, char byte);
#endif

#endif
