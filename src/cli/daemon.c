/* cli/daemon.c: wiring. Data flows one way: bots and http post into engines; engines wake the
 * readers of their journals (notify, ledger, live stream); notify sends. The order below is the
 * order of dependence; stopping runs it backwards in the way that loses nothing: http refuses new
 * requests -> bots stop -> engines drain and commit -> http ends -> ledgers catch up -> outbox
 * flush -> brokers -> stores. */
#include "cli/daemon_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/folder.h"
#include "bots/bots.h"
#include "bots/names.h"
#include "cli/backups.h"
#include "cli/chain_rules.h"
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/inheritance.h"
#include "cli/ledger_table.h"
#include "cli/position_rules.h"
#include "cli/questions.h"
#include "conf/conf_runtime.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/log.h"
#include "core/thread.h"
#include "engine/ledger.h"
#include "engine/legacy_feed.h"
#include "engine/shadow_board.h"
#include "http/http.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "notify/notify.h"
#include "outside/outside.h"
#include "sinks/outlets.h"
#include "telegram/sender.h"

#define FLUSH_DEADLINE_MS 1000
#define SENDS_IN_FLIGHT   32
#define SETTLE_WAIT_US    INT64_C(5000000)
#define STUCK_AFTER_US    INT64_C(20000000)
#define HEARTBEAT_US      INT64_C(30000000)

/* ---- hooks ---- */

static void on_commit(void *ctx, uint64_t seq)
{
    struct daemon_trader *t = ctx;
    notify_on_commit(t->daemon->notify, seq);
    for (int i = 0; i < LEDGER_COUNT; i++)
        if (t->ledgers[i] != NULL)
            ledger_on_commit(t->ledgers[i], seq);
    http_api_on_commit(t->daemon->http, seq);
    outside_on_commit(t->outside);
    uint64_t ending_seq;
    if (view_board_ending(t->view, &ending_seq) != ENDING_NONE)
        (void)kill(getpid(), SIGTERM); /* to the main thread, which waits for it */
}

static void on_store_fault(void *ctx, const char *what, bool failing)
{
    struct daemon_trader *t = ctx;
    char text[200];
    (void)snprintf(
        text, sizeof(text),
        failing ? "Trader %s: the journal cannot be written (%s). New trades stop until it works."
                : "Trader %s: the journal %s. Trading goes on.",
        t->conf->id, what);
    notify_alarm(t->daemon->notify, text);
}

/* Broker thread. What the venue says is a fact: it waits for room, unless the engine has ended
 * (then the next start reconciles). */
static void on_broker_event(const struct broker_event *e, void *ctx)
{
    struct daemon_trader *t = ctx;
    for (;;) {
        struct input *in = input_new(INPUT_BROKER);
        in->broker = *e;
        if (e->kind == BROKER_EVENT_FILL && e->exec_id != 0)
            (void)snprintf(in->key, sizeof(in->key), "ex:%" PRIu64, e->exec_id);
        enum engine_result r = engine_post(t->engine, in);
        if (r == ENGINE_OK)
            return;
        input_free(in);
        if (r == ENGINE_E_CLOSED)
            return;
        cli_wait_us(500);
    }
}

static struct input *disown_input(int64_t id, enum role role, uint64_t seq)
{
    struct input *in = input_new(INPUT_COMMAND);
    struct command *c = &in->command;
    (void)snprintf(in->key, sizeof(in->key), "member:%" PRIu64 ":%" PRId64, seq, id);
    TR_ASSERT(str_copy(c->name, sizeof(c->name), "disown"));
    (void)snprintf(c->args, sizeof(c->args), "%" PRId64 " %s", id, role_name(role));
    TR_ASSERT(str_copy(c->user_name, sizeof(c->user_name), "trident"));
    c->origin = ORIGIN_CLI;
    c->role = ROLE_ADMIN;
    c->lang = LANG_EN;
    return in;
}

