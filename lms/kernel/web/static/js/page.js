// Every page: where the focus goes after an error, dialogs, toasts, the menu. All of it is help on top: without this
// file links lead to the same places, dialogs open by their address, and toasts fade by CSS.

const toasts = document.querySelector("[data-toasts]");

document.addEventListener("click", (event) => {
  openDialog(event);
  closeDialog(event);
  closeMenus(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(document.body);
});
document.addEventListener("animationend", (event) => {
  if (event.animationName === "leave") event.target.remove();
});
document.addEventListener("leerlabo:toast", (event) => showToast(event.detail));
document.addEventListener("htmx:after:swap", focusErrors);

focusErrors();
openAddressedDialog();
announceToasts();

/** The summary of what is wrong gets the focus, so that a reader hears it first. */
function focusErrors() {
  document.querySelector("[data-focus]")?.focus();
}

function openDialog(event) {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
}

function closeDialog(event) {
  const closer = event.target.closest("[data-closes]");
  const dialog = closer?.closest("dialog");
  if (!dialog?.open) return;
  event.preventDefault();
  dialog.close();
}

/** Somebody followed a link to `#dialog`: make it a real dialog, and let Back close it. */
function openAddressedDialog() {
  const dialog = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!(dialog instanceof HTMLDialogElement)) return;
  history.replaceState(null, "", location.pathname + location.search);
  dialog.showModal();
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details[data-closes-outside][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

/** What is already there when a page opens is not read out; what arrives in a status region is. */
function announceToasts() {
  const waiting = [...toasts.children];
  if (!waiting.length) return;
  toasts.replaceChildren();
  for (const toast of waiting) addCloseButton(toast);
  setTimeout(() => toasts.append(...waiting), 100);
}

function addCloseButton(toast) {
  if (!toast.classList.contains("stays")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = toasts.dataset.closeWord;
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
}

/** Other modules say something with `document.dispatchEvent(new CustomEvent("leerlabo:toast", {detail: "…"}))`. */
function showToast(text) {
  const toast = document.createElement("div");
  toast.className = "toast-ll";
  toast.textContent = text;
  toasts.append(toast);
}
