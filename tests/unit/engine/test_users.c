/* Covers: the directory sorted and bounded at 16,384 with 10,000 subscribers, roles and grants to
 * the boundary, invitations used once and until they expire, second factors, the snapshot whole and
 * damaged; the copy the bots read changes only when the directory did; what changes say. */
#include "unit/engine/harness.h"

#include "engine/users_board.h"
#include "engine/users_tx.h"

static struct users *users_new(void)
{
    struct users *u = xalloc(sizeof *u);
    users_init(u);
    return u;
}

static struct users_person person(int64_t id, enum role role)
{
    return (struct users_person){.id = id, .role = role, .lang = LANG_EN, .name = "Asha"};
}

static void put(struct users *u, int64_t id, enum role role)
{
    struct users_person p = person(id, role);
    cr_assert(users_put(u, &p));
}

Test(users, finds_everybody_of_ten_thousand_and_stops_at_its_bound)
{
    struct users *u = users_new();
    for (int64_t i = 0; i < 10000; i++)
        put(u, (i * 7919) % 10007 + 1, ROLE_NONE);
    cr_assert_eq(u->count, 10000);
    for (int64_t i = 0; i < 10000; i++)
        cr_assert_not_null(users_find(u, (i * 7919) % 10007 + 1));
    cr_assert_null(users_find(u, 20000));
    for (int64_t id = 20000; u->count < USERS_MAX; id++)
        put(u, id, ROLE_NONE);
    struct users_person p = person(-5, ROLE_NONE);
    cr_assert_not(users_put(u, &p), "full");
    p.id = 20000;
    cr_assert(users_put(u, &p), "a change needs no room");
    cr_assert(users_remove(u, 20001));
    p.id = -5;
    cr_assert(users_put(u, &p));
    cr_assert_eq(u->people[0].id, -5, "sorted by number");
    mem_free(u);
}

Test(users, a_grant_counts_until_its_time_and_never_below_the_role)
{
    struct users *u = users_new();
    struct users_person p = person(1, ROLE_VIEWER);
    p.granted = ROLE_ADMIN;
    p.granted_until_ms = 1000;
    cr_assert_eq(users_role(&p, 999), ROLE_ADMIN);
    cr_assert_eq(users_role(&p, 1000), ROLE_VIEWER);
    p.granted = ROLE_VIEWER;
    p.role = ROLE_TRADER;
    cr_assert_eq(users_role(&p, 999), ROLE_TRADER);
    p = person(1, ROLE_VIEWER);
    cr_assert_eq(u->due_ms, INT64_MAX);
    p.granted = ROLE_TRADER;
    p.granted_until_ms = 1000;
    cr_assert(users_put(u, &p));
    cr_assert_eq(u->due_ms, 1000);
    size_t at = 0;
    cr_assert_null(users_end_grant(u, 999, &at));
    at = 0;
    cr_assert_eq(users_end_grant(u, 1000, &at)->id, 1);
    cr_assert_null(users_end_grant(u, 1000, &at));
    cr_assert_eq(u->due_ms, INT64_MAX);
    mem_free(u);
}

Test(users, an_invitation_is_used_once_and_in_time)
{
    struct users *u = users_new();
    struct users_invite got, inv = {.expires_ms = 1000, .role = ROLE_TRADER, .lang = LANG_EN};
    uint8_t other[HASH_SHA256_BYTES] = {9};
    memset(inv.hash, 3, sizeof inv.hash);
    cr_assert(users_invite(u, &inv, 0));
    cr_assert_not(users_take_invite(u, other, 0, &got));
    cr_assert_not(users_take_invite(u, inv.hash, 1000, &got), "expired");
    cr_assert(users_take_invite(u, inv.hash, 999, &got));
    cr_assert_eq(got.role, ROLE_TRADER);
    cr_assert_not(users_take_invite(u, inv.hash, 999, &got), "used");
    for (int i = 0; i < USERS_INVITES_MAX; i++) {
        inv.expires_ms = 1000 + i;
        cr_assert(users_invite(u, &inv, 0));
    }
    cr_assert_not(users_invite(u, &inv, 999), "all are open");
    cr_assert(users_invite(u, &inv, 1000), "an expired one makes room");
    mem_free(u);
}

