/* trident audit: the hash chain of the journals, the journals played again, and one row in words.
 * Reads by its own read-only connection, so it may run beside the daemon. It changes nothing and
 * repairs nothing. */
#include <stdio.h>
#include <string.h>
#include "bots/bots.h"
#include "cli/cli.h"
#include "cli/daemon.h"
#include "cli/verify.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "engine/input.h"
#include "model/output.h"
#include "store/journal.h"

#define PATH_CAP (CONF_DIR_CAP + 16)

/* ---- verify ---- */

static int verify_file(const char *name, const char *path)
{
    return verify_journal(name, path, &(struct check_options){.depth = CHECK_QUICK});
}

static void journal_path(const struct conf *c, int trader, char out[PATH_CAP])
{
    char dir[CONF_DIR_CAP];
    conf_trader_dir(c, trader, dir);
    (void)snprintf(out, PATH_CAP, "%s/journal.db", dir);
}

static int verify_all(const struct conf *c)
{
    char path[PATH_CAP];
    int worst = CLI_OK;
    for (int i = 0; i < c->trader_count; i++) {
        journal_path(c, i, path);
        if (verify_file(c->traders[i].id, path) != CLI_OK)
            worst = CLI_FAILED;
    }
    return worst;
}

/* ---- replay ---- */

static int replay_trader(const struct conf *c, int trader)
{
    struct engine_options o;
    uint64_t rows = 0, bad_seq = 0;
    char dir[CONF_DIR_CAP];
    const char *id = c->traders[trader].id;
    conf_trader_dir(c, trader, dir);
    daemon_engine_options(&c->traders[trader], dir, &o);
    int r = engine_replay_verify(&o, &rows, &bad_seq);
    if (r == JOURNAL_OK)
        cli_print("%s: %llu rows played again, every output is the same\n", id,
                  (unsigned long long)rows);
    else if (r == JOURNAL_E_MISMATCH)
        cli_print("%s: row %llu gives OTHER outputs when played again\n", id,
                  (unsigned long long)bad_seq);
    else
        cli_error("%s: %s: %s", id, dir, r < 0 ? strerror(-r) : "cannot be read");
    return r == JOURNAL_OK ? CLI_OK : CLI_FAILED;
}

/* Replies hold signed buttons: without the key they cannot come out the same. */
static bool load_button_key(const struct conf *c)
{
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/button.key", c->data_dir);
    bool ok = file_exists(path) && bots_prepare_keys(c->data_dir) == 0;
    if (!ok)
        cli_error("%s cannot be read: signed buttons cannot be compared", path);
    return ok;
}

static int replay_all(const struct conf *c)
{
    int worst = CLI_OK;
    if (!load_button_key(c))
        return CLI_FAILED;
    for (int i = 0; i < c->trader_count; i++)
        if (replay_trader(c, i) != CLI_OK)
            worst = CLI_FAILED;
    return worst;
}

/* ---- show ---- */

static const char *kind_name(int kind)
{
    static const char *const names[INPUT_KIND_COUNT] = {
        [INPUT_UNSET] = "unset",   [INPUT_SIGNAL] = "signal", [INPUT_COMMAND] = "command",
        [INPUT_BROKER] = "broker", [INPUT_TIMER] = "timer",   [INPUT_NOTICE] = "notice"};
    return kind > INPUT_UNSET && kind < INPUT_KIND_COUNT ? names[kind] : "unknown";
}

static void show_signal(const struct signal *s, const struct decision *d)
{
    struct buf json TR_CLEANUP(buf_deinit);
    char price[DEC_TEXT_CAP] = "none";
    buf_init(&json, OUTPUT_MAX_BYTES);
    if (s->price_e8 != DEC_NONE)
        dec_format(s->price_e8, price);
    cli_print("input    %s %s %s %s, price %s, score %d\n", signal_format_name(s->format),
              signal_kind_name(s->kind), s->symbol, side_name(s->side), price, s->score);
    decision_to_json(d, &json);
    cli_print("decision %s\n", json.data);
}

