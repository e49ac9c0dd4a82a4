/* signals/parse.h: inbound wire formats -> struct signal. Tolerant as spec strategies 0.1 and 1
 * say: first non-blank '{' -> JSON (V3 or legacy by "type"), else a '|' -> V6 pipe text, else the
 * two V6 reversal sentences. Bare {{...}} outside strings becomes null; "{{ticker}}" strings count
 * as missing. Total on any bytes, bounded (16 KiB, depth 8, 64 keys). Pure, any thread. */
#ifndef TRIDENT_SIGNALS_PARSE_H
#define TRIDENT_SIGNALS_PARSE_H

#include "model/reason.h"
#include "model/signal.h"

#define SIGNAL_BODY_MAX_BYTES (16 * 1024)

struct signal_fault {
    enum reason reason; /* FIELD_MISSING, FIELD_INVALID, SYMBOL_MISSING, SIGNAL_UNKNOWN ... */
    char field[32];     /* "consensus_score"; "body" when it cannot be read at all */
    char value[64];     /* what was read, sanitised */
    char accepted[96];  /* what would be accepted */
};

/* Returns 0 and fills ret, or SIGNAL_E_REFUSED and fills fault. symbol_hint: from the address
 * (query or path) or configuration, used when the body has no usable symbol; NULL = none. */
enum signal_result { SIGNAL_PARSED = 0, SIGNAL_E_REFUSED = 1 };
TR_MUST_USE enum signal_result signal_parse(const char *body, size_t len, const char *symbol_hint,
                                            int64_t now_ms, struct signal *ret,
                                            struct signal_fault *ret_fault);

#endif
