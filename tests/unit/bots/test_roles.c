/* Covers: TG-1, TG-2: distinct tokens, missing tokens, one token, legacy modes off, external,
 * adopted. */
#include "unit/bots/stage.h"

#include "bots/roles.h"

static struct conf *conf_with(const char *c, const char *n, const char *a, const char *l,
                              enum legacy_mode m)
{
    struct conf *conf = stage_conf();
    (void)str_copy(conf->telegram.bots[BOT_CONTROLLER].token, CONF_TOKEN_CAP, c);
    (void)str_copy(conf->telegram.bots[BOT_NOTIFICATION].token, CONF_TOKEN_CAP, n);
    (void)str_copy(conf->telegram.bots[BOT_ANALYTICS].token, CONF_TOKEN_CAP, a);
    (void)str_copy(conf->telegram.bots[BOT_LEGACY].token, CONF_TOKEN_CAP, l);
    conf->legacy.mode = m;
    return conf;
}

static struct roles_plan plan_of(const char *c, const char *n, const char *a, const char *l,
                                 enum legacy_mode m)
{
    struct roles_plan plan;
    struct conf *conf = conf_with(c, n, a, l, m);
    roles_plan(conf, &plan);
    mem_free(conf);
    return plan;
}

Test(roles, three_tokens_make_three_pollers)
{
    struct roles_plan p = plan_of("1:c", "2:n", "3:a", "", LEGACY_OFF);
    cr_assert_eq(p.count, 3);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(p.pollers[i].roles, ROLES_BIT(p.pollers[i].bot));
    cr_assert_not(p.is_single);
}

Test(roles, a_missing_bot_is_carried_by_the_controller)
{
    struct roles_plan p = plan_of("1:c", "2:n", "", "", LEGACY_OFF);
    cr_assert_eq(p.count, 2);
    cr_assert_eq(p.carrier[BOT_ANALYTICS], BOT_CONTROLLER);
    cr_assert_eq(p.pollers[0].roles, ROLES_BIT(BOT_CONTROLLER) | ROLES_BIT(BOT_ANALYTICS));
    cr_assert_eq(p.pollers[1].roles, ROLES_BIT(BOT_NOTIFICATION));
}

Test(roles, one_token_is_polled_once_in_all_roles)
{
    struct roles_plan p = plan_of("1:c", "1:c", "1:c", "", LEGACY_OFF);
    cr_assert_eq(p.count, 1);
    cr_assert_eq(p.pollers[0].bot, BOT_CONTROLLER);
    cr_assert_eq(p.pollers[0].roles, ROLES_THREE);
    cr_assert(p.is_single);
    p = plan_of("1:c", "", "", "", LEGACY_OFF);
    cr_assert_eq(p.pollers[0].roles, ROLES_THREE);
    cr_assert(p.is_single);
}

Test(roles, without_a_controller_the_first_bot_takes_its_place)
{
    struct roles_plan p = plan_of("", "2:n", "3:a", "", LEGACY_OFF);
    cr_assert_eq(p.count, 2);
    cr_assert_eq(p.carrier[BOT_CONTROLLER], BOT_NOTIFICATION);
    cr_assert_eq(p.carrier[BOT_ANALYTICS], BOT_ANALYTICS);
}

Test(roles, no_token_means_no_poller)
{
    struct roles_plan p = plan_of("", "", "", "", LEGACY_OFF);
    cr_assert_eq(p.count, 0);
    cr_assert_eq(p.carrier[BOT_CONTROLLER], BOT_UNSET);
}

Test(roles, legacy_is_polled_only_when_adopted)
{
    cr_assert_eq(plan_of("1:c", "2:n", "3:a", "9:l", LEGACY_OFF).count, 3);
    cr_assert_eq(plan_of("1:c", "2:n", "3:a", "9:l", LEGACY_EXTERNAL).count, 3);
    struct roles_plan p = plan_of("1:c", "2:n", "3:a", "9:l", LEGACY_ADOPTED);
    cr_assert_eq(p.count, 4);
    cr_assert_eq(p.carrier[BOT_LEGACY], BOT_LEGACY);
    cr_assert_eq(p.pollers[3].roles, ROLES_BIT(BOT_LEGACY));
}

Test(roles, an_adopted_token_shared_with_the_controller_is_polled_once)
{
    struct roles_plan p = plan_of("9:l", "2:n", "3:a", "9:l", LEGACY_ADOPTED);
    cr_assert_eq(p.count, 3);
    cr_assert_eq(p.carrier[BOT_LEGACY], BOT_CONTROLLER);
    cr_assert(p.pollers[0].roles & ROLES_BIT(BOT_LEGACY));
}

Test(roles, the_old_processes_token_is_never_polled_beside_it)
{
    struct roles_plan p = plan_of("9:l", "2:n", "3:a", "9:l", LEGACY_EXTERNAL);
    cr_assert(p.is_legacy_clash);
    cr_assert_eq(p.count, 2);
    for (int i = 0; i < p.count; i++)
        cr_assert_neq(p.pollers[i].bot, BOT_CONTROLLER);
}