Test(users, the_hash_of_a_code_is_read_back_or_refused)
{
    uint8_t hash[HASH_SHA256_BYTES], back[HASH_SHA256_BYTES];
    char hex[HASH_HEX_CAP];
    hash_sha256("code", 4, hash);
    hash_hex(hash, sizeof hash, hex, sizeof hex);
    cr_assert(users_hash_read(hex, back));
    cr_assert_eq(memcmp(hash, back, sizeof hash), 0);
    hex[63] = 'g';
    cr_assert_not(users_hash_read(hex, back));
    hex[63] = '\0';
    cr_assert_not(users_hash_read(hex, back));
    cr_assert_not(users_hash_read("", back));
}

Test(users, survives_a_snapshot_byte_for_byte_and_refuses_a_damaged_one)
{
    struct users *a = users_new();
    struct users *b = users_new();
    uint8_t secret[USERS_SECRET_BYTES];
    struct users_invite inv = {
        .expires_ms = 77, .role = ROLE_ADMIN, .lang = LANG_HINGLISH, .by = "Ravi"};
    memset(secret, 5, sizeof secret);
    for (int64_t id = 1; id <= 1000; id++)
        put(a, id * 3, (enum role)(id % ROLE_COUNT));
    put(a, -100, ROLE_NONE);
    struct users_person p = person(6, ROLE_VIEWER);
    p.granted = ROLE_ADMIN;
    p.granted_until_ms = 4242;
    cr_assert(users_put(a, &p));
    cr_assert(users_invite(a, &inv, 0));
    cr_assert(users_new_factor(a, 9, secret));
    users_factor(a, 9)->last_step = 12;
    users_factor(a, 9)->locked_until_ms = 99;
    struct buf one = {0}, two = {0};
    buf_init(&one, 1 << 20);
    buf_init(&two, 1 << 20);
    users_pack(a, &one);
    struct unpack u;
    unpack_init(&u, one.data, one.len);
    users_unpack(b, &u);
    cr_assert(unpack_done(&u));
    users_pack(b, &two);
    cr_assert_eq(one.len, two.len);
    cr_assert_eq(memcmp(one.data, two.data, one.len), 0);
    cr_assert_eq(b->due_ms, 4242);
    cr_assert_eq(users_factor(b, 9)->last_step, 12);
    for (size_t cut = 1; cut < one.len; cut += 97) {
        memset(b, 0, sizeof *b);
        unpack_init(&u, one.data, one.len - cut);
        users_unpack(b, &u);
        cr_assert_not(unpack_done(&u), "cut by %zu", cut);
    }
    buf_deinit(&one);
    buf_deinit(&two);
    mem_free(a);
    mem_free(b);
}

Test(users, the_board_shows_what_was_committed)
{
    struct users *u = users_new();
    struct users_board *board = users_board_new();
    struct users_person p, list[4];
    struct users_factor f;
    uint8_t secret[USERS_SECRET_BYTES] = {1};
    cr_assert_not(users_board_person(board, 7, &p));
    put(u, 7, ROLE_TRADER);
    put(u, 8, ROLE_VIEWER);
    put(u, 9, ROLE_ADMIN);
    cr_assert_not(users_board_person(board, 7, &p), "not committed yet");
    users_board_show(board, u);
    cr_assert(users_board_person(board, 7, &p));
    cr_assert_eq(p.role, ROLE_TRADER);
    cr_assert_eq(users_board_count(board), 3);
    cr_assert_eq(users_board_list(board, ROLE_TRADER, 0, 0, list, 4), 2);
    cr_assert_eq(list[1].id, 9);
    cr_assert_eq(users_board_list(board, ROLE_TRADER, 0, 7, list, 4), 1, "behind 7");
    cr_assert_eq(users_board_list(board, ROLE_NONE, 0, 0, list, 2), 2, "as many as fit");
    u->people[0].role = ROLE_VIEWER; /* without a new revision: nothing is copied */
    users_board_show(board, u);
    cr_assert(users_board_person(board, 7, &p));
    cr_assert_eq(p.role, ROLE_TRADER);
    cr_assert(users_new_factor(u, 9, secret));
    cr_assert(users_remove(u, 7));
    users_board_show(board, u);
    cr_assert_not(users_board_person(board, 7, &p));
    cr_assert(users_board_factor(board, 9, &f));
    cr_assert_not(f.is_active);
    cr_assert_not(users_board_factor(board, 7, &f));
    users_board_free(board);
    mem_free(u);
}

/* ---- through the engine ---- */

static struct engine_tx tx_of(struct harness *h)
{
    outputs_reset(&h->out);
    h->event_count = 0;
    return (struct engine_tx){.s = h->s,
                              .opt = &h->opt,
                              .out = &h->out,
                              .quotes = &h->quotes,
                              .now_ms = h->now_ms,
                              .seq = ++h->s->seq};
}

