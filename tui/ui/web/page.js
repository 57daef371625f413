// What textual-serve's page leaves out: the keys that a browser keeps or does not tell apart, the focus, and the way back.
"use strict";

const tab = (sessionStorage.rilletTab ||= crypto.randomUUID());
let socket = null;

window.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    socket = this;
  }
};

const SEQUENCES = {
  "Shift+Enter": "\x1b[13;2u",
  "Control+Enter": "\x1b[13;5u",
  "Control+Backspace": "\x1b[127;5u",
};

function nameOf(event) {
  const held = ["Control", "Alt", "Shift", "Meta"].filter((key) => event.getModifierState(key));
  return [...held, event.key].join("+");
}

window.addEventListener(
  "keydown",
  (event) => {
    const name = nameOf(event);
    if (["Control+v", "Control+V", "Meta+v"].includes(name)) {
      event.stopImmediatePropagation(); // the browser pastes
    } else if (name in SEQUENCES) {
      event.preventDefault();
      event.stopImmediatePropagation();
      socket?.send(JSON.stringify(["stdin", SEQUENCES[name]]));
    }
  },
  true,
);

function focus() {
  const field = document.querySelector(".xterm-helper-textarea");
  field?.focus();
  return field !== null;
}

document.addEventListener("DOMContentLoaded", async () => {
  const terminal = document.getElementById("terminal");
  terminal.dataset.sessionWebsocketUrl = `ws://${location.host}/ws/${tab}`;
  document.getElementById("again").addEventListener("click", () => location.reload());
  const watch = new MutationObserver(() => focus() && watch.disconnect());
  watch.observe(terminal, { childList: true, subtree: true });
  window.addEventListener("focus", focus);
});
