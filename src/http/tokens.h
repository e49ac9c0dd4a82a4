/* http/tokens.h: tokens of the admin interface. Only their SHA-256 is kept (256 random bits need no
 * slow hash), in one small text file beside the databases, 0600, replaced as a whole. `trident
 * token` writes it, the daemon reads it again whenever it has changed, so that a revocation counts
 * from the next request on. Pure functions over values, but for tokens_read and tokens_write. */
#ifndef TRIDENT_HTTP_TOKENS_H
#define TRIDENT_HTTP_TOKENS_H

#include "core/buf.h"
#include "core/hash.h"

#define TOKENS_MAX      64
#define TOKEN_ID_CAP    9
#define TOKEN_NAME_CAP  24
#define TOKEN_TEXT_CAP  64 /* "trt_" id "_" 43 characters of base64url */
#define TOKEN_NEVER_MS  INT64_MAX
#define TOKENS_FILE_MAX (64 * 1024)

/* What the bearer may do; each includes the ones before it. */
enum token_scope {
    TOKEN_SCOPE_UNSET = 0,
    TOKEN_READ,  /* look */
    TOKEN_TRADE, /* also orders, pause, stop */
    TOKEN_ADMIN, /* also settings */
    TOKEN_SCOPE_COUNT
};
const char *token_scope_name(enum token_scope s); /* "read" "trade" "admin" */
bool token_scope_parse(const char *s, enum token_scope *ret);

struct token {
    char id[TOKEN_ID_CAP]; /* public: names the token in lists, logs and receipts */
    char name[TOKEN_NAME_CAP];
    enum token_scope scope;
    int64_t created_ms, expires_ms;
    int64_t revoked_ms; /* 0: it is not */
    uint8_t digest[HASH_SHA256_BYTES];
};

struct tokens {
    struct token items[TOKENS_MAX];
    size_t count;
};

enum token_verdict {
    TOKEN_UNKNOWN = 0,
    TOKEN_VALID,
    TOKEN_EXPIRED,
    TOKEN_REVOKED,
};

/* A missing file is an empty list. -EBADMSG: not a list of tokens; nothing is valid then. */
TR_MUST_USE int tokens_read(const char *path, struct tokens *ret);
/* The file belongs to the owner of its folder, also when root writes it. */
TR_MUST_USE int tokens_write(const char *path, const struct tokens *t);

/* Makes one and gives its text, which is not kept. False: full of living tokens. */
bool tokens_issue(struct tokens *t, const struct token *like, char out[TOKEN_TEXT_CAP]);
/* By its id; NULL: none. */
struct token *tokens_find(struct tokens *t, const char *id);
/* What a request brought. *ret: the token, also of an expired or revoked one. */
enum token_verdict tokens_check(const struct tokens *t, const char *presented, int64_t now_ms,
                                const struct token **ret);
enum token_verdict token_verdict_at(const struct token *t, int64_t now_ms);
/* How near its end is: what whoever runs the program is told once, of each. A life no longer than
 * the notice needs none; of what ended long ago nobody has to hear. */
enum token_stage {
    TOKEN_STAGE_NONE = 0,
    TOKEN_STAGE_WEEK, /* seven days, or less */
    TOKEN_STAGE_DAY,
    TOKEN_STAGE_ENDED,
    TOKEN_STAGE_COUNT
};
enum token_stage token_stage_at(const struct token *t, int64_t now_ms);
bool token_name_is_good(const char *name);

#endif
