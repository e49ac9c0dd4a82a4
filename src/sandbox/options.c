/* Options for the command line: `trident sandbox --port 8081 --bots controller=70001:abc@my_bot`.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/sandbox.h"

void sandbox_options_init(struct sandbox_options *opt)
{
    *opt = (struct sandbox_options){
        .listen_fd = -1,
        .bots = {{"7000000001:sandbox-controller-token-000000000", "controller",
                  "trident_controller_bot", "Trident Controller"},
                 {"7000000002:sandbox-notification-token-00000000", "notification",
                  "trident_notify_bot", "Trident Notifications"},
                 {"7000000003:sandbox-analytics-token-0000000000", "analytics",
                  "trident_analytics_bot", "Trident Analytics"}},
        .bot_count = 3,
        .users = {{1001, "Trader", "trader"}},
        .user_count = 1,
    };
}

struct reader {
    struct sandbox_options *opt;
    char *error;
    size_t cap;
};

static int complain(struct reader *r, const char *what, const char *got)
{
    (void)snprintf(r->error, r->cap, "%s (got \"%s\")", what, got ? got : "nothing");
    return err_raise(-EINVAL);
}

/* Cuts "key=value" at the first '='. */
static char *cut(char *item, char at)
{
    char *p = strchr(item, at);
    if (p)
        *p++ = '\0';
    return p;
}

static int read_bots(struct reader *r, char *list)
{
    r->opt->bot_count = 0;
    for (char *item = strsep(&list, ","); item; item = strsep(&list, ",")) {
        char *token = cut(item, '=');
        if (!token || !item[0] || !strchr(token, ':'))
            return complain(r, "--bots wants name=token[@username],...", item);
        if (r->opt->bot_count == SANDBOX_BOTS_MAX)
            return complain(r, "--bots takes at most 16", item);
        char *username = cut(token, '@');
        r->opt->bots[r->opt->bot_count++] = (struct sandbox_bot_conf){token, item, username, NULL};
    }
    return 0;
}

static int read_users(struct reader *r, char *list)
{
    r->opt->user_count = 0;
    for (char *item = strsep(&list, ","); item; item = strsep(&list, ",")) {
        char *name = cut(item, '=');
        int64_t id = 0;
        if (!name || !str_to_i64(item, &id) || id <= 0)
            return complain(r, "--users wants id=name,...", item);
        if (r->opt->user_count == SANDBOX_USERS_MAX)
            return complain(r, "--users takes at most 64", item);
        r->opt->users[r->opt->user_count++] = (struct sandbox_user_conf){id, name, NULL};
    }
    return 0;
}

static int read_groups(struct reader *r, char *list)
{
    r->opt->group_count = 0;
    for (char *item = strsep(&list, ","); item; item = strsep(&list, ",")) {
        char *title = cut(item, '=');
        int64_t id = 0;
        if (!title || !str_to_i64(item, &id) || id >= 0)
            return complain(r, "--groups wants negative-id=title,...", item);
        if (r->opt->group_count == SANDBOX_GROUPS_MAX)
            return complain(r, "--groups takes at most 16", item);
        r->opt->groups[r->opt->group_count++] = (struct sandbox_group_conf){id, title};
    }
    return 0;
}

static int read_number(struct reader *r, const char *name, const char *value, int64_t max,
                       int64_t *ret)
{
    int64_t v = 0;
    if (!str_to_i64(value, &v) || v < 0 || v > max)
        return complain(r, name, value);
    *ret = v;
    return 0;
}

static int read_value(struct reader *r, const char *name, char *value)
{
    const struct {
        const char *name;
        const char **field;
    } texts[] = {{"--listen", &r->opt->listen},
                 {"--record", &r->opt->record_path},
                 {"--state", &r->opt->state_path},
                 {"--web", &r->opt->web_dir},
                 {"--alert-url", &r->opt->alert_url}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(texts); i++)
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].field = value;
            return 0;
        }
    if (strcmp(name, "--bots") == 0)
        return read_bots(r, value);
    if (strcmp(name, "--users") == 0)
        return read_users(r, value);
    if (strcmp(name, "--groups") == 0)
        return read_groups(r, value);
    if (strcmp(name, "--first-update-id") == 0)
        return read_number(r, "--first-update-id wants a number", value, 1999999999,
                           &r->opt->first_update_id);
    int64_t port = 0;
    int rc = strcmp(name, "--port") == 0
                 ? read_number(r, "--port wants 0 to 65535", value, 65535, &port)
                 : complain(r, "unknown option", name);
    if (rc == 0)
        r->opt->port = (uint16_t)port;
    return rc;
}

int sandbox_options_from_args(struct sandbox_options *opt, int argc, char **argv, char *error,
                              size_t error_cap)
{
    TR_ASSERT(opt && error && error_cap > 0);
    struct reader r = {opt, error, error_cap};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--limits") == 0) {
            opt->enforce_limits = true;
        } else if (strcmp(argv[i], "--strict-polls") == 0) {
            opt->strict_polls = true;
        } else if (i + 1 == argc) {
            return complain(&r, "an option without its value, or unknown", argv[i]);
        } else {
            int rc = read_value(&r, argv[i], argv[i + 1]);
            if (rc < 0)
                return rc;
            i++;
        }
    }
    return 0;
}
