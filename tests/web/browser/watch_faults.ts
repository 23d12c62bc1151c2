import type { BrowserContext } from "playwright-core";

/** What went on in the pages of a context, of its own accord. */
export interface Watched {
  /** What must not happen, in words; stays empty on a sound page. */
  faults: string[];
  /** Every address asked for, in order, of this origin or not. */
  requests: string[];
}

/** Addresses that ask nothing of any server. */
const LOCAL = /^(data|blob|about|chrome-error):/;

/**
 * Records what the pages of `context` must not do: log an error or a warning
 * (Chromium logs what breaks the content security policy, too), throw, open a
 * dialog, or ask another origin than `origin` for anything.
 */
export function watchFaults(context: BrowserContext, origin: string): Watched {
  const watched: Watched = { faults: [], requests: [] };
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      const { url } = message.location();
      watched.faults.push(
        `console ${message.type()}: ${message.text()} (${url})`,
      );
    }
  });
  context.on("weberror", (error) => {
    watched.faults.push(`uncaught: ${error.error().message}`);
  });
  context.on("dialog", async (dialog) => {
    watched.faults.push(`opened a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  context.on("request", (request) => {
    const address = request.url();
    if (LOCAL.test(address)) return;
    watched.requests.push(address);
    if (new URL(address).origin !== origin) {
      watched.faults.push(`asked another origin: ${address}`);
    }
  });
  return watched;
}
