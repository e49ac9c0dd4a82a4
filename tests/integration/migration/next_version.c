/* The program as it will be: linked instead of three functions of store/ (--wrap), it has one more
 * migration of each database that the environment names:
 *   TRIDENT_NEXT="notify.db=CREATE TABLE later(x);|journal.db=..." */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store/schema.h"

#define MIGRATIONS_MAX 32
#define SQL_CAP        512

int __real_db_open(const char *path, enum db_durability durability, const char *const *migrations,
                   int migration_count, struct db **ret);
int __wrap_db_open(const char *path, enum db_durability durability, const char *const *migrations,
                   int migration_count, struct db **ret);
bool __real_schema_is_due(const char *path, const struct schema *s);
bool __wrap_schema_is_due(const char *path, const struct schema *s);
int __real_schema_rehearse(const char *path, const struct schema *s);
int __wrap_schema_rehearse(const char *path, const struct schema *s);

struct longer {
    const char *migrations[MIGRATIONS_MAX];
    char sql[SQL_CAP];
    struct schema schema;
};

static _Thread_local bool is_rehearsing; /* schema.c opens the file as it is */

static void lengthen(const char *path, const char *const *migrations, int count, struct longer *ret)
{
    const char *name = strrchr(path, '/');
    const char *next = getenv("TRIDENT_NEXT");
    name = name != NULL ? name + 1 : path;
    ret->schema = (struct schema){migrations, count};
    for (; next != NULL && *next != '\0'; next += strcspn(next, "|"), next += *next == '|') {
        size_t len = strlen(name), end = strcspn(next, "|");
        if (strncmp(next, name, len) != 0 || next[len] != '=')
            continue;
        memcpy(ret->migrations, migrations, (size_t)count * sizeof *migrations);
        memcpy(ret->sql, next + len + 1, end - len - 1);
        ret->sql[end - len - 1] = '\0';
        ret->migrations[count] = ret->sql;
        ret->schema = (struct schema){ret->migrations, count + 1};
    }
}

int __wrap_db_open(const char *path, enum db_durability durability, const char *const *migrations,
                   int migration_count, struct db **ret)
{
    struct longer l;
    lengthen(path, migrations, migration_count, &l);
    if (is_rehearsing)
        l.schema = (struct schema){migrations, migration_count};
    return __real_db_open(path, durability, l.schema.migrations, l.schema.count, ret);
}

bool __wrap_schema_is_due(const char *path, const struct schema *s)
{
    struct longer l;
    lengthen(path, s->migrations, s->count, &l);
    return __real_schema_is_due(path, &l.schema);
}

int __wrap_schema_rehearse(const char *path, const struct schema *s)
{
    struct longer l;
    lengthen(path, s->migrations, s->count, &l);
    is_rehearsing = true;
    int r = __real_schema_rehearse(path, &l.schema);
    is_rehearsing = false;
    return r;
}
