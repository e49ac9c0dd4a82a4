/* An example of a strategy as a program of its own (docs/PLUGINS.md), in C without any library:
 * every entry alert is followed with the stop and target it carries and the smallest lot; exits
 * close what is open. One line of JSON comes in, one goes out.
 *
 *   cc -O2 -o follow docs/plugins/follow.c && trident plugin-check ./follow
 *
 * The lines trident writes have one shape (no spaces, keys in a fixed order, none twice), so a
 * search for "key": is enough to read them here; a larger strategy takes a JSON library. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
#define VALUE_CAP      64

/* The text or number after "key": in the object that begins at `from`; false when it is null or not
 * there. */
static bool value_of(const char *from, const char *key, char ret[VALUE_CAP])
{
    char name[VALUE_CAP];
    (void)snprintf(name, sizeof(name), "\"%s\":", key);
    const char *p = from != NULL ? strstr(from, name) : NULL;
    if (p == NULL)
        return false;
    p += strlen(name);
    bool is_text = *p == '"';
    p += is_text;
    size_t n = strcspn(p, is_text ? "\"" : ",}]");
    if (n >= VALUE_CAP || (!is_text && strncmp(p, "null", 4) == 0))
        return false;
    memcpy(ret, p, n);
    ret[n] = '\0';
    return true;
}

static void answer_close(const char *id, const char *positions)
{
    char cid[VALUE_CAP];
    const char *separator = "";
    printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"close\",\"closes\":[", id);
    for (const char *p = positions; (p = strstr(p, "{\"id\":")) != NULL; p++)
        if (value_of(p, "id", cid)) {
            printf("%s\"%s\"", separator, cid);
            separator = ",";
        }
    printf("]}\n");
}

static void answer_skip(const char *id, const char *reason)
{
    printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"skip\",\"reason\":\"%s\"}\n", id, reason);
}

static void answer(const char *line)
{
    char id[VALUE_CAP], kind[VALUE_CAP], side[VALUE_CAP], stop[VALUE_CAP], target[VALUE_CAP],
        lots[VALUE_CAP];
    const char *alert = strstr(line, "\"signal\":{");
    const char *symbol = strstr(line, "\"symbol\":{");
    const char *positions = strstr(line, "\"positions\":[");
    if (!value_of(line, "id", id))
        return;
    if (!value_of(alert, "kind", kind) || positions == NULL) {
        answer_skip(id, "NOT_UNDERSTOOD");
        return;
    }
    bool is_open = strncmp(positions, "\"positions\":[]", 14) != 0;
    if (strstr(kind, "Exit") != NULL || strstr(kind, "EXIT") != NULL) {
        if (is_open)
            answer_close(id, positions);
        else
            answer_skip(id, "NOTHING_TO_CLOSE");
        return;
    }
    if (!value_of(alert, "side", side) || side[0] == '\0' || !value_of(alert, "sl", stop) ||
        !value_of(symbol, "lots_min", lots)) {
        answer_skip(id, "NO_STOP_IN_THE_ALERT");
        return;
    }
    printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"execute\",\"route\":\"FOLLOW\","
           "\"orders\":[{\"role\":\"A\",\"side\":\"%s\",\"lots\":\"%s\",\"sl\":\"%s\"",
           id, side, lots, stop);
    if (value_of(alert, "tp1", target))
        printf(",\"tp\":\"%s\"", target);
    printf("}]}\n");
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    if (fgets(line, sizeof(line), stdin) == NULL)
        return 1;
    printf("{\"type\":\"hello\",\"protocol\":1,\"name\":\"follow\",\"version\":\"1.0\"}\n");
    (void)fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        answer(line);
        (void)fflush(stdout);
    }
    return 0;
}