/* Sender thread. The directory is the first trader's; what it says counts with all of them. */
static void on_member(void *ctx, int64_t id, enum role role, uint64_t seq)
{
    struct daemon *d = ctx;
    for (int i = 1; i < d->conf->trader_count && role < ROLE_ADMIN; i++) {
        struct input *in = disown_input(id, role, seq);
        enum engine_result r;
        while ((r = engine_post(d->traders[i].engine, in)) == ENGINE_E_FULL)
            cli_wait_us(500);
        if (r != ENGINE_OK)
            input_free(in); /* it has ended: its questions will have expired when it is back */
    }
}

static size_t bots_for_http(void *ctx, struct http_bot_status out[BOT_COUNT])
{
    struct daemon *d = ctx;
    struct bot_status status[BOT_COUNT] = {0};
    size_t n = 0;
    if (d->bots == NULL)
        return 0;
    bots_get_status(d->bots, status);
    for (int i = BOT_UNSET + 1; i < BOT_COUNT; i++) {
        if (!status[i].present)
            continue;
        out[n] = (struct http_bot_status){0};
        out[n].up = status[i].up;
        out[n].last_ok_ms = status[i].last_ok_ms;
        (void)str_copy(out[n].name, sizeof(out[n].name), bot_name((enum bot_id)i));
        (void)str_copy(out[n].error, sizeof(out[n].error), status[i].error);
        for (int k = 1; bots_outcome_name(k) != NULL; k++) {
            out[n].outcomes[k - 1].name = bots_outcome_name(k);
            out[n].outcomes[k - 1].count = status[i].outcomes[k];
        }
        n++;
    }
    return n;
}

/* ---- building ---- */

static int fail(const char *what, int r)
{
    log_error("main", "start_failed what=\"%s\" error=\"%s\"", what, strerrordesc_np(-r));
    return err_trace(r);
}

static int open_data_dir(struct daemon *d)
{
    char path[PATH_CAP];
    int r = file_mkdirs(d->conf->data_dir, 0700);
    if (r < 0)
        return fail("data_dir", r);
    r = daemon_take_lock(d);
    if (r < 0)
        return r;
    (void)snprintf(path, sizeof(path), "%s/" FOLDER_RESTORE_PENDING, d->conf->data_dir);
    if (file_exists(path)) {
        log_error("main",
                  "start_failed what=restore file=%s: a restore was interrupted; do the same "
                  "`trident restore` again, it goes on where it stopped",
                  path);
        return err_raise(-EBADMSG);
    }
    r = bots_prepare_keys(d->conf->data_dir);
    return r < 0 ? fail("button.key or seal.key", r) : 0;
}

static size_t notify_targets(const struct conf *c, struct notify_target *out)
{
    size_t n = 0;
    for (int i = 0; i < c->user_count; i++)
        if (c->users[i].role != ROLE_NONE)
            out[n++] = (struct notify_target){
                .chat_id = c->users[i].chat_id, .role = c->users[i].role, .lang = c->users[i].lang};
    for (int i = 0; i < c->notify_chat_count; i++)
        out[n++] = (struct notify_target){.chat_id = c->notify_chats[i].chat_id,
                                          .thread_id = c->notify_chats[i].thread_id,
                                          .lang = c->notify_chats[i].lang};
    return n;
}

/* A token given for two bots is one bot: messages to it are its first name's. */
static bool has_own_token(const struct conf *c, int bot)
{
    for (int i = BOT_UNSET + 1; i < bot; i++)
        if (str_eq(c->telegram.bots[i].token, c->telegram.bots[bot].token))
            return false;
    return c->telegram.bots[bot].token[0] != '\0';
}

