/* Covers: the sender against a server that plays the Bot API: methods and bodies, callback answered
 * first, several in flight, repairs (gone edit, deleted topic, refused keyboard), mapping of
 * refusals, photos, the legacy mirror; and the whole way journal -> notify -> sender -> server with
 * its own thread. */
#include "telegram_support.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/mutex.h"
#include "net/http_server.h"
#include "notify/notify_impl.h"
#include "telegram/sender.h"

TestSuite(sender, .timeout = 30);

#define CALLS_MAX 4096

static struct mutex lock;
static struct {
    char path[64], body[400], header[64], key[64];
    bool is_multipart;
} calls[CALLS_MAX];
static int call_count;
static const char *(*script)(const char *method, const char *body, int *status);

static void on_request(struct http_exchange *x, void *ctx)
{
    (void)ctx;
    size_t len = 0;
    const char *body = http_body(x, &len);
    const struct http_form_part *parts = NULL;
    size_t part_count = http_form_parts(x, &parts);
    mutex_lock(&lock);
    cr_assert_lt(call_count, CALLS_MAX);
    int i = call_count++;
    snprintf(calls[i].path, sizeof(calls[i].path), "%s", http_path(x));
    snprintf(calls[i].body, sizeof(calls[i].body), "%s", body);
    snprintf(calls[i].header, sizeof(calls[i].header), "%s",
             http_header(x, "Authorization") != NULL ? http_header(x, "Authorization") : "");
    snprintf(calls[i].key, sizeof(calls[i].key), "%s",
             http_header(x, "Idempotency-Key") != NULL ? http_header(x, "Idempotency-Key") : "");
    if (part_count > 0) {
        calls[i].is_multipart = true;
        calls[i].body[0] = 0;
        for (size_t p = 0; p < part_count; p++) {
            size_t used = strlen(calls[i].body);
            snprintf(calls[i].body + used, sizeof(calls[i].body) - used, "%s=%.*s;", parts[p].name,
                     (int)parts[p].len, parts[p].data);
        }
    }
    int status = 200;
    const char *slash = strrchr(calls[i].path, '/');
    const char *answer = script != NULL ? script(slash + 1, calls[i].body, &status) : NULL;
    char ok[64];
    snprintf(ok, sizeof(ok), "{\"ok\":true,\"result\":{\"message_id\":%d}}", i + 1);
    mutex_unlock(&lock);
    if (answer == NULL)
        answer = ok;
    http_answer(x, status, "application/json", answer, strlen(answer));
}

struct stage {
    struct http_server *server;
    struct telegram_sender *sender;
    struct notify *n;
    struct journal *journal;
    char dir[64], path[96], journal_path[96], url[64];
};

static void stage_init(struct stage *s, size_t max_in_flight)
{
    memset(s, 0, sizeof(*s));
    mutex_init(&lock);
    call_count = 0;
    script = NULL;
    log_set_level(LOG_ERROR);
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_eq(http_client_global_init(false), 0);
    struct http_server_options opt = {.listen = "127.0.0.1",
                                      .listen_fd = -1,
                                      .max_body_bytes = 1 << 20,
                                      .max_connections = 200,
                                      .header_deadline_ms = 5000,
                                      .idle_timeout_s = 10,
                                      .handle = on_request};
    cr_assert_eq(http_server_start(&opt, &s->server), 0);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", http_server_port(s->server));
    snprintf(s->dir, sizeof(s->dir), "/tmp/trident-sender-XXXXXX");
    cr_assert_not_null(mkdtemp(s->dir));
    snprintf(s->path, sizeof(s->path), "%s/notify.db", s->dir);
    snprintf(s->journal_path, sizeof(s->journal_path), "%s/journal.db", s->dir);
    char mirror[96];
    snprintf(mirror, sizeof(mirror), "%s/legacy/{command}/run", s->url);
    const struct telegram_sender_options so = {
        .base_url = s->url,
        .tokens = {[BOT_CONTROLLER] = "1:aaa", [BOT_NOTIFICATION] = "2:bbb"},
        .max_in_flight = max_in_flight,
        .data_dir = s->dir,
        .mirror_url = mirror,
        .mirror_token = "secret-mirror",
    };
    s->sender = telegram_sender_new(&so);
    static struct notify_target admin = {11, 0, ROLE_ADMIN, LANG_EN};
    const struct notify_options no = {
        .db_path = s->path,
        .clock = clock_real(),
        .sink = &telegram_sink_ops,
        .sink_ctx = s->sender,
        .targets = &admin,
        .target_count = 1,
        .bot_present = {[BOT_CONTROLLER] = true, [BOT_NOTIFICATION] = true},
        .limits_off = true,
        .max_in_flight = max_in_flight,
        .mirror = telegram_sender_mirror,
        .mirror_ctx = s->sender,
    };
    cr_assert_eq(notify_open(&no, &s->n), 0);
    telegram_sender_bind(s->sender, s->n);
    cr_assert_eq(journal_open(s->journal_path, &s->journal), 0);
    cr_assert_eq(notify_add_journal(s->n, "main", s->journal_path), 0);
}

