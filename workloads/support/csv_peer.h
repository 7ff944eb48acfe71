/*
 * The strategy libcsv: the same text through that library's parser, its tokens hashed where it
 * hands them out. It owns none of them and strips blanks around unquoted tokens, as it does by
 * default; both make it faster, so it is the harder one to beat.
 */
#ifndef WORKLOADS_SUPPORT_CSV_PEER_H
#define WORKLOADS_SUPPORT_CSV_PEER_H

#include "workloads/workload.h"

/* One pass. allocator NULL: libcsv calls malloc itself; else its buffer comes from there. */
bool csv_peer_pass(const struct allocator *allocator, enum pass_mode mode,
                   struct allocator_heap *heap, const struct workload_input *input,
                   struct workload_tally *tally);

#endif
