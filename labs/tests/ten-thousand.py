#!/usr/bin/env python3
"""What the server of labs/catalog/31-ten-thousand promises.

usage: ten-thousand.py FOLDER

FOLDER holds the programs `server` and `client`. A line for each fault; the exit status is 1 where there is any.
"""
import ctypes
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time

faults = 0
folder = sys.argv[1]
libc = ctypes.CDLL(None)
MOST = 600


def fault(sentence):
    global faults
    faults += 1
    print("FAULT:", sentence, flush=True)


def expect(what, got, wanted):
    if got != wanted:
        fault(f"{what}: {got[:200]!r} instead of {wanted[:200]!r}")


class Server:
    def __init__(self, *words):
        self.process = subprocess.Popen(
            [os.path.join(folder, "server"), *words, "0"], stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))
        line = ""
        while not line.startswith("room for"):
            line = self.process.stdout.readline()
            if line.startswith("listening"):
                self.port = int(line.split()[-1])

    def client(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def own_kib(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def hear(s, size=None):
    """A line, or so many bytes; less where the end comes before."""
    got = b""
    while (len(got) < size) if size is not None else not got.endswith(b"\n"):
        piece = s.recv(size - len(got) if size is not None else 1)
        if not piece:
            break
        got += piece
    return got


def ask(s, line):
    s.sendall(line)
    return hear(s)


def protocol(server):
    s = server.client()
    for line, answer in (
            (b"PING\n", b"PONG\n"), (b"PING\r\n", b"PONG\n"), (b"ping\n", b"Error there is no such command\n"),
            (b"\n", b"Error there is no such command\n"), (b"\0\n", b"Error there is no such command\n"),
            (b"PING me\n", b"Error PING is followed by nothing\n"), (b"SINK\n", b"Error SINK is followed by BYTES\n"),
            (b"SINK -1\n", b"Error SINK is followed by BYTES\n"), (b"SINK 9999999999999999\n", b"Error SINK is followed by BYTES\n"),
            (b"PUT ../x 3\n", b"Error PUT is followed by NAME BYTES\n"), (b"PUT x\n", b"Error PUT is followed by NAME BYTES\n"),
            (b"PUT x 99999999999\n", b"Error a file has 64 MiB at most\n"),
            (b"GET x\n", b"Error there is no file x, or too many are being read\n"),
            (b"SOURCE 0\n", b"OK 0\n"), (b"PUT none 0\n", b"OK\n")):
        expect(f"the answer to {line!r}", ask(s, line), answer)
    expect("an empty file", hear(s), b"STORED none\n")
    expect("an empty file", ask(s, b"GET none\n"), b"OK 0\n")
    for piece in b"PI", b"NG", b"\nPING\nPI", b"NG\n":
        s.sendall(piece)
        time.sleep(0.01)
    expect("lines in pieces", hear(s) + hear(s) + hear(s), b"PONG\n" * 3)
    s.sendall(b"SOURCE 100000\nPING\nSINK 3\nabcPING\nECHO\nlast")
    expect("one after the other", hear(s) + hear(s, 100000), b"OK 100000\n" + bytes(100000))
    expect("one after the other", hear(s) + hear(s), b"PONG\nOK\n")
    expect("what was swallowed", hear(s)[:12], b"TOOK all in ")
    expect("what stands behind it", hear(s) + hear(s) + hear(s, 4), b"PONG\nOK\nlast")
    s = server.client()
    s.sendall(b"x" * 5000)
    expect("a line too long", hear(s) + hear(s), b"Error a line has 80 bytes at most\n")
    s = server.client()
    expect("the end", ask(s, b"BYE\n") + hear(s), b"BYE\n")


def files(server):
    chance = random.Random(7)
    content = chance.randbytes(3_000_000)
    s, other = server.client(), server.client()
    s.sendall(b"PUT photo 3000000\n")
    s.sendall(content[:2_000_000])
    expect("a file goes up", hear(s), b"OK\n")
    expect("a file that is not whole", ask(other, b"GET photo\n")[:5], b"Error")
    s.sendall(content[2_000_000:] + b"GET photo\n")
    expect("a file is there", hear(s) + hear(s), b"STORED photo\nOK 3000000\n")
    if hear(s, 3_000_000) != content:
        fault("the file that comes is not the one that went")
    expect("another reads it", ask(other, b"GET photo\n"), b"OK 3000000\n")
    expect("it is written anew meanwhile", ask(s, b"PUT photo 3\nnew"), b"OK\n")
    expect("it is written anew meanwhile", hear(s), b"STORED photo\n")
    if hear(other, 3_000_000) != content:
        fault("who reads a file while it is written anew does not get the old one")
    for i in range(20):
        ask(s, f"PUT f{i} 1\n1".encode())
        hear(s)
    half = server.client()
    half.sendall(b"PUT half 100\n50")
    hear(half)
    half.close()
    expect("half a file", ask(s, b"GET half\n")[:5], b"Error")


def many(server):
    """All places are taken, some of them by those who do not read; one more is told so."""
    base = server.descriptors()
    before = server.own_kib()
    held = [server.client() for _ in range(MOST)]
    expect("the last one", ask(held[-1], b"PING\n"), b"PONG\n")
    each = (server.own_kib() - before) / MOST
    if each > 10:
        fault(f"an idle connection takes {each:.1f} KiB of the server's own memory")
    more = server.client()
    expect("one too many", hear(more) + hear(more), f"Error the server is full: it holds {MOST} connections\n".encode())
    for s in held[:20]:
        s.sendall(b"SOURCE 100000000\nPING\n" if s.fileno() % 2 else b"ECHO\n")
        s.settimeout(0.2)
        try:
            for _ in range(0 if s.fileno() % 2 else 1000):
                s.sendall(bytes(65536))
        except TimeoutError:
            pass
    begin = time.monotonic()
    for s in held[20:]:
        expect("beside 20 who do not read", ask(s, b"PING\n"), b"PONG\n")
    if time.monotonic() - begin > 10:
        fault("beside 20 who do not read the others wait")
    s = held[20]
    lines = [ask(s, b"LIST\n")]
    while lines[-1] != b".\n" and lines[-1]:
        lines.append(hear(s))
    expect("the list", lines[0], f"OK {MOST}\n".encode())
    if len(lines) != MOST + 2:
        fault(f"the list has {len(lines) - 2} lines instead of {MOST}")
    port = s.getsockname()[1]
    if not any(f" 127.0.0.1:{port} ".encode() in line and line.endswith(b" lists\n") for line in lines):
        fault(f"the list does not tell of {port}, which lists")
    for i, s in enumerate(held):
        if i % 2:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    end = time.monotonic() + 5
    while server.descriptors() > base and time.monotonic() < end:
        time.sleep(0.02)
    if server.descriptors() > base:
        fault(f"all have gone, and it has {server.descriptors()} descriptors instead of {base}")
    return each


def load(server):
    """The load program against it."""
    def run(*words):
        r = subprocess.run([os.path.join(folder, "client"), *words], capture_output=True, timeout=30)
        if r.returncode != 0:
            fault(f"client {words}: {r.stderr.decode()}")
        return r.stdout
    to = "127.0.0.1", str(server.port)
    if b"400 are open after 1 s" not in run("-n", "400", "-t", "1", *to, "hold"):
        fault("client hold: not all are open")
    if b"round trips a second" not in run("-n", "50", "-t", "1", *to, "echo"):
        fault("client echo: no round trips")
    run(*to, "source", "1000000")
    run(*to, "sink", "1000000")
    run(*to, "put", sys.argv[0], "photo")
    with open(sys.argv[0], "rb") as f:
        expect("client get", run(*to, "get", "photo"), f.read())
    if not run(*to, "list").startswith(b"1 connections\n"):
        fault("client list")


def malformed(server):
    chance = random.Random(3)
    words = [b"PING", b"ECHO", b"SINK", b"SOURCE", b"PUT", b"GET", b"LIST", b"BYE", b" ", b"\n", b"\r", b"0", b"77", b"a",
             b"\xff\0", b"-", b"%s%n", b"99999999999999999999"]
    for _ in range(300):
        s = server.client()
        s.settimeout(0.001)
        try:
            s.sendall(b"".join(chance.choice(words) for _ in range(40)))
            s.recv(65536)
        except OSError:
            pass
        s.close()
    expect("after malformed lines", ask(server.client(), b"PING\n"), b"PONG\n")


server = Server("-m", str(MOST))
protocol(server)
files(server)
each = many(server)
load(server)
malformed(server)
server.process.send_signal(signal.SIGTERM)
if server.process.wait(5) != 0:
    fault(f"after SIGTERM it ended with {server.process.returncode}")
print(f"ten-thousand: an idle connection takes {each:.2f} KiB")
sys.exit(1 if faults else 0)
