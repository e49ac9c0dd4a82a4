/* Values of an event are formatted once into struct fields (prices with the symbol's digits, money
 * with two decimals and a sign), then templates pick what they show. What an event lacks renders as
 * nothing. */
#include "notify/render.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "model/symbol.h"

#define FIELD_CAP    40
#define PART_CAP     512
#define LOTS_DIGITS  2
#define MONEY_DIGITS 2

struct fields {
    char lots[FIELD_CAP], entry[FIELD_CAP], exit[FIELD_CAP], profit[FIELD_CAP];
    char number[FIELD_CAP], limit[FIELD_CAP];
    char levels[PART_CAP], result[PART_CAP], reason[PART_CAP], numbers[PART_CAP];
    char at[PART_CAP], legs[2 * PART_CAP];
};

static void format_price(const struct event *e, int64_t price_e8, char out[FIELD_CAP])
{
    char text[DEC_TEXT_CAP] = "";
    const struct symbol_info *info = symbol_find(e->symbol);
    if (price_e8 == DEC_NONE)
        out[0] = 0;
    else if (info != NULL)
        (void)str_copy(out, FIELD_CAP, dec_format_fixed(price_e8, info->digits, text));
    else
        (void)str_copy(out, FIELD_CAP, dec_format(price_e8, text));
}

static void format_lots(int64_t lots_e8, char out[FIELD_CAP])
{
    char text[DEC_TEXT_CAP] = "";
    bool whole = lots_e8 % (DEC_ONE / 100) == 0;
    if (lots_e8 == DEC_NONE)
        out[0] = 0;
    else
        (void)str_copy(out, FIELD_CAP,
                       whole ? dec_format_fixed(lots_e8, LOTS_DIGITS, text)
                             : dec_format(lots_e8, text));
}

static void format_money(int64_t money_e8, char out[FIELD_CAP])
{
    char text[DEC_TEXT_CAP];
    (void)snprintf(out, FIELD_CAP, "%s%s", money_e8 > 0 ? "+" : "",
                   dec_format_fixed(money_e8, MONEY_DIGITS, text));
}

static void format_number(int64_t number_e8, char out[FIELD_CAP])
{
    char text[DEC_TEXT_CAP];
    (void)str_copy(out, FIELD_CAP, number_e8 == DEC_NONE ? "" : dec_format(number_e8, text));
}

/* Renders a catalogue part into a fixed field. */
static void render_part(char *out, size_t cap, enum lang lang, const char *key,
                        const struct text_arg *args)
{
    struct buf part TR_CLEANUP(buf_deinit) = {0};
    buf_init(&part, cap - 1);
    text_render(&part, lang, key, args);
    (void)str_copy(out, cap, buf_failed(&part) ? "" : part.data);
}

static void format_levels(const struct event *e, const char *before, char out[PART_CAP])
{
    char sl[FIELD_CAP];
    char tp[FIELD_CAP];
    format_price(e, e->sl_e8, sl);
    format_price(e, e->tp_e8, tp);
    (void)snprintf(out, PART_CAP, "%s%s%s%s%s", sl[0] != 0 || tp[0] != 0 ? before : "",
                   sl[0] != 0 ? "SL " : "", sl, tp[0] != 0 ? (sl[0] != 0 ? " TP " : "TP ") : "",
                   tp);
}

static const char *leg_name(const struct event *e)
{
    return e->role == ORDER_ROLE_UNSET ? "" : order_role_name(e->role);
}

static const char *icon_of(const struct event *e)
{
    return e->side == SIDE_SELL ? "🔴" : "🟢";
}

static void format_reason(const struct event *e, enum lang lang, struct fields *f)
{
    struct text_arg args[] = {
        {"symbol", e->symbol}, {"field", e->text},  {"text", e->text},
        {"number", f->number}, {"limit", f->limit}, {NULL, NULL},
    };
    if (e->reason != REASON_UNSET) {
        char key[64];
        (void)snprintf(key, sizeof(key), "reason.%s", reason_code(e->reason));
        render_part(f->reason, sizeof(f->reason), lang, key, args);
    }
    if (e->number_e8 != DEC_NONE && e->limit_e8 != DEC_NONE)
        render_part(f->numbers, sizeof(f->numbers), lang, "event.part.numbers", args);
}

