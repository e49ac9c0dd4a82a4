/* model/output.h: what one input made the engine say; stored beside the input in the same journal
 * row and released only after the commit. The blob is, per output, its kind and body, to the end.
 * `struct reply` is a message to one chat in final form (HTML), so that the journal shows exactly
 * what the user was told. */
#ifndef TRIDENT_MODEL_OUTPUT_H
#define TRIDENT_MODEL_OUTPUT_H

#include "model/event.h"

enum output_kind {
    OUTPUT_UNSET = 0,
    OUTPUT_RECEIPT,
    OUTPUT_REPLY,
    OUTPUT_EVENT,
    OUTPUT_INTENT,
    OUTPUT_DECISION,
    OUTPUT_KIND_COUNT
};

/* The result of an input in one line. */
struct receipt {
    uint64_t seq;
    enum reason reason;        /* ACCEPTED or why not */
    char text[EVENT_TEXT_CAP]; /* field at fault, numbers: short, plain, for HTTP and logs */
};

#define REPLY_TEXT_MAX_BYTES     16384
#define REPLY_KEYBOARD_MAX_BYTES 4096

struct reply {
    enum bot_id bot;
    int64_t chat_id, thread_id, reply_to; /* 0 = none */
    int64_t edit_message_id;              /* != 0: edit that message instead of sending */
    char callback_id[48];                 /* != "": answerCallbackQuery first */
    char callback_text[201];
    char *html;          /* heap; NULL = only answer the callback */
    char *keyboard_json; /* heap; inline_keyboard JSON array text, NULL = none */
    char photo_path[96]; /* != "": sendPhoto with html as caption (relative to data dir) */
};

void reply_init(struct reply *r);
void reply_deinit(struct reply *r);

/* A list of outputs while one input is applied. Bounded: OUTPUT_MAX, buffers capped. */
#define OUTPUT_MAX_BYTES (2 * 1024 * 1024) /* a thousand orders told about at once */
struct outputs {
    struct buf blob; /* what the journal stores, as it is */
    int count;
    bool has_messages; /* replies or events that notify must see */
    bool has_ledger;   /* TRADE_*, DECISION events */
};
void outputs_init(struct outputs *o);
void outputs_deinit(struct outputs *o);
void outputs_reset(struct outputs *o);
void outputs_add_receipt(struct outputs *o, const struct receipt *r);
void outputs_add_reply(struct outputs *o, const struct reply *r);
void outputs_add_event(struct outputs *o, const struct event *e);
void outputs_add_intent(struct outputs *o, const struct order *ord);
void outputs_add_decision(struct outputs *o, const char *json_text);

/* Reading back: calls visit for each output, in order. Returns 0, the visitor's first non-zero
 * value, or -EBADMSG for a malformed blob. */
struct output_view {
    enum output_kind kind;
    struct receipt receipt;
    struct reply reply; /* heap members are freed after the visit */
    struct event event;
    struct order intent;
    const char *decision_json;
};
typedef int (*output_visit_fn)(const struct output_view *v, void *ctx);
TR_MUST_USE int outputs_visit(const void *blob, size_t len, output_visit_fn visit, void *ctx);

#endif
