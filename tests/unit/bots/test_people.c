/* Covers, from the update to the answer: a chat paired from nothing by a single-use link, roles,
 * grants that end, revocation that counts at the next message and press, groups that only hear, the
 * list; one-time codes (asked for, wrong, replayed, locked, required of everybody), two persons
 * (twice by one, by a viewer, declined, forged, the requester told); no secret in what is
 * journaled. */
#include "unit/bots/town.h"

#define NEW_ID   INT64_C(7007)
#define OTHER_ID INT64_C(7008)

static void invite(struct town *t, const char *what, char code[64])
{
    char line[64];
    (void)snprintf(line, sizeof line, "/invite %s", what);
    (void)town_say(t, ADMIN_ID, line);
    if (strstr(town_chat(t, ADMIN_ID)->keys, "make the link"))
        (void)town_press(t, ADMIN_ID, "make the link");
    town_code(t, ADMIN_ID, code);
}

static void join(struct town *t, int64_t user_id, const char *what)
{
    char code[64];
    invite(t, what, code);
    assert_says(town_say(t, user_id, code), "Welcome");
}

static bool was_journaled(const struct town *t, const char *secret)
{
    return memmem(t->seen.data, t->seen.len, secret, strlen(secret)) != NULL;
}

Test(people, a_chat_is_paired_from_nothing_by_a_link_that_works_once)
{
    struct town *t = town_new();
    char code[64];
    assert_says(town_say(t, NEW_ID, "/status"), "7007");
    cr_assert_str_eq(t->name, "stranger");
    invite(t, "viewer", code);
    assert_says(town_chat(t, ADMIN_ID)->html, "[[sealed:");
    cr_assert_not(was_journaled(t, code + strlen("/start ")), "only its hash");
    assert_says(town_say(t, NEW_ID, code), "Welcome, <b>Ravi</b>. You are viewer");
    assert_says(town_chat(t, NEW_ID)->html, "@notificationBot");
    cr_assert_str_eq(t->name, "pair");
    cr_assert(t->is_barrier);
    cr_assert_not(was_journaled(t, code + strlen("/start ")));
    (void)town_say(t, NEW_ID, "/status");
    cr_assert_str_eq(t->name, "status");
    (void)town_say(t, NEW_ID, "/pause");
    cr_assert_str_eq(t->args, "ROLE_TOO_LOW pause");
    (void)town_say(t, OTHER_ID, code);
    cr_assert_str_eq(t->name, "stranger", "used up: like no code at all");
    (void)town_say(t, NEW_ID, code);
    cr_assert_str_eq(t->name, "start");
    town_free(t);
}

Test(people, a_link_expires_and_is_only_for_persons_as_themselves)
{
    struct town *t = town_new();
    char code[64];
    invite(t, "viewer 2", code);
    struct update u = stage_message(1, NEW_ID, code);
    u.is_forward = true;
    town_update(t, &u);
    cr_assert_str_eq(t->name, "stranger");
    u = stage_message(1, NEW_ID, code);
    u.kind = UPDATE_EDITED_MESSAGE;
    town_update(t, &u);
    cr_assert_str_eq(t->name, "");
    u = stage_message(1, NEW_ID, code);
    u.from_is_bot = true;
    town_update(t, &u);
    cr_assert_str_eq(t->name, "");
    t->st->now_ms += 2 * 3600000;
    (void)town_say(t, OTHER_ID, code);
    cr_assert_str_eq(t->name, "stranger", "two hours are over");
    cr_assert_eq(users_board_count(t->board), 0);
    town_free(t);
}