static int open_notify(struct daemon *d)
{
    const struct conf *c = d->conf;
    char path[PATH_CAP];
    bool external = c->legacy.mode == LEGACY_EXTERNAL;
    struct telegram_sender_options so = {
        .base_url = c->telegram.base_url,
        .max_in_flight = SENDS_IN_FLIGHT,
        .data_dir = c->data_dir,
        .mirror_url = external ? c->legacy.mirror_url : NULL,
        .mirror_token = external ? c->legacy.mirror_token : NULL,
    };
    struct notify_target targets[2 * CONF_USERS_MAX];
    (void)snprintf(path, sizeof(path), "%s/notify.db", c->data_dir);
    struct notify_options no = {
        .db_path = path,
        .clock = clock_real(),
        .sink = &telegram_sink_ops,
        .targets = targets,
        .target_count = notify_targets(c, targets),
        .bot_fallback = BOT_CONTROLLER,
        .copy_to_legacy = c->legacy.mode != LEGACY_OFF && c->legacy.copy_notifications,
        .per_chat_per_s = c->telegram.per_chat_per_s,
        .per_chat_burst = c->telegram.per_chat_burst,
        .per_group_per_min = c->telegram.per_group_per_min,
        .per_bot_per_s = c->telegram.per_bot_per_s,
        .limits_off = c->telegram.limits_off,
        .throttle_window_ms = c->telegram.throttle_window_ms,
        .burst_per_min = c->telegram.limits_off ? 0 : c->telegram.burst_per_min,
        .utc_offset_min = c->trader_count > 0 ? c->traders[0].utc_offset_min : 0,
        .data_dir = c->data_dir,
        .draw = bots_draw_card,
        .draw_ctx = &d->bots_options,
        .on_member = on_member,
        .on_member_ctx = d,
        .max_in_flight = SENDS_IN_FLIGHT,
        .mirror = external && c->legacy.mirror_url[0] != '\0' ? telegram_sender_mirror : NULL,
    };
    for (int i = BOT_UNSET + 1; i < BOT_COUNT; i++) {
        so.tokens[i] = c->telegram.bots[i].token;
        no.bot_present[i] = has_own_token(c, i);
    }
    for (int i = BOT_COUNT - 1; i > BOT_UNSET; i--)
        if (no.bot_present[i] && !no.bot_present[BOT_CONTROLLER])
            no.bot_fallback = (enum bot_id)i;
    d->sender = telegram_sender_new(&so);
    const struct outlets_options outlets = {
        .webhook_url = c->sinks.webhook_url,
        .webhook_secret = c->sinks.webhook_secret,
        .email_url = c->sinks.email_url,
        .email_user = c->sinks.email_user,
        .email_password = c->sinks.email_password,
        .email_from = c->sinks.email_from,
        .email_to = c->sinks.email_to,
        .clock = clock_real(),
    };
    d->outlets = outlets_new(&outlets);
    no.outlet = outlets_send;
    no.outlet_ctx = d->outlets;
    no.has_webhook = outlets_has_webhook(d->outlets);
    no.has_email = outlets_has_email(d->outlets);
    no.sink_ctx = d->sender;
    no.mirror_ctx = d->sender;
    int r = notify_open(&no, &d->notify);
    if (r < 0)
        return fail("notify.db", r);
    telegram_sender_bind(d->sender, d->notify);
    outlets_start(d->outlets, d->notify);
    return 0;
}

/* What cannot be made again from elsewhere is never replaced by the program. */
static int fail_damaged(struct daemon *d, const char *what, const char *path, int r)
{
    char text[2 * PATH_CAP];
    if (r != -EBADMSG)
        return fail(what, r);
    log_error("main",
              "start_failed what=%s file=%s is damaged and was left as it is; look at it with "
              "`trident verify`, put a sound copy in its place (`trident restore` of the newest "
              "backup), or move it away to begin anew",
              what, path);
    (void)snprintf(text, sizeof(text),
                   "Trident does not start and does not trade: the %s %s is damaged and was left "
                   "as it is. On the server, `trident verify` shows what is wrong; `trident "
                   "restore` puts the newest backup in its place.",
                   what, path);
    notify_alarm(d->notify, text);
    d->bots_options.clock = clock_real();             /* for cards, which stay as they are */
    d->notify_started = notify_start(d->notify) == 0; /* to say this; stopping flushes it */
    return err_trace(r);
}

