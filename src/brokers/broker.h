/* brokers/broker.h: the adapter contract (spec brokers 3.1). An adapter translates; it holds no
 * orders of its own and never retries one: only the engine's order manager may. One thread at most,
 * started by start(). submit() hands over a request without blocking; results come back as events
 * through the sink on the adapter's thread. */
#ifndef TRIDENT_BROKERS_BROKER_H
#define TRIDENT_BROKERS_BROKER_H

#include "core/clock.h"
#include "model/order.h"

struct broker;

/* What may be done after an answer (spec brokers 1.3, 2.7). */
enum broker_class {
    BROKER_CLASS_UNSET = 0,
    BROKER_OK,
    BROKER_REJECT,
    BROKER_RETRY_PRICE,
    BROKER_RETRY_LATER,
    BROKER_UNKNOWN,
    BROKER_HALT,
    BROKER_CLASS_COUNT
};

enum broker_request_kind {
    BROKER_REQUEST_UNSET = 0,
    BROKER_PLACE,    /* market order, sl/tp attached; a cid known there is never executed again: its
                      * recorded result is the answer (REJECT or QUERY_FOUND) */
    BROKER_CLOSE,    /* close position_cid (lots_e8 of it) with close-order cid */
    BROKER_MODIFY,   /* sets stop and target of position_cid to sl_e8, tp_e8 (both, absolute) under
                      * the request's own cid: MODIFIED or REJECT. Must not take effect after
                      * expires_ms */
    BROKER_QUERY,    /* look up cid: answers its FILLs again, then QUERY_FOUND; or QUERY_NONE */
    BROKER_SNAPSHOT, /* the history, then the list: answers the FILLs of every deal after
                      * after_exec_id, and of those since since_ms, again under their own ids,
                      * oldest first and at most the newest BROKER_DEALS_MAX; then SNAPSHOT_BEGIN,
                      * SNAPSHOT_POSITION*, SNAPSHOT_END */
    BROKER_QUERY_STOPS, /* which stops has position_cid now: MODIFIED under the asker's cid, or
                         * QUERY_NONE when it is not open */
    BROKER_REQUEST_COUNT
};

#define BROKER_DEALS_MAX 4096 /* told by one SNAPSHOT */
#define BROKER_NO_DEALS  UINT64_MAX

struct broker_request {
    enum broker_request_kind kind;
    uint64_t cid;
    uint64_t position_cid;
    enum side side; /* PLACE: of the order; CLOSE: of the closing deal */
    char symbol[SYMBOL_CAP];
    int64_t lots_e8;
    int64_t sl_e8, tp_e8; /* DEC_NONE = none */
    int64_t expires_ms;   /* by the clock of the venue: must not take effect later; 0 = none */
    /* SNAPSHOT: from where on deals are to be told; a venue goes by the one it can be asked for. */
    uint64_t after_exec_id; /* 0 = all there are; BROKER_NO_DEALS = none by their ids */
    int64_t since_ms;       /* the venue's own time; 0 = none by their time */
};

enum broker_event_kind {
    BROKER_EVENT_UNSET = 0,
    BROKER_EVENT_LINK_UP,
    BROKER_EVENT_LINK_DOWN,
    BROKER_EVENT_ACK,       /* accepted */
    BROKER_EVENT_REJECT,    /* cid, class, reason, code, text */
    BROKER_EVENT_FILL,      /* cid, exec_id, lots, price; purpose says whether it opens or closes */
    BROKER_EVENT_CANCELLED, /* rest of cid cancelled */
    BROKER_EVENT_QUERY_FOUND,    /* cid: filled_e8 so far in lots_e8, avg price, profit and costs,
                                  * terminal; class REJECT with reason and code when it had been
                                  * refused */
    BROKER_EVENT_QUERY_NONE,     /* cid is not known there and can no longer take effect */
    BROKER_EVENT_SNAPSHOT_BEGIN, /* exec_id: every deal after it has just been told; higher than
                                  * what was asked for: the history does not reach back that far */
    BROKER_EVENT_SNAPSHOT_POSITION,
    BROKER_EVENT_SNAPSHOT_END, /* exec_id of the newest deal there is, and the venue's time */
    BROKER_EVENT_ACCOUNT,      /* balance_e8, equity_e8, margin_e8 */
    BROKER_EVENT_MODIFIED,     /* cid, position_cid: the stops it has now, in sl_e8 and tp_e8 */
    BROKER_EVENT_COUNT
};

/* A fill that closes a position because of its stop or target has cid 0 and reason SL_HIT / TP_HIT
 * / STOP_OUT; one of a CLOSE request has that request's cid. exec_id is unique per broker account
 * for ever and grows from deal to deal: it is the dedupe key, and the place in the history from
 * which an outage is made up for. */
