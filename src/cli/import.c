/* cli/import.c: trident import: the old bot's trades as history (spec strategies 7.5, G103). The
 * old database is read twice, never written: first for what would come of it, which is told before
 * anything is made; then into a file that gets its name only after it was held against the first
 * reading. Making it again replaces it by the same; a present history whose trades are not all in
 * the old database stays. Works beside the daemon: its reports open the file when they are asked.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "store/history.h"
#include "store/legacy_db.h"

#define PATH_CAP             (CONF_DIR_CAP + 80)
#define DATA_MAX_BYTES       (256 * 1024)
#define SKIPPED_MAX_BYTES    (64 * 1024)
#define SKIPPED_LINE_CAP     200
#define PROFIT_TOLERANCE_E8  (DEC_ONE / 100) /* 7.5: below 0.01 */
#define UTC_OFFSET_LIMIT_MIN (14 * 60)
#define STAMP_WAIT_US        100000

struct pass {
    struct history *to; /* NULL: only looks */
    int utc_offset_min;
    enum legacy_history table;
    struct {
        int64_t rows, taken;
        bool is_there;
    } tables[LEGACY_HISTORY_COUNT];
    int64_t profit_e8;
    int64_t timeless;    /* closed trades without a time */
    struct map *tickets; /* of the trades taken */
    struct buf skipped;  /* lines */
    int64_t untold;      /* skipped rows that have no line */
};

/* Of what goes wrong with the old database. */
static const char *why_not(int r)
{
    switch (-r) {
    case E2BIG:
        return "a table has more than a million rows";
    case EBADMSG:
        return "it is no database, or damaged";
    case EBUSY:
        return "it is locked now: try again";
    case EEXIST:
        return "a chain_id is there twice";
    case ETIMEDOUT:
        return "it cannot be read within a minute";
    }
    return strerrordesc_np(-r);
}

static void pass_init(struct pass *p, int utc_offset_min, struct history *to)
{
    *p = (struct pass){.to = to, .utc_offset_min = utc_offset_min};
    p->tickets = map_new(LEGACY_HISTORY_ROWS_MAX);
    buf_init(&p->skipped, SKIPPED_MAX_BYTES);
}

static void pass_deinit(struct pass *p)
{
    p->tickets = map_free(p->tickets);
    buf_deinit(&p->skipped);
}

/* ---- one row ---- */

static const char *on_cell(const void *ctx, const char *column)
{
    return legacy_cell(ctx, column);
}

static int skip(struct pass *p, const struct migration_row *row, const struct migration_fault *f)
{
    char line[SKIPPED_LINE_CAP];
    bool is_trade = p->table == LEGACY_HISTORY_TRADES;
    const char *id = is_trade ? on_cell(row->ctx, "id") : NULL;
    int64_t number = p->tables[p->table].rows;
    bool has_id = id != NULL && str_to_i64(id, &number);
    int n = snprintf(line, sizeof(line), "  %s %s %" PRId64 ": %s is %s%s%s; accepted: %s\n",
                     legacy_history_name(p->table), has_id ? "id" : "row", number, f->field,
                     f->value[0] != '\0' ? "\"" : "missing", f->value,
                     f->value[0] != '\0' ? "\"" : "", f->wanted);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(line));
    buf_puts(&p->skipped, line);
    p->untold += buf_failed(&p->skipped) ? 1 : 0;
    return 0;
}

static int take_trade(struct pass *p, const struct migration_row *row)
{
    struct migration_trade t;
    struct migration_fault fault;
    struct buf data TR_CLEANUP(buf_deinit) = {0};
    int64_t sum_e8 = 0;
    buf_init(&data, DATA_MAX_BYTES);
    if (!migration_trade(row, &t, &fault))
        return skip(p, row, &fault);
    if (map_get(p->tickets, (uint64_t)t.ticket) != NULL) {
        fault = (struct migration_fault){.field = "trade_id", .wanted = "each ticket once"};
        (void)snprintf(fault.value, sizeof(fault.value), "%" PRId64, t.ticket);
        return skip(p, row, &fault);
    }
    migration_signal_data(row, &data);
    if (buf_failed(&data))
        return skip(p, row, &(struct migration_fault){"comment", "at most 256 KiB", "too long"});
    if (__builtin_add_overflow(p->profit_e8, t.profit_e8 == DEC_NONE ? 0 : t.profit_e8, &sum_e8))
        return skip(p, row, &(struct migration_fault){"pnl", "a sum of money", "too large"});
    p->profit_e8 = sum_e8;
    p->timeless += t.exit_ms == DEC_NONE && str_eq(t.status, "CLOSED") ? 1 : 0;
    p->tables[p->table].taken++;
    if (!map_put(p->tickets, (uint64_t)t.ticket, p))
        return err_raise(-E2BIG);
    return p->to != NULL ? err_trace(history_add_trade(p->to, &t, data.data)) : 0;
}