static void remove_files(const struct stage *s)
{
    static const char *const names[] = {"notify.db",  "notify.db-wal",  "notify.db-shm",
                                        "journal.db", "journal.db-wal", "journal.db-shm",
                                        "a.png"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
        unlink(path);
    }
    rmdir(s->dir);
}

static void stage_deinit(struct stage *s)
{
    notify_stop(s->n, 1000);
    s->sender = telegram_sender_free(s->sender);
    s->n = notify_free(s->n);
    s->journal = journal_close(s->journal);
    s->server = http_server_stop(s->server);
    remove_files(s);
}

static void put(struct stage *s, struct outputs *o)
{
    struct journal_row row = {.seq = journal_last_seq(s->journal) + 1,
                              .time_ms = clock_wall_ms(clock_real()),
                              .kind = 1,
                              .flags = JOURNAL_FLAG_MESSAGES,
                              .key = "",
                              .input = "",
                              .output = o->blob.data,
                              .output_len = o->blob.len};
    cr_assert_eq(journal_begin(s->journal), 0);
    cr_assert_eq(journal_append(s->journal, &row), 0);
    cr_assert_eq(journal_commit(s->journal), 0);
    notify_on_commit(s->n, row.seq);
}

static void put_reply(struct stage *s, struct reply *r, const char *html)
{
    struct outputs o;
    outputs_init(&o);
    r->html = html != NULL ? xstrdup(html) : NULL;
    outputs_add_reply(&o, r);
    put(s, &o);
    outputs_deinit(&o);
    reply_deinit(r);
}

static struct reply reply_to(int64_t chat_id)
{
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = chat_id;
    return r;
}

/* Through the lock: what the server's thread wrote is ours to read. */
static int calls_seen(void)
{
    mutex_lock(&lock);
    int count = call_count;
    mutex_unlock(&lock);
    return count;
}

static struct notify_stats drive(struct stage *s, int want_calls)
{
    struct notify_stats st;
    for (int i = 0; i < 3000; i++) {
        notify_turn(s->n, 20);
        notify_get_stats(s->n, &st);
        if (calls_seen() >= want_calls && st.outbox_rows == 0 && st.in_flight == 0 && i > 3)
            break;
    }
    cr_assert_eq(calls_seen(), want_calls, "%d calls", calls_seen());
    return st;
}

Test(sender, answers_the_callback_and_sends_the_message)
{
    struct stage s;
    stage_init(&s, 4);
    struct reply r = reply_to(77);
    r.thread_id = 9;
    snprintf(r.callback_id, sizeof(r.callback_id), "cb1");
    snprintf(r.callback_text, sizeof(r.callback_text), "done");
    r.keyboard_json = xstrdup("[[{\"text\":\"x\",\"callback_data\":\"y\"}]]");
    put_reply(&s, &r, "<b>hi</b>");
    struct notify_stats st = drive(&s, 2);
    cr_assert_eq(st.sent, 1);
    int send = strcmp(calls[0].path, "/bot1:aaa/sendMessage") == 0 ? 0 : 1;
    cr_assert_str_eq(calls[1 - send].path, "/bot1:aaa/answerCallbackQuery");
    cr_assert_str_eq(calls[1 - send].body, "{\"callback_query_id\":\"cb1\",\"text\":\"done\"}");
    cr_assert_not_null(strstr(calls[send].body, "\"chat_id\":77"));
    cr_assert_not_null(strstr(calls[send].body, "\"message_thread_id\":9"));
    cr_assert_not_null(strstr(calls[send].body, "\"callback_data\":\"y\""));
    r = reply_to(77);
    snprintf(r.callback_id, sizeof(r.callback_id), "cb2");
    put_reply(&s, &r, NULL);
    drive(&s, 3);
    cr_assert_str_eq(calls[2].path, "/bot1:aaa/answerCallbackQuery");
    stage_deinit(&s);
}

