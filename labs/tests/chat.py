#!/usr/bin/env python3
"""What the chat of labs/catalog/28-chat promises, asked of its own server and client.

usage: chat.py protocol FOLDER               replies, limits, character sets, malformed lines
       chat.py deliver FOLDER MESSAGES CUTS KILLS [SEED]
                                             so many messages between four clients, whose connections are cut
                                             so often, while the server is killed so often: each message
                                             has to arrive once

FOLDER holds the programs `server` and `client`. A line for each fault; the exit status is 1 where there is any.
"""
import asyncio
import ctypes
import os
import random
import signal
import socket
import sqlite3
import struct
import sys
import tempfile
import time

faults = 0
SILENCE_S = 3


def fault(sentence):
    global faults
    faults += 1
    print("FAULT:", sentence, flush=True)


PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def end_with_us():
    """Run in each child: however this program ends, nothing of it stays behind."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """The server as a process; it keeps its port when it is started again."""

    def __init__(self, folder, store, silence=10):
        self.folder, self.store, self.silence = folder, store, silence
        self.port, self.process = 0, None

    def arguments(self):
        return ["-s", str(self.silence), str(self.port), self.store]

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            os.path.join(self.folder, "server"), *self.arguments(),
            stdout=asyncio.subprocess.PIPE, preexec_fn=end_with_us)
        line = (await self.process.stdout.readline()).decode()
        if not line.startswith("listening at port "):
            sys.exit("FAULT: the server did not start")
        self.port = int(line.split()[-1])

    async def end(self, number):
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 20)


# ---- the protocol -----------------------------------------------------------------------------------

class Peer:
    """A connection that speaks as it is told to."""

    def __init__(self, port, room=None):
        self.socket = socket.socket()
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.bytes = b""

    def line(self):
        while b"\n" not in self.bytes:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.bytes += more
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line

    def say(self, what):
        self.socket.sendall(what if isinstance(what, bytes) else what.encode() + b"\n")

    def ask(self, what, *wanted):
        self.say(what)
        for answer in wanted:
            self.hears(answer, what)

    def hears(self, wanted, what="nothing"):
        if isinstance(wanted, str):
            wanted = wanted.encode()
        got = self.line()
        if got is None or (not got.startswith(wanted[:-3]) if wanted.endswith(b"...") else got != wanted):
            fault("to %r it says %r, and not %r" % (what[:60], got, wanted))

    def login(self, name, last=0, charset="", welcomed=False):
        if not welcomed:
            self.hears("Welcome")
        self.ask("Check %s secret%s" % (name, " " + charset if charset else ""), "OK %s %d" % (name, last))
        return self

    def close(self):
        self.socket.close()


def replies(port):
    li = Peer(port)
    li.hears("Welcome")
    li.ask("HB R", "Error log in first...")
    li.ask("nonsense", "Error log in first...")
    li.ask("Check li", "Error usage: Check...")
    li.ask("Check %s secret" % ("x" * 33), "Error a name has...")
    li.ask("Check li " + "x" * 129, "Error a password has 1 to 128 bytes")
    li.ask("Check li  utf-8", "Error a password has...")
    li.ask("Check li secret ebcdic", "Error the character sets are...")
    li.ask("Check li secret", "OK li 0")
    li.ask("Check li secret", "Error you are logged in as li")
    li.ask("HB R\r", "R")
    li.ask("HB", "Error usage: HB R")
    li.ask("HB X", "Error usage: HB R")
    li.ask("Shout hello", "Error there is no command Shout")
    li.ask("", "Error there is no command ...")
    li.ask("chat 1 wang x", "Error there is no command chat")
    li.ask("Chat 1 wang", "Error usage: Chat...")
    li.ask("Chat 2 wang hello", "Error your next message has the number 1")
    li.ask("Chat x wang hello", "Error your next message has the number 1")
    li.ask("Confirm 1", "Error no message 1...")
    li.ask("Confirm", "Error usage: Confirm ID")
    li.ask("a\x1b[2J", "Error this is no text...")
    li.ask(b"a\x00b\n", "Error this is no text...")
    li.ask(b"\xff\xfe\n", "Error this is no text...")
    li.ask(b"\xc2\x9b2J\n", "Error this is no text...")
    li.ask(b"HB " + b"x" * 5000 + b"\nHB R\n", "Error a line has at most 1023 bytes", "R")
    li.ask(b"HB " + b"x" * 1020 + b"\n", "Error usage: HB R")
    for byte in b"HB R\n":  # in pieces
        li.socket.sendall(bytes([byte]))
        time.sleep(0.005)
    li.hears("R")
    li.ask(b"HB R\nHB R\nHB R\n", "R", "R", "R")
    # stored, delivered at the login, again while it is not confirmed, and never after
    li.ask("Chat 1 wang one  two ", "Stored 1")
    li.ask("Chat 1 wang one  two ", "Stored 1")
    li.ask("Chat 2 wang three", "Stored 2")
    wang = Peer(port).login("wang")
    wang.hears("Message 1 li one  two ")
    wang.hears("Message 2 li three")
    wang.ask("Confirm 1", "Confirmed 1")
    wang.ask("Confirm 1", "Confirmed 1")
    again = Peer(port).login("wang")
    wang.hears("Bye you have logged in elsewhere")
    if wang.line() is not None:
        fault("the first login is not closed")
    again.hears("Message 2 li three")
    again.ask("Confirm 2", "Confirmed 2")
    li.ask("Chat 3 wang four", "Stored 3")
    again.hears("Message 3 li four")
    again.ask("Confirm 3", "Confirmed 3")
    thief = Peer(port)
    thief.hears("Welcome")
    thief.ask("Check wang guessed", "Error this is not the password of wang")
    again.ask("HB R", "R")
    for peer in (li, wang, again, thief):
        peer.close()


def character_sets(port):
    old, new = Peer(port).login("old", 0, "gb2312"), Peer(port).login("new", 0, "UTF-8")
    old.ask("Chat 1 new 你好，世界".encode("gb2312") + b"\n", "Stored 1")
    new.hears("Message 4 old 你好，世界")
    new.ask("Chat 1 old 你好 €!", "Stored 1")
    old.hears("Message 5 new 你好 ?!".encode("gb2312"))
    old.ask(b"Chat 2 new \xff\xff\n", "Error this is no text...")
    old.close()
    new.close()


def welcomed(port):
    """A connection for which there is room: of those before some may not have been seen to end."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        peer = Peer(port)
        try:
            if peer.line() == b"Welcome":
                return peer
        except ConnectionError:
            pass  # not even a place to be told why
        peer.close()
        time.sleep(0.02)
    fault("the server stays full")
    return peer


