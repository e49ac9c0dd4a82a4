/* brokers/paper_desk.h: the dealing desk of the paper venue: requests and ticks in, events out.
 * Brings together the book, its log, latency and injected faults. No thread of its own: the broker
 * thread (or a test) calls it; time comes from the clock and from desk_run_due(). One owner thread.
 */
#ifndef TRIDENT_BROKERS_PAPER_DESK_H
#define TRIDENT_BROKERS_PAPER_DESK_H

#include "brokers/paper_log.h"

#define PAPER_PENDING_MAX 8192 /* requests on their way and fills to come */

struct paper_desk;
/* Loads conf->state_path (creates it; "" = memory only) and compacts it. conf is copied, clock
 * borrowed. */
TR_MUST_USE int paper_desk_new(const struct paper_conf *conf, struct clock *clock,
                               struct paper_desk **ret_desk);
struct paper_desk *
paper_desk_free(struct paper_desk *d); /* pending requests are dropped unanswered */
/* LINK_UP and ACCOUNT; orders that were working when the venue died are filled soon. */
void paper_desk_start(struct paper_desk *d, broker_sink_fn sink, void *ctx);
void paper_desk_request(struct paper_desk *d, const struct broker_request *r);
/* New quote: swaps, due orders, stops, targets, stop-out. Before start it only sets the quote. */
void paper_desk_tick(struct paper_desk *d, size_t symbol, const struct quote *q);
/* Only values what is open: of a quote that is known to reach nothing. */
void paper_desk_set_quote(struct paper_desk *d, size_t symbol, const struct quote *q);
/* Carries out what is due by the clock. */
void paper_desk_run_due(struct paper_desk *d);
int64_t paper_desk_next_due_us(const struct paper_desk *d); /* monotonic; INT64_MAX = nothing */
const struct paper_book *paper_desk_book(const struct paper_desk *d);
uint64_t paper_desk_fault_count(const struct paper_desk *d); /* injected so far */
/* Feeds' state: what the log had, and writing the present one. */
const struct paper_market *paper_desk_market(const struct paper_desk *d);
void paper_desk_save_market(struct paper_desk *d, int64_t csv_time_ms);

#endif
