/* The table of configuration keys. One line a key: path, type, where it lives, range, default,
 * help. It describes and holds no code but the search for a group's sentence; conf_value.c knows
 * the types, conf_load.c walks a file along it, conf_write.c prints schema and sample from it. */
#include "conf/conf_table.h"

#include "core/alloc.h"

#define ID_MAX INT64_C(4503599627370495) /* Telegram ids have at most 52 bits */
#define E8(n)  ((int64_t)(n)*DEC_ONE)

#define FIELD(type_, f) .offset = offsetof(struct type_, f), .size = sizeof(((struct type_ *)0)->f)
#define BOOL(p, t, f, d, h)                                                                        \
    {                                                                                              \
        .path = p, .type = CONF_BOOL, FIELD(t, f), .def = d, .help = h                             \
    }
#define INT(p, t, f, lo, hi, d, h)                                                                 \
    {                                                                                              \
        .path = p, .type = CONF_INT, FIELD(t, f), .min = lo, .max = hi, .def = d, .help = h        \
    }
#define DECIMAL(p, t, f, lo, hi, d, h)                                                             \
    {                                                                                              \
        .path = p, .type = CONF_DECIMAL, FIELD(t, f), .min = lo, .max = hi, .def = d, .help = h    \
    }
#define TEXT(p, t, f, form_, d, h)                                                                 \
    {                                                                                              \
        .path = p, .type = CONF_STRING, .form = form_, FIELD(t, f), .def = d, .help = h            \
    }
#define WORD(p, t, f, list, d, h)                                                                  \
    {                                                                                              \
        .path = p, .type = CONF_WORD, FIELD(t, f), .choices = list, .def = d, .help = h            \
    }
#define ENUM(p, t, f, list, d, h)                                                                  \
    {                                                                                              \
        .path = p, .type = CONF_ENUM, FIELD(t, f), .choices = list, .def = d, .help = h            \
    }
#define SECRET(p, t, f, form_, s, h)                                                               \
    {                                                                                              \
        .path = p, .type = CONF_SECRET, .form = form_, FIELD(t, f), .def = "", .sample = s,        \
        .help = h                                                                                  \
    }
#define LIST(p, t, f, n, most, form_, h)                                                           \
    {                                                                                              \
        .path = p, .type = CONF_STRINGS, .form = form_, FIELD(t, f[0]),                            \
        .count_offset = offsetof(struct t, n), .max = most, .def = "", .help = h                   \
    }

static const struct conf_choice log_levels[] = {
    {"debug", 1}, {"info", 2}, {"warn", 3}, {"error", 4}, {NULL, 0}};
static const struct conf_choice legacy_modes[] = {
    {"off", LEGACY_OFF}, {"external", LEGACY_EXTERNAL}, {"adopted", LEGACY_ADOPTED}, {NULL, 0}};
static const struct conf_choice roles[] = {
    {"viewer", ROLE_VIEWER}, {"trader", ROLE_TRADER}, {"admin", ROLE_ADMIN}, {NULL, 0}};
static const struct conf_choice languages[] = {
    {"en", LANG_EN}, {"hinglish", LANG_HINGLISH}, {NULL, 0}};
static const struct conf_choice broker_kinds[] = {{"paper", 1}, {NULL, 0}};
static const struct conf_choice feeds[] = {
    {"sim", PAPER_FEED_SIM}, {"csv", PAPER_FEED_CSV}, {NULL, 0}};
static const struct conf_choice routings[] = {{"dual_orders", V3_ROUTING_DUAL},
                                              {"order_a_only", V3_ROUTING_A_ONLY},
                                              {"order_b_only", V3_ROUTING_B_ONLY},
                                              {NULL, 0}};
static const struct conf_choice fallback_stops[] = {{"fixed", 0}, {"symbol", 1}, {NULL, 0}};
static const struct conf_choice v6_order_types[] = {{"DUAL_ORDERS", V6_DUAL_ORDERS},
                                                    {"ORDER_A_ONLY", V6_ORDER_A_ONLY},
                                                    {"ORDER_B_ONLY", V6_ORDER_B_ONLY},
                                                    {NULL, 0}};
static const struct conf_choice v6_profiles[] = {
    {"code", V6_CODE}, {"json", V6_JSON}, {"plan", V6_PLAN}, {NULL, 0}};
static const struct conf_choice v6_alignments[] = {{"higher_tf", V6_ALIGN_HIGHER_TF},
                                                   {"pulse_sum", V6_ALIGN_PULSE_SUM},
                                                   {"payload", V6_ALIGN_PAYLOAD},
                                                   {NULL, 0}};
static const struct conf_choice v6_switches[] = {
    {"profile", V6_SWITCH_UNSET}, {"on", V6_ON}, {"off", V6_OFF}, {NULL, 0}};
static const struct conf_choice score_filters[] = {{"strength", 0}, {"raw", 1}, {NULL, 0}};
static const struct conf_choice exit_semantics[] = {{"pine", 0}, {"legacy", 1}, {NULL, 0}};

#include "conf/conf_keys_security.h"
#include "conf/conf_keys_watch.h"