Test(people, an_invitation_to_trade_asks_back_and_a_link_is_never_shown_in_a_group)
{
    struct town *t = town_new();
    assert_says(town_say(t, ADMIN_ID, "/invite trader"), "be <b>trader</b>?");
    cr_assert_null(strstr(town_chat(t, ADMIN_ID)->html, "[[sealed:"));
    assert_says(town_press(t, ADMIN_ID, "No"), "invite");
    cr_assert_null(strstr(town_chat(t, ADMIN_ID)->html, "[[sealed:"));
    join(t, NEW_ID, "trader");
    (void)town_say(t, NEW_ID, "/pause");
    cr_assert_str_eq(t->name, "pause");
    (void)town_say(t, NEW_ID, "/invite viewer");
    cr_assert_str_eq(t->args, "ROLE_TOO_LOW invite");
    (void)town_say(t, ADMIN_ID, "/invite emperor");
    cr_assert_str_eq(t->args, "ARGUMENT_INVALID invite");
    (void)town_say(t, ADMIN_ID, "/invite viewer 169");
    cr_assert_str_eq(t->args, "ARGUMENT_INVALID invite");
    t->conf->users[2].chat_id = GROUP_ID; /* the admin may act in a group */
    struct update u = stage_message(1, ADMIN_ID, "/invite viewer");
    u.chat_id = GROUP_ID;
    u.is_private = false;
    town_update(t, &u);
    assert_says(town_chat(t, GROUP_ID)->html, "private chat");
    town_free(t);
}

Test(people, a_group_joins_to_hear_and_never_acts)
{
    struct town *t = town_new();
    char code[64];
    invite(t, "notify", code);
    struct update u = stage_message(1, NEW_ID, code);
    u.chat_id = -4000;
    u.is_private = false;
    town_update(t, &u);
    assert_says(town_chat(t, -4000)->html, "This group gets the notifications");
    u.text = "/status";
    town_update(t, &u);
    cr_assert_str_eq(t->name, "stranger");
    invite(t, "viewer", code);
    u.text = code;
    town_update(t, &u);
    assert_says(town_chat(t, -4000)->html, "used up, expired or not for this chat");
    (void)town_say(t, NEW_ID, code);
    cr_assert_neq(strcmp(t->name, "pair"), 0, "everybody in the group has seen it");
    (void)town_say(t, ADMIN_ID, "/revoke -4000");
    cr_assert_eq(users_board_count(t->board), 0);
    town_free(t);
}

Test(people, revocation_counts_at_the_next_message_and_on_buttons)
{
    struct town *t = town_new();
    stage_position(t->st, "XAUUSD", 88, 0);
    join(t, NEW_ID, "trader");
    assert_says(town_say(t, NEW_ID, "/closeall"), "Close this position?");
    assert_says(town_say(t, ADMIN_ID, "/revoke ravi"), "is removed");
    cr_assert(t->is_barrier, "what stands behind it in the same answer is judged by it");
    (void)town_press(t, NEW_ID, "Yes");
    cr_assert_str_eq(t->args, "NOT_AUTHORISED ");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    (void)town_say(t, NEW_ID, "/status");
    cr_assert_str_eq(t->name, "stranger");
    assert_says(town_say(t, ADMIN_ID, "/revoke 7007"), "Nobody of that name");
    (void)town_say(t, ADMIN_ID, "/revoke 1001");
    cr_assert_str_eq(t->args, "USER_CONFIGURED revoke");
    town_free(t);
}

