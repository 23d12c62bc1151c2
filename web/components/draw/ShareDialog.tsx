import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatCount } from "../../../core/text/format_numbers.ts";
import { copyText } from "./copy_text.ts";
import type { SharedDrawing } from "./share_drawing.ts";

/** The link that holds model and drawing, to copy, to send on or to scan. */
export function ShareDialog(
  { shared: { url, code }, bytes, close }: {
    shared: SharedDrawing;
    /** Length of the model's file. */
    bytes: number;
    close: () => void;
  },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const copy = async () => {
    const done = field.current && await copyText(field.current);
    copied.value = done ? "Copied" : "Select the link, and copy it";
  };
  return (
    <dialog
      ref={dialog}
      class="draw-share"
      aria-labelledby="draw-share-title"
      onClose={close}
    >
      <h2 id="draw-share-title">A model in a link</h2>
      <p>
        The whole model, {formatCount(bytes)}{" "}
        bytes, and your drawing are in the link itself, behind its #. Whoever
        opens it runs them; no server ever sees either.
      </p>
      <div class="row">
        <input
          ref={field}
          type="text"
          readOnly
          aria-label="Link"
          data-testid="link"
          value={url}
          onFocus={({ currentTarget }) => {
            currentTarget.select();
            currentTarget.scrollLeft = 0; // The beginning is what one knows.
          }}
        />
        <button type="button" class="primary" onClick={copy}>Copy</button>
        {"share" in navigator && (
          <button
            type="button"
            // Who changes their mind rejects the promise: nothing to do.
            onClick={() => navigator.share({ url }).catch(() => {})}
          >
            Send…
          </button>
        )}
      </div>
      <p class="note" role="status">
        <span key={copied.value}>
          {copied.value || `${formatCount(url.length)} characters`}
        </span>
      </p>
      {code
        ? (
          <svg
            class="draw-code"
            role="img"
            aria-label="The link as a QR code"
            viewBox={`0 0 ${code.size} ${code.size}`}
            data-testid="code"
          >
            <path d={code.path} />
          </svg>
        )
        : <p class="note">It is too long for a QR code.</p>}
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
