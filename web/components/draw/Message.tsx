import type { Signal } from "@preact/signals";

/** What went wrong, until it is put away. */
export function Message({ message }: { message: Signal<string | null> }) {
  return (
    <div role="alert" class="draw-message">
      {message.value && (
        <div class="alert">
          <p>{message.value}</p>
          <button type="button" onClick={() => message.value = null}>
            Close
          </button>
        </div>
      )}
    </div>
  );
}
