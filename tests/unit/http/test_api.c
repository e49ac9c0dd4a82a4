/* Covers the room from end to end with a real engine, journal and sockets: the webhook's answers
 * (accepted, closed, duplicate, unreadable, wrong secret in each place, unknown trader, allow list,
 * body limit), emergency stop, what-if decisions, command API with confirmation, pause and resume,
 * tokens and their scopes, lock-out, client certificates, the Unix socket, the replay window, the
 * limit by source, 404, 405, health, status, metrics, live events with resume, and the stop. */
#include <ftw.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/un.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "http/http.h"
#include "http/live.h"
#include "http/sources.h"
#include "http/tokens.h"
#include "net/http_server.h"
#include "unit/engine/harness.h"
#include "unit/net/net_support.h"

#define SECRET "s3cret-of-the-test"
#define TOKEN  "admin-token-of-the-test"
#define ENTRY                                                                                      \
    "{\"type\":\"entry_v3\",\"signal_type\":\"Institutional_Launchpad\",\"symbol\":\"XAUUSD\","    \
    "\"direction\":\"buy\",\"tf\":\"15\",\"price\":2650.0,\"consensus_score\":8,\"sl_price\":"     \
    "2640.0}"

struct fake_broker {
    struct broker base;
    int requests;
};

static int fb_submit(struct broker *b, const struct broker_request *r)
{
    (void)r;
    ((struct fake_broker *)b)->requests++;
    return BROKER_ACCEPTED;
}

static bool fb_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    *ret = (struct quote){PRICE(265000), PRICE(265020), T0_MS};
    return strcmp(symbol, "XAUUSD") == 0;
}

static bool fb_is_up(struct broker *b)
{
    (void)b;
    return true;
}

static const struct broker_ops fake_broker_ops = {
    .name = "fake", .submit = fb_submit, .quote = fb_quote, .is_up = fb_is_up};

static char dir[64], journal_path[128], socket_path[128], tokens_path[128];
static struct fake_broker broker;
static struct engine *engine;
static struct http_api *api;
static struct conf *conf;

static size_t bot_status(void *ctx, struct http_bot_status out[BOT_COUNT])
{
    (void)ctx;
    out[0] = (struct http_bot_status){.name = "controller", .up = true};
    return 1;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-http-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(journal_path, sizeof journal_path, "%s/journal.db", dir);
    broker = (struct fake_broker){.base.ops = &fake_broker_ops};
    api = http_api_new();
    struct engine_options opt = {
        .trader_id = "main",
        .dir = dir,
        .clock = clock_real(),
        .broker = &broker.base,
        .plugins = {&fake_plugin},
        .plugin_count = 1,
        .commands = harness_commands,
        .command_count = TR_ARRAY_SIZE(harness_commands),
        .rules = {.start_balance_e8 = 10000 * DEC_ONE, .utc_offset_min = 330},
        .wakes = {{http_api_on_commit, api}},
        .wake_count = 1};
    cr_assert_eq(engine_open(&opt, &engine), 0);
    cr_assert_eq(engine_start(engine), 0);
    static const enum broker_event_kind up[] = {BROKER_EVENT_LINK_UP, BROKER_EVENT_SNAPSHOT_BEGIN,
                                                BROKER_EVENT_SNAPSHOT_END};
    for (size_t i = 0; i < TR_ARRAY_SIZE(up); i++) {
        struct input *in = input_new(INPUT_BROKER);
        in->broker.kind = up[i];
        cr_assert_eq(engine_post(engine, in), ENGINE_OK);
    }
    struct engine_stats s = {.entries_halted = true};
    for (int i = 0; s.entries_halted && i < 500; i++) {
        engine_get_stats(engine, &s);
        poll(NULL, 0, 2);
    }
    cr_assert_not(s.entries_halted);
    conf = xalloc(sizeof *conf);
    (void)strcpy(conf->http.listen, "127.0.0.1");
    (void)strcpy(conf->http.webhook_secret, SECRET);
    (void)strcpy(conf->http.admin_token, TOKEN);
    conf->http.max_body_bytes = 16384;
    conf->http.max_connections = 200;
    (void)snprintf(socket_path, sizeof socket_path, "%s/" HTTP_SOCKET_FILE, dir);
    (void)snprintf(tokens_path, sizeof tokens_path, "%s/" HTTP_TOKENS_FILE, dir);
}

static void start(void)
{
    struct http_api_options o = {.conf = conf,
                                 .clock = clock_real(),
                                 .traders = {{engine, journal_path}},
                                 .trader_count = 1,
                                 .bots = bot_status,
                                 .version = "0.1.0-test",
                                 .listen_fd = -1,
                                 .tokens_path = tokens_path};
    cr_assert_eq(http_listen_local(socket_path, &o.local_fd), 0);
    cr_assert_eq(http_api_start(api, &o), 0);
}

