/* http/tokens.c: see tokens.h. A line of the file is id, scope, created, expires, revoked, digest
 * and name, separated by tabs. The id leads to the line; whether the rest of the text is right is
 * told by comparing digests in constant time. */
#include "http/tokens.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"

#define PREFIX       "trt_"
#define HEADING      "trident-tokens 1"
#define RANDOM_BYTES 32
#define ID_BYTES     4

static const char *const scope_names[TOKEN_SCOPE_COUNT] = {
    [TOKEN_READ] = "read", [TOKEN_TRADE] = "trade", [TOKEN_ADMIN] = "admin"};

const char *token_scope_name(enum token_scope s)
{
    TR_ASSERT(s > TOKEN_SCOPE_UNSET && s < TOKEN_SCOPE_COUNT);
    return scope_names[s];
}

bool token_scope_parse(const char *s, enum token_scope *ret)
{
    for (int i = TOKEN_READ; i < TOKEN_SCOPE_COUNT; i++) {
        if (str_eq(s, scope_names[i])) {
            *ret = (enum token_scope)i;
            return true;
        }
    }
    return false;
}

bool token_name_is_good(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return len > 0 && len < TOKEN_NAME_CAP && name[len] == '\0';
}

/* -- the file ---------------------------------------------------------------------------------- */

static bool digest_parse(const char *hex, uint8_t out[HASH_SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(hex) != (size_t)2 * HASH_SHA256_BYTES)
        return false;
    for (size_t i = 0; i < HASH_SHA256_BYTES; i++) {
        const char *high = strchr(digits, hex[2 * i]);
        const char *low = strchr(digits, hex[2 * i + 1]);
        if (high == NULL || low == NULL)
            return false;
        out[i] = (uint8_t)((high - digits) * 16 + (low - digits));
    }
    return true;
}

static bool line_parse(char *line, struct token *ret)
{
    const char *fields[7];
    size_t n = 0;
    for (char *f = strsep(&line, "\t"); f != NULL; f = strsep(&line, "\t")) {
        if (n == TR_ARRAY_SIZE(fields))
            return false;
        fields[n++] = f;
    }
    *ret = (struct token){0};
    return n == TR_ARRAY_SIZE(fields) && strlen(fields[0]) == TOKEN_ID_CAP - 1 &&
           str_copy(ret->id, sizeof(ret->id), fields[0]) &&
           token_scope_parse(fields[1], &ret->scope) && str_to_i64(fields[2], &ret->created_ms) &&
           str_to_i64(fields[3], &ret->expires_ms) && str_to_i64(fields[4], &ret->revoked_ms) &&
           digest_parse(fields[5], ret->digest) && token_name_is_good(fields[6]) &&
           str_copy(ret->name, sizeof(ret->name), fields[6]);
}

int tokens_read(const char *path, struct tokens *ret)
{
    TR_ASSERT(path != NULL && ret != NULL);
    struct buf content TR_CLEANUP(buf_deinit) = {0};
    ret->count = 0;
    buf_init(&content, TOKENS_FILE_MAX);
    int r = file_read(path, &content);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return err_trace(r);
    char *rest = content.data;
    char *line = strsep(&rest, "\n");
    if (!str_eq(line, HEADING))
        return err_raise(-EBADMSG);
    struct tokens *read TR_CLEANUP(mem_freep) = xalloc(sizeof(*read));
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (read->count == TOKENS_MAX || !line_parse(line, &read->items[read->count]))
            return err_raise(-EBADMSG);
        read->count++;
    }
    *ret = *read;
    return 0;
}

int tokens_write(const char *path, const struct tokens *t)
{
    TR_ASSERT(path != NULL && t->count <= TOKENS_MAX);
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, TOKENS_FILE_MAX);
    buf_puts(&b, HEADING "\n");
    for (size_t i = 0; i < t->count; i++) {
        const struct token *k = &t->items[i];
        char hex[HASH_HEX_CAP];
        hash_hex(k->digest, sizeof(k->digest), hex, sizeof(hex));
        buf_printf(&b, "%s\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\t%s\n", k->id,
                   token_scope_name(k->scope), k->created_ms, k->expires_ms, k->revoked_ms, hex,
                   k->name);
    }
    TR_ASSERT(!buf_failed(&b));
    return err_trace(file_write_atomic(path, b.data, b.len, 0600));
}

/* -- life of a token --------------------------------------------------------------------------- */

