/* store/legacy_ledger_schema.h: inside of the ledger: the generic tables of a plugin, spec
 * strategies 7.4, by the rules of v3_ledger_schema.h (truth in _e8 and _ms columns, the documented
 * names beside them): one row an order. Chains of legacy_v2 as the other plugins keep theirs. */
#ifndef TRIDENT_STORE_LEGACY_LEDGER_SCHEMA_H
#define TRIDENT_STORE_LEGACY_LEDGER_SCHEMA_H

#include "store/trade_ledger.h"

#define LEGACY_LEDGER_MIGRATION_COUNT 1
extern const char *const legacy_ledger_migrations[LEGACY_LEDGER_MIGRATION_COUNT];
extern const char *const outside_ledger_migrations[OUTSIDE_LEDGERS][LEGACY_LEDGER_MIGRATION_COUNT];

#endif
