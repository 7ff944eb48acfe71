/*
 * The trial record: what driver and runner tell each other.
 *
 * The driver starts one runner process a trial and passes the trial's factors as options. The runner
 * answers on the descriptor --report-fd, one record a line, fields separated by tabs:
 *
 *     apportion-trial 1
 *     identity <provider file> <build-id> <version>     who serves malloc() in this process
 *     measure  <metric> <value> <unit> <source>         value may be "n/a", source then says why
 *     checksum <got> <reference>                        hexadecimal
 *     failed   <reason>
 *     end
 *
 * A report without its last line was cut short and counts as a failed trial. Tabs and newlines do
 * not occur in fields.
 */
#ifndef HARNESS_TRIAL_H
#define HARNESS_TRIAL_H

#define TRIAL_PROTOCOL "apportion-trial 1"

/* One question a trial, so that no measurement pays for another. */
enum trial_kind { TRIAL_TIME, TRIAL_MEMORY, TRIAL_COUNT, TRIAL_KIND_COUNT };

extern const char *const trial_kind_names[TRIAL_KIND_COUNT];
extern const char *const strategy_names[];

#endif
