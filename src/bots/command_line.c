#include "bots/command_line.h"

#include <string.h>

#include "core/alloc.h"

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Copies the rest of the line trimmed and with single blanks; false when it does not fit. */
static bool copy_args(const char *p, char out[COMMAND_ARGS_CAP])
{
    size_t n = 0;
    bool gap = false;
    for (; *p; p++) {
        if (is_blank(*p)) {
            gap = n > 0;
            continue;
        }
        size_t need = gap ? 2 : 1;
        if (n + need >= COMMAND_ARGS_CAP)
            return false;
        if (gap)
            out[n++] = ' ';
        out[n++] = *p;
        gap = false;
    }
    out[n] = '\0';
    TR_ASSERT(n < COMMAND_ARGS_CAP);
    return true;
}

enum command_line_result command_line_parse(const char *text, const char *username,
                                            struct command_line *ret)
{
    TR_ASSERT(text && username && ret);
    *ret = (struct command_line){0};
    while (*text && is_blank(*text))
        text++;
    if (*text != '/')
        return COMMAND_LINE_E_PLAIN;
    text++;
    size_t n = 0;
    while (is_name_char(text[n]) && n < COMMAND_NAME_CAP - 1) {
        ret->name[n] = to_lower(text[n]);
        n++;
    }
    ret->name[n] = '\0';
    text += n;
    if (n == 0 || is_name_char(*text))
        return COMMAND_LINE_E_MALFORMED;
    if (*text == '@') {
        char mention[65];
        size_t m = 0;
        for (text++; is_name_char(*text); text++)
            if (m < sizeof mention - 1)
                mention[m++] = *text;
        mention[m] = '\0';
        if (m == 0 || !str_ieq(mention, username))
            return COMMAND_LINE_E_OTHER_BOT;
        ret->is_addressed = true;
    }
    if (*text && !is_blank(*text))
        return COMMAND_LINE_E_MALFORMED;
    return copy_args(text, ret->args) ? COMMAND_LINE_OK : COMMAND_LINE_E_TOO_LONG;
}

const char *command_line_rest(const char *text)
{
    TR_ASSERT(text);
    while (*text && is_blank(*text))
        text++;
    while (*text && !is_blank(*text)) /* name and mention */
        text++;
    while (*text && is_blank(*text))
        text++;
    return text;
}

bool command_line_word(const char **args, char *out, size_t cap)
{
    TR_ASSERT(args && *args);
    TR_ASSERT(out && cap >= 2);
    const char *p = *args;
    while (*p == ' ')
        p++;
    size_t n = strcspn(p, " ");
    *args = p + n;
    if (n == 0)
        return false;
    if (n >= cap)
        (void)str_copy(out, cap, "?"); /* always fits: cap >= 2 */
    else {
        memcpy(out, p, n);
        out[n] = '\0';
    }
    return true;
}
