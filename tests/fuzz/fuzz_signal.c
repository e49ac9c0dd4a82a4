/* Any bytes as an alert: either a signal that is sound, survives its own encoding and gets a
 * decision that is sound too, or a refusal that names the field and what would be accepted. */
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "plugins/plugin.h"
#include "signals/parse.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return hash_global_init();
}

static void check_signal(const struct signal *s)
{
    TR_ASSERT(s->format > SIGNAL_FORMAT_UNSET && s->format < SIGNAL_FORMAT_COUNT);
    TR_ASSERT(s->kind > SIGNAL_UNSET && s->kind < SIGNAL_KIND_COUNT);
    TR_ASSERT(symbol_find(s->symbol) != NULL);
    TR_ASSERT(s->mtf_count == 0 || s->mtf_count == 5 || s->mtf_count == 6);
    TR_ASSERT(s->price_e8 == DEC_NONE || s->price_e8 > 0);
    if (signal_is_entry(s->kind)) {
        TR_ASSERT(s->side == SIDE_BUY || s->side == SIDE_SELL);
    }
}

static void check_encoding(const struct signal *s)
{
    struct buf first TR_CLEANUP(buf_deinit), second TR_CLEANUP(buf_deinit);
    struct signal back;
    struct unpack u;
    buf_init(&first, 8192);
    buf_init(&second, 8192);
    signal_pack(&first, s);
    unpack_init(&u, first.data, first.len);
    signal_unpack(&u, &back);
    TR_ASSERT(unpack_done(&u));
    signal_pack(&second, &back);
    TR_ASSERT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
}

static void check_orders(const struct decision *d)
{
    TR_ASSERT(d->order_count > 0 && d->order_count <= 2);
    for (int i = 0; i < d->order_count; i++) {
        const struct decision_order *o = &d->orders[i];
        int sign = side_sign(o->side);
        TR_ASSERT(o->lots_e8 > 0 && o->lots_e8 % (DEC_ONE / 100) == 0);
        TR_ASSERT(o->entry_e8 > 0 && o->sl_e8 > 0);
        TR_ASSERT((o->entry_e8 > o->sl_e8) == (sign > 0));
        TR_ASSERT((o->tp_e8 > o->entry_e8) == (sign > 0));
    }
}

static void check_decision(const struct signal *s, bool quoted)
{
    struct combined_v3_conf conf;
    struct decision d;
    struct plugin_snapshot snap = {.now_ms = s->received_ms};
    const struct symbol_info *info = symbol_find(s->symbol);
    struct buf json TR_CLEANUP(buf_deinit);
    buf_init(&json, 65536);
    combined_v3_conf_defaults(&conf);
    if (!combined_v3_plugin.accepts(&conf, s))
        return;
    if (quoted) {
        snap.quote.bid_e8 = info->sim_price_e8;
        snap.quote.ask_e8 = info->sim_price_e8 + info->typical_spread_e8;
    }
    decision_init(&d, combined_v3_plugin.id);
    TR_ASSERT(combined_v3_plugin.decide(&conf, &snap, s, &d) == 0);
    TR_ASSERT(d.reason_count > 0);
    if (d.action == DECISION_EXECUTE)
        check_orders(&d);
    decision_to_json(&d, &json);
    TR_ASSERT(!buf_failed(&json));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signal s;
    struct signal_fault f;
    char *body = try_alloc(size + 1); /* exact: a read beyond it is seen */
    if (body == NULL)
        return 0;
    memcpy(body, data, size);
    const char *hint = size % 2 == 0 ? "OANDA:XAUUSD" : NULL;
    if (signal_parse(body, size, hint, 1767600000000, &s, &f) == SIGNAL_PARSED) {
        check_signal(&s);
        check_encoding(&s);
        check_decision(&s, true);
        check_decision(&s, false);
    } else {
        TR_ASSERT(f.reason > REASON_UNSET && f.reason < REASON_COUNT);
        TR_ASSERT(f.field[0] != '\0' && f.accepted[0] != '\0');
    }
    (void)mem_free(body);
    return 0;
}
