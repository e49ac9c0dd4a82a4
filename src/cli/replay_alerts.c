/* trident replay-alerts: a TradingView alert log, oldest row first, sent to a running daemon as it
 * was recorded, or judged without sending anything. The file is read whole and
 * sorted by time (alert_file.c), each Description goes to /webhook with ?symbol= from the Ticker
 * column; what came back is counted (tally.c). A dry run asks signals/ and the plugin directly,
 * with an empty snapshot: it shows what would be understood, not what the daemon's state would
 * allow. It never retries: an alert that may have arrived must not be sent twice. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include "cli/alert_file.h"
#include "cli/cli.h"
#include "cli/tally.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "net/http_client.h"
#include "signals/parse.h"

#define ANSWER_MAX_BYTES (64 * 1024)
#define TIMEOUT_MS       10000
#define BAR_CELLS        30
#define URL_CAP          512

struct replay {
    struct alert_file alerts;
    struct conf *conf; /* NULL without --config on a dry run */
    struct combined_v3_conf plugin_conf;
    struct http_caller *caller;
    char url[URL_CAP];
    int64_t speed; /* 0 = at once, 1 = as recorded, n = n times as fast */
    bool dry_run;
    struct tally tally;
    size_t accepted, refused, faults, unanswered;
};

/* ---- one row ---- */

static const char *type_of(const struct alert_row *r, struct signal *ret,
                           struct signal_fault *fault, bool *ret_parsed)
{
    const char *hint = r->symbol[0] != '\0' ? r->symbol : NULL;
    *ret_parsed =
        signal_parse(r->body, strlen(r->body), hint, r->time_ms, ret, fault) == SIGNAL_PARSED;
    if (!*ret_parsed)
        return "(not understood)";
    return signal_kind_name(ret->kind);
}

static void decide_dry(struct replay *p, const struct alert_row *r)
{
    struct signal s;
    struct signal_fault fault;
    bool is_parsed;
    char reason[64];
    const char *type = type_of(r, &s, &fault, &is_parsed);
    if (!is_parsed) {
        (void)snprintf(reason, sizeof reason, "%s %s", reason_code(fault.reason), fault.field);
        tally_add(&p->tally, type, "refused", reason);
        p->refused++;
        return;
    }
    const struct plugin_ops *plugin = &combined_v3_plugin;
    if (!plugin->accepts(&p->plugin_conf, &s)) {
        tally_add(&p->tally, type, "understood", reason_code(REASON_NO_PLUGIN));
        p->accepted++;
        return;
    }
    struct plugin_snapshot empty = {
        .now_ms = r->time_ms,
        .balance_e8 = p->conf != NULL ? p->conf->traders[0].start_balance_e8 : 10000 * DEC_ONE};
    TR_CLEANUP(mem_freep) struct decision *d = xalloc(sizeof *d);
    decision_init(d, plugin->id);
    if (plugin->decide(&p->plugin_conf, &empty, &s, d) != 0) {
        tally_add(&p->tally, type, "fault", reason_code(REASON_PLUGIN_FAILED));
        p->faults++;
        return;
    }
    (void)snprintf(reason, sizeof reason, "%s%s%s",
                   d->reason_count > 0 ? reason_code(d->reasons[0]) : "",
                   d->field[0] != '\0' ? " " : "", d->field);
    tally_add(&p->tally, type, decision_action_name(d->action), reason);
    p->accepted++;
}

static const char *member(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &v))
        return "";
    if (json_object_is_type(v, json_type_array) && json_object_array_length(v) > 0)
        v = json_object_array_get_idx(v, 0);
    return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
}

/* The answer's decision, reason and field: {"decision":{"action","reasons","field"}} or flat. */
static void count_answer(struct replay *p, const char *type, const struct http_response *answer)
{
    char reason[96], decision[24];
    struct json_object *root = json_tokener_parse(answer->body.data);
    struct json_object *inner = NULL;
    if (!json_object_object_get_ex(root, "decision", &inner) ||
        !json_object_is_type(inner, json_type_object))
        inner = root;
    const char *action = member(inner, "action");
    const char *code = member(inner, "reasons");
    const char *field = member(inner, "field");
    if (action[0] == '\0')
        action = member(root, "decision");
    if (action[0] == '\0')
        action = answer->status == 200 ? "accepted" : "refused";
    if (code[0] == '\0')
        code = member(root, "reason");
    if (field[0] == '\0')
        field = member(root, "field");
    (void)snprintf(decision, sizeof decision, "%.20s", action);
    (void)snprintf(reason, sizeof reason, "%s%s%s", code, field[0] != '\0' ? " " : "", field);
    if (answer->status != 200) {
        char with_status[96];
        (void)snprintf(with_status, sizeof with_status, "HTTP %d %.80s", answer->status, reason);
        tally_add(&p->tally, type, decision, with_status);
    } else {
        tally_add(&p->tally, type, decision, reason);
    }
    json_object_put(root);
}

