/* trident decide: one alert from standard input, the decision on standard output, nothing traded.
 */
#include <stdio.h>
#include <string.h>

#include "bots/reports.h"
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "http/decide.h"
#include "telegram/message_text.h"

#define ALERT_MAX_BYTES                                                                            \
    (64 * 1024) /* more than any alert: what is longer is refused by its size                      \
                 */
#define ANSWER_MAX_BYTES (256 * 1024)

static void print_json(const struct buf *json)
{
    TR_ASSERT(!buf_failed(json));
    cli_print("%s\n", json->data);
}

/* The problems for programs on standard output, for people on standard error. */
static int refuse(const struct decide *d, const char *what)
{
    struct buf json TR_CLEANUP(buf_deinit);
    const struct conf_problems *p = decide_problems(d);
    buf_init(&json, ANSWER_MAX_BYTES);
    decide_error_json(d, &json);
    print_json(&json);
    for (int i = 0; i < p->count; i++)
        cli_error("%s: %s is %s; accepted: %s", what, p->items[i].path, p->items[i].value,
                  p->items[i].accepted);
    if (p->dropped > 0)
        cli_error("and %d more", p->dropped);
    return CLI_USAGE;
}

static void explain(const struct signal *s, const struct decision *d)
{
    struct buf html TR_CLEANUP(buf_deinit);
    struct buf plain TR_CLEANUP(buf_deinit);
    buf_init(&html, ANSWER_MAX_BYTES);
    buf_init(&plain, ANSWER_MAX_BYTES);
    report_decision(&html, LANG_EN, s, d);
    text_html_to_plain(&plain, html.data);
    TR_ASSERT(!buf_failed(&html) && !buf_failed(&plain));
    cli_print("%s", plain.data);
}

enum { OPT_CONFIG, OPT_STATE, OPT_PLUGIN, OPT_SYMBOL, OPT_EXPLAIN, OPT_COUNT };

static int answer(struct decide *d, const struct cli_option *options)
{
    struct buf alert TR_CLEANUP(buf_deinit);
    struct buf json TR_CLEANUP(buf_deinit);
    TR_CLEANUP(mem_freep) struct decision *decision = xalloc(sizeof *decision);
    struct signal s;
    buf_init(&alert, ALERT_MAX_BYTES);
    buf_init(&json, ANSWER_MAX_BYTES);
    char chunk[4096];
    for (size_t n; !buf_failed(&alert) && (n = fread(chunk, 1, sizeof chunk, stdin)) > 0;)
        buf_append(&alert, chunk, n);
    if (!decide_alert(d, alert.data, alert.len, options[OPT_SYMBOL].value, &s, decision))
        return refuse(d, "alert");
    decision_to_json(decision, &json);
    if (options[OPT_EXPLAIN].given)
        explain(&s, decision);
    else
        print_json(&json);
    return CLI_OK;
}

static int read_state(struct decide *d, const char *path)
{
    struct buf text TR_CLEANUP(buf_deinit);
    buf_init(&text, DECIDE_STATE_MAX_BYTES);
    int r = file_read(path, &text);
    if (r < 0) {
        cli_error("%s: %s", path, strerror(-r));
        return CLI_FAILED;
    }
    return decide_state(d, text.data, text.len) ? CLI_OK : refuse(d, path);
}

/* No configuration: every plugin answers, each about its own alerts. */
static struct conf *settings(const struct cli_option *options)
{
    if (options[OPT_CONFIG].given)
        return cli_load_conf(options[OPT_CONFIG].value);
    struct conf *c = xalloc(sizeof *c);
    conf_defaults(c);
    c->traders[0].price_action_v6.enabled = true;
    c->traders[0].price_action_v6.shadow_mode = false;
    c->traders[0].legacy_v2.enabled = true;
    c->traders[0].legacy_v2.v3_alerts = options[OPT_PLUGIN].given;
    return c;
}

static int decide_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_STATE] = {.name = "--state", .takes_value = true},
        [OPT_PLUGIN] = {.name = "--plugin", .takes_value = true},
        [OPT_SYMBOL] = {.name = "--symbol", .takes_value = true},
        [OPT_EXPLAIN] = {.name = "--explain"},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    int r = cli_parse(&cli_decide, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    struct conf *c = settings(options);
    if (c == NULL)
        return CLI_FAILED;
    struct decide *d = decide_new(&c->traders[0], clock_wall_ms(clock_real()));
    if (options[OPT_PLUGIN].given && !decide_only_plugin(d, options[OPT_PLUGIN].value))
        r = refuse(d, "option");
    if (r == CLI_OK && options[OPT_STATE].given)
        r = read_state(d, options[OPT_STATE].value);
    if (r == CLI_OK)
        r = answer(d, options);
    decide_free(d);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_decide = {
    .name = "decide",
    .summary = "what would be decided about an alert, without trading",
    .usage =
        "[options] < ALERT\n\n"
        "  --config FILE   settings of its first trader; without it the defaults, every plugin on\n"
        "  --state FILE    what to suppose: JSON, every key optional (below)\n"
        "  --plugin ID     ask only this plugin, on or off: combined_v3,\n"
        "                  price_action_v6, legacy_v2 (the old bot)\n"
        "  --symbol S      symbol of an alert that names none\n"
        "  --explain       say it in words instead of JSON\n\n"
        "State, decimals as strings or numbers:\n"
        "  now (RFC 3339), balance, base_lot, daily_loss, lifetime_loss, paused (true, false)\n"
        "  mode: legacy_only, shadow, plugin_shadow, plugin_only, or {PLUGIN: mode},\n"
        "    {PLUGIN: {ROUTE: mode}}; phase: silent, parallel ... as in /phase\n"
        "  prices {SYMBOL: {bid, ask}}: without one the alert's own price is the market\n"
        "  open [{symbol, side, lots, entry, sl, tp, opened_at, chain, level, plugin, route}]:\n"
        "    symbol and side are needed; the n-th is number n in \"closes\"\n"
        "  seen [{alert: text or object, at: RFC 3339}]: alerts accepted before\n"
        "  plugins {id: {...}}: names as under traders[].plugins in the configuration\n"
        "  spread_pips {SYMBOL: pips}: instead of that of prices\n"
        "  pulse {SYMBOL: {TF: {bull, bear, state}}}: what TREND_PULSE alerts said before\n"
        "  trends {SYMBOL: {TF: BULLISH, BEARISH or NEUTRAL}}: bias and trend alerts\n\n"
        "Exit code 0 for any decision; 2 for an alert or a state that cannot be read: standard\n"
        "output then names the field, the value and what would be accepted.",
    .run = decide_run,
};
