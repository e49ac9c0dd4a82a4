/* trident plugin-check: an author's bench for a strategy that is a program of its own. It is
 * started behind the same fences as live, greeted, and asked about one alert; what it says is
 * judged by the code that judges it live. Nothing is traded. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "outside/supervisor.h"
#include "outside/talk.h"
#include "signals/parse.h"

#define ALERT_MAX_BYTES  (16 * 1024)
#define ANSWER_MAX_BYTES (64 * 1024)
#define US_PER_MS        INT64_C(1000)

enum { OPT_ALERT, OPT_SYMBOL, OPT_DEADLINE, OPT_MEMORY, OPT_COUNT };

static const char sample_alert[] =
    "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":\"XAUUSD\","
    "\"direction\":\"buy\",\"tf\":\"15\",\"price\":2650.0,\"consensus_score\":8,"
    "\"sl_price\":2640.0,\"tp1_price\":2660.0,\"tp2_price\":2670.0,"
    "\"mtf_trends\":\"1,1,1,1,1\",\"market_trend\":1}";

struct bench {
    struct outside_conf conf;
    struct signal alert;
    struct talk *talk;
    struct decision *decision;
};

static void on_said(void *ctx, const char *text)
{
    TR_ASSERT(ctx == NULL);
    cli_print("says     %s\n", text);
}

static int fail(const struct bench *b, enum talk_result r)
{
    cli_error("%s: %s", reason_code(talk_reason(r)), talk_why(b->talk));
    return CLI_FAILED;
}

/* 0 when it cannot be read or lies outside. */
static int64_t number(const struct cli_option *o, int64_t def, int64_t min, int64_t max)
{
    int64_t v = def;
    if (o->given && (!str_to_i64(o->value, &v) || v < min || v > max))
        return 0;
    return v;
}

static int read_options(struct bench *b, const struct cli_option *o, const struct cli_arguments *a)
{
    char full[PATH_MAX];
    if (a->word_count == 0)
        return cli_usage_error(&cli_plugin_check, "which program?");
    if (realpath(a->words[0], full) == NULL || !str_copy(b->conf.path, OUTSIDE_PATH_CAP, full)) {
        cli_error("%s: %s", a->words[0], strerrordesc_np(errno));
        return CLI_FAILED;
    }
    for (size_t i = 1; i < a->word_count; i++)
        if (!str_copy(b->conf.args[b->conf.arg_count++], OUTSIDE_ARG_CAP, a->words[i]))
            return cli_usage_error(&cli_plugin_check, "an argument has at most 127 characters");
    b->conf.max_lot_e8 = DEC_ONE;
    b->conf.cpu_s = 60;
    b->conf.deadline_ms =
        (int)number(&o[OPT_DEADLINE], OUTSIDE_DEADLINE_MAX_MS, 50, OUTSIDE_DEADLINE_MAX_MS);
    b->conf.memory_bytes = number(&o[OPT_MEMORY], 268435456, 16777216, INT64_C(4294967296));
    if (b->conf.deadline_ms == 0 || b->conf.memory_bytes == 0)
        return cli_usage_error(&cli_plugin_check, "%s is out of range",
                               b->conf.deadline_ms == 0 ? "--deadline-ms" : "--memory-bytes");
    return CLI_OK;
}

static int read_alert(struct bench *b, const struct cli_option *o)
{
    struct buf text TR_CLEANUP(buf_deinit);
    struct signal_fault fault;
    buf_init(&text, ALERT_MAX_BYTES);
    int r = 0;
    if (o[OPT_ALERT].given)
        r = file_read(o[OPT_ALERT].value, &text);
    else
        buf_puts(&text, sample_alert);
    if (r < 0) {
        cli_error("%s: %s", o[OPT_ALERT].value, strerrordesc_np(-r));
        return CLI_FAILED;
    }
    if (signal_parse(text.data, text.len, o[OPT_SYMBOL].value, clock_wall_ms(clock_real()),
                     &b->alert, &fault) == SIGNAL_PARSED)
        return CLI_OK;
    cli_error("the alert: %s: found %s; accepted: %s", fault.field,
              fault.value[0] != '\0' ? fault.value : "nothing", fault.accepted);
    return CLI_USAGE;
}

/* The market is where the alert says it is, with the symbol's usual spread. */
static void suppose(const struct bench *b, struct plugin_snapshot *ret)
{
    const struct symbol_info *info = symbol_find(b->alert.symbol);
    *ret = (struct plugin_snapshot){.now_ms = b->alert.received_ms, .balance_e8 = 10000 * DEC_ONE};
    if (info == NULL)
        return;
    int64_t price_e8 = b->alert.price_e8 != DEC_NONE ? b->alert.price_e8 : info->sim_price_e8;
    int64_t tick_e8 = symbol_tick_e8(info);
    ret->quote.bid_e8 = dec_to_step(price_e8, tick_e8, DEC_DOWN);
    ret->quote.ask_e8 = dec_to_step(ret->quote.bid_e8 + info->typical_spread_e8, tick_e8, DEC_UP);
    ret->quote.time_ms = ret->now_ms;
}

