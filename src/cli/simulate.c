/* trident simulate: recorded alerts and prices through the whole engine on the paper broker, on
 * virtual time. Two streams are merged by time (a tick before an alert of the same moment); with
 * --out the journal is kept where the daemon would have it, and the plugins' databases are written
 * from it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/bots.h"
#include "cli/alert_file.h"
#include "cli/cli.h"
#include "cli/daemon.h"
#include "cli/simulate_faults.h"
#include "cli/simulate_report.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/log.h"
#include "engine/ledger.h"
#include "simulate/storm.h"
#include "simulate/tape.h"

#define REPORT_MAX_BYTES (1024 * 1024 * 1024)
#define PATH_CAP         (CONF_DIR_CAP + 64)
#define DAYS_MAX         1000000
#define SEED_MAX         1000000000

enum {
    OPT_ALERTS,
    OPT_PRICES,
    OPT_ASK,
    OPT_SYMBOL,
    OPT_CONFIG,
    OPT_OUT,
    OPT_JSON,
    OPT_FAULTS,
    OPT_SEED,
    OPT_DAYS,
    OPT_COUNT
};

struct run {
    struct conf *conf;
    struct alert_file alerts;
    size_t alert_at; /* the next one */
    struct tape *tape;
    struct tape_tick tick; /* the next one */
    bool has_tick;
    struct simulate *sim;
    char dir[CONF_DIR_CAP]; /* of the trader; "" = nothing is written */
    char journal_path[PATH_CAP];
};

/* ---- what goes in ---- */

static int tape_failed(const struct run *x, const char *path, int result)
{
    if (result < 0) {
        cli_error("%s: %s", path, strerror(-result));
        return CLI_USAGE;
    }
    const struct tape_fault *f = tape_fault(x->tape);
    cli_error("%s: line %zu: %s is \"%s\"; accepted: %s", f->path, f->line, f->field, f->value,
              f->accepted);
    return CLI_USAGE;
}

/* CLI_OK; has_tick tells whether there was one. */
static int next_tick(struct run *x, const char *path)
{
    size_t symbol = tape_bar_symbol(x->tape);
    bool low_first =
        x->sim != NULL && symbol < symbol_count() && simulate_low_hurts(x->sim, symbol);
    int r = tape_next(x->tape, low_first, &x->tick);
    x->has_tick = r == TAPE_TICK;
    return r == TAPE_TICK || r == TAPE_END ? CLI_OK : tape_failed(x, path, r);
}

static int open_inputs(struct run *x, const struct cli_option *options)
{
    const char *path = options[OPT_PRICES].value;
    const struct tape_options tape = {
        .path = path, .ask_path = options[OPT_ASK].value, .symbol = options[OPT_SYMBOL].value};
    if (!alert_file_read_timed(&x->alerts, options[OPT_ALERTS].value, options[OPT_SYMBOL].value))
        return CLI_USAGE;
    int r = tape_open(&tape, &x->tape);
    if (r != TAPE_TICK)
        return tape_failed(x, path, r);
    r = next_tick(x, path);
    if (r == CLI_OK && !x->has_tick && x->alerts.count == 0) {
        cli_error("neither alerts nor prices: there is nothing to simulate");
        return CLI_USAGE;
    }
    return r;
}

static int64_t first_ms(const struct run *x)
{
    int64_t alert_ms = x->alerts.count > 0 ? x->alerts.rows[0].time_ms : INT64_MAX;
    return x->has_tick && x->tick.quote.time_ms < alert_ms ? x->tick.quote.time_ms : alert_ms;
}

/* ---- where it is kept ---- */

/* A second simulation into the same place would be another account's history in one journal. */
static int make_dir(struct run *x, const char *out)
{
    if (!str_copy(x->conf->data_dir, sizeof x->conf->data_dir, out)) {
        cli_error("--out: the path is too long");
        return CLI_USAGE;
    }
    conf_trader_dir(x->conf, 0, x->dir);
    (void)snprintf(x->journal_path, sizeof x->journal_path, "%s/journal.db", x->dir);
    if (file_exists(x->journal_path)) {
        cli_error("--out: %s is there already; accepted: a directory without one", x->journal_path);
        return CLI_USAGE;
    }
    int r = file_mkdirs(x->dir, 0700);
    if (r == 0)
        r = bots_prepare_keys(out);
    if (r < 0)
        cli_error("%s: %s", x->dir, strerror(-r));
    return r < 0 ? CLI_FAILED : CLI_OK;
}