static void show_other(const struct decision *d)
{
    struct buf json TR_CLEANUP(buf_deinit);
    buf_init(&json, OUTPUT_MAX_BYTES);
    decision_to_json(d, &json);
    cli_print("compared %s\n", json.data);
}

static void show_input(const struct journal_row *row)
{
    struct input_quotes quotes;
    char price[DEC_TEXT_CAP], lots[DEC_TEXT_CAP];
    struct input *in = input_new((enum input_kind)row->kind);
    TR_CLEANUP(mem_freep) struct decision *d = xalloc(sizeof *d);
    memset(&quotes, 0, sizeof quotes);
    if (input_unpack(row->input, row->input_len, in, &quotes, d) != 0) {
        cli_print("input    %zu bytes that cannot be read\n", row->input_len);
        input_free(in);
        return;
    }
    for (size_t i = 0; i < quotes.count; i++)
        cli_print("quote    %s %s / %s\n", quotes.items[i].symbol,
                  dec_format(quotes.items[i].quote.bid_e8, price),
                  dec_format(quotes.items[i].quote.ask_e8, lots));
    switch (in->kind) {
    case INPUT_SIGNAL:
        show_signal(&in->signal, d);
        if (in->other != NULL)
            show_other(in->other);
        break;
    case INPUT_COMMAND:
        cli_print("input    /%s %s, by %s (%lld) in chat %lld, role %s\n", in->command.name,
                  in->command.args, in->command.user_name, (long long)in->command.user_id,
                  (long long)in->command.chat_id, role_name(in->command.role));
        break;
    case INPUT_BROKER:
        cli_print("input    %s cid %llu position %llu %s lots %s price %s %s\n",
                  broker_event_name(in->broker.kind), (unsigned long long)in->broker.cid,
                  (unsigned long long)in->broker.position_cid, in->broker.symbol,
                  dec_format(in->broker.lots_e8, lots), dec_format(in->broker.price_e8, price),
                  reason_code(in->broker.reason));
        break;
    case INPUT_NOTICE:
        cli_print("input    %s %s\n", event_info(in->notice.type)->name, in->notice.text);
        break;
    case INPUT_LEGACY:
        cli_print("input    the old bot: %s %s %s\n",
                  shadow_action_name(in->legacy.view.what.action), in->legacy.view.what.symbol,
                  side_name(in->legacy.view.what.side));
        break;
    case INPUT_PRICE: /* its quotes are printed above */
    case INPUT_TIMER:
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        break;
    }
    input_free(in);
}

static int show_output(const struct output_view *v, void *ctx)
{
    char lots[DEC_TEXT_CAP];
    (void)ctx;
    switch (v->kind) {
    case OUTPUT_RECEIPT:
        cli_print("receipt  %s %s\n", reason_code(v->receipt.reason), v->receipt.text);
        break;
    case OUTPUT_REPLY:
        cli_print("reply    to chat %lld: %s\n", (long long)v->reply.chat_id,
                  v->reply.html != NULL ? v->reply.html : v->reply.callback_text);
        break;
    case OUTPUT_EVENT:
        cli_print("event    %s %s %s %s\n", event_info(v->event.type)->name, v->event.symbol,
                  reason_code(v->event.reason), v->event.text);
        break;
    case OUTPUT_INTENT:
        cli_print("order    cid %llu %s %s %s lots %s, %s\n", (unsigned long long)v->intent.cid,
                  v->intent.purpose == ORDER_OPEN ? "open" : "close", side_name(v->intent.side),
                  v->intent.symbol, dec_format(v->intent.lots_e8, lots),
                  order_state_name(v->intent.state));
        break;
    case OUTPUT_DECISION:
        cli_print("decision %s\n", v->decision_json);
        break;
    case OUTPUT_UNSET:
    case OUTPUT_KIND_COUNT:
        break;
    }
    return 0;
}

