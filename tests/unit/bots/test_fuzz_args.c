/* Covers: random arguments after every command and every legacy name, typed into the real intake
 * and applied: exactly one reply each, never a crash, never a reply that cannot be sent. Some
 * thousands in the ordinary run; TRIDENT_FUZZ_ARGS=1000000 is the long one, TRIDENT_FUZZ_SEED
 * repeats another. */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/bots/stage.h"

#include "bots/names.h"
#include "bots/table.h"
#include "core/rng.h"
#include "engine/users_board.h"

#define LINES_DEFAULT 6000
#define LINE_CAP      512

static int no_submit(struct broker *b, const struct broker_request *r)
{
    (void)b, (void)r;
    return BROKER_ACCEPTED;
}

static bool no_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b, (void)symbol, (void)ret;
    return false;
}

static const struct broker_ops no_broker_ops = {
    .name = "none", .submit = no_submit, .quote = no_quote};
static struct broker no_broker = {.ops = &no_broker_ops};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

struct play {
    char dir[64], journal[96];
    struct engine *engine; /* for commands that ask for its figures before they are posted */
    struct conf *conf;
    struct bots_options opt;
    struct shared *shared;
    struct intake *in;
    struct stage *st;
    struct rng rng;
};

static void play_init(struct play *p)
{
    (void)str_copy(p->dir, sizeof p->dir, "/tmp/trident-fuzz-XXXXXX");
    cr_assert_not_null(mkdtemp(p->dir));
    (void)snprintf(p->journal, sizeof p->journal, "%s/journal.db", p->dir);
    p->st = stage_new();
    p->st->opt.plugins[0] = &combined_v3_plugin;
    p->st->opt.plugin_count = 1;
    struct engine_options eo = {
        .trader_id = "main", .dir = p->dir, .clock = clock_real(), .broker = &no_broker};
    eo.commands = bots_command_ops(&eo.command_count);
    cr_assert_eq(engine_open(&eo, &p->engine), 0);
    p->conf = stage_conf();
    (void)str_copy(p->conf->data_dir, sizeof p->conf->data_dir, p->dir);
    (void)str_copy(p->conf->telegram.bots[BOT_CONTROLLER].token, CONF_TOKEN_CAP, "1:c");
    p->opt = (struct bots_options){.conf = p->conf, .clock = clock_real(), .trader_count = 1};
    p->opt.users = users_board_new();
    p->opt.traders[0] = (struct bots_trader){.engine = p->engine,
                                             .id = "main",
                                             .ledger_path = "/nonexistent/ledger.db",
                                             .journal_path = p->journal};
    p->shared = xalloc(sizeof *p->shared);
    shared_init(p->shared, &p->opt);
    p->in = xalloc(sizeof *p->in);
    intake_init(p->in, p->shared, BOT_CONTROLLER, ROLES_THREE);
    for (unsigned i = 0; i < 8; i++)
        stage_position(p->st, i % 2 == 0 ? "XAUUSD" : "EURUSD", 88 + i, i);
    stage_quote(p->st, "XAUUSD", PRICE(266000), PRICE(266020));
}

