# What the books draw: everything that a kernel's administrator could have turned on the machine that
# the student happens to sit at, set to what RFCs and Linux's own defaults say; the comments name the
# exceptions. A setting with a question mark is newer than the oldest kernel that labs run on.
title: what the books draw: 10 ms each way, MTU 1500, Reno; the default

delay: 10ms
spacing: 1ms
# By how much the wire may fall behind this on a busy machine: half the least timeout (tcp_rto_min_us). With
# more, the hosts would send again what was never lost, and the run is void.
lateness: 100ms
rate: none
mtu: 1500

# No router solicitations, no multicast reports: only what the programs cause is on the wire.
ipv6: off

net.ipv4.ip_default_ttl: 64
net.ipv4.ip_local_port_range: 32768 60999
net.ipv4.ip_no_pmtu_disc: 0
# Older kernels (6.1 is one) show it to root's hosts alone; others have the same number from the start.
net.core.somaxconn?: 4096

# What the SYN offers. No SYN carries [SEW].
timestamps: on
sack: on
net.ipv4.tcp_dsack: 1
window-scaling: on
ecn: off
net.ipv4.tcp_fastopen: 1
net.ipv4.tcp_base_mss: 1024
net.ipv4.tcp_mtu_probing: 0
net.ipv4.tcp_rmem: 4096 131072 6291456
net.ipv4.tcp_wmem: 4096 16384 4194304
net.ipv4.tcp_moderate_rcvbuf: 1
net.ipv4.tcp_adv_win_scale: 1
net.ipv4.tcp_app_win: 31
net.ipv4.tcp_shrink_window?: 0

# Listening.
net.ipv4.tcp_max_syn_backlog: 1024
net.ipv4.tcp_abort_on_overflow: 0
net.ipv4.tcp_syncookies: 1

# Sending: reno is what the books draw, and may be set in any namespace. Autocorking would gather
# small writes or not as the machine is busy or not. No run learns from the one before.
congestion: reno
net.ipv4.tcp_slow_start_after_idle: 1
net.ipv4.tcp_autocorking: 0
net.ipv4.tcp_no_metrics_save: 1

# Acknowledging: each segment that is owed an ACK gets its own, none are saved up.
net.ipv4.tcp_comp_sack_nr?: 0
net.ipv4.tcp_backlog_ack_defer?: 0
net.ipv4.tcp_pingpong_thresh?: 1
net.ipv4.tcp_challenge_ack_limit?: 2147483647
net.ipv4.tcp_invalid_ratelimit: 0

# Losing and trying again. SYNs at 1, 2, 4 s from the first on. Nothing is sent again before its timeout
# but for three duplicate ACKs: no probe after two round trips, no timer for reordered segments (RFC 8985).
# That timer Linux 6.17 and later have all the same. It is longer than the third duplicate takes to come; a
# run in which the wire was so late that it was not, is void.
syn-retries: 6
synack-retries: 5
net.ipv4.tcp_syn_linear_timeouts?: 0
net.ipv4.tcp_retries1: 3
retries: 15
net.ipv4.tcp_orphan_retries: 0
net.ipv4.tcp_reordering: 3
net.ipv4.tcp_recovery: 0
net.ipv4.tcp_early_retrans: 0
net.ipv4.tcp_frto: 2
net.ipv4.tcp_thin_linear_timeouts: 0
net.ipv4.tcp_rto_min_us?: 200000
net.ipv4.tcp_rto_max_ms?: 120000

# Idling and closing.
keepalive-time: 7200s
keepalive-interval: 75s
keepalive-probes: 9
fin-timeout: 60s
net.ipv4.tcp_tw_reuse: 0
net.ipv4.tcp_rfc1337: 0
