/* Covers: people of the configuration and people who joined, whose grants end and whose removal
 * counts at once; every cell of role x needed role x trap x kind against an oracle written down
 * apart; 1,000 random tuples of user, chat, role; the traps of reliability 5.1 one by one. */
#include "unit/bots/stage.h"

#include "bots/authorise.h"
#include "core/rng.h"

enum trap {
    TRAP_NONE,
    TRAP_EDITED,
    TRAP_FROM_BOT,
    TRAP_SENDER_CHAT,
    TRAP_FORWARD,
    TRAP_VIA_BOT,
    TRAP_ANONYMOUS,
    TRAP_NO_USER,
    TRAP_OTHER_KIND,
    TRAP_WRONG_CHAT,
    TRAP_FALSE_PRIVATE,
    TRAP_MEMBER_UPDATE,
    TRAP_COUNT
};

static struct update trapped(enum trap trap, int64_t user_id, bool is_press)
{
    struct update u = stage_message(1, user_id, "/pause");
    if (is_press)
        u.kind = UPDATE_CALLBACK;
    switch (trap) {
    case TRAP_EDITED:
        u.kind = UPDATE_EDITED_MESSAGE;
        break;
    case TRAP_FROM_BOT:
        u.from_is_bot = true;
        break;
    case TRAP_SENDER_CHAT:
        u.sender_chat_id = -5;
        break;
    case TRAP_FORWARD:
        u.is_forward = true;
        break;
    case TRAP_VIA_BOT:
        u.is_via_bot = true;
        break;
    case TRAP_ANONYMOUS:
        u.from_id = 1087968824;
        u.chat_id = GROUP_ID;
        u.is_private = false;
        break;
    case TRAP_NO_USER:
        u.from_id = 0;
        break;
    case TRAP_OTHER_KIND:
        u.kind = UPDATE_OTHER;
        break;
    case TRAP_WRONG_CHAT:
        u.chat_id = -4242;
        u.is_private = false;
        break;
    case TRAP_FALSE_PRIVATE:
        u.chat_id = GROUP_ID;
        break;
    case TRAP_MEMBER_UPDATE:
        u.kind = UPDATE_MY_CHAT_MEMBER;
        break;
    case TRAP_NONE:
    case TRAP_COUNT:
        break;
    }
    return u;
}

/* The oracle: reads like the rule, not like the code. */
static enum authorise_result expected(enum trap trap, enum role has, enum role needed,
                                      bool is_press)
{
    switch (trap) {
    case TRAP_FROM_BOT:
    case TRAP_SENDER_CHAT:
    case TRAP_ANONYMOUS:
    case TRAP_NO_USER:
    case TRAP_OTHER_KIND:
    case TRAP_FALSE_PRIVATE:
    case TRAP_MEMBER_UPDATE:
        return AUTHORISE_IGNORE;
    case TRAP_WRONG_CHAT:
        return AUTHORISE_STRANGER;
    case TRAP_EDITED:
        return has == ROLE_NONE ? AUTHORISE_IGNORE : AUTHORISE_EDITED;
    case TRAP_FORWARD:
        return has == ROLE_NONE ? AUTHORISE_STRANGER : AUTHORISE_FORWARD;
    case TRAP_VIA_BOT:
        if (!is_press)
            return has == ROLE_NONE ? AUTHORISE_STRANGER : AUTHORISE_VIA_BOT;
        break;
    case TRAP_NONE:
    case TRAP_COUNT:
        break;
    }
    if (has == ROLE_NONE)
        return AUTHORISE_STRANGER;
    return has >= needed ? AUTHORISE_OK : AUTHORISE_ROLE;
}

/* NULL when nobody was named. */
static enum authorise_result decide(const struct conf *conf, const struct update *u,
                                    int64_t chat_id, enum role needed, const struct user **ret_user)
{
    static struct user user;
    struct authorise_people people = {.conf = conf, .now_ms = T0_MS};
    user = (struct user){0};
    enum authorise_result r = authorise(&people, u, chat_id, needed, &user);
    *ret_user = user.user_id != 0 ? &user : NULL;
    return r;
}

static int64_t user_with(enum role role)
{
    return role == ROLE_VIEWER   ? VIEWER_ID
           : role == ROLE_TRADER ? TRADER_ID
           : role == ROLE_ADMIN  ? ADMIN_ID
                                 : STRANGER_ID;
}

Test(authorise, every_cell_of_the_matrix_agrees_with_the_oracle)
{
    struct conf *conf = stage_conf();
    for (int trap = 0; trap < TRAP_COUNT; trap++)
        for (int has = ROLE_NONE; has < ROLE_COUNT; has++)
            for (int needed = ROLE_NONE; needed < ROLE_COUNT; needed++)
                for (int press = 0; press < 2; press++) {
                    struct update u = trapped((enum trap)trap, user_with((enum role)has), press);
                    const struct user *user = NULL;
                    enum authorise_result r = decide(conf, &u, u.chat_id, (enum role)needed, &user);
                    cr_assert_eq(
                        r, expected((enum trap)trap, (enum role)has, (enum role)needed, press),
                        "trap %d has %d needed %d press %d gives %s", trap, has, needed, press,
                        authorise_name(r));
                    cr_assert_eq(user == NULL, r == AUTHORISE_IGNORE || r == AUTHORISE_STRANGER);
                }
    mem_free(conf);
}

