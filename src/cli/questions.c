/* cli/questions.c: see questions.h.
 *
 * /whatif supposes what the trader's newest batch left behind: balance, losses of the day, what is
 * open (engine/view.h) and the broker's quotes, written as the state that `trident decide --state`
 * reads. An alert that brings its own state is asked under that one alone.
 *
 * /drill runs on a scratch trader (simulate/drill.h) with the settings of this one; what this one
 * has open is not touched, and only the paper broker is drilled. */
#include "cli/questions.h"

#include <string.h>

#include "bots/reports.h"
#include "core/alloc.h"
#include "conf/conf_diff.h"
#include "core/jsonw.h"
#include "http/decide.h"
#include "simulate/drill.h"

/* ---- /whatif ---- */

static void put_decimal(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    jsonw_str(w, key, dec_format(v_e8, text));
}

static void put_prices(struct jsonw *w, struct broker *broker)
{
    struct quote q;
    jsonw_object_begin(w, "prices");
    for (size_t i = 0; i < symbol_count(); i++) {
        const char *name = symbol_at(i)->name;
        if (!broker->ops->quote(broker, name, &q) || q.bid_e8 <= 0)
            continue;
        jsonw_object_begin(w, name);
        put_decimal(w, "bid", q.bid_e8);
        put_decimal(w, "ask", q.ask_e8);
        jsonw_object_end(w);
    }
    jsonw_object_end(w);
}

static void put_position(struct jsonw *w, const struct position *p)
{
    char opened[CLOCK_TEXT_CAP];
    clock_format_rfc3339(p->opened_ms, opened);
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "symbol", p->symbol);
    jsonw_str(w, "side", side_name(p->side));
    put_decimal(w, "lots", p->lots_e8);
    put_decimal(w, "entry", p->entry_e8);
    jsonw_str(w, "opened_at", opened);
    if (p->sl_e8 != DEC_NONE && p->sl_e8 > 0)
        put_decimal(w, "sl", p->sl_e8);
    if (p->tp_e8 != DEC_NONE && p->tp_e8 > 0)
        put_decimal(w, "tp", p->tp_e8);
    if (p->chain_id[0] != '\0')
        jsonw_str(w, "chain", p->chain_id);
    if (p->plugin[0] != '\0')
        jsonw_str(w, "plugin", p->plugin);
    if (p->route[0] != '\0')
        jsonw_str(w, "route", p->route);
    jsonw_object_end(w);
}

/* How the trader stands, as a state of http/decide.h. */
static void put_state(struct buf *out, const struct bots_trader *t, const struct engine_stats *now,
                      struct report_whatif *ret)
{
    struct jsonw w;
    struct view *v TR_CLEANUP(mem_freep) = xalloc(sizeof(*v));
    view_board_read(t->view, v);
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    put_decimal(&w, "balance", now->balance_e8);
    put_decimal(&w, "daily_loss", now->daily_loss_e8);
    jsonw_bool(&w, "paused", now->paused || now->panicked);
    put_prices(&w, t->broker);
    jsonw_array_begin(&w, "open");
    for (size_t i = 0; i < v->position_count && i < DECISION_CLOSES_MAX; i++)
        put_position(&w, &v->positions[i]);
    jsonw_array_end(&w);
    jsonw_object_end(&w);
    ret->balance_e8 = now->balance_e8;
    ret->open = v->position_count;
}

static bool suppose(struct decide *d, const struct bots_trader *t, struct report_whatif *ret)
{
    struct engine_stats now;
    struct buf state TR_CLEANUP(buf_deinit);
    buf_init(&state, DECIDE_STATE_MAX_BYTES);
    engine_get_stats(t->engine, &now);
    put_state(&state, t, &now, ret);
    TR_ASSERT(!buf_failed(&state));
    return decide_state(d, state.data, state.len);
}

static struct decide *ask_about(const struct bots_options *o, size_t trader)
{
    struct conf_trader *t TR_CLEANUP(mem_freep) = xalloc(sizeof(*t));
    struct settings *changed TR_CLEANUP(mem_freep) = xalloc(sizeof(*changed));
    engine_get_settings(o->traders[trader].engine, changed);
    decide_in_force(&o->conf->traders[trader], changed, t);
    struct decide *d = decide_new(t, clock_wall_ms(o->clock));
    decide_modes(d, o->traders[trader].view);
    return d;
}

