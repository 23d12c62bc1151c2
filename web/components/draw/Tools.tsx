import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { explainError } from "./explain_error.ts";
import type { DrawState } from "./draw_state.ts";

/**
 * Takes back, clears, shares. What can't be done now is said to be disabled and
 * keeps the focus: a button that is disabled as it is pressed loses it to the page.
 */
export function Tools(
  { state, children }: { state: DrawState; children: ComponentChildren },
) {
  const { choice, pictures, refresh } = state;
  const dialog = useSignal<VNode | null>(null);
  const act = (action: () => void) => () => {
    action(); // Which does nothing where there is nothing to do.
    refresh();
  };
  const dram = choice.running.value?.dram;
  const share = async () => {
    if (!dram) return;
    try {
      const [{ ShareDialog }, { shareDrawing }] = await Promise.all([
        import("./ShareDialog.tsx"),
        import("./share_drawing.ts"),
      ]);
      const drawing = pictures.picture.value;
      dialog.value = (
        <ShareDialog
          shared={shareDrawing(location.origin, { dram, drawing })}
          bytes={dram.length}
          close={() => dialog.value = null}
        />
      );
    } catch (error) {
      state.message.value = explainError(error);
    }
  };
  return (
    <div class="row draw-tools">
      <button
        type="button"
        aria-disabled={!pictures.canUndo.value}
        onClick={act(pictures.undo)}
      >
        Undo
      </button>
      <button
        type="button"
        aria-disabled={pictures.empty.value}
        onClick={act(pictures.clear)}
      >
        Clear
      </button>
      {children}
      <button
        type="button"
        class="draw-share-button"
        disabled={!dram}
        onClick={share}
      >
        Share…
      </button>
      {dialog}
    </div>
  );
}