static void teardown(void)
{
    http_api_stop(api);
    engine_stop(engine);
    engine = engine_free(engine);
    api = http_api_free(api);
    conf = mem_free(conf);
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(api, .init = setup, .fini = teardown, .timeout = 30);

static char answer[65536];

/* One request on its own connection; the status. answer holds everything. */
static int ask_on(int fd, const char *method, const char *target, const char *headers,
                  const char *body)
{
    char request[20000];
    int n = snprintf(
        request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", method,
        target, headers, strlen(body), body);
    raw_send(fd, request, (size_t)n);
    (void)raw_read_until(fd, answer, sizeof answer, NULL, 3000);
    close(fd);
    int status = 0;
    (void)sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static int ask(const char *method, const char *target, const char *headers, const char *body)
{
    return ask_on(raw_connect(http_api_port(api)), method, target, headers, body);
}

static int ask_local(const char *method, const char *target, const char *headers, const char *body)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    cr_assert(str_copy(a.sun_path, sizeof a.sun_path, socket_path));
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return ask_on(fd, method, target, headers, body);
}

static const char *field(const char *name)
{
    static char value[512];
    const char *body = strstr(answer, "\r\n\r\n");
    cr_assert_not_null(body);
    struct json_object *root = json_tokener_parse(body + 4);
    cr_assert_not_null(root, "%s", answer);
    struct json_object *o;
    (void)str_copy(value, sizeof value,
                   json_object_object_get_ex(root, name, &o) ? json_object_get_string(o)
                                                             : "(absent)");
    json_object_put(root);
    return value;
}

#define KEY   "X-Webhook-Secret: " SECRET "\r\n"
#define ADMIN "Authorization: Bearer " TOKEN "\r\n"

Test(api, a_signal_is_answered_with_its_decision_after_the_commit)
{
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 200, "%s", answer);
    cr_assert_str_eq(field("status"), "accepted", "%s", answer);
    cr_assert_str_eq(field("trader"), "main");
    struct engine_stats s;
    engine_get_stats(engine, &s);
    cr_assert_eq((uint64_t)atoll(field("receipt")), s.committed_seq);
    cr_assert_not_null(strstr(field("decision"), "orders"));
    cr_assert_not_null(strstr(answer, "X-Content-Type-Options: nosniff"));
    cr_assert_not_null(strstr(answer, "Cache-Control: no-store"));
}

Test(api, the_secret_is_accepted_in_each_place_and_nowhere_wrong)
{
    start();
    cr_assert_eq(ask("POST", "/webhook/" SECRET, "", ENTRY), 200);
    cr_assert_eq(ask("POST", "/webhook/" SECRET "/main", "", ENTRY), 200);
    cr_assert_eq(ask("POST", "/webhook/v3?secret=" SECRET, "", ENTRY), 200);
    cr_assert_eq(ask("POST", "/webhook/main", KEY, ENTRY), 200);
    char with_secret[1024];
    (void)snprintf(with_secret, sizeof with_secret, "{\"secret\":\"%s\",%s", SECRET, &ENTRY[1]);
    cr_assert_eq(ask("POST", "/webhook", "", with_secret), 200);
    struct engine_stats before, after;
    engine_get_stats(engine, &before);
    cr_assert_eq(ask("POST", "/webhook", "", ENTRY), 401);
    cr_assert_eq(ask("POST", "/webhook/wrong", "", ENTRY), 401);
    cr_assert_eq(ask("POST", "/webhook?secret=wrong", "", ENTRY), 401);
    cr_assert_eq(ask("POST", "/webhook", "X-Webhook-Secret: wrong\r\n", ENTRY), 401);
    cr_assert_eq(ask("POST", "/webhook/" SECRET "/nobody", "", ENTRY), 404);
    cr_assert_eq(ask("POST", "/webhook/nobody", KEY, ENTRY), 404);
    engine_get_stats(engine, &after);
    cr_assert_eq(before.committed_seq, after.committed_seq);
}

Test(api, a_secret_in_a_wrong_field_is_not_repeated)
{
    log_add_secret(SECRET);
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY,
                     "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\","
                     "\"direction\":\"" SECRET "\"}"),
                 400, "%s", answer);
    cr_assert_str_eq(field("field"), "direction");
    cr_assert_null(strstr(answer, SECRET), "%s", answer);
}