Test(people, roles_and_grants_by_words_and_by_buttons)
{
    struct town *t = town_new();
    join(t, NEW_ID, "viewer");
    assert_says(town_say(t, ADMIN_ID, "/users"), "user1003");
    assert_says(town_press(t, ADMIN_ID, "Ravi · viewer"), "(7007)");
    assert_says(town_press(t, ADMIN_ID, "Trader for 4 h"), "for 4 h?");
    assert_says(town_press(t, ADMIN_ID, "give the role"), "is trader for 4 h");
    (void)town_say(t, NEW_ID, "/pause");
    cr_assert_str_eq(t->name, "pause");
    assert_says(town_say(t, ADMIN_ID, "/users ravi"), "then viewer");
    t->st->now_ms += 4 * 3600000;
    (void)town_say(t, NEW_ID, "/pause");
    cr_assert_str_eq(t->args, "ROLE_TOO_LOW pause", "before any timer has run");
    assert_says(town_say(t, ADMIN_ID, "/role ravi trader"), "Ravi</b> trader?");
    assert_says(town_press(t, ADMIN_ID, "give the role"), "is trader now");
    assert_says(town_say(t, ADMIN_ID, "/role 7007 trader"), "already");
    assert_says(town_say(t, ADMIN_ID, "/role 7007 viewer"), "is viewer now");
    (void)town_say(t, ADMIN_ID, "/role 7007 king");
    assert_says(town_chat(t, ADMIN_ID)->html, "argument");
    assert_says(town_say(t, ADMIN_ID, "/grant 7007 trader 721"), "argument");
    assert_says(town_say(t, ADMIN_ID, "/grant nobody trader 1"), "Nobody");
    (void)town_say(t, ADMIN_ID, "/role user1001 admin");
    cr_assert_str_eq(t->args, "USER_CONFIGURED role");
    assert_says(town_say(t, ADMIN_ID, "/role 7007 notify"), "is notify now");
    (void)town_say(t, NEW_ID, "/status");
    cr_assert_str_eq(t->name, "stranger");
    town_free(t);
}

/* ---- one-time codes ---- */

static void code_of(struct town *t, int64_t user_id, int step, char out[16])
{
    struct users_factor *f = users_factor(&t->st->s->users, user_id);
    uint8_t secret[TOTP_SECRET_BYTES];
    cr_assert_not_null(f);
    cr_assert(seal_open(f->secret, sizeof f->secret, secret));
    (void)snprintf(
        out, 16, "%06u",
        (unsigned)totp_code(secret, sizeof secret, t->st->now_ms / 30000 + step, TOTP_DIGITS));
}

static void enrol(struct town *t, int64_t user_id)
{
    char code[16], line[32], secret_text[TOTP_BASE32_CAP];
    uint8_t secret[TOTP_SECRET_BYTES];
    assert_says(town_say(t, user_id, "/totp"), "[[sealed:");
    struct users_factor *f = users_factor(&t->st->s->users, user_id);
    cr_assert(seal_open(f->secret, sizeof f->secret, secret));
    totp_base32(secret, secret_text);
    char *open TR_CLEANUP(mem_freep) = seal_reveal(town_chat(t, user_id)->html);
    cr_assert_not_null(strstr(
        open, (char[]){secret_text[0], secret_text[1], secret_text[2], secret_text[3], ' ', '\0'}));
    code_of(t, user_id, 0, code);
    (void)snprintf(line, sizeof line, "/totp %s", code);
    assert_says(town_say(t, user_id, line), "is on");
    cr_assert_not(was_journaled(t, code));
    secret_text[8] = '\0';
    cr_assert_not(was_journaled(t, secret_text));
    t->st->now_ms += 60000;
}

Test(people, a_danger_waits_for_the_code_of_who_enrolled)
{
    struct town *t = town_new();
    char code[16];
    stage_position(t->st, "XAUUSD", 88, 0);
    enrol(t, TRADER_ID);
    (void)town_say(t, TRADER_ID, "/closeall");
    code_of(t, TRADER_ID, 0, code);
    (void)town_say(t, TRADER_ID, code);
    cr_assert_str_eq(t->name, "hint", "nothing waits for a code yet");
    struct town_chat *chat = town_chat(t, TRADER_ID);
    (void)town_say(t, TRADER_ID, "/closeall");
    assert_says(town_press(t, TRADER_ID, "Yes"), "one-time code");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0, "Yes alone does nothing");
    assert_says(town_say(t, TRADER_ID, "000000"), "Wrong code");
    assert_says(town_say(t, TRADER_ID, code), "Code accepted");
    cr_assert_not(was_journaled(t, code));
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    (void)town_press(t, TRADER_ID, "carry it out");
    cr_assert_neq(t->st->s->positions[0].closing_cid, 0);
    assert_says(chat->html, "Close orders");
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    assert_says(town_say(t, TRADER_ID, code), "used already");
    town_free(t);
}

