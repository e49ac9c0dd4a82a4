/* conf/conf.h: the configuration as one immutable struct. One table (conf_table.c) carries every
 * key: path, type, default, range, help; loader, checker, JSON Schema and sample come from it.
 * Every problem is reported at once with path, value and what would be accepted. Secrets may be
 * given inline (file mode 0600 is then demanded), as {"file": path} or {"credential": name}
 * (systemd $CREDENTIALS_DIRECTORY). A key names one source and has no other: when that one is
 * missing it is a problem, never a silent second choice. Secrets are registered with the log sink.
 */
#ifndef TRIDENT_CONF_CONF_H
#define TRIDENT_CONF_CONF_H

#include "brokers/broker.h"
#include "model/chain_conf.h"
#include "model/rules/exit_rules.h"
#include "model/rules/risk_rules.h"
#include "model/user.h"
#include "model/phase.h"
#include "model/shadow_mode.h"
#include "plugins/plugin.h"

#define CONF_USERS_MAX   64
#define CONF_TRADERS_MAX 10
#define CONF_PROXIES_MAX 8
#define CONF_ALLOW_MAX   16
#define CONF_TOKEN_CAP   128
#define CONF_PATH_CAP    256

enum legacy_mode {
    LEGACY_UNSET = 0,
    LEGACY_OFF,
    LEGACY_EXTERNAL,
    LEGACY_ADOPTED,
    LEGACY_MODE_COUNT
};

enum conf_confine { CONFINE_UNSET = 0, CONFINE_AUTO, CONFINE_ON, CONFINE_OFF, CONFINE_COUNT };

struct conf_bot {
    char token[CONF_TOKEN_CAP]; /* "" = not configured */
};

enum conf_session_key {
    CONF_SESSION_ASIAN = 0,
    CONF_SESSION_LONDON,
    CONF_SESSION_OVERLAP,
    CONF_SESSION_NY_LATE,
    CONF_SESSION_DEAD_ZONE,
    CONF_SESSIONS
};

#define CONF_SYMBOLS_CAP 128

struct conf_session {
    char start[6], end[6];          /* "13:30", local time of the trader; equal = left out */
    char symbols[CONF_SYMBOLS_CAP]; /* "EURUSD,XAUUSD" */
    bool force_close;
};

struct conf_trader {
    char id[24];
    char symbol_default[SYMBOL_CAP]; /* for alerts without a symbol; "" = refuse */
    struct paper_conf paper;
    char broker_kind[16]; /* "paper" */
    struct combined_v3_conf combined_v3;
    struct chain_conf chains[CHAIN_PLUGINS]; /* plugin, limits: filled with the engine's rules */
    struct price_action_v6_conf price_action_v6;
    struct legacy_v2_conf legacy_v2;
    struct outside_conf outside[OUTSIDE_PLUGINS];
    struct exit_rules exits[CHAIN_PLUGINS]; /* plugin: filled with the engine's rules */
    bool sessions_enabled;
    int session_notice_min;
    struct conf_session sessions[CONF_SESSIONS]; /* by enum conf_session_key */
    struct phase_rules phase;
    struct { /* cli/features.h */
        bool plugin_system, multi_telegram, service_api, rollback_on_error, fallback_to_legacy;
    } features;
    char legacy_db[CONF_PATH_CAP];
    int legacy_db_poll_ms;
    struct shadow_rules shadow; /* gate_ms: filled with the engine's rules */
    int shadow_gate_hours;
    int price_interval_ms;
    int64_t start_balance_e8;
    int64_t daily_loss_cap_e8, lifetime_loss_cap_e8; /* DEC_NONE: of the tier */
    int64_t daily_profit_cap_e8;
    struct risk_rules risk; /* leverage: filled with the engine's rules */
    int daily_reset_minute; /* 03:35 -> 215 */
    int utc_offset_min;     /* +330 */
    int64_t order_deadline_ms;
    int64_t signal_max_age_ms;
    int queue_capacity;
    int error_limit; /* in a row; engine/trader.h */
    int64_t error_wait_ms;
};