static int make_broker(struct daemon_trader *t)
{
    struct paper_conf paper = t->conf->paper;
    if (paper.state_path[0] == '\0')
        (void)snprintf(paper.state_path, sizeof(paper.state_path), "%.200s/paper.log", t->dir);
    int r = paper_broker_new(&paper, clock_real(), &t->broker);
    return r < 0 ? fail_damaged(t->daemon, "broker", paper.state_path, r) : 0;
}

void daemon_rules(const struct conf_trader *t, struct engine_rules *ret)
{
    *ret = (struct engine_rules){.start_balance_e8 = t->start_balance_e8,
                                 .daily_loss_cap_e8 = t->daily_loss_cap_e8,
                                 .lifetime_loss_cap_e8 = t->lifetime_loss_cap_e8,
                                 .daily_profit_cap_e8 = t->daily_profit_cap_e8,
                                 .daily_reset_minute = t->daily_reset_minute,
                                 .utc_offset_min = t->utc_offset_min,
                                 .order_deadline_ms = t->order_deadline_ms,
                                 .signal_max_age_ms = t->signal_max_age_ms,
                                 .error_limit = t->error_limit,
                                 .error_wait_ms = t->error_wait_ms};
    ret->shadow = t->shadow;
    ret->shadow.gate_ms = t->shadow_gate_hours * INT64_C(3600000);
    ret->phase = t->phase;
    ret->risk = t->risk;
    ret->risk.leverage = t->paper.leverage;
    chain_rules(t, ret->chains);
    position_rules(t, ret);
}

/* struct engine_settings_ops */
static bool check_setting(const char *path, const char *text, char ret[SETTING_TEXT_CAP])
{
    const struct conf_key *k = conf_runtime_find(path);
    return k != NULL && conf_runtime_check(k, text, ret, SETTING_TEXT_CAP);
}

static void base_settings(void *ctx, struct buf *out)
{
    const struct daemon_trader *t = ctx;
    const struct conf_key *k;
    for (size_t i = 0; (k = conf_runtime_at(i)) != NULL; i++) {
        buf_printf(out, "%s\t", k->path);
        conf_runtime_get(t->conf, k, out);
        buf_putc(out, '\n');
    }
}

static void lay_settings(void *ctx, const struct settings *s, struct engine_rules *ret)
{
    struct daemon_trader *t = ctx;
    t->in_force = *t->conf;
    for (size_t i = 0; i < s->count; i++) {
        const struct conf_key *k = conf_runtime_find(s->items[i].path);
        if (k == NULL || !conf_runtime_set(&t->in_force, k, s->items[i].text))
            log_warn("main", "setting_not_understood trader=%s path=%s", t->conf->id,
                     s->items[i].path); /* of another version: the file's value stands */
    }
    features_lay(&t->in_force);
    daemon_rules(&t->in_force, ret);
    if (t != t->daemon->traders)
        return;
    notify_set_single(t->daemon->notify, !t->in_force.features.multi_telegram);
    http_api_set_service(t->daemon->http, t->in_force.features.service_api);
}

void daemon_engine_options(const struct conf_trader *t, const char *dir, struct engine_options *ret)
{
    *ret = (struct engine_options){
        .trader_id = t->id,
        .dir = dir,
        .clock = clock_real(),
        .queue_capacity = (size_t)t->queue_capacity,
        .price_interval_ms = t->price_interval_ms,
        .settings = {.check = check_setting},
    };
    daemon_rules(t, &ret->rules);
    ret->plugins[0] = &combined_v3_plugin;
    ret->plugin_confs[0] = &t->combined_v3;
    ret->plugins[1] = &price_action_v6_plugin;
    ret->plugin_confs[1] = &t->price_action_v6;
    ret->plugins[2] = &legacy_v2_plugin;
    ret->plugin_confs[2] = &t->legacy_v2;
    ret->plugin_count = 3;
    for (int i = 0; i < OUTSIDE_PLUGINS; i++) {
        ret->plugins[ret->plugin_count] = &outside_plugins[i];
        ret->plugin_confs[ret->plugin_count++] = &t->outside[i];
    }
    ret->commands = bots_command_ops(&ret->command_count);
}

