import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { describeError } from "./describe_error.ts";
import type { DrawState } from "./draw_state.ts";

/** Takes back, clears, shares. */
export function Tools({ state }: { state: DrawState }) {
  const { choice, pictures, refresh } = state;
  const dialog = useSignal<VNode | null>(null);
  const act = (action: () => void) => () => {
    action();
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
      state.message.value = describeError(error);
    }
  };
  return (
    <div class="row draw-tools">
      <button
        type="button"
        disabled={!pictures.canUndo.value}
        onClick={act(pictures.undo)}
      >
        Undo
      </button>
      <button
        type="button"
        disabled={pictures.empty.value}
        onClick={act(pictures.clear)}
      >
        Clear
      </button>
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
