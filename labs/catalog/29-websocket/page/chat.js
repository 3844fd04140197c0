// The page of the chat. The browser does the upgrade, masks, answers pings, and closes; here we say and
// hear text messages. What they are stands at the top of the lab's server.c.
//
// The connection may break at any time. So the page
//   - connects again, after pauses that grow;
//   - keeps what was said until the server has stored it, and says it again if need be: by its number
//     the server knows what it has had;
//   - confirms what it has shown, and shows nothing twice: the ids of messages only go up.
"use strict";

const $ = (id) => document.getElementById(id);
const FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 30000, ELSEWHERE = 4000;

const chat = {
  socket: null, name: "", password: "", loggedIn: false, over: false,
  pause: FIRST_PAUSE_MS, here: new Set(),
  stored: 0,   // the number of the last message of ours that the server has
  outbox: [],  // {number, to, text, item}: what it does not have yet, the oldest first
  seen: 0,     // the id of the last message that was shown
};

// ---- what outlives the page: a reload must neither lose nor repeat a message ---------------------------

const kept = () => `chat of ${chat.name}`;
function keep() {
  const outbox = chat.outbox.map(({ number, to, text }) => ({ number, to, text }));
  localStorage.setItem(kept(), JSON.stringify({ seen: chat.seen, outbox }));
}
function recall() {
  const { seen = 0, outbox = [] } = JSON.parse(localStorage.getItem(kept()) ?? "{}");
  chat.seen = seen;
  chat.outbox = outbox.map((m) => ({ ...m, item: showMessage(chat.name, m.to, m.text, "waiting") }));
}

// ---- what is shown: always as text, never as HTML -----------------------------------------------------

function showState(state, words) {
  $("state").dataset.state = state;
  $("state").textContent = words;
}
function showLine(kind, ...parts) {
  const list = $("messages"), item = document.createElement("li");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  item.className = kind;
  item.append(...parts);
  list.append(item);
  if (atEnd) list.scrollTop = list.scrollHeight;
  return item;
}
function showMessage(from, to, text, more = "") {
  const who = document.createElement("span");
  who.className = "from";
  who.textContent = to === "*" ? from : `${from} → ${to}`;
  const kinds = ["message", from === chat.name && "mine", to !== "*" && "direct", more];
  return showLine(kinds.filter(Boolean).join(" "), who, text);
}
function showHere() {
  const names = [...chat.here].sort();
  $("here").replaceChildren(...["*", ...names].map((name) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.textContent = name === "*" ? "everyone (*)" : name;
    button.onclick = () => { $("to").value = name; $("text").focus(); };
    item.append(button);
    return item;
  }));
  $("names").replaceChildren(...["*", ...names].map((name) => new Option(name)));
}

// ---- what is said ---------------------------------------------------------------------------------------

function send(text) {
  if (chat.socket?.readyState === WebSocket.OPEN) chat.socket.send(text);
}
const sendMessage = ({ number, to, text }) => send(`Chat ${number} ${to} ${text}`);

function say(to, text) {
  const last = chat.outbox.at(-1)?.number ?? chat.stored;
  const message = { number: last + 1, to, text, item: showMessage(chat.name, to, text, "waiting") };
  chat.outbox.push(message);
  keep();
  if (chat.loggedIn) sendMessage(message);
}
// The server has all up to this number. What went to everyone comes back as a message, to us too.
function stored(number) {
  chat.stored = number;
  while (chat.outbox.length > 0 && chat.outbox[0].number <= number) {
    const { to, item } = chat.outbox.shift();
    if (to === "*" || to === chat.name) item.remove();
    else item.classList.remove("waiting");
  }
  keep();
}

// ---- what is heard --------------------------------------------------------------------------------------

const heard = {
  // The server tells the last number that it has of us. What comes behind was lost, or never sent.
  OK(rest) {
    stored(Number(rest.split(" ")[1]));
    chat.loggedIn = true;
    chat.pause = FIRST_PAUSE_MS;
    chat.outbox.forEach((message, i) => { message.number = chat.stored + i + 1; });
    keep();
    chat.outbox.forEach(sendMessage);
    $("login").hidden = true;
    $("room").hidden = false;
    $("text").focus();
    showState("here", `here as ${chat.name}`);
  },
  Here(rest) { chat.here = new Set(rest.split(" ").filter(Boolean)); showHere(); },
  Joined(name) { chat.here.add(name); showHere(); showLine("notice", `${name} has joined`); },
  Left(name) { chat.here.delete(name); showHere(); showLine("notice", `${name} has left`); },
  Stored(number) { stored(Number(number)); },
  Confirmed() {},
  // Show, keep, then confirm: the other way round, whoever dies in between has lost a message. One that
  // was shown already is confirmed again, for the first time has not arrived.
  Message(rest) {
    const [, id, from, to, text] = rest.match(/^(\d+) (\S+) (\S+) (.*)$/s);
    if (Number(id) > chat.seen) {
      showMessage(from, to, text);
      chat.seen = Number(id);
      keep();
    }
    send(`Confirm ${id}`);
  },
  // Answers come in the order of what was said: an error is about the oldest. It is given up.
  Error(why) {
    showLine("error", why);
    if (!chat.loggedIn) {
      chat.over = true;
      showState("away", why);
    } else {
      chat.outbox.shift()?.item.classList.replace("waiting", "error");
      keep();
    }
    chat.socket.close(1000, "not understood");
  },
};

function hear({ data }) {
  const blank = data.indexOf(" "), verb = blank < 0 ? data : data.slice(0, blank);
  if (Object.hasOwn(heard, verb)) heard[verb](blank < 0 ? "" : data.slice(blank + 1));
}

// ---- connections ----------------------------------------------------------------------------------------

function connect() {
  showState("waiting", "connecting");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/chat`);
  chat.socket = socket;
  socket.onopen = () => socket.send(`Check ${chat.name} ${chat.password}`);
  socket.onmessage = hear;
  socket.onclose = closed;
}

// Here all ends of a connection come together: a close frame (with its code and reason), a FIN, a reset,
// silence that TCP gave up on, an upgrade that was refused. Only the first has a code other than 1006.
function closed({ code, reason }) {
  chat.loggedIn = false;
  if (code === ELSEWHERE) { // two pages of one name would throw each other out for ever
    chat.over = true;
    showState("away", reason);
  }
  if (chat.over) {
    $("login").hidden = false;
    $("room").hidden = true;
    return;
  }
  // A pause, and up to a quarter more: a thousand pages that lost their server in one moment should not
  // come back in one moment.
  const pause = chat.pause * (1 + Math.random() / 4);
  chat.pause = Math.min(chat.pause * 2, LONGEST_PAUSE_MS);
  showState("waiting", `connection lost (${code}${reason && `: ${reason}`}), again in ${(pause / 1000).toFixed(1)} s`);
  setTimeout(connect, pause);
}

$("login").onsubmit = (event) => {
  event.preventDefault();
  $("messages").replaceChildren();
  Object.assign(chat, { name: $("name").value, password: $("password").value, over: false, stored: 0, outbox: [] });
  recall();
  connect();
};
$("say").onsubmit = (event) => {
  event.preventDefault();
  say($("to").value, $("text").value);
  $("text").value = "";
};
