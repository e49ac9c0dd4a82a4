/* bots/button.c: see button.h for the format.
 *
 * Verification first checks the shape, then the signature in constant time, then the expiry, so
 * that a forged token never learns more than "not valid". User and chat are not in the data: they
 * come from the press itself, so a token copied by another person or into another chat does not
 * verify. */
#include "bots/button.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"

#define PREFIX          "a1:"
#define MENU_PREFIX     "m:"
#define SIGNATURE_BYTES 12
#define SIGNATURE_CHARS 16

static uint8_t button_key[BUTTON_KEY_BYTES];
static bool has_key;

void button_set_key(const uint8_t key[BUTTON_KEY_BYTES])
{
    TR_ASSERT(key);
    memcpy(button_key, key, BUTTON_KEY_BYTES);
    has_key = true;
}

int button_load_key(const char *data_dir)
{
    TR_ASSERT(data_dir);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/button.key", data_dir);
    uint8_t key[BUTTON_KEY_BYTES];
    if (!file_exists(path)) {
        hash_random(key, sizeof key);
        int r = file_write_atomic(path, key, sizeof key, 0600);
        if (r < 0)
            return err_trace(r);
    } else {
        TR_CLEANUP(buf_deinit) struct buf content = {0};
        buf_init(&content, BUTTON_KEY_BYTES + 1);
        int r = file_read(path, &content);
        if (r < 0)
            return err_trace(r);
        if (content.len != BUTTON_KEY_BYTES)
            return err_raise(-EBADMSG);
        memcpy(key, content.data, sizeof key);
        hash_wipe(content.data, content.len);
    }
    button_set_key(key);
    hash_wipe(key, sizeof key);
    return 0;
}

static char kind_char(enum button_kind kind)
{
    switch (kind) {
    case BUTTON_ACTION:
        return '=';
    case BUTTON_YES:
        return '!';
    case BUTTON_NO:
        return '~';
    case BUTTON_UNSET:
    case BUTTON_MENU:
    case BUTTON_KIND_COUNT:
        break;
    }
    return '\0';
}

static enum button_kind kind_of_char(char c)
{
    return c == '=' ? BUTTON_ACTION : c == '!' ? BUTTON_YES : c == '~' ? BUTTON_NO : BUTTON_UNSET;
}

static void signature(const char *payload, size_t len, int64_t user_id, int64_t chat_id,
                      char out[SIGNATURE_CHARS + 1])
{
    char text[BUTTON_DATA_CAP + 48];
    int n = snprintf(text, sizeof text, "%.*s|%lld|%lld", (int)len, payload, (long long)user_id,
                     (long long)chat_id);
    TR_ASSERT(n > 0 && (size_t)n < sizeof text);
    uint8_t mac[HASH_SHA256_BYTES];
    hash_hmac_sha256(button_key, sizeof button_key, text, (size_t)n, mac);
    hash_base64url(mac, SIGNATURE_BYTES, out, SIGNATURE_CHARS + 1);
}

