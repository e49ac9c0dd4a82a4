/* Covers: the JSON of signal answers (each status), refusals, command receipts, health (ok,
 * degraded, down), status, metrics text form, events; status slots. Everything is parsed back with
 * json-c. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "http/page.h"

static struct buf b;
static struct json_object *root;

static void setup(void)
{
    buf_init(&b, PAGE_MAX_BYTES);
}

static void teardown(void)
{
    json_object_put(root);
    buf_deinit(&b);
}

TestSuite(page, .init = setup, .fini = teardown);

static void parse(void)
{
    cr_assert_not(buf_failed(&b));
    json_object_put(root);
    root = json_tokener_parse(b.data);
    cr_assert_not_null(root, "%s", b.data);
}

static const char *str(const char *key)
{
    struct json_object *o;
    return json_object_object_get_ex(root, key, &o) ? json_object_get_string(o) : "(absent)";
}

static size_t length(const char *key)
{
    struct json_object *o;
    cr_assert(json_object_object_get_ex(root, key, &o), "%s", key);
    return json_object_array_length(o);
}

static int signal_answer(const struct outcome *o)
{
    buf_reset(&b);
    int status = page_signal(&b, "main", o);
    parse();
    return status;
}

Test(page, a_committed_signal_carries_receipt_and_decision)
{
    struct decision d;
    decision_init(&d, "combined_v3");
    static const struct {
        enum decision_action action;
        const char *status;
    } table[] = {{DECISION_EXECUTE, "accepted"},
                 {DECISION_CLOSE, "closed"},
                 {DECISION_NOTIFY, "notified"},
                 {DECISION_SKIP, "refused"}};
    struct outcome o = {.status = OUTCOME_COMMITTED,
                        .receipt = {.seq = 77, .reason = REASON_ACCEPTED},
                        .decision = &d};
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        d.action = table[i].action;
        cr_assert_eq(signal_answer(&o), 200);
        cr_assert_str_eq(str("status"), table[i].status);
        cr_assert_str_eq(str("receipt"), "77");
        cr_assert_str_eq(str("trader"), "main");
        struct json_object *decision;
        cr_assert(json_object_object_get_ex(root, "decision", &decision));
        cr_assert(json_object_is_type(decision, json_type_object));
    }
}

Test(page, a_refused_signal_is_a_200_with_its_reason)
{
    struct outcome o = {
        .status = OUTCOME_COMMITTED,
        .receipt = {.seq = 5, .reason = REASON_SCORE_TOO_LOW, .text = "score 3 < 5"}};
    cr_assert_eq(signal_answer(&o), 200);
    cr_assert_str_eq(str("status"), "refused");
    cr_assert_str_eq(str("reason"), "SCORE_TOO_LOW");
    cr_assert_str_eq(str("detail"), "score 3 < 5");
    cr_assert_str_eq(str("decision"), "(absent)");
    cr_assert_gt(strlen(str("text")), 0);
}

Test(page, duplicates_repeat_the_first_receipt)
{
    struct outcome o = {.status = OUTCOME_DUPLICATE,
                        .receipt = {.seq = 9, .reason = REASON_DUPLICATE}};
    cr_assert_eq(signal_answer(&o), 200);
    cr_assert_str_eq(str("status"), "duplicate");
    cr_assert_str_eq(str("receipt"), "9");
}

Test(page, what_was_not_stored_is_a_503)
{
    struct outcome o = {.status = OUTCOME_NOT_STORED};
    cr_assert_eq(signal_answer(&o), 503);
    cr_assert_str_eq(str("status"), "unavailable");
    cr_assert_str_eq(str("reason"), "NOT_STORED");
    o.status = OUTCOME_EXPIRED;
    cr_assert_eq(signal_answer(&o), 503);
    cr_assert_str_eq(str("reason"), "EXPIRED");
    cr_assert_eq(page_command_status(&o), 503);
    o.status = OUTCOME_COMMITTED;
    cr_assert_eq(page_command_status(&o), 200);
}

Test(page, a_refusal_names_field_value_and_what_is_accepted)
{
    page_refusal(&b, false,
                 &(struct page_refusal){.code = "FIELD_INVALID",
                                        .field = "consensus_score",
                                        .value = "\"<x>\"\n",
                                        .accepted = "0-9",
                                        .receipt = 12});
    parse();
    cr_assert_str_eq(str("status"), "refused");
    cr_assert_str_eq(str("field"), "consensus_score");
    cr_assert_str_eq(str("value"), "\"<x>\"\n");
    cr_assert_str_eq(str("accepted"), "0-9");
    cr_assert_str_eq(str("receipt"), "12");
}

Test(page, a_command_answer_is_its_receipt)
{
    struct outcome o = {.status = OUTCOME_COMMITTED,
                        .receipt = {.seq = 3, .reason = REASON_ALREADY_DONE}};
    struct jsonw w;
    jsonw_init(&w, &b);
    page_command(&w, NULL, "main", &o);
    parse();
    cr_assert_str_eq(str("status"), "refused");
    cr_assert_str_eq(str("reason"), "ALREADY_DONE");
    cr_assert_str_eq(str("receipt"), "3");
    cr_assert_str_eq(str("trader"), "main");
}

static struct engine_stats engines[2];
static const char *const ids[] = {"main", "second"};
static struct http_bot_status bots[] = {{.name = "controller", .up = true},
                                        {.name = "notification", .up = true}};

static struct page_health health(void)
{
    for (int i = 0; i < 2; i++) {
        engines[i] = (struct engine_stats){.committed_seq = 100 + i,
                                           .open_positions = 2,
                                           .broker_up = true,
                                           .inputs = 4,
                                           .latency_sum_us = 2500001,
                                           .balance_e8 = 1000050000000,
                                           .plugin_count = 2};
        str_copy(engines[i].plugins[0].id, PLUGIN_ID_CAP, "combined_v3");
        str_copy(engines[i].plugins[1].id, PLUGIN_ID_CAP, "asleep");
        engines[i].plugins[0].active = true;
    }
    return (struct page_health){.version = "0.1.0",
                                .uptime_ms = 61999,
                                .engines = engines,
                                .trader_ids = ids,
                                .trader_count = 2,
                                .bots = bots,
                                .bot_count = 2};
}

Test(page, health_has_the_promised_fields)
{
    struct page_health h = health();
    cr_assert_eq(page_health(&b, &h), 200);
    parse();
    cr_assert_str_eq(str("status"), "ok");
    cr_assert_str_eq(str("uptime"), "61");
    cr_assert_str_eq(str("open_trades"), "4");
    cr_assert_str_eq(str("version"), "0.1.0");
    cr_assert_str_eq(str("journal_seq"), "100");
    cr_assert_eq(length("plugins_active"), 1);
    cr_assert_eq(length("telegram_bots"), 2);
    cr_assert_eq(length("reasons"), 0);
    cr_assert_eq(length("traders"), 2);
}

Test(page, health_degrades_with_reasons_and_goes_down)
{
    struct page_health h = health();
    engines[1].broker_up = false;
    bots[1].up = false;
    cr_assert_eq(page_health(&b, &h), 200);
    parse();
    cr_assert_str_eq(str("status"), "degraded");
    cr_assert_eq(length("reasons"), 2);
    cr_assert_not_null(strstr(b.data, "second: broker_down"));
    cr_assert_eq(length("telegram_bots"), 1);
    buf_reset(&b);
    engines[0].store_failing = true;
    cr_assert_eq(page_health(&b, &h), 200); /* the other trader still works */
    buf_reset(&b);
    engines[1].store_failing = true;
    cr_assert_eq(page_health(&b, &h), 503);
    parse();
    cr_assert_str_eq(str("status"), "down");
    buf_reset(&b);
    h = health();
    h.stopping = true;
    cr_assert_eq(page_health(&b, &h), 503);
}

