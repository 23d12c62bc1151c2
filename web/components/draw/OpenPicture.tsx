import { useEffect } from "preact/hooks";
import type { DrawState } from "./draw_state.ts";
import { openDropped } from "./open_dropped.ts";
import { reading } from "./reading.ts";

/** What is pasted there is text. */
const FIELDS = "input[type=text], textarea";

/** A way to choose a picture, as from a phone's camera; one that is pasted is taken too. */
export function OpenPicture({ state }: { state: DrawState }) {
  useEffect(() => {
    const controller = new AbortController();
    addEventListener("paste", (event) => {
      if (!(event instanceof ClipboardEvent)) return;
      if (event.target instanceof Element && event.target.closest(FIELDS)) {
        return;
      }
      const [file] = event.clipboardData?.files ?? [];
      if (file) openDropped(state, file);
      else {
        state.message.value =
          "There is no picture to paste: copy a picture first";
      }
    }, controller);
    return () => controller.abort();
  }, []);
  return (
    <span>
      <label class="button" for="draw-picture">Photo…</label>
      <input
        id="draw-picture"
        class="visually-hidden"
        type="file"
        accept="image/*"
        aria-label="Photo or scan to read"
        data-testid="picture"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) openDropped(state, file);
          event.currentTarget.value = ""; // The same file may be opened again.
        }}
      />
    </span>
  );
}

/** Over the page, while files are dragged over it. */
export function DropHint() {
  return (
    <p class="draw-drop">
      Drop a picture to read it, or a .dram file to run its model
    </p>
  );
}

/** At the canvas's foot, what the picture on it was made of. */
export function PictureNote({ state }: { state: DrawState }) {
  const note = reading.value ?? state.pictures.picture.value.photo;
  return (
    <div role="status" data-testid="photo">
      {note && (
        <p key={note} class="draw-hint draw-photo">
          <bdi>{note}</bdi>
        </p>
      )}
    </div>
  );
}
