/* Covers: commands that change settings: shown, changed, repeated, put back; raising a limit asks
 * and lowering does not; the yes does what was shown; plugins and routes; /config; /enable. */
#include "unit/bots/stage.h"

#include "bots/change.h"
#include "engine/signals.h"

static struct stage *st;

static void setup(void)
{
    st = stage_new();
    st->opt.plugins[0] = &combined_v3_plugin;
    st->opt.plugin_count = 1;
}

static void teardown(void)
{
    stage_free(st);
}

TestSuite(change, .init = setup, .fini = teardown);

static bool says(const char *text)
{
    return strstr(st->reply.html, text) != NULL;
}

static const char *text_of(const char *path)
{
    return settings_text(&st->s->settings, path);
}

static bool has_event(enum event_type t)
{
    for (size_t i = 0; i < st->event_count; i++)
        if (st->events[i] == t)
            return true;
    return false;
}

#define LOGIC1 "plugins.combined_v3.logic1.enabled"

Test(change, a_switch_is_switched_told_mirrored_and_a_repeat_says_so)
{
    stage_say(st, "logic1", "off");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert_str_eq(text_of(LOGIC1), "false");
    cr_assert(has_event(EVENT_SETTING_CHANGED));
    cr_assert(has_event(EVENT_COMMAND_MIRROR));
    cr_assert_str_eq(st->last_event.text, "logic1_off ");
    stage_say(st, "logic1", "OFF");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    cr_assert(says("already"));
    cr_assert_not(has_event(EVENT_SETTING_CHANGED));
    stage_say(st, "logic1", "toggle");
    cr_assert_str_eq(text_of(LOGIC1), "true");
}

Test(change, without_a_value_it_shows_file_and_person)
{
    stage_say(st, "logic1", "off");
    st->now_ms += 60000;
    stage_say(st, "logic1", "");
    cr_assert(says("logic1.enabled"));
    cr_assert(says("<code>false</code>"));
    cr_assert(says("file: true"));
    cr_assert(says("Asha"));
    stage_say(st, "logic1", "reset");
    cr_assert_str_eq(text_of(LOGIC1), "true");
    cr_assert_null(settings_find(&st->s->settings, LOGIC1));
}

Test(change, lowering_a_limit_is_done_raising_it_asks_and_the_yes_does_it)
{
    stage_say(st, "dailylimit", "150");
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "150");
    stage_say(st, "dailylimit", "300");
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "150", "asked, not done");
    cr_assert(says("150 → <b>300</b>"));
    cr_assert_eq(stage_press(st, 1), BUTTON_OK);
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "150", "no means no");
    stage_say(st, "dailylimit", "300");
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "300");
    stage_say(st, "dailylimit", "reset");
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "tier", "the file's, 200 here, is lower");
}

Test(change, no_limit_is_the_highest_limit)
{
    cr_assert(change_is_raise("risk.daily_loss_cap", "200", "0"));
    cr_assert_not(change_is_raise("risk.daily_loss_cap", "0", "200"));
    cr_assert(change_is_raise("plugins.combined_v3.max_lot", "1", "1.01"));
    cr_assert_not(change_is_raise("plugins.combined_v3.max_lot", "1", "1"));
    cr_assert_not(change_is_raise("plugins.combined_v3.min_score", "5", "1"));
}

Test(change, an_expired_question_changes_nothing)
{
    stage_say(st, "dailylimit", "300");
    st->now_ms += 121000;
    (void)stage_press(st, 0);
    cr_assert_str_eq(text_of("risk.daily_loss_cap"), "tier");
}

Test(change, routes_and_plugins_are_meant_one_by_one_or_all)
{
    stage_say(st, "multiplier", "logic2 0.5");
    cr_assert_str_eq(text_of("plugins.combined_v3.logic2.lot_multiplier"), "0.5");
    cr_assert_str_eq(text_of("plugins.combined_v3.logic1.lot_multiplier"), "1.25");
    stage_say(st, "multiplier", "0.25");
    cr_assert_str_eq(text_of("plugins.combined_v3.logic1.lot_multiplier"), "0.25");
    cr_assert_str_eq(text_of("plugins.combined_v3.logic3.lot_multiplier"), "0.25");
    stage_say(st, "setlot", "v3 0.02");
    cr_assert_str_eq(text_of("plugins.combined_v3.base_lot"), "0.02");
    stage_say(st, "setlot", "v3 0.001");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    stage_say(st, "cooldown", "logic1 60");
    cr_assert_str_eq(text_of("plugins.combined_v3.reentry.logic1.cooldown_s"), "60");
    stage_say(st, "symbol_filter", "XAUUSD EURUSD");
    cr_assert_str_eq(text_of("plugins.combined_v3.symbols"), "XAUUSD,EURUSD");
}