static int take_chain(struct pass *p, const struct migration_row *row)
{
    struct migration_chain c;
    struct migration_fault fault;
    bool is_profit = p->table == LEGACY_HISTORY_PROFIT_CHAINS;
    if (!(is_profit ? migration_profit_chain : migration_reentry_chain)(row, &c, &fault))
        return skip(p, row, &fault);
    p->tables[p->table].taken++;
    if (p->to == NULL)
        return 0;
    return err_trace(is_profit ? history_add_profit_chain(p->to, &c)
                               : history_add_reentry_chain(p->to, &c));
}

static int on_row(const struct legacy_cells *cells, void *ctx)
{
    struct pass *p = ctx;
    const struct migration_row row = {on_cell, cells, p->utc_offset_min};
    p->tables[p->table].rows++;
    switch (p->table) {
    case LEGACY_HISTORY_TRADES:
        return take_trade(p, &row);
    case LEGACY_HISTORY_REENTRY_CHAINS:
    case LEGACY_HISTORY_PROFIT_CHAINS:
        return take_chain(p, &row);
    case LEGACY_HISTORY_SESSIONS: /* counted: no table of ours is theirs */
    case LEGACY_HISTORY_TRENDS:
    case LEGACY_HISTORY_COUNT:
        break;
    }
    return 0;
}

/* CLI_OK, or CLI_FAILED after saying why. */
static int read_all(struct pass *p, const char *path)
{
    struct legacy_db *d = NULL;
    int r = legacy_db_open_history(path, &d);
    for (int t = 0; r >= 0 && t < LEGACY_HISTORY_COUNT; t++) {
        p->table = (enum legacy_history)t;
        r = legacy_db_visit(d, p->table, on_row, p);
        p->tables[t].is_there = r == LEGACY_OK;
    }
    (void)legacy_db_close(d);
    if (r < 0)
        cli_error("import: %s: %s", path, why_not(r));
    else if (!p->tables[LEGACY_HISTORY_TRADES].is_there)
        cli_error("import: %s has no table \"trades\": it is not the old bot's database", path);
    return r >= 0 && p->tables[LEGACY_HISTORY_TRADES].is_there ? CLI_OK : CLI_FAILED;
}

static void tell(const struct pass *p)
{
    char sum[DEC_TEXT_CAP];
    for (int t = 0; t < LEGACY_HISTORY_COUNT; t++) {
        int64_t rows = p->tables[t].rows, taken = p->tables[t].taken;
        cli_print("  %-22s", legacy_history_name((enum legacy_history)t));
        if (!p->tables[t].is_there)
            cli_print(" is not there\n");
        else if (t >= LEGACY_HISTORY_SESSIONS)
            cli_print(" %" PRId64 " rows, none imported: there is no table for them\n", rows);
        else
            cli_print(" %" PRId64 " rows, %" PRId64 " to import, %" PRId64 " skipped\n", rows,
                      taken, rows - taken);
    }
    cli_print("  sum of pnl %s\n", dec_format_fixed(p->profit_e8, 2, sum));
    if (p->timeless > 0)
        cli_print("  %" PRId64 " closed trades have no close_time: reports by day leave them out\n",
                  p->timeless);
    if (p->skipped.len > 0)
        cli_print("skipped:\n%s", p->skipped.data);
    if (p->untold > 0)
        cli_print("  and %" PRId64 " more\n", p->untold);
}

/* ---- making the file ---- */

/* "<path>.20261121_081500<ending>" */
static void stamp(const char *path, const char *ending, char out[PATH_CAP])
{
    char t[CLOCK_TEXT_CAP]; /* 2026-11-21T08:15:00.000Z */
    clock_format_rfc3339(clock_wall_ms(clock_real()), t);
    int n = snprintf(out, PATH_CAP, "%s.%.4s%.2s%.2s_%.2s%.2s%.2s%s", path, t, t + 5, t + 8, t + 11,
                     t + 14, t + 17, ending);
    TR_ASSERT(n > 0 && n < PATH_CAP);
}

/* What was put aside in the same second stays. */
static void stamp_free(const char *path, const char *ending, char out[PATH_CAP])
{
    for (stamp(path, ending, out); file_exists(out); stamp(path, ending, out))
        cli_wait_us(STAMP_WAIT_US);
}

