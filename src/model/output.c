/* model/output.c: the outputs of one input as bytes. Each output is packed as its kind and then its
 * body, one after the other to the end of the blob. outputs_visit() is total: any bytes are either
 * visited completely in order, or reported as -EBADMSG at the first malformed output (the
 * well-formed ones before it have been visited). */
#include "model/output.h"

#include "core/alloc.h"

#include <errno.h>
#include <string.h>

#define RECEIPT_VERSION         1
#define REPLY_VERSION           1
#define DECISION_JSON_MAX_BYTES (32 * 1024)

void reply_init(struct reply *r)
{
    TR_ASSERT(r);
    memset(r, 0, sizeof(*r));
}

void reply_deinit(struct reply *r)
{
    if (r) {
        r->html = mem_free(r->html);
        r->keyboard_json = mem_free(r->keyboard_json);
    }
}

void outputs_init(struct outputs *o)
{
    TR_ASSERT(o);
    memset(o, 0, sizeof(*o));
    buf_init(&o->blob, OUTPUT_MAX_BYTES);
}

void outputs_deinit(struct outputs *o)
{
    if (o) {
        buf_deinit(&o->blob);
    }
}

void outputs_reset(struct outputs *o)
{
    TR_ASSERT(o);
    buf_reset(&o->blob);
    o->count = 0;
    o->has_messages = false;
    o->has_ledger = false;
}

static void begin(struct outputs *o, enum output_kind kind)
{
    TR_ASSERT(o);
    TR_ASSERT(kind > OUTPUT_UNSET && kind < OUTPUT_KIND_COUNT);
    pack_i64(&o->blob, kind);
    o->count++;
}

void outputs_add_receipt(struct outputs *o, const struct receipt *r)
{
    TR_ASSERT(r && r->reason > REASON_UNSET && r->reason < REASON_COUNT);
    begin(o, OUTPUT_RECEIPT);
    pack_i64(&o->blob, RECEIPT_VERSION);
    pack_u64(&o->blob, r->seq);
    pack_i64(&o->blob, r->reason);
    pack_str(&o->blob, r->text);
}

static void pack_optional(struct buf *b, const char *s)
{
    pack_bool(b, s != NULL);
    if (s) {
        pack_str(b, s);
    }
}

static char *unpack_optional(struct unpack *u, size_t max_len)
{
    return unpack_bool(u) ? unpack_str_dup(u, max_len) : NULL;
}

void outputs_add_reply(struct outputs *o, const struct reply *r)
{
    TR_ASSERT(r && r->bot > BOT_UNSET && r->bot < BOT_COUNT);
    begin(o, OUTPUT_REPLY);
    struct buf *b = &o->blob;
    pack_i64(b, REPLY_VERSION);
    pack_i64(b, r->bot);
    pack_i64(b, r->chat_id);
    pack_i64(b, r->thread_id);
    pack_i64(b, r->reply_to);
    pack_i64(b, r->edit_message_id);
    pack_str(b, r->callback_id);
    pack_str(b, r->callback_text);
    pack_optional(b, r->html);
    pack_optional(b, r->keyboard_json);
    pack_str(b, r->photo_path);
    o->has_messages = true;
}

static bool is_for_ledger_only(enum event_type t)
{
    return t == EVENT_TRADE_OPENED || t == EVENT_TRADE_CLOSED || t == EVENT_DECISION ||
           t == EVENT_CHAIN_STATE;
}

void outputs_add_event(struct outputs *o, const struct event *e)
{
    TR_ASSERT(e);
    begin(o, OUTPUT_EVENT);
    event_pack(&o->blob, e);
    if (is_for_ledger_only(e->type)) {
        o->has_ledger = true;
    } else {
        o->has_messages = true;
    }
}

void outputs_add_intent(struct outputs *o, const struct order *ord)
{
    begin(o, OUTPUT_INTENT);
    order_pack(&o->blob, ord);
}

void outputs_add_decision(struct outputs *o, const char *json_text)
{
    TR_ASSERT(json_text);
    begin(o, OUTPUT_DECISION);
    pack_str(&o->blob, json_text);
}

static void receipt_unpack(struct unpack *u, struct receipt *ret)
{
    (void)unpack_int(u, RECEIPT_VERSION, RECEIPT_VERSION);
    ret->seq = unpack_u64(u);
    ret->reason = (enum reason)unpack_int(u, REASON_UNSET + 1, REASON_COUNT - 1);
    unpack_str(u, ret->text, sizeof(ret->text));
}

static void reply_unpack(struct unpack *u, struct reply *ret)
{
    (void)unpack_int(u, REPLY_VERSION, REPLY_VERSION);
    ret->bot = (enum bot_id)unpack_int(u, BOT_UNSET + 1, BOT_COUNT - 1);
    ret->chat_id = unpack_i64(u);
    ret->thread_id = unpack_i64(u);
    ret->reply_to = unpack_i64(u);
    ret->edit_message_id = unpack_i64(u);
    unpack_str(u, ret->callback_id, sizeof(ret->callback_id));
    unpack_str(u, ret->callback_text, sizeof(ret->callback_text));
    ret->html = unpack_optional(u, REPLY_TEXT_MAX_BYTES);
    ret->keyboard_json = unpack_optional(u, REPLY_KEYBOARD_MAX_BYTES);
    unpack_str(u, ret->photo_path, sizeof(ret->photo_path));
}

/* Fills the member of v that belongs to its kind; *ret_json: heap text v->decision_json points to.
 */
static void body_unpack(struct unpack *u, struct output_view *v, char **ret_json)
{
    switch (v->kind) {
    case OUTPUT_RECEIPT:
        receipt_unpack(u, &v->receipt);
        break;
    case OUTPUT_REPLY:
        reply_unpack(u, &v->reply);
        break;
    case OUTPUT_EVENT:
        event_unpack(u, &v->event);
        break;
    case OUTPUT_INTENT:
        order_unpack(u, &v->intent);
        break;
    case OUTPUT_DECISION:
        *ret_json = unpack_str_dup(u, DECISION_JSON_MAX_BYTES);
        v->decision_json = *ret_json;
        break;
    case OUTPUT_UNSET:
    case OUTPUT_KIND_COUNT:
        u->failed = true;
        break;
    }
}

int outputs_visit(const void *blob, size_t len, output_visit_fn visit, void *ctx)
{
    TR_ASSERT(blob || len == 0);
    TR_ASSERT(visit);
    struct unpack u;
    unpack_init(&u, blob, len);
    int r = 0;
    while (r == 0 && unpack_ok(&u) && !unpack_done(&u)) {
        struct output_view v;
        memset(&v, 0, sizeof(v));
        TR_CLEANUP(mem_freep) char *json = NULL;
        v.kind = (enum output_kind)unpack_int(&u, OUTPUT_UNSET, OUTPUT_KIND_COUNT - 1);
        body_unpack(&u, &v, &json);
        if (unpack_ok(&u)) {
            r = visit(&v, ctx);
        }
        reply_deinit(&v.reply);
    }
    if (r == 0 && !unpack_ok(&u)) {
        return err_raise(-EBADMSG);
    }
    return r;
}