static const char *refuse_parts(const char *method, const char *body, int *status)
{
    *status = 400;
    if (strcmp(method, "editMessageText") == 0)
        return "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: message to edit "
               "not found\"}";
    if (strstr(body, "message_thread_id") != NULL)
        return "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: message thread "
               "not found\"}";
    if (strstr(body, "inline_keyboard") != NULL)
        return "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: "
               "BUTTON_DATA_INVALID\"}";
    *status = 200;
    return NULL;
}

Test(sender, takes_out_what_the_server_refuses_and_sends_the_rest)
{
    struct stage s;
    stage_init(&s, 4);
    script = refuse_parts;
    struct reply r = reply_to(77);
    r.edit_message_id = 5;
    r.thread_id = 9;
    r.keyboard_json = xstrdup("[[]]");
    put_reply(&s, &r, "text");
    struct notify_stats st = drive(&s, 4);
    cr_assert_eq(st.sent, 1);
    cr_assert_str_eq(calls[0].path, "/bot1:aaa/editMessageText");
    cr_assert_str_eq(calls[3].path, "/bot1:aaa/sendMessage");
    cr_assert_null(strstr(calls[3].body, "thread"));
    cr_assert_null(strstr(calls[3].body, "keyboard"));
    stage_deinit(&s);
}

static const char *next_refusal;
static int next_status;
static const char *refuse_once(const char *method, const char *body, int *status)
{
    (void)method;
    (void)body;
    const char *answer = next_refusal;
    next_refusal = NULL;
    *status = answer != NULL ? next_status : 200;
    return answer;
}

#define REFUSAL(code, text) "{\"ok\":false,\"error_code\":" #code ",\"description\":\"" text "\"}"

