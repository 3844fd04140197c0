#!/usr/bin/env python3
"""What the chat of labs/catalog/29-websocket promises, asked of its own server and client.

usage: websocket.py protocol FOLDER          the upgrade, each rule of RFC 6455 for frames, the chat's replies,
                                             limits, malformed frames, other people's clients where installed
       websocket.py deliver FOLDER MESSAGES CUTS KILLS [SEED]
                                             as chat.py does, and to everyone as well
       websocket.py browser FOLDER PAGES     the page, in a headless Chromium; its pictures go to PAGES

FOLDER holds the programs `server` and `client`. A line for each fault; the exit status is 1 where there is any.
"""
import asyncio
import base64
import hashlib
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import chat
from chat import SILENCE_S, Server, ended, fault

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455's own example, and its answer
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class PageServer(Server):
    """The server of the WebSocket chat, with its page."""

    def arguments(self):
        return ["-p", os.path.join(self.folder, "page")] + super().arguments()


# ---- frames, by hand --------------------------------------------------------------------------------

def frame(opcode, payload=b"", fin=True, mask=b"\x37\xfa\x21\x3d", rsv=0, length=None, wide=0):
    """A frame. `length` says another one than the payload has, `wide` in so many bytes."""
    n = len(payload) if length is None else length
    bits = 0x80 if mask else 0
    first = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if wide == 8 or (not wide and n > 65535):
        head = first + bytes([bits | 127]) + struct.pack(">Q", n)
    elif wide == 2 or (not wide and n > 125):
        head = first + bytes([bits | 126]) + struct.pack(">H", n)
    else:
        head = first + bytes([bits | n])
    if mask:
        payload = mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + payload


def close_frame(code=None, reason=b"", **more):
    return frame(CLOSE, (struct.pack(">H", code) if code is not None else b"") + reason, **more)


class Peer:
    """A WebSocket that does as it is told. Used to drive the browser, too."""

    def __init__(self, port, path="/chat", upgraded=True, room=None):
        self.socket = socket.socket()
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.bytes = b""
        if upgraded:
            self.send(request(path, port))
            head = self.head()
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise ConnectionError("no upgrade: %r" % head)

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(65536)
        self.bytes += data
        return bool(data)

    def head(self):
        while b"\r\n\r\n" not in self.bytes:
            if not self.more():
                return self.bytes
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        return head

    def take(self, n):
        while len(self.bytes) < n:
            if not self.more():
                return None
        data, self.bytes = self.bytes[:n], self.bytes[n:]
        return data

    def frame(self):
        """(opcode, payload, FIN) of the next frame, None at the end."""
        head = self.take(2)
        if head is None:
            return None
        if head[1] & 0x80 or head[0] & 0x70:
            fault("the server masks, or sets a reserved bit: %r" % head)
        n = head[1] & 127
        if n > 125:
            n = int.from_bytes(self.take(2 if n == 126 else 8), "big")
        return head[0] & 15, self.take(n), bool(head[0] & 0x80)

    def text(self):
        """The next text message; pings are answered."""
        whole = b""
        while True:
            got = self.frame()
            if got is None or got[0] == CLOSE:
                return None
            if got[0] == PING:
                self.send(frame(PONG, got[1]))
            elif got[0] in (0, TEXT):
                whole += got[1]
                if got[2]:
                    return whole.decode()

    def say(self, text):
        self.send(frame(TEXT, text.encode()))

    def hears(self, wanted, what="nothing"):
        got = self.text()
        while got and got.startswith(("Joined ", "Left ")) and not wanted.startswith(("Joined ", "Left ")):
            got = self.text()  # of another test on the same server
        if got is None or (not got.startswith(wanted[:-3]) if wanted.endswith("...") else got != wanted):
            fault("to %r it says %r, and not %r" % (what[:60], got, wanted))

    def ask(self, what, *wanted):
        self.say(what)
        for answer in wanted:
            self.hears(answer, what)

    def login(self, name, last=0):
        self.ask("Check %s secret" % name, "OK %s %d" % (name, last), "Here...")
        return self

    def close(self):
        self.socket.close()


