/* Covers: outputs of every kind in order and back, the two flags, a visitor that stops, truncation
 * and changed bytes, the size limit. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "model/output.h"

struct seen {
    int count;
    enum output_kind kinds[16];
    char html[64], keyboard[64], decision[64], text[64];
    uint64_t intent_cid, receipt_seq;
    int64_t profit_e8;
    int stop_at, stop_with;
};

static int visit(const struct output_view *v, void *ctx)
{
    struct seen *s = ctx;
    if (s->count < 16)
        s->kinds[s->count] = v->kind;
    s->count++;
    switch (v->kind) {
    case OUTPUT_RECEIPT:
        s->receipt_seq = v->receipt.seq;
        (void)str_copy(s->text, sizeof(s->text), v->receipt.text);
        break;
    case OUTPUT_REPLY:
        (void)str_copy(s->html, sizeof(s->html), v->reply.html != NULL ? v->reply.html : "(none)");
        (void)str_copy(s->keyboard, sizeof(s->keyboard),
                       v->reply.keyboard_json != NULL ? v->reply.keyboard_json : "(none)");
        break;
    case OUTPUT_EVENT:
        s->profit_e8 = v->event.profit_e8;
        break;
    case OUTPUT_INTENT:
        s->intent_cid = v->intent.cid;
        break;
    case OUTPUT_DECISION:
        (void)str_copy(s->decision, sizeof(s->decision), v->decision_json);
        break;
    case OUTPUT_UNSET:
    case OUTPUT_KIND_COUNT:
        cr_assert_fail("kind %d", (int)v->kind);
    }
    return s->stop_at != 0 && s->count == s->stop_at ? s->stop_with : 0;
}

static void add_all(struct outputs *o)
{
    struct receipt receipt = {.seq = 77, .reason = REASON_ACCEPTED, .text = "LOGIC2"};
    struct order order = {.cid = 5,
                          .position_cid = 5,
                          .purpose = ORDER_OPEN,
                          .state = ORDER_LOGGED,
                          .side = SIDE_BUY,
                          .lots_e8 = 1,
                          .sl_e8 = DEC_NONE,
                          .tp_e8 = DEC_NONE};
    struct event e = EVENT_INIT;
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = -100;
    r.html = xstrdup("<b>Paused</b>");
    e.type = EVENT_PAUSED;
    e.profit_e8 = 42;
    outputs_add_receipt(o, &receipt);
    outputs_add_reply(o, &r);
    outputs_add_event(o, &e);
    outputs_add_intent(o, &order);
    outputs_add_decision(o, "{\"action\":\"skip\"}");
    reply_deinit(&r);
    cr_expect_null(r.html);
}

Test(output, every_kind_comes_back_in_order)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    struct seen s = {0};
    outputs_init(&o);
    add_all(&o);
    cr_assert_eq(o.count, 5);
    cr_assert_eq(outputs_visit(o.blob.data, o.blob.len, visit, &s), 0);
    cr_assert_eq(s.count, 5);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(s.kinds[i], i + 1);
    cr_expect_eq(s.receipt_seq, 77);
    cr_expect_str_eq(s.text, "LOGIC2");
    cr_expect_str_eq(s.html, "<b>Paused</b>");
    cr_expect_str_eq(s.keyboard, "(none)");
    cr_expect_eq(s.profit_e8, 42);
    cr_expect_eq(s.intent_cid, 5);
    cr_expect_str_eq(s.decision, "{\"action\":\"skip\"}");
}

Test(output, flags_tell_who_must_read_the_row)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    struct receipt receipt = {.seq = 1, .reason = REASON_ACCEPTED};
    struct event e = EVENT_INIT;
    outputs_init(&o);
    outputs_add_receipt(&o, &receipt);
    cr_expect_not(o.has_messages || o.has_ledger);
    e.type = EVENT_TRADE_CLOSED;
    outputs_add_event(&o, &e);
    cr_expect(o.has_ledger);
    cr_expect_not(o.has_messages);
    e.type = EVENT_ENTRY;
    outputs_add_event(&o, &e);
    cr_expect(o.has_messages);
    outputs_reset(&o);
    cr_expect_not(o.has_messages || o.has_ledger || o.count != 0 || o.blob.len != 0);
}

Test(output, nothing_is_no_output)
{
    struct seen s = {0};
    cr_expect_eq(outputs_visit(NULL, 0, visit, &s), 0);
    cr_expect_eq(s.count, 0);
}

Test(output, a_visitor_can_stop)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    struct seen s = {.stop_at = 2, .stop_with = 9};
    outputs_init(&o);
    add_all(&o);
    cr_expect_eq(outputs_visit(o.blob.data, o.blob.len, visit, &s), 9);
    cr_expect_eq(s.count, 2);
}

Test(output, truncation_is_reported_unless_it_falls_between_outputs)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    outputs_init(&o);
    add_all(&o);
    int whole = 0;
    for (size_t n = 0; n < o.blob.len; n++) {
        struct seen s = {0};
        int r = outputs_visit(o.blob.data, n, visit, &s);
        cr_assert(r == 0 || r == -EBADMSG);
        whole += r == 0;
    }
    cr_expect_eq(whole, 5, "none, one ... four outputs");
}

Test(output, changed_bytes_never_harm)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    outputs_init(&o);
    add_all(&o);
    for (size_t i = 0; i < o.blob.len; i++)
        for (int v = 0; v < 256; v += 17) {
            struct seen s = {0};
            char was = o.blob.data[i];
            o.blob.data[i] = (char)v;
            int r = outputs_visit(o.blob.data, o.blob.len, visit, &s);
            o.blob.data[i] = was;
            cr_assert(r == 0 || r == -EBADMSG);
        }
}

Test(output, too_much_is_seen_at_the_end)
{
    TR_CLEANUP(outputs_deinit) struct outputs o;
    struct reply r;
    reply_init(&r);
    r.bot = BOT_ANALYTICS;
    r.html = xalloc(REPLY_TEXT_MAX_BYTES);
    memset(r.html, 'x', REPLY_TEXT_MAX_BYTES - 1);
    outputs_init(&o);
    for (int i = 0; i < OUTPUT_MAX_BYTES / REPLY_TEXT_MAX_BYTES; i++)
        outputs_add_reply(&o, &r);
    cr_expect(buf_failed(&o.blob));
    outputs_reset(&o);
    cr_expect_not(buf_failed(&o.blob));
    reply_deinit(&r);
}
