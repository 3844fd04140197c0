# What two machines of today do that are left as they came: with CUBIC where the kernel lets a host of
# ours have it (else what the kernel has), ECN where it is asked for, ACKs saved up, IPv6 switched on.
like: classic
title: two machines of today, 10 ms apart: CUBIC, ECN

spacing: 0ms
congestion?: cubic
ecn: on
ipv6: on
net.ipv4.tcp_autocorking: 1
net.ipv4.tcp_comp_sack_nr?: 44
net.ipv4.tcp_backlog_ack_defer?: 1
net.ipv4.tcp_challenge_ack_limit?: 1000
net.ipv4.tcp_invalid_ratelimit: 500
net.ipv4.tcp_early_retrans: 3
net.ipv4.tcp_recovery: 1
net.ipv4.tcp_tw_reuse: 2