Test(change, config_shows_explains_sets_and_puts_back)
{
    struct command c = stage_command(st, "config", "risk.daily_loss_cap");
    stage_apply(st, &c);
    cr_assert(says("daily_loss_cap"));
    cr_assert(says("Accepted:"));
    c = stage_command(st, "config", "v3.min_score 6");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ROLE_TOO_LOW, "a trader looks, an admin changes");
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_str_eq(text_of("plugins.combined_v3.min_score"), "6");
    c = stage_command(st, "config", "v3.min_score 11");
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert(says("from 0 to 9"));
    c = stage_command(st, "config", "history");
    stage_apply(st, &c);
    cr_assert(says("min_score"));
    c = stage_command(st, "config", "reset v3");
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_str_eq(text_of("plugins.combined_v3.min_score"), "5");
    c = stage_command(st, "config", "daily_loss_cap");
    stage_apply(st, &c);
    cr_assert(says("risk.daily_loss_cap"), "did you mean: %s", st->reply.html);
    c = stage_command(st, "config", "");
    stage_apply(st, &c);
    cr_assert(says("/config risk"));
}

Test(change, enable_and_disable_switch_a_plugin_and_forgive_its_failures)
{
    stage_say(st, "disable", "v3");
    cr_assert_str_eq(text_of("plugins.combined_v3.enabled"), "false");
    stage_say(st, "disable", "v3");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    stage_say(st, "enable", "v3");
    cr_assert_str_eq(text_of("plugins.combined_v3.enabled"), "true");
    struct state_plugin *p = state_plugin(st->s, "combined_v3");
    p->disabled = true;
    p->failures = 5;
    stage_say(st, "plugins", "");
    cr_assert(says("off after failures"));
    stage_say(st, "enable", "v3");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert_not(p->disabled);
}

#define V2 "plugins.legacy_v2."

Test(change, a_tier_by_number_is_the_old_bots_and_a_higher_one_asks)
{
    stage_say(st, "risktier", "1");
    cr_assert(says("what can be lost"), "from by_balance nobody can tell: it asks");
    cr_assert_str_eq(text_of("risk.tier"), "by_balance");
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_str_eq(text_of("risk.tier"), "5000");
    cr_assert_str_eq(text_of(V2 "risk_tier"), "5000");
    stage_say(st, "risktier", "3");
    cr_assert(says("5000 → <b>25000</b>"));
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    stage_say(st, "risktier", "10000");
    cr_assert_str_eq(text_of("risk.tier"), "10000", "lower is done at once");
    stage_say(st, "risktier", "6");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    stage_say(st, "risktier", "0");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    stage_say(st, "risktier", "2500");
    cr_assert(says("Did you mean <code>25000</code>"));
}

Test(change, stop_tables_lots_and_reductions_of_the_old_bot)
{
    stage_say(st, "slsystem", "sl2");
    cr_assert(says("Did you mean <code>sl-2</code>"), "the nearest, not the first");
    stage_say(st, "slsystem", "sl-2");
    cr_assert_str_eq(text_of(V2 "sl_system"), "sl-2");
    stage_say(st, "sltable", "off");
    cr_assert_str_eq(text_of(V2 "sl_system_enabled"), "false");
    stage_say(st, "tierlot", "5000 0.02");
    cr_assert_str_eq(text_of(V2 "manual_lot.5000"), "0.02");
    stage_say(st, "tierlot", "5000 0.5");
    cr_assert(says("what can be lost"));
    cr_assert_str_eq(text_of(V2 "manual_lot.5000"), "0.02");
    stage_say(st, "symbol_sl", "XAUUSD 20");
    cr_assert_str_eq(text_of(V2 "sl_reduction.xauusd"), "20");
    stage_say(st, "symbol_sl", "reset XAUUSD");
    cr_assert_str_eq(text_of(V2 "sl_reduction.xauusd"), "0", "reset may come first");
    cr_assert_str_eq(text_of(V2 "sl_reduction.eurusd"), "0");
}

Test(change, a_plugin_without_such_a_setting_is_named)
{
    stage_say(st, "maxtrades", "v2 3");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert(says("legacy_v2"));
}

Test(change, a_mode_by_name_leads_to_the_command_that_checks)
{
    struct command c = stage_command(st, "mode", "legacy_only");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ROLE_TOO_LOW);
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_not_null(strstr(st->reply.keyboard_json, "shadow_mode"));
    (void)str_copy(c.args, sizeof c.args, "plugin_only");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    (void)str_copy(c.args, sizeof c.args, "plugin_onli");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert(says("Did you mean <code>plugin_only</code>"));
}

Test(change, time_zones_are_read_by_name_and_by_offset)
{
    stage_say(st, "timezone", "");
    cr_assert(says("+00:00"));
    stage_say(st, "timezone", "ist");
    cr_assert(says("+05:30"));
    cr_assert_eq(st->last_event.type, EVENT_SUBSCRIPTION);
    cr_assert_str_eq(st->last_event.text, "zone 330");
    stage_say(st, "timezone", "UTC-3");
    cr_assert_str_eq(st->last_event.text, "zone -180");
    stage_say(st, "timezone", "+18");
    cr_assert_str_eq(st->last_event.text, "zone 1080");
    stage_say(st, "timezone", "+18:01");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_eq(st->event_count, 0);
    stage_say(st, "timezone", "cset");
    cr_assert(says("Did you mean <code>CEST</code>"));
}
