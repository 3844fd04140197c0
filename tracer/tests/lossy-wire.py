#!/usr/bin/env python3
"""Two hosts in namespaces, a wire between them that drops, delays and swaps frames, and traffic.

  lossy-wire.py FOLDER

Writes FOLDER/client.pcap and FOLDER/server.pcap, what either host would have captured of the same
real connections: bulk over loss and reordering, small writes, a slow reader (zero windows), a port
where nobody listens, an abort. Needs the right to make namespaces, or exits with 77.
"""
import os
import random
import selectors
import socket
import struct
import subprocess
import sys
import time

DELAY_NS = 8_000_000
SERVER = """
import socket, struct, threading, time
def serve(port, handle):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port == 5002: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    s.bind(('10.9.0.2', port)); s.listen()
    while True:
        c, _ = s.accept()
        threading.Thread(target=handle, args=(c,), daemon=True).start()
def bulk(c):
    while c.recv(65536): pass
    c.close()
def slow(c):
    time.sleep(1.5)
    while c.recv(3000): time.sleep(0.01)
    c.close()
def echo(c):
    while (b := c.recv(100)): c.sendall(b * 200)
    c.close()
for port, handle in ((5001, bulk), (5002, slow), (5003, echo)):
    threading.Thread(target=serve, args=(port, handle), daemon=True).start()
print('ready', flush=True); time.sleep(60)
"""
CLIENT = """
import socket, struct, time
def connect(port):
    s = socket.socket(); s.settimeout(30); s.connect(('10.9.0.2', port)); return s
for n in range(3):
    s = connect(5001); s.sendall(b'x' * 500000); s.close()
s = connect(5003)
for n in range(30):
    s.sendall(b'ab'); s.sendall(b'c'); s.recv(100)
s.shutdown(socket.SHUT_WR)
while s.recv(10000): pass
s.close()
s = connect(5002); s.sendall(b'y' * 90000); s.shutdown(socket.SHUT_WR); s.recv(1); s.close()
try: connect(5999)
except OSError: pass
s = connect(5001); s.sendall(b'z' * 3000)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()
time.sleep(0.5)
"""

# Checksums by the kernel, not by a card that is not there; segments as they would be on a wire.
NO_OFFLOADS = """
import ctypes, fcntl, socket, struct, sys
for command in (0x17, 0x1f, 0x24, 0x2c):  # ETHTOOL_STXCSUM, STSO, SGSO, SGRO
    value = (ctypes.c_uint32 * 2)(command, 0)
    request = struct.pack("16sP16x", sys.argv[1].encode(), ctypes.addressof(value))
    try:
        fcntl.ioctl(socket.socket(), 0x8946, request)
    except OSError:
        pass
"""


class Capture:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))

    def add(self, when, frame):
        kept = frame[:120]
        self.file.write(struct.pack("<IIII", when // 10**9, when % 10**9, len(kept), len(frame)))
        self.file.write(kept)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def host(name, address):
    """A namespace of its own, held by a process; its interface is NAME1, ours NAME0."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "100"])
    time.sleep(0.2)
    run("ip", "link", "add", name + "0", "type", "veth", "peer", "name", name + "1")
    run("ip", "link", "set", name + "1", "netns", str(holder.pid))
    inside = ["nsenter", "-t", str(holder.pid), "-n"]
    run(*inside, "ip", "link", "set", name + "1", "gso_max_segs", "1", "up")
    run(*inside, "ip", "address", "add", address, "dev", name + "1")
    run(*inside, sys.executable, "-c", NO_OFFLOADS, name + "1")
    run("ip", "link", "set", name + "0", "up")
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name + "0", 0))
    s.setblocking(False)
    return holder, inside, s


def is_tcp(frame):
    return frame[12:14] == b"\x08\0" and frame[23] == 6


def carry(ends, captures, client):
    """Pass frames on until the client has ended: TCP with loss and reordering, all else as it is."""
    lot = random.Random(4)
    waiting = []  # (when, number, end, frame)
    wait = selectors.DefaultSelector()
    for i, end in enumerate(ends):
        wait.register(end, selectors.EVENT_READ, i)
    while client.poll() is None or waiting:
        for key, _ in wait.select(0.001):
            while True:
                try:
                    frame, address = ends[key.data].recvfrom(65536)
                except BlockingIOError:
                    break
                if address[2] == socket.PACKET_OUTGOING:
                    continue
                now = time.time_ns()
                if is_tcp(frame):
                    captures[key.data].add(now, frame)
                    if lot.random() < 0.02:
                        continue
                late = 3 * DELAY_NS if lot.random() < 0.01 else DELAY_NS
                waiting.append((now + late, len(waiting), 1 - key.data, frame))
        waiting.sort()
        while waiting and waiting[0][0] <= time.time_ns():
            _, _, end, frame = waiting.pop(0)
            if is_tcp(frame):
                captures[end].add(time.time_ns(), frame)
            ends[end].send(frame)


def main(folder):
    if os.environ.get("LOSSY_WIRE_INSIDE") is None:
        os.environ["LOSSY_WIRE_INSIDE"] = "1"
        if subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("SKIP: this machine does not let us make namespaces")
            return 77
        os.execvp("unshare", ["unshare", "-rn", sys.executable, __file__, folder])
    holders, processes = [], []
    try:
        hosts = [host("c", "10.9.0.1/24"), host("s", "10.9.0.2/24")]
        holders = [h[0] for h in hosts]
        server = subprocess.Popen([*hosts[1][1], sys.executable, "-c", SERVER],
                                  stdout=subprocess.PIPE)
        processes.append(server)
        server.stdout.readline()
        client = subprocess.Popen([*hosts[0][1], sys.executable, "-c", CLIENT])
        processes.append(client)
        captures = [Capture(folder + "/client.pcap"), Capture(folder + "/server.pcap")]
        carry([hosts[0][2], hosts[1][2]], captures, client)
        for capture in captures:
            capture.file.close()
        return 0
    except (OSError, subprocess.CalledProcessError) as e:
        print("SKIP: no wire between two namespaces:", e)
        return 77
    finally:
        for process in processes + holders:
            process.kill()
            process.wait()


sys.exit(main(sys.argv[1]))
