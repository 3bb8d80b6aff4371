// The page of reading comfort: a choice of light or dark and of letter size shows at once, before it is saved.
// <form data-comfort> with radio buttons `theme` ("", light, dark) and `text_size` (normal, large, larger).

const DARK_MEDIA = { dark: "screen", light: "not all" };

document.querySelector("form[data-comfort]")?.addEventListener("change", (event) => {
  const { name, value } = event.target;
  if (name === "theme") showTheme(value);
  if (name === "text_size") document.documentElement.dataset.textSize = value;
});

function showTheme(theme) {
  const root = document.documentElement;
  root.removeAttribute("data-bs-theme");
  if (theme) root.dataset.bsTheme = theme;
  document.querySelector("link[data-dark]").media = DARK_MEDIA[theme] ?? "screen and (prefers-color-scheme: dark)";
}