static void said(struct harness *h)
{
    cr_assert_eq(outputs_visit(h->out.blob.data, h->out.blob.len, harness_visit, h), 0);
}

static struct command by(int64_t user_id, int64_t chat_id, enum role role)
{
    return (struct command){.origin = ORIGIN_BOT,
                            .user_id = user_id,
                            .chat_id = chat_id,
                            .role = role,
                            .user_name = "Ravi"};
}

static enum reason join(struct harness *h, int64_t user_id, int64_t chat_id, enum role role)
{
    struct users_invite inv = {.expires_ms = h->now_ms + 1000, .role = role, .lang = LANG_EN};
    struct command c = by(user_id, chat_id, ROLE_NONE);
    memset(inv.hash, 1, sizeof inv.hash);
    struct engine_tx tx = tx_of(h);
    cr_assert_eq(users_tx_invite(&tx, &inv), REASON_ACCEPTED);
    enum reason r = users_tx_join(&tx, &c, inv.hash, &inv);
    said(h);
    return r;
}

Test(users, joining_tells_notify_and_people_and_never_lowers_a_role)
{
    struct harness *h = harness_new();
    struct users_invite inv;
    uint8_t hash[HASH_SHA256_BYTES];
    memset(hash, 1, sizeof hash);
    cr_assert_eq(join(h, 50, 50, ROLE_TRADER), REASON_ACCEPTED);
    cr_assert_str_eq(harness_event(h, EVENT_SUBSCRIPTION)->text, "member trader en");
    cr_assert_eq(harness_event(h, EVENT_SUBSCRIPTION)->chat_id, 50);
    cr_assert_str_eq(harness_event(h, EVENT_USER_JOINED)->text, "Ravi (50): trader");
    struct engine_tx tx = tx_of(h);
    struct command c = by(51, 51, ROLE_NONE);
    cr_assert_eq(users_tx_join(&tx, &c, hash, &inv), REASON_INVITE_INVALID, "used");
    cr_assert_eq(join(h, 50, 50, ROLE_VIEWER), REASON_ALREADY_DONE);
    cr_assert_eq(users_find(&h->s->users, 50)->role, ROLE_TRADER);
    cr_assert_eq(join(h, 50, 50, ROLE_ADMIN), REASON_ACCEPTED);
    cr_assert_eq(join(h, 50, -900, ROLE_VIEWER), REASON_INVITE_INVALID, "groups only hear");
    cr_assert_null(users_find(&h->s->users, -900));
    cr_assert_eq(join(h, 50, -900, ROLE_NONE), REASON_ACCEPTED);
    cr_assert_str_eq(harness_event(h, EVENT_SUBSCRIPTION)->text, "member none en");
    cr_assert_eq(join(h, 50, 52, ROLE_VIEWER), REASON_INVITE_INVALID, "not their private chat");
    harness_free(h);
}

Test(users, roles_grants_and_removal_act_and_are_told)
{
    struct harness *h = harness_new();
    struct command admin = by(1, 1, ROLE_ADMIN);
    (void)str_copy(admin.user_name, sizeof admin.user_name, "Asha");
    cr_assert_eq(join(h, 50, 50, ROLE_VIEWER), REASON_ACCEPTED);
    struct engine_tx tx = tx_of(h);
    cr_assert_eq(users_tx_grant(&tx, &admin, 50, ROLE_TRADER, 2), REASON_ACCEPTED);
    said(h);
    cr_assert_str_eq(harness_event(h, EVENT_USER_CHANGED)->text, "Ravi (50): trader · Asha");
    tx = tx_of(h);
    cr_assert_eq(users_tx_grant(&tx, &admin, 50, ROLE_VIEWER, 2), REASON_ALREADY_DONE);
    cr_assert_eq(users_tx_set_role(&tx, &admin, 51, ROLE_ADMIN), REASON_USER_UNKNOWN);
    cr_assert_eq(apply_next_due_ms(h->s), h->now_ms + 2 * 3600000);
    h->now_ms += 2 * 3600000;
    harness_timer(h, TIMER_DUE);
    cr_assert_str_eq(harness_event(h, EVENT_SUBSCRIPTION)->text, "member viewer en");
    cr_assert_str_eq(harness_event(h, EVENT_USER_CHANGED)->text, "Ravi (50): viewer");
    cr_assert_eq(apply_next_due_ms(h->s), INT64_MAX);
    tx = tx_of(h);
    cr_assert_eq(users_tx_set_role(&tx, &admin, 50, ROLE_VIEWER), REASON_ALREADY_DONE);
    cr_assert_eq(users_tx_set_role(&tx, &admin, 50, ROLE_TRADER), REASON_ACCEPTED);
    cr_assert_eq(users_tx_find_name(&tx, "rAvI")->id, 50);
    struct command ravi = by(50, 50, ROLE_TRADER);
    (void)str_copy(ravi.name, sizeof ravi.name, "closeall");
    uint64_t asked = tx_confirm_ask(&tx, &ravi, 1000);
    cr_assert_eq(tx_confirm_check(&tx, &ravi, asked), REASON_ACCEPTED);
    cr_assert_eq(users_tx_revoke(&tx, &admin, 50), REASON_ACCEPTED);
    cr_assert_eq(users_tx_revoke(&tx, &admin, 50), REASON_USER_UNKNOWN);
    cr_assert_eq(tx_confirm_check(&tx, &ravi, asked), REASON_CONFIRM_USED, "their questions too");
    said(h);
    cr_assert_str_eq(harness_event(h, EVENT_USER_REMOVED)->text, "Ravi (50) · Asha");
    cr_assert_null(users_tx_find_name(&tx, "Ravi"));
    harness_free(h);
}

