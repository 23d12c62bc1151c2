import type { DrawState } from "./draw_state.ts";

/** Elements in which keys mean something else. */
const FIELDS = "input, select, textarea, dialog[open]";

/**
 * Does what a key asks for: Escape gives up the stroke under way, or else clears,
 * and Ctrl+Z takes back, anywhere on the page; on the canvas the number of a
 * class shows a test image of it and Backspace takes back.
 */
export function handleKey(state: DrawState, event: KeyboardEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(FIELDS) || document.querySelector("dialog[open]")) return;
  const { capture, data, pictures, showSample, refresh } = state;
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey) return; // The browser's own.
  const onCanvas = target?.localName === "canvas";
  if (event.key === "Escape" && capture.strokes().length) capture.abandon();
  else if (event.key === "Escape") pictures.clear();
  else if (command && event.key === "z") pictures.undo();
  else if (onCanvas && event.key === "Backspace") pictures.undo();
  else if (onCanvas && !command && /^[0-9]$/.test(event.key)) {
    const label = Number(event.key);
    if (!data.samples.includes(label)) return;
    showSample(label);
  } else return;
  event.preventDefault();
  refresh();
}