def limits(port):
    peers = [welcomed(port) for _ in range(100)]
    refused = Peer(port)
    refused.say("Check late secret")  # unread when it is closed: the reason has to come all the same
    time.sleep(0.1)
    refused.hears("Bye the server is full: it has 100 connections")
    if refused.line() is not None:
        fault("the 101st is not closed")
    crowd = [Peer(port) for _ in range(200)]  # more than there are places for goodbyes
    peers[7].login("seventh", welcomed=True)
    for peer in peers + crowd + [refused]:
        peer.close()
    welcomed(port).login("later", welcomed=True).close()


def slow_reader(port):
    """One that never reads, and is sent much: the others notice nothing, and it is told why it goes."""
    slow, quick = Peer(port, 4096), Peer(port).login("quick")
    slow.say("Check slow secret")
    slow.socket.settimeout(1)
    try:
        while True:
            slow.socket.sendall(b"x" * 1000 + b"\n")  # it comes back, in the answer
    except (TimeoutError, socket.timeout):
        pass
    worst = 0
    for number in range(1, 21):
        begun = time.monotonic()
        quick.ask("Chat %d slow %s" % (number, "y" * 900), "Stored %d" % number)
        worst = max(worst, time.monotonic() - begun)
    if worst > SILENCE_S:
        fault("beside a slow reader an answer takes %.3f s" % worst)
    deadline = time.monotonic() + SILENCE_S + 1
    while time.monotonic() < deadline:
        quick.ask("HB R", "R")
        time.sleep(0.2)
    slow.socket.settimeout(10)
    last = None
    try:
        while (line := slow.line()) is not None:
            last = line
    except ConnectionError:
        pass
    if last != b"Bye you do not read what is sent to you":
        fault("a slow reader is told at last: %r" % last)
    slow.close()
    quick.close()