Test(sender, maps_refusals_to_what_notify_does_about_them)
{
    static const struct {
        int status;
        const char *answer;
        int calls; /* until it is settled */
        uint64_t sent, dropped;
        const char *last; /* part of the last request */
    } cases[] = {
        {400, REFUSAL(400, "Bad Request: message is not modified"), 1, 1, 0, "text"},
        {400, REFUSAL(400, "Bad Request: can't parse entities: x"), 2, 1, 0, "\"text\":\"text\""},
        {400, REFUSAL(400, "Bad Request: message text is empty"), 1, 0, 1, "text"},
        {400, REFUSAL(400, "Bad Request: message is too long"), 1, 0, 1, "text"},
        {502, "<html>bad gateway</html>", 2, 1, 0, "possibly repeated"},
        {200, "<html>sign in</html>", 2, 1, 0, "possibly repeated"},
        {400, "", 1, 0, 1, "text"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct stage s;
        stage_init(&s, 4);
        script = refuse_once;
        next_refusal = cases[i].answer;
        next_status = cases[i].status;
        struct reply r = reply_to(77);
        put_reply(&s, &r, "<b>text</b>");
        struct notify_stats st = drive(&s, cases[i].calls);
        cr_assert_eq(st.sent, cases[i].sent, "%s", cases[i].answer);
        cr_assert_eq(st.dropped, cases[i].dropped, "%s", cases[i].answer);
        cr_assert_not_null(strstr(calls[call_count - 1].body, cases[i].last), "%s",
                           calls[call_count - 1].body);
        stage_deinit(&s);
    }
}

Test(sender, waits_as_long_as_a_429_says)
{
    struct stage s;
    stage_init(&s, 4);
    script = refuse_once;
    next_refusal = "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\","
                   "\"parameters\":{\"retry_after\":1}}";
    next_status = 429;
    struct reply r = reply_to(77);
    int64_t start = clock_mono_us(clock_real());
    put_reply(&s, &r, "text");
    struct notify_stats st = drive(&s, 2);
    cr_assert_geq(clock_mono_us(clock_real()) - start, 1000000);
    cr_assert_eq(st.flood_waits, 1);
    stage_deinit(&s);
}

Test(sender, uploads_a_photo_with_its_caption_or_sends_the_text_alone)
{
    struct stage s;
    stage_init(&s, 4);
    char png[128];
    snprintf(png, sizeof(png), "%s/a.png", s.dir);
    FILE *f = fopen(png, "w");
    fputs("PNGBYTES", f);
    fclose(f);
    struct reply r = reply_to(77);
    snprintf(r.photo_path, sizeof(r.photo_path), "a.png");
    put_reply(&s, &r, "<b>chart</b>");
    drive(&s, 1);
    cr_assert_str_eq(calls[0].path, "/bot1:aaa/sendPhoto");
    cr_assert(calls[0].is_multipart);
    cr_assert_str_eq(calls[0].body,
                     "chat_id=77;caption=<b>chart</b>;parse_mode=HTML;photo=PNGBYTES;");
    r = reply_to(77);
    snprintf(r.photo_path, sizeof(r.photo_path), "gone.png");
    put_reply(&s, &r, "text");
    drive(&s, 2);
    cr_assert_str_eq(calls[1].path, "/bot1:aaa/sendMessage");
    stage_deinit(&s);
}

Test(sender, mirrors_a_command_to_the_legacy_process)
{
    struct stage s;
    stage_init(&s, 4);
    struct outputs o;
    outputs_init(&o);
    struct event e = EVENT_INIT;
    e.type = EVENT_COMMAND_MIRROR;
    e.time_ms = clock_wall_ms(clock_real());
    snprintf(e.text, sizeof(e.text), "/close 12 \"now\"");
    outputs_add_event(&o, &e);
    put(&s, &o);
    outputs_deinit(&o);
    drive(&s, 1);
    cr_assert_str_eq(calls[0].path, "/legacy/close/run");
    cr_assert_str_eq(calls[0].body, "{\"command\":\"close\",\"args\":\"12 \\\"now\\\"\"}");
    cr_assert_str_eq(calls[0].header, "Bearer secret-mirror");
    cr_assert(str_starts(calls[0].key, "main-1-"), "%s", calls[0].key);
    stage_deinit(&s);
}

Test(sender, delivers_everything_from_its_own_thread_in_order_per_chat)
{
    struct stage s;
    stage_init(&s, 16);
    cr_assert_eq(notify_start(s.n), 0);
    for (int i = 0; i < 600; i++) {
        struct reply r = reply_to(1 + i % 20);
        char text[32];
        snprintf(text, sizeof(text), "n%d.", i / 20);
        put_reply(&s, &r, text);
    }
    notify_stop(s.n, 10000);
    struct notify_stats st;
    notify_get_stats(s.n, &st);
    cr_assert_eq(st.sent, 600);
    cr_assert_eq(calls_seen(), 600);
    int next[21] = {0};
    for (int i = 0; i < call_count; i++) {
        int chat = 0;
        int number = -1;
        cr_assert_eq(sscanf(calls[i].body, "{\"chat_id\":%d,\"text\":\"n%d.", &chat, &number), 2);
        cr_assert_eq(number, next[chat]++, "order within a chat");
    }
    stage_deinit(&s);
}

Test(sender, keeps_messages_when_nobody_listens)
{
    struct stage s;
    stage_init(&s, 4);
    http_server_stop(s.server);
    s.server = NULL;
    cr_assert_eq(notify_start(s.n), 0);
    struct reply r = reply_to(77);
    put_reply(&s, &r, "text");
    notify_stop(s.n, 300);
    struct notify_stats st;
    notify_get_stats(s.n, &st);
    cr_assert_eq(st.sent + st.dropped, 0);
    struct outbox *o = NULL;
    s.sender = telegram_sender_free(s.sender);
    s.n = notify_free(s.n);
    cr_assert_eq(outbox_open(s.path, &o), 0);
    cr_assert_eq(outbox_total(o), 1);
    outbox_close(o);
    s.journal = journal_close(s.journal);
    remove_files(&s);
}
