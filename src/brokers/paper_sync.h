/* brokers/paper_sync.h: the paper venue without thread or queue, for back tests: requests, ticks
 * and due work are carried out in the call, events reach the sink before it returns. The same desk,
 * book and rules as behind paper_broker_new(); time is the clock's, which the caller moves.
 *
 * A tick that can do nothing costs four compares: for each symbol the venue keeps the range of
 * quotes in which no stop, no target and no stop-out can be reached, whatever the other symbols do
 * within theirs. Such a quote is only remembered; the book sees the newest ones before anything
 * else happens. One owner thread; the sink must not call back. */
#ifndef TRIDENT_BROKERS_PAPER_SYNC_H
#define TRIDENT_BROKERS_PAPER_SYNC_H

#include "brokers/paper_book.h"

struct paper_sync;

/* conf: state_path "" keeps the venue in memory; feeds are not played. *ret_venue is a broker: its
 * ops quote, submit, start and free work as in broker.h. */
TR_MUST_USE int paper_sync_new(const struct paper_conf *conf, struct clock *clock,
                               struct paper_sync **ret_venue);
struct broker *paper_sync_broker(struct paper_sync *v);
/* A quote of symbol number i. False: it may reach something, and paper_sync_tick() is to be called
 * with it once the clock shows its time. */
bool paper_sync_note(struct paper_sync *v, size_t i, const struct quote *q);
void paper_sync_tick(struct paper_sync *v, size_t i, const struct quote *q);
/* Carries out what is due by the clock; when that is next, INT64_MAX = nothing. */
void paper_sync_run_due(struct paper_sync *v);
int64_t paper_sync_next_due_us(const struct paper_sync *v); /* monotonic */
int64_t paper_sync_balance_e8(const struct paper_sync *v);
int64_t paper_sync_equity_e8(struct paper_sync *v); /* at the newest quotes */
int64_t paper_sync_net_lots_e8(const struct paper_sync *v, size_t i);
uint64_t paper_sync_fault_count(const struct paper_sync *v);    /* injected so far */
const struct paper_book *paper_sync_book(struct paper_sync *v); /* at the newest quotes */

#endif
