import { useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { DrawState } from "./draw_state.ts";
import { paintDrawing } from "./paint_drawing.ts";
import { pointOf } from "./point_of.ts";
import { useInk } from "./use_ink.ts";
import { useSide } from "./use_side.ts";

/** Moves the focus to the canvas: the control that had it goes as it is pressed. */
export function focusCanvas(): void {
  document.querySelector<HTMLElement>(".draw-surface canvas")
    ?.focus({ preventScroll: true });
}

/** The surface to draw on: each pointer that touches it draws a stroke. */
export function Canvas(
  { state, children }: { state: DrawState; children: ComponentChildren },
) {
  const { capture, data, pictures, refresh } = state;
  const canvas = useRef<HTMLCanvasElement>(null);
  const ink = useInk(canvas);
  const side = useSide(canvas);

  useSignalEffect(() => {
    const context = canvas.current?.getContext("2d");
    const drawing = state.drawn.value;
    if (!context || side.value === 0) return;
    if (context.canvas.width !== side.value) {
      context.canvas.width = side.value;
      context.canvas.height = side.value;
    }
    paintDrawing(context, side.value, { drawing, ink: ink.value });
  });

  const begin = (event: PointerEvent) => {
    if (event.button !== 0 || !canvas.current) return;
    canvas.current.setPointerCapture(event.pointerId);
    const box = canvas.current.getBoundingClientRect();
    capture.begin(event.pointerId, pointOf(event, box));
    refresh();
  };
  const extend = (event: PointerEvent) => {
    if (!canvas.current || !capture.has(event.pointerId)) return;
    if (event.buttons === 0) return end(event); // It was lifted unseen, as over a menu.
    const box = canvas.current.getBoundingClientRect();
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length ? events : [event])
      .map((each) => pointOf(each, box));
    capture.extend(event.pointerId, points);
    refresh();
  };
  const end = (event: PointerEvent) => {
    const stroke = capture.end(event.pointerId);
    if (!stroke) return;
    pictures.add(stroke);
    refresh();
  };

  const { sample, photo } = pictures.picture.value;
  return (
    <figure
      class="draw-surface"
      data-testid="drawing"
      data-index={sample ?? undefined}
      data-revision={state.revision.value.asked}
    >
      <canvas
        ref={canvas}
        data-testid="canvas"
        width="28"
        height="28"
        tabIndex={0}
        role="img"
        aria-label={pictures.empty.value
          ? `Empty canvas: draw ${data.digits ? "a digit " : ""}here`
          : photo ?? "Your drawing"}
        aria-describedby="draw-keys"
        onPointerDown={begin}
        onPointerMove={extend}
        onPointerUp={end}
        onPointerCancel={end}
        onLostPointerCapture={end}
      />
      {pictures.empty.value && (
        <span class="draw-hint" aria-hidden="true">
          {data.digits ? "Draw a digit" : "Draw here"}
        </span>
      )}
      {children}
    </figure>
  );
}