Test(api, no_secret_means_closed_unless_opened)
{
    conf->http.webhook_secret[0] = '\0';
    start();
    cr_assert_eq(ask("POST", "/webhook", "", ENTRY), 401);
    conf->http.allow_open = true;
    cr_assert_eq(ask("POST", "/webhook", "", ENTRY), 200);
    conf->http.admin_token[0] = '\0';
    cr_assert_eq(ask("POST", "/emergency_stop", "", ""), 401);
}

Test(api, an_idempotency_key_makes_a_repeat_a_duplicate)
{
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY "Idempotency-Key: k-1\r\n", ENTRY), 200);
    char first[64];
    (void)str_copy(first, sizeof first, field("receipt"));
    cr_assert_eq(ask("POST", "/webhook", KEY "Idempotency-Key: k-1\r\n", ENTRY), 200);
    cr_assert_str_eq(field("status"), "duplicate");
    cr_assert_str_eq(field("receipt"), first);
}

Test(api, an_idempotency_key_for_another_alert_is_refused_and_told)
{
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY "Idempotency-Key: k-2\r\n", ENTRY), 200);
    char first[64];
    struct engine_stats before, after;
    (void)str_copy(first, sizeof first, field("receipt"));
    engine_get_stats(engine, &before);
    cr_assert_eq(ask("POST", "/webhook", KEY "Idempotency-Key: k-2\r\n", ENTRY " "), 422);
    cr_assert_str_eq(field("status"), "refused");
    cr_assert_str_eq(field("reason"), "IDEMPOTENCY_KEY_REUSED");
    cr_assert_str_eq(field("receipt"), first);
    cr_assert_eq(ask("POST", "/webhook", KEY "Idempotency-Key: k-2\r\n", ENTRY), 200);
    cr_assert_str_eq(field("status"), "duplicate");
    engine_get_stats(engine, &after);
    cr_assert_eq(after.signals_refused, before.signals_refused + 1, "people hear of it");
}

Test(api, an_unreadable_body_is_refused_with_its_field_and_journaled)
{
    start();
    struct engine_stats before, after;
    engine_get_stats(engine, &before);
    cr_assert_eq(
        ask("POST", "/webhook", KEY, "{\"type\":\"entry_v3\",\"signal_type\":\"Unheard_Of\"}"), 400,
        "%s", answer);
    cr_assert_str_eq(field("status"), "refused");
    cr_assert_str_neq(field("field"), "(absent)");
    cr_assert_str_neq(field("receipt"), "(absent)");
    cr_assert_eq(ask("POST", "/webhook", KEY, ""), 400);
    cr_assert_eq(ask("POST", "/webhook", KEY, "hello"), 400);
    engine_get_stats(engine, &after);
    cr_assert_eq(after.committed_seq, before.committed_seq + 3);
}

Test(api, the_symbol_may_come_from_the_address)
{
    start();
    char body[1024] = ENTRY;
    memcpy(strstr(body, "XAUUSD"), "      ", 6);
    cr_assert_eq(ask("POST", "/webhook?symbol=XAUUSD", KEY, body), 200, "%s", answer);
    cr_assert_str_eq(field("status"), "accepted");
    cr_assert_eq(ask("POST", "/webhook?ticker=OANDA:XAUUSD", KEY, body), 200, "%s", answer);
}

Test(api, the_allow_list_looks_through_trusted_proxies_only)
{
    (void)strcpy(conf->http.allow[0], "52.89.214.238");
    conf->http.allow_count = 1;
    (void)strcpy(conf->http.trusted_proxies[0], "127.0.0.1");
    conf->http.trusted_proxy_count = 1;
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 403);
    cr_assert_eq(ask("POST", "/webhook", KEY "X-Forwarded-For: 52.89.214.238\r\n", ENTRY), 200);
    cr_assert_eq(ask("POST", "/webhook", KEY "X-Forwarded-For: 52.89.214.238, 6.6.6.6\r\n", ENTRY),
                 403);
    cr_assert_eq(ask("POST", "/webhook",
                     KEY "X-Forwarded-For: 52.89.214.238\r\nX-Forwarded-For: 6.6.6.6\r\n", ENTRY),
                 403);
}

