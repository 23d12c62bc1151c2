import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { countParameters } from "../models/cost.ts";
import type { Exported } from "./exporter.ts";
import { classifierSource } from "./js.ts";
import { PAGE_PICTURES } from "./page_pictures_script.ts";

/** What stands before and behind a page's classifier. */
const [OPENING, CLOSING] = [
  "<script>\nconst model = (() => {\n",
  "})();\n</script>",
];

/** The classifier in the page `html`, as statements that declare `classify`. */
export function classifierOf(html: string): string {
  const from = html.indexOf(OPENING) + OPENING.length;
  const to = html.indexOf("return { classify, labels, shape };", from);
  return html.slice(from, to);
}

const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f4ef; --card: #fff; --ink: #1d1b16; --soft: #6b665a; --line: #ddd8cb; --accent: #b4530a; --bar: #efe7d8;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16150f; --card: #201f18; --ink: #f1eee4; --soft: #a8a292; --line: #3a382d; --accent: #ffa552; --bar: #35301f; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; padding: 2.5rem 1.25rem 1.5rem;
}
header, main, footer { width: 100%; max-width: 46rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p, footer { color: var(--soft); margin: .25rem 0 0; }
main { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 2rem; margin: 1.75rem 0; align-items: start; }
@media (max-width: 40rem) { main { grid-template-columns: minmax(0, 1fr); gap: 1.25rem; } body { padding-top: 1.5rem; } }
#pad {
  display: block; width: 100%; aspect-ratio: 1; background: #000; border-radius: .75rem; touch-action: none; box-shadow: 0 0 0 1px var(--line);
  outline: 2px solid transparent; outline-offset: 3px;
}
#pad.draws { cursor: crosshair; }
#pad:focus-visible, button:focus-visible, .file:focus-within { outline: 2px solid var(--accent); outline-offset: 3px; }
.over #pad { outline-color: var(--accent); }
.frame { position: relative; }
#hint { position: absolute; inset: 0; display: grid; place-items: center; color: #8d8a80; pointer-events: none; text-align: center; padding: 1rem; }
.tools { display: flex; gap: .6rem; margin-top: .8rem; }
button, .file {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .4rem .9rem; min-height: 2.75rem; cursor: pointer; display: inline-flex; align-items: center;
}
button:hover, .file:hover { border-color: var(--accent); }
.file input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.answer { display: flex; align-items: center; gap: 1.1rem; min-height: 5.5rem; }
#label { font-size: 4rem; font-weight: 650; line-height: 1.05; overflow-wrap: anywhere; }
#label.long { font-size: clamp(1.3rem, 5vw, 2rem); }
.seen { margin-left: auto; text-align: center; color: var(--soft); font-size: .8rem; flex: none; }
#seen { width: 4.5rem; height: auto; image-rendering: pixelated; border-radius: .35rem; display: block; background: #000; }
ol { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: .3rem; }
li { display: grid; grid-template-columns: minmax(1.5rem, auto) 1fr 4.5rem; gap: .7rem; align-items: center; font-variant-numeric: tabular-nums; }
li .name { max-width: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
li .bar { height: .7rem; border-radius: .35rem; background: var(--bar); overflow: hidden; }
li .bar i { display: block; height: 100%; border-radius: .35rem; background: var(--soft); width: 0; }
li.best { font-weight: 650; } li.best .bar i { background: var(--accent); }
li .share { text-align: right; color: var(--soft); } li.best .share { color: inherit; }
#note { overflow-wrap: anywhere; }
footer { font-size: .85rem; border-top: 1px solid var(--line); padding-top: .8rem; margin-top: auto; }
`;

/** The page's own program: a drawing or a picture becomes what the model reads. */
const PROGRAM = `
const { classify, labels, shape: [height, width, channels] } = model;
const by = { input: [height, width, channels], classNames: labels };
const handwriting = retort.readsHandwriting(by);
const shows = channels === 1 || channels === 3;
const draws = channels === 1;
const SIDE = 448;
const $ = (id) => document.getElementById(id);
const pad = $("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });
pad.width = pad.height = SIDE;
pad.classList.toggle("draws", draws);
$("hint").textContent = draws ? "Draw here, or drop a picture" : shows ? "Drop a picture here" : "No picture has " + channels + " channels";
$("file").disabled = !shows;

/** Lines that were drawn, in 28ths of the pad, and the picture that was opened instead. */
let strokes = [];
let opened = null;

/** What the model reads; null where nothing is on the pad, or no ink on a picture. */
function read() {
  if (opened) return opened.seen;
  if (strokes.length === 0) return null;
  if (handwriting) return Uint8Array.from(retort.rasteriseStrokes(strokes), (value) => Math.round(255 * value));
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i]);
  return retort.seePicture({ shape: [SIDE, SIDE, 1], pixels }, by).pixels;
}

function showSeen(pixels) {
  const seen = $("seen");
  [seen.width, seen.height] = [width, height];
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels ? pixels[i * channels + Math.min(c, channels - 1)] : 0;
    image.data[4 * i + 3] = 255;
  }
  seen.getContext("2d").putImageData(image, 0, 0);
}

const rows = labels.slice(0, 12).map(() => {
  const row = document.createElement("li");
  row.innerHTML = '<span class="name"></span><span class="bar"><i></i></span><span class="share"></span>';
  $("classes").append(row);
  return row;
});