def silence(port):
    """Who says nothing is told so and closed; who beats stays."""
    mute, alive = Peer(port).login("mute"), Peer(port).login("alive")
    begun = time.monotonic()
    while time.monotonic() - begun < SILENCE_S + 1:
        alive.ask("HB R", "R")
        time.sleep(0.2)
    mute.hears("Bye nothing came from you for %d s" % SILENCE_S)
    if mute.line() is not None:
        fault("a silent client is not closed")
    mute.close()
    alive.close()


def malformed(port, count=10000):
    """Lines that are none, in pieces as chance has it, on connections that break: the server answers others."""
    chance = random.Random(7)
    words = [b"Check", b"Chat", b"Confirm", b"HB", b"R", b"li", b"1", b"-1", b"99999999999999999999", b"%s%n",
             b"\x00", b"\xe4\xbd", b"\xff", b"", b" ", b"x" * 700, b"\r", b"gb2312", b"'; DROP TABLE message; --",
             b"Check a%d %s" % (1, b"y" * 128), b"Check b " + b"z" * 900]
    watcher = welcomed(port).login("watcher", welcomed=True)
    sent = 0
    while sent < count:
        peer = Peer(port)
        many = chance.randrange(1, 400)
        data = b"Check fuzz%d secret\n" % chance.randrange(5) if chance.random() < 0.7 else b""
        data += b"".join(b" ".join(chance.choice(words) for _ in range(chance.randrange(6))) +
                        chance.choice([b"\n", b"\r\n", b"\n", bytes([chance.randrange(256)])]) for _ in range(many))
        try:
            while data:
                n = chance.randrange(1, 3000)
                peer.socket.sendall(data[:n])
                data = data[n:]
                peer.socket.setblocking(False)
                try:
                    while peer.socket.recv(65536):
                        pass
                except BlockingIOError:
                    pass
                peer.socket.settimeout(10)
        except (OSError, TimeoutError):
            pass
        sent += many
        if chance.random() < 0.5:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        watcher.ask("HB R", "R")
    watcher.ask("Chat 1 watcher still here", "Stored 1")
    if not (watcher.line() or b"").endswith(b"watcher still here"):
        fault("after malformed lines no message comes")
    watcher.close()
    print("%d malformed lines" % sent)


async def client(folder, port):
    """What the server refuses the client gives up, and says the rest; a wrong password is its end."""
    async def run(password, text):
        process = await asyncio.create_subprocess_exec(
            os.path.join(folder, "client"), "127.0.0.1", str(port), "self", password, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, preexec_fn=end_with_us)
        process.stdin.write(text.encode("latin-1"))
        try:
            await process.stdin.drain()
        except ConnectionError:
            pass  # it has ended
        heard = []
        while password == "secret" and len(heard) < 3 and (line := await process.stdout.readline()):
            heard.append(line.split(b" ", 1)[1])
        process.stdin.close()
        return await asyncio.wait_for(process.wait(), 20), heard, await process.stderr.read()

    text = "self one\nnothing\nself two\n%s three\nself f\xffur\nself five\n" % ("x" * 33)
    status, heard, said = await run("secret", text)
    if status != 0 or heard != [b"self: one\n", b"self: two\n", b"self: five\n"]:
        fault("with some lines refused the client ends with %d and prints %r" % (status, heard))
    for sentence in (b"a line is: TO TEXT", b"a name has 1 to 32 bytes", b"no text in your character set"):
        if sentence not in said:
            fault("the client does not tell %r, but %r" % (sentence, said))
    status, heard, said = await run("guessed", "self six\n")
    if status != 1 or heard or b"not the password of self" not in said:
        fault("with a wrong password the client ends with %d, and says %r" % (status, said))