enum token_verdict token_verdict_at(const struct token *t, int64_t now_ms)
{
    TR_ASSERT(t != NULL && t->id[0] != '\0');
    if (t->revoked_ms != 0)
        return TOKEN_REVOKED;
    return now_ms >= t->expires_ms ? TOKEN_EXPIRED : TOKEN_VALID;
}

enum token_stage token_stage_at(const struct token *t, int64_t now_ms)
{
    static const int64_t day_ms = INT64_C(86400000);
    TR_ASSERT(t != NULL && t->id[0] != '\0');
    if (t->revoked_ms != 0 || t->expires_ms == TOKEN_NEVER_MS)
        return TOKEN_STAGE_NONE;
    if (t->expires_ms < 0 || t->created_ms < 0 || now_ms < 0)
        return TOKEN_STAGE_NONE; /* no file of ours */
    int64_t left_ms = t->expires_ms - now_ms, life_ms = t->expires_ms - t->created_ms;
    if (left_ms <= 0)
        return left_ms > -7 * day_ms ? TOKEN_STAGE_ENDED : TOKEN_STAGE_NONE;
    if (left_ms <= day_ms)
        return life_ms > day_ms ? TOKEN_STAGE_DAY : TOKEN_STAGE_NONE;
    return left_ms <= 7 * day_ms && life_ms > 7 * day_ms ? TOKEN_STAGE_WEEK : TOKEN_STAGE_NONE;
}

struct token *tokens_find(struct tokens *t, const char *id)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->items[i].id, id))
            return &t->items[i];
    return NULL;
}

/* A place for a new one: at the end, or where the longest dead stands. */
static struct token *place(struct tokens *t, int64_t now_ms)
{
    if (t->count < TOKENS_MAX)
        return &t->items[t->count++];
    struct token *oldest = NULL;
    for (size_t i = 0; i < t->count; i++)
        if (token_verdict_at(&t->items[i], now_ms) != TOKEN_VALID &&
            (oldest == NULL || t->items[i].created_ms < oldest->created_ms))
            oldest = &t->items[i];
    return oldest;
}

bool tokens_issue(struct tokens *t, const struct token *like, char out[TOKEN_TEXT_CAP])
{
    TR_ASSERT(like->scope > TOKEN_SCOPE_UNSET && like->scope < TOKEN_SCOPE_COUNT);
    TR_ASSERT(token_name_is_good(like->name) && like->expires_ms > like->created_ms);
    struct token k = *like;
    uint8_t random[RANDOM_BYTES], id[ID_BYTES];
    char secret[TOKEN_TEXT_CAP];
    do {
        hash_random(id, sizeof(id));
        hash_hex(id, sizeof(id), k.id, sizeof(k.id));
    } while (tokens_find(t, k.id) != NULL);
    struct token *at = place(t, like->created_ms);
    if (at == NULL)
        return false;
    hash_random(random, sizeof(random));
    hash_base64url(random, sizeof(random), secret, sizeof(secret));
    int n = snprintf(out, TOKEN_TEXT_CAP, PREFIX "%s_%s", k.id, secret);
    TR_ASSERT(n > 0 && n < TOKEN_TEXT_CAP);
    hash_sha256(out, (size_t)n, k.digest);
    k.revoked_ms = 0;
    *at = k;
    hash_wipe(random, sizeof(random));
    hash_wipe(secret, sizeof(secret));
    return true;
}

enum token_verdict tokens_check(const struct tokens *t, const char *presented, int64_t now_ms,
                                const struct token **ret)
{
    TR_ASSERT(t != NULL && presented != NULL && ret != NULL);
    size_t len = strlen(presented);
    char id[TOKEN_ID_CAP] = "";
    if (!str_starts(presented, PREFIX) || len >= TOKEN_TEXT_CAP ||
        len < strlen(PREFIX) + TOKEN_ID_CAP)
        return TOKEN_UNKNOWN;
    memcpy(id, presented + strlen(PREFIX), TOKEN_ID_CAP - 1);
    uint8_t digest[HASH_SHA256_BYTES];
    hash_sha256(presented, len, digest);
    for (size_t i = 0; i < t->count; i++) {
        if (!str_eq(t->items[i].id, id) || !hash_equal(t->items[i].digest, digest, sizeof(digest)))
            continue;
        *ret = &t->items[i];
        return token_verdict_at(&t->items[i], now_ms);
    }
    return TOKEN_UNKNOWN;
}
