/* /why <number>: the whole story of one receipt, read from the journal. */
#include <inttypes.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/hearing.h"
#include "bots/reports.h"
#include "core/alloc.h"

struct ask {
    struct buf *out;
    enum lang lang;
    int utc_offset_min;
};

static int on_row(const struct journal_row *row, void *ctx)
{
    const struct ask *ask = ctx;
    return report_why(ask->out, ask->lang, row, ask->utc_offset_min);
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    const char *typed = c->args[0] == '#' ? c->args + 1 : c->args;
    char digits[24];
    int64_t seq = 0;
    /* "88a" is a position of decision 88. */
    size_t n = 0;
    while (typed[n] >= '0' && typed[n] <= '9' && n < sizeof digits - 1) {
        digits[n] = typed[n];
        n++;
    }
    digits[n] = '\0';
    bool is_clean = typed[n] == '\0' || typed[n + 1] == '\0';
    if (!is_clean || !str_to_i64(digits, &seq) || seq <= 0)
        return REASON_ARGUMENT_INVALID;
    struct journal_reader *reader = NULL;
    if (journal_reader_open(p->journal_path, &reader) < 0)
        return REASON_INTERNAL;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    struct ask ask = {
        .out = &out, .lang = c->lang, .utc_offset_min = hearing_zone_of(p, c->chat_id)};
    int r = journal_read_one(reader, (uint64_t)seq, on_row, &ask);
    journal_reader_close(reader);
    if (r < 0)
        return REASON_INTERNAL;
    if (r == JOURNAL_E_NONE) {
        buf_reset(&out);
        text_render(&out, c->lang, "why.none", ANSWER_ARGS({"seq", digits}));
    }
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    answer_finish(&a, ret);
}

const struct bot_command why_command = {
    .ops = {.name = "why", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"explain"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "<number>",
    .help_key = "help.why",
    .prepare = prepare,
};