async def ended(server):
    status = await server.end(signal.SIGTERM)
    if status != 0:
        fault("the server ends with status %d" % status)


async def patient(folder, store):
    """What should hold however slow this machine is at the moment: with a server that waits long."""
    server = Server(folder, store, 60)
    await server.start()
    for test in (replies, character_sets, limits, malformed):
        await asyncio.to_thread(test, server.port)
    await client(folder, server.port)
    second = await asyncio.create_subprocess_exec(
        os.path.join(folder, "server"), "0", server.store, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE, preexec_fn=end_with_us)
    said = await second.communicate()
    if second.returncode != 1 or b"locked" not in said[1]:
        fault("a second server takes the same store: %r" % (said,))
    await ended(server)


async def impatient(server, tests):
    """What a server that waits for SILENCE_S does, all of it side by side."""
    await server.start()
    await asyncio.gather(*(asyncio.to_thread(test, server.port) for test in tests))
    await ended(server)


async def protocol(folder, patient, server_type, impatient_tests):
    with tempfile.TemporaryDirectory() as place:
        quick = server_type(folder, os.path.join(place, "impatient"), SILENCE_S)
        await asyncio.gather(patient(folder, os.path.join(place, "patient")), impatient(quick, impatient_tests))


# ---- exactly once -----------------------------------------------------------------------------------