struct conf {
    char file[CONF_PATH_CAP]; /* it was read from; "" = from a text */
    char data_dir[CONF_PATH_CAP];
    struct {
        char dir[CONF_PATH_CAP]; /* "" = <data_dir>/backups */
        int interval_min;        /* 0 = only by hand */
        int keep, keep_days;     /* 0 = no limit */
        bool before_cutover;     /* a cut-over needs one of the last day */
    } backup;
    struct {
        int signal_days; /* 0 = for ever */
    } retention;
    char log_level[8];
    char log_file[CONF_PATH_CAP];
    struct {
        char listen[64];
        int port;
        char webhook_secret[CONF_TOKEN_CAP]; /* "" = webhook refused unless allow_open */
        bool allow_open;                     /* no secret wanted: loopback and tests only */
        char admin_token[CONF_TOKEN_CAP];    /* "" = only tokens of `trident token` */
        char allow[CONF_ALLOW_MAX][64];      /* CIDR or address; empty = all */
        int allow_count;
        char trusted_proxies[CONF_PROXIES_MAX][64];
        int trusted_proxy_count;
        int max_body_bytes;
        char admin_passphrase[CONF_TOKEN_CAP];           /* Argon2id of it; "" = none */
        char admin_client_cn[64], webhook_client_cn[64]; /* "" = no certificate wanted */
        int webhook_per_source_per_s;                    /* 0 = no limit */
        int replay_window_s;                             /* 0 = off */
        int max_connections;
    } http;
    struct {
        char base_url[128];              /* https://api.telegram.org */
        struct conf_bot bots[BOT_COUNT]; /* by enum bot_id; [BOT_LEGACY] too */
        int poll_timeout_s;              /* 50 */
        bool limits_off;                 /* benchmarks */
        int per_bot_per_s, per_chat_per_s, per_chat_burst, per_group_per_min;
        int throttle_window_ms;
        int burst_per_min; /* cards a chat gets in a minute before they are told in short */
        char bot_link[BOT_COUNT][64]; /* "@name", filled by getMe at start */
    } telegram;
    struct { /* sinks beside Telegram; "" = none */
        char webhook_url[256], webhook_secret[CONF_TOKEN_CAP];
        char email_url[256], email_user[128], email_password[CONF_TOKEN_CAP];
        char email_from[128], email_to[256];
    } sinks;
    struct {
        enum legacy_mode mode;
        char mirror_url[256]; /* external: POST target, e.g. http://127.0.0.1:8000/{command} */
        char mirror_token[CONF_TOKEN_CAP]; /* sent as Authorization: Bearer */
        bool copy_notifications;
    } legacy;
    struct {
        bool totp_required;    /* nobody confirms a dangerous command without a one-time code */
        int totp_lock_minutes; /* after five wrong ones */
        bool two_person;       /* a dangerous command needs somebody else's press as well */
        int invite_hours;      /* how long an invitation holds unless it says otherwise */
        enum conf_confine seccomp;
    } security;
    struct {
        int interval_s;
        char heartbeat_url[256]; /* "" = none; may hold a secret */
        int heartbeat_s;
    } watch;
    struct user users[CONF_USERS_MAX];
    int user_count;
    struct {
        int64_t chat_id, thread_id;
        enum lang lang;
    } notify_chats[CONF_USERS_MAX];
    int notify_chat_count;
    struct conf_trader traders[CONF_TRADERS_MAX];
    int trader_count;
};

struct conf_problem {
    char path[96];      /* "traders[0].plugins.combined_v3.min_score" */
    char value[64];     /* what was read, secrets as "[redacted]" */
    char accepted[160]; /* what would be accepted */
};
#define CONF_PROBLEMS_MAX 64
struct conf_problems {
    struct conf_problem items[CONF_PROBLEMS_MAX];
    int count;
    int dropped; /* found beyond the room for them */
};

void conf_problem_add(struct conf_problems *p, const char *path, const char *value,
                      const char *accepted);
/* {"error": code, "field", "value", "accepted"} of the first one, and "problems": all of them when
 * there are several. There is one. */
void conf_problems_json(const struct conf_problems *p, const char *code, struct buf *out);

void conf_defaults(struct conf *c);
/* Reads path (JSON). 0: ret is valid; CONF_E_INVALID: problems lists all of them; negative:
 * unreadable (problems has one entry). struct conf is big: keep it on the heap. */
enum conf_result { CONF_OK = 0, CONF_E_INVALID = 1 };
TR_MUST_USE int conf_load(const char *path, struct conf *ret, struct conf_problems *problems);
/* Relative paths are taken from base_dir. NULL: no file is touched, {"file"} and {"credential"} are
 * problems. */
TR_MUST_USE int conf_load_text(const char *json, size_t len, const char *base_dir, struct conf *ret,
                               struct conf_problems *problems);
/* What stands in the configuration under traders[].plugins, as an object, laid over the trader's
 * settings; problems are added. For questions like "what would it decide if". */
void conf_plugins_override(const char *json, size_t len, struct conf_trader *t,
                           struct conf_problems *problems);
void conf_schema_json(struct buf *out); /* JSON Schema 2020-12 */
void conf_sample_json(struct buf *out); /* commented by a "_help" key per section */
void conf_show_json(const struct conf *c, struct buf *out); /* what is in force; secrets redacted */
/* The form of a Bot API token: ^[0-9]{3,}:[A-Za-z0-9_-]{30,}$ */
bool conf_is_token(const char *s);
/* The folder of a trader: <data_dir>/traders/<id>. */
#define CONF_DIR_CAP (CONF_PATH_CAP + 40)
void conf_trader_dir(const struct conf *c, int index, char out[CONF_DIR_CAP]);
void conf_indent_json(const char *json,
                      struct buf *out); /* one line of valid JSON for people to read */
/* The user with this id, in his private chat or in the chat bound to him; NULL = a stranger. */
const struct user *conf_user(const struct conf *c, int64_t user_id, int64_t chat_id);
void conf_wipe(struct conf *c);

#endif
