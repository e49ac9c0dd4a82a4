#include <string.h>

#include "core/jsonw.h"
#include "notify/render.h"

static void number(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    if (v_e8 != DEC_NONE)
        jsonw_str(w, key, dec_format(v_e8, text));
}

static void word(struct jsonw *w, const char *key, const char *text)
{
    if (text[0] != '\0')
        jsonw_str(w, key, text);
}

void render_json(struct buf *out, const char *trader, const struct event *e, int64_t count)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "type", event_info(e->type)->name);
    jsonw_str(&w, "priority", priority_name(event_info(e->type)->priority));
    word(&w, "trader", trader);
    jsonw_u64(&w, "seq", e->seq);
    jsonw_u64(&w, "cause_seq", e->cause_seq);
    jsonw_i64(&w, "time_ms", e->time_ms);
    jsonw_i64(&w, "count", count);
    word(&w, "symbol", e->symbol);
    word(&w, "side", e->side == SIDE_UNSET ? "" : side_name(e->side));
    word(&w, "plugin", e->plugin);
    word(&w, "route", e->route);
    word(&w, "chain", e->chain_id);
    word(&w, "reason", e->reason == REASON_UNSET ? "" : reason_code(e->reason));
    number(&w, "lots", e->lots_e8);
    number(&w, "entry", e->entry_e8);
    number(&w, "exit", e->exit_e8);
    number(&w, "sl", e->sl_e8);
    number(&w, "tp", e->tp_e8);
    number(&w, "profit", e->profit_e8);
    number(&w, "balance", e->balance_e8);
    number(&w, "number", e->number_e8);
    number(&w, "limit", e->limit_e8);
    word(&w, "text", e->text);
    jsonw_object_end(&w);
}