static const struct conf_key root_keys[] = {
    TEXT("data_dir", conf, data_dir, CONF_FORM_PATH, "data",
         "Folder of journals and databases; each trader has its own below traders/."),
    WORD("log.level", conf, log_level, log_levels, "info", "Least important line that is written."),
    TEXT("log.file", conf, log_file, CONF_FORM_PATH, "", "Log file; empty: standard error."),
    TEXT("backup.dir", conf, backup.dir, CONF_FORM_PATH, "",
         "Folder of the backups, best on another disk; empty: backups/ in data_dir."),
    INT("backup.interval_min", conf, backup.interval_min, 0, 525600, "1440",
        "Minutes from one backup to the next; 0: only by `trident backup`."),
    BOOL("backup.before_cutover", conf, backup.before_cutover, "false",
         "Refuse to let a plugin take over while the newest backup in dir is older than a day; "
         "false: warn."),
    INT("backup.keep", conf, backup.keep, 0, 1000, "7", "Newest backups that stay; 0: all."),
    INT("backup.keep_days", conf, backup.keep_days, 0, 3650, "30",
        "Backups older than this go, the newest never; 0: none do."),
    INT("retention.signal_days", conf, retention.signal_days, 0, 36500, "365",
        "Days that the signals logs of the plugins' databases keep an alert; 0: for ever. Trades "
        "and the journal stay."),
    TEXT("http.listen", conf, http.listen, CONF_FORM_ADDRESS, "127.0.0.1",
         "Address to listen on; keep it on loopback behind a TLS proxy."),
    INT("http.port", conf, http.port, 0, 65535, "8001", "Port to listen on; 0: any free one."),
    SECRET("http.webhook_secret", conf, http.webhook_secret, CONF_FORM_KEY,
           "<at least 16 characters of A-Z a-z 0-9 _ - >",
           "Whoever sends this may send alerts: last part of the path, or \"secret\" in the body."),
    BOOL("http.allow_open", conf, http.allow_open, "false",
         "Take alerts without a secret; only while listening on loopback."),
    SECRET("http.admin_token", conf, http.admin_token, CONF_FORM_KEY,
           "<at least 16 characters of A-Z a-z 0-9 _ - >",
           "Bearer token that may do everything over the port; empty: only tokens of `trident "
           "token`."),
    LIST("http.allow", conf, http.allow, http.allow_count, CONF_ALLOW_MAX, CONF_FORM_CIDR,
         "Addresses or networks that may send alerts; empty: all."),
    LIST("http.trusted_proxies", conf, http.trusted_proxies, http.trusted_proxy_count,
         CONF_PROXIES_MAX, CONF_FORM_CIDR, "Proxies whose X-Forwarded-For is believed."),
    INT("http.max_body_bytes", conf, http.max_body_bytes, 1024, 65536, "16384",
        "Largest request body."),
    HTTP_SECURITY_KEYS,
    TEXT("telegram.base_url", conf, telegram.base_url, CONF_FORM_URL, "https://api.telegram.org",
         "Bot API server; http only on loopback."),
    SECRET("telegram.controller.token", conf, telegram.bots[BOT_CONTROLLER].token, CONF_FORM_TOKEN,
           "<token of the controller bot from @BotFather>", "The bot that takes commands."),
    SECRET("telegram.notification.token", conf, telegram.bots[BOT_NOTIFICATION].token,
           CONF_FORM_TOKEN, "<token of the notification bot from @BotFather>",
           "The bot that tells what happened; empty: another one does."),
    SECRET("telegram.analytics.token", conf, telegram.bots[BOT_ANALYTICS].token, CONF_FORM_TOKEN,
           "<token of the analytics bot from @BotFather>",
           "The bot that answers with figures; empty: another one does."),
    INT("telegram.poll_timeout_s", conf, telegram.poll_timeout_s, 0, 50, "50",
        "How long one long poll waits."),
    BOOL("telegram.limits_off", conf, telegram.limits_off, "false",
         "Send without rate limits; for benchmarks against the sandbox."),
    INT("telegram.per_bot_per_s", conf, telegram.per_bot_per_s, 1, 1000, "30",
        "Messages a second of one bot."),
    INT("telegram.per_chat_per_s", conf, telegram.per_chat_per_s, 1, 100, "1",
        "Messages a second into one chat."),
    INT("telegram.per_chat_burst", conf, telegram.per_chat_burst, 1, 100, "3",
        "Messages into one chat without waiting after a pause."),
    INT("telegram.per_group_per_min", conf, telegram.per_group_per_min, 1, 1000, "20",
        "Messages a minute into one group."),
    INT("telegram.throttle_window_ms", conf, telegram.throttle_window_ms, 0, 3600000, "60000",
        "Repeats of one cause within this time are counted, not sent."),
    INT("telegram.burst_per_min", conf, telegram.burst_per_min, 0, 1000, "20",
        "Notifications a chat gets in any minute; more of them are told in short; 0: any number."),
    TEXT("sinks.webhook.url", conf, sinks.webhook_url, CONF_FORM_URL, "",
         "Where every event is posted as JSON; empty: nowhere."),
    SECRET("sinks.webhook.secret", conf, sinks.webhook_secret, CONF_FORM_KEY, "",
           "Signs the posts: X-Trident-Signature, HMAC-SHA256."),
    TEXT("sinks.email.url", conf, sinks.email_url, CONF_FORM_SMTP, "",
         "Mail server for alarms and the digest; empty: no e-mail."),
    TEXT("sinks.email.user", conf, sinks.email_user, CONF_FORM_UNSET, "",
         "Name at the mail server."),
    SECRET("sinks.email.password", conf, sinks.email_password, CONF_FORM_UNSET, "",
           "Password at the mail server."),
    TEXT("sinks.email.from", conf, sinks.email_from, CONF_FORM_UNSET, "", "Sender's address."),
    TEXT("sinks.email.to", conf, sinks.email_to, CONF_FORM_UNSET, "",
         "Receivers' addresses, separated by commas."),
    ENUM("legacy.mode", conf, legacy.mode, legacy_modes, "off",
         "off: no legacy bot. external: the old process keeps its token, commands are mirrored to "
         "it. adopted: we poll its token."),
    SECRET(
        "legacy.token", conf, telegram.bots[BOT_LEGACY].token, CONF_FORM_TOKEN, "",
        "Token of the legacy bot; needed by external (notifications under its name) and adopted."),
    TEXT("legacy.mirror_url", conf, legacy.mirror_url, CONF_FORM_URL, "",
         "external: where a state command is posted, {command} is replaced by its name."),
    SECRET("legacy.mirror_token", conf, legacy.mirror_token, CONF_FORM_BEARER, "",
           "Sent along as Authorization: Bearer."),
    BOOL(
        "legacy.copy_notifications", conf, legacy.copy_notifications, "true",
        "Send notifications under the legacy bot's token too, to chats that did not choose the new "
        "bots."),
    BOOL(
        "security.totp_required", conf, security.totp_required, "false",
        "Confirming a dangerous command needs a one-time code of /totp from everybody; false: only "
        "from those who set one up."),
    INT("security.totp_lock_minutes", conf, security.totp_lock_minutes, 1, 1440, "15",
        "How long no code is taken after five wrong ones in a row."),
    BOOL("security.two_person", conf, security.two_person, "false",
         "A dangerous command is carried out only when a second person presses Yes too."),
    INT("security.invite_hours", conf, security.invite_hours, 1, 168, "24",
        "How long a link made by /invite can be used."),
    PROCESS_SECURITY_KEYS,
    WATCH_KEYS,
};

