/**
 * Tells the main thread. Type libraries differ on whether a global scope has
 * `postMessage`, and a published module may not choose one: so it is looked for.
 */
export function postToMain(message: unknown): void {
  const scope: object = globalThis;
  if ("postMessage" in scope && typeof scope.postMessage === "function") {
    scope.postMessage(message);
  }
}
