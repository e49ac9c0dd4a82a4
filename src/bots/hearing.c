/* bots/hearing.c: see hearing.h. Words of people become statements here; nothing is stored. */
#include "bots/hearing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "notify/unsent.h"

#define LIST_MAX 12 /* names shown to somebody who knows none */

enum reason hearing_prepare(const struct bot_prepare *p, struct command *c)
{
    struct rules r;
    struct buf text TR_CLEANUP(buf_deinit) = {0};
    if (p->options->notify == NULL ||
        unsent_read_rules(notify_db_path(p->options->notify), c->chat_id, &r) < 0)
        rules_init(&r);
    if (r.utc_offset_min == RULES_ZONE_UNSET)
        r.utc_offset_min = p->utc_offset_min;
    buf_init(&text, RULES_TEXT_MAX);
    rules_write(&r, &text);
    if (buf_failed(&text))
        return REASON_INTERNAL;
    c->body = xstrdup(text.len > 0 ? text.data : "");
    return REASON_ACCEPTED;
}

void hearing_rules(const struct answer *a, struct rules *ret)
{
    rules_read(ret, answer_body(a->c), tx_now_ms(a->tx));
    if (ret->utc_offset_min == RULES_ZONE_UNSET)
        ret->utc_offset_min = 0;
}

bool hearing_say(struct answer *a, struct rules *r, const char *statement)
{
    struct event e = EVENT_INIT;
    if (!rules_apply(r, statement, tx_now_ms(a->tx)))
        return false;
    e.type = EVENT_SUBSCRIPTION;
    e.chat_id = a->c->chat_id;
    TR_ASSERT(str_copy(e.text, sizeof e.text, statement));
    tx_event(a->tx, &e);
    answer_toast(a, "notifications.toast");
    return true;
}

void hearing_refuse(struct answer *a, const char *what, const char *accepted)
{
    tx_receipt(a->tx, REASON_ARGUMENT_INVALID, what);
    answer_line(a, "notifications.bad", ANSWER_ARGS({"what", what}, {"accepted", accepted}));
}

char *hearing_minute(int minute, char out[8])
{
    TR_ASSERT(minute >= 0 && minute < RULES_DAY_MIN);
    (void)snprintf(out, 8, "%02d:%02d", minute / 60, minute % 60);
    return out;
}

/* One or two digits. */
static bool read_digits(const char *text, size_t len, int max, int *ret)
{
    int v = 0;
    if (len == 0 || len > 2)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (text[i] - '0');
    }
    *ret = v;
    return v <= max;
}

bool hearing_read_minute(const char *text, size_t len, int *ret)
{
    const char *colon = memchr(text, ':', len);
    int hour = 0;
    int minute = 0;
    size_t hour_len = colon != NULL ? (size_t)(colon - text) : len;
    if (!read_digits(text, hour_len, 23, &hour))
        return false;
    if (colon != NULL && !read_digits(colon + 1, len - hour_len - 1, 59, &minute))
        return false;
    *ret = hour * 60 + minute;
    return true;
}

/* Whose abbreviation means one zone only. */
static const struct {
    const char *name;
    int offset_min;
} zones[] = {
    {"UTC", 0},       {"GMT", 0},       {"WET", 0},       {"CET", 60},      {"CEST", 120},
    {"EET", 120},     {"EEST", 180},    {"MSK", 180},     {"GST", 240},     {"PKT", 300},
    {"IST", 330},     {"NPT", 345},     {"ICT", 420},     {"WIB", 420},     {"SGT", 480},
    {"HKT", 480},     {"JST", 540},     {"KST", 540},     {"AEST", 600},    {"AEDT", 660},
    {"NZST", 720},    {"NZDT", 780},    {"BRT", -180},    {"EDT", -4 * 60}, {"EST", -5 * 60},
    {"CDT", -5 * 60}, {"MDT", -6 * 60}, {"MST", -7 * 60}, {"PDT", -7 * 60}, {"PST", -8 * 60},
};

bool hearing_read_zone(const char *text, int *ret, char *ret_near)
{
    int minute = 0;
    ret_near[0] = '\0';
    for (size_t i = 0; i < TR_ARRAY_SIZE(zones); i++)
        if (str_ieq(zones[i].name, text)) {
            *ret = zones[i].offset_min;
            return true;
        }
    bool has_name = (str_starts(text, "UTC") || str_starts(text, "GMT")) && text[3] != '\0';
    const char *offset = has_name ? text + 3 : text;
    bool has_sign = offset[0] == '+' || offset[0] == '-';
    if (has_sign && hearing_read_minute(offset + 1, strlen(offset + 1), &minute) &&
        minute <= HEARING_ZONE_MAX_MIN) {
        *ret = offset[0] == '-' ? -minute : minute;
        return true;
    }
    size_t best = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(zones); i++) {
        size_t nearness = table_nearness(text, zones[i].name);
        if (nearness > best)
            (void)str_copy(ret_near, RULES_PATTERN_CAP, zones[i].name); /* short */
        best = nearness > best ? nearness : best;
    }
    return false;
}

