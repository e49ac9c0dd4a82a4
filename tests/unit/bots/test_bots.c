/* Covers: the polling threads against a local Bot API and a real engine: commit before
 * confirmation, restart with unconfirmed updates, an id space that restarts, one bot
 * failing beside the others (401, 409, swapped token, bad gateway), the flood of empty answers,
 * stopping during a parked poll. */
#include <ftw.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/journal.h"
#include "unit/bots/fake_api.h"

static char dir[64];
static struct conf *conf;
static struct engine *engine;
static struct fake_api *api;
static struct bots *bots;

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

static void setup(void)
{
    (void)str_copy(dir, sizeof dir, "/tmp/trident-bots-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    stage_key();
    cr_assert_eq(http_client_global_init(false), 0);
    struct engine_options opt = {.trader_id = "main",
                                 .dir = dir,
                                 .clock = clock_real(),
                                 .broker = &no_broker,
                                 .rules = {.start_balance_e8 = 10000 * DEC_ONE}};
    opt.commands = bots_command_ops(&opt.command_count);
    cr_assert_eq(engine_open(&opt, &engine), 0);
    cr_assert_eq(engine_start(engine), 0);
    api = fake_new();
    api->engine = engine;
    conf = stage_conf();
    (void)str_copy(conf->data_dir, sizeof conf->data_dir, dir);
    (void)str_copy(conf->telegram.base_url, sizeof conf->telegram.base_url, api->base);
    conf->telegram.poll_timeout_s = 30;
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++)
        (void)snprintf(conf->telegram.bots[i].token, CONF_TOKEN_CAP, "%d:secret", i);
}

static void start(void)
{
    struct bots_options o = {
        .conf = conf, .clock = clock_real(), .trader_count = 1, .recheck_ms = 300};
    o.traders[0] =
        (struct bots_trader){.engine = engine, .id = "main", .ledger_path = "", .journal_path = ""};
    cr_assert_eq(bots_start(&o, &bots), 0);
}

static void stop(void)
{
    bots_stop(bots);
    bots = bots_free(bots);
}