Test(api, wrong_addresses_and_methods_are_said_so)
{
    start();
    cr_assert_eq(ask("GET", "/nothing", "", ""), 404);
    cr_assert_str_eq(field("reason"), "NOT_FOUND");
    cr_assert_eq(ask("GET", "/webhook", "", ""), 405);
    cr_assert_not_null(strstr(answer, "Allow: POST"));
    cr_assert_eq(ask("POST", "/health", "", ""), 405);
    cr_assert_not_null(strstr(answer, "Allow: GET, HEAD"));
    cr_assert_eq(ask("GET", "/webhooks", "", ""), 404);
    cr_assert_eq(ask("GET", "/", "", ""), 200);
    cr_assert_not_null(strstr(answer, "text/html"));
    char big[17000];
    memset(big, ' ', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    cr_assert_eq(ask("POST", "/webhook", KEY, big), 413);
}

Test(api, emergency_stop_needs_the_token_and_panics_the_engine)
{
    start();
    cr_assert_eq(ask("POST", "/emergency_stop", "", ""), 401);
    cr_assert_eq(ask("POST", "/emergency_stop", "Authorization: Bearer nope\r\n", ""), 401);
    cr_assert_eq(ask("POST", "/emergency_stop", ADMIN, ""), 200, "%s", answer);
    cr_assert_str_eq(field("status"), "stopped");
    struct engine_stats s;
    engine_get_stats(engine, &s);
    cr_assert(s.panicked);
    cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 200);
    cr_assert_str_eq(field("status"), "refused");
    cr_assert_str_eq(field("reason"), "PANIC", "%s", answer);
}

Test(api, the_webhook_secret_is_no_admin_not_even_from_here)
{
    conf->http.admin_token[0] = '\0';
    start();
    cr_assert_eq(ask("POST", "/emergency_stop", "", ""), 401);
    cr_assert_eq(ask("POST", "/emergency_stop", KEY, ""), 401);
    cr_assert_eq(ask("POST", "/emergency_stop", "Authorization: Bearer \r\n", ""), 401);
    cr_assert_eq(ask("POST", "/emergency_stop", "Authorization: Bearer " SECRET "\r\n", ""), 401);
}

Test(api, the_unix_socket_is_for_our_own_user_without_a_token)
{
    start();
    cr_assert_eq(ask_local("POST", "/pause", "", ""), 200, "%s", answer);
    cr_assert_str_eq(field("status"), "accepted");
    cr_assert_eq(ask_local("POST", "/resume", "", ""), 200);
    cr_assert_eq(ask_local("GET", "/health", "", ""), 200);
    /* Alerts want their secret there too. */
    cr_assert_eq(ask_local("POST", "/webhook", "", ENTRY), 401);
}

/* A token of that scope in the file; its header. */
static const char *bearer_of(enum token_scope scope, int64_t created_ms, int64_t expires_ms)
{
    static char header[128];
    char text[TOKEN_TEXT_CAP];
    struct tokens *t TR_CLEANUP(mem_freep) = xalloc(sizeof *t);
    cr_assert_eq(tokens_read(tokens_path, t), 0);
    struct token like = {.name = "t1", .scope = scope};
    like.created_ms = created_ms;
    like.expires_ms = expires_ms;
    cr_assert(tokens_issue(t, &like, text));
    cr_assert_eq(tokens_write(tokens_path, t), 0);
    (void)snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", text);
    return header;
}

Test(api, every_guarded_address_asks_for_its_scope)
{
    static const struct {
        const char *method, *path;
        enum token_scope needs;
        int status; /* when let in, with an empty body */
    } table[] = {
        {"POST", "/emergency_stop", TOKEN_TRADE, 200},
        {"POST", "/pause", TOKEN_TRADE, 200},
        {"POST", "/resume", TOKEN_TRADE, 200},
        {"POST", "/legacy/decision", TOKEN_TRADE, 400},
        {"POST", "/api/v1/decide", TOKEN_READ, 404}, /* no trader is configured here */
        {"POST", "/api/v1/command", TOKEN_READ, 400},
    };
    start();
    int64_t now = clock_wall_ms(clock_real());
    for (int scope = TOKEN_READ; scope < TOKEN_SCOPE_COUNT; scope++) {
        const char *bearer = bearer_of((enum token_scope)scope, now, now + 60000);
        for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
            int status = ask(table[i].method, table[i].path, bearer, "");
            if (scope >= (int)table[i].needs) {
                cr_assert_eq(status, table[i].status, "%d %s: %s", scope, table[i].path, answer);
            } else {
                cr_assert_eq(status, 403, "%d %s: %s", scope, table[i].path, answer);
                cr_assert_str_eq(field("reason"), "SCOPE_TOO_LOW");
            }
            cr_assert_eq(ask(table[i].method, table[i].path, "", ""), 401);
        }
    }
}

