// Every answer is saved at once, and Bewaard is shown. A form or a single field asks for it with data-autosave="<url>"
// (empty: the form's own action); the server answers 204. Without this file the form's own button saves.
//
// One request of a form (or field) travels at a time and carries all of it, so what arrives last is what stands there.
// When the network fails we try again until it works; when the page closes, the browser still sends what is left.

const TYPING_PAUSE_MS = 700;
const RETRY_MS = [2000, 5000, 15000, 30000];
const OUTLIVES_THE_PAGE = 60_000; // bytes a request may carry and still travel on when the page closes
const holders = new Map();

document.addEventListener("input", (event) => plan(event.target, TYPING_PAUSE_MS));
document.addEventListener("change", (event) => plan(event.target, 0));
document.addEventListener("submit", (event) => forget(event.target));
window.addEventListener("online", () => holders.forEach((_state, holder) => save(holder)));
window.addEventListener("pagehide", () => holders.forEach((_state, holder) => sendLast(holder)));
window.addEventListener("beforeunload", warnWhenUnsaved);

function plan(field, delay) {
  const holder = [field, field.form].find((one) => one?.matches("[data-autosave]"));
  if (!holder || field.type === "file") return;
  const state = stateOf(holder);
  state.isDirty = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(holder), delay);
}

function stateOf(holder) {
  if (!holders.has(holder)) holders.set(holder, { isDirty: false, isSending: false, tries: 0, timer: 0 });
  return holders.get(holder);
}

/** The form is sent the ordinary way: nothing of it is left to save. */
function forget(form) {
  for (const [holder, state] of holders) {
    if (holder !== form && holder.form !== form) continue;
    clearTimeout(state.timer);
    holders.delete(holder);
  }
}

async function save(holder) {
  const state = stateOf(holder);
  if (state.isSending || !state.isDirty) return;
  state.isSending = true;
  state.isDirty = false;
  show("busy");
  const arrived = await send(holder);
  state.isSending = false;
  if (arrived) succeed(holder, state);
  else retry(holder, state);
}

function succeed(holder, state) {
  state.tries = 0;
  if (state.isDirty) save(holder);
  else show("done");
}

function retry(holder, state) {
  state.isDirty = true;
  show("failed");
  const delay = RETRY_MS[Math.min(state.tries, RETRY_MS.length - 1)];
  state.tries += 1;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(holder), delay);
}

/** True when the server has it. A redirect means somebody was signed out: that is no success. */
async function send(holder) {
  const words = body(holder);
  try {
    const response = await fetch(address(holder), {
      method: "POST",
      body: words,
      headers: { "X-Autosave": "1" },
      redirect: "manual",
      keepalive: String(words).length < OUTLIVES_THE_PAGE,
    });
    return response.ok;
  } catch {
    return false;
  }
}

function sendLast(holder) {
  const state = stateOf(holder);
  if (!state.isDirty) return;
  state.isDirty = false;
  send(holder);
}

function address(holder) {
  const form = holder.form ?? holder;
  return holder.dataset.autosave || form.getAttribute("action") || location.href;
}

function body(holder) {
  if (holder instanceof HTMLFormElement) return new URLSearchParams(new FormData(holder));
  const token = new FormData(holder.form).get("csrf_token") ?? "";
  return new URLSearchParams({ csrf_token: token, [holder.name]: holder.value });
}

function warnWhenUnsaved(event) {
  const isStuck = [...holders.values()].some((state) => state.isDirty && state.tries > 0);
  if (isStuck) event.preventDefault();
}

function show(key) {
  for (const element of document.querySelectorAll("[data-saved]")) {
    element.dataset.state = key;
    const words = element.querySelector("span");
    const text = element.dataset[{ busy: "wordsBusy", done: "wordsDone", failed: "wordsFailed" }[key]];
    if (words.textContent !== text) words.textContent = text;
  }
}