class Wire:
    """Carries bytes between clients and the server, in pieces, and cuts one of the connections when told to."""

    def __init__(self, server, chance):
        self.server, self.chance = server, chance
        self.links, self.cuts = [], 0

    async def open(self):
        self.listening = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def carry(self, reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", self.server.port)
        except OSError:
            writer.transport.abort()
            return
        link = {"fate": None, "writers": (writer, there[1])}
        self.links.append(link)
        await asyncio.gather(self.pump(link, reader, there[1]), self.pump(link, there[0], writer))
        self.links.remove(link)
        for end in link["writers"]:
            end.transport.abort()

    async def pump(self, link, reader, writer):
        try:
            while data := await reader.read(self.chance.choice((16, 256, 65536))):
                if link["fate"] == "hole":
                    continue
                if link["fate"] == "cut":  # somewhere within a line
                    writer.write(data[:self.chance.randrange(len(data) + 1)])
                    await asyncio.sleep(0)
                    for end in link["writers"]:
                        end.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
            writer.close()
        except OSError:
            writer.transport.abort()

    def cut(self):
        links = [link for link in self.links if link["fate"] is None]
        if not links:
            return False
        self.chance.choice(links)["fate"] = "hole" if self.chance.random() < 0.1 else "cut"
        self.cuts += 1
        return True


class Client:
    def __init__(self, folder, port, name):
        self.folder, self.port, self.name = folder, port, name
        self.got = []

    async def start(self, heard):
        self.process = await asyncio.create_subprocess_exec(
            os.path.join(self.folder, "client"), "127.0.0.1", str(self.port), self.name, "secret",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=end_with_us)
        self.reading = asyncio.create_task(self.read(heard))

    async def read(self, heard):
        while line := await self.process.stdout.readline():
            self.got.append(line.decode().rstrip("\n").split(" ", 1)[1])
            heard()

    async def say(self, to, text):
        self.process.stdin.write(("%s %s\n" % (to, text)).encode())
        await self.process.stdin.drain()


def judge(clients, wanted):
    """Each message once, and those of one sender to one receiver in their order."""
    for c in clients:
        want = wanted[c.name]
        missing = len(set(want) - set(c.got))
        doubled = len(c.got) - len(set(c.got))
        if missing or doubled or set(c.got) - set(want):
            fault("%s: of %d messages %d are lost, %d came again" % (c.name, len(want), missing, doubled))
        for other in clients:
            senders = (other.name + ":", other.name + " ")
            mine = [t for t in c.got if t.startswith(senders)]
            if mine != [t for t in want if t.startswith(senders)]:
                fault("%s: the messages of %s come in another order" % (c.name, other.name))


async def deliver(folder, messages, cuts, kills, seed, kind=Server, to_all=False):
    """So many messages; with `to_all` each tenth of them is for everyone."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        server = kind(folder, os.path.join(place, "store"))
        await server.start()
        wire = Wire(server, chance)
        await wire.open()
        heard, moved = [0], asyncio.Event()

        def one_more():
            heard[0] += 1
            moved.set()

        clients = [Client(folder, wire.port, name) for name in ("li", "wang", "zhao", "qian")]
        for c in clients:
            await c.start(one_more)
        wanted = {c.name: [] for c in clients}
        if to_all:  # for everyone who has been there: so all come first
            for c in clients:
                wanted[c.name].append("%s: here" % c.name)
                await c.say(c.name, "here")
            while heard[0] < len(clients):
                moved.clear()
                await asyncio.wait_for(moved.wait(), 20)
        cut_at = sorted(chance.randrange(messages) for _ in range(cuts))
        kill_at = sorted(chance.randrange(messages) for _ in range(kills))
        begun, told, killed, due = time.monotonic(), heard[0], 0, heard[0]
        while (told < messages or heard[0] < due or cut_at or kill_at) and time.monotonic() - begun < 60 + messages / 10:
            while told < messages and due - heard[0] < 60:
                sender, receiver = chance.choice(clients), chance.choice(clients)
                text, all_of_them = "%d 你好" % told, to_all and chance.random() < 0.1
                for c in clients if all_of_them else [receiver]:
                    wanted[c.name].append("%s%s: %s" % (sender.name, " to all" if all_of_them else "", text))
                    due += 1
                await sender.say("*" if all_of_them else receiver.name, text)
                told += 1
            if cut_at and heard[0] >= cut_at[0] and wire.cut():
                cut_at.pop(0)
            if kill_at and heard[0] >= kill_at[0]:
                kill_at.pop(0)
                killed += 1
                await server.end(signal.SIGKILL)
                await server.start()
            moved.clear()
            try:
                await asyncio.wait_for(moved.wait(), 0.2)
            except asyncio.TimeoutError:
                pass
        took = time.monotonic() - begun
        await asyncio.sleep(1)  # for what should not come any more
        for c in clients:
            c.process.stdin.close()
            if await asyncio.wait_for(c.process.wait(), 60) != 0:
                fault("%s ends with status %d" % (c.name, c.process.returncode))
            await c.reading
        if await server.end(signal.SIGTERM) != 0:
            fault("the server ends with another status than 0")
        judge(clients, wanted)
        kept = sqlite3.connect(server.store).execute("SELECT count(*) FROM message").fetchone()[0]
        if kept:
            fault("%d messages are still kept" % kept)
        if wire.cuts < cuts or killed < kills:
            fault("only %d cuts and %d kills" % (wire.cuts, killed))
        print("%d messages delivered, %d connections cut, %d times kill -9: %.1f s" % (heard[0], wire.cuts, killed, took))


def main():
    words = sys.argv[1:]
    if words[:1] == ["protocol"] and len(words) == 2:
        asyncio.run(protocol(words[1], patient, Server, (slow_reader, silence)))
    elif words[:1] == ["deliver"] and len(words) in (5, 6):
        numbers = [int(w) for w in words[2:]]
        asyncio.run(deliver(words[1], *numbers[:3], numbers[3] if len(numbers) > 3 else 1))
    else:
        sys.exit(__doc__)
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