static bool read_outside(void *ctx, const char *plugin, struct outside_conf *ret)
{
    const struct daemon_trader *t = ctx;
    return questions_read_outside(t->daemon->conf, t->conf->id, plugin, ret);
}

static bool ask_command(void *ctx, const struct ahead_moment *now, struct input *in)
{
    struct daemon_trader *t = ctx;
    questions_of_now(&t->in_force, now, &in->command);
    return outside_ask_command(t->outside, in);
}

static int open_engine(struct daemon *d, struct daemon_trader *t)
{
    struct engine_options o;
    t->in_force = *t->conf;
    daemon_engine_options(&t->in_force, t->dir, &o);
    o.trader_id = t->conf->id; /* others read it while in_force is laid anew */
    o.settings.apply = lay_settings;
    o.settings.base = base_settings;
    o.settings.ctx = t;
    o.broker = t->broker;
    o.view = t->view = view_board_new();
    o.on_store_fault = on_store_fault;
    o.on_store_fault_ctx = t;
    o.is_successor = d->from != NULL;
    o.is_leaving = &d->is_leaving;
    o.wakes[0] = (struct engine_wake){on_commit, t};
    o.wake_count = 1;
    o.ask_command = ask_command;
    o.ask_command_ctx = t;
    TR_ASSERT(d->notify != NULL);
    t->outside = outside_new(t->conf->outside, t->conf->id, clock_real());
    if (t->outside != NULL) {
        outside_set_reader(t->outside, read_outside, t);
        o.ask = outside_ask;
        o.ask_ctx = t->outside;
    }
    int r = engine_open(&o, &t->engine);
    return r == 0 ? outside_start(t->outside, t->engine) : r;
}

/* The trade ledger is written from the journal: it can never know more rows. */
static int check_ledger(struct daemon *d, const struct daemon_trader *t, int which)
{
    char text[2 * PATH_CAP];
    const char *damaged = ledger_set_aside(t->ledgers[which]);
    struct engine_stats stats;
    engine_get_stats(t->engine, &stats);
    if (damaged != NULL) {
        (void)snprintf(
            text, sizeof(text),
            "Trader %s: the trade ledger was damaged: it is kept as %s and made anew from "
            "the journal.",
            t->conf->id, damaged);
        notify_alarm(d->notify, text);
    }
    uint64_t known = ledger_applied_seq(t->ledgers[which]);
    if (known <= stats.committed_seq)
        return 0;
    log_error(
        "main",
        "start_failed what=journal file=%s ends_at_row=%" PRIu64 " but the trade ledger knows "
        "row %" PRIu64 ": the journal was cut or replaced by an older copy; put the right one "
        "back, or, to go on with this one, move %s and notify.db away first",
        t->journal_path, stats.committed_seq, known, t->ledger_paths[which]);
    return err_raise(-EBADMSG);
}

/* The database of a program is kept on when its place is empty again. */
static bool has_ledger(const struct daemon_trader *t, int which)
{
    return which < LEDGER_OUTSIDE || t->conf->outside[which - LEDGER_OUTSIDE].path[0] != '\0' ||
           file_exists(t->ledger_paths[which]);
}

static int open_ledgers(struct daemon_trader *t)
{
    for (int i = 0; i < LEDGER_COUNT; i++) {
        (void)snprintf(t->ledger_paths[i], PATH_CAP, "%.400s/%s", t->dir,
                       ledger_table[i].plugin->db_name);
        const struct ledger_options o = {.trader_id = t->conf->id,
                                         .thread_prefix = ledger_table[i].thread_prefix,
                                         .journal_path = t->journal_path,
                                         .db_path = t->ledger_paths[i],
                                         .ops = ledger_table[i].ops,
                                         .signal_days = t->daemon->conf->retention.signal_days};
        bool is_due = t->ledgers[i] == NULL && has_ledger(t, i);
        int r = is_due ? ledger_start(&o, &t->ledgers[i]) : 0;
        if (r < 0)
            return fail("plugin database", r);
    }
    return 0;
}