Test(api, the_engine_compares_a_commands_role_with_the_token)
{
    start();
    int64_t now = clock_wall_ms(clock_real());
    const char *bearer = bearer_of(TOKEN_READ, now, now + 60000);
    cr_assert_eq(ask("POST", "/api/v1/command", bearer, "{\"command\":\"pause\"}"), 403, "%s",
                 answer);
    cr_assert_str_eq(field("reason"), "ROLE_TOO_LOW");
    bearer = bearer_of(TOKEN_ADMIN, now, now + 60000);
    cr_assert_eq(ask("POST", "/api/v1/command", bearer, "{\"command\":\"pause\"}"), 200);
}

Test(api, revoked_expired_and_damaged_tokens_count_at_once)
{
    start();
    int64_t now = clock_wall_ms(clock_real());
    cr_assert_eq(ask("POST", "/pause", bearer_of(TOKEN_TRADE, now - 9000, now - 1), ""), 401);
    cr_assert_str_eq(field("reason"), "TOKEN_EXPIRED");
    char good[128];
    (void)str_copy(good, sizeof good, bearer_of(TOKEN_TRADE, now, now + 60000));
    cr_assert_eq(ask("POST", "/pause", good, ""), 200);
    struct tokens *t TR_CLEANUP(mem_freep) = xalloc(sizeof *t);
    cr_assert_eq(tokens_read(tokens_path, t), 0);
    cr_assert_eq(t->count, 2);
    t->items[1].revoked_ms = now;
    cr_assert_eq(tokens_write(tokens_path, t), 0);
    cr_assert_eq(ask("POST", "/resume", good, ""), 401);
    cr_assert_str_eq(field("reason"), "TOKEN_EXPIRED");
    t->items[1].revoked_ms = 0;
    cr_assert_eq(tokens_write(tokens_path, t), 0);
    cr_assert_eq(ask("POST", "/resume", good, ""), 200);
    cr_assert_eq(file_write_atomic(tokens_path, "damaged", 7, 0600), 0);
    cr_assert_eq(ask("POST", "/pause", good, ""), 401, "a list that cannot be read opens nothing");
    cr_assert_eq(ask("POST", "/pause", ADMIN, ""), 200, "the configured one does not stand in it");
}

static int ask_from(const char *client, const char *more)
{
    char headers[512];
    (void)snprintf(headers, sizeof headers, "X-Forwarded-For: %s\r\n%s", client, more);
    return ask("POST", "/resume", headers, "");
}

Test(api, wrong_tokens_lock_their_source_out_and_nobody_else)
{
    (void)strcpy(conf->http.trusted_proxies[0], "127.0.0.1");
    conf->http.trusted_proxy_count = 1;
    start();
    for (int i = 0; i < SOURCES_FAILURES_MAX + 3; i++)
        cr_assert_eq(ask_from("2001:db8::1", ""), 401, "no token is no guess");
    for (int i = 0; i < SOURCES_FAILURES_MAX; i++) {
        char guess[128], client[64];
        (void)snprintf(guess, sizeof guess, "Authorization: Bearer guess-%d\r\n", i);
        (void)snprintf(client, sizeof client, "2001:db8::%d", i + 1); /* one /64 */
        cr_assert_eq(ask_from(client, guess), 401, "%d: %s", i, answer);
    }
    cr_assert_eq(ask_from("2001:db8::99", ADMIN), 429, "%s", answer);
    cr_assert_str_eq(field("reason"), "LOCKED_OUT");
    cr_assert_eq(ask_from("2001:db8:0:1::1", ADMIN), 200, "another /64");
    cr_assert_eq(ask_from("192.0.2.1", ADMIN), 200);
    cr_assert_eq(ask("POST", "/resume", ADMIN, ""), 200);
    cr_assert_eq(ask_local("POST", "/resume", "", ""), 200);
}

#define CERT(cn) "X-SSL-Client-Verify: SUCCESS\r\nX-SSL-Client-S-DN: O=Us\\, Inc.,CN=" cn "\r\n"

Test(api, a_client_certificate_is_believed_from_nobody_but_a_trusted_proxy)
{
    (void)strcpy(conf->http.admin_client_cn, "desk");
    (void)strcpy(conf->http.webhook_client_cn, "TradingView Webhooks");
    start();
    cr_assert_eq(ask("POST", "/resume", ADMIN CERT("desk"), ""), 403, "not a proxy we trust");
    cr_assert_str_eq(field("reason"), "CLIENT_CERT_WANTED");
    cr_assert_eq(ask("POST", "/webhook", KEY CERT("TradingView Webhooks"), ENTRY), 403);
    cr_assert_str_eq(field("reason"), "CLIENT_CERT_WANTED");
    cr_assert_eq(ask_local("POST", "/resume", "", ""), 200, "the socket needs none");
}