static void base36(uint64_t v, char out[16])
{
    char reversed[16];
    size_t n = 0;
    do {
        reversed[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[v % 36];
        v /= 36;
    } while (v > 0 && n < sizeof reversed - 1);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

static bool is_token_text(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
            return false;
    return true;
}

void button_sign(const struct button *b, int64_t user_id, int64_t chat_id,
                 char out[BUTTON_DATA_CAP])
{
    TR_ASSERT(b && out);
    TR_ASSERT(b->name[0] && is_token_text(b->name, strlen(b->name)));
    if (b->kind == BUTTON_MENU) {
        int n = snprintf(out, BUTTON_DATA_CAP, MENU_PREFIX "%s%s%s", b->name, b->arg[0] ? " " : "",
                         b->arg);
        TR_ASSERT(n > 0 && n < BUTTON_DATA_CAP);
        return;
    }
    TR_ASSERT(kind_char(b->kind) != '\0');
    TR_ASSERT(is_token_text(b->arg, strlen(b->arg)));
    TR_ASSERT(b->expires_ms > 0);
    char expiry[16];
    base36((uint64_t)(b->expires_ms / 1000), expiry);
    int n = snprintf(out, BUTTON_DATA_CAP, PREFIX "%s%c%s.%s.", b->name, kind_char(b->kind), b->arg,
                     expiry);
    TR_ASSERT(n > 0 && n + SIGNATURE_CHARS < BUTTON_DATA_CAP);
    char sig[SIGNATURE_CHARS + 1];
    signature(out, (size_t)n, user_id, chat_id, sig);
    memcpy(out + n, sig, sizeof sig);
}

static enum button_result read_menu(const char *p, struct button *ret)
{
    size_t n = strcspn(p, " ");
    if (n == 0 || n >= sizeof ret->name || !is_token_text(p, n))
        return BUTTON_E_INVALID;
    memcpy(ret->name, p, n);
    ret->kind = BUTTON_MENU;
    p += n;
    if (*p == ' ')
        p++;
    for (const char *q = p; *q; q++)
        if ((unsigned char)*q < ' ' || (unsigned char)*q >= 0x7f)
            return BUTTON_E_INVALID;
    return str_copy(ret->arg, sizeof ret->arg, p) ? BUTTON_OK : BUTTON_E_INVALID;
}

/* "name<kind>arg.expiry." between the prefix and the signature. */
static bool read_payload(const char *p, size_t len, struct button *ret)
{
    size_t n = 0;
    while (n < len && is_token_text(p + n, 1))
        n++;
    if (n == 0 || n >= len || n >= sizeof ret->name)
        return false;
    ret->kind = kind_of_char(p[n]);
    if (ret->kind == BUTTON_UNSET)
        return false;
    memcpy(ret->name, p, n);
    ret->name[n] = '\0';
    const char *arg = p + n + 1;
    const char *dot = memchr(arg, '.', len - n - 1);
    if (!dot || !is_token_text(arg, (size_t)(dot - arg)))
        return false;
    memcpy(ret->arg, arg, (size_t)(dot - arg));
    ret->arg[dot - arg] = '\0';
    uint64_t seconds = 0;
    const char *e = dot + 1;
    for (; e < p + len && *e != '.'; e++) {
        if (!is_token_text(e, 1) || *e == '_' || e - dot > 10)
            return false;
        seconds = seconds * 36 + (uint64_t)(*e <= '9' ? *e - '0' : *e - 'a' + 10);
    }
    ret->expires_ms = (int64_t)seconds * 1000;
    return e == p + len - 1;
}

enum button_result button_verify(const char *data, int64_t user_id, int64_t chat_id, int64_t now_ms,
                                 struct button *ret)
{
    TR_ASSERT(data && ret);
    *ret = (struct button){0};
    size_t len = strnlen(data, BUTTON_DATA_CAP);
    if (len >= BUTTON_DATA_CAP)
        return BUTTON_E_INVALID;
    if (str_starts(data, MENU_PREFIX))
        return read_menu(data + strlen(MENU_PREFIX), ret);
    size_t prefix = strlen(PREFIX);
    if (!has_key || !str_starts(data, PREFIX) || len < prefix + SIGNATURE_CHARS + 4)
        return BUTTON_E_INVALID;
    size_t signed_len = len - SIGNATURE_CHARS;
    struct button b = {0};
    if (!read_payload(data + prefix, signed_len - prefix, &b))
        return BUTTON_E_INVALID;
    char sig[SIGNATURE_CHARS + 1];
    signature(data, signed_len, user_id, chat_id, sig);
    if (!hash_secret_equal(data + signed_len, sig))
        return BUTTON_E_INVALID;
    *ret = b;
    return now_ms > b.expires_ms ? BUTTON_E_EXPIRED : BUTTON_OK;
}