#define USER_ID(p, t, f, lo, d, s, must, h)                                                        \
    {                                                                                              \
        .path = p, .type = CONF_INT, FIELD(t, f), .min = lo, .max = ID_MAX, .def = d, .sample = s, \
        .required = must, .help = h                                                                \
    }

static const struct conf_key user_keys[] = {
    USER_ID("user_id", user, user_id, 1, "0", "123456789", true,
            "Numeric Telegram id (not the @name)."),
    USER_ID("chat_id", user, chat_id, -ID_MAX, "0", NULL, false,
            "Group the user may act in besides the private chat; 0: private only."),
    ENUM("role", user, role, roles, "viewer",
         "viewer sees, trader trades, admin also changes settings."),
    ENUM("lang", user, lang, languages, "en", "Language of the answers."),
    TEXT("name", user, name, CONF_FORM_UNSET, "", "Name in receipts and in the audit log."),
};

#define CHAT(f)                                                                                    \
    .offset = offsetof(struct conf, notify_chats[0].f) - offsetof(struct conf, notify_chats),      \
    .size = sizeof(((struct conf *)0)->notify_chats[0].f)
static const struct conf_key chat_keys[] = {
    {.path = "chat_id",
     .type = CONF_INT,
     CHAT(chat_id),
     .min = -ID_MAX,
     .max = ID_MAX,
     .def = "0",
     .sample = "-1001234567890",
     .required = true,
     .help = "Group or channel that only hears notifications."},
    {.path = "thread_id",
     .type = CONF_INT,
     CHAT(thread_id),
     .min = 0,
     .max = ID_MAX,
     .def = "0",
     .help = "Topic in a forum group; 0: none."},
    {.path = "lang",
     .type = CONF_ENUM,
     CHAT(lang),
     .choices = languages,
     .def = "en",
     .help = "Language of the notifications."},
};

#define V3 "plugins.combined_v3."
#define LOGIC(n, mult)                                                                             \
    BOOL(V3 "logic" #n ".enabled", conf_trader, combined_v3.logic_enabled[n], "true",              \
         "Trade alerts of this logic."),                                                           \
        DECIMAL(V3 "logic" #n ".lot_multiplier", conf_trader, combined_v3.logic_lot_mult_e8[n],    \
                DEC_ONE / 100, E8(10), mult, "Factor on the base lot."),                           \
        ENUM(V3 "logic" #n ".order_routing", conf_trader, combined_v3.logic_routing[n], routings,  \
             "dual_orders", "Which of the orders A and B are placed.")