Test(people, the_button_of_a_code_is_one_persons_and_counts_once)
{
    struct town *t = town_new();
    char code[16];
    stage_position(t->st, "XAUUSD", 88, 0);
    enrol(t, TRADER_ID);
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    code_of(t, TRADER_ID, 0, code);
    (void)town_say(t, TRADER_ID, code);
    (void)town_press_of(t, ADMIN_ID, TRADER_ID, "carry it out");
    cr_assert_str_eq(t->args, "CONFIRM_FOREIGN ");
    struct town_chat kept = *town_chat(t, TRADER_ID);
    (void)town_press(t, TRADER_ID, "carry it out");
    t->st->s->positions[0].closing_cid = 0;
    *town_chat(t, TRADER_ID) = kept;
    assert_says(town_press(t, TRADER_ID, "carry it out"), "used already");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    town_free(t);
}

Test(people, five_wrong_codes_lock_the_second_factor)
{
    struct town *t = town_new();
    char code[16];
    stage_position(t->st, "XAUUSD", 88, 0);
    enrol(t, TRADER_ID);
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    for (int i = 0; i < USERS_CODES_WRONG; i++)
        (void)town_say(t, TRADER_ID, "000000");
    assert_says(town_chat(t, TRADER_ID)->html, "locked");
    code_of(t, TRADER_ID, 0, code);
    assert_says(town_say(t, TRADER_ID, code), "locked");
    char off[32];
    (void)snprintf(off, sizeof off, "/totp off %s", code);
    assert_says(town_say(t, TRADER_ID, off), "locked");
    t->st->now_ms += 15 * 60000;
    code_of(t, TRADER_ID, 0, code);
    (void)snprintf(off, sizeof off, "/totp off %s", code);
    assert_says(town_say(t, TRADER_ID, off), "is off");
    cr_assert_null(users_factor(&t->st->s->users, TRADER_ID));
    town_free(t);
}

Test(people, codes_can_be_required_of_everybody)
{
    struct town *t = town_new();
    stage_position(t->st, "XAUUSD", 88, 0);
    t->conf->security.totp_required = true;
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    cr_assert_str_eq(t->args, "CODE_NOT_ENROLLED closeall");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    (void)town_say(t, TRADER_ID, "/panic");
    cr_assert(t->st->s->panicked, "an emergency stop never waits");
    (void)town_say(t, TRADER_ID, "/panic release");
    (void)town_press(t, TRADER_ID, "Yes");
    cr_assert(t->st->s->panicked, "leaving it does");
    town_free(t);
}

Test(people, a_lost_phone_is_reset_by_an_admin_and_secrets_stay_private)
{
    struct town *t = town_new();
    enrol(t, TRADER_ID);
    (void)town_say(t, TRADER_ID, "/totp reset 1002");
    assert_says(town_chat(t, TRADER_ID)->html, "role");
    assert_says(town_say(t, ADMIN_ID, "/totp reset 1001"), "1001</b>?");
    assert_says(town_press(t, ADMIN_ID, "Yes, reset"), "is reset");
    cr_assert_null(users_factor(&t->st->s->users, TRADER_ID));
    struct update u = stage_message(1, TRADER_ID, "/totp");
    u.chat_id = GROUP_ID;
    u.is_private = false;
    town_update(t, &u);
    cr_assert_str_eq(t->args, "PRIVATE_ONLY totp");
    (void)town_say(t, TRADER_ID, "/totp on 5 15");
    cr_assert_str_eq(t->args, "ARGUMENT_INVALID totp", "steps come from codes only");
    town_free(t);
}

/* ---- two persons ---- */