static void fields_init(struct fields *f, enum lang lang, const struct event *e)
{
    memset(f, 0, sizeof(*f));
    format_lots(e->lots_e8, f->lots);
    format_price(e, e->entry_e8, f->entry);
    format_price(e, e->exit_e8, f->exit);
    format_money(e->profit_e8, f->profit);
    format_number(e->number_e8, f->number);
    format_number(e->limit_e8, f->limit);
    format_levels(e, " ", f->levels);
    const struct text_arg result[] = {
        {"profit", f->profit}, {"entry", f->entry}, {"exit", f->exit}, {NULL, NULL}};
    render_part(f->result, sizeof(f->result), lang, "event.part.result", result);
    format_reason(e, lang, f);
}

static bool is_entry_card(enum event_type type)
{
    return type == EVENT_ENTRY || (type >= EVENT_V6_ENTRY_1M && type <= EVENT_V6_ENTRY_4H);
}

static bool is_exit_card(enum event_type type)
{
    return type == EVENT_EXIT || type == EVENT_TP_HIT || type == EVENT_SL_HIT ||
           type == EVENT_MANUAL_EXIT || type == EVENT_REVERSAL_EXIT || type == EVENT_V6_EXIT ||
           type == EVENT_V6_TP_HIT || type == EVENT_V6_SL_HIT;
}

bool render_is_same_card(const struct event *a, const struct event *b)
{
    return a->type == b->type && (is_entry_card(a->type) || is_exit_card(a->type)) &&
           a->cause_seq == b->cause_seq && a->side == b->side && a->role != b->role &&
           strcmp(a->symbol, b->symbol) == 0 && strcmp(a->route, b->route) == 0;
}

/* One line a leg; the entry price is in the header when all legs have the same. */
static void format_legs(struct fields *f, enum lang lang, const struct event *const *legs,
                        size_t count)
{
    bool same_entry = true;
    for (size_t i = 1; i < count; i++)
        same_entry = same_entry && legs[i]->entry_e8 == legs[0]->entry_e8;
    bool is_entry = is_entry_card(legs[0]->type);
    if (is_entry && same_entry && f->entry[0] != 0)
        (void)snprintf(f->at, sizeof(f->at), " @ %s", f->entry);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct fields leg;
        char line[PART_CAP];
        fields_init(&leg, lang, legs[i]);
        if (!same_entry) {
            (void)snprintf(leg.at, sizeof(leg.at), " @ %s", leg.entry);
            format_levels(legs[i], "\n", leg.levels);
        }
        const struct text_arg args[] = {
            {"leg", leg_name(legs[i])},
            {"lots", leg.lots},
            {"at_html", leg.at},
            {"levels_html", leg.levels},
            {"profit", leg.profit},
            {"exit", leg.exit},
            {NULL, NULL},
        };
        render_part(line, sizeof(line), lang,
                    is_entry ? "event.part.leg_entry" : "event.part.leg_exit", args);
        int n = snprintf(f->legs + used, sizeof(f->legs) - used, "%s%s", i > 0 ? "\n" : "", line);
        used += n > 0 && (size_t)n < sizeof(f->legs) - used ? (size_t)n : 0;
    }
}

