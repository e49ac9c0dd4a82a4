/* conf/conf_keys_security.h: who may send what, and what the process itself may do, as rows for
 * conf_table.c, which alone includes it and has the macros they are written with. */
#ifndef TRIDENT_CONF_CONF_KEYS_SECURITY_H
#define TRIDENT_CONF_CONF_KEYS_SECURITY_H

static const struct conf_choice confinements[] = {
    {"auto", CONFINE_AUTO}, {"on", CONFINE_ON}, {"off", CONFINE_OFF}, {NULL, 0}};

#define HTTP_SECURITY_KEYS                                                                         \
    SECRET(                                                                                        \
        "http.admin_passphrase", conf, http.admin_passphrase, CONF_FORM_PASSPHRASE, "",            \
        "Argon2id of words you made up, from `trident token passphrase`: whoever sends the words " \
        "as bearer token may do everything over the port; empty: nobody."),                        \
        TEXT("http.admin_client_cn", conf, http.admin_client_cn, CONF_FORM_UNSET, "",              \
             "Common name of the client certificate that control over the port needs besides its " \
             "token, as a trusted proxy tells it; empty: none."),                                  \
        TEXT("http.webhook_client_cn", conf, http.webhook_client_cn, CONF_FORM_UNSET, "",          \
             "The same for alerts; TradingView Webhooks is TradingView's; empty: none."),          \
        INT("http.webhook_per_source_per_s", conf, http.webhook_per_source_per_s, 0, 10000, "100", \
            "Alerts a second from one address (IPv6: /64), with bursts of twice that; programs "   \
            "on this machine are not limited; 0: any number."),                                    \
        INT("http.replay_window_s", conf, http.replay_window_s, 0, 86400, "300",                   \
            "How far an alert's \"timenow\" or \"timestamp\" may be from now; alerts "             \
            "without one pass; 0: not looked at."),                                                \
        INT("http.max_connections", conf, http.max_connections, 16, 50000, "2000",                 \
            "Connections at once; who is idle longest makes room for the next.")

#define PROCESS_SECURITY_KEYS                                                                      \
    ENUM("security.seccomp", conf, security.seccomp, confinements, "auto",                         \
         "System calls the daemon does not need are refused by the kernel; auto: when systemd "    \
         "started it.")

#endif
