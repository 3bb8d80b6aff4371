// A page in somebody else's frame tells the platform how high it is, so that it needs no scroll bar of its own:
// once as LTI's own message, and once in the older form, as text. Only to the platform itself.

const platform = document.body.dataset.frameOrigin;
const isFramed = window.parent !== window;
let told = 0;

if (isFramed && platform) {
  document.documentElement.classList.add("framed");
  new ResizeObserver(tellHeight).observe(document.body);
  tellHeight();
} else {
  for (const element of document.querySelectorAll("[data-only-framed]")) element.hidden = true;
}

function tellHeight() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height === told) return;
  told = height;
  const message = { subject: "lti.frameResize", height };
  window.parent.postMessage(message, platform);
  window.parent.postMessage(JSON.stringify(message), platform);
}
