# As two programs on one machine see each other, but for the wire between them: no delay, and packets
# of any size that IP knows.
like: classic
title: as within one machine: no delay, MTU 65535

delay: 0ms
spacing: 0ms
mtu: 65535
