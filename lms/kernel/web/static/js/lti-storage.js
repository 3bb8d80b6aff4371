// The state of a login, kept in a frame of the platform's own for browsers that keep no cookies in frames
// (LTI Client Side postMessages 1.0, LTI Storage 1.0). Only the platform is told, and only its answer is heard.

const WAIT_MS = 2000;
const page = document.querySelector("[data-storage]");
const { target, origin, name, value, next } = page.dataset;
const messageId = crypto.randomUUID();
const subject = page.dataset.storage === "put" ? "lti.put_data" : "lti.get_data";

window.addEventListener("message", hear);
ask();
const waiting = setTimeout(goOn, WAIT_MS, "");

function ask() {
  const message = { subject, message_id: messageId, key: name };
  if (subject === "lti.put_data") message.value = value;
  keeper()?.postMessage(message, origin);
}

/** The frame the platform named, beside ours; or the platform's page itself. */
function keeper() {
  const above = window.parent !== window ? window.parent : window.opener;
  if (!above || target === "_parent") return above;
  try {
    return above.frames[target] ?? above;
  } catch {
    return above;
  }
}

function hear(event) {
  if (event.origin !== origin || event.data?.message_id !== messageId) return;
  if (event.data.subject !== `${subject}.response`) return;
  clearTimeout(waiting);
  goOn(event.data.value ?? "");
}

function goOn(kept) {
  const form = document.querySelector("[data-storage-form]");
  if (!form) {
    location.replace(next);
    return;
  }
  form.elements.stored.value = kept;
  form.submit();
}
