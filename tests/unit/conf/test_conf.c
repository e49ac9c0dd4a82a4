/* Loading a configuration: the smallest valid one, all problems at once, near misses, cross-field
 * rules, secrets inline, from files and credentials, file mode, secrets never echoed, relative
 * paths, users, plugin settings laid over a trader's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conf/conf.h"
#include "core/alloc.h"
#include "core/file.h"

#define TOKEN_A "1001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN_B "1002:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define SECRET  "sixteen-letters_"
#define VALID                                                                                      \
    "\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A                                           \
    "\"}},\"http\":{\"webhook_secret\":\"" SECRET "\"}"

static struct conf *c;
static struct conf_problems *p;

static void setup(void)
{
    c = xalloc(sizeof *c);
    p = xalloc(sizeof *p);
}

static void teardown(void)
{
    c = mem_free(c);
    p = mem_free(p);
}

TestSuite(conf, .init = setup, .fini = teardown);

static int load(const char *json)
{
    return conf_load_text(json, strlen(json), "/etc/trident", c, p);
}

static const struct conf_problem *find(const char *path)
{
    for (int i = 0; i < p->count; i++) {
        if (str_eq(p->items[i].path, path))
            return &p->items[i];
    }
    return NULL;
}

/* json has exactly one problem, at path. */
static void expect_one(const char *json, const char *path, const char *part_of_accepted)
{
    cr_assert_eq(load(json), CONF_E_INVALID, "%s", json);
    for (int i = 0; i < p->count; i++)
        cr_assert_str_eq(p->items[i].path, path, "%s %s", p->items[i].path, p->items[i].accepted);
    cr_assert_eq(p->count, 1);
    cr_assert_not_null(strstr(p->items[0].accepted, part_of_accepted), "%s", p->items[0].accepted);
}

Test(conf, a_token_and_a_webhook_secret_are_enough)
{
    cr_assert_eq(load("{" VALID "}"), CONF_OK);
    cr_assert_eq(p->count, 0);
    cr_assert_str_eq(c->telegram.bots[BOT_CONTROLLER].token, TOKEN_A);
    cr_assert_str_eq(c->http.webhook_secret, SECRET);
    cr_assert_eq(c->http.port, 8001);
    cr_assert_eq(c->trader_count, 1);
    cr_assert_str_eq(c->traders[0].id, "main");
    cr_assert_eq(c->traders[0].utc_offset_min, 330);
    cr_assert_eq(c->traders[0].start_balance_e8, 10000 * DEC_ONE);
}

Test(conf, any_one_token_is_enough)
{
    cr_assert_eq(load("{\"telegram\":{\"analytics\":{\"token\":\"" TOKEN_A "\"}},"
                      "\"http\":{\"allow_open\":true}}"),
                 CONF_OK);
}

Test(conf, reports_every_problem_at_once)
{
    cr_assert_eq(load("{\"http\":{\"port\":70000,\"allow_open\":\"yes\",\"prot\":1},"
                      "\"log\":{\"level\":\"loud\"},"
                      "\"users\":[{\"role\":\"king\"},{\"user_id\":5},{\"user_id\":5}],"
                      "\"traders\":[{\"risk\":{\"daily_loss_cap\":-1}},{\"id\":\"main\"}]}"),
                 CONF_E_INVALID);
    const char *expected[] = {"http.port",          "http.allow_open",
                              "http.prot",          "log.level",
                              "users[0].role",      "users[0].user_id",
                              "users[2].user_id",   "traders[0].risk.daily_loss_cap",
                              "traders[1].id",      "telegram.controller.token",
                              "http.webhook_secret"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(expected); i++)
        cr_assert_not_null(find(expected[i]), "%s", expected[i]);
    cr_assert_eq(p->count, (int)TR_ARRAY_SIZE(expected));
    cr_assert_str_eq(find("http.port")->value, "70000");
    cr_assert_str_eq(find("http.port")->accepted, "a whole number from 0 to 65535");
}

Test(conf, keeps_counting_when_there_are_too_many_problems)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_puts(&b, "{" VALID);
    for (int i = 0; i < 100; i++)
        buf_printf(&b, ",\"zzz%d\":1", i);
    buf_puts(&b, "}");
    cr_assert_eq(load(b.data), CONF_E_INVALID);
    cr_assert_eq(p->count, CONF_PROBLEMS_MAX);
    cr_assert_eq(p->dropped, 100 - CONF_PROBLEMS_MAX);
    buf_deinit(&b);
}

