/* trident shadow export: the whole history of the shadow machine from a trader's journal: what each
 * side said about each alert (SH-1), where they did not agree, and every change of mode and phase.
 * Reads by its own read-only connection, so it may run beside the daemon. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/jsonw.h"
#include "engine/input.h"
#include "model/output.h"
#include "store/journal.h"

#define LINE_MAX_BYTES 4096
#define ROWS_A_READ    4096

struct line {
    uint64_t seq;
    int64_t time_ms;
    const char *record, *source, *symbol, *signal, *route; /* "" = does not apply */
    const struct shadow_view *view;                        /* NULL: no decision */
    const char *detail;
};

struct export
{
    bool is_json;
    uint64_t lines;
    const struct journal_row *row;
};

/* ---- one line ---- */

static const char *decimal(int64_t value_e8, char out[DEC_TEXT_CAP])
{
    out[0] = '\0';
    return value_e8 == DEC_NONE ? out : dec_format(value_e8, out);
}

struct fields {
    const char *name[14], *text[14];
    char seq[24], time[CLOCK_TEXT_CAP];
    char lots[DEC_TEXT_CAP], sl[DEC_TEXT_CAP], tp[DEC_TEXT_CAP];
    size_t count;
};

static void add(struct fields *f, const char *name, const char *text)
{
    TR_ASSERT(f->count < TR_ARRAY_SIZE(f->name));
    f->name[f->count] = name;
    f->text[f->count++] = text;
}

static void fill(struct fields *f, const struct line *l)
{
    static const struct shadow_view none = {
        .what = {.lots_e8 = DEC_NONE, .sl_pips_e8 = DEC_NONE, .tp_pips_e8 = DEC_NONE}};
    const struct shadow_view *v = l->view != NULL ? l->view : &none;
    (void)snprintf(f->seq, sizeof(f->seq), "%llu", (unsigned long long)l->seq);
    clock_format_rfc3339(l->time_ms, f->time);
    add(f, "signal_id", f->seq);
    add(f, "timestamp", f->time);
    add(f, "record", l->record);
    add(f, "source", l->source);
    add(f, "symbol", l->symbol);
    add(f, "signal", l->signal);
    add(f, "route", l->route);
    add(f, "action", l->view != NULL ? shadow_action_name(v->what.action) : "");
    add(f, "reason", reason_code(v->reason));
    add(f, "direction", side_name(v->what.side));
    add(f, "lot_size", decimal(v->what.has_params ? v->what.lots_e8 : DEC_NONE, f->lots));
    add(f, "sl_pips", decimal(v->what.sl_pips_e8, f->sl));
    add(f, "tp_pips", decimal(v->what.tp_pips_e8, f->tp));
    add(f, "detail", l->detail);
}

static void put_csv(const struct fields *f, bool is_head)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *text = is_head ? f->name[i] : f->text[i];
        bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
        cli_print("%s%s", i > 0 ? "," : "", is_quoted ? "\"" : "");
        for (const char *p = text; *p != '\0'; p++)
            cli_print("%s%c", *p == '"' ? "\"" : "", *p);
        cli_print("%s", is_quoted ? "\"" : "");
    }
    cli_print("\n");
}

static void put_json(const struct fields *f)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct jsonw w;
    buf_init(&out, LINE_MAX_BYTES);
    jsonw_init(&w, &out);
    jsonw_object_begin(&w, NULL);
    for (size_t i = 0; i < f->count; i++)
        if (i == 0)
            jsonw_raw(&w, f->name[i], f->text[i]);
        else if (f->text[i][0] != '\0')
            jsonw_str(&w, f->name[i], f->text[i]);
    jsonw_object_end(&w);
    TR_ASSERT(!buf_failed(&out));
    cli_print("%s\n", out.data);
}

static void put(struct export *x, const struct line *l)
{
    struct fields f = {.count = 0};
    fill(&f, l);
    if (x->is_json)
        put_json(&f);
    else
        put_csv(&f, false);
    x->lines++;
}

/* ---- a row of the journal ---- */

static void put_decision(struct export *x, const struct signal *s, const struct decision *d)
{
    struct shadow_view v;
    if (d->plugin[0] == '\0' || d->action == DECISION_UNSET)
        return; /* nobody was asked */
    shadow_view_of(d, &v);
    put(x, &(struct line){.seq = x->row->seq,
                          .time_ms = x->row->time_ms,
                          .record = "decision",
                          .source = d->plugin,
                          .symbol = s->symbol,
                          .signal = signal_kind_name(s->kind),
                          .route = d->route,
                          .view = &v,
                          .detail = ""});
}