Test(page, status_shows_money_as_text)
{
    struct page_health h = health();
    struct notify_stats n = {.sent = 5};
    page_status(&b, &h, &n);
    parse();
    cr_assert_eq(length("traders"), 2);
    cr_assert_not_null(strstr(b.data, "\"balance\":\"10000.5\""), "%s", b.data);
    cr_assert_not_null(strstr(b.data, "\"mean_latency_us\":625000"));
    cr_assert_not_null(strstr(b.data, "\"sent\":5"));
}

Test(page, metrics_are_well_formed_prometheus_text)
{
    struct page_health h = health();
    struct notify_stats n = {.oldest_age_ms = 1500};
    struct page_metrics m = {.health = &h, .notify = &n, .rss_bytes = 4096};
    m.requests[API_ROUTE_WEBHOOK][api_status_slot(200)] = 7;
    m.requests[API_ROUTE_OTHER][api_status_slot(418)] = 1;
    m.now_ms = 5000;
    m.watch.backup_ms = 1500;
    m.watch.backup_every_ms = 60000;
    page_metrics(&b, &m);
    cr_assert_not(buf_failed(&b));
    cr_assert_not_null(strstr(b.data, "trident_backup_age_seconds 3.500000\n"));
    cr_assert_not_null(strstr(b.data, "trident_backup_interval_seconds 60.000000\n"));
    cr_assert_not_null(strstr(b.data, "trident_journal_seq{trader=\"second\"} 101\n"));
    cr_assert_not_null(strstr(b.data, "trident_balance_usd{trader=\"main\"} 10000.5\n"));
    cr_assert_not_null(
        strstr(b.data, "trident_input_latency_seconds_total{trader=\"main\"} 2.500001\n"));
    cr_assert_not_null(
        strstr(b.data, "trident_http_requests_total{route=\"webhook\",status=\"200\"} 7\n"));
    cr_assert_not_null(
        strstr(b.data, "trident_http_requests_total{route=\"other\",status=\"other\"} 1\n"));
    cr_assert_not_null(strstr(b.data, "trident_notify_oldest_age_seconds 1.500000\n"));
    /* Each sample line belongs to the family announced last, and no family comes twice. */
    char seen[8192] = "";
    char current[128] = "";
    char *save = b.data;
    for (char *line; (line = strsep(&save, "\n")) != NULL && *line != '\0';) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            str_copy(current, sizeof(current), line + 7);
            *strchr(current, ' ') = '\0';
            char mark[140];
            snprintf(mark, sizeof(mark), " %s ", current);
            cr_assert_null(strstr(seen, mark), "%s", current);
            str_copy(seen + strlen(seen), sizeof(seen) - strlen(seen), mark);
        } else if (*line != '#') {
            size_t len = strcspn(line, "{ ");
            cr_assert_eq(len, strlen(current), "%s", line);
            cr_assert_eq(strncmp(line, current, len), 0, "%s", line);
            cr_assert_not_null(strchr(line, ' '));
        }
    }
}