char *hearing_zone(int offset_min, char out[8])
{
    int minutes = offset_min < 0 ? -offset_min : offset_min;
    TR_ASSERT(minutes < RULES_DAY_MIN);
    (void)snprintf(out, 8, "%c%02d:%02d", offset_min < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return out;
}

int hearing_zone_of(const struct bot_prepare *p, int64_t chat_id)
{
    struct rules r;
    if (p->options->notify == NULL ||
        unsent_read_rules(notify_db_path(p->options->notify), chat_id, &r) < 0 ||
        r.utc_offset_min == RULES_ZONE_UNSET)
        return p->utc_offset_min;
    return r.utc_offset_min;
}

void hearing_until(struct answer *a, const struct rules *r, int64_t until_ms, struct buf *out)
{
    char time[FORMAT_CAP];
    if (until_ms == 0)
        return;
    text_render(out, a->c->lang, "notifications.until",
                ANSWER_ARGS({"time", format_minute(until_ms, r->utc_offset_min, time)}));
}

/* ---- a rule ---- */

static bool read_duration(const char *text, int64_t *ret_ms)
{
    static const char units[] = "smhd";
    static const int64_t unit_ms[] = {1000, 60000, 3600000, 86400000};
    size_t digits = strspn(text, "0123456789");
    int64_t v = 0;
    if (digits == 0 || digits > 6 || text[digits] == '\0' || text[digits + 1] != '\0')
        return false;
    const char *unit = strchr(units, text[digits]);
    for (size_t i = 0; i < digits; i++)
        v = v * 10 + (text[i] - '0');
    if (unit == NULL || v == 0)
        return false;
    *ret_ms = v * unit_ms[unit - units];
    return *ret_ms <= HEARING_MUTE_MAX_MS;
}

static void list_names(struct answer *a, const char *pattern)
{
    struct buf names TR_CLEANUP(buf_deinit) = {0};
    int shown = 0;
    buf_init(&names, 1024);
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT && shown < LIST_MAX; i++) {
        enum event_type t = (enum event_type)i;
        const char *name = event_info(t)->name;
        if (event_is_message(t) && rules_pattern_is_known(name) &&
            (pattern[0] == '\0' || strstr(name, pattern) != NULL))
            buf_printf(&names, "%s%s", shown++ > 0 ? ", " : "", name);
    }
    buf_puts(&names, shown > 0 ? ", v3_*, v6_*, all" : "v3_entry, sl_hit, signal_*, v6_*, all");
    hearing_refuse(a, pattern[0] != '\0' ? pattern : "\"\"", names.data);
}

/* Words of people in any case, as rules are stored. */
static bool lower(const char *text, char out[RULES_PATTERN_CAP])
{
    if (!str_copy(out, RULES_PATTERN_CAP, text))
        return false;
    for (char *p = out; *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    return true;
}

static void told(struct answer *a, const struct rules *r, const char *pattern, enum rule_mode mode,
                 int64_t until_ms)
{
    struct buf until TR_CLEANUP(buf_deinit) = {0};
    buf_init(&until, 256);
    hearing_until(a, r, until_ms, &until);
    answer_line(a, "notifications.done",
                ANSWER_ARGS({"pattern", pattern}, {"mode", rule_mode_name(mode)},
                            {"until", until.len > 0 ? until.data : ""}));
    answer_menu(a, "button.notifications", "notifications", "");
}

void hearing_set_rule(struct answer *a, const char *pattern, enum rule_mode mode,
                      const char *duration)
{
    struct rules r;
    char name[RULES_PATTERN_CAP];
    char statement[EVENT_TEXT_CAP];
    int64_t for_ms = 0;
    hearing_rules(a, &r);
    bool is_known = lower(pattern, name) && (str_eq(name, "all") || rules_pattern_is_known(name));
    if (!is_known && rules_pattern_is_critical(name)) {
        tx_receipt(a->tx, REASON_ARGUMENT_INVALID, pattern);
        answer_line(a, "mute.critical", ANSWER_ARGS({"name", pattern}));
        return;
    }
    if (!is_known) {
        list_names(a, pattern);
        return;
    }
    if (duration[0] != '\0' && !read_duration(duration, &for_ms)) {
        hearing_refuse(a, duration, "30m, 2h, 7d");
        return;
    }
    int64_t until_ms = for_ms > 0 ? tx_now_ms(a->tx) + for_ms : 0;
    if (mode == RULE_UNSET || (mode == RULE_OFF && until_ms == 0))
        (void)snprintf(statement, sizeof statement, "%s %s", mode == RULE_UNSET ? "unmute" : "mute",
                       name);
    else
        (void)snprintf(statement, sizeof statement, "rule %s %s %" PRId64, name,
                       rule_mode_name(mode), until_ms);
    if (hearing_say(a, &r, statement)) {
        told(a, &r, name, mode == RULE_UNSET ? RULE_ON : mode, until_ms);
        return;
    }
    char count[FORMAT_CAP];
    tx_receipt(a->tx, REASON_ARGUMENT_INVALID, name);
    answer_line(a, "notifications.full", ANSWER_ARGS({"count", format_u64(RULES_MAX, count)}));
}
