// The attendance list: every tap is saved at once, one small request at a time. Without a network the taps are kept on
// this device and sent as soon as there is one, also when the page was closed in between.

const RETRY_MS = 5000;
const form = document.querySelector("[data-roll]");
const key = form && `roll-${form.dataset.roll}`;
let waiting = form ? kept() : {};
let isSending = false;

if (form) {
  for (const element of form.querySelectorAll("[data-without-script]")) element.hidden = true;
  for (const element of form.querySelectorAll("[data-with-script]")) element.hidden = false;
  for (const [name, value] of Object.entries(waiting)) show(name, value);
  form.addEventListener("change", (event) => tap(event.target));
  window.addEventListener("online", send);
  count();
  send();
}

function tap(radio) {
  if (!radio.name.startsWith("presence-")) return;
  waiting[radio.name] = radio.value;
  keep();
  count();
  send();
}

async function send() {
  const names = Object.keys(waiting);
  if (isSending || names.length === 0) return;
  isSending = true;
  say("busy");
  const sent = { ...waiting };
  const arrived = await post(sent);
  isSending = false;
  if (!arrived) {
    say("failed");
    setTimeout(send, RETRY_MS);
    return;
  }
  for (const name of names) if (waiting[name] === sent[name]) delete waiting[name];
  keep();
  say("done");
  send();
}

/** True when the server has it. A redirect means somebody was signed out: that is no success. */
async function post(marks) {
  const body = new URLSearchParams({ ...marks, csrf_token: form.elements.csrf_token.value });
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Autosave": "1" }, redirect: "manual" });
    return response.ok;
  } catch {
    return false;
  }
}

function show(name, value) {
  const radio = form.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
  if (radio) radio.checked = true;
}

function count() {
  const people = form.querySelectorAll("[role=radiogroup]");
  const chosen = [...people].map((person) => person.querySelector(":checked")?.value ?? "");
  for (const element of document.querySelectorAll("[data-tally] [data-count]")) {
    element.textContent = chosen.filter((value) => value === element.dataset.count).length;
  }
}

function say(state) {
  const element = form.querySelector("[data-saved]");
  element.dataset.state = state;
  element.querySelector("span").textContent =
    element.dataset[{ busy: "wordsBusy", done: "wordsDone", failed: "wordsFailed" }[state]];
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function keep() {
  try {
    if (Object.keys(waiting).length > 0) localStorage.setItem(key, JSON.stringify(waiting));
    else localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing still sends what it has while the page is open.
  }
}
