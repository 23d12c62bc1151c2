/** Resolves when the page has loaded, so that keeping it delays nothing. */
async function whenLoaded(): Promise<void> {
  if (document.readyState === "complete") return;
  await new Promise((resolve) =>
    addEventListener("load", resolve, { once: true })
  );
}

/** The service worker at `address`, which may not answer for this page yet. */
async function startWorker(address: string): Promise<ServiceWorker> {
  const { installing, waiting, active } = await navigator.serviceWorker
    .register(address);
  const worker = installing ?? waiting ?? active;
  if (!worker) throw new Error("Cannot keep the page: there is no worker");
  return worker;
}

/** Has `worker` keep `addresses`; resolves when it has. */
function keepAddresses(worker: ServiceWorker, addresses: string[]) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = resolve;
    worker.postMessage(addresses, [port2]);
  });
}

/**
 * Starts the service worker at `address` when the page has loaded, and has it keep
 * the page and all that it loads: what was under way before the worker answered
 * passed it by. `report` is called whenever all is kept that has been loaded so far;
 * never where a browser keeps nothing: the site works as ever there, online.
 */
export async function keepPage(
  address: string,
  report: () => void,
): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await whenLoaded();
  try {
    const worker = await startWorker(address);
    let waiting = 0;
    const keep = async (addresses: string[]) => {
      waiting++;
      await keepAddresses(worker, addresses);
      await navigator.serviceWorker.ready;
      if (--waiting === 0) report();
    };
    // Without its fragment: what a link holds is nobody else's.
    keep([location.pathname + location.search]);
    new PerformanceObserver((list) =>
      keep(list.getEntries().map(({ name }) => name))
    ).observe({ type: "resource", buffered: true });
  } catch {
    // A private window, or a browser that is set to keep nothing.
  }
}
