import { type Signal, signal } from "@preact/signals";

/** What picture the page is reading, in words. */
export const reading: Signal<string | null> = signal(null);
