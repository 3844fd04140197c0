#!/usr/bin/env python3
"""What the servers of labs/catalog/25-concurrent promise: the same questions to each of them.

usage: servers.py PROGRAM

A line for each fault; the exit status is 1 where there is any.
"""
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import time

faults = 0
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def fault(sentence):
    global faults
    faults += 1
    print("FAULT:", sentence, flush=True)


class Client(socket.socket):
    number = 0


class Server:
    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.argv[1], *words, "0"], stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        self.port = int(self.process.stdout.readline().split()[-1])
        self.count = 0

    def client(self):
        """A client whose number is known: the server has accepted it before the next one comes."""
        s = Client()
        s.settimeout(5)
        s.connect(("127.0.0.1", self.port))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.count += 1
        s.number = self.count
        return s

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def children(self):
        """The states of its child processes."""
        states = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as f:
                    state, parent = f.read().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue
            if int(parent) == self.process.pid:
                states.append(state)
        return states


def hear(s, lines=1):
    """So many lines, or what comes until the end."""
    got = b""
    try:
        while got.count(b"\n") < lines:
            piece = s.recv(4096)
            if not piece:
                break
            got += piece
    except OSError as why:
        got += f"({why})".encode()
    return got.decode()


def expect(what, got, wanted):
    if got != wanted:
        fault(f"{what}: {got[:200]!r} instead of {wanted[:200]!r}")


def hello(s, text):
    return f"Hello, client {s.number}, you said: {text}\n"


def within(seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def speak(server):
    first, second = server.client(), server.client()
    for piece in "cut":
        first.sendall(piece.encode())
        second.sendall(b"whole\n")
        expect("another client between the pieces", hear(second), hello(second, "whole"))
    first.sendall(b"\r\n")
    expect("a line in pieces", hear(first), hello(first, "cut"))
    first.sendall(b"one\ntwo\n\nfour\nbye\nnot heard\n")
    expect("lines in one piece", hear(first, 99), hello(first, "one") + hello(first, "two")
           + f"Hello, client {first.number}\n" + hello(first, "four") + f"Bye, client {first.number}\n")
    second.sendall(b"x" * 511 + b"\n")
    expect("the longest line", hear(second), hello(second, "x" * 511))
    second.sendall(b"y" * 100000)
    expect("a line too long", hear(second, 99), f"Error: a line has 512 bytes at most, client {second.number}\n")
    last = server.client()
    last.sendall(b"no end")
    last.shutdown(socket.SHUT_WR)
    expect("half a line and the end", hear(last, 99), "")


def stall(server):
    """Those who say half a line, and those who speak and never listen."""
    silent = [server.client() for _ in range(20)]
    for s in silent:
        s.sendall(b"half a li")
    deaf = [server.client() for _ in range(3)]
    for s in deaf:
        s.settimeout(0.3)
        try:
            while True:
                s.send(b"line\n" * 2000)
        except TimeoutError:
            pass
    worst, quick = 0, server.client()
    for i in range(50):
        begin = time.monotonic()
        quick.sendall(b"quick\n")
        expect("beside 23 who stall", hear(quick), hello(quick, "quick"))
        worst = max(worst, time.monotonic() - begin)
    if worst > 1:
        fault(f"beside 23 who stall an answer took {worst:.1f} s")
    silent[7].sendall(b"ne\n")
    expect("who stalled goes on", hear(silent[7]), hello(silent[7], "half a line"))
    deaf[0].settimeout(5)
    expect("who did not listen has lost nothing", hear(deaf[0], 20000)[:4 * len(hello(deaf[0], "line"))],
           hello(deaf[0], "line") * 4)
    for s in deaf:  # RST, in the middle of it
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for s in silent + deaf + [quick]:
        s.close()


def come_and_go(server):
    for i in range(60):
        s = server.client()
        s.sendall(b"a\n")
        expect("one of many", hear(s), hello(s, "a"))
        if i % 3 == 0:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif i % 3 == 1:
            s.sendall(b"bye\n")
            hear(s, 2)
        s.close()


def main():
    server = Server()
    first = server.client()  # by the time that it is answered, the server has opened all that it needs
    first.sendall(b"bye\n")
    hear(first, 2)
    first.close()
    time.sleep(0.2)
    before = server.descriptors()
    for part in speak, stall, come_and_go:
        part(server)
    if not within(5, lambda: server.children() == []):
        fault(f"all have gone, and it has children in the states {server.children()}; Z is a zombie")
    if not within(5, lambda: server.descriptors() == before):
        fault(f"all have gone, and it has {server.descriptors()} descriptors instead of {before}")
    if server.process.poll() is not None:
        fault(f"it ended: {server.process.returncode}")
    server.process.kill()
    server.process.wait()

    counted = Server("-n", "3")
    for s in [counted.client() for _ in range(3)]:
        s.sendall(b"bye\n")
        hear(s, 2)
        s.close()
    try:
        if counted.process.wait(5) != 0:
            fault(f"after three clients it ended with {counted.process.returncode}")
    except subprocess.TimeoutExpired:
        fault("it did not end after three clients")
        counted.process.kill()
    print(f"{os.path.basename(sys.argv[1])}: {server.count + counted.count} clients")
    sys.exit(1 if faults else 0)


main()
