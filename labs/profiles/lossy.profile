# A bad radio link. The same packets of each direction are lost in every run.
like: classic
title: a bad radio link: 20 ms each way, give or take 5, and one packet in twenty is lost

delay: 20ms
rate: 10mbit queue 100
wire: jitter 5ms ip or ip6
wire: drop tcp or udp or icmp or icmp6 probability 5% seed 1