Test(authorise, a_group_member_may_only_act_in_the_bound_group)
{
    struct conf *conf = stage_conf();
    const struct user *user = NULL;
    struct update u = stage_message(1, TRADER_ID, "/pause");
    u.is_private = false;
    u.chat_id = GROUP_ID;
    cr_assert_eq(decide(conf, &u, GROUP_ID, ROLE_TRADER, &user), AUTHORISE_OK);
    u.chat_id = GROUP_ID - 1;
    cr_assert_eq(decide(conf, &u, GROUP_ID - 1, ROLE_TRADER, &user), AUTHORISE_STRANGER);
    u.from_id = VIEWER_ID;
    u.chat_id = GROUP_ID;
    cr_assert_eq(decide(conf, &u, GROUP_ID, ROLE_VIEWER, &user), AUTHORISE_STRANGER,
                 "being in the group is not enough");
    mem_free(conf);
}

Test(authorise, a_thousand_random_tuples_agree_with_the_table)
{
    static const int64_t ids[] = {TRADER_ID, VIEWER_ID, ADMIN_ID, STRANGER_ID, 1, INT64_MAX};
    static const int64_t chats[] = {TRADER_ID, VIEWER_ID, ADMIN_ID, GROUP_ID, -1, 1};
    struct conf *conf = stage_conf();
    struct rng rng;
    rng_seed(&rng, 4711);
    for (int i = 0; i < 1000; i++) {
        int64_t id = ids[rng_below(&rng, TR_ARRAY_SIZE(ids))];
        int64_t chat = chats[rng_below(&rng, TR_ARRAY_SIZE(chats))];
        enum role needed = (enum role)rng_below(&rng, ROLE_COUNT);
        struct update u = stage_message(1, id, "/x");
        u.chat_id = chat;
        u.is_private = chat > 0;
        enum role has = ROLE_NONE;
        for (int k = 0; k < conf->user_count; k++)
            if (conf->users[k].user_id == id && (chat == id || chat == conf->users[k].chat_id))
                has = conf->users[k].role;
        enum authorise_result want = chat > 0 && chat != id ? AUTHORISE_IGNORE
                                     : has == ROLE_NONE     ? AUTHORISE_STRANGER
                                     : has >= needed        ? AUTHORISE_OK
                                                            : AUTHORISE_ROLE;
        const struct user *user = NULL;
        cr_assert_eq(decide(conf, &u, chat, needed, &user), want, "id %ld chat %ld", (long)id,
                     (long)chat);
    }
    mem_free(conf);
}

Test(authorise, who_joined_acts_in_the_private_chat_until_removed)
{
    struct conf *conf = stage_conf();
    struct users *u = xalloc(sizeof *u);
    struct users_board *board = users_board_new();
    struct authorise_people people = {.conf = conf, .joined = board, .now_ms = T0_MS};
    struct update m = stage_message(1, 5005, "/pause");
    struct user who;
    users_init(u);
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_VIEWER, &who), AUTHORISE_STRANGER);
    cr_assert(users_put(u, &(struct users_person){.id = 5005,
                                                  .role = ROLE_VIEWER,
                                                  .granted = ROLE_TRADER,
                                                  .granted_until_ms = T0_MS + 1000,
                                                  .lang = LANG_HINGLISH,
                                                  .name = "Ravi"}));
    users_board_show(board, u);
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_TRADER, &who), AUTHORISE_OK);
    cr_assert_str_eq(who.name, "Ravi");
    cr_assert_eq(who.lang, LANG_HINGLISH);
    people.now_ms = T0_MS + 1000;
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_TRADER, &who), AUTHORISE_ROLE,
                 "the grant ended");
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_VIEWER, &who), AUTHORISE_OK);
    m.chat_id = GROUP_ID;
    m.is_private = false;
    cr_assert_eq(authorise(&people, &m, GROUP_ID, ROLE_VIEWER, &who), AUTHORISE_STRANGER,
                 "in the private chat only");
    m = stage_message(1, 5005, "");
    m.kind = UPDATE_CALLBACK;
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_VIEWER, &who), AUTHORISE_OK);
    cr_assert(users_remove(u, 5005));
    users_board_show(board, u);
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_VIEWER, &who), AUTHORISE_STRANGER,
                 "buttons too, from the next look on");
    users_board_free(board);
    mem_free(u);
    mem_free(conf);
}

Test(authorise, who_only_hears_says_nothing_and_the_configuration_comes_first)
{
    struct conf *conf = stage_conf();
    struct users *u = xalloc(sizeof *u);
    struct users_board *board = users_board_new();
    struct authorise_people people = {.conf = conf, .joined = board, .now_ms = T0_MS};
    struct user who;
    users_init(u);
    cr_assert(users_put(u, &(struct users_person){.id = 5005, .lang = LANG_EN}));
    cr_assert(users_put(u, &(struct users_person){.id = -77, .lang = LANG_EN}));
    cr_assert(
        users_put(u, &(struct users_person){.id = VIEWER_ID, .role = ROLE_ADMIN, .lang = LANG_EN}));
    users_board_show(board, u);
    struct update m = stage_message(1, 5005, "/status");
    cr_assert_eq(authorise(&people, &m, 5005, ROLE_NONE, &who), AUTHORISE_STRANGER);
    m.chat_id = -77;
    m.is_private = false;
    cr_assert_eq(authorise(&people, &m, -77, ROLE_NONE, &who), AUTHORISE_STRANGER);
    m = stage_message(1, VIEWER_ID, "/pause");
    cr_assert_eq(authorise(&people, &m, VIEWER_ID, ROLE_TRADER, &who), AUTHORISE_ROLE);
    users_board_free(board);
    mem_free(u);
    mem_free(conf);
}
