/* Covers: SY-4: begin and end of a session moved by 30 minutes, over midnight, by buttons too; put
 * back to the file; a session that would begin as it ends, a wrong word, too far; the journaled
 * override and the notice; what a viewer sees. */
#include "unit/bots/stage.h"

static struct stage *st;

static void setup(void)
{
    st = stage_new();
}

static void teardown(void)
{
    stage_free(st);
}

TestSuite(session_time, .init = setup, .fini = teardown);

static const char *text_of(const char *path)
{
    return settings_text(&st->s->settings, path);
}

static bool says(const char *text)
{
    return strstr(st->reply.html, text) != NULL;
}

Test(session_time, thirty_minutes_earlier_and_later)
{
    stage_say(st, "session_time", "asian start -30");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert_str_eq(text_of("sessions.asian.start"), "04:30");
    cr_assert_str_eq(settings_base(&st->s->settings, "sessions.asian.start"), "05:00");
    cr_assert_eq(st->events[0], EVENT_SETTING_CHANGED);
    cr_assert(says("04:30"));
    stage_say(st, "session_time", "asian start 30");
    stage_say(st, "session_time", "asian start 30");
    cr_assert_str_eq(text_of("sessions.asian.start"), "05:30");
    stage_say(st, "session_time", "asian end 30");
    stage_say(st, "session_time", "asian reset");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert_str_eq(text_of("sessions.asian.start"), "05:00");
    cr_assert_null(settings_find(&st->s->settings, "sessions.asian.end"));
    stage_say(st, "session_time", "asian reset");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
}

Test(session_time, buttons_do_the_same)
{
    stage_say(st, "session_time", "dead_zone");
    const char *before = text_of("sessions.dead_zone.start");
    int minute, now;
    cr_assert(sessions_parse_minute(before, &minute));
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert(sessions_parse_minute(text_of("sessions.dead_zone.start"), &now));
    cr_assert_eq((now + 30) % DAY_MINUTES, minute);
    cr_assert_eq(stage_press(st, 1), BUTTON_OK); /* later */
    cr_assert(sessions_parse_minute(text_of("sessions.dead_zone.start"), &now));
    cr_assert_eq(now, minute);
    cr_assert(sessions_parse_minute(text_of("sessions.dead_zone.end"), &minute));
    cr_assert_eq(stage_press(st, 3), BUTTON_OK);
    cr_assert(sessions_parse_minute(text_of("sessions.dead_zone.end"), &now));
    cr_assert_eq(now, (minute + 30) % DAY_MINUTES);
}

Test(session_time, it_goes_over_midnight_and_never_vanishes)
{
    stage_say(st, "session_time", "asian start -360");
    cr_assert_str_eq(text_of("sessions.asian.start"), "23:00");
    stage_say(st, "session_time", "asian start 60");
    cr_assert_str_eq(text_of("sessions.asian.start"), "00:00");
    int from, to;
    char args[32];
    cr_assert(sessions_parse_minute(text_of("sessions.london.start"), &from));
    cr_assert(sessions_parse_minute(text_of("sessions.london.end"), &to));
    (void)snprintf(args, sizeof args, "london end %d", from - to);
    stage_say(st, "session_time", args);
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_null(settings_find(&st->s->settings, "sessions.london.end"));
}

Test(session_time, nonsense_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {"tokyo start 30", "asian middle 30", "asian start 721",
                                      "asian start -721", "asian start soon"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        stage_say(st, "session_time", bad[i]);
        cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID, "%s", bad[i]);
    }
    stage_say(st, "session_time", "asian start"); /* by nothing */
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    cr_assert_eq(st->s->settings.count, 0);
    stage_say(st, "session_time", "");
    cr_assert(says("ny_late"));
    cr_assert(says("05:00"));
}

Test(session_time, only_who_may_move_them_is_offered_it)
{
    stage_say(st, "session", "");
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:session_time"));
    struct command c = stage_command(st, "session", "");
    c.role = ROLE_VIEWER;
    stage_apply(st, &c);
    cr_assert_null(strstr(st->reply.keyboard_json, "m:session_time"));
}