Test(api, a_client_certificate_is_wanted_besides_token_and_secret)
{
    (void)strcpy(conf->http.admin_client_cn, "desk");
    (void)strcpy(conf->http.webhook_client_cn, "TradingView Webhooks");
    (void)strcpy(conf->http.trusted_proxies[0], "127.0.0.1");
    conf->http.trusted_proxy_count = 1;
    start();
    cr_assert_eq(ask("POST", "/resume", ADMIN CERT("desk"), ""), 200, "%s", answer);
    cr_assert_eq(ask("POST", "/resume", CERT("desk"), ""), 401, "the token as well");
    cr_assert_eq(ask("POST", "/resume", ADMIN CERT("desk2"), ""), 403);
    cr_assert_eq(ask("POST", "/resume", ADMIN CERT("desk") CERT("desk"), ""), 403, "twice");
    cr_assert_eq(ask("POST", "/resume", ADMIN, ""), 403);
    cr_assert_eq(ask("POST", "/resume",
                     ADMIN "X-SSL-Client-Verify: FAILED\r\nX-SSL-Client-S-DN: CN=desk\r\n", ""),
                 403);
    cr_assert_eq(ask("POST", "/webhook", KEY CERT("TradingView Webhooks"), ENTRY), 200);
    cr_assert_eq(ask("POST", "/webhook", KEY CERT("desk"), ENTRY), 403);
    cr_assert_eq(ask("POST", "/webhook", CERT("TradingView Webhooks"), ENTRY), 401);
}

Test(api, an_alert_says_when_it_was_sent_and_counts_once_around_then)
{
    char body[1024], when[CLOCK_TEXT_CAP];
    conf->http.replay_window_s = 30;
    start();
    int64_t now = clock_wall_ms(clock_real());
    static const struct {
        int64_t away_ms;
        int status;
    } table[] = {{0, 200}, {-25000, 200}, {-31000, 400}, {25000, 200}, {36000, 400}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        clock_format_rfc3339(now + table[i].away_ms, when);
        (void)snprintf(body, sizeof body, "{\"timenow\":\"%s\",%s", when, &ENTRY[1]);
        cr_assert_eq(ask("POST", "/webhook", KEY, body), table[i].status, "%zu: %s", i, answer);
        if (table[i].status == 400) {
            cr_assert_str_eq(field("reason"), "STALE");
            cr_assert_str_eq(field("field"), "timenow");
            continue;
        }
        cr_assert_eq(ask("POST", "/webhook", KEY, body), 200);
        cr_assert_str_eq(field("status"), "duplicate", "the same bytes: %s", answer);
    }
    (void)snprintf(body, sizeof body, "{\"timestamp\":%lld,%s", (long long)now / 1000, &ENTRY[1]);
    cr_assert_eq(ask("POST", "/webhook", KEY, body), 200, "%s", answer);
    (void)snprintf(body, sizeof body, "{\"timestamp\":%lld,%s", (long long)now - 40000, &ENTRY[1]);
    cr_assert_eq(ask("POST", "/webhook", KEY, body), 400, "milliseconds: %s", answer);
    (void)snprintf(body, sizeof body, "{\"timenow\":\"yesterday\",%s", &ENTRY[1]);
    cr_assert_eq(ask("POST", "/webhook", KEY, body), 400);
    cr_assert_str_eq(field("reason"), "FIELD_INVALID");
    (void)snprintf(body, sizeof body, "{\"timenow\":\"{{timenow}}\",%s", &ENTRY[1]);
    cr_assert_eq(ask("POST", "/webhook", KEY, body), 200, "a placeholder says nothing");
    cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 200, "nor does an alert without");
}

Test(api, alerts_of_one_source_are_limited)
{
    (void)strcpy(conf->http.trusted_proxies[0], "127.0.0.1");
    conf->http.trusted_proxy_count = 1;
    conf->http.webhook_per_source_per_s = 2;
    start();
    int taken = 0;
    for (int i = 0; i < 8; i++)
        taken += ask("POST", "/webhook", "X-Forwarded-For: 192.0.2.7\r\n" KEY, ENTRY) == 200;
    cr_assert_geq(taken, 4, "%d", taken); /* the burst, and what time gave back */
    cr_assert_lt(taken, 8, "%d", taken);
    cr_assert_eq(ask("POST", "/webhook", "X-Forwarded-For: 192.0.2.8\r\n" KEY, ENTRY), 200);
    for (int i = 0; i < 8; i++)
        cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 200, "programs on this machine");
}

