/* http/auth.c: who may use the control addresses.
 *
 * Through the Unix socket: the user the daemon runs as, and root; the kernel says who it is. Over
 * the port: a bearer token, the configured one, one of `trident token`, or the passphrase whose
 * Argon2id is configured, and with http.admin_client_cn the client certificate a trusted proxy has
 * checked. A source that brings wrong tokens is locked out, with right ones too, since otherwise
 * guessing could go on; the socket is never locked. A request without a token is no guess. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"
#include "http/api.h"

#define SUBJECT_CAP         512
#define TOKEN_PREFIX        "trt_"
#define PASSPHRASE_MAX      128
#define PASSPHRASE_EVERY_MS 10000

enum passphrase_verdict { PASSPHRASE_WRONG = 0, PASSPHRASE_RIGHT, PASSPHRASE_LATER };

static void caller_is(struct http_api *api, enum token_scope scope, const char *kind,
                      const char *name)
{
    api->caller.scope = scope;
    int n = snprintf(api->caller.name, sizeof(api->caller.name), "%s%s", kind, name);
    TR_ASSERT(n > 0); /* a long name is cut */
}

/* -- the file of tokens ------------------------------------------------------------------------ */

/* Reads it again when it is another one; what cannot be read holds no token. */
static void refresh_tokens(struct http_api *api)
{
    struct auth_tokens *a = &api->tokens;
    struct stat st = {0};
    if (api->opt.tokens_path == NULL)
        return;
    bool is_there = stat(api->opt.tokens_path, &st) == 0;
    if (is_there == a->is_there && st.st_ino == a->inode &&
        st.st_mtim.tv_sec == a->changed.tv_sec && st.st_mtim.tv_nsec == a->changed.tv_nsec)
        return;
    int r = tokens_read(api->opt.tokens_path, &a->list);
    if (r < 0) {
        a->list.count = 0;
        log_error("http", "tokens_unreadable file=%s error=\"%s\"", api->opt.tokens_path,
                  strerrordesc_np(-r));
    }
    a->is_there = is_there;
    a->inode = st.st_ino;
    a->changed = st.st_mtim;
}

/* -- certificates ------------------------------------------------------------------------------ */

bool auth_has_certificate(const struct http_api *api, const struct http_exchange *x, const char *cn)
{
    char peer[ACCESS_ADDRESS_CAP], verified[16], subject[SUBJECT_CAP], name[SUBJECT_CAP];
    if (cn[0] == '\0')
        return true;
    http_peer_address(x, peer, sizeof(peer));
    if (!access_rule_matches(api->trusted, api->trusted_count, peer))
        return false; /* anybody can write headers */
    return http_header_all(x, "X-SSL-Client-Verify", verified, sizeof(verified)) &&
           str_eq(verified, "SUCCESS") &&
           http_header_all(x, "X-SSL-Client-S-DN", subject, sizeof(subject)) &&
           access_common_name(subject, name, sizeof(name)) && hash_secret_equal(name, cn);
}

/* -- who is it --------------------------------------------------------------------------------- */

static bool refuse(struct http_api *api, struct http_exchange *x, const struct auth_wish *w,
                   const struct auth_refusal *why)
{
    char client[ACCESS_ADDRESS_CAP];
    (void)api_address_allowed(api, x, client); /* only for the log */
    log_warn("http", "control_refused route=%s reason=%s client=%s", api_route_name(w->route),
             why->code, client);
    api_refuse_code(api, x, w->route, why->status, why->code, why->text);
    return false;
}

static const struct auth_refusal refuse_peer = {403, "PEER_NOT_ALLOWED",
                                                "The socket is for the daemon's own user."};
static const struct auth_refusal refuse_certificate = {
    403, "CLIENT_CERT_WANTED", "A client certificate is wanted here besides the token."};
static const struct auth_refusal refuse_token = {401, "NOT_AUTHORISED",
                                                 "The admin token is missing or wrong."};
static const struct auth_refusal refuse_expired = {401, "TOKEN_EXPIRED",
                                                   "This token has expired or was revoked."};
static const struct auth_refusal refuse_locked = {
    429, "LOCKED_OUT", "Too many wrong tokens came from this address. Try later."};
static const struct auth_refusal refuse_later = {
    429, "TRY_LATER", "A passphrase is checked once in ten seconds. Try again then."};
static const struct auth_refusal refuse_scope = {403, "SCOPE_TOO_LOW",
                                                 "This token may not do that."};

/* -- the passphrase ---------------------------------------------------------------------------- */

static void digest(const struct auth_passphrase *p, const char *given,
                   uint8_t out[HASH_SHA256_BYTES])
{
    hash_hmac_sha256(p->key, sizeof(p->key), given, strlen(given), out);
}