static int put_input(struct export *x)
{
    const struct journal_row *row = x->row;
    struct input_quotes quotes;
    struct input *in = input_new((enum input_kind)row->kind);
    TR_CLEANUP(mem_freep) struct decision *d = xalloc(sizeof *d);
    int r = input_unpack(row->input, row->input_len, in, &quotes, d);
    if (r == 0 && in->kind == INPUT_SIGNAL) {
        put_decision(x, &in->signal, d);
        if (in->other != NULL)
            put_decision(x, &in->signal, in->other);
    } else if (r == 0 && in->legacy.view.what.action != SHADOW_ACTION_UNSET) {
        put(x, &(struct line){.seq = row->seq,
                              .time_ms = row->time_ms,
                              .record = "decision",
                              .source = "legacy",
                              .symbol = in->legacy.view.what.symbol,
                              .signal = "",
                              .route = "",
                              .view = &in->legacy.view,
                              .detail = ""});
    }
    input_free(in);
    return r;
}

static int put_output(const struct output_view *v, void *ctx)
{
    struct export *x = ctx;
    const struct event *e = &v->event;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    bool is_ours = e->type == EVENT_SHADOW_MISMATCH || e->type == EVENT_MODE_CHANGED ||
                   e->type == EVENT_ROLLBACK || e->type == EVENT_CUTOVER_READY ||
                   e->type == EVENT_PHASE_CHANGED || e->type == EVENT_PHASE_READY;
    if (!is_ours)
        return 0;
    put(x, &(struct line){
               .seq = e->cause_seq != 0 ? e->cause_seq : x->row->seq,
               .time_ms = x->row->time_ms,
               .record = event_info(e->type)->name,
               .source = e->plugin,
               .symbol = e->symbol,
               .signal = e->signal_kind != SIGNAL_UNSET ? signal_kind_name(e->signal_kind) : "",
               .route = e->route,
               .detail = e->text[0] != '\0' ? e->text : reason_code(e->reason)});
    return 0;
}

static int on_row(const struct journal_row *row, void *ctx)
{
    struct export *x = ctx;
    x->row = row;
    int r = 0;
    if (row->kind == INPUT_SIGNAL || row->kind == INPUT_LEGACY)
        r = put_input(x);
    return r < 0 ? r : outputs_visit(row->output, row->output_len, put_output, x);
}

static int export_file(const char *path, bool is_json)
{
    struct journal_reader *reader = NULL;
    struct export x = {.is_json = is_json};
    struct fields head = {.count = 0};
    fill(&head,
         &(struct line){
             .record = "", .source = "", .symbol = "", .signal = "", .route = "", .detail = ""});
    int r = journal_reader_open(path, &reader);
    uint64_t last = 0, before = 1;
    if (r == 0 && !is_json)
        put_csv(&head, true);
    while (r == 0 && last != before) {
        before = last;
        r = journal_read(reader, before, ROWS_A_READ, 0, on_row, &x, &last);
    }
    journal_reader_close(reader);
    if (r < 0)
        cli_error("%s: %s", path, strerror(-r));
    return r == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- the command ---- */

enum { OPT_CONFIG, OPT_TRADER, OPT_JOURNAL, OPT_FORMAT, OPT_COUNT };

static int export_of_trader(const struct conf *c, const char *trader, bool is_json)
{
    char dir[CONF_DIR_CAP], path[CONF_DIR_CAP + 16];
    for (int i = 0; i < c->trader_count; i++) {
        if (trader != NULL && !str_eq(c->traders[i].id, trader))
            continue;
        conf_trader_dir(c, i, dir);
        (void)snprintf(path, sizeof(path), "%s/journal.db", dir);
        return export_file(path, is_json);
    }
    cli_error("there is no trader \"%s\"", trader);
    return CLI_FAILED;
}

static int shadow_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_TRADER] = {.name = "--trader", .takes_value = true},
        [OPT_JOURNAL] = {.name = "--journal", .takes_value = true},
        [OPT_FORMAT] = {.name = "--format", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT, .word_max = 1};
    int r = cli_parse(&cli_shadow, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    const char *format = options[OPT_FORMAT].given ? options[OPT_FORMAT].value : "csv";
    bool is_json = str_eq(format, "jsonl");
    if (a.word_count != 1 || !str_eq(a.words[0], "export"))
        return cli_usage_error(&cli_shadow, "say `export`");
    if (!is_json && !str_eq(format, "csv"))
        return cli_usage_error(&cli_shadow, "--format is csv or jsonl, not \"%s\"", format);
    if (options[OPT_JOURNAL].given)
        return export_file(options[OPT_JOURNAL].value, is_json);
    struct conf *c = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    r = export_of_trader(c, options[OPT_TRADER].value, is_json);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_shadow = {
    .name = "shadow",
    .summary = "every decision of old logic and plugins, and where they did not agree",
    .usage =
        "export [--format csv|jsonl] [--trader ID] [--config FILE | --journal FILE]\n\n"
        "One line for each decision about an alert (source: the plugin, or legacy), each\n"
        "discrepancy (shadow_mismatch, its type in detail), and each change of mode, rollback\n"
        "and phase, from the first row of the journal on. signal_id is the number /why takes.\n"
        "A running daemon answers for the newest of them at GET /api/v1/shadow,\n"
        "/api/v1/shadow/export.csv (?what=discrepancies or virtual) and export.jsonl.",
    .run = shadow_run,
};