Test(api, commands_take_the_same_way_as_a_bots)
{
    start();
    struct engine_stats s;
    cr_assert_eq(
        ask("POST", "/api/v1/command", ADMIN, "{\"command\":\"/pause\",\"trader\":\"main\"}"), 200);
    cr_assert_str_eq(field("status"), "accepted", "%s", answer);
    engine_get_stats(engine, &s);
    cr_assert(s.paused);
    cr_assert_eq(ask("POST", "/pause", ADMIN, ""), 200);
    cr_assert_str_eq(field("reason"), "ALREADY_DONE");
    cr_assert_eq(ask("POST", "/resume", ADMIN, ""), 200);
    engine_get_stats(engine, &s);
    cr_assert_not(s.paused);
    cr_assert_eq(ask("POST", "/api/v1/command", ADMIN, "{\"command\":\"closeall\"}"), 200);
    char confirm[128], id[64];
    (void)str_copy(id, sizeof id, field("receipt"));
    (void)snprintf(confirm, sizeof confirm, "{\"command\":\"closeall\",\"confirm\":%s}", id);
    cr_assert_eq(ask("POST", "/api/v1/command", ADMIN, confirm), 200);
    cr_assert_str_eq(field("reason"), "ACCEPTED", "%s", answer);
    cr_assert_eq(ask("POST", "/api/v1/command", ADMIN, confirm), 200);
    cr_assert_str_eq(field("reason"), "CONFIRM_USED");
}

Test(api, malformed_commands_are_refused_with_the_field)
{
    start();
    static const struct {
        const char *body, *field;
        int status;
    } table[] = {
        {"", "body", 400},
        {"[]", "body", 400},
        {"{\"command\":1}", "command", 400},
        {"{\"command\":\"\"}", "command", 400},
        {"{\"command\":\"Pause!\"}", "command", 400},
        {"{\"command\":\"a\\u0000b\"}", "command", 400},
        {"{\"command\":\"pause\",\"args\":[]}", "args", 400},
        {"{\"command\":\"pause\",\"confirm\":\"x\"}", "confirm", 400},
        {"{\"command\":\"pause\",\"trader\":7}", "trader", 400},
        {"{\"command\":\"pause\",\"trader\":\"nobody\"}", "(absent)", 404},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        cr_assert_eq(ask("POST", "/api/v1/command", ADMIN, table[i].body), table[i].status,
                     "row %zu: %s", i, answer);
        cr_assert_str_eq(field("field"), table[i].field, "row %zu", i);
    }
    cr_assert_eq(ask("POST", "/api/v1/command", "", "{}"), 401);
    cr_assert_eq(ask("POST", "/api/v1/command", ADMIN, "{\"command\":\"unheard_of\"}"), 200);
    cr_assert_str_eq(field("reason"), "COMMAND_UNKNOWN");
}

Test(api, health_status_and_metrics_tell_the_same_story)
{
    start();
    cr_assert_eq(ask("POST", "/webhook", KEY, ENTRY), 200);
    cr_assert_eq(ask("GET", "/health", "", ""), 200);
    cr_assert_str_eq(field("status"), "ok", "%s", answer);
    cr_assert_str_eq(field("version"), "0.1.0-test");
    cr_assert_str_eq(field("telegram_bots"), "[ \"controller\" ]");
    cr_assert_eq(ask("HEAD", "/health", "", ""), 200);
    cr_assert_eq(ask("GET", "/status", "", ""), 200);
    cr_assert_not_null(strstr(answer, "\"signals_accepted\":1"), "%s", answer);
    cr_assert_eq(ask("GET", "/metrics", "", ""), 200);
    cr_assert_not_null(strstr(answer, "trident_signals_total{trader=\"main\"} 1\n"), "%s", answer);
    cr_assert_not_null(
        strstr(answer, "trident_http_requests_total{route=\"webhook\",status=\"200\"} 1\n"));
    /* A request leaves the flight just after its answer has left. */
    for (int i = 0; i < 500 && strstr(answer, "trident_http_in_flight 0\n") == NULL; i++) {
        poll(NULL, 0, 2);
        cr_assert_eq(ask("GET", "/metrics", "", ""), 200);
    }
    cr_assert_not_null(strstr(answer, "trident_http_in_flight 0\n"));
}

