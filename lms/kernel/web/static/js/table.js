// Rows that can be chosen: one box chooses all, and the action bar appears and says how many. Without this file the
// action bar is always there, and its buttons work on the boxes that are ticked.

const all = document.querySelector("[data-pick-all]");
const bar = document.querySelector("[data-actionbar]");

if (all) all.hidden = false;
document.addEventListener("change", (event) => {
  if (event.target === all) tickAll(all.checked);
  if (event.target.matches("[data-pick], [data-pick-all]")) draw();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pick-none]")) return;
  event.preventDefault();
  tickAll(false);
  draw();
});
document.addEventListener("htmx:after:swap", draw);
window.addEventListener("pageshow", draw);
draw();

function boxes() {
  return [...document.querySelectorAll("[data-pick]")];
}

function tickAll(isTicked) {
  for (const box of boxes()) box.checked = isTicked;
}

function draw() {
  const count = boxes().filter((box) => box.checked).length;
  if (all) {
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
  }
  if (!bar) return;
  bar.hidden = count === 0;
  const said = bar.querySelector("[data-picked]");
  if (said) said.textContent = phrase(said.dataset, count);
}

function phrase(words, count) {
  if (count === 0) return words.wordsNone;
  return count === 1 ? words.wordsOne : words.wordsMany.replace("{n}", count);
}