Test(conf, suggests_the_name_that_was_meant)
{
    expect_one("{" VALID ",\"data_dri\":\"x\"}", "data_dri", "\"data_dir\"");
    expect_one("{" VALID ",\"port\":80}", "port", "\"http.port\"");
    expect_one("{" VALID ",\"user\":[]}", "user", "\"users\"");
    expect_one("{" VALID ",\"traders\":[{\"plugins\":{\"combined_v3\":{\"min_scor\":5}}}]}",
               "traders[0].plugins.combined_v3.min_scor", "\"plugins.combined_v3.min_score\"");
    expect_one("{" VALID ",\"qqqqqqqqqq\":1}", "qqqqqqqqqq", "trident config schema");
}

Test(conf, comments_and_the_schema_reference_are_no_keys)
{
    cr_assert_eq(load("{\"$schema\":\"x\",\"_help\":\"y\"," VALID ",\"log\":{\"_why\":[1]}}"),
                 CONF_OK);
}

Test(conf, names_line_and_column_of_broken_json)
{
    expect_one("{\n  \"http\": {,}\n}", "(file)", "JSON object");
    cr_assert_not_null(strstr(p->items[0].value, "line 2"), "%s", p->items[0].value);
    expect_one("[]", "(file)", "JSON object");
    expect_one("", "(file)", "JSON object");
    expect_one("{" VALID "} trailing", "(file)", "JSON object");
    cr_assert_eq(conf_load_text("{}\0", 3, NULL, c, p), CONF_E_INVALID);
}

Test(conf, objects_and_lists_must_be_what_they_are)
{
    expect_one("{" VALID ",\"log\":7}", "log", "an object");
    expect_one("{" VALID ",\"users\":{}}", "users", "a list");
    expect_one("{" VALID ",\"traders\":[]}", "traders", "a list");
    expect_one("{" VALID ",\"users\":[7]}", "users[0]", "an object");
}

Test(conf, decimals_keep_every_digit)
{
    cr_assert_eq(load("{" VALID ",\"traders\":[{\"plugins\":{\"combined_v3\":"
                      "{\"base_lot\":0.07,\"rr_ratio\":\"1.12345678\"}}}]}"),
                 CONF_OK);
    cr_assert_eq(c->traders[0].combined_v3.base_lot_e8, 7000000);
    cr_assert_eq(c->traders[0].combined_v3.rr_ratio_e8, 112345678);
    expect_one("{" VALID
               ",\"traders\":[{\"plugins\":{\"combined_v3\":{\"rr_ratio\":1.123456789}}}]}",
               "traders[0].plugins.combined_v3.rr_ratio", "at most 8 decimals");
}

Test(conf, symbols_are_normalised_and_must_be_known)
{
    cr_assert_eq(load("{" VALID ",\"traders\":[{\"symbol_default\":\"OANDA:gold\","
                      "\"plugins\":{\"combined_v3\":{\"symbols\":[\"EURUSD\",\"xau/usd\"]}}}]}"),
                 CONF_OK);
    cr_assert_str_eq(c->traders[0].symbol_default, "XAUUSD");
    cr_assert_eq(c->traders[0].combined_v3.symbol_count, 2);
    cr_assert_str_eq(c->traders[0].combined_v3.symbols[1], "XAUUSD");
    expect_one(
        "{" VALID
        ",\"traders\":[{\"plugins\":{\"combined_v3\":{\"symbols\":[\"EURUSD\",\"NOPE\"]}}}]}",
        "traders[0].plugins.combined_v3.symbols[1]", "known symbol");
}

