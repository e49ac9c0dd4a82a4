/* Covers: a question is taken once, by who was asked, in time; two persons: the requester's yes
 * counts once however often, somebody else's carries it out, a no ends it, the tag of another
 * action or a changed action counts nothing; both survive the snapshot; 64 at once. */
#include "unit/engine/harness.h"

#include "engine/confirm.h"

#define TTL_MS   120000
#define LATER_MS 600000

static struct engine_tx tx_of(struct harness *h)
{
    outputs_reset(&h->out);
    return (struct engine_tx){.s = h->s,
                              .opt = &h->opt,
                              .out = &h->out,
                              .quotes = &h->quotes,
                              .now_ms = h->now_ms,
                              .seq = ++h->s->seq};
}

static struct command from(int64_t user_id)
{
    return (struct command){.origin = ORIGIN_BOT,
                            .bot = BOT_CONTROLLER,
                            .user_id = user_id,
                            .chat_id = user_id,
                            .lang = LANG_EN,
                            .name = "closeall",
                            .args = "7 8",
                            .user_name = "Asha"};
}

Test(confirm, is_taken_once_by_who_was_asked_and_in_time)
{
    struct harness *h = harness_new();
    struct command asha = from(1), ravi = from(2), other = from(1);
    char args[COMMAND_ARGS_CAP] = "";
    struct engine_tx tx = tx_of(h);
    uint64_t id = tx_confirm_ask(&tx, &asha, TTL_MS);
    (void)str_copy(other.name, sizeof other.name, "panic");
    cr_assert_eq(tx_confirm_take(&tx, &ravi, id, true, args), REASON_CONFIRM_FOREIGN);
    cr_assert_eq(tx_confirm_take(&tx, &other, id, true, args), REASON_CONFIRM_FOREIGN);
    cr_assert_eq(tx_confirm_take(&tx, &asha, id + 1, true, args), REASON_CONFIRM_EXPIRED);
    cr_assert_eq(tx_confirm_check(&tx, &asha, id), REASON_ACCEPTED);
    tx.now_ms += TTL_MS;
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_ACCEPTED, "the last moment");
    cr_assert_str_eq(args, "7 8");
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_CONFIRM_USED);
    tx = tx_of(h);
    id = tx_confirm_ask(&tx, &asha, TTL_MS);
    tx.now_ms += TTL_MS + 1;
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_CONFIRM_EXPIRED, "means no");
    tx.now_ms -= TTL_MS;
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_CONFIRM_USED, "and stays so");
    tx = tx_of(h);
    id = tx_confirm_ask(&tx, &asha, TTL_MS);
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, false, args), REASON_ACCEPTED);
    cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_CONFIRM_USED);
    harness_free(h);
}

static uint64_t waiting(struct harness *h, struct engine_tx *tx, struct tx_action *ret)
{
    struct command asha = from(1);
    *tx = tx_of(h);
    uint64_t id = tx_confirm_ask(tx, &asha, TTL_MS);
    cr_assert_eq(tx_confirm_second(tx, &asha, id, LATER_MS, ret), REASON_ACCEPTED);
    return id;
}

Test(confirm, two_persons_are_two_persons)
{
    struct harness *h = harness_new();
    struct command asha = from(1), ravi = from(2);
    struct tx_action action, done;
    struct engine_tx tx;
    char args[COMMAND_ARGS_CAP] = "";
    uint64_t id = waiting(h, &tx, &action);
    cr_assert_str_eq(action.name, "closeall");
    cr_assert_str_eq(action.user_name, "Asha");
    cr_assert_eq(strlen(action.tag), 4);
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(tx_confirm_take(&tx, &asha, id, true, args), REASON_SECOND_NEEDED);
        cr_assert_eq(tx_confirm_second(&tx, &asha, id, LATER_MS, &done), REASON_SECOND_NEEDED);
        cr_assert_eq(tx_confirm_approve(&tx, &asha, id, action.tag, &done), REASON_SECOND_NEEDED);
    }
    asha.chat_id = -9; /* the same person elsewhere is the same person */
    cr_assert_eq(tx_confirm_approve(&tx, &asha, id, action.tag, &done), REASON_SECOND_NEEDED);
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, "0000", &done), REASON_CONFIRM_FOREIGN);
    tx.now_ms += LATER_MS;
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done), REASON_ACCEPTED);
    cr_assert_str_eq(done.args, "7 8");
    cr_assert_eq(done.chat_id, 1);
    cr_assert_eq(done.bot, BOT_CONTROLLER);
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done), REASON_CONFIRM_USED);
    harness_free(h);
}

