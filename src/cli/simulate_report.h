/* cli/simulate_report.h: the outcome of a simulation for people and for programs. Decimals are
 * strings in JSON, times RFC 3339. */
#ifndef TRIDENT_CLI_SIMULATE_REPORT_H
#define TRIDENT_CLI_SIMULATE_REPORT_H

#include "core/buf.h"
#include "simulate/simulate.h"

void simulate_report_text(const struct simulate_totals *t, const struct sim_outcome *o,
                          struct buf *out);
void simulate_report_json(const struct simulate_totals *t, const struct sim_outcome *o,
                          struct buf *out);

#endif