#define V6 "plugins.price_action_v6."
#define V2 "plugins.legacy_v2."
/* The strategy of one timeframe; numbers left alone are those of the profile (RT-10). */
#define STRATEGY(tf, i, orders)                                                                    \
    BOOL(V6 tf "_strategy.enabled", conf_trader, price_action_v6.strategies[i].enabled, "true",    \
         "Trade entries of this timeframe."),                                                      \
        ENUM(V6 tf "_strategy.order_type", conf_trader, price_action_v6.strategies[i].order_type,  \
             v6_order_types, orders, "Which of the orders A and B are placed."),                   \
        DECIMAL(V6 tf "_strategy.adx_min", conf_trader, price_action_v6.strategies[i].adx_min_e8,  \
                -DEC_ONE, E8(100), "-1", "Least ADX of an entry; -1: as the profile says."),       \
        INT(V6 tf "_strategy.confidence_min", conf_trader,                                         \
            price_action_v6.strategies[i].confidence_min, -1, 100, "-1",                           \
            "Least confidence score; -1: as the profile says."),                                   \
        DECIMAL(V6 tf "_strategy.spread_max_pips", conf_trader,                                    \
                price_action_v6.strategies[i].spread_max_pips_e8, -DEC_ONE, E8(10000), "-1",       \
                "Widest spread; 0: not checked, -1: as the profile says."),                        \
        ENUM(V6 tf "_strategy.higher_tf", conf_trader, price_action_v6.strategies[i].higher_tf,    \
             v6_switches, "profile", "Check the trend pulse before an entry."),                    \
        ENUM(V6 tf "_strategy.momentum", conf_trader, price_action_v6.strategies[i].momentum,      \
             v6_switches, "profile", "Refuse entries while momentum falls."),                      \
        INT(V6 tf "_strategy.target", conf_trader, price_action_v6.strategies[i].target, 0, 3,     \
            "0", "Which TP of the alert order A takes; 0: as the profile says."),                  \
        DECIMAL(V6 tf "_strategy.risk_percent", conf_trader,                                       \
                price_action_v6.strategies[i].risk_percent_e8, 0, E8(10), "0",                     \
                "Percent of the balance at the stop; 0: as the profile says."),                    \
        DECIMAL(V6 tf "_strategy.lot_multiplier", conf_trader,                                     \
                price_action_v6.strategies[i].lot_multiplier_e8, 0, E8(10), "0",                   \
                "Factor on those lots; 0: as the profile says."),                                  \
        DECIMAL(V6 tf "_strategy.max_lot", conf_trader, price_action_v6.strategies[i].max_lot_e8,  \
                0, E8(100), "0", "Most lots of an entry; 0: as the profile says."),                \
        DECIMAL(V6 tf "_strategy.fallback_lot", conf_trader,                                       \
                price_action_v6.strategies[i].fallback_lot_e8, 0, E8(100), "0",                    \
                "Lots when there is no balance to reckon with; 0: as the profile says."),          \
        INT(V6 tf "_strategy.max_open_trades", conf_trader,                                        \
            price_action_v6.strategies[i].max_open_trades, 0, 100, "0",                            \
            "Entries that may be open at once; 0: as the profile says."),                          \
        INT(V6 tf "_strategy.max_daily_trades", conf_trader,                                       \
            price_action_v6.strategies[i].max_daily_trades, 0, 10000, "0",                         \
            "Entries a day; 0: as the profile says."),                                             \
        DECIMAL(V6 tf "_strategy.daily_loss_cap", conf_trader,                                     \
                price_action_v6.strategies[i].daily_loss_cap_e8, -DEC_ONE, E8(1000000000), "-1",   \
                "USD it may lose in a day; 0: no limit, -1: as the profile says."),                \
        INT(V6 tf "_strategy.exit_percent", conf_trader,                                           \
            price_action_v6.strategies[i].exit_percent, 0, 100, "0",                               \
            "Percent of a position an exit alert closes; 0: as the profile says.")

/* The chains of a plugin: rows of model/chain_conf.h. */
static const struct conf_choice hunts[] = {{"seventy_percent", REENTRY_HUNT_SEVENTY_PERCENT},
                                           {"price_monitor", REENTRY_HUNT_PRICE_MONITOR},
                                           {"window_monitor", REENTRY_HUNT_WINDOW_MONITOR},
                                           {NULL, 0}};
static const struct conf_choice windows[] = {{"route", REENTRY_WINDOWS_ROUTE},
                                             {"config", REENTRY_WINDOWS_CONFIG},
                                             {"monitor", REENTRY_WINDOWS_MONITOR},
                                             {"service", REENTRY_WINDOWS_SERVICE},
                                             {NULL, 0}};
static const struct conf_choice reductions[] = {{"aggressive", REENTRY_REDUCTION_AGGRESSIVE},
                                                {"balanced", REENTRY_REDUCTION_BALANCED},
                                                {"conservative", REENTRY_REDUCTION_CONSERVATIVE},
                                                {"adaptive", REENTRY_REDUCTION_ADAPTIVE},
                                                {"legacy", REENTRY_REDUCTION_LEGACY},
                                                {"linear", REENTRY_REDUCTION_LINEAR},
                                                {"autonomous", REENTRY_REDUCTION_AUTONOMOUS},
                                                {NULL, 0}};
static const struct conf_choice exits[] = {
    {"autonomous", REENTRY_EXIT_AUTONOMOUS}, {"engine", REENTRY_EXIT_ENGINE}, {NULL, 0}};
static const struct conf_choice protections[] = {{"off", REENTRY_PROTECTION_OFF},
                                                 {"autonomous", REENTRY_PROTECTION_AUTONOMOUS},
                                                 {"manager", REENTRY_PROTECTION_MANAGER},
                                                 {"session", REENTRY_PROTECTION_SESSION},
                                                 {NULL, 0}};
static const struct conf_choice protect_modes[] = {
    {"aggressive", REENTRY_PROTECT_AGGRESSIVE},
    {"balanced", REENTRY_PROTECT_BALANCED},
    {"conservative", REENTRY_PROTECT_CONSERVATIVE},
    {"very_conservative", REENTRY_PROTECT_VERY_CONSERVATIVE},
    {NULL, 0}};
static const struct conf_choice multipliers[] = {
    {"standard", PROFIT_CHAIN_STANDARD},     {"conservative", PROFIT_CHAIN_CONSERVATIVE},
    {"aggressive", PROFIT_CHAIN_AGGRESSIVE}, {"linear", PROFIT_CHAIN_LINEAR},
    {"fibonacci", PROFIT_CHAIN_FIBONACCI},   {NULL, 0}};
static const struct conf_choice sl_modes[] = {
    {"fixed", PROFIT_CHAIN_SL_FIXED}, {"by_logic", PROFIT_CHAIN_SL_BY_LOGIC}, {NULL, 0}};
static const struct conf_choice sl_systems[] = {{"sl-1", 0}, {"sl-2", 1}, {NULL, 0}};