static void send_row(struct replay *p, const struct alert_row *r)
{
    struct signal s;
    struct signal_fault fault;
    bool is_parsed;
    char url[URL_CAP + 32];
    bool is_json = r->body[strspn(r->body, " \t\r\n")] == '{';
    const char *const headers[] = {is_json ? "Content-Type: application/json; charset=utf-8"
                                           : "Content-Type: text/plain",
                                   NULL};
    const char *type = type_of(r, &s, &fault, &is_parsed);
    (void)snprintf(url, sizeof url, "%s%s%s", p->url, r->symbol[0] != '\0' ? "?symbol=" : "",
                   r->symbol);
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .body = r->body,
                                   .body_len = strlen(r->body),
                                   .timeout_ms = TIMEOUT_MS,
                                   .max_body_bytes = ANSWER_MAX_BYTES};
    struct http_response answer;
    http_response_init(&answer, ANSWER_MAX_BYTES);
    http_call(p->caller, &request, &answer);
    if (answer.result != HTTP_OK) {
        tally_add(&p->tally, type, "no answer", "");
        p->unanswered++;
    } else {
        count_answer(p, type, &answer);
        if (answer.status == 200)
            p->accepted++;
        else if (answer.status >= 500)
            p->faults++;
        else
            p->refused++;
    }
    http_response_deinit(&answer);
    hash_wipe(url, sizeof url);
}

/* ---- the run ---- */

static void print_progress(const struct replay *p, size_t done)
{
    char bar[BAR_CELLS + 1];
    if (!cli_is_terminal() || p->alerts.count == 0)
        return;
    size_t filled = done * BAR_CELLS / p->alerts.count;
    memset(bar, '-', BAR_CELLS);
    memset(bar, '#', filled);
    bar[BAR_CELLS] = '\0';
    cli_print("\r[%s] %zu/%zu%s", bar, done, p->alerts.count, done == p->alerts.count ? "\n" : "");
}

static void wait_for(const struct replay *p, size_t i)
{
    if (i == 0 || p->speed == 0 || p->alerts.rows[i - 1].time_ms == 0)
        return;
    int64_t gap_ms = p->alerts.rows[i].time_ms - p->alerts.rows[i - 1].time_ms;
    TR_ASSERT(gap_ms >= 0);
    if (gap_ms > 0)
        cli_wait_us(gap_ms * 1000 / p->speed);
}

static int replay_all(struct replay *p)
{
    for (size_t i = 0; i < p->alerts.count; i++) {
        if (p->dry_run) {
            decide_dry(p, &p->alerts.rows[i]);
        } else {
            wait_for(p, i);
            send_row(p, &p->alerts.rows[i]);
        }
        print_progress(p, i + 1);
    }
    tally_print(&p->tally);
    if (p->dry_run)
        cli_print("\n%zu rows: %zu understood, %zu refused. Nothing was sent.\n", p->alerts.count,
                  p->accepted, p->refused);
    else
        cli_print("\n%zu rows: %zu answered 200, %zu refused, %zu server errors, %zu without an "
                  "answer.\n",
                  p->alerts.count, p->accepted, p->refused, p->faults, p->unanswered);
    return p->faults + p->unanswered == 0 ? CLI_OK : CLI_FAILED;
}

/* "recorded", "max" or "x60" */
static bool parse_pace(const char *text, int64_t *ret_speed)
{
    if (text == NULL || str_eq(text, "max")) {
        *ret_speed = 0;
        return true;
    }
    if (str_eq(text, "recorded")) {
        *ret_speed = 1;
        return true;
    }
    return text[0] == 'x' && str_to_i64(text + 1, ret_speed) && *ret_speed >= 1 &&
           *ret_speed <= 1000000;
}

