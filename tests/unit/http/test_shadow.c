/* Covers: the heartbeat of the live stream: what it says of an engine that runs, and that the age
 * of its sign of life stays small while it is idle. The addresses: integration.shadow.
 */
#include <ftw.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>

#include "core/hash.h"
#include "engine/shadow_board.h"
#include "http/api.h"
#include "unit/engine/harness.h"

static bool fb_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b, (void)symbol, (void)ret;
    return false;
}

static int fb_submit(struct broker *b, const struct broker_request *r)
{
    (void)b, (void)r;
    return BROKER_ACCEPTED;
}

static bool fb_is_up(struct broker *b)
{
    (void)b;
    return true;
}

static const struct broker_ops fb_ops = {
    .name = "fake", .submit = fb_submit, .quote = fb_quote, .is_up = fb_is_up};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static const char *text_of(struct json_object *o, const char *name)
{
    struct json_object *m = NULL;
    cr_assert(json_object_object_get_ex(o, name, &m), "%s", name);
    return json_object_get_string(m);
}

Test(shadow, a_heartbeat_says_what_goes_on_and_how_old_the_engines_sign_of_life_is)
{
    char dir[] = "/tmp/trident-beat-XXXXXX";
    struct broker broker = {.ops = &fb_ops};
    struct engine *engine = NULL;
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_not_null(mkdtemp(dir));
    struct view_board *view = view_board_new();
    struct engine_options opt = {.trader_id = "main",
                                 .dir = dir,
                                 .clock = clock_real(),
                                 .broker = &broker,
                                 .view = view,
                                 .commands = harness_commands,
                                 .command_count = TR_ARRAY_SIZE(harness_commands),
                                 .rules = {.start_balance_e8 = 10000 * DEC_ONE}};
    opt.rules.shadow.first_mode = SHADOW_SHADOW;
    opt.rules.phase.first = PHASE_PARALLEL;
    cr_assert_eq(engine_open(&opt, &engine), 0);
    cr_assert_eq(engine_start(engine), 0);
    poll(NULL, 0, 2500); /* idle: nothing but its own seconds */
    struct buf frames TR_CLEANUP(buf_deinit) = {0};
    buf_init(&frames, 1 << 16);
    shadow_heartbeat(&(struct http_api_trader){.engine = engine, .view = view}, &frames);
    cr_assert(str_starts(frames.data, "event: heartbeat\ndata: {"), "%s", frames.data);
    cr_assert_str_eq(frames.data + frames.len - 2, "\n\n");
    struct json_object *o = json_tokener_parse(strchr(frames.data, '{'));
    cr_assert_not_null(o);
    cr_expect_str_eq(text_of(o, "trader"), "main");
    cr_expect_str_eq(text_of(o, "phase"), "parallel");
    cr_expect_str_eq(text_of(o, "mode"), "legacy_only", "as the phase has it");
    int64_t age_ms = -1;
    cr_assert(str_to_i64(text_of(o, "engine_age_ms"), &age_ms));
    cr_expect(age_ms >= 0 && age_ms < 2000, "%" PRId64, age_ms);
    (void)json_object_put(o);
    engine_stop(engine);
    int64_t stopped_us = clock_mono_us(clock_real());
    cr_expect_leq(shadow_board_beat_us(view_board_shadow(view)), stopped_us);
    engine = engine_free(engine);
    view = view_board_free(view);
    cr_assert_eq(nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}