Test(conf, tokens_have_their_form)
{
    cr_assert(conf_is_token(TOKEN_A));
    cr_assert(conf_is_token("123:abcdefghijklmnopqrstuvwxyz_-AZ"));
    cr_assert_not(conf_is_token("12:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    cr_assert_not(conf_is_token("1001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    cr_assert_not(conf_is_token("1001AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    cr_assert_not(conf_is_token("1001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAA"));
    cr_assert_not(conf_is_token(""));
}

Test(conf, one_token_may_serve_several_bots_but_the_legacy_bot_is_another)
{
    cr_assert_eq(
        load("{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A
             "\"},\"analytics\":{\"token\":\"" TOKEN_A "\"}}}"),
        CONF_OK);
    expect_one("{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A
               "\"}},\"legacy\":{\"mode\":\"adopted\",\"token\":\"" TOKEN_A "\"}}",
               "legacy.token", "telegram.controller.token");
}

Test(conf, an_open_webhook_needs_loopback)
{
    expect_one("{\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A "\"}},"
               "\"http\":{\"allow_open\":true,\"listen\":\"0.0.0.0\"}}",
               "http.allow_open", "loopback");
    expect_one("{\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A "\"}},"
               "\"http\":{\"webhook_secret\":\"fifteen-letters\"}}",
               "http.webhook_secret", "at least 16");
}

Test(conf, plain_http_only_on_loopback)
{
    const char *good[] = {"https://api.telegram.org", "http://127.0.0.1:8081", "http://localhost:1",
                          "http://[::1]:8081"};
    const char *bad[] = {"http://api.telegram.org",
                         "http://127.0.0.1.evil.example",
                         "ftp://x",
                         "http://127.0.0.1:1@evil.example/",
                         "https://",
                         "http://localhost.evil"};
    char json[512];
    for (size_t i = 0; i < TR_ARRAY_SIZE(good); i++) {
        snprintf(json, sizeof json,
                 "{\"http\":{\"allow_open\":true},\"telegram\":{\"base_url\":\"%s\",\"controller\":"
                 "{\"token\":\"" TOKEN_A "\"}}}",
                 good[i]);
        cr_assert_eq(load(json), CONF_OK, "%s", good[i]);
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        snprintf(json, sizeof json,
                 "{\"http\":{\"allow_open\":true},\"telegram\":{\"base_url\":\"%s\",\"controller\":"
                 "{\"token\":\"" TOKEN_A "\"}}}",
                 bad[i]);
        expect_one(json, "telegram.base_url", "https://");
    }
}

Test(conf, legacy_modes_need_what_they_use)
{
    expect_one("{" VALID ",\"legacy\":{\"mode\":\"adopted\"}}", "legacy.token", "adopted");
    expect_one("{" VALID ",\"legacy\":{\"mode\":\"external\",\"copy_notifications\":false}}",
               "legacy.mirror_url", "{command}");
    expect_one("{" VALID
               ",\"legacy\":{\"mode\":\"external\",\"mirror_url\":\"http://127.0.0.1:8000/\"}}",
               "legacy.token", "copy_notifications");
    cr_assert_eq(load("{" VALID ",\"legacy\":{\"mode\":\"external\",\"token\":\"" TOKEN_B
                      "\",\"mirror_url\":\"http://127.0.0.1:8000/{command}\"}}"),
                 CONF_OK);
    cr_assert_eq(c->legacy.mode, LEGACY_EXTERNAL);
    cr_assert_str_eq(c->telegram.bots[BOT_LEGACY].token, TOKEN_B);
}

Test(conf, recorded_bars_need_their_files)
{
    cr_assert_eq(load("{" VALID ",\"traders\":[{\"broker\":{\"feed\":\"csv\"}}]}"), CONF_E_INVALID);
    cr_assert_eq(p->count, 2);
    cr_assert_not_null(find("traders[0].broker.csv_bid"));
    cr_assert_not_null(find("traders[0].broker.csv_ask"));
}

Test(conf, networks_are_checked)
{
    cr_assert_eq(load("{\"telegram\":{\"controller\":{\"token\":\"" TOKEN_A
                      "\"}},\"http\":{\"allow_open\":"
                      "true,\"allow\":[\"10.0.0.0/8\",\"::1\",\"10.0.0.0/"
                      "33\",\"example.org\",\"\",\"10.0.0.1/8\"]}}"),
                 CONF_E_INVALID);
    cr_assert_eq(p->count, 4);
    cr_assert_eq(c->http.allow_count, 2);
    cr_assert_not_null(find("http.allow[2]"));
    cr_assert_not_null(find("http.allow[3]"));
    cr_assert_not_null(find("http.allow[4]"));
}

Test(conf, secrets_never_show_in_problems)
{
    cr_assert_eq(load("{\"http\":{\"webhook_secret\":\"TOPSECRET\",\"admin_tokn\":\"TOPSECRET2\","
                      "\"admin_token\":[\"TOPSECRET3\"]},"
                      "\"telegram\":{\"controller\":{\"token\":\"1234:TOPSECRET\"},"
                      "\"analytics\":{\"token\":4711},\"notification\":\"TOPSECRET5\"},"
                      "\"legacy\":{\"mirror_token\":{\"value\":\"TOPSECRET6\"}}}"),
                 CONF_E_INVALID);
    cr_assert_geq(p->count, 7);
    for (int i = 0; i < p->count; i++) {
        cr_assert_null(strstr(p->items[i].value, "SECRET"), "%s", p->items[i].path);
        cr_assert_null(strstr(p->items[i].value, "4711"), "%s", p->items[i].path);
        cr_assert_null(strstr(p->items[i].accepted, "TOPSECRET"), "%s", p->items[i].path);
    }
}

Test(conf, printed_configuration_hides_secrets)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    cr_assert_eq(load("{" VALID ",\"users\":[{\"user_id\":7,\"role\":\"admin\"}]}"), CONF_OK);
    conf_show_json(c, &b);
    cr_assert_null(strstr(b.data, TOKEN_A));
    cr_assert_null(strstr(b.data, SECRET));
    cr_assert_not_null(strstr(b.data, "\"admin\""));
    cr_assert_not_null(strstr(b.data, "[redacted]"));
    buf_deinit(&b);
}

struct folder {
    char dir[64], file[96], conf[96];
};

static void make_folder(struct folder *f, const char *secret)
{
    strcpy(f->dir, "/tmp/trident-conf-XXXXXX");
    cr_assert_not_null(mkdtemp(f->dir));
    snprintf(f->file, sizeof f->file, "%s/token", f->dir);
    snprintf(f->conf, sizeof f->conf, "%s/trident.json", f->dir);
    cr_assert_eq(file_write_atomic(f->file, secret, strlen(secret), 0400), 0);
}

static void write_conf(const struct folder *f, const char *json, int mode)
{
    cr_assert_eq(file_write_atomic(f->conf, json, strlen(json), mode), 0);
    cr_assert_eq(chmod(f->conf, (mode_t)mode), 0);
}

static void remove_folder(const struct folder *f)
{
    unlink(f->file);
    unlink(f->conf);
    rmdir(f->dir);
}

Test(conf, reads_secrets_from_files_and_credentials)
{
    struct folder f;
    make_folder(&f, TOKEN_B "\n");
    write_conf(&f,
               "{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":{\"file\":"
               "\"token\"}}}}",
               0644);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_OK, "%s %s", p->items[0].path, p->items[0].accepted);
    cr_assert_str_eq(c->telegram.bots[BOT_CONTROLLER].token, TOKEN_B);
    write_conf(&f,
               "{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":"
               "{\"credential\":\"token\"}}}}",
               0644);
    unsetenv("CREDENTIALS_DIRECTORY");
    cr_assert_eq(conf_load(f.conf, c, p), CONF_E_INVALID);
    cr_assert_str_eq(p->items[0].path, "telegram.controller.token");
    cr_assert_str_eq(p->items[0].value, "{\"credential\":\"token\"}");
    cr_assert_str_eq(p->items[0].accepted,
                     "$CREDENTIALS_DIRECTORY to be set: by LoadCredential=token:FILE in the unit, "
                     "or by hand to the folder that has the file token");
    setenv("CREDENTIALS_DIRECTORY", "/nowhere", 1);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_E_INVALID);
    cr_assert_str_eq(p->items[0].path, "telegram.controller.token");
    cr_assert_str_eq(p->items[0].accepted, "a credential (LoadCredential= in the unit); "
                                           "/nowhere/token: No such file or directory");
    setenv("CREDENTIALS_DIRECTORY", f.dir, 1);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_OK);
    cr_assert_str_eq(c->telegram.bots[BOT_CONTROLLER].token, TOKEN_B);
    FILE *empty = fopen(f.file, "w");
    cr_assert_not_null(empty);
    fputs("\n", empty);
    fclose(empty);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_E_INVALID);
    cr_assert_not_null(strstr(p->items[0].accepted, "/token: it is empty"), "%s",
                       p->items[0].accepted);
    remove_folder(&f);
}