static int write_ledger(const struct run *x, const struct plugin_ops *plugin,
                        const struct trade_ledger_ops *ops)
{
    char path[PATH_CAP];
    uint64_t done = 0;
    (void)snprintf(path, sizeof path, "%s/%s", x->dir, plugin->db_name);
    const struct ledger_options o = {.trader_id = x->conf->traders[0].id,
                                     .thread_prefix = "ledger",
                                     .journal_path = x->journal_path,
                                     .db_path = path,
                                     .ops = ops};
    int r = ledger_fill(&o, &done);
    if (r < 0)
        cli_error("%s: %s", path, strerror(-r));
    return r < 0 ? CLI_FAILED : CLI_OK;
}

static int write_ledgers(const struct run *x)
{
    int r = write_ledger(x, &combined_v3_plugin, &v3_ledger);
    if (r == CLI_OK)
        r = write_ledger(x, &price_action_v6_plugin, &v6_ledger);
    return r == CLI_OK ? write_ledger(x, &legacy_v2_plugin, &legacy_ledger) : r;
}

/* ---- running ---- */

static int open_simulation(struct run *x)
{
    const struct conf_trader *trader = &x->conf->traders[0];
    struct simulate_options o = {.paper = trader->paper,
                                 .start_ms = first_ms(x),
                                 .journal_path = x->dir[0] != '\0' ? x->journal_path : NULL};
    daemon_engine_options(trader, x->dir, &o.engine);
    int r = simulate_new(&o, &x->sim);
    if (r < 0)
        cli_error("%s: %s", x->journal_path, strerror(-r));
    return r < 0 ? CLI_FAILED : CLI_OK;
}

static int play(struct run *x, const char *path)
{
    int r = 0, result = CLI_OK;
    while (r == 0 && result == CLI_OK && (x->has_tick || x->alert_at < x->alerts.count)) {
        const struct alert_row *a =
            x->alert_at < x->alerts.count ? &x->alerts.rows[x->alert_at] : NULL;
        if (x->has_tick && (a == NULL || x->tick.quote.time_ms <= a->time_ms)) {
            r = simulate_tick(x->sim, x->tick.symbol, &x->tick.quote);
            result = next_tick(x, path);
            continue;
        }
        r = simulate_alert(x->sim, a->body, a->symbol[0] != '\0' ? a->symbol : NULL, a->time_ms);
        x->alert_at++;
    }
    if (r == 0 && result == CLI_OK)
        r = simulate_finish(x->sim);
    if (r < 0)
        cli_error("%s: %s", x->journal_path, strerror(-r));
    return r < 0 ? CLI_FAILED : result;
}

static int report(struct run *x, bool as_json)
{
    struct buf text TR_CLEANUP(buf_deinit);
    struct simulate_totals totals;
    simulate_get_totals(x->sim, &totals);
    buf_init(&text, REPORT_MAX_BYTES);
    if (as_json)
        simulate_report_json(&totals, simulate_outcome(x->sim), &text);
    else
        simulate_report_text(&totals, simulate_outcome(x->sim), &text);
    if (buf_failed(&text)) {
        cli_error("the report is longer than %d bytes", REPORT_MAX_BYTES);
        return CLI_FAILED;
    }
    (void)fwrite(text.data, 1, text.len, stdout);
    if (totals.balance_e8 != totals.broker_balance_e8)
        log_error("simulate", "ledger_differs_from_broker");
    return totals.balance_e8 == totals.broker_balance_e8 ? CLI_OK : CLI_FAILED;
}

static int run_all(struct run *x, const struct cli_option *options)
{
    int r = open_inputs(x, options);
    if (r == CLI_OK && options[OPT_OUT].given)
        r = make_dir(x, options[OPT_OUT].value);
    if (r == CLI_OK)
        r = open_simulation(x);
    if (r == CLI_OK)
        r = play(x, options[OPT_PRICES].value);
    if (r != CLI_OK)
        return r;
    if (options[OPT_OUT].given)
        r = write_ledgers(x);
    return r == CLI_OK ? report(x, options[OPT_JSON].given) : r;
}

static struct conf *load_conf(const struct cli_option *options)
{
    if (options[OPT_CONFIG].given)
        return cli_load_conf(options[OPT_CONFIG].value);
    struct conf *conf = xalloc(sizeof *conf);
    conf_defaults(conf);
    conf->traders[0].price_action_v6.enabled = true; /* as in decide */
    return conf;
}

