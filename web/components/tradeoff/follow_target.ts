import {
  type AccuracyAxis,
  placeAccuracy,
  readAccuracy,
} from "./target_range.ts";

/** The axis that a handle says that it stands on. */
function axisOf(handle: Element): AccuracyAxis {
  const read = (name: string) => Number(handle.getAttribute(`data-${name}`));
  const [left, right, low, high] = ["left", "right", "low", "high"].map(read);
  return { left, right, low, high };
}

/** Moves the handles of the charts to `accuracy`. */
export function moveTargets(
  handles: readonly SVGGElement[],
  accuracy: number,
): void {
  for (const handle of handles) {
    const x = placeAccuracy(accuracy, axisOf(handle));
    handle.setAttribute("transform", `translate(${x.toFixed(2)},0)`);
    handle.classList.add("ready");
  }
}

/** Calls `ask` with the accuracy to which a handle is dragged. Returns what ends it. */
export function followTargets(
  handles: readonly SVGGElement[],
  ask: (accuracy: number) => void,
): () => void {
  const end = new AbortController();
  const { signal } = end;
  for (const handle of handles) {
    const drag = (event: PointerEvent) => {
      const matrix = handle.ownerSVGElement?.getScreenCTM();
      if (!matrix) return;
      const at = new DOMPoint(event.clientX, event.clientY);
      const { x } = at.matrixTransform(matrix.inverse());
      ask(readAccuracy(x, axisOf(handle)));
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
    }, { signal });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) drag(event);
    }, { signal });
  }
  return () => end.abort();
}