/** What is on the pad, told; classes in their own order, or the likeliest of many. */
function update() {
  const pixels = read();
  showSeen(pixels);
  $("hint").hidden = opened !== null || strokes.length > 0;
  const answer = pixels && classify(pixels);
  $("label").textContent = answer ? answer.label : "–";
  $("label").classList.toggle("long", Boolean(answer) && answer.label.length > 3);
  const order = [...labels.keys()];
  if (labels.length > rows.length && answer) order.sort((a, b) => answer.probabilities[b] - answer.probabilities[a]);
  rows.forEach((row, place) => {
    const index = order[place];
    const share = answer ? answer.probabilities[index] : 0;
    row.className = answer && index === answer.class ? "best" : "";
    row.querySelector(".name").textContent = labels[index];
    row.querySelector("i").style.width = 100 * share + "%";
    row.querySelector(".share").textContent = answer ? (100 * share).toFixed(1) + "%" : "";
  });
}

let due = false;
function updateSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; update(); });
}
function say(text) {
  $("note").textContent = text;
}
function empty() {
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, SIDE, SIDE);
  [strokes, opened] = [[], null];
  pad.setAttribute("aria-label", "What is classified: nothing yet");
  say("");
}
function clear() {
  empty();
  update();
}
function placeOf(event) {
  const box = pad.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width * 28, y: (event.clientY - box.top) / box.height * 28 };
}
function draw(event) {
  const { points } = strokes[strokes.length - 1];
  const to = placeOf(event);
  const from = points[points.length - 1] ?? to;
  points.push(to);
  pen.strokeStyle = "#fff";
  pen.lineWidth = SIDE / 13;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(from.x / 28 * SIDE, from.y / 28 * SIDE);
  pen.lineTo(to.x / 28 * SIDE, to.y / 28 * SIDE);
  pen.stroke();
  pad.setAttribute("aria-label", "What is classified: your drawing");
  updateSoon();
}
if (draws) {
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    if (opened) empty();
    strokes.push({ points: [] });
    draw(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!event.buttons || strokes.length === 0) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) draw(each);
  });
}

/** All of a picture on the pad, in its middle. */
function showPicture({ shape: [tall, wide, depth], pixels }) {
  const image = new ImageData(wide, tall);
  for (let i = 0; i < wide * tall; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels[i * depth + Math.min(c, depth - 1)];
    image.data[4 * i + 3] = 255;
  }
  return createImageBitmap(image, { resizeWidth: Math.max(1, Math.round(wide / Math.max(wide, tall) * SIDE)), resizeHeight: Math.max(1, Math.round(tall / Math.max(wide, tall) * SIDE)), resizeQuality: "high" });
}
let asked = 0;
async function open(file) {
  if (!file || !shows) return;
  const mine = ++asked;
  say("Reading " + file.name + "…");
  try {
    const picture = await retort.openPicture(file, channels);
    const seen = retort.seePicture(picture, by);
    const shown = await showPicture(picture);
    if (mine !== asked) return;
    empty();
    pen.drawImage(shown, (SIDE - shown.width) / 2, (SIDE - shown.height) / 2);
    opened = { seen: seen ? seen.pixels : null };
    const [tall, wide] = picture.shape;
    pad.setAttribute("aria-label", "What is classified: " + file.name);
    say(seen
      ? file.name + ", " + wide + "×" + tall + (seen.handwriting ? ": ink made light, cropped and centred" : ": resized to " + width + "×" + height)
      : "Nothing is written on " + file.name + ", or it can’t be told from the paper: take the picture nearer, in more light");
    update();
  } catch (error) {
    if (mine === asked) say(error.message);
  }
}
function paste(event) {
  const [file] = event.clipboardData.files;
  if (file) open(file);
  else say("There is no picture to paste: copy one first");
}
$("clear").addEventListener("click", clear);
$("file").addEventListener("change", (event) => { open(event.target.files[0]); event.target.value = ""; });
addEventListener("paste", paste);
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  if (event.dataTransfer.files.length > 0) open(event.dataTransfer.files[0]);
  else say("What was dropped is no picture’s file");
});
addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
clear();
`;

/** Text in a page. */
function escapeHtml(text: string): string {
  return text.replace(/[<>&"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

/**
 * `model` as one page that asks nothing of any network, opened from a file too: draw,
 * drop, paste or choose a picture. Its content policy forbids every request.
 */
export function writeHtml(model: EncodedModel, stem: string): Exported {
  const { spec, labels } = model;
  const facts = `${
    countParameters(spec).toLocaleString("en")
  } parameters, ${labels.length} classes, ${
    spec.input.slice(0, 2).join("×")
  } pixels${spec.input[2] === 3 ? " in colour" : ""}`;
  const title = escapeHtml(stem);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src blob: data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${escapeHtml(facts)}</p>
</header>
<main>
<div>
<div class="frame">
<canvas id="pad" role="img" aria-label="What is classified"></canvas>
<div id="hint"></div>
</div>
<div class="tools">
<button id="clear" type="button">Clear</button>
<label class="file">Open a picture<input id="file" type="file" accept="image/*"></label>
</div>
<p id="note" role="status"></p>
</div>
<div>
<div class="answer">
<output id="label" aria-live="polite">–</output>
<div class="seen"><canvas id="seen" aria-hidden="true"></canvas>as seen</div>
</div>
<ol id="classes"></ol>
</div>
</main>
<footer>The whole model is in this file. Pictures stay on this computer.</footer>
${OPENING}${classifierSource(model)}return { classify, labels, shape };
${CLOSING}
<script>${PAGE_PICTURES}</script>
<script>${PROGRAM}</script>
</body>
</html>
`;
  return { files: [{ name: "", content: html }] };
}
