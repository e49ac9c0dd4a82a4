/* trident token: makes, lists, ends and replaces tokens of the control interface. The list is a
 * file in the data directory that the daemon reads again by itself; no daemon has to run. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "http/http.h"
#include "http/tokens.h"

#define DAY_MS         INT64_C(86400000)
#define HOUR_MS        INT64_C(3600000)
#define DAYS_DEFAULT   "90"
#define GRACE_DEFAULT  "24"
#define PASSPHRASE_MIN 12
#define PASSPHRASE_CAP 129
#define PATH_CAP       (CONF_PATH_CAP + 16)

enum { CONFIG, SCOPE, DAYS, GRACE, OPTIONS };

struct token_job {
    const struct cli_arguments *a;
    struct tokens *tokens;
    int64_t now_ms;
    int64_t days, grace_hours; /* days 0: never ends */
    bool changed;
};

static const char *option_or(const struct token_job *j, int which, const char *otherwise)
{
    return j->a->options[which].given ? j->a->options[which].value : otherwise;
}

static int64_t end_of(const struct token_job *j)
{
    return j->days == 0 ? TOKEN_NEVER_MS : j->now_ms + j->days * DAY_MS;
}

static int issue(struct token_job *j, const struct token *like)
{
    char text[TOKEN_TEXT_CAP], until[CLOCK_TEXT_CAP] = "it is revoked";
    if (!tokens_issue(j->tokens, like, text)) {
        cli_error("token: there are %d tokens; revoke one first", TOKENS_MAX);
        return CLI_FAILED;
    }
    j->changed = true;
    if (like->expires_ms != TOKEN_NEVER_MS)
        clock_format_rfc3339(like->expires_ms, until);
    cli_print("%s\n", text);
    cli_error("this is the only time it is shown; scope %s, good until %s",
              token_scope_name(like->scope), until);
    hash_wipe(text, sizeof(text));
    return CLI_OK;
}

static int new_token(struct token_job *j, const char *name)
{
    struct token like = {.created_ms = j->now_ms, .expires_ms = end_of(j)};
    if (!token_name_is_good(name) || !str_copy(like.name, sizeof(like.name), name))
        return cli_usage_error(&cli_token, "a name is 1-%d of A-Z a-z 0-9 - _ .",
                               TOKEN_NAME_CAP - 1);
    if (!token_scope_parse(option_or(j, SCOPE, "read"), &like.scope))
        return cli_usage_error(&cli_token, "--scope is read, trade or admin");
    return issue(j, &like);
}

static struct token *find(struct token_job *j, const char *id)
{
    struct token *t = tokens_find(j->tokens, id);
    if (t == NULL)
        cli_error("token: there is none with the id \"%.16s\"; `trident token list` shows them",
                  id);
    return t;
}

static int revoke(struct token_job *j, const char *id)
{
    struct token *t = find(j, id);
    if (t == NULL)
        return CLI_FAILED;
    if (t->revoked_ms == 0)
        t->revoked_ms = j->now_ms;
    j->changed = true;
    cli_print("revoked: %s %s\n", t->id, t->name);
    return CLI_OK;
}

/* The old one goes on for a while, so that its user can change without a failed call. */
static int rotate(struct token_job *j, const char *id)
{
    struct token *t = find(j, id);
    if (t == NULL)
        return CLI_FAILED;
    if (token_verdict_at(t, j->now_ms) != TOKEN_VALID) {
        cli_error("token: %s is not valid any more; make a new one", t->id);
        return CLI_FAILED;
    }
    struct token like = *t;
    int64_t old_end_ms = j->now_ms + j->grace_hours * HOUR_MS;
    like.created_ms = j->now_ms;
    like.expires_ms = end_of(j);
    int r = issue(j, &like);
    t = tokens_find(j->tokens, id);
    if (r == CLI_OK && t->expires_ms > old_end_ms)
        t->expires_ms = old_end_ms;
    return r;
}

static int list(const struct token_job *j)
{
    static const char *const verdicts[] = {[TOKEN_UNKNOWN] = "",
                                           [TOKEN_VALID] = "valid",
                                           [TOKEN_EXPIRED] = "expired",
                                           [TOKEN_REVOKED] = "revoked"};
    for (size_t i = 0; i < j->tokens->count; i++) {
        const struct token *t = &j->tokens->items[i];
        char created[CLOCK_TEXT_CAP], until[CLOCK_TEXT_CAP] = "never";
        clock_format_rfc3339(t->created_ms, created);
        if (t->expires_ms != TOKEN_NEVER_MS)
            clock_format_rfc3339(t->expires_ms, until);
        cli_print("%s  %-5s  %-7s  made %.10s  ends %.10s  %s\n", t->id, token_scope_name(t->scope),
                  verdicts[token_verdict_at(t, j->now_ms)], created, until, t->name);
    }
    if (j->tokens->count == 0)
        cli_print("There are no tokens.\n");
    return CLI_OK;
}

static int do_job(struct token_job *j)
{
    static const struct {
        const char *verb;
        int (*fn)(struct token_job *j, const char *what);
    } verbs[] = {{"new", new_token}, {"revoke", revoke}, {"rotate", rotate}};
    const char *verb = j->a->words[0];
    if (str_eq(verb, "list") && j->a->word_count == 1)
        return list(j);
    for (size_t i = 0; i < TR_ARRAY_SIZE(verbs); i++) {
        if (!str_eq(verb, verbs[i].verb))
            continue;
        if (j->a->word_count == 2)
            return verbs[i].fn(j, j->a->words[1]);
        return cli_usage_error(&cli_token, "%s wants %s", verb, i == 0 ? "a NAME" : "an ID");
    }
    return cli_usage_error(&cli_token, "new, list, revoke or rotate?");
}