Test(confirm, nobody_approves_what_was_not_asked_of_them)
{
    struct harness *h = harness_new();
    struct command asha = from(1), ravi = from(2);
    struct tx_action action, done;
    struct engine_tx tx = tx_of(h);
    uint64_t id = tx_confirm_ask(&tx, &asha, TTL_MS);
    cr_assert_eq(tx_confirm_second(&tx, &ravi, id, LATER_MS, &done), REASON_CONFIRM_FOREIGN);
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, "", &done), REASON_CONFIRM_FOREIGN,
                 "no second person was asked for");
    id = waiting(h, &tx, &action);
    tx.now_ms += LATER_MS + 1;
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done), REASON_CONFIRM_EXPIRED);
    id = waiting(h, &tx, &action);
    for (size_t i = 0; i < STATE_CONFIRMS_MAX; i++)
        if (h->s->confirms[i].id == id) /* as a bug could: another action under the same number */
            (void)str_copy(h->s->confirms[i].args, COMMAND_ARGS_CAP, "7 8 9");
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done), REASON_CONFIRM_FOREIGN);
    harness_free(h);
}

Test(confirm, the_positions_shown_are_part_of_the_action)
{
    struct harness *h = harness_new();
    struct command asha = from(1), ravi = from(2);
    struct tx_action action, done;
    const uint64_t shown[] = {11, 12};
    for (int changed = 0; changed < 2; changed++) {
        struct engine_tx tx = tx_of(h);
        uint64_t id = tx_confirm_ask(&tx, &asha, TTL_MS);
        tx_pick_keep(&tx, id, shown, 2);
        cr_assert_eq(tx_confirm_second(&tx, &asha, id, LATER_MS, &action), REASON_ACCEPTED);
        for (size_t i = 0; i < PICKS_MAX; i++)
            if (h->s->picks.items[i].id == id && changed)
                h->s->picks.items[i].cids[1] = 13;
        cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done),
                     changed ? REASON_CONFIRM_FOREIGN : REASON_ACCEPTED);
    }
    harness_free(h);
}

Test(confirm, the_hash_tells_actions_apart)
{
    struct harness *h = harness_new();
    struct command a = from(1), b = from(1);
    struct tx_action first, second;
    struct engine_tx tx = tx_of(h);
    uint64_t one = tx_confirm_ask(&tx, &a, TTL_MS);
    cr_assert_eq(tx_confirm_second(&tx, &a, one, LATER_MS, &first), REASON_ACCEPTED);
    (void)str_copy(b.args, sizeof b.args, "7");
    tx = tx_of(h);
    uint64_t two = tx_confirm_ask(&tx, &b, TTL_MS);
    cr_assert_eq(tx_confirm_second(&tx, &b, two, LATER_MS, &second), REASON_ACCEPTED);
    cr_assert_str_neq(first.tag, second.tag);
    const struct state_confirm *x = &h->s->confirms[0];
    const struct state_confirm *y = &h->s->confirms[1];
    cr_assert_neq(memcmp(x->hash, y->hash, sizeof x->hash), 0);
    h->opt.trader_id = "second";
    struct harness *g = harness_new();
    g->opt.trader_id = "second";
    g->s->seq = x->id - 1;
    tx = tx_of(g);
    cr_assert_eq(tx_confirm_ask(&tx, &a, TTL_MS), x->id);
    cr_assert_eq(tx_confirm_second(&tx, &a, x->id, LATER_MS, &second), REASON_ACCEPTED);
    cr_assert_neq(memcmp(x->hash, g->s->confirms[0].hash, sizeof x->hash), 0, "another trader");
    harness_free(g);
    harness_free(h);
}

Test(confirm, waits_survive_the_snapshot)
{
    struct harness *h = harness_new();
    struct command ravi = from(2);
    struct tx_action action, done;
    struct engine_tx tx;
    uint64_t id = waiting(h, &tx, &action);
    struct buf b = {0};
    buf_init(&b, 8 << 20);
    state_pack(h->s, &b);
    struct engine_state *s = state_new();
    cr_assert_eq(state_unpack(s, b.data, b.len), 0);
    tx.s = s;
    cr_assert_eq(tx_confirm_approve(&tx, &ravi, id, action.tag, &done), REASON_ACCEPTED);
    cr_assert_str_eq(done.user_name, "Asha");
    state_free(s);
    buf_deinit(&b);
    harness_free(h);
}

Test(confirm, the_oldest_of_more_than_64_is_forgotten)
{
    struct harness *h = harness_new();
    struct command asha = from(1);
    char args[COMMAND_ARGS_CAP];
    uint64_t first = 0, last = 0;
    for (int i = 0; i <= STATE_CONFIRMS_MAX; i++) {
        struct engine_tx tx = tx_of(h);
        last = tx_confirm_ask(&tx, &asha, TTL_MS);
        first = i == 0 ? last : first;
    }
    struct engine_tx tx = tx_of(h);
    cr_assert_eq(tx_confirm_take(&tx, &asha, first, true, args), REASON_CONFIRM_EXPIRED);
    cr_assert_eq(tx_confirm_take(&tx, &asha, first + 1, true, args), REASON_ACCEPTED);
    cr_assert_eq(tx_confirm_take(&tx, &asha, last, true, args), REASON_ACCEPTED);
    harness_free(h);
}
