/* brokers/paper_vault.h: the paper book kept on file: a change is written to the log first and
 * applied after, so what anybody was told is found again after kill -9. Owner thread only. */
#ifndef TRIDENT_BROKERS_PAPER_VAULT_H
#define TRIDENT_BROKERS_PAPER_VAULT_H

#include "brokers/paper_log.h"

struct paper_vault;
/* Loads conf->state_path (creates it; "" = memory only) and compacts it. conf is copied. */
TR_MUST_USE int paper_vault_open(const struct paper_conf *conf, int64_t now_ms,
                                 struct paper_vault **ret_vault);
struct paper_vault *paper_vault_close(struct paper_vault *v); /* accepts NULL, returns NULL */
/* False: the log could not take it (said once in the program's log) and it did not happen. */
TR_MUST_USE bool paper_vault_commit(struct paper_vault *v, const struct paper_change *c);
struct paper_book *paper_vault_book(struct paper_vault *v); /* quotes are set there directly */
/* The feeds' last known state. */
const struct paper_market *paper_vault_market(const struct paper_vault *v);
void paper_vault_save_market(struct paper_vault *v, const struct paper_market *m);

#endif
