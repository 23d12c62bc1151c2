import { explainError } from "./explain_error.ts";
import type { DrawState } from "./draw_state.ts";
import { handleKey } from "./handle_key.ts";

/** Options of {@linkcode followPage}. */
export interface FollowPageOptions {
  /** Hears whether files are dragged over the page. */
  dragging(isOver: boolean): void;
  /** Hears that the address has another fragment. */
  fragmentChanged(): void;
}

/**
 * Follows what happens to the whole page: keys, files dropped on it, another
 * fragment in its address. Gives what ends this.
 */
export function followPage(
  state: DrawState,
  { dragging, fragmentChanged }: FollowPageOptions,
): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const hasFiles = (event: DragEvent) =>
    event.dataTransfer?.types.includes("Files") ?? false;

  addEventListener("hashchange", fragmentChanged, { signal });
  const { documentElement: page } = document;
  page.addEventListener("keydown", (event) => handleKey(state, event), {
    signal,
  });
  page.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // Lets the page take the drop.
    dragging(true);
  }, { signal });
  page.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) dragging(false);
  }, { signal });
  page.addEventListener("drop", async (event) => {
    dragging(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    try {
      const { openDropped } = await import("./open_dropped.ts");
      await openDropped(state, file);
    } catch (error) {
      state.message.value = explainError(error);
    }
  }, { signal });
  return () => controller.abort();
}
