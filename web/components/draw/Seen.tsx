import { type ReadonlySignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { paintPixels } from "./paint_pixels.ts";
import { useInk } from "./use_ink.ts";

/** What the model sees: the drawing fitted into 28×28 pixels, enlarged. */
export function Seen(
  { seen }: { seen: ReadonlySignal<Float32Array | null> },
) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ink = useInk(canvas);
  useSignalEffect(() => {
    const context = canvas.current?.getContext("2d");
    const pixels = seen.value;
    if (!context || !ink.value) return;
    context.clearRect(0, 0, 28, 28);
    if (pixels) paintPixels(context, 28, { pixels, ink: ink.value });
  });
  return (
    <figure class="draw-seen">
      <figcaption>
        What the model<br />sees: 28×28
      </figcaption>
      <canvas
        ref={canvas}
        width="28"
        height="28"
        role="img"
        aria-label="The drawing as the model sees it"
        data-testid="seen"
      />
    </figure>
  );
}
