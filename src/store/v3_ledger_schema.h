/* store/v3_ledger_schema.h: inside of the ledger: the tables of spec strategies 7.2.
 *
 * Truth is in INTEGER columns with their unit in the name: <name>_e8 (1e-8) and <name>_ms (since
 * 1970 UTC). Beside each stands a generated column with the plain name of the specification
 * (entry_price REAL, entry_time TEXT in RFC 3339), so that foreign tools read the documented schema
 * and nothing can disagree with itself. Further columns of ours: cause_seq and seq (journal),
 * plugin_id, route as traded (logic_route only for LOGIC1-3), own entry, commission and swap per
 * leg, order_a_role 'M' for a position that no strategy opened. */
#ifndef TRIDENT_STORE_V3_LEDGER_SCHEMA_H
#define TRIDENT_STORE_V3_LEDGER_SCHEMA_H

/* 2: profit chains; 3: legacy_v2, 4: programs have databases of their own */
#define V3_LEDGER_MIGRATION_COUNT 4
extern const char *const v3_ledger_migrations[V3_LEDGER_MIGRATION_COUNT];

#endif