static bool is_known_passphrase(const struct auth_passphrase *p, const char *given)
{
    uint8_t now[HASH_SHA256_BYTES];
    if (!p->is_known)
        return false;
    digest(p, given, now);
    return hash_equal(now, p->good, sizeof(now));
}

/* Guessing must not cost the server's thread: one in ten seconds is checked, of all sources
 * together; the one that is right is known from then on. */
static enum passphrase_verdict check_passphrase(struct http_api *api, const char *given,
                                                int64_t now_ms)
{
    struct auth_passphrase *p = &api->passphrase;
    const char *stored = api->opt.conf->http.admin_passphrase;
    if (stored[0] == '\0' || str_starts(given, TOKEN_PREFIX) || strlen(given) > PASSPHRASE_MAX)
        return PASSPHRASE_WRONG;
    if (is_known_passphrase(p, given))
        return PASSPHRASE_RIGHT;
    if (now_ms < p->next_ms)
        return PASSPHRASE_LATER;
    bool is_right = hash_passphrase_matches(stored, given);
    p->next_ms = clock_mono_us(api->opt.clock) / 1000 + PASSPHRASE_EVERY_MS;
    if (!is_right)
        return PASSPHRASE_WRONG;
    if (!p->has_key)
        hash_random(p->key, sizeof(p->key));
    p->has_key = true;
    digest(p, given, p->good);
    p->is_known = true;
    return PASSPHRASE_RIGHT;
}

static const struct auth_refusal *check_token(struct http_api *api, const char *given,
                                              const char *client, int64_t now_ms)
{
    const char *configured = api->opt.conf->http.admin_token;
    const struct token *t = NULL;
    if (configured[0] != '\0' && hash_secret_equal(given, configured)) {
        sources_succeeded(api->sources, client, now_ms);
        caller_is(api, TOKEN_ADMIN, "http", "");
        return NULL;
    }
    refresh_tokens(api);
    switch (tokens_check(&api->tokens.list, given, clock_wall_ms(api->opt.clock), &t)) {
    case TOKEN_VALID:
        sources_succeeded(api->sources, client, now_ms);
        caller_is(api, t->scope, "token:", t->name);
        return NULL;
    case TOKEN_EXPIRED:
    case TOKEN_REVOKED:
        return &refuse_expired; /* it was a right one: no guess */
    case TOKEN_UNKNOWN:
        break;
    }
    switch (check_passphrase(api, given, now_ms)) {
    case PASSPHRASE_RIGHT:
        sources_succeeded(api->sources, client, now_ms);
        caller_is(api, TOKEN_ADMIN, "http", "");
        return NULL;
    case PASSPHRASE_LATER:
        return &refuse_later; /* it may be right: no guess yet */
    case PASSPHRASE_WRONG:
        break;
    }
    int64_t locked_ms = sources_failed(api->sources, client, now_ms);
    if (locked_ms > 0)
        log_warn("http", "locked_out client=%s for_s=%lld", client, (long long)(locked_ms / 1000));
    return &refuse_token;
}

static const char *given_token(const struct http_exchange *x, bool token_in_query)
{
    const char *header = http_header(x, "Authorization");
    if (header != NULL && str_starts(header, "Bearer "))
        return header + strlen("Bearer ");
    return token_in_query && header == NULL ? http_query(x, "token") : NULL;
}

static const struct auth_refusal *identify(struct http_api *api, const struct http_exchange *x,
                                           bool token_in_query)
{
    unsigned uid;
    if (http_peer_uid(x, &uid)) {
        if (uid != (unsigned)geteuid() && uid != 0)
            return &refuse_peer;
        caller_is(api, TOKEN_ADMIN, "local", "");
        return NULL;
    }
    char client[ACCESS_ADDRESS_CAP];
    (void)api_address_allowed(api, x,
                              client); /* that list is for alerts; here it names the source */
    int64_t now_ms = clock_mono_us(api->opt.clock) / 1000;
    if (sources_locked_ms(api->sources, client, now_ms) > 0)
        return &refuse_locked;
    if (!auth_has_certificate(api, x, api->opt.conf->http.admin_client_cn))
        return &refuse_certificate;
    const char *given = given_token(x, token_in_query);
    return given == NULL ? &refuse_token : check_token(api, given, client, now_ms);
}

bool auth_admit(struct http_api *api, struct http_exchange *x, const struct auth_wish *w)
{
    TR_ASSERT(w->scope > TOKEN_SCOPE_UNSET && w->scope < TOKEN_SCOPE_COUNT);
    api->caller = (struct api_caller){0};
    const struct auth_refusal *why = identify(api, x, w->token_in_query);
    if (why == NULL && api->caller.scope < w->scope)
        why = &refuse_scope;
    if (why != NULL)
        return refuse(api, x, w, why);
    TR_ASSERT(api->caller.name[0] != '\0');
    return true;
}