static int check_ledgers(struct daemon *d, struct daemon_trader *t)
{
    int r = 0;
    for (int i = 0; i < LEDGER_COUNT && r == 0; i++)
        r = t->ledgers[i] != NULL ? check_ledger(d, t, i) : 0;
    return r;
}

static int open_trader(struct daemon *d, struct daemon_trader *t)
{
    int r = file_mkdirs(t->dir, 0700);
    if (r < 0)
        return fail("directory of the trader", r);
    r = make_broker(t);
    if (r < 0)
        return r;
    r = open_engine(d, t);
    if (r < 0)
        return fail_damaged(d, "journal", t->journal_path, r);
    r = daemon_take_claim(t);
    if (r < 0)
        return r;
    r = notify_add_journal(d->notify, t->conf->id, t->journal_path);
    if (r < 0)
        return fail("notify: journal", r);
    r = open_ledgers(t);
    return r == 0 ? check_ledgers(d, t) : r;
}

static int start_trader(struct daemon_trader *t)
{
    int r = engine_start(t->engine);
    if (r < 0)
        return fail("engine", r);
    t->engine_started = true;
    r = t->broker->ops->start(t->broker, on_broker_event, t);
    if (r < 0)
        return fail("broker", r);
    t->broker_started = true;
    if (t->conf->legacy_db[0] != '\0')
        t->legacy_feed =
            legacy_feed_start(&(struct legacy_feed_options){.db_path = t->conf->legacy_db,
                                                            .engine = t->engine,
                                                            .board = view_board_shadow(t->view),
                                                            .clock = clock_real(),
                                                            .poll_ms = t->conf->legacy_db_poll_ms});
    return 0;
}

/* Before notify starts: it draws live cards from them. */
static void fill_bots_options(struct daemon *d)
{
    struct bots_options *o = &d->bots_options;
    *o = (struct bots_options){.conf = d->conf, .clock = clock_real(), .notify = d->notify};
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct daemon_trader *t = &d->traders[i];
        o->traders[o->trader_count++] = (struct bots_trader){
            .engine = t->engine,
            .view = t->view,
            .broker = t->broker,
            .id = t->conf->id,
            .ledger_path = t->ledger_paths[0],
            .journal_path = t->journal_path,
            .utc_offset_min = t->conf->utc_offset_min,
            .daily_reset_minute = t->conf->daily_reset_minute,
        };
    }
    o->users = engine_users(d->traders[0].engine);
    o->vitals = d->vitals;
    o->whatif = questions_whatif;
    o->reload = questions_reload;
    o->drill = questions_drill;
    o->backup = questions_backup;
    o->ask_ctx = o;
    o->is_supervised = getenv("NOTIFY_SOCKET") != NULL;
}

static int start_bots(struct daemon *d)
{
    int r = bots_start(&d->bots_options, &d->bots);
    return r < 0 ? fail("bots", r) : 0;
}

static int start_http(struct daemon *d)
{
    char socket_path[PATH_CAP];
    (void)snprintf(socket_path, sizeof(socket_path), "%s/" HTTP_SOCKET_FILE, d->conf->data_dir);
    (void)snprintf(d->tokens_path, sizeof(d->tokens_path), "%s/" HTTP_TOKENS_FILE,
                   d->conf->data_dir);
    struct http_api_options o = {
        .conf = d->conf,
        .clock = clock_real(),
        .notify = d->notify,
        .bots = bots_for_http,
        .bots_ctx = d,
        .translate = names_translate,
        .prepare = questions_prepare,
        .prepare_ctx = &d->bots_options,
        .version = TRIDENT_VERSION,
        .listen_fd = d->from != NULL ? daemon_inherited_fd(&d->from->listen_fd) : -1,
        .tokens_path = d->tokens_path,
        .vitals = d->vitals,
    };
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct daemon_trader *t = &d->traders[i];
        o.traders[o.trader_count++] = (struct http_api_trader){t->engine, t->journal_path, t->view};
    }
    o.local_fd = d->from != NULL ? daemon_inherited_fd(&d->from->local_fd) : -1;
    int r = o.local_fd < 0 ? http_listen_local(socket_path, &o.local_fd) : 0;
    if (r < 0)
        return fail("control socket", r);
    r = http_api_start(d->http, &o);
    if (r < 0)
        return fail("http listen", r);
    d->http_started = true;
    return 0;
}