#define CHAIN_BOOL(p, f, lo, hi, d, c, h)    BOOL(p, conf_trader, f, d, h)
#define CHAIN_INT(p, f, lo, hi, d, c, h)     INT(p, conf_trader, f, lo, hi, d, h)
#define CHAIN_DECIMAL(p, f, lo, hi, d, c, h) DECIMAL(p, conf_trader, f, lo, hi, d, h)
#define CHAIN_ENUM(p, f, lo, hi, d, c, h)    ENUM(p, conf_trader, f, c, d, h)
#define CHAIN_KEY(p, i, kind, key, field, lo, hi, def, choices_, help_)                            \
    CHAIN_##kind(p key, chains[i].field, lo, hi, def, choices_, help_),

static const struct conf_choice trailings[] = {{"off", EXIT_TRAILING_UNSET},
                                               {"sl_percent", EXIT_TRAILING_PERCENT},
                                               {"points", EXIT_TRAILING_POINTS},
                                               {NULL, 0}};

static const struct conf_choice trend_sources[] = {
    {"stored", CHAIN_TREND_STORED}, {"candles", CHAIN_TREND_CANDLES}, {NULL, 0}};

/* What the positions of plugin i do by themselves (model/rules/exit_rules.h). flip: default of the
 * rules that close on flipped trends, which the legacy bot has. */
#define EXITS(p, i, flip)                                                                          \
    ENUM(p "exits.trailing", conf_trader, exits[i].trailing, trailings, "off",                     \
         "The stop follows the price: by percent of its first distance, or by points."),           \
        INT(p "exits.trailing_start_percent", conf_trader, exits[i].trail_start_percent, 1, 1000,  \
            "50", "sl_percent: profit from which it follows, and how far behind."),                \
        INT(p "exits.trailing_step_percent", conf_trader, exits[i].trail_step_percent, 1, 1000,    \
            "25", "sl_percent: it moves in steps of this."),                                       \
        INT(p "exits.trailing_points", conf_trader, exits[i].trail_points, 1, 1000000, "50",       \
            "points: profit from which it follows, and how far behind."),                          \
        INT(p "exits.trailing_step_points", conf_trader, exits[i].trail_step_points, 1, 1000000,   \
            "10", "points: it moves in steps of this."),                                           \
        DECIMAL(p "exits.breakeven_pips", conf_trader, exits[i].even_pips_e8, 0, E8(100000), "0",  \
                "Profit that brings the stop to the entry; 0: never."),                            \
        DECIMAL(p "exits.breakeven_offset_pips", conf_trader, exits[i].even_offset_pips_e8, 0,     \
                E8(10000), "0", "So far beyond the entry; less than breakeven_pips."),             \
        BOOL(p "exits.breakeven_after_tp1", conf_trader, exits[i].even_after_tp1, "false",         \
             "The stop goes to the entry when the other order of the trade took profit."),         \
        BOOL(p "exits.profit_lock", conf_trader, exits[i].has_lock, "false",                       \
             "At profit_lock_pips the stop goes to profit_lock_to_pips beyond the entry."),        \
        DECIMAL(p "exits.profit_lock_pips", conf_trader, exits[i].lock_pips_e8, DEC_ONE / 10,      \
                E8(100000), "40", "Profit that locks some of it."),                                \
        DECIMAL(p "exits.profit_lock_to_pips", conf_trader, exits[i].lock_to_pips_e8, 0,           \
                E8(100000), "10", "How much; less than profit_lock_pips."),                        \
        INT(p "exits.max_hold_min", conf_trader, exits[i].max_hold_min, 0, 1000000, "0",           \
            "A trade is closed after so many minutes; 0: never."),                                 \
        BOOL(p "exits.trend_flip", conf_trader, exits[i].trend_flip, flip,                         \
             "A trade is closed when the trends that let it in stand against it."),                \
        INT(p "exits.trend_flip_age_min", conf_trader, exits[i].trend_flip_age_min, 0, 1000000,    \
            "5", "trend_flip: not before it is so many minutes old."),                             \
        BOOL(p "exits.trend_alert", conf_trader, exits[i].trend_alert, flip,                       \
             "A trade is closed when a trend alert comes against it."),                            \
        ENUM(p "reentry.trend_source", conf_trader, chains[i].trend_source, trend_sources,         \
             "stored", "Trend a re-entry needs: as alerts told it, or of 15-minute candles."),     \
        BOOL(p "exits.manager", conf_trader, exits[i].manager, "false",                            \
             "RE-14: order A is held while the market is strong, else closed in parts.")

#define SESSION(key, i, from, to, list, closes)                                                    \
    TEXT("sessions." key ".start", conf_trader, sessions[i].start, CONF_FORM_TIME, from,           \
         "Local time it begins; the same as its end: it is left out."),                            \
        TEXT("sessions." key ".end", conf_trader, sessions[i].end, CONF_FORM_TIME, to,             \
             "Local time it ends."),                                                               \
        TEXT("sessions." key ".symbols", conf_trader, sessions[i].symbols, CONF_FORM_SYMBOLS,      \
             list, "Symbols that may be entered then."),                                           \
        BOOL("sessions." key ".force_close", conf_trader, sessions[i].force_close, closes,         \
             "Everything open is closed when it begins.")

#include "conf/conf_keys_features.h"
#include "conf/conf_keys_legacy.h"
#include "conf/conf_keys_outside.h"
#include "conf/conf_keys_risk.h"
#include "conf/conf_keys_shadow.h"