/* The file against the reading: 7.5 "Verify". */
static bool is_valid(const struct pass *p, const struct history_figures *f)
{
    return f->trades == p->tables[LEGACY_HISTORY_TRADES].taken &&
           f->reentry_chains == p->tables[LEGACY_HISTORY_REENTRY_CHAINS].taken &&
           f->profit_chains == p->tables[LEGACY_HISTORY_PROFIT_CHAINS].taken &&
           dec_abs(f->profit_e8 - p->profit_e8) < PROFIT_TOLERANCE_E8 && f->duplicates == 0 &&
           f->incomplete == 0;
}

static int write_part(const struct pass *looked, const char *legacy, const char *part)
{
    struct pass p;
    struct history *to = NULL;
    struct history_figures figures;
    int r = history_create(part, &to);
    if (r < 0) {
        cli_error("import: %s: %s", part, strerrordesc_np(-r));
        return CLI_FAILED;
    }
    pass_init(&p, looked->utc_offset_min, to);
    int result = read_all(&p, legacy);
    pass_deinit(&p);
    if (result != CLI_OK) {
        (void)history_abandon(to);
        return result;
    }
    r = history_finish(to, legacy, clock_wall_ms(clock_real()));
    if (r == 0)
        r = history_look(part, &figures);
    if (r < 0)
        cli_error("import: %s: %s", part, strerrordesc_np(-r));
    else if (!is_valid(looked, &figures))
        cli_error("import: what was written is not what was read (%" PRId64 " trades of %" PRId64
                  "): the old database changed meanwhile; nothing was put in place",
                  figures.trades, looked->tables[LEGACY_HISTORY_TRADES].taken);
    else
        return CLI_OK;
    return CLI_FAILED;
}

/* What is there may only be replaced by more. */
static int check_present(const struct pass *looked, const char *path)
{
    int64_t others = 0;
    int r = file_exists(path) ? history_count_others(path, looked->tickets, &others) : 0;
    if (r < 0)
        cli_error("import: %s: %s; `trident import --rollback` puts it aside", path,
                  strerrordesc_np(-r));
    else if (others > 0)
        cli_error("import: %s has %" PRId64 " trades that are not in this database; "
                  "`trident import --rollback` puts it aside",
                  path, others);
    return r == 0 && others == 0 ? CLI_OK : CLI_FAILED;
}

static int make(const struct pass *looked, const char *legacy, const char *path)
{
    char backup[PATH_CAP] = "", sum[DEC_TEXT_CAP];
    TR_CLEANUP(mem_freep) char *part = xasprintf("%s.part", path); /* in no backup */
    int r = 0;
    if (file_exists(path)) {
        stamp_free(path, ".backup", backup);
        r = history_copy(path, backup);
    }
    if (r == 0 && write_part(looked, legacy, part) != CLI_OK) {
        (void)unlink(part); /* the first error was told */
        return CLI_FAILED;
    }
    if (r == 0)
        r = file_rename_durable(part, path);
    if (r < 0) {
        cli_error("import: %s: %s", path, strerrordesc_np(-r));
        return CLI_FAILED;
    }
    if (backup[0] != '\0')
        cli_print("the history that was there: %s\n", backup);
    cli_print("imported: %" PRId64 " trades, sum of pnl %s, checked: %s\n",
              looked->tables[LEGACY_HISTORY_TRADES].taken,
              dec_format_fixed(looked->profit_e8, 2, sum), path);
    return CLI_OK;
}

static int import(const char *legacy, const char *path, int utc_offset_min, bool is_dry)
{
    struct pass p;
    pass_init(&p, utc_offset_min, NULL);
    int result = read_all(&p, legacy);
    if (result == CLI_OK) {
        int m = utc_offset_min < 0 ? -utc_offset_min : utc_offset_min;
        cli_print("%s; times without a zone are UTC%c%02d:%02d\n", legacy,
                  utc_offset_min < 0 ? '-' : '+', m / 60, m % 60);
        tell(&p);
        result = check_present(&p, path);
    }
    if (result == CLI_OK && p.tables[LEGACY_HISTORY_TRADES].taken == 0) {
        cli_error("import: there is nothing to import");
        result = CLI_FAILED;
    }
    if (result == CLI_OK && is_dry)
        cli_print("nothing was changed (--dry-run)\n");
    else if (result == CLI_OK)
        result = make(&p, legacy, path);
    pass_deinit(&p);
    return result;
}