/* Whole numbers from `least`; without one given *ret stays. */
static bool whole(const struct cli_option *o, int64_t least, int64_t most, int64_t *ret)
{
    int64_t v_e8 = 0;
    if (!o->given)
        return true;
    if (!dec_parse(o->value, strlen(o->value), &v_e8) || v_e8 % DEC_ONE != 0 ||
        v_e8 < least * DEC_ONE || v_e8 > most * DEC_ONE) {
        cli_error("%s: \"%s\"; accepted: a whole number from %" PRId64 " to %" PRId64, o->name,
                  o->value, least, most);
        return false;
    }
    *ret = v_e8 / DEC_ONE;
    return true;
}

static int run_faults(const struct cli_option *options)
{
    int64_t seed = 1, days = STORM_LIFE_DAYS;
    if (!whole(&options[OPT_SEED], 0, SEED_MAX, &seed) ||
        !whole(&options[OPT_DAYS], 1, DAYS_MAX, &days))
        return CLI_USAGE;
    log_set_level(LOG_ERROR);
    struct conf *conf = load_conf(options);
    if (conf == NULL)
        return CLI_FAILED;
    int r = simulate_faults(conf, (uint64_t)seed, (int)days);
    cli_free_conf(conf);
    return r;
}

static int simulate_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_ALERTS] = {.name = "--alerts", .takes_value = true},
        [OPT_PRICES] = {.name = "--prices", .takes_value = true},
        [OPT_ASK] = {.name = "--ask", .takes_value = true},
        [OPT_SYMBOL] = {.name = "--symbol", .takes_value = true},
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_OUT] = {.name = "--out", .takes_value = true},
        [OPT_JSON] = {.name = "--json"},
        [OPT_FAULTS] = {.name = "--faults"},
        [OPT_SEED] = {.name = "--seed", .takes_value = true},
        [OPT_DAYS] = {.name = "--days", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT};
    int r = cli_parse(&cli_simulate, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    if (options[OPT_FAULTS].given)
        return run_faults(options);
    if (!options[OPT_ALERTS].given || !options[OPT_PRICES].given)
        return cli_usage_error(&cli_simulate, "it needs --alerts and --prices");
    struct run x = {.has_tick = false};
    log_set_level(LOG_WARN);
    x.conf = load_conf(options);
    if (x.conf == NULL)
        return CLI_FAILED;
    r = run_all(&x, options);
    simulate_free(x.sim);
    tape_close(x.tape);
    alert_file_deinit(&x.alerts);
    cli_free_conf(x.conf);
    return r;
}

const struct cli_command cli_simulate = {
    .name = "simulate",
    .summary = "play recorded alerts and prices through the whole engine, on virtual time",
    .usage =
        "--alerts FILE --prices FILE [options]\n"
        "       trident simulate --faults [--seed N] [--days D] [--config FILE]\n\n"
        "  --alerts FILE   TradingView's export of the alert log (CSV with Ticker, Description,\n"
        "                  Time), or lines: time, space, body of the alert\n"
        "  --prices FILE   CSV, plain or .gz: time,symbol,bid,ask for ticks; or\n"
        "                  timestamp,open,high,low,close for bars of one symbol\n"
        "  --ask FILE      bars of the ask; those of --prices are the bid's then. Without it the\n"
        "                  ask is the bid and the symbol's typical spread\n"
        "  --symbol S      symbol of bars, and of every alert\n"
        "  --config FILE   settings of its first trader; without it the defaults, with\n"
        "                  price_action_v6 on\n"
        "  --out DIR       keeps the journal and the plugins' databases there, as under data_dir:\n"
        "                  `trident audit` reads them with a configuration whose data_dir is DIR\n"
        "  --faults        no files: alerts, commands, prices, faults of broker, link, clocks and\n"
        "                  disk, and crashes, all from one seed; what must hold is checked after\n"
        "                  every batch, and the first thing that does not is told (exit code 1)\n"
        "  --seed N        of --faults; 1. The same seed gives the same digest\n"
        "  --days D        of --faults, virtual ones; 20\n"
        "  --json          one JSON object instead of tables, decimals as strings\n\n"
        "A tick comes before an alert of the same time; of a bar the extreme that hurts what is\n"
        "open comes first. The broker is the paper venue with its stops, margin and injected\n"
        "faults. The same files and settings give the same bytes. Exit code 2 for input that\n"
        "cannot be read: file, line and field are named.",
    .run = simulate_run,
};
