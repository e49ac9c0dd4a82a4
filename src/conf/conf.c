/* Defaults, the user lookup and wiping: what others do with a loaded configuration. */
#include "conf/conf.h"

#include <stdio.h>
#include <string.h>
#include "conf/conf_table.h"
#include "core/alloc.h"
#include "core/hash.h"

void conf_defaults(struct conf *c)
{
    TR_ASSERT(c != NULL);
    memset(c, 0, sizeof *c);
    conf_section_defaults(&conf_sections[0], c);
    for (size_t i = 1; i < conf_section_count; i++) {
        const struct conf_section *s = &conf_sections[i];
        TR_ASSERT(s->size > 0);
        if (str_eq(s->path, "traders")) {
            conf_section_defaults(s, conf_element(s, c, 0));
            c->trader_count = 1;
        }
    }
    c->traders[0].start_balance_e8 = c->traders[0].paper.balance_e8;
}

const struct user *conf_user(const struct conf *c, int64_t user_id, int64_t chat_id)
{
    TR_ASSERT(c->user_count >= 0);
    TR_ASSERT(c->user_count <= CONF_USERS_MAX);
    if (user_id <= 0)
        return NULL;
    for (int i = 0; i < c->user_count; i++) {
        const struct user *u = &c->users[i];
        if (u->user_id == user_id)
            return chat_id == u->chat_id || chat_id == user_id ? u : NULL;
    }
    return NULL;
}

void conf_trader_dir(const struct conf *c, int index, char out[CONF_DIR_CAP])
{
    TR_ASSERT(index >= 0 && index < c->trader_count);
    int n = snprintf(out, CONF_DIR_CAP, "%s/traders/%s", c->data_dir, c->traders[index].id);
    TR_ASSERT(n > 0 && n < CONF_DIR_CAP);
}

void conf_wipe(struct conf *c)
{
    TR_ASSERT(c != NULL);
    hash_wipe(c, sizeof *c);
}
