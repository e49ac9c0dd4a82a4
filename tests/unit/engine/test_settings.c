/* Covers: engine/settings and tx_settings: set, same, full, reset, history ring, packing; a change
 * by a command is told, counts from the next input of the same batch on, changes the rules by a
 * journaled row, survives a restart and replays to the same bytes without check and apply. */
#include <ftw.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/mutex.h"
#include "unit/engine/harness.h"

static struct setting change(const char *path, const char *text)
{
    struct setting v = {.seq = 9, .changed_ms = 77};
    (void)str_copy(v.path, sizeof v.path, path);
    (void)str_copy(v.text, sizeof v.text, text);
    (void)str_copy(v.user_name, sizeof v.user_name, "asha");
    return v;
}

static enum settings_result set(struct settings *s, const char *path, const char *text)
{
    struct setting v = change(path, text);
    return settings_set(s, &v);
}

Test(settings, the_last_text_of_a_path_counts_and_the_same_is_no_change)
{
    struct settings *s = xalloc(sizeof *s);
    cr_assert_null(settings_find(s, "risk.daily_loss_cap"));
    cr_assert_eq(set(s, "risk.daily_loss_cap", "150"), SETTINGS_OK);
    cr_assert_eq(set(s, "risk.daily_loss_cap", "150"), SETTINGS_E_SAME);
    cr_assert_eq(s->revision, 1);
    cr_assert_eq(set(s, "risk.daily_loss_cap", "120"), SETTINGS_OK);
    cr_assert_str_eq(settings_find(s, "risk.daily_loss_cap")->text, "120");
    cr_assert_eq(s->count, 1);
    const struct setting_change *c = settings_change_at(s, 0);
    cr_assert(c->had_override);
    cr_assert_str_eq(c->from, "150");
    cr_assert_str_eq(c->to.user_name, "asha");
    cr_assert_not(settings_change_at(s, 1)->had_override);
    mem_free(s);
}

Test(settings, reset_gives_the_file_its_say_and_is_remembered)
{
    struct settings *s = xalloc(sizeof *s);
    struct setting v = change("a", "");
    cr_assert_eq(settings_reset(s, &v), SETTINGS_E_SAME);
    cr_assert_eq(set(s, "a", "1"), SETTINGS_OK);
    cr_assert_eq(set(s, "b", "2"), SETTINGS_OK);
    cr_assert_eq(settings_reset(s, &v), SETTINGS_OK);
    cr_assert_null(settings_find(s, "a"));
    cr_assert_str_eq(settings_find(s, "b")->text, "2");
    cr_assert(settings_change_at(s, 0)->is_reset);
    cr_assert_str_eq(settings_change_at(s, 0)->from, "1");
    mem_free(s);
}

Test(settings, holds_256_overrides_and_the_100_newest_changes)
{
    struct settings *s = xalloc(sizeof *s);
    char path[16];
    for (int i = 0; i < SETTINGS_MAX; i++) {
        (void)snprintf(path, sizeof path, "k%d", i);
        cr_assert_eq(set(s, path, "v"), SETTINGS_OK);
    }
    cr_assert_eq(set(s, "one.more", "v"), SETTINGS_E_FULL);
    cr_assert_eq(set(s, "k0", "w"), SETTINGS_OK, "changing one needs no room");
    cr_assert_eq(s->history_count, SETTINGS_HISTORY_MAX);
    cr_assert_str_eq(settings_change_at(s, 0)->to.path, "k0");
    cr_assert_str_eq(settings_change_at(s, SETTINGS_HISTORY_MAX - 1)->to.path, "k157");
    mem_free(s);
}