static void render_template(struct buf *out, enum lang lang, const char *key, const struct event *e,
                            const struct fields *f)
{
    const struct text_arg args[] = {
        {"icon", icon_of(e)},
        {"side", side_name(e->side)},
        {"symbol", e->symbol},
        {"lots", f->lots},
        {"route", e->route},
        {"leg", leg_name(e)},
        {"entry", f->entry},
        {"exit", f->exit},
        {"levels_html", f->levels},
        {"at_html", f->at},
        {"legs_html", f->legs},
        {"result_html", f->result},
        {"reason_html", f->reason},
        {"numbers_html", f->numbers},
        {"number", f->number},
        {"limit", f->limit},
        {"profit", f->profit},
        {"kind", e->signal_kind == SIGNAL_UNSET ? "" : signal_kind_name(e->signal_kind)},
        {"tf", e->tf == TF_UNSET ? "" : timeframe_name(e->tf)},
        {"plugin", e->plugin},
        {"bot", e->bot == BOT_UNSET ? "" : bot_name(e->bot)},
        {"text", e->text},
        {NULL, NULL},
    };
    text_render(out, lang, key, args);
}

/* Trailing blanks come from fields that are absent. */
static void trim_line_ends(struct buf *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->len; i++) {
        if (out->data[i] == '\n')
            while (kept > 0 && out->data[kept - 1] == ' ')
                kept--;
        out->data[kept++] = out->data[i];
    }
    while (kept > 0 && (out->data[kept - 1] == ' ' || out->data[kept - 1] == '\n'))
        kept--;
    out->len = kept;
    out->data[kept] = 0;
}

/* The text of an event says more than its card (fault, person, field), unless the card has it. */
static bool shows_text(const struct event *e, enum lang lang, const char *key)
{
    const char *card = text_get(lang, key);
    return e->text[0] != 0 && e->type != EVENT_TEST && !is_entry_card(e->type) &&
           e->type != EVENT_STATE_CHANGED && !is_exit_card(e->type) && /* a code for programs */
           e->type != EVENT_PHASE_READY && (card == NULL || strstr(card, "{text}") == NULL);
}

/* An alert refused before anything of it was read has nothing to be named by. */
static const char *variant_of(const struct event *e, size_t count)
{
    if (count > 1)
        return ".pair";
    bool is_unread =
        e->type == EVENT_SIGNAL_REFUSED && !e->symbol[0] && e->signal_kind == SIGNAL_UNSET;
    return is_unread ? ".unread" : "";
}

void render_event(struct buf *out, enum lang lang, const struct event *const *legs, size_t count)
{
    TR_ASSERT(count >= 1 && count <= RENDER_LEGS_MAX);
    const struct event *e = legs[0];
    struct fields f;
    struct buf card TR_CLEANUP(buf_deinit) = {0};
    char key[64];
    fields_init(&f, lang, e);
    if (count > 1)
        format_legs(&f, lang, legs, count);
    (void)snprintf(key, sizeof(key), "event.%s%s", event_info(e->type)->name, variant_of(e, count));
    buf_init(&card, RENDER_MAX_BYTES);
    render_template(&card, lang, key, e, &f);
    trim_line_ends(&card);
    buf_append(out, card.data, card.len);
    if (shows_text(e, lang, key)) {
        buf_putc(out, '\n');
        text_escape_html(out, e->text);
    }
    uint64_t number = e->cause_seq != 0 ? e->cause_seq : e->seq;
    if (number == 0)
        return;
    buf_printf(out, "\n<i>#%llu", (unsigned long long)number);
    if (is_exit_card(e->type) && legs[count - 1]->balance_e8 != DEC_NONE) {
        char balance[DEC_TEXT_CAP];
        buf_printf(out, " · %s",
                   dec_format_fixed(legs[count - 1]->balance_e8, MONEY_DIGITS, balance));
    }
    buf_puts(out, "</i>");
}

void render_more(struct buf *out, enum lang lang, const struct event *e, int64_t count,
                 int64_t seconds)
{
    char n[24];
    char s[24];
    (void)snprintf(n, sizeof(n), "%lld", (long long)count);
    (void)snprintf(s, sizeof(s), "%lld", (long long)seconds);
    const struct text_arg args[] = {
        {"count", n},
        {"seconds", s},
        {"reason", e->reason == REASON_UNSET ? event_info(e->type)->name : reason_code(e->reason)},
        {"symbol", e->symbol},
        {NULL, NULL},
    };
    text_render(out, lang, e->symbol[0] != 0 ? "event.more" : "event.more_plain", args);
}
