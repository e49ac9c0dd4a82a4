/* Covers: SY-4, the keys of sessions and of exits: their defaults are those of the rules, times and
 * lists of symbols are read strictly and may be changed at run time, other plugins have their own.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "conf/conf_runtime.h"
#include "core/alloc.h"
#include "model/rules/sessions.h"

static struct conf_trader *defaults(struct conf **ret_conf)
{
    *ret_conf = xalloc(sizeof(**ret_conf));
    conf_defaults(*ret_conf);
    return &(*ret_conf)->traders[0];
}

Test(conf_sessions, defaults_are_the_table_of_the_rules)
{
    struct conf *c TR_CLEANUP(mem_freep) = NULL;
    const struct conf_trader *t = defaults(&c);
    struct sessions s;
    sessions_defaults(&s);
    cr_assert_eq(s.count, CONF_SESSIONS);
    cr_assert_eq(t->sessions_enabled, s.is_on);
    cr_assert_eq(t->session_notice_min, s.notice_min);
    for (int i = 0; i < CONF_SESSIONS; i++) {
        int minute = -1;
        uint32_t symbols = 0;
        cr_assert(sessions_parse_minute(t->sessions[i].start, &minute));
        cr_expect_eq(minute, s.items[i].start_minute, "%s", s.items[i].name);
        cr_assert(sessions_parse_minute(t->sessions[i].end, &minute));
        cr_expect_eq(minute, s.items[i].end_minute, "%s", s.items[i].name);
        cr_assert(sessions_parse_symbols(t->sessions[i].symbols, &symbols));
        cr_expect_eq(symbols, s.items[i].symbols, "%s", s.items[i].name);
        cr_expect_eq(t->sessions[i].force_close, s.items[i].force_close, "%s", s.items[i].name);
    }
}

Test(conf_sessions, exits_are_off_with_the_numbers_of_the_rules_the_legacy_plugin_flips)
{
    struct conf *c TR_CLEANUP(mem_freep) = NULL;
    const struct conf_trader *t = defaults(&c);
    struct exit_rules want;
    exit_rules_defaults(&want);
    for (int i = 0; i < CHAIN_PLUGINS; i++) {
        struct buf a TR_CLEANUP(buf_deinit) = {0};
        struct buf b TR_CLEANUP(buf_deinit) = {0};
        buf_init(&a, 4096);
        buf_init(&b, 4096);
        want.trend_flip = want.trend_alert = i == CHAIN_LEGACY_V2;
        exit_rules_pack(&a, &want);
        exit_rules_pack(&b, &t->exits[i]);
        cr_expect_eq(a.len, b.len, "plugin %d", i);
        cr_expect_eq(memcmp(a.data, b.data, a.len), 0, "plugin %d", i);
    }
}

Test(conf_sessions, times_and_symbols_are_checked)
{
    static const struct {
        const char *path, *text;
        bool fine;
    } cases[] = {
        {"sessions.london.start", "14:00", true},
        {"sessions.london.start", "24:00", false},
        {"sessions.london.start", "9:00", false},
        {"sessions.london.start", "", false},
        {"sessions.asian.symbols", "", true},
        {"sessions.asian.symbols", "EURUSD,XAUUSD", true},
        {"sessions.asian.symbols", "EURUSD,NOPE", false},
        {"sessions.enabled", "true", true},
        {"sessions.notice_min", "721", false},
        {"plugins.combined_v3.exits.trailing", "sl_percent", true},
        {"plugins.combined_v3.exits.trailing", "always", false},
        {"plugins.price_action_v6.exits.max_hold_1m_min", "15", true},
        {"plugins.legacy_v2.exits.trend_flip", "false", true},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char form[SESSION_TIME_CAP + 200];
        const struct conf_key *k = conf_runtime_find(cases[i].path);
        cr_assert_not_null(k, "%s", cases[i].path);
        cr_expect_eq(conf_runtime_check(k, cases[i].text, form, sizeof(form)), cases[i].fine,
                     "%s = %s", cases[i].path, cases[i].text);
    }
    cr_assert_null(conf_runtime_find("price_interval_ms"), "built at the start");
    cr_assert_null(conf_runtime_find("plugins.combined_v3.exits.max_hold_1m_min"));
}
