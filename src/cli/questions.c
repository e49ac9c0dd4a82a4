/* cli/questions.c: see questions.h.
 *
 * /whatif is asked under the trader's own state, on the engine's thread just before the command has
 * its turn: positions, prices, trends, earlier alerts, limits and modes are those the next alert
 * would meet. An alert that brings its own state is asked under that one alone, on the bot's
 * thread.
 *
 * /drill runs on a scratch trader (simulate/drill.h) with the settings of this one; what this one
 * has open is not touched, and only the paper broker is drilled. */
#include "cli/questions.h"

#include <inttypes.h>
#include <string.h>

#include "backup/retention.h"
#include "bots/answer.h"
#include "bots/reports.h"
#include "cli/backups.h"
#include "core/alloc.h"
#include "conf/conf_diff.h"
#include "engine/state.h"
#include "http/decide.h"
#include "simulate/drill.h"

/* ---- /whatif ---- */

#define ASK_NOW '\x01' /* begins a body that is still the question */

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

static bool answer(struct decide *d, const struct bots_question *q, struct report_whatif *r,
                   struct buf *out)
{
    bool asked = decide_question(d, q->text, strlen(q->text), NULL, &r->signal, &r->decision);
    if (asked)
        report_whatif(out, q->lang, r);
    else
        report_whatif_problems(out, q->lang, decide_problems(d));
    return asked;
}

bool questions_whatif(void *ctx, const struct bots_question *q, struct buf *out)
{
    const struct bots_options *o = ctx;
    TR_ASSERT(q->trader < o->trader_count);
    if (!decide_is_stated(q->text, strlen(q->text))) {
        buf_printf(out, "%c%s", ASK_NOW, q->text);
        return true;
    }
    struct report_whatif *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    struct decide *d = ask_about(o, q->trader);
    r->trader = o->traders[q->trader].id;
    r->is_stated = true;
    bool asked = answer(d, q, r, out);
    decide_free(d);
    return asked;
}

void questions_of_now(const struct conf_trader *t, const struct ahead_moment *now,
                      struct command *c)
{
    const char *body = answer_body(c);
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (!str_eq(c->name, "whatif") || body[0] != ASK_NOW)
        return;
    struct report_whatif *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    const struct bots_question q = {.text = body + 1, .lang = c->lang};
    struct decide *d = decide_new(t, now->now_ms);
    decide_by(d, now->s, now->opt);
    r->trader = t->id;
    r->balance_e8 = now->s->account.balance_e8;
    r->open = now->s->position_count;
    buf_init(&out, COMMAND_BODY_MAX_BYTES);
    buf_append(&out, c->body, (size_t)(body - c->body)); /* notes of the bot's thread */
    (void)answer(d, &q, r, &out);                        /* out has the reason then */
    decide_free(d);
    mem_free(c->body);
    c->body = buf_take(&out);
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

/* ---- before a cut-over ---- */

bool questions_backup(void *ctx, const struct bots_question *q, struct buf *out)
{
    const struct bots_options *o = ctx;
    char to[BACKUP_PATH_CAP];
    struct backup_options b;
    TR_ASSERT(q->trader < o->trader_count);
    backups_options(o->conf, to, &b);
    buf_printf(out, "backup %" PRId64 " %d", retention_newest_ms(to),
               o->conf->backup.before_cutover);
    return true;
}

/* ---- asked by HTTP ---- */

static bots_ask_fn asked_by(const struct command *c)
{
    static const char *const moves[] = {"cutover", "shadow_mode", "phase"};
    if (str_eq(c->name, "reload") || (str_eq(c->name, "config") && str_eq(c->args, "reload")))
        return questions_reload;
    for (size_t i = 0; i < TR_ARRAY_SIZE(moves); i++)
        if (str_eq(c->name, moves[i]))
            return questions_backup;
    return NULL;
}

void questions_prepare(void *ctx, struct command *c, size_t trader)
{
    const struct bots_question q = {.trader = trader, .text = "", .lang = c->lang};
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    bots_ask_fn ask = asked_by(c);
    if (ask == NULL)
        return;
    buf_init(&out, REPORTS_MAX_BYTES);
    if (ask(ctx, &q, &out) && !buf_failed(&out))
        c->body = buf_take(&out);
}
