import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { countParameters } from "../models/cost.ts";
import type { Exported } from "./exporter.ts";
import { classifierSource } from "./js.ts";

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
footer { font-size: .85rem; border-top: 1px solid var(--line); padding-top: .8rem; margin-top: auto; }
`;

/** The page's own program: a drawing or a picture becomes what the model reads. */
const PROGRAM = `
const { classify, labels, shape: [height, width, channels] } = model;
// Ten digits on 28×28 have MNIST's frame: ink in a box of 20×20, its centre of mass in the middle.
const digits = height === 28 && width === 28 && channels === 1 && labels.every((label) => /^\\d$/.test(label));
const draws = channels === 1;
const SIDE = 448;
const $ = (id) => document.getElementById(id);
const pad = $("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });
pad.width = pad.height = SIDE;
pad.classList.toggle("draws", draws);
$("hint").textContent = draws ? "Draw here, or drop a picture" : "Drop a picture here";
$("clear").hidden = false;

/** The part of an image as [h, w, c] numbers from 0 to 255, by the browser's own scaling. */
function scale(source, sx, sy, sw, sh, w, h) {
  // By halves: a browser's single step looks at four pixels alone.
  let [canvas, cw, ch] = [source, sw, sh];
  for (let last = false; !last;) {
    last = cw <= 2 * w && ch <= 2 * h;
    const next = new OffscreenCanvas(last ? w : Math.max(w, Math.ceil(cw / 2)), last ? h : Math.max(h, Math.ceil(ch / 2)));
    const context = next.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(canvas, sx, sy, cw, ch, 0, 0, next.width, next.height);
    [canvas, sx, sy, cw, ch] = [next, 0, 0, next.width, next.height];
  }
  return canvas.getContext("2d").getImageData(0, 0, w, h).data;
}

const grey = (data, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];

/** Light ink on black, as MNIST has it: what is drawn on light paper is inverted. */
function readInk() {
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  const ink = new Float32Array(SIDE * SIDE);
  let [edge, count] = [0, 0];
  for (let i = 0; i < ink.length; i++) {
    ink[i] = grey(data, i);
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    if (Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) < 4) [edge, count] = [edge + ink[i], count + 1];
  }
  const paper = edge / count;
  const most = ink.reduce((a, b) => Math.max(a, Math.abs(b - paper)), 1);
  // A photograph's paper is not even: a quarter of the contrast is none.
  return ink.map((value) => {
    const contrast = Math.abs(value - paper) / most;
    return Math.max(0, Math.min(1, (contrast - 0.25) / 0.6));
  });
}

function frameDigit() {
  const ink = readInk();
  let [left, top, right, bottom, mass, mx, my] = [SIDE, SIDE, -1, -1, 0, 0, 0];
  ink.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    [mass, mx, my] = [mass + value, mx + value * (x + 0.5), my + value * (y + 0.5)];
  });
  if (right < 0) return null;
  const factor = 20 / Math.max(right - left + 1, bottom - top + 1);
  // From the place of a pixel of the drawing to one of 28×28, in whole pixels of the box.
  const shift = (first, centre) => 14 - Math.round((centre - first) * factor - 0.5) - first * factor;
  const [dx, dy] = [shift(left, mx / mass), shift(top, my / mass)];
  const sums = new Float32Array(28 * 28);
  const area = factor * factor;
  const shares = (start) => {
    const at = Math.floor(start);
    const inside = Math.min(1, (at + 1 - start) / factor);
    return [[at, inside], [at + 1, 1 - inside]];
  };
  ink.forEach((value, i) => {
    if (value === 0) return;
    for (const [y, down] of shares(Math.floor(i / SIDE) * factor + dy)) {
      for (const [x, across] of shares(i % SIDE * factor + dx)) {
        if (x >= 0 && x < 28 && y >= 0 && y < 28) sums[28 * y + x] += value * area * down * across;
      }
    }
  });
  return Uint8Array.from(sums, (value) => Math.round(255 * Math.min(1, value)));
}

/** What the model reads; null where nothing is on the pad. */
function read() {
  if (!inked) return null;
  if (digits) return frameDigit();
  const data = scale(pad, 0, 0, SIDE, SIDE, width, height);
  return Uint8Array.from({ length: height * width * channels }, (_, i) =>
    channels === 1 ? grey(data, i) : i % channels < 4 ? data[4 * Math.floor(i / channels) + i % channels] : 0);
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
  $("hint").hidden = inked;
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

let inked = false;
let last = null;
let due = false;
function updateSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; update(); });
}
function clear() {
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, SIDE, SIDE);
  inked = false;
  update();
}
function placeOf(event) {
  const box = pad.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE];
}
function draw(event) {
  const to = placeOf(event);
  pen.strokeStyle = "#fff";
  pen.lineWidth = SIDE / 13;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(...(last ?? to));
  pen.lineTo(...to);
  pen.stroke();
  last = to;
  inked = true;
  updateSoon();
}
if (draws) {
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = null;
    draw(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.buttons) for (const each of event.getCoalescedEvents?.() ?? [event]) draw(each);
  });
}
async function open(file) {
  if (!file) return;
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    $("note").textContent = "Cannot read " + file.name + ": it must be a picture that this browser shows.";
    return;
  }
  $("note").textContent = "";
  // The middle square of it, on the pad.
  const side = Math.min(image.width, image.height);
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.imageSmoothingQuality = "high";
  if (digits) {
    // All of it: a digit may lie at its edge. Round it is its own paper.
    const most = Math.max(image.width, image.height);
    const [w, h] = [image.width / most * SIDE, image.height / most * SIDE];
    pen.drawImage(image, 0, 0, 1, 1, 0, 0, SIDE, SIDE);
    pen.drawImage(image, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  } else {
    pen.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  }
  inked = true;
  update();
}
$("clear").addEventListener("click", clear);
$("file").addEventListener("change", (event) => { open(event.target.files[0]); event.target.value = ""; });
addEventListener("paste", (event) => open(event.clipboardData.files[0]));
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  open(event.dataTransfer.files[0]);
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
<script>${PROGRAM}</script>
</body>
</html>
`;
  return { files: [{ name: "", content: html }] };
}
