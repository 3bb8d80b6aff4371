// Lees voor: the browser's own voice reads the page, sentence by sentence, and the sentence and the word light up.
// The light is a range (CSS highlight), so the page is never rewritten and an answer stays chosen while it is read.
//
// <div data-read-aloud data-language="nl" hidden> holds three buttons: data-read="start", "pause", "slow". What is read
// is [data-readable], or <main>. Where the browser cannot speak this language, the buttons stay hidden.

const SLOW_KEY = "leerlabo.slow";
const SLOW_RATE = 0.7;
const BLOCKS = "h1,h2,h3,p,li,legend,figcaption,caption,td,th,label,dt,dd,b:first-child";
const SILENT = ".listen,.visually-hidden,[hidden],[aria-hidden='true'],button,select,textarea,script,noscript,video,svg";

class Reader {
  constructor(bar, voice) {
    this.bar = bar;
    this.synth = voice;
    this.language = bar.dataset.language || document.documentElement.lang;
    this.root = document.querySelector("[data-readable]") ?? document.querySelector("main");
    this.buttons = Object.fromEntries([...bar.querySelectorAll("[data-read]")].map((one) => [one.dataset.read, one]));
    this.isSlow = recall(SLOW_KEY) === "1";
    this.sentences = [];
    this.turn = 0;
    this.buttons.start.addEventListener("click", () => (this.sentences.length ? this.stop() : this.begin()));
    this.buttons.pause?.addEventListener("click", () => this.pauseOrGoOn());
    this.buttons.slow?.addEventListener("click", () => this.changeSpeed());
  }

  /** Show the buttons when a voice speaks our language; some phones list no voices at all and speak all the same. */
  offer() {
    const voices = this.synth.getVoices();
    this.bar.hidden = voices.length > 0 && !this.findVoice();
    this.draw();
  }

  findVoice() {
    const voices = this.synth.getVoices().filter((voice) => voice.lang.replace("_", "-").startsWith(this.language));
    return voices.find((voice) => voice.lang.endsWith("BE")) ?? voices[0];
  }

  begin() {
    this.sentences = sentencesOf(this.root, this.language);
    this.place = 0;
    this.isPaused = false;
    this.speak();
  }

  stop() {
    this.sentences = [];
    this.hush();
    this.draw();
  }

  /** Pausing a voice fails on some phones, so we stop it and start the same sentence again. */
  pauseOrGoOn() {
    this.isPaused = !this.isPaused;
    if (this.isPaused) this.hush();
    else this.speak();
    this.draw();
  }

  changeSpeed() {
    this.isSlow = !this.isSlow;
    remember(SLOW_KEY, this.isSlow ? "1" : "0");
    if (this.sentences.length && !this.isPaused) this.speak();
    this.draw();
  }

  hush() {
    this.turn += 1;
    this.synth.cancel();
    light("reading", null);
    light("word", null);
  }

  speak() {
    this.hush();
    const sentence = this.sentences[this.place];
    if (!sentence) return this.stop();
    const turn = this.turn;
    const words = new SpeechSynthesisUtterance(sentence.text);
    words.voice = this.findVoice() ?? null;
    words.lang = words.voice?.lang ?? this.language;
    words.rate = this.isSlow ? SLOW_RATE : 1;
    words.onboundary = (event) => turn === this.turn && light("word", wordAt(sentence, event.charIndex));
    words.onend = () => turn === this.turn && this.next();
    words.onerror = () => turn === this.turn && this.stop();
    light("reading", rangeOf(sentence, 0, sentence.text.length));
    sentence.element.scrollIntoView({ block: "nearest" });
    this.synth.speak(words);
    return this.draw();
  }

  next() {
    this.place += 1;
    this.speak();
  }

  draw() {
    const isReading = this.sentences.length > 0;
    const { start, pause, slow } = this.buttons;
    start.setAttribute("aria-pressed", String(isReading));
    pause?.toggleAttribute("hidden", !isReading);
    pause?.setAttribute("aria-pressed", String(isReading && Boolean(this.isPaused)));
    slow?.toggleAttribute("hidden", !isReading);
    slow?.setAttribute("aria-pressed", String(this.isSlow));
  }
}

/** The sentences of a part of the page: {text, element, start, pieces}, pieces being text nodes and where they start. */
function sentencesOf(root, language) {
  return blocksOf(root).flatMap(({ element, pieces, text }) =>
    cut(text, language).map(({ at, part }) => ({ text: part, element, start: at, pieces })),
  );
}

function blocksOf(root) {
  const blocks = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest(SILENT) || !parent.checkVisibility?.()) continue;
    const element = parent.closest(BLOCKS) ?? parent;
    if (blocks.at(-1)?.element !== element) blocks.push({ element, pieces: [], text: "" });
    const block = blocks.at(-1);
    block.pieces.push({ node, at: block.text.length });
    block.text += node.data;
  }
  return blocks;
}

function cut(text, language) {
  const parts =
    "Segmenter" in Intl
      ? [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map((one) => [one.index, one.segment])
      : [...text.matchAll(/[^.!?]+[.!?”"]*\s*/gu)].map((one) => [one.index, one[0]]);
  return parts.map(([at, part]) => ({ at, part })).filter(({ part }) => part.trim());
}

function wordAt(sentence, from) {
  const length = sentence.text.slice(from).search(/[\s.,;:!?”"]|$/u);
  return length > 0 ? rangeOf(sentence, from, from + length) : null;
}

function rangeOf(sentence, from, to) {
  const [start, end] = [sentence.start + from, sentence.start + to];
  const holds = (place) => sentence.pieces.findLast((piece) => piece.at <= place);
  const [first, last] = [holds(start), holds(Math.max(start, end - 1))];
  const range = new Range();
  range.setStart(first.node, Math.min(start - first.at, first.node.length));
  range.setEnd(last.node, Math.min(end - last.at, last.node.length));
  return range;
}

/** Older browsers know no highlights: there the voice reads without the light. */
function light(name, range) {
  if (!CSS.highlights) return;
  if (range) CSS.highlights.set(name, new Highlight(range));
  else CSS.highlights.delete(name);
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A private window keeps nothing; the choice then lasts for this page.
  }
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const bar = document.querySelector("[data-read-aloud]");
if (bar && "speechSynthesis" in window) {
  const reader = new Reader(bar, window.speechSynthesis);
  reader.offer();
  window.speechSynthesis.addEventListener?.("voiceschanged", () => reader.offer());
  window.addEventListener("pagehide", () => reader.stop());
}