static void teardown(void)
{
    stop();
    fake_free(api);
    engine_stop(engine);
    engine_free(engine);
    mem_free(conf);
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(bots, .init = setup, .fini = teardown, .timeout = 60);

static void nap(int ms)
{
    (void)poll(NULL, 0, ms);
}

static uint64_t commands(void)
{
    struct engine_stats s;
    engine_get_stats(engine, &s);
    return s.commands;
}

#define EVENTUALLY(cond)                                                                           \
    do {                                                                                           \
        for (int i_ = 0; i_ < 1000 && !(cond); i_++)                                               \
            nap(5);                                                                                \
        cr_assert(cond);                                                                           \
    } while (0)

static struct bot_status status(enum bot_id bot)
{
    struct bot_status all[BOT_COUNT];
    bots_get_status(bots, all);
    return all[bot];
}

static int count_notice(const struct journal_row *row, void *ctx)
{
    int *n = ctx;
    *n += row->kind == INPUT_NOTICE;
    return 0;
}

static int notices(void)
{
    char path[96];
    struct journal_reader *r = NULL;
    uint64_t last;
    int n = 0;
    (void)snprintf(path, sizeof path, "%s/journal.db", dir);
    cr_assert_eq(journal_reader_open(path, &r), 0);
    cr_assert_geq(journal_read(r, 0, 100000, 0, count_notice, &n, &last), 0);
    journal_reader_close(r);
    return n;
}

Test(bots, nothing_is_confirmed_before_it_is_committed)
{
    start();
    for (int i = 0; i < 250; i++)
        fake_push(api, BOT_CONTROLLER, 1000 + i, i % 2 ? "/pause" : "/status");
    EVENTUALLY(commands() == 250);
    EVENTUALLY(fake_look(api, BOT_CONTROLLER).last_offset == 1250);
    cr_assert_not(fake_look(api, BOT_CONTROLLER).confirmed_early);
    cr_assert_eq(status(BOT_CONTROLLER).updates, 250);
    cr_assert_eq(status(BOT_CONTROLLER).commands, 250);
}

Test(bots, a_restart_takes_what_is_unconfirmed_and_does_nothing_twice)
{
    start();
    fake_push(api, BOT_CONTROLLER, 500, "/pause");
    EVENTUALLY(commands() == 1);
    stop();
    /* As after a kill between commit and confirmation: both are still there, one of them is done.
     */
    fake_clear(api, BOT_CONTROLLER);
    fake_push(api, BOT_CONTROLLER, 499, "/status");
    fake_push(api, BOT_CONTROLLER, 500, "/pause");
    start();
    EVENTUALLY(fake_look(api, BOT_CONTROLLER).last_offset == 501);
    cr_assert_eq(fake_look(api, BOT_CONTROLLER).first_offset, 0);
    EVENTUALLY(commands() == 3);
    struct engine_stats stats;
    engine_get_stats(engine, &stats);
    cr_assert_eq(stats.duplicates, 1, "the unread one is done, the done one is not done again");
}

Test(bots, a_restarted_id_space_is_adopted)
{
    start();
    fake_push(api, BOT_CONTROLLER, 900000000, "/status");
    EVENTUALLY(fake_look(api, BOT_CONTROLLER).last_offset == 900000001);
    fake_push(api, BOT_CONTROLLER, 12000000, "/status");
    EVENTUALLY(commands() == 2);
    EVENTUALLY(fake_look(api, BOT_CONTROLLER).last_offset == 12000001);
}

Test(bots, a_revoked_token_stops_only_its_bot_and_is_told)
{
    api->bots[BOT_ANALYTICS].mode = FAKE_UNAUTHORISED;
    start();
    fake_push(api, BOT_CONTROLLER, 10, "/pause");
    EVENTUALLY(commands() == 1);
    EVENTUALLY(notices() == 1);
    cr_assert_not(status(BOT_ANALYTICS).up);
    cr_assert(status(BOT_ANALYTICS).present);
    cr_assert(status(BOT_ANALYTICS).error[0]);
    cr_assert(status(BOT_CONTROLLER).up);
    cr_assert_eq(fake_look(api, BOT_ANALYTICS).polls, 0);
    fake_mode(api, BOT_ANALYTICS, FAKE_OK);
    EVENTUALLY(status(BOT_ANALYTICS).up);
    EVENTUALLY(notices() == 2);
    cr_assert_str_eq(status(BOT_ANALYTICS).link, "@Bot3");
}

Test(bots, another_bots_token_is_refused_for_good)
{
    api->bots[BOT_NOTIFICATION].mode = FAKE_OTHER_BOT;
    start();
    EVENTUALLY(notices() == 1);
    cr_assert_not(status(BOT_NOTIFICATION).up);
    cr_assert_not_null(strstr(status(BOT_NOTIFICATION).error, "another bot"));
    nap(700);
    cr_assert_eq(fake_look(api, BOT_NOTIFICATION).mes, 1, "no second try");
    cr_assert_eq(fake_look(api, BOT_NOTIFICATION).polls, 0);
}

Test(bots, a_conflict_is_no_tight_loop_and_clears)
{
    start();
    EVENTUALLY(status(BOT_NOTIFICATION).up);
    fake_mode(api, BOT_NOTIFICATION, FAKE_CONFLICT);
    fake_push(api, BOT_NOTIFICATION, 5, "/help"); /* ends the parked poll */
    int before = fake_look(api, BOT_NOTIFICATION).polls;
    nap(1200);
    cr_assert_leq(fake_look(api, BOT_NOTIFICATION).polls, before + 2);
    EVENTUALLY(!status(BOT_NOTIFICATION).up);
    cr_assert_eq(notices(), 0, "told after a minute, not before");
    fake_mode(api, BOT_NOTIFICATION, FAKE_OK);
    EVENTUALLY(status(BOT_NOTIFICATION).up);
    EVENTUALLY(commands() == 1);
}

Test(bots, a_bad_gateway_is_no_answer_and_no_news)
{
    start();
    EVENTUALLY(status(BOT_CONTROLLER).up);
    fake_mode(api, BOT_CONTROLLER, FAKE_GARBAGE);
    fake_push(api, BOT_CONTROLLER, 5, "/pause");
    EVENTUALLY(!status(BOT_CONTROLLER).up || fake_look(api, BOT_CONTROLLER).polls > 2);
    fake_mode(api, BOT_CONTROLLER, FAKE_OK);
    EVENTUALLY(commands() == 1);
    EVENTUALLY(status(BOT_CONTROLLER).up);
    cr_assert_eq(notices(), 0);
}

Test(bots, empty_answers_at_once_are_asked_at_most_three_times_a_second)
{
    api->bots[BOT_CONTROLLER].mode = FAKE_EMPTY_FLOOD;
    start();
    EVENTUALLY(fake_look(api, BOT_CONTROLLER).polls >= 2);
    int before = fake_look(api, BOT_CONTROLLER).polls;
    nap(2000);
    cr_assert_leq(fake_look(api, BOT_CONTROLLER).polls - before, 7);
}

Test(bots, stopping_ends_parked_polls_at_once)
{
    start();
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++)
        EVENTUALLY(fake_look(api, (enum bot_id)i).polls >= 2);
    int64_t begun_us = clock_mono_us(clock_real());
    stop();
    cr_assert_lt(clock_mono_us(clock_real()) - begun_us, 1000000);
}

Test(bots, the_menu_is_written_at_botfather_once_for_each_bot)
{
    start();
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++)
        EVENTUALLY(fake_look(api, (enum bot_id)i).sets >= 1);
    nap(200);
    cr_assert_eq(fake_look(api, BOT_CONTROLLER).sets, 1);
}

Test(bots, one_token_is_polled_by_one_thread_in_all_roles)
{
    conf->telegram.bots[BOT_NOTIFICATION].token[0] = '\0';
    conf->telegram.bots[BOT_ANALYTICS].token[0] = '\0';
    start();
    fake_push(api, BOT_CONTROLLER, 5, "/mute all");
    EVENTUALLY(commands() == 1);
    EVENTUALLY(status(BOT_ANALYTICS).up);
    cr_assert_str_eq(status(BOT_ANALYTICS).link, "@Bot1");
    cr_assert_eq(fake_look(api, BOT_NOTIFICATION).mes, 0);
}