static const struct conf_key trader_keys[] = {
    TEXT("id", conf_trader, id, CONF_FORM_ID, "main", "Name of the trader and of its folder."),
    TEXT("symbol_default", conf_trader, symbol_default, CONF_FORM_SYMBOL, "",
         "Symbol of alerts that carry none; empty: they are refused."),
    INT("queue_capacity", conf_trader, queue_capacity, 64, 1048576, "8192",
        "Inputs that may wait for the engine."),
    INT("order_deadline_ms", conf_trader, order_deadline_ms, 100, 600000, "5000",
        "An order without an answer for so long is unknown: the broker is asked."),
    INT("errors_in_a_row", conf_trader, error_limit, 0, 1000, "5",
        "Orders that fail at the broker in a row, after which entries stop; 0: never."),
    INT("error_wait_ms", conf_trader, error_wait_ms, 100, 3600000, "5000",
        "Milliseconds until they go on, after a look at the broker's own list."),
    INT("signal_max_age_ms", conf_trader, signal_max_age_ms, 100, 600000, "10000",
        "A signal that waited longer in the queue is refused."),
    INT("price_interval_ms", conf_trader, price_interval_ms, 20, 60000, "200",
        "How often quotes are compared with the prices that positions and chains wait for."),
    WORD("broker.kind", conf_trader, broker_kind, broker_kinds, "paper", "Where orders go."),
    ENUM("broker.feed", conf_trader, paper.feed, feeds, "sim",
         "Quotes: simulated, or recorded bars."),
    TEXT("broker.csv_bid", conf_trader, paper.csv_bid, CONF_FORM_PATH, "",
         "csv feed: bid bars (timestamp,open,high,low,close), .gz is read too."),
    TEXT("broker.csv_ask", conf_trader, paper.csv_ask, CONF_FORM_PATH, "", "csv feed: ask bars."),
    TEXT("broker.csv_symbol", conf_trader, paper.csv_symbol, CONF_FORM_SYMBOL, "GBPUSD",
         "csv feed: symbol of the bars; the others are simulated."),
    INT("broker.speed", conf_trader, paper.speed, 1, 100000, "60",
        "csv feed: recorded seconds per second."),
    INT("broker.tick_interval_ms", conf_trader, paper.tick_interval_ms, 10, 60000, "1000",
        "sim feed: time between quotes."),
    INT("broker.seed", conf_trader, paper.seed, 0, INT64_MAX - 1, "1", "Same seed, same quotes."),
    DECIMAL("broker.balance", conf_trader, paper.balance_e8, E8(1), E8(1000000000), "10000",
            "Account balance at the very start, USD."),
    INT("broker.leverage", conf_trader, paper.leverage, 1, 2000, "100",
        "Margin is 1/leverage of the position."),
    DECIMAL("broker.commission_per_lot", conf_trader, paper.commission_per_lot_e8, 0, E8(1000), "0",
            "USD per lot and side."),
    DECIMAL("broker.swap_long_points", conf_trader, paper.swap_long_points_e8, -E8(1000), E8(1000),
            "0", "Points per lot and night of a buy; Wednesday counts three times."),
    DECIMAL("broker.swap_short_points", conf_trader, paper.swap_short_points_e8, -E8(1000),
            E8(1000), "0", "Points per lot and night of a sell."),
    INT("broker.latency_base_ms", conf_trader, paper.latency_base_ms, 0, 60000, "0",
        "Time an answer takes."),
    INT("broker.stop_out_percent", conf_trader, paper.stop_out_percent, 0, 100, "50",
        "Margin level that closes positions."),
    INT("broker.faults.lost_answer", conf_trader, paper.fault_lost_answer, 0, 10000, "0",
        "Per 10,000 orders: executed, the answer never comes."),
    INT("broker.faults.reject", conf_trader, paper.fault_reject, 0, 10000, "0",
        "Per 10,000 orders: refused."),
    INT("broker.faults.late_fill", conf_trader, paper.fault_late_fill, 0, 10000, "0",
        "Per 10,000 orders: filled seconds after the acknowledgement."),
    INT("broker.faults.duplicate_fill", conf_trader, paper.fault_duplicate_fill, 0, 10000, "0",
        "Per 10,000 orders: the same fill reported twice."),
    INT("broker.faults.partial", conf_trader, paper.fault_partial, 0, 10000, "0",
        "Per 10,000 orders: filled in two parts."),
    INT("broker.faults.swallow", conf_trader, paper.fault_swallow, 0, 10000, "0",
        "Per 10,000 orders: never executed, no answer."),
    INT("broker.faults.late_reject", conf_trader, paper.fault_late_reject, 0, 10000, "0",
        "Per 10,000 orders: refused seconds after the acknowledgement."),
    RISK_KEYS,
    DECIMAL("risk.daily_profit_cap", conf_trader, daily_profit_cap_e8, 0, E8(1000000000), "0",
            "USD won in a day after which entries stop; 0: none."),
    INT("risk.daily_reset_minute", conf_trader, daily_reset_minute, 0, 1439, "215",
        "Minute of the day at which a new trading day begins (215 = 03:35)."),
    INT("risk.utc_offset_min", conf_trader, utc_offset_min, -720, 840, "330",
        "Local time of the trader, minutes east of UTC."),
    SHADOW_KEYS, PHASE_KEYS, FEATURE_KEYS,
    BOOL(V3 "enabled", conf_trader, combined_v3.enabled, "true", "Trade V3 alerts."),
    BOOL(V3 "shadow_mode", conf_trader, combined_v3.shadow_mode, "false",
         "Decide and record, with virtual trades; nothing is traded."),
    LOGIC(1, "1.25"), LOGIC(2, "1"), LOGIC(3, "0.625"),
    DECIMAL(V3 "base_lot", conf_trader, combined_v3.base_lot_e8, DEC_ONE / 100, E8(100), "0.05",
            "Lots before factors."),
    DECIMAL(V3 "order_b_risk", conf_trader, combined_v3.order_b_risk_e8, E8(1), E8(100000), "10",
            "USD at risk of order B: its stop follows."),
    DECIMAL(V3 "rr_ratio", conf_trader, combined_v3.rr_ratio_e8, DEC_ONE / 10, E8(20), "1.5",
            "Target distance in stop distances when the alert has no target."),
    INT(V3 "min_score", conf_trader, combined_v3.min_score, 0, 9, "5",
        "Least consensus score of an entry."),
    INT(V3 "launchpad_min_score", conf_trader, combined_v3.launchpad_min_score, 0, 9, "7",
        "Least consensus score of Institutional_Launchpad."),
    ENUM(V3 "score_filter_mode", conf_trader, combined_v3.score_filter_raw, score_filters,
         "strength", "strength: 9 - score for sells. raw: the score as it comes."),
    ENUM(V3 "exit_semantics", conf_trader, combined_v3.exit_semantics_legacy, exit_semantics,
         "pine", "pine: Bullish_Exit closes longs. legacy: the other way round."),
    BOOL(V3 "mtf_gate", conf_trader, combined_v3.mtf_gate, "true",
         "Entries need aligned time frames when the alert tells them."),
    BOOL(V3 "aggressive_reversal", conf_trader, combined_v3.aggressive_reversal, "true",
         "A reversal alert closes opposite positions first."),
    INT(V3 "mtf_min_aligned", conf_trader, combined_v3.mtf_min_aligned, 0, 6, "3",
        "Time frames that must agree."),
    INT(V3 "max_open_trades", conf_trader, combined_v3.max_open_trades, 1, 100, "5",
        "Entries that may be open at once."),
    INT(V3 "max_daily_trades", conf_trader, combined_v3.max_daily_trades, 1, 10000, "10",
        "Entries a day."),
    DECIMAL(V3 "max_lot", conf_trader, combined_v3.max_lot_e8, DEC_ONE / 100, E8(100), "1",
            "Most lots of one order."),
    DECIMAL(V3 "daily_loss_cap", conf_trader, combined_v3.daily_loss_cap_e8, 0, E8(1000000000),
            "500", "USD this plugin may lose in a day; 0: no limit."),
    INT(V3 "duplicate_window_ms", conf_trader, combined_v3.duplicate_window_ms, 0, 86400000,
        "300000", "The same alert within this time is refused."),
    INT(V3 "repeat_window_ms", conf_trader, combined_v3.repeat_window_ms, 0, 86400000, "60000",
        "An alert of another name with the same symbol, timeframe, direction and price within this "
        "time is refused."),
    ENUM(V3 "fallback_sl", conf_trader, combined_v3.fallback_sl_by_symbol, fallback_stops, "fixed",
         "Stop of an alert without one: fixed (fallback_sl_pips), or symbol: 15 to 30 pips by "
         "symbol, times 1, 1.5 or 2 by logic."),
    DECIMAL(V3 "fallback_sl_pips", conf_trader, combined_v3.fallback_sl_pips_e8, E8(1), E8(10000),
            "50", "Stop distance when the alert carries none."),
    DECIMAL(V3 "fallback_tp_pips", conf_trader, combined_v3.fallback_tp_pips_e8, 0, E8(10000), "0",
            "Target distance of order A when the alert carries none; 0: by rr_ratio."),
    LIST(V3 "symbols", conf_trader, combined_v3.symbols, combined_v3.symbol_count,
         COMBINED_V3_SYMBOLS_MAX, CONF_FORM_SYMBOL,
         "Symbols that may be traded; empty: all known ones."),
    BOOL(V6 "enabled", conf_trader, price_action_v6.enabled, "false", "Take V6 alerts."),
    BOOL(V6 "shadow_mode", conf_trader, price_action_v6.shadow_mode, "true",
         "Decide and record, with virtual trades; false: trade."),
    ENUM(V6 "profile", conf_trader, price_action_v6.profile, v6_profiles, "code",
         "Whose numbers: code (what ran), json (its plugin files), plan (the documents)."),
    BOOL(V6 "enforce_filters", conf_trader, price_action_v6.enforce_filters, "true",
         "Check ADX, confidence, spread and trends; false: trust the indicator."),
    ENUM(V6 "exit_semantics", conf_trader, price_action_v6.exit_semantics_legacy, exit_semantics,
         "pine", "pine: EXIT_BULLISH closes longs. legacy: the other way round."),
    ENUM(V6 "alignment", conf_trader, price_action_v6.alignment, v6_alignments, "higher_tf",
         "Trend check: the next higher timeframe's pulse, the sum of 5m, 15m and 1h, or the counts "
         "in the alert itself."),
    ENUM(V6 "state_exit", conf_trader, price_action_v6.state_exit, v6_switches, "profile",
         "A STATE_CHANGE against a position closes it, one to neutral half of it."),
    INT(V6 "repeat_window_ms", conf_trader, price_action_v6.repeat_window_ms, 0, 86400000, "60000",
        "The same entry (symbol, timeframe, direction, price) within this time is refused."),
    DECIMAL(V6 "rr_ratio", conf_trader, price_action_v6.rr_ratio_e8, DEC_ONE / 10, E8(20), "1.5",
            "Target distance in stop distances when the alert has no target."),
    LIST(V6 "symbols", conf_trader, price_action_v6.symbols, price_action_v6.symbol_count,
         V6_SYMBOLS_MAX, CONF_FORM_SYMBOL, "Symbols that may be traded; empty: all known ones."),
    STRATEGY("1m", V6_1M, "ORDER_B_ONLY"), STRATEGY("5m", V6_5M, "DUAL_ORDERS"),
    STRATEGY("15m", V6_15M, "ORDER_A_ONLY"), STRATEGY("1h", V6_1H, "ORDER_A_ONLY"),
    EXITS(V3, CHAIN_COMBINED_V3, "false"), EXITS(V6, CHAIN_PRICE_ACTION_V6, "false"),
    INT(V6 "exits.max_hold_1m_min", conf_trader, exits[CHAIN_PRICE_ACTION_V6].max_hold_1m_min, 0,
        1000000, "0",
        "The same for trades of 1m; 0: as the profile says (json: 15, the others: none)."),
    EXITS(V2, CHAIN_LEGACY_V2, "true"), LEGACY_KEYS, OUTSIDE_KEYS("plugins.outside_1.", 0),
    OUTSIDE_KEYS("plugins.outside_2.", 1), OUTSIDE_KEYS("plugins.outside_3.", 2),
    BOOL("sessions.enabled", conf_trader, sessions_enabled, "false",
         "Entries only in the session of their symbol; off: at any time."),
    INT("sessions.notice_min", conf_trader, session_notice_min, 0, 720, "30",
        "Minutes before a session at which it is announced; 0: never."),
    SESSION("asian", CONF_SESSION_ASIAN, "05:00", "13:30", "USDJPY,AUDJPY,AUDUSD,NZDUSD", "false"),
    SESSION("london", CONF_SESSION_LONDON, "13:30", "18:30",
            "EURUSD,GBPUSD,EURGBP,GBPJPY,EURJPY,XAUUSD", "false"),
    SESSION("overlap", CONF_SESSION_OVERLAP, "18:30", "22:30", "EURUSD,GBPUSD,XAUUSD,USDJPY",
            "false"),
    SESSION("ny_late", CONF_SESSION_NY_LATE, "22:30", "03:30", "USDJPY,XAUUSD,USDCAD", "false"),
    SESSION("dead_zone", CONF_SESSION_DEAD_ZONE, "03:30", "05:00", "", "true"),
    /* clang-format off */
    CHAIN_CONF_V3(CHAIN_KEY, V3)
    CHAIN_CONF_V6(CHAIN_KEY, V6)
    CHAIN_CONF_V2(CHAIN_KEY, V2)
    /* clang-format on */
};