static int set_url(struct replay *p, const char *base, const char *secret_file)
{
    struct buf secret TR_CLEANUP(buf_deinit);
    char own[CLI_URL_CAP];
    buf_init(&secret, 4096);
    if (base == NULL) {
        cli_daemon_url(p->conf, own);
        base = own;
    }
    if (secret_file != NULL) {
        int r = file_read(secret_file, &secret);
        if (r < 0) {
            cli_error("%s: %s", secret_file, strerror(-r));
            return CLI_FAILED;
        }
        secret.data[strcspn(secret.data, "\r\n")] = '\0';
        log_add_secret(secret.data);
    } else if (p->conf != NULL) {
        buf_puts(&secret, p->conf->http.webhook_secret);
    }
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    int n = snprintf(p->url, sizeof p->url, "%.*s/webhook%s%s", (int)len, base,
                     secret.data[0] != '\0' ? "/" : "", secret.data);
    hash_wipe(secret.data, secret.len);
    if (n >= (int)sizeof p->url || http_client_global_init(str_starts(p->url, "https")) < 0) {
        cli_error("the address is too long, or the network library does not start");
        return CLI_FAILED;
    }
    p->caller = http_caller_new();
    return CLI_OK;
}

enum { OPT_CONFIG, OPT_URL, OPT_SECRET, OPT_PACE, OPT_DRY, OPT_SYMBOL, OPT_COUNT };

static int prepare(struct replay *p, const struct cli_option *options)
{
    p->dry_run = options[OPT_DRY].given;
    if (!parse_pace(options[OPT_PACE].value, &p->speed))
        return cli_usage_error(&cli_replay_alerts, "--pace takes recorded, max or x and a number");
    combined_v3_conf_defaults(&p->plugin_conf);
    if (options[OPT_CONFIG].given || (!p->dry_run && !options[OPT_URL].given)) {
        p->conf = cli_load_conf(cli_config_path(options[OPT_CONFIG].value));
        if (p->conf == NULL)
            return CLI_FAILED;
        p->plugin_conf = p->conf->traders[0].combined_v3;
    }
    return p->dry_run ? CLI_OK : set_url(p, options[OPT_URL].value, options[OPT_SECRET].value);
}

static int replay_alerts_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {
        [OPT_CONFIG] = {.name = "--config", .takes_value = true},
        [OPT_URL] = {.name = "--url", .takes_value = true},
        [OPT_SECRET] = {.name = "--secret-file", .takes_value = true},
        [OPT_PACE] = {.name = "--pace", .takes_value = true},
        [OPT_DRY] = {.name = "--dry-run"},
        [OPT_SYMBOL] = {.name = "--symbol", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT, .word_max = 1};
    int r = cli_parse(&cli_replay_alerts, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    if (a.word_count == 0)
        return cli_usage_error(&cli_replay_alerts, "which file?");
    TR_CLEANUP(mem_freep) struct replay *p = xalloc(sizeof *p);
    r = prepare(p, options);
    if (r == CLI_OK && !alert_file_read(&p->alerts, a.words[0], options[OPT_SYMBOL].value))
        r = CLI_FAILED;
    if (r == CLI_OK)
        r = replay_all(p);
    http_caller_free(p->caller);
    cli_free_conf(p->conf);
    alert_file_deinit(&p->alerts);
    hash_wipe(p->url, sizeof p->url);
    return r;
}

const struct cli_command cli_replay_alerts = {
    .name = "replay-alerts",
    .summary = "send a TradingView alert log to a running daemon, or judge it dry",
    .usage =
        "FILE.csv [options]\n\n"
        "  --config FILE        daemon's configuration: port, webhook secret, plugin settings\n"
        "  --url URL            another daemon, e.g. http://127.0.0.1:8001\n"
        "  --secret-file FILE   its webhook secret\n"
        "  --pace P             max (default), recorded, or x60: sixty times as fast\n"
        "  --symbol S           symbol of all rows instead of the Ticker column's\n"
        "  --dry-run            send nothing: show what would be understood and decided\n\n"
        "The file is TradingView's export of the alert log (columns Ticker, Description, Time).\n"
        "Exit code 1 when a row got a server error or no answer.",
    .run = replay_alerts_run,
};