/* From a pipe nothing but the result is printed. */
static int ask_words(const char *question, char ret[PASSPHRASE_CAP])
{
    if (terminal_is_person())
        return terminal_ask(question, true, ret, PASSPHRASE_CAP);
    if (fgets(ret, PASSPHRASE_CAP, stdin) == NULL)
        return TERMINAL_E_END;
    size_t len = strcspn(ret, "\r\n");
    bool is_whole = ret[len] != '\0' || len + 1 < PASSPHRASE_CAP;
    ret[len] = '\0';
    return is_whole ? TERMINAL_OK : TERMINAL_E_TOO_LONG;
}

/* The passphrase's Argon2id, for the configuration; nothing is written here. */
static int make_passphrase(void)
{
    char words[PASSPHRASE_CAP] = "", again[PASSPHRASE_CAP] = "", stored[HASH_PASSPHRASE_CAP];
    int r = ask_words("Passphrase: ", words);
    if (r == TERMINAL_OK && terminal_is_person())
        r = ask_words("Once more: ", again);
    else
        (void)str_copy(again, sizeof again, words); /* same cap */
    int result = CLI_FAILED;
    if (r != TERMINAL_OK)
        cli_error("token: no passphrase of at most %d bytes was given", PASSPHRASE_CAP - 1);
    else if (!str_eq(words, again))
        cli_error("token: the two are not the same");
    else if (strlen(words) < PASSPHRASE_MIN)
        cli_error("token: at least %d characters", PASSPHRASE_MIN);
    else if (hash_passphrase(words, stored) < 0)
        cli_error("token: there is no memory for it (64 MiB)");
    else
        result = CLI_OK;
    hash_wipe(words, sizeof words);
    hash_wipe(again, sizeof again);
    if (result == CLI_OK)
        cli_print("%s\n", stored);
    return result;
}

/* One at a time: two that write would lose one another's token. */
static int with_file(const struct conf *c, struct token_job *j)
{
    char path[PATH_CAP], lock[PATH_CAP];
    int lock_fd = -1;
    (void)snprintf(path, sizeof(path), "%s/" HTTP_TOKENS_FILE, c->data_dir);
    (void)snprintf(lock, sizeof(lock), "%s/" HTTP_TOKENS_FILE ".lock", c->data_dir);
    int r = file_mkdirs(c->data_dir, 0700);
    if (r == 0)
        r = file_lock(lock, &lock_fd);
    if (r == 0)
        r = tokens_read(path, j->tokens);
    int result = r == 0 ? do_job(j) : CLI_FAILED;
    if (r == 0 && j->changed)
        r = tokens_write(path, j->tokens);
    if (lock_fd >= 0)
        (void)file_close(lock_fd); /* always -1 */
    if (r < 0)
        cli_error("token: %s: %s", path, strerrordesc_np(-r));
    return r < 0 ? CLI_FAILED : result;
}

static int token_run(int argc, char **argv)
{
    struct cli_option options[OPTIONS] = {
        [CONFIG] = {.name = "--config", .takes_value = true},
        [SCOPE] = {.name = "--scope", .takes_value = true},
        [DAYS] = {.name = "--days", .takes_value = true},
        [GRACE] = {.name = "--grace-hours", .takes_value = true},
    };
    struct cli_arguments a = {.options = options, .option_count = OPTIONS, .word_max = 2};
    int r = cli_parse(&cli_token, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    if (a.word_count == 0)
        return cli_usage_error(&cli_token, "new, list, revoke or rotate?");
    if (a.word_count == 1 && str_eq(a.words[0], "passphrase"))
        return make_passphrase();
    struct token_job j = {.a = &a, .now_ms = clock_wall_ms(clock_real())};
    if (!str_to_i64(option_or(&j, DAYS, DAYS_DEFAULT), &j.days) || j.days < 0 || j.days > 3650)
        return cli_usage_error(&cli_token, "--days is 1 to 3650, or 0 for a token without an end");
    if (!str_to_i64(option_or(&j, GRACE, GRACE_DEFAULT), &j.grace_hours) || j.grace_hours < 0 ||
        j.grace_hours > 720)
        return cli_usage_error(&cli_token, "--grace-hours is 0 to 720");
    struct conf *c = cli_load_conf(cli_config_path(options[CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    j.tokens = xalloc(sizeof(*j.tokens));
    r = with_file(c, &j);
    j.tokens = mem_free(j.tokens);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_token = {
    .name = "token",
    .summary = "tokens for control over the port: make, list, revoke, rotate",
    .usage =
        "new NAME [--scope read|trade|admin] [--days 90]\n"
        "       trident token list\n"
        "       trident token revoke ID\n"
        "       trident token rotate ID [--grace-hours 24] [--days 90]\n"
        "       trident token passphrase\n"
        "       (each with --config FILE)\n\n"
        "read sees, trade also pauses, stops and trades, admin also changes settings. A token\n"
        "is shown once and kept as a hash. The daemon notices changes by itself: a revoked\n"
        "token fails at the next request. rotate makes a successor; the old one goes on for\n"
        "the grace, so that its user can change over. passphrase asks for words of your own and\n"
        "prints their Argon2id for http.admin_passphrase: whoever sends the words is admin.",
    .run = token_run,
};
