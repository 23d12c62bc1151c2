/** Runs `work` when the browser has nothing better to do, where it can tell; else soon. */
export function whenIdle(work: () => void): void {
  // Safari has none.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(() => work());
  else setTimeout(work, 300);
}
