# A satellite 36,000 km up: far away and, for that, not slow.
like: classic
title: by way of a satellite: 270 ms each way, 20 Mbit/s

delay: 270ms
spacing: 0ms
rate: 20mbit queue 500