/* What does not need the journals: a successor does it while the one before still trades. */
int daemon_start_base(struct daemon *d)
{
    bool with_tls = !str_starts(d->conf->telegram.base_url, "http://") ||
                    str_starts(d->conf->sinks.webhook_url, "https://") ||
                    d->conf->sinks.email_url[0] != '\0' ||
                    str_starts(d->conf->legacy.mirror_url, "https://") ||
                    str_starts(d->conf->watch.heartbeat_url, "https://");
    int r = open_data_dir(d);
    if (r == 0)
        r = http_client_global_init(with_tls);
    if (r == 0)
        r = open_notify(d);
    for (int i = 0; r == 0 && d->from != NULL && i < d->conf->trader_count; i++)
        if (file_exists(d->traders[i].journal_path))
            r = open_ledgers(&d->traders[i]);
    return r;
}

static void start_watch(struct daemon *d)
{
    struct watch_options o = {.conf = d->conf,
                              .vitals = d->vitals,
                              .notify = d->notify,
                              .tokens_path = d->tokens_path,
                              .bots = bots_for_http,
                              .bots_ctx = d};
    for (int i = 0; i < d->conf->trader_count; i++) {
        o.traders[o.trader_count].engine = d->traders[i].engine;
        o.traders[o.trader_count++].view = d->traders[i].view;
    }
    d->watch = watch_start(&o);
}

int daemon_start_rest(struct daemon *d)
{
    int r = 0;
    for (int i = 0; r == 0 && i < d->conf->trader_count; i++)
        r = open_trader(d, &d->traders[i]);
    if (r == 0) {
        fill_bots_options(d);
        notify_set_legacy_retired(d->notify, view_board_is_retired(d->traders[0].view));
        for (int i = 0; i < d->conf->trader_count; i++)
            notify_set_silent(
                d->notify, d->traders[i].conf->id,
                !phase_is_told(shadow_board_phase(view_board_shadow(d->traders[i].view))));
        r = notify_start(d->notify);
        d->notify_started = r == 0;
    }
    for (int i = 0; r == 0 && i < d->conf->trader_count; i++)
        r = start_trader(&d->traders[i]);
    if (r == 0 && d->from != NULL)
        daemon_await_sync(d);
    if (r == 0)
        r = start_bots(d);
    if (r == 0)
        r = start_http(d);
    if (r == 0)
        d->backups = backups_start(d->conf, d->traders[0].engine, d->backup_dir);
    if (r == 0)
        start_watch(d);
    return r;
}

uint16_t daemon_http_port(const struct daemon *d)
{
    return http_api_port(d->http);
}

/* An engine gives a sign of life every second: people are told, once, when it misses that for as
 * long as a heartbeat (a disk that does not come back, for one). */
static void watch_heartbeat(struct daemon_trader *t, int64_t now_us)
{
    char text[160];
    int64_t age_us = now_us - shadow_board_beat_us(view_board_shadow(t->view));
    bool is_missed = age_us > HEARTBEAT_US;
    if (is_missed && !t->is_beat_missed) {
        log_error("main", "engine_heartbeat_missed trader=%s age_s=%" PRId64, t->conf->id,
                  age_us / 1000000);
        (void)snprintf(text, sizeof(text),
                       "Trader %s: the engine has given no sign of life for %d seconds.",
                       t->conf->id, (int)(age_us / 1000000));
        notify_alarm(t->daemon->notify, text);
    }
    t->is_beat_missed = is_missed;
}