Test(conf, refuses_odd_secret_sources)
{
    struct folder f;
    const char *sources[] = {"{\"file\":\"missing\"}",
                             "{\"file\":\"\"}",
                             "{\"file\":7}",
                             "{\"credential\":\"../token\"}",
                             "{\"file\":\"a\",\"credential\":\"b\"}",
                             "{}",
                             "{\"file\":\"/dev/zero\"}",
                             "{\"vault\":\"x\"}"};
    char json[256];
    make_folder(&f, TOKEN_B);
    setenv("CREDENTIALS_DIRECTORY", f.dir, 1);
    for (size_t i = 0; i < TR_ARRAY_SIZE(sources); i++) {
        snprintf(json, sizeof json,
                 "{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":%s}}}",
                 sources[i]);
        write_conf(&f, json, 0600);
        cr_assert_eq(conf_load(f.conf, c, p), CONF_E_INVALID, "%s", sources[i]);
        cr_assert_eq(p->count, 1, "%s", sources[i]);
        cr_assert_str_eq(p->items[0].path, "telegram.controller.token");
    }
    remove_folder(&f);
}

Test(conf, inline_secrets_need_a_private_file)
{
    struct folder f;
    make_folder(&f, "x");
    write_conf(&f, "{" VALID "}", 0640);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_E_INVALID);
    cr_assert_eq(p->count, 1);
    cr_assert_str_eq(p->items[0].value, "mode 0640");
    cr_assert_not_null(strstr(p->items[0].accepted, "chmod 600"));
    write_conf(&f, "{" VALID "}", 0600);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_OK);
    write_conf(&f, "{" VALID "}", 0400);
    cr_assert_eq(conf_load(f.conf, c, p), CONF_OK);
    char data[128];
    snprintf(data, sizeof data, "%s/data", f.dir);
    cr_assert_str_eq(c->data_dir, data);
    remove_folder(&f);
}

