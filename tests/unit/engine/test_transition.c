/* Covers: uses counted by side, choices and their reversal, bounds (a use gives way to a choice,
 * choices are never forgotten), what was said once, the snapshot whole and damaged; retirement and
 * return as commands do them, with an old bot outside that still trades; a wish to end that dies
 * with the process; a key used for something else. */
#include "unit/engine/harness.h"

#include "engine/ending.h"
#include "engine/transition_tx.h"
#include "engine/view.h"

static struct transition *fresh(void)
{
    return xalloc(sizeof(struct transition));
}

Test(transition, counts_uses_by_side_and_remembers_the_last)
{
    struct transition *t = fresh();
    transition_use(t, 7, "Asha", true, 100);
    transition_use(t, 7, "Asha", false, 200);
    transition_use(t, 7, "Asha Rani", true, 300);
    transition_use(t, 3, "Ravi", false, 400);
    const struct transition_person *p = transition_find(t, 7);
    cr_assert_not_null(p);
    cr_assert_eq(p->old_uses, 2);
    cr_assert_eq(p->new_uses, 1);
    cr_assert_eq(p->last_old_ms, 300);
    cr_assert_eq(p->last_new_ms, 200);
    cr_assert_str_eq(p->name, "Asha Rani");
    cr_assert_eq(p->side, TRANSITION_BOTH);
    cr_assert_eq(t->people[0].id, 3, "sorted by number");
    cr_assert_null(transition_find(t, 8));
    mem_free(t);
}

Test(transition, a_choice_is_reversible_any_number_of_times)
{
    struct transition *t = fresh();
    for (int i = 0; i < 10; i++) {
        enum transition_side side = i % 2 == 0 ? TRANSITION_OLD : TRANSITION_NEW;
        cr_assert(transition_choose(t, 7, "Asha", side, i));
        cr_assert_eq(transition_find(t, 7)->side, side);
        cr_assert_eq(transition_find(t, 7)->chosen_ms, i);
    }
    cr_assert_eq(t->count, 1);
    mem_free(t);
}

Test(transition, who_only_used_gives_way_to_who_chooses_and_choices_stay)
{
    struct transition *t = fresh();
    for (int64_t id = 1; id <= TRANSITION_PEOPLE_MAX; id++)
        transition_use(t, id, "x", false, 1000 + id);
    cr_assert_eq(t->count, TRANSITION_PEOPLE_MAX);
    cr_assert(transition_choose(t, 1, "x", TRANSITION_NEW, 5));
    cr_assert(transition_choose(t, 9000, "new", TRANSITION_OLD, 5));
    cr_assert_null(transition_find(t, 2), "away longest of those who never chose");
    cr_assert_not_null(transition_find(t, 1));
    for (int64_t id = 3; id <= TRANSITION_PEOPLE_MAX; id++)
        cr_assert(transition_choose(t, id, "x", TRANSITION_NEW, 6));
    cr_assert_eq(t->count, TRANSITION_PEOPLE_MAX);
    cr_assert_not(transition_choose(t, 9001, "x", TRANSITION_NEW, 7), "full");
    transition_use(t, 9001, "x", true, 8);
    cr_assert_null(transition_find(t, 9001));
    mem_free(t);
}

Test(transition, says_a_thing_once_to_each_until_the_ring_comes_round)
{
    struct transition *t = fresh();
    cr_assert_not(transition_was_told(t, 7, "logic1_on"));
    cr_assert(transition_was_told(t, 7, "logic1_on"));
    cr_assert_not(transition_was_told(t, 8, "logic1_on"));
    cr_assert_not(transition_was_told(t, 7, "logic2_on"));
    for (int64_t i = 0; i < TRANSITION_TOLD_MAX - 3; i++)
        cr_assert_not(transition_was_told(t, 1000 + i, "x"));
    cr_assert(transition_was_told(t, 7, "logic1_on"), "still there when it is just full");
    cr_assert_not(transition_was_told(t, 9, "one more"));
    cr_assert_not(transition_was_told(t, 7, "logic1_on"), "the oldest was forgotten");
    mem_free(t);
}

Test(transition, the_snapshot_gives_it_back_and_a_damaged_one_is_refused)
{
    struct transition *t = fresh(), *back = fresh();
    struct buf b;
    struct unpack u;
    buf_init(&b, 1 << 20);
    transition_use(t, 7, "Asha", true, 100);
    cr_assert(transition_choose(t, 9, "Ravi", TRANSITION_NEW, 200));
    (void)transition_was_told(t, 7, "x");
    t->is_retired = true;
    t->retired_ms = 5;
    (void)str_copy(t->retired_by, sizeof t->retired_by, "Asha");
    transition_pack(t, &b);
    unpack_init(&u, b.data, b.len);
    transition_unpack(back, &u);
    cr_assert(unpack_done(&u));
    cr_assert_eq(memcmp(t, back, sizeof *t), 0);
    for (size_t len = 0; len < b.len; len++) {
        unpack_init(&u, b.data, len);
        transition_unpack(back, &u);
        cr_assert_not(unpack_done(&u), "cut at %zu", len);
    }
    buf_deinit(&b);
    mem_free(t);
    mem_free(back);
}