Test(people, a_danger_needs_a_second_person_and_one_is_one)
{
    struct town *t = town_new();
    t->conf->security.two_person = true;
    stage_position(t->st, "XAUUSD", 88, 0);
    (void)town_say(t, TRADER_ID, "/closeall");
    struct town_chat question = *town_chat(t, TRADER_ID);
    assert_says(town_press(t, TRADER_ID, "Yes"), "asked: 1");
    assert_says(town_chat(t, ADMIN_ID)->html, "user1001</b> wants <b>/closeall");
    cr_assert_eq(town_chat(t, VIEWER_ID)->messages, 0, "a viewer may not approve");
    for (int i = 0; i < 5; i++) {
        *town_chat(t, TRADER_ID) = question;
        assert_says(town_press(t, TRADER_ID, "Yes"), "counts once");
        (void)town_press_of(t, TRADER_ID, ADMIN_ID, "I approve");
        cr_assert_str_eq(t->args, "CONFIRM_FOREIGN ", "another person's button");
    }
    (void)town_press_of(t, VIEWER_ID, ADMIN_ID, "I approve");
    cr_assert_str_eq(t->args, "CONFIRM_FOREIGN ");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    struct town_chat approval = *town_chat(t, ADMIN_ID);
    assert_says(town_press(t, ADMIN_ID, "I approve"), "Close orders");
    cr_assert_neq(t->st->s->positions[0].closing_cid, 0);
    assert_says(town_chat(t, TRADER_ID)->html, "user1003</b> approved /closeall");
    t->st->s->positions[0].closing_cid = 0;
    *town_chat(t, ADMIN_ID) = approval;
    assert_says(town_press(t, ADMIN_ID, "I approve"), "used already");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    town_free(t);
}

Test(people, a_second_person_declines_in_time_or_it_expires)
{
    struct town *t = town_new();
    t->conf->security.two_person = true;
    stage_position(t->st, "XAUUSD", 88, 0);
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    struct town_chat approval = *town_chat(t, ADMIN_ID);
    (void)town_press(t, ADMIN_ID, "No");
    assert_says(town_chat(t, TRADER_ID)->html, "said no to /closeall");
    *town_chat(t, ADMIN_ID) = approval;
    assert_says(town_press(t, ADMIN_ID, "I approve"), "used already");
    (void)town_say(t, TRADER_ID, "/closeall");
    (void)town_press(t, TRADER_ID, "Yes");
    t->st->now_ms += 600001;
    (void)town_press(t, ADMIN_ID, "I approve");
    cr_assert_str_eq(t->args, "CONFIRM_EXPIRED closeall");
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    town_free(t);
}

/* Ravi asks for something dangerous, says yes himself and then may do no more; the second yes. */
static enum reason second_yes_after(struct town *t, const char *what_the_admin_says)
{
    (void)town_say(t, NEW_ID, "/closeall");
    (void)town_press(t, NEW_ID, "Yes");
    struct town_chat approval = *town_chat(t, ADMIN_ID);
    if (what_the_admin_says != NULL)
        (void)town_say(t, ADMIN_ID, what_the_admin_says);
    *town_chat(t, ADMIN_ID) = approval;
    (void)town_press(t, ADMIN_ID, "I approve");
    return t->st->receipt.reason;
}

Test(people, nobody_approves_what_a_removed_or_demoted_person_wanted)
{
    static const char *const ends[] = {"/revoke ravi", "/role ravi viewer", "/role ravi notify"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(ends); i++) {
        struct town *t = town_new();
        stage_position(t->st, "XAUUSD", 88, 0);
        join(t, NEW_ID, "trader");
        t->conf->security.two_person = true;
        cr_assert_eq(second_yes_after(t, ends[i]), REASON_CONFIRM_USED, "%s", ends[i]);
        cr_assert_eq(t->st->s->positions[0].closing_cid, 0, "%s", ends[i]);
        town_free(t);
    }
    struct town *t = town_new();
    stage_position(t->st, "XAUUSD", 88, 0);
    join(t, NEW_ID, "trader");
    t->conf->security.two_person = true;
    cr_assert_eq(second_yes_after(t, "/role ravi trader"), REASON_ACCEPTED, "nothing changed");
    cr_assert_neq(t->st->s->positions[0].closing_cid, 0);
    town_free(t);
}

