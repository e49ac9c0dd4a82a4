/* brokers/paper_tell.h: builds the events of the paper venue and hands them to the sink. Owner
 * thread only; the sink is called synchronously. */
#ifndef TRIDENT_BROKERS_PAPER_TELL_H
#define TRIDENT_BROKERS_PAPER_TELL_H

#include "brokers/paper_deal.h"

struct paper_teller {
    const struct paper_book *book;
    const struct clock *clock;
    broker_sink_fn sink; /* NULL: nobody listens yet */
    void *ctx;
};

/* LINK_UP, ACCOUNT. */
void paper_tell(const struct paper_teller *t, enum broker_event_kind kind);
void paper_tell_fill(const struct paper_teller *t, const struct paper_fill *f);
/* ACK, CANCELLED, QUERY_FOUND, and REJECT of a remembered refusal. */
void paper_tell_order(const struct paper_teller *t, enum broker_event_kind kind,
                      const struct paper_order *o);
void paper_tell_reject(const struct paper_teller *t, const struct broker_request *r,
                       const struct paper_reject *why);
/* MODIFIED: the stops of p, to whom sent or asked under cid. */
void paper_tell_stops(const struct paper_teller *t, uint64_t cid, const struct paper_position *p);
/* What is open, in SNAPSHOT_BEGIN, SNAPSHOT_POSITION*, SNAPSHOT_END; every deal after that one has
 * been told. */
void paper_tell_list(const struct paper_teller *t, uint64_t told_after_exec_id);
/* A cid that is not in the book: still on its way, or never seen. */
void paper_tell_absent(const struct paper_teller *t, uint64_t cid, bool is_coming);

#endif