Test(users, a_code_counts_once_and_five_wrong_ones_lock)
{
    struct harness *h = harness_new();
    struct command c = by(50, 50, ROLE_TRADER);
    uint8_t secret[USERS_SECRET_BYTES] = {1};
    struct engine_tx tx = tx_of(h);
    cr_assert_eq(users_tx_code(&tx, &c, 100, 60000), REASON_CODE_NOT_ENROLLED);
    cr_assert_eq(users_tx_new_factor(&tx, &c, secret), REASON_ACCEPTED);
    cr_assert_not(users_factor(&h->s->users, 50)->is_active);
    cr_assert_eq(users_tx_code(&tx, &c, 100, 60000), REASON_ACCEPTED);
    cr_assert(users_factor(&h->s->users, 50)->is_active);
    cr_assert_eq(users_tx_new_factor(&tx, &c, secret), REASON_ALREADY_DONE);
    cr_assert_eq(users_tx_code(&tx, &c, 100, 60000), REASON_CODE_USED);
    cr_assert_eq(users_tx_code(&tx, &c, 99, 60000), REASON_CODE_USED, "nor an older one");
    for (int i = 0; i < USERS_CODES_WRONG - 1; i++)
        cr_assert_eq(users_tx_code(&tx, &c, -1, 60000), REASON_CODE_WRONG);
    cr_assert_eq(users_tx_code(&tx, &c, 101, 60000), REASON_ACCEPTED, "the count starts anew");
    for (int i = 0; i < USERS_CODES_WRONG - 1; i++)
        cr_assert_eq(users_tx_code(&tx, &c, -1, 60000), REASON_CODE_WRONG);
    cr_assert_eq(users_tx_code(&tx, &c, -1, 60000), REASON_CODE_LOCKED);
    said(h);
    cr_assert_str_eq(harness_event(h, EVENT_CODE_LOCKED)->text, "Ravi (50)");
    cr_assert_eq(users_tx_code(&tx, &c, 102, 60000), REASON_CODE_LOCKED, "right, but locked");
    tx.now_ms += 59999;
    cr_assert_eq(users_tx_code(&tx, &c, 102, 60000), REASON_CODE_LOCKED);
    tx.now_ms += 1;
    cr_assert_eq(users_tx_code(&tx, &c, 102, 60000), REASON_ACCEPTED);
    cr_assert_eq(users_tx_drop_factor(&tx, &c, 50), REASON_ACCEPTED);
    cr_assert_eq(users_tx_code(&tx, &c, 103, 60000), REASON_CODE_NOT_ENROLLED);
    harness_free(h);
}

Test(users, the_language_of_who_joined_is_kept_with_them)
{
    struct harness *h = harness_new();
    cr_assert_eq(join(h, 50, 50, ROLE_VIEWER), REASON_ACCEPTED);
    struct engine_tx tx = tx_of(h);
    cr_assert_eq(tx_set_language(&tx, 50, LANG_HINGLISH), REASON_ACCEPTED);
    cr_assert_eq(tx_set_language(&tx, 50, LANG_HINGLISH), REASON_ALREADY_DONE);
    cr_assert_eq(users_find(&h->s->users, 50)->lang, LANG_HINGLISH);
    cr_assert_eq(h->s->lang_count, 0);
    harness_free(h);
}