def request(path="/chat", port=80, key=KEY, **headers):
    lines = {"Host": "localhost:%d" % port, "Upgrade": "websocket", "Connection": "Upgrade",
             "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
    lines.update({name.replace("_", "-"): value for name, value in headers.items()})
    text = "GET %s HTTP/1.1\r\n" % path + "".join("%s: %s\r\n" % line for line in lines.items() if line[1] is not None)
    return (text + "\r\n").encode()


# ---- the upgrade ------------------------------------------------------------------------------------

def upgrades(port):
    def answer(data):
        peer = Peer(port, upgraded=False)
        peer.send(data)
        head = peer.head().decode()
        peer.close()
        return head

    head = answer(request())
    if "HTTP/1.1 101 Switching Protocols" not in head or "Sec-WebSocket-Accept: " + ACCEPT not in head:
        fault("the upgrade of RFC 6455's example: %r" % head)
    chance = random.Random(3)
    for _ in range(50):
        key = base64.b64encode(bytes(chance.randrange(256) for _ in range(16))).decode()
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        if wanted.decode() not in answer(request(key=key)):
            fault("another answer to the key %s than %s" % (key, wanted))
    fine = [dict(Connection="keep-alive, Upgrade"), dict(Upgrade="WebSocket"), dict(Connection="UPGRADE")]
    for headers in fine:
        if " 101 " not in answer(request(**headers)):
            fault("no upgrade with %r" % headers)
    for wanted, data in [
            ("426", request(Upgrade=None)), ("426", request(Connection="keep-alive")), ("426", request(Upgrade="h2c")),
            ("426", request(Sec_WebSocket_Version="8")), ("426", request(Sec_WebSocket_Version=None)),
            ("400", request(key="")), ("400", request(key=None)), ("400", request(key="c2hvcnQ=")),
            ("400", request(key="!" * 22 + "==")), ("404", request("/other")), ("404", request("/../server.c")),
            ("404", request("//etc/passwd")), ("404", request("/%2e%2e/server")),
            ("405", request().replace(b"GET", b"POST")), ("400", b"\r\n\r\n"), ("400", b"hello\r\n\r\n"),
            ("400", b"GET / HTTP/1.0\r\n\r\n"), ("400", b"GET\0 / HTTP/1.1\r\n\r\n"),
            ("400", b"\xff" * 500 + b"\r\n\r\n"), ("431", b"GET / HTTP/1.1\r\nX: " + b"x" * 9000)]:
        if not answer(data).startswith("HTTP/1.1 " + wanted):
            fault("to %r it answers %r, and not %s" % (data[:70], answer(data)[:30], wanted))
    for path, part in [("/", "<title>Chat"), ("/chat.js", "new WebSocket"), ("/chat.css", "@media")]:
        peer = Peer(port, upgraded=False)
        peer.send(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
        while peer.more():
            pass
        if not peer.bytes.startswith(b"HTTP/1.1 200 OK") or part.encode() not in peer.bytes:
            fault("the page's file %s does not come" % path)
        peer.close()
    # the head byte by byte, and a frame right behind it
    peer = Peer(port, upgraded=False)
    for byte in request():
        peer.send(bytes([byte]))
    peer.head()
    peer.login("bytewise").close()
    peer = Peer(port, upgraded=False)
    peer.send(request() + frame(TEXT, b"Check behind secret"))
    peer.head()
    peer.hears("OK behind 0")
    peer.close()


# ---- RFC 6455 frame by frame: each case is what is sent, and what comes: frames, or the code of a close ----

ASK, TOLD = b"nonsense", (TEXT, b"Error log in first: Check NAME PASSWORD")
HI = "hé世𐍈".encode()

BROKEN = (1002, None)  # wslay says no code where the header of a frame is none

CASES = [
    # framing
    ("a text of one frame", frame(TEXT, ASK), [TOLD]),
    ("an empty text", frame(TEXT), [TOLD]),
    ("a mask of zeros", frame(TEXT, ASK, mask=b"\0\0\0\0"), [TOLD]),
    ("125 bytes", frame(TEXT, b"x" * 125), [TOLD]),
    ("126 bytes", frame(TEXT, b"x" * 126), [TOLD]),
    ("as many as are taken", frame(TEXT, b"x" * 4096), [TOLD]),
    ("one more", frame(TEXT, b"x" * 4097), 1009),
    ("65,536", frame(TEXT, b"x" * 65536), 1009),
    ("a length of 2^62", frame(TEXT, b"", length=1 << 62, wide=8), 1009),
    ("a length of 2^63", frame(TEXT, b"", length=1 << 63, wide=8), BROKEN),
    ("a length in more bytes than it needs", frame(TEXT, ASK, wide=2), BROKEN),
    ("in still more", frame(TEXT, ASK, wide=8), BROKEN),
    ("no mask", frame(TEXT, ASK, mask=None), 1002),
    ("bytes that are binary", frame(BINARY, ASK), 1003),
    # pings
    ("a ping", frame(PING, b"payload"), [(PONG, b"payload")]),
    ("an empty ping", frame(PING), [(PONG, b"")]),
    ("a ping of 125 bytes", frame(PING, b"\xff" * 125), [(PONG, b"\xff" * 125)]),
    ("a ping of 126", frame(PING, b"x" * 126), BROKEN),
    ("a ping in fragments", frame(PING, b"x", fin=False), BROKEN),
    ("a pong that nobody asked for", frame(PONG, b"x") + frame(TEXT, ASK), [TOLD]),
    ("ten pings", b"".join(frame(PING, b"%d" % i) for i in range(10)), [(PONG, b"%d" % i) for i in range(10)]),
    # reserved bits and opcodes
    *[("reserved bits %d" % bits, frame(TEXT, ASK, rsv=bits), 1002) for bits in range(1, 8)],
    *[("opcode %d" % code, frame(code, ASK), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    # fragments
    ("two fragments", frame(TEXT, ASK[:3], fin=False) + frame(0, ASK[3:]), [TOLD]),
    ("fragments of one byte", frame(TEXT, b"n", fin=False) + b"".join(frame(0, ASK[i:i + 1], fin=False) for i in
                                                                      range(1, 8)) + frame(0), [TOLD]),
    ("a ping between fragments", frame(TEXT, ASK[:3], fin=False) + frame(PING, b"p") + frame(0, ASK[3:]),
     [(PONG, b"p"), TOLD]),
    ("a continuation of nothing", frame(0, ASK), 1002),
    ("a text within a text", frame(TEXT, ASK, fin=False) + frame(TEXT, ASK), 1002),
    ("fragments that are too much together", frame(TEXT, b"x" * 4000, fin=False) + frame(0, b"x" * 97), 1009),
    # UTF-8
    ("UTF-8", frame(TEXT, HI), [TOLD]),
    ("UTF-8 cut within a character", b"".join(frame(0 if i else TEXT, HI[i:i + 1], fin=i == len(HI) - 1) for i in
                                              range(len(HI))), [TOLD]),
    *[("no UTF-8: %r" % bad, frame(TEXT, b"x" + bad), 1007) for bad in
      (b"\xff", b"\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
       b"\xe4\xb8")],
    ("text that ends within a character", frame(TEXT, b"\xe4\xb8", fin=False) + frame(0), 1007),
    # closes
    ("a close", close_frame(1000, b"bye"), 1000),
    ("a close without a code", close_frame(), None),
    ("a close of one byte", frame(CLOSE, b"\x03"), BROKEN),
    ("a close of 126 bytes", close_frame(1000, b"x" * 124), BROKEN),
    ("a close of 125", close_frame(1000, b"x" * 123), 1000),
    ("a close with a reason that is no text", close_frame(1000, b"\xff"), 1007),
    *[("close code %d" % code, close_frame(code), code) for code in (1001, 1002, 1003, 1007, 1011, 3000, 3999, 4000,
                                                                     4999)],
    *[("close code %d" % code, close_frame(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999,
                                                                     5000, 65535)],
    ("text behind a close", close_frame(1000) + frame(TEXT, ASK), 1000),
    ("a ping behind a close", close_frame(1000) + frame(PING, b"x"), 1000),
]


def replies_of(port, data, in_bytes, texts):
    """The frames that come until the server has closed. Behind the case a text is sent; when it and the `texts` of
    the case are answered, a close."""
    peer, got = Peer(port), []
    try:
        for piece in [bytes([byte]) for byte in data] if in_bytes else [data]:
            peer.send(piece)
        peer.send(frame(TEXT, b"the end"))
    except OSError:
        pass  # it has closed already
    while (one := peer.frame()) is not None:
        got.append(one[:2])
        texts -= one[0] == TEXT
        if texts < 0 or (one[0] == CLOSE and data[0] & 15 != CLOSE):
            texts = 1 << 20
            peer.send(close_frame(1000))
    peer.close()
    return got


def case(port, name, data, wanted, in_bytes):
    if isinstance(wanted, list):
        wanted = wanted + [TOLD, (CLOSE, struct.pack(">H", 1000))]
        got = replies_of(port, data, in_bytes, wanted.count(TOLD) - 1)
        ok = got == wanted
    else:
        got = replies_of(port, data, in_bytes, 1 << 20)
        codes = [struct.pack(">H", code) if code else b"" for code in wanted]
        ok = len(got) == 1 and got[0][0] == CLOSE and got[0][1][:2] in codes
    if not ok:
        fault("%s: it sends %r, and not %r" % (name, got, wanted))


def conformance(port):
    for name, data, wanted in CASES:
        wanted = wanted if isinstance(wanted, (list, tuple)) else (wanted,)
        case(port, name, data, wanted, False)
        if len(data) < 5000:
            case(port, name + ", byte by byte", data, wanted, True)
    print("%d cases of RFC 6455, whole and byte by byte" % len(CASES))


# ---- the chat ---------------------------------------------------------------------------------------

def replies(port):
    li = Peer(port)
    li.ask("Check li", "Error usage: Check NAME PASSWORD")
    li.ask("Check * secret", "Error a name has 1 to 32 bytes, and is not *")
    li.ask("Check %s secret" % ("x" * 33), "Error a name has...")
    li.ask("Check li " + "x" * 129, "Error a password has 1 to 128 bytes")
    li.ask("Check li secret", "OK li 0", "Here li")
    li.ask("Check li secret", "Error you are logged in as li")
    li.ask("Shout hello", "Error there is no command Shout")
    li.ask("Shout " * 600, "Error there is no command Shout")
    li.ask("S" * 4000, "Error there is no command " + "S" * 100)
    li.ask("Chat 1 wang", "Error usage: Chat NUMBER TO TEXT")
    li.ask("Chat 2 wang hello", "Error your next message has the number 1")
    li.ask("Chat x wang hello", "Error your next message has the number 1")
    li.ask("Chat 1 wang " + "x" * 3068, "Error a text has at most...")
    li.ask("Confirm 1", "Error no message 1 was sent to you")
    li.ask("a\x1b[2J", "Error this has control characters")
    li.ask("a\x00b", "Error this has control characters")
    li.ask("a\u009b2J", "Error this has control characters")
    # stored, delivered at the login, again while it is not confirmed, and never after
    li.ask("Chat 1 wang one  two ", "Stored 1")
    li.ask("Chat 1 wang one  two ", "Stored 1")
    li.ask("Chat 2 wang " + "y" * 3067, "Stored 2")
    wang = Peer(port)
    wang.ask("Check wang secret", "OK wang 0", "Here li wang")
    li.hears("Joined wang")
    wang.hears("Message 1 li wang one  two ")
    wang.hears("Message 2 li wang " + "y" * 3067)
    wang.ask("Confirm 1", "Confirmed 1")
    wang.ask("Confirm 1", "Confirmed 1")
    again = Peer(port).login("wang")
    if (got := wang.frame()) != (CLOSE, struct.pack(">H", 4000) + b"you have logged in elsewhere", True):
        fault("the first login is told %r" % (got,))
    wang.send(close_frame(4000))
    if wang.frame() is not None:
        fault("the first login is not closed")
    again.hears("Message 2 li wang...")
    again.ask("Confirm 2", "Confirmed 2")
    # to everyone, also who is absent, and the sender
    again.send(close_frame(1000))
    li.hears("Left wang")
    li.ask("Chat 3 * to all", "Stored 3", "Message 3 li * to all", )
    li.ask("Confirm 3", "Confirmed 3")
    again = Peer(port).login("wang")
    li.hears("Joined wang")
    again.hears("Message 4 li * to all")
    again.ask("Confirm 4", "Confirmed 4")
    thief = Peer(port)
    thief.ask("Check wang guessed", "Error this is not the password of wang")
    again.ask("Shout", "Error there is no command Shout")
    again.close()  # a FIN without a close frame is an end, too
    li.hears("Left wang")
    for peer in (li, wang, thief):
        peer.close()


def room_for(port):
    """A connection for which there is room: of those before some may not have been seen to end."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return Peer(port)
        except ConnectionError:
            time.sleep(0.02)
    sys.exit("FAULT: the server stays full")


def limits(port):
    peers = [room_for(port) for _ in range(100)]
    refused = Peer(port, upgraded=False)
    refused.send(request())  # unread when it is closed: the reason has to come all the same
    while refused.more():
        pass
    if not refused.bytes.startswith(b"HTTP/1.1 503") or b"it has 100 connections" not in refused.bytes:
        fault("the 101st is told %r" % refused.bytes)
    crowd = [Peer(port, upgraded=False) for _ in range(200)]  # more than there are places for goodbyes
    peers[7].login("seventh")
    for peer in peers + crowd + [refused]:
        peer.close()
    room_for(port).login("later").close()


def slow_reader(port):
    """Two that never read, and are sent much: texts one, answers to pings the other. Others notice nothing."""
    quick = Peer(port).login("quick")
    slow = [Peer(port, room=4096) for _ in range(2)]
    for peer, data in zip(slow, (frame(TEXT, b"x" * 1000), frame(PING, b"x" * 100))):
        peer.socket.settimeout(0.5)
        try:
            while True:
                peer.send(data * 100)
        except (TimeoutError, socket.timeout):
            pass
    worst = 0
    for number in range(1, 21):
        begun = time.monotonic()
        quick.ask("Chat %d slow %s" % (number, "y" * 900), "Stored %d" % number)
        worst = max(worst, time.monotonic() - begun)
    if worst > SILENCE_S:
        fault("beside a slow reader an answer takes %.3f s" % worst)
    deadline = time.monotonic() + 20
    for peer in slow:  # neither is kept
        peer.socket.settimeout(0.2)
        gone = False
        while not gone and time.monotonic() < deadline:
            quick.ask("Shout", "Error there is no command Shout")
            try:
                gone = not peer.socket.recv(1 << 20)
            except (TimeoutError, socket.timeout):
                pass
            except ConnectionError:
                gone = True
        if not gone:
            fault("a slow reader is kept")
        peer.close()
    quick.close()


def silence(port):
    """Who says nothing is pinged, told so and closed; who answers pings stays."""
    mute, alive = Peer(port).login("mute"), Peer(port).login("alive")
    while (got := mute.frame())[0] == TEXT:  # notices
        pass
    if got[0] != PING:
        fault("a silent client is sent %r" % (got,))
    alive.socket.settimeout(SILENCE_S + 3)
    while (text := alive.text()) is not None and text != "Left mute":  # pings are answered
        pass
    if text is None:
        fault("who answers pings is closed")
    while (got := mute.frame()) and got[0] == TEXT:
        pass
    if got is None or got[:2] != (CLOSE, struct.pack(">H", 1008) + b"nothing came from you for too long"):
        fault("a silent client is told %r" % (got,))
    half = Peer(port, upgraded=False)  # a head that never ends
    half.send(b"GET / HTTP/1.1\r\n")
    if b"503" not in half.head():
        fault("a head that never ends is kept")
    for peer in (mute, alive, half):
        peer.close()


def malformed(port, count=10000):
    """Frames that are none, and heads, in pieces as chance has it, on connections that break."""
    chance = random.Random(11)

    def word():
        texts = [b"Check fuzz%d secret" % chance.randrange(5), b"Chat 1 watcher x", b"Confirm -1", b"\xff\xfe", b"",
                 b"Chat 99999999999999999999 %s%n x", b"x" * 4000, b"'; DROP TABLE message; --"]
        kind = chance.randrange(10)
        if kind < 5:
            return frame(chance.choice((0, 1, 1, 1, 2, 8, 9, 10, chance.randrange(16))), chance.choice(texts),
                         fin=chance.random() < 0.8, rsv=0 if chance.random() < 0.9 else chance.randrange(8),
                         mask=bytes(4) if chance.random() < 0.9 else None, wide=chance.choice((0, 0, 0, 2, 8)))
        if kind < 7:
            return frame(TEXT, b"x", length=chance.choice((0, 125, 126, 65535, 1 << 31, 1 << 63)), wide=8)
        good = bytearray(frame(TEXT, chance.choice(texts)))
        for _ in range(3):
            good[chance.randrange(len(good))] = chance.randrange(256)
        return bytes(good)

    watcher = room_for(port).login("watcher")
    sent = 0
    while sent < count:
        many = chance.randrange(1, 60)
        peer = Peer(port, upgraded=False)
        data = request() if chance.random() < 0.9 else bytes(chance.randrange(256) for _ in range(200))
        data += b"".join(word() for _ in range(many))
        try:
            while data:
                n = chance.randrange(1, 3000)
                peer.send(data[:n])
                data = data[n:]
                peer.socket.setblocking(False)
                try:
                    while peer.socket.recv(65536):
                        pass
                except BlockingIOError:
                    pass
                peer.socket.settimeout(10)
        except OSError:
            pass
        sent += many
        if chance.random() < 0.5:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    watcher.say("Chat 1 watcher still here")
    while (text := watcher.text()) is not None and not text.endswith("still here"):
        pass
    if text is None:
        fault("after malformed frames no message comes")
    watcher.close()
    print("%d malformed frames" % sent)


# ---- other people's clients -------------------------------------------------------------------------

PYTHON_CLIENT = """
import asyncio, sys, websockets
async def main(url):
    async with websockets.connect(url, ping_interval=None) as li:
        await li.send('Check python secret')
        assert await li.recv() == 'OK python 0'
        assert (await li.recv()).startswith('Here ')
        await (await li.ping(b'payload'))
        await li.send(['Chat 1 python ', 'in ', 'fragments'])
        assert await li.recv() == 'Stored 1'
        message = await li.recv()
        assert message.endswith(' python python in fragments'), message
        await li.send('Confirm ' + message.split()[1])
        assert (await li.recv()).startswith('Confirmed ')
    assert li.close_code == 1000
asyncio.run(main(sys.argv[1]))
"""
NODE_CLIENT = """
const WebSocket = require('ws');
const li = new WebSocket(process.argv[2]), heard = [];
const hear = (what) => { heard.push(what); if (heard.length === 3) li.close(1000, 'bye'); };
li.on('open', () => { li.send('Check node secret'); li.ping('payload'); });
li.on('pong', (data) => hear('pong ' + data));
li.on('message', (data) => hear(String(data)));
li.on('close', (code, why) => process.exit(
    code === 1000 && String(why) === 'bye' && heard.includes('OK node 0') && heard.includes('pong payload') ? 0 : 1));
"""


def other_clients(port):
    url = "ws://127.0.0.1:%d/chat" % port
    environment = dict(os.environ, NODE_PATH="/usr/share/nodejs:/usr/lib/nodejs:" + os.environ.get("NODE_PATH", ""))
    for what, test, command in [
            ("python3-websockets", ["-c", "import websockets"], ["-c", PYTHON_CLIENT, url]),
            ("node's ws", ["-e", "require('ws')"], ["-e", NODE_CLIENT, "-", url])]:
        programs = ["python3", "/usr/bin/python3"] if "python" in what else ["node"]
        program = next((p for p in programs if shutil.which(p) and subprocess.run(
            [p] + test, env=environment, capture_output=True).returncode == 0), None)
        if not program:
            print("SKIP: %s is not installed: the server is not tried with it" % what)
            continue
        done = subprocess.run([program] + command, env=environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            fault("%s: %s" % (what, done.stderr[-500:]))
        else:
            print("tried with %s" % what)


async def own_client(folder, port):
    """What the server refuses the client gives up, and says the rest; a wrong password is its end."""
    async def run(password, text, *options):
        process = await asyncio.create_subprocess_exec(
            os.path.join(folder, "client"), *options, "127.0.0.1", str(port), "self", password,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            preexec_fn=chat.end_with_us)
        process.stdin.write(text.encode())
        heard = []
        while password == "secret" and len(heard) < 3 and (line := await process.stdout.readline()):
            heard.append(line.split(b" ", 1)[1])
        process.stdin.close()
        return await asyncio.wait_for(process.wait(), 20), heard, await process.stderr.read()

    text = "self one\nnothing\nself two\n%s three\nself f\x1bur\nself five\n" % ("x" * 33)
    for options in ((), ("-f", "3")):
        status, heard, said = await run("secret", text, *options)
        if status != 0 or heard != [b"self: one\n", b"self: two\n", b"self: five\n"]:
            fault("with some lines refused the client ends with %d and prints %r" % (status, heard))
        for sentence in (b"a line is: TO TEXT", b"a name has 1 to 32 bytes", b"this has control characters"):
            if sentence not in said:
                fault("the client does not tell %r, but %r" % (sentence, said))
    status, heard, said = await run("guessed", "self six\n")
    if status != 1 or heard or b"not the password of self" not in said:
        fault("with a wrong password the client ends with %d, and says %r" % (status, said))


# ---- all of it --------------------------------------------------------------------------------------

async def patient(folder, store):
    server = PageServer(folder, store, 60)
    await server.start()
    for test in (replies, upgrades, conformance, limits, malformed, other_clients):
        await asyncio.to_thread(test, server.port)
    await own_client(folder, server.port)
    await ended(server)


def main():
    words = sys.argv[1:]
    if words[:1] == ["protocol"] and len(words) == 2:
        asyncio.run(chat.protocol(words[1], patient, PageServer, (slow_reader, silence)))
    elif words[:1] == ["deliver"] and len(words) in (5, 6):
        numbers = [int(w) for w in words[2:]]
        seed = numbers[3] if len(numbers) > 3 else 1
        asyncio.run(chat.deliver(words[1], *numbers[:3], seed, PageServer, to_all=True))
    elif words[:1] == ["browser"] and len(words) == 3:
        import browser
        asyncio.run(browser.page(words[1], words[2]))
    else:
        sys.exit(__doc__)
    sys.exit(chat.faults > 0)


if __name__ == "__main__":
    main()
