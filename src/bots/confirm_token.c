#include "bots/confirm_token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

#define BASE         36
#define TRADER_TAGS  (BASE * BASE * BASE)
#define ID_DIGITS    10 /* 36^10 is below 2^63 */
#define ACTION_CHARS (TX_ACTION_TAG_CAP - 1)

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

void confirm_token_trader(const char *trader_id, char out[CONFIRM_TRADER_CAP])
{
    TR_ASSERT(trader_id && out);
    uint32_t tag = hash_crc32(trader_id, strlen(trader_id)) % TRADER_TAGS;
    for (int i = CONFIRM_TRADER_CAP - 2; i >= 0; i--, tag /= BASE)
        out[i] = digits[tag % BASE];
    out[CONFIRM_TRADER_CAP - 1] = '\0';
}

void confirm_token_write(const struct confirm_token *t, char out[BUTTON_ARG_CAP])
{
    TR_ASSERT(t->id > 0);
    TR_ASSERT(strlen(t->trader) == CONFIRM_TRADER_CAP - 1);
    char number[ID_DIGITS + 4];
    size_t at = sizeof number - 1;
    number[at] = '\0';
    for (uint64_t id = t->id; id > 0 && at > 0; id /= BASE)
        number[--at] = digits[id % BASE];
    int n = snprintf(out, BUTTON_ARG_CAP, "%s_%s%s%s%s", number + at, t->trader,
                     t->action[0] ? "_a" : "", t->action, t->has_code ? "_c" : "");
    TR_ASSERT(n > 0 && n < BUTTON_ARG_CAP);
}

static bool read_id(const char *p, size_t len, uint64_t *ret)
{
    uint64_t id = 0;
    if (len == 0 || len > ID_DIGITS)
        return false;
    for (size_t i = 0; i < len; i++) {
        const char *at = memchr(digits, p[i], BASE);
        if (!at)
            return false;
        id = id * BASE + (uint64_t)(at - digits);
    }
    *ret = id;
    return id > 0;
}

/* The next part after a '_'; false at the end or when it is too long. */
static bool next_part(const char **p, char *out, size_t cap)
{
    if (**p != '_')
        return false;
    size_t len = strcspn(*p + 1, "_");
    if (len >= cap)
        return false;
    memcpy(out, *p + 1, len);
    out[len] = '\0';
    *p += 1 + len;
    return true;
}

bool confirm_token_read(const char *arg, struct confirm_token *ret)
{
    TR_ASSERT(arg && ret);
    struct confirm_token t = {0};
    char part[8];
    size_t len = strcspn(arg, "_");
    const char *p = arg + len;
    if (!read_id(arg, len, &t.id) || !next_part(&p, part, sizeof part) ||
        strlen(part) != CONFIRM_TRADER_CAP - 1)
        return false;
    TR_ASSERT(str_copy(t.trader, sizeof t.trader, part));
    if (p[0] == '_' && p[1] == 'a') {
        if (!next_part(&p, part, sizeof part) || strlen(part) != 1 + ACTION_CHARS)
            return false;
        TR_ASSERT(str_copy(t.action, sizeof t.action, part + 1));
    }
    t.has_code = strcmp(p, "_c") == 0;
    if (!t.has_code && *p)
        return false;
    *ret = t;
    return true;
}

void confirm_token_args(const struct confirm_token *t, bool is_yes, char out[COMMAND_ARGS_CAP])
{
    TR_ASSERT(t->id > 0);
    (void)snprintf(out, COMMAND_ARGS_CAP, "%" PRIu64 "%s%s%s", t->id,
                   t->action[0] ? " approve " : "", t->action, is_yes ? "" : " no");
}
