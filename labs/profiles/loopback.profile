# As two programs on one machine see each other, but for the wire between them: no delay, and packets
# of any size that IP knows.
title: as within one machine: no delay, MTU 65535
like: classic

delay: 0ms
spacing: 0ms
mtu: 65535
