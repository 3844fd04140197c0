#include "labs/sandbox/profile.h"

#include <string.h>

#define MS_NS INT64_C(1000000)

/* Everything a kernel's administrator could have turned on the machine that the student happens to
 * sit at, set to what RFCs and Linux's own defaults say; the comments name the exceptions. */
static const struct profile_setting classic_settings[] = {
    /* No router solicitations, no multicast reports: only what the programs cause is on the wire.
     */
    {"net/ipv6/conf/all/disable_ipv6", "1", true},
    {"net/ipv6/conf/default/disable_ipv6", "1", true},

    {"net/ipv4/ip_default_ttl", "64", false},
    {"net/ipv4/ip_local_port_range", "32768\t60999", false},
    {"net/ipv4/ip_no_pmtu_disc", "0", false},
    {"net/core/somaxconn", "4096", false},

    /* What the SYN offers. */
    {"net/ipv4/tcp_timestamps", "1", false},
    {"net/ipv4/tcp_sack", "1", false},
    {"net/ipv4/tcp_dsack", "1", false},
    {"net/ipv4/tcp_window_scaling", "1", false},
    {"net/ipv4/tcp_ecn", "0", false}, /* so that no SYN carries [SEW] */
    {"net/ipv4/tcp_fastopen", "1", false},
    {"net/ipv4/tcp_base_mss", "1024", false},
    {"net/ipv4/tcp_mtu_probing", "0", false},
    {"net/ipv4/tcp_rmem", "4096\t131072\t6291456", false},
    {"net/ipv4/tcp_wmem", "4096\t16384\t4194304", false},
    {"net/ipv4/tcp_moderate_rcvbuf", "1", false},
    {"net/ipv4/tcp_adv_win_scale", "1", false},
    {"net/ipv4/tcp_app_win", "31", false},
    {"net/ipv4/tcp_shrink_window", "0", true},

    /* Listening. */
    {"net/ipv4/tcp_max_syn_backlog", "1024", false},
    {"net/ipv4/tcp_abort_on_overflow", "0", false},
    {"net/ipv4/tcp_syncookies", "1", false},

    /* Sending: reno is what the books draw, and may be set in any namespace. Autocorking would
     * gather small writes or not as the machine is busy or not. */
    {"net/ipv4/tcp_congestion_control", "reno", false},
    {"net/ipv4/tcp_slow_start_after_idle", "1", false},
    {"net/ipv4/tcp_autocorking", "0", false},
    {"net/ipv4/tcp_no_metrics_save", "1", false}, /* no run learns from the one before */

    /* Acknowledging: each segment that is owed an ACK gets its own, none are saved up. */
    {"net/ipv4/tcp_comp_sack_nr", "0", true},
    {"net/ipv4/tcp_backlog_ack_defer", "0", true},
    {"net/ipv4/tcp_pingpong_thresh", "1", true},
    {"net/ipv4/tcp_challenge_ack_limit", "2147483647", true},

    /* Losing and trying again. */
    {"net/ipv4/tcp_syn_retries", "6", false},
    {"net/ipv4/tcp_synack_retries", "5", false},
    {"net/ipv4/tcp_syn_linear_timeouts", "0", true}, /* SYNs at 1, 2, 4 s from the first on */
    {"net/ipv4/tcp_retries1", "3", false},
    {"net/ipv4/tcp_retries2", "15", false},
    {"net/ipv4/tcp_orphan_retries", "0", false},
    {"net/ipv4/tcp_reordering", "3", false},
    {"net/ipv4/tcp_recovery", "1", false},
    {"net/ipv4/tcp_early_retrans", "3", false},
    {"net/ipv4/tcp_frto", "2", false},
    {"net/ipv4/tcp_thin_linear_timeouts", "0", false},
    {"net/ipv4/tcp_rto_min_us", "200000", true},
    {"net/ipv4/tcp_rto_max_ms", "120000", true},

    /* Idling and closing. */
    {"net/ipv4/tcp_keepalive_time", "7200", false},
    {"net/ipv4/tcp_keepalive_intvl", "75", false},
    {"net/ipv4/tcp_keepalive_probes", "9", false},
    {"net/ipv4/tcp_fin_timeout", "60", false},
    {"net/ipv4/tcp_tw_reuse", "0", false},
    {"net/ipv4/tcp_rfc1337", "0", false},
};

static const struct profile profiles[] = {
    {
        .name = "classic",
        .mtu_bytes = 1500,
        .delay_ns = 10 * MS_NS,
        .spacing_ns = 1 * MS_NS,
        .settings = classic_settings,
        .setting_count = sizeof classic_settings / sizeof classic_settings[0],
    },
};

const struct profile *profile_find(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}
