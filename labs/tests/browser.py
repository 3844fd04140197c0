"""The page of labs/catalog/29-websocket in a headless Chromium, driven by its own debugging protocol."""
import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import chat
import websocket
from chat import fault

SIZES = [("wide", 1100, 700), ("narrow", 390, 700)]


def chromium():
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


class Tab:
    """One page of the browser."""

    def __init__(self, browser, url):
        self.port = browser.port
        call = urllib.request.Request("http://127.0.0.1:%d/json/new?%s" % (self.port, url), method="PUT")
        told = json.load(urllib.request.urlopen(call, timeout=20))
        self.peer = websocket.Peer(self.port, told["webSocketDebuggerUrl"].split(str(self.port), 1)[1])
        self.number = 0

    def call(self, method, **arguments):
        self.number += 1
        self.peer.say(json.dumps({"id": self.number, "method": method, "params": arguments}))
        while (text := self.peer.text()) is not None:
            told = json.loads(text)
            if told.get("id") == self.number:
                return told.get("result", told)
        raise ConnectionError("the browser has gone")

    def run(self, script):
        told = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError("%s: %s" % (script, told["exceptionDetails"]["exception"].get("description")))
        return told["result"].get("value")

    def until(self, what, script, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.run(script):
                return True
            time.sleep(0.05)
        fault("in the browser: not %s; the page says: %r" % (what, self.run("document.body.innerText")))
        return False

    def join(self, name):
        self.until("loaded", "document.readyState === 'complete' && typeof chat === 'object'")
        self.run("$('name').value = '%s'; $('password').value = 'secret'; $('login').requestSubmit()" % name)
        self.here(name)

    def here(self, name):
        return self.until("here as " + name, "$('state').textContent === 'here as %s'" % name)

    def say(self, to, text):
        self.run("$('to').value = %s; $('text').value = %s; $('say').requestSubmit()" % (json.dumps(to), json.dumps(text)))

    def shows(self, text, times=1):
        counted = "[...document.querySelectorAll('#messages li')].filter(li => li.textContent === %s && " \
                  "!li.classList.contains('waiting')).length === %d" % (json.dumps(text), times)
        return self.until("%d times %r" % (times, text), counted)

    def picture(self, path, cols, rows):
        self.call("Emulation.setDeviceMetricsOverride", width=cols, height=rows, deviceScaleFactor=1, mobile=False)
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        with open(path, "wb") as file:
            file.write(data)
        over = self.run("document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > "
                        "innerHeight")
        if over:
            fault("%s: the page is larger than its window" % path)


class Browser:
    def __init__(self, place):
        self.place = os.path.join(place, "profile")
        command = [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--disable-component-update",
                   "--remote-debugging-port=0", "--user-data-dir=" + self.place, "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, HOME=place), start_new_session=True,
                                        preexec_fn=chat.end_with_us)
        told = os.path.join(self.place, "DevToolsActivePort")
        deadline = time.monotonic() + 60
        while not os.path.exists(told) or not open(told).read().strip():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("the browser does not start")
            time.sleep(0.05)
        self.port = int(open(told).readline())

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


async def page(folder, pictures):
    if not chromium():
        print("SKIP: chromium is not installed: the page is not tried")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        server = websocket.PageServer(folder, os.path.join(place, "store"), 60)
        await server.start()
        browser = Browser(place)
        try:
            await tried(server, browser, pictures)
        finally:
            browser.end()
        await chat.ended(server)
    print("the page in %s" % os.path.basename(chromium()))


async def tried(server, browser, pictures):
    url = "http://127.0.0.1:%d/" % server.port
    li, wang = Tab(browser, url), Tab(browser, url)
    li.join("li")
    wang.join("wang")
    li.shows("wang has joined")
    li.say("*", "hello, 世界 <b>&amp;")
    for tab in (li, wang):
        tab.shows("lihello, 世界 <b>&amp;")
    wang.say("li", "only for you")
    wang.shows("wang → lionly for you")
    li.shows("wang → lionly for you")

    # a client of another kind beside the browser, that goes and comes
    zhao = await asyncio.to_thread(websocket.Peer, server.port)
    zhao.login("zhao")
    li.shows("zhao has joined")
    zhao.close()
    li.shows("zhao has left")
    li.say("zhao", "for when you are back")
    li.shows("li → zhaofor when you are back")
    zhao = websocket.Peer(server.port).login("zhao")
    zhao.hears("Message 4 li zhao for when you are back")
    zhao.close()

    # the server dies without a word, while something is said; both come back by themselves
    await server.end(9)
    li.until("connection lost", "$('state').dataset.state === 'waiting'")
    li.say("*", "said while nobody listened")
    li.say("wang", "and this")
    await server.start()
    for tab, name in ((li, "li"), (wang, "wang")):
        tab.here(name)
    for tab in (li, wang):
        tab.shows("lisaid while nobody listened")
        tab.shows("lihello, 世界 <b>&amp;")
        tab.shows("li → wangand this")

    # a message that was stored while a page was closed, and one that was not confirmed before
    wang.run("location.reload()")
    time.sleep(0.2)
    li.shows("wang has left")
    li.say("wang", "while you were away")
    li.shows("li → wangwhile you were away")
    wang.join("wang")
    wang.shows("li → wangwhile you were away")
    wang.shows("li → wangand this", times=0)  # shown and confirmed before the reload
    for size, cols, rows in SIZES:
        li.picture(os.path.join(pictures, "chat-%s.png" % size), cols, rows)

    # a second page of one name ends the first, which does not come back
    second = Tab(browser, url)
    second.join("li")
    li.until("put out", "$('state').textContent === 'you have logged in elsewhere'")
    for size, cols, rows in SIZES:
        li.picture(os.path.join(pictures, "login-%s.png" % size), cols, rows)
    time.sleep(1)
    second.here("li")
    for tab in (li, wang, second):
        tab.peer.close()