static void run_timers(struct town *t)
{
    struct engine_tx tx = {.s = t->st->s,
                           .opt = &t->st->opt,
                           .out = &t->st->out,
                           .quotes = &t->st->quotes,
                           .now_ms = t->st->now_ms,
                           .seq = t->st->s->seq + 1};
    struct input in = {.kind = INPUT_TIMER, .timer = {.kind = TIMER_DUE}};
    outputs_reset(&t->st->out);
    apply_input(&tx, &in, NULL);
    users_board_show(t->board, &t->st->s->users);
}

Test(people, a_grant_that_ends_takes_its_questions_along)
{
    struct town *t = town_new();
    stage_position(t->st, "XAUUSD", 88, 0);
    join(t, NEW_ID, "viewer");
    (void)town_say(t, ADMIN_ID, "/grant ravi trader 1");
    (void)town_press(t, ADMIN_ID, "give the role");
    t->conf->security.two_person = true;
    t->st->now_ms += 3600000 - 20000;
    (void)town_say(t, NEW_ID, "/closeall");
    (void)town_press(t, NEW_ID, "Yes");
    struct town_chat approval = *town_chat(t, ADMIN_ID);
    t->st->now_ms += 20000;
    run_timers(t);
    *town_chat(t, ADMIN_ID) = approval;
    (void)town_press(t, ADMIN_ID, "I approve");
    cr_assert_eq(t->st->receipt.reason, REASON_CONFIRM_USED);
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    town_free(t);
}

/* What the other traders are told: only the first one has the directory. */
Test(people, another_trader_disowns_questions_that_lead_too_far)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    stage_say(st, "closeall", "");
    struct command c = stage_command(st, "disown", "1001 trader");
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE, "a trader may close");
    (void)str_copy(c.args, sizeof c.args, "1002 none");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE, "somebody else");
    cr_assert_not(st->s->confirms[0].used);
    (void)str_copy(c.args, sizeof c.args, "1001 viewer");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert(st->s->confirms[0].used);
    (void)str_copy(c.args, sizeof c.args, "1001 king");
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    stage_free(st);
}

Test(people, without_a_second_person_nothing_waits_for_nobody)
{
    struct town *t = town_new();
    t->conf->security.two_person = true;
    t->conf->user_count = 2; /* one trader, one viewer */
    stage_position(t->st, "XAUUSD", 88, 0);
    (void)town_say(t, TRADER_ID, "/closeall");
    assert_says(town_press(t, TRADER_ID, "Yes"), "Nobody else may approve");
    town_free(t);
}

Test(people, a_code_and_a_second_person_together)
{
    struct town *t = town_new();
    char code[16];
    t->conf->security.two_person = true;
    stage_position(t->st, "XAUUSD", 88, 0);
    enrol(t, TRADER_ID);
    enrol(t, ADMIN_ID);
    (void)town_say(t, TRADER_ID, "/closeall");
    assert_says(town_press(t, TRADER_ID, "Yes"), "one-time code");
    code_of(t, TRADER_ID, 0, code);
    (void)town_say(t, TRADER_ID, code);
    assert_says(town_press(t, TRADER_ID, "carry it out"), "waits for a second person");
    assert_says(town_press(t, ADMIN_ID, "I approve"), "one-time code");
    code_of(t, ADMIN_ID, 0, code);
    (void)town_say(t, ADMIN_ID, code);
    cr_assert_eq(t->st->s->positions[0].closing_cid, 0);
    (void)town_press(t, ADMIN_ID, "carry it out");
    cr_assert_neq(t->st->s->positions[0].closing_cid, 0);
    assert_says(town_chat(t, TRADER_ID)->html, "approved /closeall");
    town_free(t);
}