Test(conf, a_missing_file_is_a_failure_with_its_reason)
{
    cr_assert_lt(conf_load("/nonexistent/trident.json", c, p), 0);
    cr_assert_eq(p->count, 1);
    cr_assert_not_null(strstr(p->items[0].value, "No such file"));
}

Test(conf, users_act_in_private_and_in_their_bound_chat)
{
    cr_assert_eq(load("{" VALID ",\"users\":[{\"user_id\":7,\"chat_id\":-100,\"role\":\"trader\"},"
                      "{\"user_id\":9007199254740991}]}"),
                 CONF_E_INVALID);
    cr_assert_eq(
        load("{" VALID ",\"users\":[{\"user_id\":7,\"chat_id\":-100,\"role\":\"trader\"},"
             "{\"user_id\":8}],\"notify_chats\":[{\"chat_id\":-200,\"lang\":\"hinglish\"}]}"),
        CONF_OK);
    cr_assert_eq(conf_user(c, 7, -100)->role, ROLE_TRADER);
    cr_assert_eq(conf_user(c, 7, 7)->user_id, 7);
    cr_assert_null(conf_user(c, 7, -101));
    cr_assert_null(conf_user(c, 7, 8));
    cr_assert_eq(conf_user(c, 8, 8)->role, ROLE_VIEWER);
    cr_assert_null(conf_user(c, 8, -100));
    cr_assert_null(conf_user(c, 0, 0));
    cr_assert_eq(c->notify_chat_count, 1);
    cr_assert_eq(c->notify_chats[0].lang, LANG_HINGLISH);
}

static void lay_over(const char *json)
{
    memset(p, 0, sizeof *p);
    conf_plugins_override(json, strlen(json), &c->traders[0], p);
}

Test(conf, plugin_settings_are_laid_over_a_trader)
{
    conf_defaults(c);
    const struct combined_v3_conf *v3 = &c->traders[0].combined_v3;
    lay_over("{\"combined_v3\":{\"min_score\":8,\"symbols\":[\"EURUSD\",\"GOLD\"]}}");
    cr_assert_eq(p->count, 0);
    cr_assert_eq(v3->min_score, 8);
    cr_assert_eq(v3->symbol_count, 2);
    cr_assert_eq(v3->max_open_trades, 5, "what is not named stays");
    lay_over("{\"combined_v3\":{\"symbols\":[\"USDJPY\"]}}");
    cr_assert_eq(v3->symbol_count, 1, "a list replaces");
    cr_assert_str_eq(v3->symbols[0], "USDJPY");
    lay_over("{\"combined_v3\":{\"min_scor\":1,\"min_score\":99},\"v9\":{}}");
    cr_assert_eq(p->count, 3);
    cr_assert_not_null(find("plugins.combined_v3.min_score"));
    cr_assert_not_null(strstr(find("plugins.combined_v3.min_scor")->accepted, "min_score"));
    cr_assert_not_null(find("plugins.v9"));
    cr_assert_eq(v3->min_score, 8);
    lay_over("[]");
    cr_assert_eq(p->count, 1);
}

Test(conf, wiping_leaves_nothing)
{
    cr_assert_eq(load("{" VALID "}"), CONF_OK);
    conf_wipe(c);
    const unsigned char *bytes = (const unsigned char *)c;
    for (size_t i = 0; i < sizeof *c; i++)
        cr_assert_eq(bytes[i], 0);
}
