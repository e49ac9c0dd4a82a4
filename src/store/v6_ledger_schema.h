/* store/v6_ledger_schema.h: inside of the ledger: the tables of spec strategies 7.3, by the rules
 * of v3_ledger_schema.h (truth in _e8 and _ms columns, the documented names beside them). The four
 * trade tables have the same columns: those of all four in the specification, both orders, because
 * order types are configuration; what a timeframe does not look at is NULL. */
#ifndef TRIDENT_STORE_V6_LEDGER_SCHEMA_H
#define TRIDENT_STORE_V6_LEDGER_SCHEMA_H

#define V6_LEDGER_MIGRATION_COUNT 1
extern const char *const v6_ledger_migrations[V6_LEDGER_MIGRATION_COUNT];

#endif