static void play_deinit(struct play *p)
{
    stage_free(p->st);
    mem_free(p->in);
    shared_deinit(p->shared);
    mem_free(p->shared);
    users_board_free(p->opt.users);
    mem_free(p->conf);
    engine_free(p->engine);
    (void)nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *random_name(struct play *p)
{
    size_t count, legacy = 0;
    const struct bot_command *const *all = table_all(&count);
    while (names_at(legacy) != NULL)
        legacy++;
    for (;;) {
        size_t i = (size_t)rng_below(&p->rng, count + legacy / 4);
        if (i >= count)
            return names_at((size_t)rng_below(&p->rng, legacy))->name;
        if (all[i]->bots != 0)
            return all[i]->ops.name;
    }
}

static void add_word(struct play *p, char line[LINE_CAP])
{
    static const char *const words[] = {"on",
                                        "off",
                                        "toggle",
                                        "status",
                                        "reset",
                                        "v3",
                                        "v6",
                                        "both",
                                        "logic1",
                                        "logic9",
                                        "15m",
                                        "level0",
                                        "XAUUSD",
                                        "eur/usd",
                                        "GOLD",
                                        "XAUUSF",
                                        "0.05",
                                        "150",
                                        "0",
                                        "-1",
                                        "1e9",
                                        "0.000000001",
                                        "999999999999999999999",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "25%",
                                        "100%",
                                        "6h",
                                        "99999999d",
                                        "30s",
                                        "2026-11-21",
                                        "2026-99-99",
                                        "88a",
                                        "#88",
                                        "89b",
                                        "77z",
                                        "all",
                                        "winners",
                                        "losers",
                                        "buys",
                                        "profit>1%",
                                        "profit<-5",
                                        "profit>",
                                        "age>6h",
                                        "lots>=0.1",
                                        "history",
                                        "risk",
                                        "risk.daily_loss_cap",
                                        "v3.min_score",
                                        "sessions.enabled",
                                        "BULLISH",
                                        "AUTO",
                                        "daily",
                                        "fixed",
                                        "2640.5",
                                        "-",
                                        "<b>",
                                        "&amp;",
                                        "\"",
                                        "{name}",
                                        "%s%n",
                                        "'; --",
                                        "\xf0\x9f\x94\xa5",
                                        "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85",
                                        "\xff\xfe",
                                        "?",
                                        "\x1e",
                                        "en",
                                        "xx",
                                        "@name",
                                        "release",
                                        "123456",
                                        "1",
                                        "2",
                                        "5",
                                        "7",
                                        "365",
                                        "1000"};
    char word[64];
    if (rng_below(&p->rng, 8) == 0) {
        size_t n = (size_t)rng_below(&p->rng, sizeof word - 1);
        for (size_t i = 0; i < n; i++)
            word[i] = (char)rng_between(&p->rng, 1, 255);
        word[n] = '\0';
    } else
        (void)str_copy(word, sizeof word, words[rng_below(&p->rng, TR_ARRAY_SIZE(words))]);
    size_t used = strlen(line);
    (void)snprintf(line + used, LINE_CAP - used, " %s", word);
}

struct counted {
    int replies;
    size_t longest;
};

static int count_replies(const struct output_view *v, void *ctx)
{
    struct counted *c = ctx;
    if (v->kind != OUTPUT_REPLY)
        return 0;
    c->replies++;
    cr_assert(v->reply.html != NULL && v->reply.html[0] != '\0');
    return 0;
}

static void type(struct play *p, const char *line, int64_t number)
{
    struct intake_item item = {0};
    struct counted counted = {0};
    struct intake_moment now = {.wall_ms = p->st->now_ms, .idle_bound_ms = -1};
    struct update u = stage_message(number, ADMIN_ID, line);
    u.date_s = p->st->now_ms / 1000;
    intake_begin(p->in);
    intake_update(p->in, &u, &now, &item);
    cr_assert_not_null(item.input, "no answer to '%s'", line);
    stage_apply(p->st, &item.input->command);
    cr_assert_eq(outputs_visit(p->st->out.blob.data, p->st->out.blob.len, count_replies, &counted),
                 0);
    cr_assert_eq(counted.replies, 1, "%d answers to '%s'", counted.replies, line);
    input_free(item.input);
    p->st->now_ms += 10;
}

static int64_t number_of(const char *variable, int64_t otherwise)
{
    int64_t n = otherwise;
    const char *text = getenv(variable);
    return text != NULL && str_to_i64(text, &n) && n > 0 ? n : otherwise;
}

Test(fuzz_args, every_line_gets_exactly_one_answer, .timeout = 3600)
{
    struct play *p = xalloc(sizeof *p);
    char line[LINE_CAP];
    int64_t lines = number_of("TRIDENT_FUZZ_ARGS", LINES_DEFAULT);
    rng_seed(&p->rng, (uint64_t)number_of("TRIDENT_FUZZ_SEED", 20261121));
    play_init(p);
    for (int64_t i = 0; i < lines; i++) {
        (void)snprintf(line, sizeof line, "/%s", random_name(p));
        for (uint64_t k = rng_below(&p->rng, 6); k > 0; k--)
            add_word(p, line);
        type(p, line, i + 1);
    }
    play_deinit(p);
    mem_free(p);
}
