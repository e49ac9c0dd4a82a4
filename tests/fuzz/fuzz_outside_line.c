/* Any bytes as a line of a strategy's program: first as its hello, then as its decision. What is
 * accepted keeps every promise an order needs: the alert's symbol, lots on the step and within the
 * limits, a stop on its side; closes only of positions it was shown; and the decision survives the
 * journal's encoding. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "outside/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_orders(const struct decision *d, const struct line_question *q)
{
    const struct symbol_info *info = symbol_find(q->symbol);
    for (int i = 0; i < d->order_count; i++) {
        const struct decision_order *o = &d->orders[i];
        int64_t risk_e8 = (o->entry_e8 - o->sl_e8) * side_sign(o->side);
        if (strcmp(o->symbol, q->symbol) != 0 || o->lots_e8 % info->volume_step_e8 != 0 ||
            o->lots_e8 < info->volume_min_e8 || o->lots_e8 > q->max_lot_e8 ||
            risk_e8 < info->min_sl_dist_e8)
            abort();
    }
}

static void check(const struct decision *d, const struct line_question *q)
{
    if (d->action <= DECISION_UNSET || d->action >= DECISION_ACTION_COUNT || d->reason_count < 1)
        abort();
    if ((d->action == DECISION_EXECUTE) != (d->order_count > 0))
        abort();
    check_orders(d, q);
    for (int i = 0; i < d->close_count; i++)
        if (d->closes[i] != q->own[0] && d->closes[i] != q->own[1])
            abort();
    struct buf packed, json;
    buf_init(&packed, 1u << 20);
    buf_init(&json, 1u << 20);
    decision_pack(&packed, d);
    decision_to_json(d, &json);
    if (buf_failed(&packed) || buf_failed(&json))
        abort();
    struct unpack u;
    struct decision *back = xalloc(sizeof(*back));
    unpack_init(&u, packed.data, packed.len);
    decision_unpack(&u, back);
    if (!unpack_done(&u) || back->order_count != d->order_count)
        abort();
    mem_free(back);
    buf_deinit(&packed);
    buf_deinit(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct line_question q = {.id = 7,
                                           .plugin = "outside_1",
                                           .symbol = "EURUSD",
                                           .quote = {.bid_e8 = 108490000, .ask_e8 = 108500000},
                                           .max_lot_e8 = DEC_ONE,
                                           .own = {111, 222},
                                           .own_count = 2};
    char why[LINE_WHY_CAP] = "";
    struct line_hello h;
    if (line_read_hello((const char *)data, size, &h, why) == LINE_OK &&
        (h.name[0] == '\0' || memchr(h.version, '\0', sizeof(h.version)) == NULL))
        abort();
    struct decision *d = xalloc(sizeof(*d));
    enum line_result r = line_read_decision((const char *)data, size, &q, d, why);
    if (r == LINE_OK || r == LINE_E_DECISION)
        check(d, &q);
    else if (why[0] == '\0')
        abort();
    mem_free(d);
    return 0;
}