Test(settings, packing_keeps_all_of_it)
{
    struct settings *s = xalloc(sizeof *s), *t = xalloc(sizeof *t);
    struct buf a, b;
    char path[16];
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 130; i++) {
        (void)snprintf(path, sizeof path, "k%d", i);
        cr_assert_eq(set(s, path, "v"), SETTINGS_OK);
    }
    settings_pack(s, &a);
    struct unpack u;
    unpack_init(&u, a.data, a.len);
    settings_unpack(t, &u);
    cr_assert(unpack_done(&u));
    settings_pack(t, &b);
    cr_assert_eq(a.len, b.len);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    cr_assert_str_eq(settings_change_at(t, 0)->to.path, "k129");
    buf_deinit(&a);
    buf_deinit(&b);
    mem_free(s);
    mem_free(t);
}

/* ---- in a running engine ---- */

struct fake_conf {
    bool is_off;
    int64_t cap_e8;
};

static bool conf_accepts(const void *conf, const struct signal *s)
{
    (void)conf;
    return s->format == SIGNAL_FORMAT_V3;
}

static bool conf_enabled(const void *conf)
{
    return !((const struct fake_conf *)conf)->is_off;
}

static int conf_decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                       struct decision *ret)
{
    (void)conf;
    return fake_decide(NULL, snap, s, ret);
}

static const struct plugin_ops conf_plugin = {.id = "fake",
                                              .version = "1",
                                              .db_name = "fake.db",
                                              .is_enabled = conf_enabled,
                                              .accepts = conf_accepts,
                                              .decide = conf_decide};

static bool check(const char *path, const char *text, char ret[SETTING_TEXT_CAP])
{
    return (strcmp(path, "enabled") == 0 || strcmp(path, "cap") == 0) &&
           str_copy(ret, SETTING_TEXT_CAP, text);
}

static void lay(void *ctx, const struct settings *s, struct engine_rules *ret)
{
    struct fake_conf *c = ctx;
    const struct setting *off = settings_find(s, "enabled"), *cap = settings_find(s, "cap");
    int64_t usd = 200;
    c->is_off = off != NULL && strcmp(off->text, "false") == 0;
    if (cap != NULL)
        cr_assert(str_to_i64(cap->text, &usd));
    ret->daily_loss_cap_e8 = usd * DEC_ONE;
}

static void base(void *ctx, struct buf *out)
{
    (void)ctx;
    buf_puts(out, "enabled\ttrue\ncap\t200\n");
}

/* args: "<path> <text>" or "<path>" to reset. */
static void run_set(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    char path[SETTING_PATH_CAP] = "";
    size_t n = strcspn(c->args, " ");
    memcpy(path, c->args, n);
    const char *text = c->args + n;
    tx_receipt(
        tx, *text != '\0' ? tx_setting_set(tx, c, path, text + 1) : tx_setting_reset(tx, c, path),
        path);
    ret->html = xstrdup("ok");
}

static const struct command_ops ops_set = {"set", ROLE_TRADER, false, 0, run_set};
static const struct command_ops *const set_commands[] = {&ops_set};

static bool no_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b, (void)symbol, (void)ret;
    return false;
}

static int take(struct broker *b, const struct broker_request *r)
{
    (void)b, (void)r;
    return BROKER_ACCEPTED;
}

static const struct broker_ops quiet_ops = {.name = "quiet", .submit = take, .quote = no_quote};
static struct broker quiet = {.ops = &quiet_ops};
static struct fake_conf conf;
static char dir[64];

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static struct engine_options options(void)
{
    return (struct engine_options){.trader_id = "main",
                                   .dir = dir,
                                   .clock = clock_real(),
                                   .broker = &quiet,
                                   .plugins = {&conf_plugin},
                                   .plugin_confs = {&conf},
                                   .plugin_count = 1,
                                   .settings = {check, lay, base, &conf},
                                   .commands = set_commands,
                                   .command_count = 1,
                                   .rules = {.start_balance_e8 = 10000 * DEC_ONE},
                                   .snapshot_every = 1000};
}

struct seen {
    struct mutex lock;
    struct cond cond;
    int done;
    enum reason reasons[8];
};

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct seen *w = ctx;
    (void)in;
    mutex_lock(&w->lock);
    w->reasons[w->done++] = o->receipt.reason;
    cond_signal(&w->cond);
    mutex_unlock(&w->lock);
}

