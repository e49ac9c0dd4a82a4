/* /receipt N, /logs [n], /audit: what the journal itself says: the result and hash of one row, what
 * went wrong lately (for admins with the log's newest lines), and whether the chain of hashes is
 * unbroken. All three read it by their own connection on the bot's thread. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/hearing.h"
#include "bots/reports.h"
#include "core/alloc.h"
#include "core/log.h"

#define LOOK_BACK_ROWS 5000
#define SHOWN_DEFAULT  10
#define SHOWN_MAX      30
#define AUDIT_MAX_ROWS 200000 /* what is checked while a person waits */

static const struct arg_spec receipt_fields[] = {{.name = "number", .type = ARG_RECEIPT},
                                                 {.type = ARG_UNSET}};
static const struct arg_spec logs_fields[] = {
    {.name = "lines", .type = ARG_INT, .is_optional = true, .min = 1, .max = SHOWN_MAX},
    {.type = ARG_UNSET}};

/* ---- /receipt ---- */

struct receipt_view {
    struct buf *out;
    enum lang lang;
    int utc_offset_min;
    struct receipt receipt;
    uint64_t events, intents, replies;
};

static int on_output(const struct output_view *v, void *ctx)
{
    struct receipt_view *r = ctx;
    if (v->kind == OUTPUT_RECEIPT)
        r->receipt = v->receipt;
    r->events += v->kind == OUTPUT_EVENT;
    r->intents += v->kind == OUTPUT_INTENT;
    r->replies += v->kind == OUTPUT_REPLY;
    return 0;
}

static int on_receipt_row(const struct journal_row *row, void *ctx)
{
    static const char *const kinds[] = {"",      "signal", "command", "broker",
                                        "timer", "notice", "price"};
    struct receipt_view *v = ctx;
    char seq[FORMAT_CAP], at[FORMAT_CAP], t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    char hash[HASH_HEX_CAP];
    int r = outputs_visit(row->output, row->output_len, on_output, v);
    if (r < 0)
        return err_trace(r);
    bool is_known = row->kind > 0 && (size_t)row->kind < TR_ARRAY_SIZE(kinds);
    hash_hex(row->hash, sizeof row->hash, hash, sizeof hash);
    text_render(v->out, v->lang, "receipt.title",
                ANSWER_ARGS({"seq", format_u64(row->seq, seq)},
                            {"time", format_minute(row->time_ms, v->utc_offset_min, at)}));
    buf_putc(v->out, '\n');
    text_render(v->out, v->lang, "receipt.line",
                ANSWER_ARGS({"kind", is_known ? kinds[row->kind] : "?"},
                            {"reason", reason_code(v->receipt.reason)}, {"text", v->receipt.text}));
    buf_putc(v->out, '\n');
    text_render(v->out, v->lang, "receipt.outputs",
                ANSWER_ARGS({"events", format_u64(v->events, t1)},
                            {"intents", format_u64(v->intents, t2)},
                            {"replies", format_u64(v->replies, t3)}));
    buf_putc(v->out, '\n');
    text_render(v->out, v->lang, "receipt.hash", ANSWER_ARGS({"hash", hash}));
    return 0;
}