bool daemon_is_alive(struct daemon *d)
{
    int64_t now_us = clock_mono_us(clock_real());
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct daemon_trader *t = &d->traders[i];
        struct engine_stats stats;
        watch_heartbeat(t, now_us);
        engine_get_stats(t->engine, &stats);
        if (stats.queue_depth == 0 || stats.batches != t->watched_seq) {
            t->watched_seq = stats.batches;
            t->watched_us = now_us;
        } else if (now_us - t->watched_us > STUCK_AFTER_US) {
            log_error("main", "engine_stuck trader=%s queue=%zu", t->conf->id, stats.queue_depth);
            return false;
        }
    }
    return true;
}

enum ending daemon_ending(const struct daemon *d)
{
    uint64_t seq = 0, at = 0;
    enum ending how = ENDING_NONE;
    for (int i = 0; i < d->conf->trader_count && how == ENDING_NONE; i++)
        how = view_board_ending(d->traders[i].view, i == 0 ? &seq : &at);
    int64_t until_us = clock_mono_us(clock_real()) + SETTLE_WAIT_US;
    struct notify_stats st;
    while (how != ENDING_NONE && clock_mono_us(clock_real()) < until_us) {
        notify_get_stats(d->notify, &st);
        if (st.watermark >= seq && st.outbox_rows == 0)
            break;
        cli_wait_us(5000);
    }
    return how;
}

/* ---- taking down ---- */

static void stop_traders(struct daemon *d)
{
    for (int i = 0; i < d->conf->trader_count; i++)
        if (d->traders[i].engine_started)
            engine_stop(d->traders[i].engine);
}

static void free_trader(struct daemon_trader *t)
{
    for (int i = 0; i < LEDGER_COUNT; i++) {
        struct engine_stats stats = {0};
        if (t->engine != NULL)
            engine_get_stats(t->engine, &stats);
        t->ledgers[i] = ledger_stop(t->ledgers[i], stats.committed_seq);
    }
    if (t->broker_started)
        t->broker->ops->stop(t->broker);
    t->engine = engine_free(t->engine);
    t->legacy_feed = legacy_feed_free(t->legacy_feed);
    t->outside = outside_free(t->outside);
    if (t->broker != NULL)
        t->broker = t->broker->ops->free(t->broker);
    t->view = view_board_free(t->view);
    t->claim_fd = file_close(t->claim_fd);
}

struct daemon *daemon_stop(struct daemon *d)
{
    if (d == NULL)
        return NULL;
    if (d->http_started)
        http_api_quiesce(d->http);
    d->watch = watch_stop(d->watch);
    d->backups = schedule_stop(d->backups);
    if (d->bots != NULL)
        bots_stop(d->bots);
    for (int i = 0; i < d->conf->trader_count; i++)
        legacy_feed_stop(d->traders[i].legacy_feed);
    for (int i = 0; i < d->conf->trader_count; i++)
        outside_stop(d->traders[i].outside); /* alerts that wait there are answered */
    if (d->http_started)
        http_api_stop(d->http);
    stop_traders(d);
    if (d->notify_started)
        notify_stop(d->notify, FLUSH_DEADLINE_MS);
    if (d->outlets != NULL)
        outlets_stop(d->outlets);
    d->bots = bots_free(d->bots);
    for (int i = 0; i < d->conf->trader_count; i++)
        free_trader(&d->traders[i]);
    d->http = http_api_free(d->http);
    d->sender = telegram_sender_free(d->sender);
    d->notify = notify_free(d->notify);
    d->outlets = outlets_free(d->outlets);
    d->vitals = vitals_free(d->vitals);
    if (d->lock_fd >= 0)
        d->lock_fd = file_close(d->lock_fd);
    mem_free(d);
    return NULL;
}
