#!/usr/bin/env python3
"""Write a capture of TCP connections in which everything happens that an analysis must tell.

  segments.py SEED FILE

Not a TCP at work but segments chosen by lot: data in order, again, in part, late or never captured;
acknowledgements old, new, repeated and of what was never seen; windows that close, open, fill and
are probed; keep-alives, FIN, RST, SYN sent again and on used ports; numbers that wrap; captures that
begin in the middle. The same seed writes the same file.
"""
import random
import struct
import sys

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
STEPS_NS = [0, 1000, 40_000, 500_000, 2_000_000, 2_999_999, 3_000_000, 9_000_000, 19_999_999,
            20_000_000, 25_000_000, 210_000_000, 1_100_000_000]


class Capture:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
        self.now = 1_700_000_000_000_000_000

    def add(self, ports, addresses, seq, ack, flags, window, length, options=b""):
        options += b"\x01" * (-len(options) % 4)
        header = 20 + len(options)
        total = 20 + header + length
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, 0, 0, 64, 6, 0, *addresses)
        tcp = struct.pack(">HHIIHHHH", *ports, seq % 2**32, ack % 2**32,
                          header // 4 << 12 | flags, window, 0, 0)
        kept = (ip + tcp + options + b"x" * length)[:20 + header + 8]
        self.file.write(struct.pack("<IIII", self.now // 10**9, self.now % 10**9, len(kept), total))
        self.file.write(kept)


class Side:
    def __init__(self, lot):
        self.next = lot.choice([lot.getrandbits(32), 2**32 - lot.randrange(3000), 10**9])
        self.iss = self.next
        self.ack = 0
        self.window = lot.choice([65535, 1000, 200])
        self.scale = lot.choice([None, 0, 2, 7, 15])


class Connection:
    def __init__(self, lot, capture, number):
        self.lot, self.capture = lot, capture
        self.sides = [Side(lot), Side(lot)]
        self.ports = (20000 + number % 7, 80)
        self.addresses = (b"\x0a\0\0\x01", bytes([10, 0, 1, number // 7]))
        self.sacks = lot.random() < 0.5

    def send(self, i, flags, length=0, seq=None, ack=None, options=b""):
        me = self.sides[i]
        if flags & ACK and ack is not None:
            me.ack = ack
        number = me.ack if flags & ACK else 0
        seq = me.next if seq is None else seq
        way = (lambda pair: pair) if i == 0 else (lambda pair: pair[::-1])
        if flags & SYN and me.scale is not None:
            options += struct.pack("BBB", 3, 3, me.scale)
        self.capture.add(way(self.ports), way(self.addresses), seq, number, flags, me.window,
                         length, options)
        end = seq + length + (1 if flags & (SYN | FIN) else 0)
        if 0 < (end - me.next) % 2**32 < 2**31:
            me.next = end

    def wait(self):
        self.capture.now += self.lot.choice(STEPS_NS)

    def open(self):
        how = self.lot.random()
        a, b = self.sides
        if how < 0.2:  # in the middle
            a.ack, b.ack = b.next, a.next
            return
        if how < 0.9:
            self.send(0, SYN)
            self.wait()
            if self.lot.random() < 0.2:
                self.send(0, SYN, seq=a.iss)
                self.wait()
        if how > 0.8 and how < 0.83:
            self.send(1, SYN)
            self.wait()
        self.send(1, SYN | ACK, ack=a.next)
        self.wait()
        self.send(0, ACK, ack=b.next)

    # What may happen; i is the side that sends.
    def data(self, i):
        self.send(i, ACK | self.lot.choice([0, PSH]), self.lot.choice([1, 2, 10, 100, 1000]),
                  ack=self.sides[1 - i].next)

    def burst(self, i):
        for _ in range(self.lot.randrange(2, 8)):
            self.send(i, ACK, 100)
            self.capture.now += 1000

    def lost(self, i):
        self.sides[i].next += self.lot.choice([1, 100, 1000])

    def again(self, i):
        me = self.sides[i]
        back = self.lot.choice([1, 2, 100, 200, 500, 1000])
        self.send(i, ACK, self.lot.choice([1, 2, 50, 100, 200]), seq=me.next - back)

    def asked_for(self, i):
        self.send(i, ACK, 100, seq=self.sides[1 - i].ack)

    def acknowledge(self, i):
        self.send(i, ACK, ack=self.sides[1 - i].next)

    def acknowledge_some(self, i):
        self.send(i, ACK, ack=self.sides[1 - i].next - self.lot.choice([1, 100, 200, 300]))

    def duplicates(self, i):
        for n in range(self.lot.randrange(1, 6)):
            options = b""
            if self.sacks:
                left = self.sides[i].ack + 100
                options = b"\x01\x01" + struct.pack(">BBII", 5, 10, left % 2**32,
                                                    (left + 100 * (n + 1)) % 2**32)
            self.send(i, ACK, options=options)
            self.capture.now += self.lot.choice([1000, 1_000_000])

    def recover(self, i):
        """A burst of which the first is lost on the way, asked for, and sent again."""
        self.acknowledge(1 - i)
        self.burst(i)
        for _ in range(self.lot.randrange(1, 5)):
            self.send(1 - i, ACK)
            self.capture.now += 1000
        self.capture.now += self.lot.choice([1_000_000, 19_990_000, 21_000_000])
        self.asked_for(i)
        if self.sacks:
            block = self.sides[i].next - 100
            self.send(1 - i, ACK, ack=self.sides[i].next, options=b"\x01\x01" + struct.pack(
                ">BBII", 5, 10, block % 2**32, (block + 50) % 2**32))

    def acknowledge_unseen(self, i):
        self.send(i, ACK, ack=self.sides[1 - i].next + self.lot.choice([1, 500]))

    def window(self, i):
        self.sides[i].window = self.lot.choice([0, 0, 10, 100, 200, 1000, 65535])
        self.send(i, ACK)

    def fill(self, i):
        me, peer = self.sides[i], self.sides[1 - i]
        scaled = me.scale is not None and peer.scale is not None
        room = peer.ack + (peer.window << (min(peer.scale, 14) if scaled else 0)) - me.next
        if 0 < room < 1400:
            self.send(i, ACK, room)

    def probe(self, i):
        self.send(i, ACK, 1)
        if self.lot.random() < 0.7:
            self.wait()
            self.send(1 - i, ACK)

    def keep_alive(self, i):
        self.send(i, ACK, self.lot.choice([0, 1]), seq=self.sides[i].next - 1)
        if self.lot.random() < 0.7:
            self.wait()
            self.send(1 - i, ACK)

    def fin(self, i):
        self.send(i, FIN | ACK)

    def fin_again(self, i):
        self.send(i, FIN | ACK, seq=self.sides[i].next - 1)

    def reset(self, i):
        self.send(i, RST | self.lot.choice([0, ACK]))

    def syn_again(self, i):
        self.send(i, SYN, seq=self.sides[i].iss)

    def open_again(self, i):
        del i
        self.sides = [Side(self.lot), Side(self.lot)]
        self.open()

    ACTS = ([data] * 12 + [burst] * 6 + [lost] * 3 + [again] * 5 + [asked_for] * 4 + [recover] * 2
            + [acknowledge] * 12 + [acknowledge_some] * 4 + [duplicates] * 6
            + [acknowledge_unseen] * 2 + [window] * 5 + [fill] * 5 + [probe] * 4 + [keep_alive] * 4
            + [fin, fin_again, reset, syn_again, open_again])

    def act(self):
        self.wait()
        one_way = self.addresses[1][3] % 5 == 4
        self.lot.choice(self.ACTS)(self, 0 if one_way else self.lot.randrange(2))


def main(seed, path):
    lot = random.Random(int(seed))
    capture = Capture(path)
    connections = [Connection(lot, capture, n) for n in range(40)]
    for connection in connections:
        connection.open()
    for _ in range(3000):
        lot.choice(connections).act()


main(*sys.argv[1:])
