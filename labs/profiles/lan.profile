# Two machines at one switch: the wire takes no longer than it must, and lets through what it can.
like: classic
title: two machines at one switch: no delay of its own, MTU 1500, Reno

delay: 0ms
spacing: 0ms