/* ---- as commands do it ---- */

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
                            .role = ROLE_ADMIN,
                            .lang = LANG_EN,
                            .user_name = "Asha"};
}

Test(transition, retires_and_comes_back_and_the_view_shows_it)
{
    struct harness *h = harness_new();
    struct command asha = from(7), nobody = from(0);
    struct engine_tx tx = tx_of(h);
    struct view_board *view = view_board_new();
    cr_assert_eq(transition_tx_choose(&tx, &asha, TRANSITION_OLD), REASON_ACCEPTED);
    cr_assert_eq(transition_tx_choose(&tx, &asha, TRANSITION_OLD), REASON_ALREADY_DONE);
    cr_assert_eq(transition_tx_choose(&tx, &nobody, TRANSITION_OLD), REASON_NOT_AUTHORISED);
    cr_assert_eq(transition_tx_retire(&tx, &asha), REASON_ACCEPTED);
    cr_assert_eq(transition_tx_retire(&tx, &asha), REASON_ALREADY_DONE);
    cr_assert_eq(transition_tx_choose(&tx, &asha, TRANSITION_OLD), REASON_LEGACY_RETIRED);
    cr_assert_eq(transition_tx_choose(&tx, &asha, TRANSITION_NEW), REASON_ACCEPTED);
    view_board_publish(view, h->s);
    cr_assert(view_board_is_retired(view));
    cr_assert_not(view_board_is_retired(NULL));
    struct transition_person people[2];
    cr_assert_eq(view_board_people(view, people, 2), 1);
    cr_assert_eq(people[0].side, TRANSITION_NEW);
    cr_assert_eq(transition_tx_restore(&tx, &asha), REASON_ACCEPTED);
    cr_assert_eq(transition_tx_restore(&tx, &asha), REASON_ALREADY_DONE);
    cr_assert_eq(transition_tx_choose(&tx, &asha, TRANSITION_OLD), REASON_ACCEPTED);
    view_board_free(view);
    harness_free(h);
}

Test(transition, an_old_bot_outside_that_opens_trades_cannot_go)
{
    struct harness *h = harness_new();
    struct command asha = from(7);
    struct engine_tx tx = tx_of(h);
    h->s->rules.shadow.source = SHADOW_SOURCE_OUTSIDE;
    h->s->rules.shadow.first_mode = SHADOW_LEGACY_ONLY;
    cr_assert(transition_tx_old_trades(&tx));
    cr_assert_eq(transition_tx_retire(&tx, &asha), REASON_LEGACY_OWNS);
    h->s->rules.shadow.first_mode = SHADOW_PLUGIN_ONLY;
    h->s->shadow.default_mode = SHADOW_MODE_UNSET;
    cr_assert_not(transition_tx_old_trades(&tx));
    cr_assert_eq(transition_tx_retire(&tx, &asha), REASON_ACCEPTED);
    harness_free(h);
}

Test(transition, a_wish_to_end_is_not_in_the_snapshot)
{
    struct harness *h = harness_new();
    struct engine_tx tx = tx_of(h);
    struct view_board *view = view_board_new();
    struct engine_state *back = state_new();
    struct buf b;
    uint64_t seq = 0;
    buf_init(&b, 1 << 22);
    cr_assert_eq(ending_tx_want(&tx, ENDING_RESTART), REASON_ACCEPTED);
    cr_assert_eq(ending_tx_want(&tx, ENDING_STOP), REASON_ALREADY_DONE);
    view_board_publish(view, h->s);
    cr_assert_eq(view_board_ending(view, &seq), ENDING_RESTART);
    cr_assert_eq(seq, h->s->seq);
    h->s->send_count = 0;
    state_pack(h->s, &b);
    cr_assert_eq(state_unpack(back, b.data, b.len), 0);
    cr_assert_eq(back->ending, ENDING_NONE);
    buf_deinit(&b);
    state_free(back);
    view_board_free(view);
    harness_free(h);
}

Test(transition, a_key_is_for_one_content)
{
    struct engine_state *s = state_new();
    struct input *in = input_new(INPUT_SIGNAL);
    s->seq = 5;
    (void)str_copy(in->key, sizeof in->key, "wh:k");
    in->signal.body_hash = 11;
    state_note_key(s, in);
    cr_assert_eq(state_repeat(s, in), REASON_DUPLICATE);
    in->signal.body_hash = 12;
    cr_assert_eq(state_repeat(s, in), REASON_IDEMPOTENCY_KEY_REUSED);
    in = input_free(in);
    in = input_new(INPUT_COMMAND);
    in->command.origin = ORIGIN_HTTP;
    (void)str_copy(in->key, sizeof in->key, "wh:c");
    (void)str_copy(in->command.name, sizeof in->command.name, "pause");
    state_note_key(s, in);
    cr_assert_eq(state_repeat(s, in), REASON_DUPLICATE);
    (void)str_copy(in->command.name, sizeof in->command.name, "resume");
    cr_assert_eq(state_repeat(s, in), REASON_IDEMPOTENCY_KEY_REUSED);
    in->command.origin = ORIGIN_BOT; /* an update comes again as it was, or cut by an edit */
    cr_assert_eq(state_repeat(s, in), REASON_DUPLICATE);
    in = input_free(in);
    state_free(s);
}