static enum reason prepare_receipt(const struct bot_prepare *p, struct command *c)
{
    struct args v;
    struct journal_reader *reader = NULL;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    char seq[FORMAT_CAP];
    if (args_parse(receipt_fields, c->args, &v) != ARGS_OK)
        return REASON_ACCEPTED;
    buf_init(&out, REPORTS_MAX_BYTES);
    struct receipt_view view = {
        .out = &out, .lang = c->lang, .utc_offset_min = hearing_zone_of(p, c->chat_id)};
    if (journal_reader_open(p->journal_path, &reader) < 0)
        return REASON_INTERNAL;
    int r = journal_read_one(reader, (uint64_t)v.v[0].number, on_receipt_row, &view);
    journal_reader_close(reader);
    if (r < 0)
        return REASON_INTERNAL;
    if (r == JOURNAL_E_NONE)
        text_render(&out, c->lang, "receipt.none",
                    ANSWER_ARGS({"seq", format_u64((uint64_t)v.v[0].number, seq)}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

/* ---- /logs ---- */

struct trouble {
    uint64_t seq;
    int64_t time_ms;
    struct event event;
};

struct log_view {
    struct trouble *items; /* ring */
    size_t keep, count;
    const struct journal_row *row;
    int utc_offset_min;
};

static bool is_trouble(const struct event *e)
{
    static const enum event_type types[] = {
        EVENT_ORDER_FAILED,      EVENT_ORDER_UNKNOWN, EVENT_ORDER_LATE_FILL,
        EVENT_DAILY_LOSS_LIMIT,  EVENT_BROKER_DOWN,   EVENT_LIFETIME_LOSS_LIMIT,
        EVENT_POSITION_MISMATCH, EVENT_PLUGIN_ERROR,  EVENT_PLUGIN_DISABLED,
        EVENT_STORE_FAULT,       EVENT_BOT_DOWN,      EVENT_EMERGENCY_STOP};
    for (size_t i = 0; i < TR_ARRAY_SIZE(types); i++)
        if (e->type == types[i])
            return true;
    return false;
}

static int on_log_output(const struct output_view *v, void *ctx)
{
    struct log_view *l = ctx;
    if (v->kind != OUTPUT_EVENT || !is_trouble(&v->event))
        return 0;
    l->items[l->count++ % l->keep] =
        (struct trouble){.seq = l->row->seq, .time_ms = l->row->time_ms, .event = v->event};
    return 0;
}

static int on_log_row(const struct journal_row *row, void *ctx)
{
    struct log_view *l = ctx;
    l->row = row;
    return outputs_visit(row->output, row->output_len, on_log_output, l);
}

static void write_troubles(enum lang lang, const struct log_view *l, struct buf *out)
{
    char seq[FORMAT_CAP], at[FORMAT_CAP], n[FORMAT_CAP];
    size_t kept = l->count < l->keep ? l->count : l->keep;
    text_render(out, lang, kept > 0 ? "logs.title" : "logs.none",
                ANSWER_ARGS({"count", format_u64(LOOK_BACK_ROWS, n)}));
    for (size_t i = 0; i < kept; i++) {
        const struct trouble *t = &l->items[(l->count - 1 - i) % l->keep];
        buf_putc(out, '\n');
        text_render(out, lang, "logs.item",
                    ANSWER_ARGS({"seq", format_u64(t->seq, seq)},
                                {"at", format_minute(t->time_ms, l->utc_offset_min, at)},
                                {"event", event_info(t->event.type)->name},
                                {"reason", reason_code(t->event.reason)}, {"text", t->event.text}));
    }
}

/* The program's own newest lines, redacted as they were written; for who runs it. */
static void write_lines(enum lang lang, size_t most, struct buf *out)
{
    char(*lines)[LOG_TAIL_CAP] TR_CLEANUP(mem_freep) = xcalloc(LOG_TAIL_MAX, LOG_TAIL_CAP);
    size_t n = log_tail(lines);
    buf_putc(out, '\n');
    text_render(out, lang, "logs.program", NULL);
    for (size_t i = n > most ? n - most : 0; i < n; i++) {
        buf_putc(out, '\n');
        text_render(out, lang, "logs.line", ANSWER_ARGS({"line", lines[i]}));
    }
}

static int read_troubles(const struct bot_prepare *p, struct log_view *l)
{
    struct journal_reader *reader = NULL;
    uint64_t last = 0, done = 0;
    int r = journal_reader_open(p->journal_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = journal_reader_last_seq(reader, &last);
    uint64_t at = last > LOOK_BACK_ROWS ? last - LOOK_BACK_ROWS : 0;
    while (r >= 0 && at < last) {
        r = journal_read(reader, at, LOOK_BACK_ROWS, JOURNAL_FLAG_MESSAGES, on_log_row, l, &done);
        if (done == at)
            break;
        at = done;
    }
    journal_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

static enum reason prepare_logs(const struct bot_prepare *p, struct command *c)
{
    struct args v;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct trouble *items TR_CLEANUP(mem_freep) = xcalloc(SHOWN_MAX, sizeof *items);
    if (args_parse(logs_fields, c->args, &v) != ARGS_OK)
        return REASON_ACCEPTED;
    struct log_view l = {.items = items,
                         .keep = v.v[0].is_given ? (size_t)v.v[0].number : SHOWN_DEFAULT,
                         .utc_offset_min = hearing_zone_of(p, c->chat_id)};
    if (read_troubles(p, &l) < 0)
        return REASON_INTERNAL;
    buf_init(&out, REPORTS_MAX_BYTES);
    write_troubles(c->lang, &l, &out);
    if (c->role >= ROLE_ADMIN)
        write_lines(c->lang, l.keep, &out);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

/* ---- /audit ---- */

static enum reason prepare_audit(const struct bot_prepare *p, struct command *c)
{
    struct journal_reader *reader = NULL;
    uint64_t rows = 0, bad = 0, last = 0;
    uint8_t raw[HASH_SHA256_BYTES] = {0};
    char t1[FORMAT_CAP], t2[FORMAT_CAP], hash[HASH_HEX_CAP];
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    if (journal_reader_open(p->journal_path, &reader) < 0)
        return REASON_INTERNAL;
    int r = journal_reader_last_seq(reader, &last);
    bool is_short = last <= AUDIT_MAX_ROWS;
    if (r >= 0 && is_short)
        r = journal_verify(reader, &rows, &bad, raw);
    journal_reader_close(reader);
    if (r < 0)
        return REASON_INTERNAL;
    hash_hex(raw, sizeof raw, hash, sizeof hash);
    text_render(&out, c->lang, "audit.title",
                ANSWER_ARGS({"trader", p->options->traders[p->trader].id}));
    buf_putc(&out, '\n');
    text_render(&out, c->lang,
                !is_short         ? "audit.long"
                : r == JOURNAL_OK ? "audit.good"
                                  : "audit.bad",
                ANSWER_ARGS({"rows", format_u64(is_short ? rows : last, t1)},
                            {"row", format_u64(bad, t2)}, {"hash", hash}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

/* ---- all ---- */

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v))
        answer_html(&a, answer_body(c));
    answer_finish(&a, ret);
}

const struct bot_command receipt_command = {
    .ops = {.name = "receipt", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = receipt_fields,
    .help_key = "help.receipt",
    .prepare = prepare_receipt,
};

const struct bot_command logs_command = {
    .ops = {.name = "logs", .role = ROLE_TRADER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"errors"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = logs_fields,
    .help_key = "help.logs",
    .prepare = prepare_logs,
};

const struct bot_command audit_command = {
    .ops = {.name = "audit", .role = ROLE_ADMIN, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.audit",
    .prepare = prepare_audit,
};