static int show_row(const struct journal_row *row, void *ctx)
{
    char when[CLOCK_TEXT_CAP], hex[HASH_HEX_CAP];
    (void)ctx;
    clock_format_rfc3339(row->time_ms, when);
    hash_hex(row->hash, sizeof row->hash, hex, sizeof hex);
    cli_print("row      %llu, %s, %s%s%s\nhash     %s\n", (unsigned long long)row->seq, when,
              kind_name(row->kind), row->key[0] != '\0' ? ", key " : "", row->key, hex);
    if (row->kind > INPUT_UNSET && row->kind < INPUT_KIND_COUNT)
        show_input(row);
    return outputs_visit(row->output, row->output_len, show_output, NULL);
}

static int show_file(const char *path, uint64_t seq)
{
    struct journal_reader *reader = NULL;
    int r = journal_reader_open(path, &reader);
    if (r == 0)
        r = journal_read_one(reader, seq, show_row, NULL);
    journal_reader_close(reader);
    if (r == JOURNAL_E_NONE)
        cli_error("there is no row %llu in %s", (unsigned long long)seq, path);
    else if (r < 0)
        cli_error("%s: %s", path, strerror(-r));
    return r == 0 ? CLI_OK : CLI_FAILED;
}

static int show_of_trader(const struct conf *c, const char *trader, uint64_t seq)
{
    char path[PATH_CAP];
    for (int i = 0; i < c->trader_count; i++) {
        if (trader != NULL && !str_eq(c->traders[i].id, trader))
            continue;
        journal_path(c, i, path);
        return show_file(path, seq);
    }
    cli_error("there is no trader \"%s\"", trader);
    return CLI_FAILED;
}

/* ---- the command ---- */

enum { OPT_CONFIG, OPT_TRADER, OPT_JOURNAL, OPT_COUNT };

static int audit_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_TRADER] = {.name = "--trader", .takes_value = true},
        [OPT_JOURNAL] = {.name = "--journal", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT, .word_max = 2};
    int64_t seq = 0;
    int r = cli_parse(&cli_audit, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    bool is_verify = a.word_count == 1 && str_eq(a.words[0], "verify");
    bool is_replay = a.word_count == 1 && str_eq(a.words[0], "replay");
    bool is_show = a.word_count == 2 && str_eq(a.words[0], "show");
    if (!is_verify && !is_replay && !is_show)
        return cli_usage_error(&cli_audit, "say `verify`, `replay` or `show N`");
    if (is_show && (!str_to_i64(a.words[1], &seq) || seq < 1))
        return cli_usage_error(&cli_audit, "\"%s\" is not the number of a row", a.words[1]);
    const char *file = options[OPT_JOURNAL].value;
    if (file != NULL && is_replay)
        return cli_usage_error(&cli_audit, "replay needs the configuration, not a file");
    if (file != NULL)
        return is_verify ? verify_file(file, file) : show_file(file, (uint64_t)seq);
    struct conf *c = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    if (is_show)
        r = show_of_trader(c, options[OPT_TRADER].value, (uint64_t)seq);
    else
        r = is_verify ? verify_all(c) : replay_all(c);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_audit = {
    .name = "audit",
    .summary = "verify the journals, play them again, show one row",
    .usage = "verify [--config FILE | --journal FILE]\n"
             "       trident audit replay [--config FILE]\n"
             "       trident audit show N [--trader ID] [--config FILE | --journal FILE]\n\n"
             "verify recomputes the chain of every trader's journal and names the first bad row;\n"
             "exit code 1 when there is one. replay applies every row once more and compares the\n"
             "outputs byte by byte; rows of another version may differ. show prints what came in,\n"
             "what was decided and why. `trident verify` looks at every database.",
    .run = audit_run,
};