const struct conf_section conf_sections[] = {
    {.path = "",
     .keys = root_keys,
     .count = TR_ARRAY_SIZE(root_keys),
     .size = sizeof(struct conf),
     .max = 1,
     .help = "Configuration of Trident."},
    {.path = "users",
     .keys = user_keys,
     .count = TR_ARRAY_SIZE(user_keys),
     .offset = offsetof(struct conf, users),
     .size = sizeof(struct user),
     .count_offset = offsetof(struct conf, user_count),
     .max = CONF_USERS_MAX,
     .help = "Who may use the bots; everybody else is refused."},
    {.path = "notify_chats",
     .keys = chat_keys,
     .count = TR_ARRAY_SIZE(chat_keys),
     .offset = offsetof(struct conf, notify_chats),
     .size = sizeof(((struct conf *)0)->notify_chats[0]),
     .count_offset = offsetof(struct conf, notify_chat_count),
     .max = CONF_USERS_MAX,
     .help = "Groups and channels that only hear notifications."},
    {.path = "traders",
     .keys = trader_keys,
     .count = TR_ARRAY_SIZE(trader_keys),
     .offset = offsetof(struct conf, traders),
     .size = sizeof(struct conf_trader),
     .count_offset = offsetof(struct conf, trader_count),
     .max = CONF_TRADERS_MAX,
     .help = "Isolated traders; without this list there is one, named main."},
};
const size_t conf_section_count = TR_ARRAY_SIZE(conf_sections);