static int judge(struct bench *b, const struct line_question *q, const struct talk_line *line)
{
    char why[LINE_WHY_CAP] = "";
    struct buf json TR_CLEANUP(buf_deinit);
    buf_init(&json, ANSWER_MAX_BYTES);
    enum line_result r = line_read_decision(line->p, line->len, q, b->decision, why);
    if (r == LINE_E_GARBAGE) {
        cli_error("%s: %s", reason_code(REASON_PLUGIN_PROTOCOL), why);
        return CLI_FAILED;
    }
    if (r != LINE_OK) {
        cli_error("%s: %s", reason_code(REASON_PLUGIN_ANSWER), why);
        return CLI_FAILED;
    }
    decision_to_json(b->decision, &json);
    cli_print("decision %s\n", json.data);
    return CLI_OK;
}

static int ask(struct bench *b)
{
    struct buf question TR_CLEANUP(buf_deinit);
    struct plugin_snapshot snap;
    struct line_question q;
    struct talk_line line;
    buf_init(&question, LINE_MAX_BYTES);
    suppose(b, &snap);
    line_question_make(&q, outside_plugins[0].id, 1, &b->conf, &snap, &b->alert);
    line_write_signal(&question, &q, &snap, &b->alert);
    cli_print("asks     %s", question.data);
    int64_t began_us = clock_mono_us(clock_real());
    enum talk_result r =
        talk_ask(b->talk, &question, began_us + b->conf.deadline_ms * US_PER_MS, &line);
    int64_t took_us = clock_mono_us(clock_real()) - began_us;
    if (r != TALK_OK)
        return fail(b, r);
    cli_print("answers  %.*s\n", (int)line.len, line.p);
    int code = judge(b, &q, &line);
    if (code == CLI_OK)
        cli_print("ok       in %lld us\n", (long long)took_us);
    return code;
}

static int check(struct bench *b)
{
    const struct talk_options opt = {.conf = &b->conf,
                                     .plugin = outside_plugins[0].id,
                                     .trader = "main",
                                     .clock = clock_real(),
                                     .stop_fd = -1,
                                     .on_said = on_said};
    b->talk = talk_new(&opt);
    int64_t began_us = clock_mono_us(clock_real());
    enum talk_result r = talk_start(b->talk, began_us + SUPERVISOR_START_MS * US_PER_MS);
    int code = CLI_FAILED;
    if (r != TALK_OK) {
        code = fail(b, r);
    } else {
        cli_print("hello    %s %s, after %lld ms\n", talk_hello(b->talk)->name,
                  talk_hello(b->talk)->version,
                  (long long)((clock_mono_us(clock_real()) - began_us) / US_PER_MS));
        if (!talk_hides_files(b->talk))
            cli_print("note     this kernel does not hide other files from it (no Landlock)\n");
        code = ask(b);
        talk_stop(b->talk);
    }
    b->talk = talk_free(b->talk);
    return code;
}

static int plugin_check_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_ALERT] = {.name = "--alert", .takes_value = true},
        [OPT_SYMBOL] = {.name = "--symbol", .takes_value = true},
        [OPT_DEADLINE] = {.name = "--deadline-ms", .takes_value = true},
        [OPT_MEMORY] = {.name = "--memory-bytes", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    a.word_max = TR_ARRAY_SIZE(a.words);
    int r = cli_parse(&cli_plugin_check, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    struct bench *b TR_CLEANUP(mem_freep) = xalloc(sizeof(*b));
    struct decision *decision TR_CLEANUP(mem_freep) = xalloc(sizeof(*decision));
    b->decision = decision;
    r = read_options(b, options, &a);
    if (r == CLI_OK)
        r = read_alert(b, options);
    return r == CLI_OK ? check(b) : r;
}

const struct cli_command cli_plugin_check = {
    .name = "plugin-check",
    .summary = "try a strategy that is a program of its own (docs/PLUGINS.md)",
    .usage = "PROGRAM [ARGUMENT ...] [options]\n\n"
             "  --alert FILE        ask about this alert instead of a V3 breakout in XAUUSD\n"
             "  --symbol S          symbol of an alert that names none\n"
             "  --deadline-ms N     50 to 5000; default 5000\n"
             "  --memory-bytes N    address space it may have; default 268435456\n\n"
             "Starts the program behind the same fences as live: no network, no other program, no\n"
             "file but its own, and those only to be read. Says hello to it, asks about one alert\n"
             "and judges the answer as a trade would be judged. Nothing is traded. Exit code 0:\n"
             "it would be carried out or is a sound refusal; 1: what is wrong is said.",
    .run = plugin_check_run,
};