bool questions_whatif(void *ctx, const struct bots_question *q, struct buf *out)
{
    const struct bots_options *o = ctx;
    TR_ASSERT(q->trader < o->trader_count);
    size_t len = strlen(q->text);
    struct report_whatif *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct decide *d = ask_about(o, q->trader);
    r->trader = o->traders[q->trader].id;
    r->is_stated = decide_is_stated(q->text, len);
    bool asked = r->is_stated || suppose(d, &o->traders[q->trader], r);
    asked = asked && decide_question(d, q->text, len, NULL, &r->signal, &r->decision);
    if (asked)
        report_whatif(out, q->lang, r);
    else
        report_whatif_problems(out, q->lang, decide_problems(d));
    decide_free(d);
    return asked;
}

/* ---- /drill ---- */

bool questions_drill(void *ctx, const struct bots_question *q, struct buf *out)
{
    const struct bots_options *o = ctx;
    TR_ASSERT(q->trader < o->trader_count);
    const struct conf_trader *t = &o->conf->traders[q->trader];
    struct broker *broker = o->traders[q->trader].broker;
    if (!str_eq(t->broker_kind, "paper"))
        return false;
    const struct symbol_info *symbol = symbol_find(DRILL_SYMBOL);
    struct drill_options d = {.trader_id = t->id,
                              .paper = t->paper,
                              .order_deadline_ms = t->order_deadline_ms,
                              .start_ms = clock_wall_ms(o->clock)};
    if (!broker->ops->quote(broker, DRILL_SYMBOL, &d.quote) || d.quote.bid_e8 <= 0)
        d.quote = (struct quote){symbol->sim_price_e8 - symbol->typical_spread_e8,
                                 symbol->sim_price_e8, d.start_ms};
    drill_report(&d, q->text, q->lang, out);
    return true;
}

/* ---- /config reload ---- */

static void put_difference(void *ctx, const char *path, const char *text)
{
    struct buf *out = ctx;
    if (text != NULL)
        buf_printf(out, "S\t%s\t%s\n", path, text);
    else
        buf_printf(out, "R\t%s\n", path);
}

bool questions_reload(void *ctx, const struct bots_question *q, struct buf *out)
{
    const struct bots_options *o = ctx;
    struct conf *read TR_CLEANUP(mem_freep) = xalloc(sizeof(*read));
    struct conf_problems *problems TR_CLEANUP(mem_freep) = xalloc(sizeof(*problems));
    if (o->conf->file[0] == '\0')
        return false;
    bool is_valid = conf_load(o->conf->file, read, problems) == CONF_OK;
    buf_puts(out, is_valid ? "ok\n" : "bad\n");
    for (int i = 0; !is_valid && i < problems->count; i++)
        buf_printf(out, "P\t%s\t%s\t%s\n", problems->items[i].path, problems->items[i].value,
                   problems->items[i].accepted);
    if (is_valid)
        conf_diff(o->conf, read, (int)q->trader, put_difference, out);
    conf_wipe(read);
    return true;
}

static const struct conf_trader *find_trader(const struct conf *c, const char *id)
{
    for (int i = 0; i < c->trader_count; i++)
        if (str_eq(c->traders[i].id, id))
            return &c->traders[i];
    return NULL;
}

bool questions_read_outside(const struct conf *running, const char *trader, const char *plugin,
                            struct outside_conf *ret)
{
    struct conf *read TR_CLEANUP(mem_freep) = xalloc(sizeof(*read));
    struct conf_problems *problems TR_CLEANUP(mem_freep) = xalloc(sizeof(*problems));
    bool is_valid = running->file[0] != '\0' && conf_load(running->file, read, problems) == CONF_OK;
    const struct conf_trader *t = is_valid ? find_trader(read, trader) : NULL;
    bool is_found = false;
    for (int i = 0; t != NULL && i < OUTSIDE_PLUGINS; i++) {
        if (!str_eq(outside_plugins[i].id, plugin))
            continue;
        *ret = t->outside[i];
        is_found = true;
    }
    conf_wipe(read);
    return is_found;
}

void questions_prepare(void *ctx, struct command *c, size_t trader)
{
    const struct bots_question q = {.trader = trader, .text = "", .lang = c->lang};
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (!str_eq(c->name, "reload") && !(str_eq(c->name, "config") && str_eq(c->args, "reload")))
        return;
    buf_init(&out, REPORTS_MAX_BYTES);
    if (questions_reload(ctx, &q, &out) && !buf_failed(&out))
        c->body = buf_take(&out);
}