struct broker_event {
    enum broker_event_kind kind;
    uint64_t cid;
    uint64_t position_cid;
    uint64_t exec_id;
    enum order_purpose purpose;
    enum broker_class klass;
    enum reason reason;
    enum side side; /* of the deal: a fill that closes a buy is a SELL; SNAPSHOT: of the position */
    int code;       /* venue's own number, e.g. 10019 */
    char symbol[SYMBOL_CAP];
    int64_t lots_e8, price_e8;
    int64_t sl_e8, tp_e8;                      /* SNAPSHOT_POSITION, MODIFIED; 0 = not told */
    int64_t profit_e8, commission_e8, swap_e8; /* of this fill */
    int64_t balance_e8, equity_e8, margin_e8;  /* ACCOUNT, and after a fill */
    bool terminal;                             /* QUERY_FOUND: nothing more will come */
    int64_t time_ms; /* by the clock of the venue: of the deal, else of the answer */
    char text[64];
};

void broker_event_pack(struct buf *b, const struct broker_event *e);
void broker_event_unpack(struct unpack *u, struct broker_event *ret);
const char *broker_event_name(enum broker_event_kind k);

typedef void (*broker_sink_fn)(const struct broker_event *e, void *ctx); /* adapter's thread */

struct broker_ops {
    const char *name; /* "paper" */
    TR_MUST_USE int (*start)(struct broker *b, broker_sink_fn sink, void *ctx);
    void (*stop)(struct broker *b); /* any thread; joins; pending requests are dropped unanswered */
    /* Engine thread, never blocks. 0 accepted for sending, BROKER_E_BUSY nothing was sent. */
    TR_MUST_USE int (*submit)(struct broker *b, const struct broker_request *r);
    bool (*quote)(struct broker *b, const char *symbol,
                  struct quote *ret);         /* any thread, short lock */
    bool (*is_up)(struct broker *b);          /* any thread */
    struct broker *(*free)(struct broker *b); /* after stop */
};
enum broker_result { BROKER_ACCEPTED = 0, BROKER_E_BUSY = 1 };

struct broker { /* each adapter embeds this first */
    const struct broker_ops *ops;
};

/* ---- paper broker (spec brokers 4): an embedded venue, deterministic from (ticks, seed, conf)
 * ---- */
enum paper_feed {
    PAPER_FEED_UNSET = 0,
    PAPER_FEED_SIM,
    PAPER_FEED_CSV,
    PAPER_FEED_MANUAL,
    PAPER_FEED_COUNT
};

struct paper_conf {
    enum paper_feed feed;
    char csv_bid[256], csv_ask[256]; /* CSV feed: timestamp,open,high,low,close; .gz is read too */
    char csv_symbol[SYMBOL_CAP];     /* "GBPUSD"; the other symbols are simulated */
    int speed;                       /* CSV: recorded seconds per real second, default 60 */
    int tick_interval_ms;            /* SIM: default 1000 */
    uint64_t seed;
    int64_t balance_e8;            /* 10 000 */
    int leverage;                  /* 100 */
    int64_t commission_per_lot_e8; /* per side, default 0 */
    int64_t swap_long_points_e8,
        swap_short_points_e8; /* per lot and night, Wednesday three times; 0 */
    int latency_base_ms;      /* default 0 */
    int64_t stop_out_percent; /* 50 */
    char state_path[256];     /* venue log, append-only, compacted at start; "" = memory only */
    /* Fault injection, per 10,000 requests; 0 = never. */
    int fault_lost_answer;    /* executed, answer never comes */
    int fault_reject;         /* refused with a code */
    int fault_late_fill;      /* ack at once, fill seconds later; stops: changed late */
    int fault_duplicate_fill; /* same exec_id twice; stops: told twice */
    int fault_partial;        /* filled in two parts; nothing for stops */
    int fault_swallow;        /* never executed, no answer: outcome unknown, later QUERY_NONE */
    int fault_late_reject;    /* ack at once, refused seconds later; stops: refused late */
};
void paper_conf_defaults(struct paper_conf *c);
TR_MUST_USE int paper_broker_new(const struct paper_conf *conf, struct clock *clock,
                                 struct broker **ret_broker);
/* PAPER_FEED_MANUAL only (tests, back tests): sets a quote and lets stops and targets trigger. Goes
 * through the same queue as requests and returns when the venue has handled it and all before it:
 * not from the sink, not with a lock the sink needs. Before start() it only sets the quote. */
void paper_broker_tick(struct broker *b, const char *symbol, int64_t bid_e8, int64_t ask_e8,
                       int64_t time_ms);

#endif