Test(page, status_slots_are_reversible)
{
    static const int known[] = {200, 204, 400, 401, 403, 404, 405, 413, 431, 500, 503};
    for (size_t i = 0; i < TR_ARRAY_SIZE(known); i++)
        cr_assert_eq(api_status_of_slot(api_status_slot(known[i])), known[i]);
    cr_assert_eq(api_status_of_slot(api_status_slot(299)), 0);
    for (int r = API_ROUTE_UNSET + 1; r < API_ROUTE_COUNT; r++)
        cr_assert_not_null(api_route_name((enum api_route)r));
}

Test(page, every_event_type_renders_and_leaves_absent_fields_out)
{
    for (int t = EVENT_UNSET + 1; t < EVENT_TYPE_COUNT; t++) {
        struct event e = EVENT_INIT;
        e.type = (enum event_type)t;
        buf_reset(&b);
        page_event(&b, "main", &e);
        parse();
        cr_assert_str_eq(str("type"), event_info(e.type)->name);
        cr_assert_str_eq(str("lots"), "(absent)");
        cr_assert_str_eq(str("text"), "(absent)");
    }
    struct event e = EVENT_INIT;
    e.type = EVENT_ENTRY;
    e.seq = 42;
    e.lots_e8 = 5000000;
    e.reason = REASON_ACCEPTED;
    str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    buf_reset(&b);
    page_event(&b, "main", &e);
    parse();
    cr_assert_str_eq(str("seq"), "42");
    cr_assert_str_eq(str("lots"), "0.05");
    cr_assert_str_eq(str("symbol"), "XAUUSD");
}
