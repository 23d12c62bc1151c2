import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { focusCanvas } from "./Canvas.tsx";
import type { DrawState } from "./draw_state.ts";

/** Most models are open before anyone could read that they are being opened. */
const PATIENCE_MS = 500;

/** What went wrong, until it is put away; and what takes its time, with a way to stop it. */
export function Message(
  { state: { choice, message } }: {
    state: Pick<DrawState, "choice" | "message">;
  },
) {
  const isSlow = useSignal(false);
  useSignalEffect(() => {
    isSlow.value = false;
    if (!choice.opening.value) return;
    const timer = setTimeout(() => isSlow.value = true, PATIENCE_MS);
    return () => clearTimeout(timer);
  });
  const act = (action: () => void) => () => {
    action();
    focusCanvas();
  };
  const what = useComputed(() => isSlow.value && choice.opening.value);
  return (
    <div class="draw-message">
      <div role="status" data-testid="opening">
        {what.value && (
          <div class="alert">
            <p key={what.value.name}>
              Reading the model of {what.value.source === "link"
                ? "this link"
                : <bdi>{what.value.name}</bdi>}…
            </p>
            <button type="button" onClick={act(() => choice.stop())}>
              Stop
            </button>
          </div>
        )}
      </div>
      <div role="alert">
        {message.value && (
          <div class="alert">
            <p key={message.value}>{message.value}</p>
            <button type="button" onClick={act(() => message.value = null)}>
              Close
            </button>
          </div>
        )}
      </div>
    </div>
  );
}