static int roll_back(const char *path)
{
    char aside[PATH_CAP];
    if (!file_exists(path)) {
        cli_error("import: there is nothing to roll back: no %s", path);
        return CLI_FAILED;
    }
    stamp_free(path, ".rolledback", aside);
    int r = file_rename_durable(path, aside);
    if (r < 0)
        cli_error("import: %s: %s", path, strerrordesc_np(-r));
    else
        cli_print("what was imported is put aside: %s\n", aside);
    return r == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- arguments ---- */

enum { CONFIG, DRY_RUN, ROLLBACK, TRADER, UTC_OFFSET, OPTIONS };

struct wish {
    const char *legacy; /* NULL: roll back */
    const char *trader; /* NULL: the first */
    bool is_dry, has_offset;
    int64_t utc_offset_min;
};

static int read_wish(const struct cli_option *options, const struct cli_arguments *a,
                     struct wish *w)
{
    *w = (struct wish){.trader = options[TRADER].value,
                       .is_dry = options[DRY_RUN].given,
                       .has_offset = options[UTC_OFFSET].given};
    if (options[ROLLBACK].given && (a->word_count > 0 || w->is_dry))
        return cli_usage_error(&cli_import, "--rollback stands alone");
    if (!options[ROLLBACK].given && a->word_count == 0)
        return cli_usage_error(&cli_import, "name the old bot's database");
    w->legacy = a->word_count > 0 ? a->words[0] : NULL;
    if (w->has_offset &&
        (!str_to_i64(options[UTC_OFFSET].value, &w->utc_offset_min) ||
         w->utc_offset_min < -UTC_OFFSET_LIMIT_MIN || w->utc_offset_min > UTC_OFFSET_LIMIT_MIN))
        return cli_usage_error(&cli_import, "--utc-offset takes minutes, as 330");
    return CLI_OK;
}

/* One at a time makes or puts aside. */
static int lock_folder(const char *dir, int *ret_lock)
{
    char path[PATH_CAP];
    (void)snprintf(path, sizeof(path), "%s/zepix_history.lock", dir);
    int r = file_mkdirs(dir, 0700);
    if (r == 0)
        r = file_lock(path, ret_lock);
    if (r < 0)
        cli_error("import: %s: %s", path,
                  r == -EWOULDBLOCK ? "another import is at work" : strerrordesc_np(-r));
    return r == 0 ? CLI_OK : CLI_FAILED;
}

static int run_for(const struct conf *c, int trader, const struct wish *w)
{
    char dir[CONF_DIR_CAP], path[PATH_CAP];
    int lock = -1;
    conf_trader_dir(c, trader, dir);
    if (!w->is_dry && lock_folder(dir, &lock) != CLI_OK)
        return CLI_FAILED;
    (void)snprintf(path, sizeof(path), "%s/" HISTORY_DB, dir);
    int offset = w->has_offset ? (int)w->utc_offset_min : c->traders[trader].utc_offset_min;
    int result = w->legacy == NULL ? roll_back(path) : import(w->legacy, path, offset, w->is_dry);
    (void)file_close(lock);
    return result;
}

static int import_run(int argc, char **argv)
{
    struct wish w;
    struct cli_option options[OPTIONS] = {
        [CONFIG] = {.name = "--config", .takes_value = true},
        [DRY_RUN] = {.name = "--dry-run"},
        [ROLLBACK] = {.name = "--rollback"},
        [TRADER] = {.name = "--trader", .takes_value = true},
        [UTC_OFFSET] = {.name = "--utc-offset", .takes_value = true}};
    struct cli_arguments a = {.options = options, .option_count = OPTIONS, .word_max = 1};
    if (cli_parse(&cli_import, &a, argc, argv) != CLI_OK || read_wish(options, &a, &w) != CLI_OK)
        return CLI_USAGE;
    struct conf *c = cli_load_conf(cli_config_path(options[CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int at = 0, r = CLI_FAILED;
    while (w.trader != NULL && at < c->trader_count && !str_eq(c->traders[at].id, w.trader))
        at++;
    if (at < c->trader_count)
        r = run_for(c, at, &w);
    else
        cli_error("import: there is no trader \"%s\"", w.trader);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_import = {
    .name = "import",
    .summary = "the old bot's closed trades into the reports; changes nothing there",
    .usage =
        "LEGACY.db [--dry-run] [--utc-offset MIN] [--trader ID] [--config FILE]\n"
        "       trident import --rollback [--trader ID] [--config FILE]\n\n"
        "  --dry-run     only what would come of it: rows by table, sum of pnl, what is skipped\n"
        "  --utc-offset  of times that name no zone, in minutes; default: the trader's\n"
        "  --trader      whose history it is; default: the first\n"
        "  --rollback    puts what was imported aside, under another name\n\n"
        "Reads trades, reentry_chains and profit_booking_chains, trades of LOGIC1 to 3 alone, "
        "into\n"
        "zepix_history.db in the trader's folder. A row that does not fit is skipped and named.\n"
        "It counts in reports (/daily /stats /performance /history), never in limits or "
        "positions.\n"
        "A history that is there is copied to zepix_history.db.<time>.backup; to import again\n"
        "gives the same. Works beside the daemon.",
    .run = import_run,
};