const char *conf_group_help(const char *path)
{
    static const struct {
        const char *path, *help;
    } groups[] = {
        {"log", "Log lines; secrets never reach them."},
        {"retention", "What leaves the plugins' databases by itself."},
        {"backup", "Copies of everything in data_dir, made while it works."},
        {"http", "Webhook, health, metrics and emergency stop."},
        {"telegram", "The three bots. With fewer than three tokens the given ones share the work."},
        {"legacy", "The bot being replaced."},
        {"watch", "How the daemon watches itself, and who is told that it lives."},
        {"security", "What a dangerous command needs besides a Yes, and invitations."},
        {"traders.broker",
         "The paper broker: an embedded venue with real rules and no real money."},
        {"traders.broker.faults", "Failures on purpose, to see that nothing is lost."},
        {"traders.risk", "Limits over all plugins of this trader."},
        {"traders.risk.platform", "Limits of the profile platform; values in USD, parts of 1."},
        {"traders.sessions", "Which symbols may be entered when, in the trader's local time."},
        {"traders.features", "Switches of the take-over; changed at run time like any other key."},
        {"traders.shadow", "Old logic and plugins side by side: who trades, when it changes."},
        {"traders.plugins", "Strategies, each with its own names."},
        {"traders.plugins.combined_v3", "The V3 strategy: dual orders from consensus alerts."},
        {"traders.plugins.combined_v3.reentry", "What follows a trade: recovery, continuation."},
        {"traders.plugins.combined_v3.profit_chain", "What follows order B: more orders, booked."},
        {"traders.plugins.price_action_v6", "The V6 strategy: entries of four timeframes."},
        {"traders.plugins.legacy_v2", "What the old bot would do with its alerts and with V3's."},
        {"traders.plugins.outside_1", "A strategy that is a program of its own: docs/PLUGINS.md."},
        {"traders.plugins.outside_2", "A second one."},
        {"traders.plugins.outside_3", "A third one."},
        {"traders.plugins.legacy_v2.quirks", "Bugs of the old bot: on, its numbers come out."},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(groups); i++) {
        if (str_eq(groups[i].path, path))
            return groups[i].help;
    }
    return NULL;
}
