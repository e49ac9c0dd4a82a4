#include "bots/person_arg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

static bool is_gap(char c)
{
    return c == ' ' || c == '_';
}

bool person_arg_cut_last(char *args, char *ret_word, size_t cap)
{
    TR_ASSERT(args && ret_word && cap > 0);
    size_t len = strlen(args);
    while (len > 0 && is_gap(args[len - 1]))
        len--;
    size_t end = len;
    while (len > 0 && !is_gap(args[len - 1]))
        len--;
    if (end == len || end - len >= cap)
        return false;
    memcpy(ret_word, args + len, end - len);
    ret_word[end - len] = '\0';
    while (len > 0 && is_gap(args[len - 1]))
        len--;
    args[len] = '\0';
    return true;
}

int64_t person_arg_number(const char *typed)
{
    int64_t n = 0;
    bool is_group = typed[0] == 'g';
    if (!str_to_i64(typed + is_group, &n))
        return 0;
    return is_group ? -n : n;
}

const struct users_person *person_arg_find(const struct engine_tx *tx, const char *typed)
{
    int64_t id = person_arg_number(typed);
    const struct users_person *p = id != 0 ? users_tx_find(tx, id) : NULL;
    return p ? p : users_tx_find_name(tx, typed);
}

void person_arg_button(int64_t id, char *out, size_t cap)
{
    int n = snprintf(out, cap, "%s%" PRId64, id < 0 ? "g" : "", id < 0 ? -id : id);
    TR_ASSERT(n > 0 && (size_t)n < cap);
}

enum reason person_arg_check(const struct conf *conf, const char *args, int words)
{
    char who[COMMAND_ARGS_CAP];
    char word[COMMAND_ARGS_CAP];
    TR_ASSERT(str_copy(who, sizeof who, args));
    for (int i = 0; i < words; i++)
        if (!person_arg_cut_last(who, word, sizeof word))
            return REASON_ARGUMENT_INVALID;
    if (!who[0])
        return REASON_ARGUMENT_INVALID;
    int64_t id = person_arg_number(who);
    for (int i = 0; i < conf->user_count; i++)
        if (conf->users[i].user_id == id || str_ieq(conf->users[i].name, who))
            return REASON_USER_CONFIGURED;
    return REASON_ACCEPTED;
}