static struct input *command(const char *args, struct seen *w)
{
    struct input *in = input_new(INPUT_COMMAND);
    (void)str_copy(in->command.name, sizeof in->command.name, "set");
    (void)str_copy(in->command.args, sizeof in->command.args, args);
    in->command.origin = ORIGIN_CLI;
    in->command.role = ROLE_TRADER;
    in->command.lang = LANG_EN;
    in->done = on_done;
    in->done_ctx = w;
    return in;
}

static struct input *entry(struct seen *w)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    (void)str_copy(in->signal.symbol, sizeof in->signal.symbol, "XAUUSD");
    in->done = on_done;
    in->done_ctx = w;
    return in;
}

static void post(struct engine *e, struct input **ins, size_t n, struct seen *w)
{
    mutex_init(&w->lock);
    cond_init(&w->cond);
    w->done = 0;
    cr_assert_eq(engine_post_many(e, ins, n), n);
    mutex_lock(&w->lock);
    while (w->done < (int)n)
        cr_assert(cond_wait_until_us(&w->cond, &w->lock, clock_mono_us(clock_real()) + 10000000));
    mutex_unlock(&w->lock);
    cond_deinit(&w->cond);
    mutex_deinit(&w->lock);
}

static struct engine *start(const struct engine_options *o)
{
    struct engine *e = NULL;
    cr_assert_eq(engine_open(o, &e), 0);
    cr_assert_eq(engine_start(e), 0);
    return e;
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-settings-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

Test(settings, a_change_counts_for_the_next_input_survives_and_replays, .init = setup,
     .fini = teardown, .timeout = 30)
{
    struct engine_options o = options();
    struct seen w;
    struct settings *shown = xalloc(sizeof *shown);
    struct engine *e = start(&o);
    struct input *off[] = {command("enabled false", &w), entry(&w)};
    post(e, off, 2, &w);
    cr_assert_eq(w.reasons[0], REASON_ACCEPTED);
    cr_assert_eq(w.reasons[1], REASON_PLUGIN_DISABLED);
    struct input *more[] = {command("enabled false", &w), command("no.such 1", &w),
                            command("enabled true", &w), entry(&w), command("cap 120", &w)};
    post(e, more, 5, &w);
    cr_assert_eq(w.reasons[0], REASON_ALREADY_DONE);
    cr_assert_eq(w.reasons[1], REASON_ARGUMENT_INVALID);
    cr_assert_eq(w.reasons[3], REASON_BROKER_DOWN, "asked again; only the link is missing");
    engine_get_settings(e, shown);
    cr_assert_eq(shown->count, 2);
    cr_assert_str_eq(settings_find(shown, "cap")->text, "120");
    engine_stop(e);
    engine_free(e);

    conf = (struct fake_conf){0};
    e = start(&o);
    engine_get_settings(e, shown);
    cr_assert_str_eq(settings_find(shown, "cap")->text, "120", "after a restart");
    cr_assert_str_eq(settings_base(shown, "cap"), "200", "what the file says is known too");
    cr_assert_str_eq(settings_text(shown, "cap"), "120");
    cr_assert_null(settings_text(shown, "no.such"));
    struct input *reset[] = {command("cap", &w), command("cap", &w)};
    post(e, reset, 2, &w);
    cr_assert_eq(w.reasons[0], REASON_ACCEPTED);
    cr_assert_eq(w.reasons[1], REASON_ALREADY_DONE);
    engine_stop(e);
    engine_free(e);

    uint64_t rows = 0, bad = 0;
    o.settings.apply = NULL;
    o.rules.daily_loss_cap_e8 = 7;
    cr_assert_eq(engine_replay_verify(&o, &rows, &bad), 0, "row %" PRIu64, bad);
    cr_assert_geq(rows, 11);
    mem_free(shown);
}

Test(settings, the_rules_change_by_a_row_of_their_own)
{
    struct harness *h = harness_new();
    struct engine_options o = h->opt;
    o.rules.daily_loss_cap_e8 = 50 * DEC_ONE;
    struct input *in = input_new_timer(&o, TIMER_RULES);
    harness_apply(h, in);
    input_free(in);
    cr_assert_eq(h->s->rules.daily_loss_cap_e8, 50 * DEC_ONE);
    cr_assert(engine_rules_equal(&h->s->rules, &o.rules));
    cr_assert_not(engine_rules_equal(&h->opt.rules, &o.rules));
    cr_assert(h->s->broker_up, "nothing else is forgotten");
    harness_free(h);
}

Test(settings, what_the_file_says_outlives_the_timers_after_it_also_in_a_replay)
{
    struct harness *h = harness_new();
    struct input *in = input_new_timer(&h->opt, TIMER_START);
    in->timer.base = xstrdup("risk.daily_loss_cap\t150\n");
    harness_apply(h, in);
    input_free(in);
    cr_assert_str_eq(settings_base(&h->s->settings, "risk.daily_loss_cap"), "150");
    struct buf b;
    buf_init(&b, 1 << 20);
    in = input_new_timer(&h->opt, TIMER_DUE);
    input_pack(&b, in, &h->quotes, NULL);
    struct input *again = input_new(INPUT_TIMER);
    struct input_quotes quotes;
    TR_CLEANUP(mem_freep) struct decision *d = xalloc(sizeof(*d));
    cr_assert_eq(input_unpack(b.data, b.len, again, &quotes, d), 0);
    harness_apply(h, again);
    cr_assert_not_null(settings_base(&h->s->settings, "risk.daily_loss_cap"));
    input_free(in);
    input_free(again);
    buf_deinit(&b);
    harness_free(h);
}

Test(settings, rules_of_an_older_journal_are_read)
{
    struct engine_rules in = {.start_balance_e8 = 1,
                              .daily_loss_cap_e8 = 2,
                              .lifetime_loss_cap_e8 = 3,
                              .daily_reset_minute = 4,
                              .utc_offset_min = 5,
                              .order_deadline_ms = 6,
                              .signal_max_age_ms = 7},
                        out;
    struct buf b;
    buf_init(&b, 256);
    const int64_t fields[] = {1, 2, 3, 4, 5, 6, 7};
    for (size_t i = 0; i < TR_ARRAY_SIZE(fields); i++)
        pack_i64(&b, fields[i]);
    struct unpack u;
    unpack_init(&u, b.data, b.len);
    engine_rules_unpack(&u, 1, &out);
    cr_assert(unpack_done(&u));
    cr_assert(engine_rules_equal(&in, &out));
    buf_deinit(&b);
}

Test(settings, what_a_reload_laid_goes_when_the_file_itself_is_read)
{
    struct settings *s = xalloc(sizeof *s);
    struct setting v = change("b", "2");
    (void)str_copy(v.user_name, sizeof v.user_name, SETTINGS_BY_FILE "asha");
    settings_set_base(s, "a\t0\nb\t0\nc\t0\n");
    cr_assert_eq(set(s, "a", "1"), SETTINGS_OK);
    cr_assert_eq(settings_set(s, &v), SETTINGS_OK);
    cr_assert_eq(set(s, "c", "3"), SETTINGS_OK);
    cr_assert(settings_is_by_file(settings_find(s, "b")));
    cr_assert_not(settings_is_by_file(settings_find(s, "a")));
    uint64_t revision = s->revision;
    settings_set_base(s, "a\t0\nb\t2\nc\t0\n");
    cr_assert_eq(s->count, 2);
    cr_assert_null(settings_find(s, "b"));
    cr_assert_str_eq(settings_text(s, "b"), "2");
    cr_assert_str_eq(settings_text(s, "c"), "3");
    cr_assert_gt(s->revision, revision); /* what is in force is laid anew */
    revision = s->revision;
    settings_set_base(s, "a\t0\n");
    cr_assert_eq(s->revision, revision);
    cr_assert_eq(s->history_count, 3);
    mem_free(s);
}
