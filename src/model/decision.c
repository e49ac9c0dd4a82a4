/* model/decision.c: see decision.h: making decisions step by step, and their JSON. Their bytes in
 * the journal are decision_pack.c's. */
#include "model/decision.h"

#include "core/alloc.h"
#include "core/jsonw.h"

#include <stdio.h>
#include <string.h>

static const char *const action_names[DECISION_ACTION_COUNT] = {"", "execute", "close", "skip",
                                                                "notify"};

const char *decision_action_name(enum decision_action a)
{
    TR_ASSERT((int)a >= 0 && a < DECISION_ACTION_COUNT);
    return action_names[a];
}

void decision_init(struct decision *d, const char *plugin_id)
{
    TR_ASSERT(d && plugin_id);
    memset(d, 0, sizeof(*d));
    TR_ASSERT(str_copy(d->plugin, sizeof(d->plugin), plugin_id));
    d->number_e8 = DEC_NONE;
    d->limit_e8 = DEC_NONE;
}

void decision_reason(struct decision *d, enum reason r)
{
    TR_ASSERT(d);
    TR_ASSERT(r > REASON_UNSET && r < REASON_COUNT);
    for (int i = 0; i < d->reason_count; i++) {
        if (d->reasons[i] == r) {
            return;
        }
    }
    TR_ASSERT(d->reason_count < DECISION_REASONS_MAX);
    d->reasons[d->reason_count++] = r;
}

/* Most names differ in their first letters: a call for each of them was a third of a decision. */
static bool is_named(const struct decision_number *n, const char *name)
{
    return n->name[0] == name[0] && n->name[1] == name[1] && strcmp(n->name, name) == 0;
}

void decision_number(struct decision *d, const char *name, int64_t value_e8)
{
    TR_ASSERT(d && name && name[0] != '\0');
    int i = 0;
    while (i < d->number_count && !is_named(&d->numbers[i], name)) {
        i++;
    }
    if (i == d->number_count) {
        TR_ASSERT(d->number_count < DECISION_NUMBERS_MAX);
        TR_ASSERT(str_copy(d->numbers[i].name, sizeof(d->numbers[i].name), name));
        d->number_count++;
    }
    d->numbers[i].value_e8 = value_e8;
}

void decision_skip(struct decision *d, enum reason r, int64_t number_e8, int64_t limit_e8)
{
    TR_ASSERT(d);
    d->action = DECISION_SKIP;
    d->order_count = 0;
    d->close_count = 0;
    d->close_percent = 0;
    d->close_reason = REASON_UNSET;
    decision_reason(d, r);
    d->number_e8 = number_e8;
    d->limit_e8 = limit_e8;
}

bool decision_has_virtual_orders(const struct decision *d)
{
    return d->action != DECISION_EXECUTE && d->order_count > 0;
}

static void decimal(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    jsonw_str(w, key, v_e8 == DEC_NONE ? NULL : dec_format(v_e8, text));
}

static void order_json(struct jsonw *w, const struct decision_order *o)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "role", order_role_name(o->role));
    jsonw_str(w, "side", side_name(o->side));
    jsonw_str(w, "symbol", o->symbol);
    decimal(w, "lots", o->lots_e8);
    decimal(w, "entry", o->entry_e8);
    decimal(w, "sl", o->sl_e8);
    decimal(w, "tp", o->tp_e8);
    jsonw_object_begin(w, "rule");
    jsonw_str(w, "lots", o->lots_rule);
    jsonw_str(w, "sl", o->sl_rule);
    jsonw_str(w, "tp", o->tp_rule);
    jsonw_object_end(w);
    jsonw_object_end(w);
}

static void closes_json(struct jsonw *w, const struct decision *d, bool is_done)
{
    jsonw_array_begin(w, "closes");
    for (int i = 0; is_done && i < d->close_count; i++) {
        char id[24];
        (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)d->closes[i]);
        jsonw_str(w, NULL, id);
    }
    jsonw_array_end(w);
    if (!is_done)
        return;
    if (d->close_reason != REASON_UNSET) {
        jsonw_str(w, "close_reason", reason_code(d->close_reason));
    }
    if (d->close_percent > 0) {
        jsonw_i64(w, "close_percent", d->close_percent);
    }
}

void decision_to_json(const struct decision *d, struct buf *out)
{
    TR_ASSERT(d && out);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "action", decision_action_name(d->action));
    jsonw_str(&w, "plugin", d->plugin);
    jsonw_str(&w, "route", d->route);
    jsonw_array_begin(&w, "reasons");
    for (int i = 0; i < d->reason_count; i++) {
        jsonw_str(&w, NULL, reason_code(d->reasons[i]));
    }
    jsonw_array_end(&w);
    jsonw_array_begin(&w, "orders");
    for (int i = 0; d->action == DECISION_EXECUTE && i < d->order_count; i++) {
        order_json(&w, &d->orders[i]);
    }
    jsonw_array_end(&w);
    closes_json(&w, d, d->action == DECISION_EXECUTE || d->action == DECISION_CLOSE);
    jsonw_object_begin(&w, "numbers");
    for (int i = 0; i < d->number_count; i++) {
        decimal(&w, d->numbers[i].name, d->numbers[i].value_e8);
    }
    jsonw_object_end(&w);
    if (d->field[0]) {
        jsonw_str(&w, "field", d->field);
    }
    if (d->number_e8 != DEC_NONE) {
        decimal(&w, "number", d->number_e8);
    }
    if (d->limit_e8 != DEC_NONE) {
        decimal(&w, "limit", d->limit_e8);
    }
    jsonw_object_end(&w);
}
