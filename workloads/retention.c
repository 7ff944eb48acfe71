/*
 * retention: some 8 MB of text split, held and released; what the process still holds of the
 * system's memory then, a second later, and after a purge. The memory trial asks.
 */
#include "workloads/support/held_pass.h"

static const struct workload_parameter retention_parameters[] = HELD_PARAMETERS("10");

WORKLOAD_PASSES(retention, held_pass)

WORKLOAD(retention,
         .description = "some 8 MB of such lines, all released: what the process keeps of it",
         .op = "one line", .settle_ms = 1000, .parameters = retention_parameters,
         .setup = held_text, .reference = text_reference);
