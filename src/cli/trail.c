/* cli/trail.c: a number leads from a row to what came of it: order ids hold the row that caused
 * them, and every fill names its order or its position. So one pass over the rows from that number
 * on finds them all, closing orders of other causes included. What people were told is in the log
 * itself (notify) and not repeated here. */
#include "cli/trail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "engine/input.h"
#include "model/output.h"
#include "store/journal.h"

struct trail {
    const char *trader;
    uint64_t ref;
    struct buf *out;
    const struct journal_row *row;
    struct input_quotes quotes; /* of the row being read */
    struct decision decision;
};

static bool is_of(const struct trail *t, uint64_t cid)
{
    return ((cid >> CID_LEG_BITS) & ((UINT64_C(1) << CID_SEQ_BITS) - 1)) == t->ref;
}

/* "time INFO journal <trader>: <what> ref=N seq=M" without the end. */
static void begin_line(const struct trail *t, const char *what)
{
    char when[CLOCK_TEXT_CAP];
    clock_format_rfc3339(t->row->time_ms, when);
    buf_printf(t->out, "%s INFO journal %s: %s ref=%" PRIu64 " seq=%" PRIu64, when, t->trader, what,
               t->ref, t->row->seq);
}

static void add_number(const struct trail *t, const char *name, int64_t value_e8)
{
    char text[DEC_TEXT_CAP];
    if (value_e8 != DEC_NONE && value_e8 != 0)
        buf_printf(t->out, " %s=%s", name, dec_format(value_e8, text));
}

/* A word of outside: a line stays a line, and no terminal is steered. */
static void add_word(const struct trail *t, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_printf(t->out, " %s=", name);
    for (; *value != '\0'; value++)
        buf_putc(t->out, (unsigned char)*value > ' ' && *value != 0x7f ? *value : '_');
}

/* ---- inputs ---- */

static void add_signal(const struct trail *t, const struct signal *s)
{
    begin_line(t, "signal");
    buf_printf(t->out, " format=%s kind=%s", signal_format_name(s->format),
               signal_kind_name(s->kind));
    add_word(t, "symbol", s->symbol);
    add_word(t, "side", side_name(s->side));
    add_number(t, "price", s->price_e8);
    buf_putc(t->out, '\n');
    const struct decision *d = &t->decision;
    begin_line(t, "decision");
    buf_printf(t->out, " action=%s", decision_action_name(d->action));
    add_word(t, "plugin", d->plugin);
    add_word(t, "route", d->route);
    add_word(t, "field", d->field);
    for (int i = 0; i < d->reason_count; i++)
        buf_printf(t->out, "%s%s", i == 0 ? " reasons=" : ",", reason_code(d->reasons[i]));
    buf_putc(t->out, '\n');
}

/* Without its arguments: they may be secrets, and the log has none. */
static void add_command(const struct trail *t, const struct command *c)
{
    begin_line(t, "command");
    buf_printf(t->out, " name=%s role=%s bot=%s user=%" PRId64 " chat=%" PRId64 "\n", c->name,
               role_name(c->role), c->bot == BOT_UNSET ? "-" : bot_name(c->bot), c->user_id,
               c->chat_id);
}

static void add_broker(const struct trail *t, const struct broker_event *e)
{
    if (!is_of(t, e->cid) && !is_of(t, e->position_cid))
        return;
    begin_line(t, broker_event_name(e->kind));
    buf_printf(t->out, " cid=%" PRIu64 " position=%" PRIu64, e->cid, e->position_cid);
    add_word(t, "symbol", e->symbol);
    add_number(t, "lots", e->lots_e8);
    add_number(t, "price", e->price_e8);
    add_number(t, "profit", e->profit_e8);
    add_word(t, "reason", reason_code(e->reason));
    buf_putc(t->out, '\n');
}

/* Only inputs that may belong to it are unpacked. */
static void add_input(struct trail *t)
{
    const struct journal_row *row = t->row;
    bool is_origin = row->seq == t->ref;
    if (row->kind <= INPUT_UNSET || row->kind >= INPUT_KIND_COUNT ||
        (!is_origin && row->kind != INPUT_BROKER))
        return;
    struct input *in = input_new((enum input_kind)row->kind);
    if (input_unpack(row->input, row->input_len, in, &t->quotes, &t->decision) == 0) {
        if (in->kind == INPUT_SIGNAL)
            add_signal(t, &in->signal);
        else if (in->kind == INPUT_COMMAND)
            add_command(t, &in->command);
        else if (in->kind == INPUT_BROKER)
            add_broker(t, &in->broker);
    }
    input_free(in);
}

/* ---- outputs ---- */

static void add_order(const struct trail *t, const struct order *o)
{
    if (o->parent_seq != t->ref && !is_of(t, o->position_cid))
        return;
    begin_line(t, "order");
    buf_printf(t->out, " cid=%" PRIu64 " position=%" PRIu64 " purpose=%s", o->cid, o->position_cid,
               o->purpose == ORDER_OPEN ? "open" : "close");
    add_word(t, "symbol", o->symbol);
    add_word(t, "side", side_name(o->side));
    add_number(t, "lots", o->lots_e8);
    add_number(t, "sl", o->sl_e8);
    add_number(t, "tp", o->tp_e8);
    add_word(t, "reason", reason_code(o->reason));
    buf_putc(t->out, '\n');
}

static int on_output(const struct output_view *v, void *ctx)
{
    const struct trail *t = ctx;
    if (v->kind == OUTPUT_INTENT)
        add_order(t, &v->intent);
    if (v->kind == OUTPUT_RECEIPT && t->row->seq == t->ref) {
        begin_line(t, "receipt");
        add_word(t, "reason", reason_code(v->receipt.reason));
        buf_putc(t->out, '\n');
    }
    return 0;
}

static int on_row(const struct journal_row *row, void *ctx)
{
    struct trail *t = ctx;
    t->row = row;
    add_input(t);
    int r = outputs_visit(row->output, row->output_len, on_output, t);
    return r == -EBADMSG ? 0 : r; /* of another version: the rest is of use */
}

int trail_read(const char *path, const char *trader, uint64_t ref, struct buf *out)
{
    TR_ASSERT(ref > 0 && ref <= INT64_MAX);
    struct journal_reader *reader = NULL;
    uint64_t last = 0;
    int r = journal_reader_open(path, &reader);
    if (r < 0)
        return err_trace(r);
    struct trail *t = xalloc(sizeof *t);
    *t = (struct trail){.trader = trader, .ref = ref, .out = out};
    r = journal_read(reader, ref - 1, SIZE_MAX, 0, on_row, t, &last);
    mem_free(t);
    journal_reader_close(reader);
    TR_ASSERT(r <= 0);
    return err_trace(r);
}