static int open_events(const char *headers)
{
    char request[512];
    int n = snprintf(request, sizeof request, "GET /events HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    int fd = raw_connect(http_api_port(api));
    raw_send(fd, request, (size_t)n);
    (void)raw_read_until(fd, answer, sizeof answer, "retry:", 2000);
    return fd;
}

Test(api, live_events_arrive_and_resume_where_they_stopped)
{
    start();
    cr_assert_eq(ask("GET", "/events", "", ""), 401);
    cr_assert_eq(ask("GET", "/events?token=wrong", "", ""), 401);
    int fd = open_events(ADMIN);
    cr_assert_not_null(strstr(answer, "text/event-stream"), "%s", answer);
    cr_assert_eq(ask("POST", "/pause", ADMIN, ""), 200);
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "id: main:%s", field("receipt"));
    (void)raw_read_until(fd, answer, sizeof answer, wanted, 3000);
    cr_assert_not_null(strstr(answer, wanted), "%s", answer);
    cr_assert_not_null(strstr(answer, "\"type\":"), "%s", answer);
    close(fd);
    /* Missed meanwhile: */
    cr_assert_eq(ask("POST", "/resume", ADMIN, ""), 200);
    char resume[160];
    (void)snprintf(resume, sizeof resume, ADMIN "Last-Event-ID: %s\r\n", wanted + 4);
    (void)snprintf(wanted, sizeof wanted, "id: main:%s", field("receipt"));
    fd = open_events(resume);
    if (strstr(answer, wanted) == NULL)
        (void)raw_read_until(fd, answer, sizeof answer, wanted, 3000);
    cr_assert_not_null(strstr(answer, wanted), "%s", answer);
    cr_assert_null(strstr(answer, "\"type\":\"paused\""));
    close(fd);
}

Test(api, stop_ends_streams_and_answers_what_is_under_way)
{
    start();
    int fd = open_events(ADMIN);
    int64_t begun = now_ms();
    http_api_stop(api);
    cr_assert_lt(now_ms() - begun, 1500);
    cr_assert(raw_is_closed(fd, 500) || raw_read_until(fd, answer, sizeof answer, NULL, 500) >= 0);
    close(fd);
    http_api_on_commit(api, 1); /* a late commit is harmless */
    http_api_stop(api);         /* and a second stop too */
}

#define DECIDE "/api/v1/decide"

Test(api, a_supposed_decision_is_answered_and_nothing_is_posted)
{
    conf_defaults(conf);
    (void)str_copy(conf->http.listen, sizeof conf->http.listen, "127.0.0.1");
    (void)str_copy(conf->http.admin_token, sizeof conf->http.admin_token, TOKEN);
    conf->http.port = 0;
    start();
    struct engine_stats before, after;
    engine_get_stats(engine, &before);
    int requests = broker.requests;
    cr_assert_eq(ask("POST", DECIDE, ADMIN, ENTRY), 200, "%s", answer);
    cr_assert_str_eq(field("action"), "execute");
    cr_assert_str_eq(field("route"), "LOGIC2");
    cr_assert_eq(ask("POST", DECIDE "?trader=main&plugin=combined_v3", ADMIN,
                     "{\"alert\":" ENTRY ",\"state\":{\"paused\":true}}"),
                 200);
    cr_assert_not_null(strstr(field("reasons"), "PAUSED"));
    cr_assert_eq(ask("POST", DECIDE "?symbol=EURUSD", ADMIN, "{\"alert\":\"Trend Pulse\"}"), 400);
    cr_assert_str_eq(field("field"), "body");
    engine_get_stats(engine, &after);
    cr_assert_eq(before.committed_seq, after.committed_seq);
    cr_assert_eq(broker.requests, requests);
}

Test(api, a_supposed_decision_needs_the_token_and_a_question_that_can_be_read)
{
    conf_defaults(conf);
    (void)str_copy(conf->http.listen, sizeof conf->http.listen, "127.0.0.1");
    (void)str_copy(conf->http.admin_token, sizeof conf->http.admin_token, TOKEN);
    conf->http.port = 0;
    start();
    cr_assert_eq(ask("POST", DECIDE, "", ENTRY), 401);
    cr_assert_eq(ask("GET", DECIDE, ADMIN, ""), 405);
    cr_assert_eq(ask("POST", DECIDE "?trader=nobody", ADMIN, ENTRY), 404);
    cr_assert_eq(ask("POST", DECIDE "?plugin=none", ADMIN, ENTRY), 400);
    cr_assert_str_eq(field("accepted"), "one of combined_v3, price_action_v6, legacy_v2");
    cr_assert_eq(ask("POST", DECIDE, ADMIN, ""), 400);
    cr_assert_str_eq(field("field"), "body");
    cr_assert_eq(ask("POST", DECIDE, ADMIN, "{\"alert\":5,\"states\":{},\"state\":{\"x\":1}}"),
                 400);
    static const char *const paths[] = {"\"alert\"", "\"states\"", "\"x\""};
    for (size_t i = 0; i < TR_ARRAY_SIZE(paths); i++)
        cr_assert_not_null(strstr(field("problems"), paths[i]), "%s", answer);
}
